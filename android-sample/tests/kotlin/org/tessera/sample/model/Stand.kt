package org.tessera.sample.model

import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse
import java.net.http.HttpResponse.BodyHandlers

/** A login in the browser of the stand: its number there, and the link of its QR code. */
class BrowserLogin(val number: String, val link: String)

/** A person of the stand: identifier, and the name that relying parties learn. */
class Person(val id: String, val name: String)

/** The login stand: plain text over HTTP, see tests/outside/src/bin/login_stand.rs. */
class Stand(private val address: String = checkNotNull(System.getenv("TESSERA_TEST_STAND")) { "run by test.sh" }) {
    private val client = HttpClient.newHttpClient()

    val server: String get() = good(get("/server"))

    fun newPerson(): Person = good(post("/persons")).lines().let { (id, name) -> Person(id, name) }

    /** Waits for the next one-time password. */
    fun otp(person: Person): String = good(get("/persons/${person.id}/otp"))

    fun begin(kind: String = ""): BrowserLogin =
        good(post("/logins$kind")).lines().let { (number, link) -> BrowserLogin(number, link) }

    /** The number that the page shows once its code was taken. */
    fun shown(login: BrowserLogin): String = good(get("/logins/${login.number}/shown"))

    /** Waits for the wallet: the name that the relying party learned, or the server's code. */
    fun end(login: BrowserLogin): String = get("/logins/${login.number}").body()

    /** The status of asking for the name again, with the same access token. */
    fun nameAgain(login: BrowserLogin): Int = get("/logins/${login.number}/name").statusCode()

    private fun get(path: String) = send(HttpRequest.newBuilder(URI("$address$path")).build())

    private fun post(path: String) = send(HttpRequest.newBuilder(URI("$address$path")).POST(BodyPublishers.noBody()).build())

    private fun send(request: HttpRequest) = client.send(request, BodyHandlers.ofString())

    private fun good(answer: HttpResponse<String>): String {
        check(answer.statusCode() == 200) { "${answer.uri()}: ${answer.statusCode()} ${answer.body()}" }
        return answer.body()
    }
}
