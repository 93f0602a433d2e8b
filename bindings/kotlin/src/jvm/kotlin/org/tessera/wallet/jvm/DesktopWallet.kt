package org.tessera.wallet.jvm

import java.nio.file.Files
import java.nio.file.Path
import org.tessera.wallet.Log
import org.tessera.wallet.Transport
import org.tessera.wallet.Wallet
import org.tessera.wallet.WalletConfig
import org.tessera.wallet.WalletPorts

/**
 * A wallet in a folder of a desktop or a test: store, software keys and data key beside each other.
 *
 * [allowLoopbackHttp] is for tests and demos: plain `http` to the own machine.
 */
suspend fun openDesktopWallet(
    folder: Path,
    languages: List<String> = listOf("eng"),
    allowLoopbackHttp: Boolean = false,
    transport: Transport = HttpClientTransport(),
    log: Log? = null,
): Wallet {
    Files.createDirectories(folder)
    val config = WalletConfig(
        storePath = folder.resolve("wallet.redb").toString(),
        languages = languages,
        activityDays = 400u,
        requestTimeoutMs = 20_000u,
        allowLoopbackHttp = allowLoopbackHttp,
    )
    val ports = WalletPorts(
        keys = SoftwareKeys(folder.resolve("keys")),
        transport = transport,
        dataKey = FileDataKey(folder.resolve("data.key")),
        log = log,
    )
    return Wallet.open(config, ports)
}
