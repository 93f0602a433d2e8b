package org.tessera.sample.screens

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.os.Bundle
import android.widget.ImageView
import android.widget.TextView
import java.time.Instant
import kotlinx.coroutines.CoroutineScope
import org.tessera.sample.R
import org.tessera.sample.model.CredentialModel
import org.tessera.sample.model.CredentialPage
import org.tessera.sample.model.OneWallet
import org.tessera.wallet.CredentialDetails
import org.tessera.wallet.CredentialImage

/** One credential with its photo, and whether it stands. */
class CredentialActivity : Screen<CredentialModel>(R.layout.credential, isPersonal = true) {
    override fun make(wallets: OneWallet, scope: CoroutineScope) =
        CredentialModel(intent.getStringExtra(Links.CREDENTIAL).orEmpty(), wallets, scope)

    override fun ready(state: Bundle?) = draw(model.page, ::drawn)

    override fun onStart() {
        super.onStart()
        model.load()
    }

    private fun drawn(page: CredentialPage) {
        wait(page is CredentialPage.Loading)
        show(R.id.content, page is CredentialPage.Shown)
        when (page) {
            is CredentialPage.Loading -> tell(null)
            is CredentialPage.Failed -> tell(page.problem)
            is CredentialPage.Shown -> {
                tell(null)
                drawn(page.details)
            }
        }
    }

    private fun drawn(details: CredentialDetails) {
        val credential = details.credential
        text(R.id.title, credential.title ?: getString(R.string.credential_title))
        text(R.id.verified, resources.verificationText(credential.verification))
        text(R.id.claims, details.claims.joinToString("\n") { "${resources.claimName(it.name)}: ${it.value}" })
        val issuer = credential.issuerName ?: credential.issuer ?: getString(R.string.date_unknown)
        val until = credential.validUntilMs?.let { resources.timeText(Instant.ofEpochMilli(it)) }
        text(
            R.id.validity,
            listOfNotNull(
                getString(R.string.credentials_issuer, issuer),
                until?.let { getString(R.string.credentials_until, it) },
            ).joinToString("\n"),
        )
        val photo = details.photo?.let(::decoded)
        show(R.id.photo, photo != null)
        requireViewById<ImageView>(R.id.photo).setImageBitmap(photo)
    }

    private fun text(id: Int, text: String) {
        requireViewById<TextView>(id).text = text
    }

    /** Nothing where this phone cannot read the picture's format. Its size is looked at first: a picture can claim any. */
    private fun decoded(photo: CredentialImage): Bitmap? {
        val size = BitmapFactory.Options().apply { inJustDecodeBounds = true }
        BitmapFactory.decodeByteArray(photo.data, 0, photo.data.size, size)
        if (size.outWidth !in 1..LARGEST || size.outHeight !in 1..LARGEST) return null
        return BitmapFactory.decodeByteArray(photo.data, 0, photo.data.size)
    }

    private companion object {
        /** Largest picture shown, in pixels each way. */
        const val LARGEST = 4096
    }
}
