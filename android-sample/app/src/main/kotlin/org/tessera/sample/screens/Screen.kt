package org.tessera.sample.screens

import android.app.Activity
import android.content.Context
import android.os.Build
import android.os.Bundle
import android.view.View
import android.view.WindowManager
import android.widget.TextView
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.launch
import org.tessera.sample.R
import org.tessera.sample.model.Language
import org.tessera.sample.model.Message
import org.tessera.sample.model.OneWallet
import org.tessera.sample.model.Problem
import org.tessera.sample.model.Theme

/**
 * A screen over a model. The model is kept when the phone is turned; where the app is killed, what it needs to go on is in
 * the saved state. Leaving a screen stops nothing that was sent: the model's own scope goes on.
 */
abstract class Screen<M : Any>(
    private val layout: Int,
    private val isPersonal: Boolean,
    /** Fields whose text is secret: never among what Android keeps of a screen, and yet there after a turn of the phone. */
    private val secrets: List<Int> = emptyList(),
) : Activity() {
    /** What this screen shows. */
    protected lateinit var model: M
        private set

    private val drawing = CoroutineScope(SupervisorJob() + HandlerDispatcher)
    private var madeIn: Pair<Language, Theme>? = null

    /** What outlives a turn of the phone, in memory only. */
    private class Kept<M>(val model: M, val typed: List<CharSequence>)

    /** Makes the model when the screen is opened. */
    protected abstract fun make(wallets: OneWallet, scope: CoroutineScope): M

    /** Connects views and model. */
    protected abstract fun ready(state: Bundle?)

    /** The app. */
    protected val app: SampleApp get() = application as SampleApp

    override fun attachBaseContext(base: Context) {
        super.attachBaseContext(AppPreferences(base).applied(base))
    }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        madeIn = chosen()
        if (isPersonal) hideFromPictures()
        setContentView(layout)
        @Suppress("UNCHECKED_CAST") // Only this screen keeps it.
        val kept = lastNonConfigurationInstance as Kept<M>?
        model = kept?.model ?: make(app.wallets, CoroutineScope(SupervisorJob() + HandlerDispatcher))
        kept?.typed?.zip(secrets)?.forEach { (text, id) -> requireViewById<TextView>(id).text = text }
        // A model that was kept is further on than what was saved.
        ready(savedInstanceState.takeIf { kept == null })
    }

    override fun onStart() {
        super.onStart()
        // Language or colours were changed in a screen above.
        if (madeIn != chosen()) recreate()
    }

    override fun onRetainNonConfigurationInstance(): Any =
        Kept(model, secrets.map { requireViewById<TextView>(it).text })

    override fun onDestroy() {
        super.onDestroy()
        drawing.cancel()
        if (!isChangingConfigurations) (model as? AutoCloseable)?.close()
    }

    /** Draws what the model shows, now and whenever it changes. */
    protected fun <T> draw(states: Flow<T>, with: (T) -> Unit) {
        drawing.launch { states.collect { with(it) } }
    }

    /** Says what was done or went wrong, also to who hears the screen. */
    protected fun tell(message: Message?) = tell(message?.let { resources.messageText(it) }, message is Problem)

    /** Says this text. */
    protected fun tell(text: String?, isProblem: Boolean) {
        val view = requireViewById<TextView>(R.id.message)
        view.setTextColor(getColor(if (isProblem) R.color.problem else R.color.text))
        // Set first, so that the change is announced from an empty text too.
        view.visibility = if (text == null) View.GONE else View.VISIBLE
        if (view.text.toString() != text.orEmpty()) view.text = text
    }

    /** Shows whether something runs. */
    protected fun wait(isWorking: Boolean) = show(R.id.wait, isWorking)

    /** Shows or hides a part of the screen. */
    protected fun show(id: Int, isShown: Boolean) {
        requireViewById<View>(id).visibility = if (isShown) View.VISIBLE else View.GONE
    }

    /** What a tap on a button does. */
    protected fun onTap(id: Int, act: () -> Unit) = requireViewById<View>(id).setOnClickListener { act() }

    private fun chosen() = app.preferences.run { language to theme }

    /** No picture of this screen: not by other apps, not in the list of open apps. */
    private fun hideFromPictures() {
        window.setFlags(WindowManager.LayoutParams.FLAG_SECURE, WindowManager.LayoutParams.FLAG_SECURE)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) setRecentsScreenshotEnabled(false)
    }
}
