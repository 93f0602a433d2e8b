package org.tessera.sample.screens

import android.content.Context
import java.io.File
import java.security.GeneralSecurityException
import java.security.KeyStore
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.tessera.sample.R
import org.tessera.sample.model.WalletPlace
import org.tessera.wallet.SigningPrompt
import org.tessera.wallet.SigningPurpose
import org.tessera.wallet.Wallet
import org.tessera.wallet.android.AndroidDeviceKeys
import org.tessera.wallet.android.BiometricKeyPrompt
import org.tessera.wallet.android.KeyPromptTexts
import org.tessera.wallet.android.deviceConfig
import org.tessera.wallet.android.openDeviceWallet

/** The wallet of this phone: keys in the Keystore, the store in a folder that Android does not back up. */
class DevicePlace(private val context: Context, private val preferences: AppPreferences) : WalletPlace {
    override suspend fun open(): Wallet {
        val inLanguage = preferences.applied(context)
        val prompt = BiometricKeyPrompt(context) { texts(preferences.applied(context), it) }
        return openDeviceWallet(
            context,
            config = deviceConfig(inLanguage).copy(
                credentialIssuers = context.resources.pinnedIssuers(),
                allowLoopbackHttp = context.resources.getBoolean(R.bool.loopback_http),
            ),
            keys = AndroidDeviceKeys(context, prompt),
        )
    }

    override suspend fun delete(): Unit = withContext(Dispatchers.IO) {
        File(deviceConfig(context).storePath).parentFile?.deleteRecursively()
        try {
            // The wallet's own keys, and no other of the app: their names begin like this.
            KeyStore.getInstance("AndroidKeyStore").run {
                load(null)
                aliases().toList().filter { it.startsWith("tessera.") }.forEach(::deleteEntry)
            }
        } catch (_: GeneralSecurityException) {
            // A key that is left serves nothing any more: what it was bound to is gone from the store.
        }
    }

    private fun texts(context: Context, prompt: SigningPrompt): KeyPromptTexts {
        val purpose = when (prompt.purpose) {
            SigningPurpose.BINDING -> R.string.prompt_bind
            SigningPurpose.LOGIN -> R.string.prompt_login
            SigningPurpose.MANAGE_DEVICES -> R.string.prompt_devices
            SigningPurpose.MANAGE_CONSENTS -> R.string.prompt_consents
            SigningPurpose.REPORT_LOGIN -> R.string.prompt_report
        }
        return KeyPromptTexts(
            title = context.getString(R.string.prompt_title),
            subtitle = prompt.audience?.let { context.getString(purpose, it) },
            cancel = context.getString(R.string.action_cancel),
        )
    }
}
