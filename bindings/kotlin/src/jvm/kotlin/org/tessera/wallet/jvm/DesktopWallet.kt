package org.tessera.wallet.jvm

import java.nio.file.Files
import java.nio.file.Path
import org.tessera.wallet.Clock
import org.tessera.wallet.DeviceKeys
import org.tessera.wallet.Log
import org.tessera.wallet.Transport
import org.tessera.wallet.Wallet
import org.tessera.wallet.WalletConfig
import org.tessera.wallet.WalletPorts
import org.tessera.wallet.at

/**
 * A wallet in a folder of a desktop or a test: store, software keys and data key beside each other.
 *
 * [allowLoopbackHttp] is for tests and demos: plain `http` to the own machine. [clock] is for tests that must be somewhen
 * else.
 */
suspend fun openDesktopWallet(
    folder: Path,
    languages: List<String> = listOf("eng"),
    allowLoopbackHttp: Boolean = false,
    transport: Transport = HttpClientTransport(),
    keys: DeviceKeys = SoftwareKeys(folder.resolve("keys")),
    log: Log? = null,
    clock: Clock? = null,
): Wallet {
    Files.createDirectories(folder)
    val config = WalletConfig.at(folder.resolve("wallet.redb").toString(), languages)
        .copy(allowLoopbackHttp = allowLoopbackHttp)
    val dataKey = FileDataKey(folder.resolve("data.key"))
    return Wallet.open(config, WalletPorts(keys, transport, dataKey, log, clock))
}
