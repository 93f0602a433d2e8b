package org.tessera.wallet.android

import android.content.Context
import java.io.File
import java.util.Locale
import java.util.MissingResourceException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.tessera.wallet.DeviceKeys
import org.tessera.wallet.KeyPins
import org.tessera.wallet.Log
import org.tessera.wallet.Transport
import org.tessera.wallet.Wallet
import org.tessera.wallet.WalletConfig
import org.tessera.wallet.WalletException
import org.tessera.wallet.WalletPorts
import org.tessera.wallet.at

/**
 * The app's wallet, with Android's parts: keys and data key in the Keystore, HTTP by the platform, the store in a folder that
 * is not backed up. May be called on any thread; opened once per process.
 *
 * [pins] name public keys expected of servers; [transport] and [keys] replace the platform's; [log] is none by default.
 *
 * @throws WalletException as [Wallet.open].
 */
@Throws(WalletException::class, kotlin.coroutines.cancellation.CancellationException::class)
suspend fun openDeviceWallet(
    context: Context,
    pins: KeyPins = KeyPins.NONE,
    config: WalletConfig = deviceConfig(context),
    keys: DeviceKeys = AndroidDeviceKeys(context),
    transport: Transport = HttpsTransport(pins),
    log: Log? = null,
): Wallet = withContext(Dispatchers.IO) {
    File(config.storePath).parentFile?.mkdirs()
    Wallet.open(config, WalletPorts(keys = keys, transport = transport, dataKey = AndroidDataKey(), log = log))
}

/** The usual set-up in this app: a file in `noBackupFilesDir`, the languages of the phone. */
fun deviceConfig(context: Context): WalletConfig {
    val locales = context.resources.configuration.locales
    val languages = (0 until locales.size()).mapNotNull { languageOf(locales[it]) }.distinct()
    return WalletConfig.at(File(context.noBackupFilesDir, "tessera/wallet.redb").path, languages)
}

/** ISO 639-3, as servers write languages. */
internal fun languageOf(locale: Locale): String? = try {
    locale.isO3Language.ifEmpty { null }
} catch (_: MissingResourceException) {
    null
}
