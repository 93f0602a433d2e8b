package org.tessera.wallet.android

import android.app.Activity
import android.app.KeyguardManager
import android.content.Context
import android.content.Intent
import android.os.Bundle
import java.util.UUID
import java.util.concurrent.ConcurrentHashMap
import kotlinx.coroutines.CompletableDeferred
import org.tessera.wallet.KeyException

/**
 * Shows the screen of the screen lock on phones before Android 10, and brings its answer back. Without a face of its own;
 * declared in the library's manifest, for this app only.
 */
class UnlockActivity : Activity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        if (savedInstanceState != null) return
        val keyguard = getSystemService(KeyguardManager::class.java)
        @Suppress("DEPRECATION") // Its successor, BiometricPrompt with a code, is of Android 10.
        val screen = keyguard?.createConfirmDeviceCredentialIntent(
            intent.getStringExtra(TITLE),
            intent.getStringExtra(SUBTITLE),
        )
        if (screen == null) end(Result.failure(KeyException.Unsupported())) else startActivityForResult(screen, REQUEST)
    }

    @Deprecated("Android's own word for it; its successor is androidx's.")
    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        if (requestCode != REQUEST) return
        end(if (resultCode == RESULT_OK) Result.success(Unit) else Result.failure(KeyException.Cancelled()))
    }

    override fun onDestroy() {
        super.onDestroy()
        // Taken away without an answer, and not to be made again: as good as dismissed.
        if (isFinishing) end(Result.failure(KeyException.Cancelled()))
    }

    private fun end(answer: Result<Unit>) {
        intent.getStringExtra(WAITING)?.let(waiting::remove)?.run {
            answer.fold({ complete(it) }, { completeExceptionally(it) })
        }
        if (!isFinishing) finish()
    }

    internal companion object {
        private const val REQUEST = 1
        private const val TITLE = "title"
        private const val SUBTITLE = "subtitle"
        private const val WAITING = "waiting"

        /** Who waits for an answer, by a name that the intent carries. */
        private val waiting = ConcurrentHashMap<String, CompletableDeferred<Unit>>()

        suspend fun show(context: Context, said: KeyPromptTexts) {
            val name = UUID.randomUUID().toString()
            val answer = CompletableDeferred<Unit>()
            waiting[name] = answer
            val intent = Intent(context, UnlockActivity::class.java)
                .addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
                .putExtra(TITLE, said.title)
                .putExtra(SUBTITLE, said.subtitle)
                .putExtra(WAITING, name)
            try {
                context.startActivity(intent)
                answer.await()
            } finally {
                waiting.remove(name)
            }
        }
    }
}
