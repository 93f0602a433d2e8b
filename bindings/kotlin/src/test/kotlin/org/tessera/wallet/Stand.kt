package org.tessera.wallet

import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import kotlin.test.assertNotNull

/** The login stand: plain text over HTTP, see tests/outside/src/bin/login_stand.rs. */
internal class Stand {
    private val address = assertNotNull(System.getenv("TESSERA_TEST_STAND"), "run by test.sh")
    private val client = HttpClient.newHttpClient()

    /** The server's origin. */
    val origin by lazy { get("/server") }

    /** A person whom no other test knows. */
    fun newPerson(): Person = post("/persons").lines().let { (id, name) -> Person(id, name) }

    /** Waits for the next one-time password. */
    fun otp(person: Person): String = get("/persons/${person.id}/otp")

    fun unlock(person: Person) = post("/persons/${person.id}/unlock")

    fun beginLogin(): Begun = begun("/logins")

    /** One whose code is over. */
    fun beginExpiredLogin(): Begun = begun("/logins/expired")

    /** One that names a server no wallet knows. */
    fun beginLoginElsewhere(): Begun = begun("/logins/elsewhere")

    /** One whose page shows a number that the citizen types. */
    fun beginNumberedLogin(): Begun = begun("/logins/numbered")

    /** Waits until a wallet took the code; the number that the page shows. */
    fun shownNumber(begun: Begun): String = get("/logins/${begun.number}/shown")

    /** Waits for the wallet; the name that the relying party learned. */
    fun endLogin(begun: Begun): String = get("/logins/${begun.number}")

    /** A relying party asks a person for consent to `name` and `email`; the question's id. */
    fun ask(person: Person): String = post("/persons/${person.id}/questions")

    /** How a question stands, and what was agreed to. */
    fun standing(question: String): String = get("/questions/$question")

    /** The name once more, with the same access token. */
    fun nameAgain(begun: Begun): String = get("/logins/${begun.number}/name")

    private fun begun(path: String) = post(path).lines().let { (number, link) -> Begun(number, link) }

    private fun post(path: String) = text(request(path).POST(BodyPublishers.noBody()).build())

    private fun get(path: String) = text(request(path).build())

    private fun request(path: String) = java.net.http.HttpRequest.newBuilder(URI("$address$path"))

    private fun text(request: java.net.http.HttpRequest): String {
        val answer = client.send(request, BodyHandlers.ofString())
        if (answer.statusCode() != 200) throw Refused(answer.statusCode(), answer.body())
        return answer.body()
    }

    internal class Person(val id: String, val name: String)

    internal class Begun(val number: String, val link: String)

    internal class Refused(val status: Int, body: String) : Exception("$status $body")
}
