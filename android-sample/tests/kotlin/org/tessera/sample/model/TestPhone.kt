package org.tessera.sample.model

import java.nio.file.Path
import java.util.concurrent.Executors
import kotlin.test.assertIs
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.io.TempDir
import org.tessera.wallet.Clock
import org.tessera.wallet.CredentialIssuer
import org.tessera.wallet.HttpRequest
import org.tessera.wallet.HttpResponse
import org.tessera.wallet.OtpChannel
import org.tessera.wallet.Transport
import org.tessera.wallet.TransportException
import org.tessera.wallet.Wallet
import org.tessera.wallet.WalletConfig
import org.tessera.wallet.WalletPorts
import org.tessera.wallet.at
import org.tessera.wallet.jvm.FileDataKey
import org.tessera.wallet.jvm.HttpClientTransport
import org.tessera.wallet.jvm.SoftwareKeys

/** A phone's wallet in a folder, with software keys, and one thread that plays the phone's main thread. */
class TestPhone(folder: Path, issuers: List<CredentialIssuer> = emptyList(), clock: Clock? = null) : AutoCloseable {
    private val mainThread = Executors.newSingleThreadExecutor().asCoroutineDispatcher()
    private val place = FolderPlace(folder, issuers, clock)

    val network: Network get() = place.network
    val wallets = OneWallet(place)
    val scope = CoroutineScope(SupervisorJob() + mainThread)

    /** A tap: on the main thread, as Android does it. */
    suspend fun <T> tap(act: () -> T): T = withContext(mainThread) { act() }

    /** The app is killed: nothing but the folder is left. */
    override fun close() = runBlocking {
        scope.cancel()
        wallets.get().close()
        mainThread.close()
    }
}

/** The wallet's files. */
private class FolderPlace(
    private val folder: Path,
    private val issuers: List<CredentialIssuer>,
    private val clock: Clock?,
) : WalletPlace {
    val network = Network()

    override suspend fun open(): Wallet {
        folder.toFile().mkdirs()
        val config = WalletConfig.at(folder.resolve("wallet.redb").toString(), listOf("eng"))
        val ports = WalletPorts(
            keys = SoftwareKeys(folder.resolve("keys")),
            transport = network,
            dataKey = FileDataKey(folder.resolve("data.key")),
            log = null,
            clock = clock,
        )
        return Wallet.open(config.copy(allowLoopbackHttp = true, credentialIssuers = issuers), ports)
    }

    override suspend fun delete() {
        folder.toFile().deleteRecursively()
    }
}

/** The phone's network. */
class Network : Transport {
    @Volatile
    var isThere = true

    private val http = HttpClientTransport()

    override suspend fun send(request: HttpRequest): HttpResponse =
        if (isThere) http.send(request) else throw TransportException.Offline()
}

/** Waits until a screen shows this; the limit is for machines that are very busy. */
suspend inline fun <reified T> StateFlow<*>.until(crossinline holds: (T) -> Boolean = { true }): T =
    assertIs<T>(withTimeout(180_000) { first { it is T && holds(it) } })

/** Waits until a list shows what came of the last thing done. */
suspend fun <T> StateFlow<Rows<T>>.untilTold(): Rows.Ready<T> = until { it.message != null }

/** Binds the phone to the stand's server as this person. */
suspend fun TestPhone.bind(stand: Stand, person: Person, deviceName: String = "Test phone") {
    BindModel(wallets, scope).use { model ->
        tap { model.begin(BindForm(stand.server, person.id, deviceName, OtpChannel.EMAIL)) }
        model.page.until<BindPage.Code>()
        val code = stand.otp(person)
        tap { model.bind(code) }
        model.page.until<BindPage.Bound>()
    }
}

/** Logs a browser in with the essential claims only. */
suspend fun TestPhone.logIn(stand: Stand): BrowserLogin {
    val login = stand.begin()
    LoginModel(wallets, scope).use { model ->
        tap { model.start(login.link) }
        model.page.until<LoginPage.Review>()
        tap { model.approve("") }
        model.page.until<LoginPage.Approved>()
    }
    stand.end(login)
    return login
}

/** Tests that begin with a phone that is bound to the stand's server as a person of its own. */
abstract class OnBoundPhone {
    @TempDir
    lateinit var folder: Path

    protected val stand = Stand()
    protected val person = stand.newPerson()

    protected fun onBoundPhone(test: suspend (TestPhone) -> Unit) = runBlocking {
        TestPhone(folder).use { phone ->
            phone.bind(stand, person)
            test(phone)
        }
    }
}
