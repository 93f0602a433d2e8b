package org.tessera.sample.model

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.withContext
import org.tessera.wallet.ErrorCode
import org.tessera.wallet.decodeQr

/** A grey picture: one byte per pixel, row by row, 0 is black. */
class GreyPicture(val luma: ByteArray, val width: Int, val height: Int)

/** What the screen that scans shows. */
sealed interface ScanPage {
    /** Looking; [problem] says what is wrong with what was read last. */
    class Looking(val problem: Problem?) : ScanPage

    /** A login: to be opened. */
    class Login(val link: String) : ScanPage

    /** Something else, perhaps a credential: to be tried. */
    class Other(val text: String) : ScanPage
}

/** Reads QR codes from the camera's pictures, or takes what was pasted. */
class ScanModel(wallets: OneWallet, scope: CoroutineScope) : ScreenModel(wallets, scope) {
    private val shown = MutableStateFlow<ScanPage>(ScanPage.Looking(null))

    /** What to show. */
    val page: StateFlow<ScanPage> = shown.asStateFlow()

    /** Whether a picture would be looked at now: making one costs time too. */
    val wantsPicture: Boolean get() = !isWorking && shown.value is ScanPage.Looking

    /** Looks at a picture of the camera. Pictures that come while one is looked at are dropped. */
    fun picture(picture: GreyPicture) {
        if (!wantsPicture) return
        work {
            val found = attempt {
                withContext(Dispatchers.Default) {
                    decodeQr(picture.luma, picture.width.toUInt(), picture.height.toUInt())
                }
            }
            val text = (found as? Answer.Given)?.value?.firstOrNull() ?: return@work
            read(text)
        }
    }

    /** Takes what was pasted. */
    fun text(typed: String) {
        val text = typed.trim()
        if (text.isEmpty()) {
            shown.value = ScanPage.Looking(Problem.Missing(Field.TEXT))
            return
        }
        work { read(text) }
    }

    /** Looks again, after a screen that was opened with what was found is closed. */
    fun again() {
        if (!isWorking) shown.value = ScanPage.Looking(null)
    }

    /** Nothing is sent: the wallet alone says what the text is. */
    private suspend fun read(text: String) {
        val noLink = Problem.Refused(ErrorCode.INVALID_LINK)
        shown.value = when (val answer = ask { bindingsFor(text) }) {
            is Answer.Given -> ScanPage.Login(text)
            is Answer.Refused -> if (answer.problem == noLink) ScanPage.Other(text) else ScanPage.Looking(answer.problem)
        }
    }
}
