package org.tessera.wallet

import java.nio.file.Files
import java.nio.file.Path
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import org.tessera.wallet.jvm.SoftwareKeys
import org.tessera.wallet.jvm.openDesktopWallet

/** What tests of the wallet's behaviours share: a folder, a person of its own for each, wallets that are bound and log in. */
internal abstract class Behaviours {
    @TempDir
    lateinit var folder: Path

    protected val stand = Stand()
    protected val person by lazy { stand.newPerson() }

    protected fun running(test: suspend CoroutineScope.() -> Unit) = runBlocking { test() }

    protected suspend fun open(
        name: String = "wallet",
        transport: Transport = PlayedTransport { request, real -> real.send(request) },
        keys: DeviceKeys? = null,
        clock: Clock? = null,
    ): Wallet {
        val own = Files.createDirectories(folder.resolve(name))
        val used = keys ?: SoftwareKeys(own.resolve("keys"))
        return openDesktopWallet(own, allowLoopbackHttp = true, transport = transport, keys = used, clock = clock)
    }

    protected suspend fun bound(
        name: String = "wallet",
        transport: Transport = PlayedTransport { request, real -> real.send(request) },
        keys: DeviceKeys? = null,
        clock: Clock? = null,
    ): Wallet = open(name, transport, keys, clock).also { bindAt(it) }

    protected suspend fun bindAt(wallet: Wallet) = wallet.startBinding(request()).use { flow ->
        val sent = assertIs<BindingState.OtpSent>(started(flow).requestOtp(OtpChannel.EMAIL))
        assertIs<BindingState.Bound>(sent.bind(BindingFactor.Otp(stand.otp(person))))
    }

    protected suspend fun logIn(wallet: Wallet): Stand.Begun {
        val begun = stand.beginLogin()
        assertIs<LoginState.Completed>(approved(wallet, begun))
        assertEquals(person.name, stand.endLogin(begun))
        return begun
    }

    protected suspend fun approved(wallet: Wallet, begun: Stand.Begun): LoginState = started(wallet, begun).use { login ->
        assertIs<LoginState.Review>(login.state).run { approve(review.choices()) }
    }

    protected suspend fun started(wallet: Wallet, begun: Stand.Begun): LoginFlow =
        assertIs<LoginStart.Started>(wallet.startLogin(begun.link)).login

    protected fun started(flow: BindingFlow) = assertIs<BindingState.Started>(flow.state)

    protected fun request() =
        BindingRequest.tessera(stand.origin, person.id, "Kotlin test", userAuthentication = UserAuthentication.None)

    protected fun otherThan(otp: String) = otp.map { if (it == '1') '2' else '1' }.joinToString("")
}
