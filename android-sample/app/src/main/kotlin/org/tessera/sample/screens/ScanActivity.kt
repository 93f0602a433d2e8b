package org.tessera.sample.screens

import android.Manifest
import android.content.Intent
import android.content.pm.PackageManager
import android.os.Bundle
import android.view.TextureView
import android.widget.TextView
import kotlinx.coroutines.CoroutineScope
import org.tessera.sample.R
import org.tessera.sample.model.OneWallet
import org.tessera.sample.model.ScanModel
import org.tessera.sample.model.ScanPage

/** The camera's picture, and a field for who has none: a code can be pasted, too. */
class ScanActivity : Screen<ScanModel>(R.layout.scan, isPersonal = false) {
    private var camera: QrCamera? = null

    override fun make(wallets: OneWallet, scope: CoroutineScope) = ScanModel(wallets, scope)

    override fun ready(state: Bundle?) {
        onTap(R.id.use) { model.text(requireViewById<TextView>(R.id.text).text.toString()) }
        onTap(R.id.allow) { requestPermissions(arrayOf(Manifest.permission.CAMERA), CAMERA) }
        if (state == null && !mayUseCamera()) requestPermissions(arrayOf(Manifest.permission.CAMERA), CAMERA)
        draw(model.page, ::drawn)
    }

    override fun onStart() {
        super.onStart()
        model.again()
        startCamera()
    }

    override fun onStop() {
        super.onStop()
        camera?.close()
        camera = null
    }

    override fun onRequestPermissionsResult(requestCode: Int, permissions: Array<out String>, grantResults: IntArray) {
        startCamera()
    }

    private fun startCamera() {
        val allowed = mayUseCamera()
        show(R.id.allow, !allowed)
        if (!allowed || camera != null) return
        camera = QrCamera.open(
            activity = this,
            preview = requireViewById<TextureView>(R.id.preview),
            wantsPicture = { model.wantsPicture },
            picture = { model.picture(it) },
            failed = { tell(getString(R.string.scan_no_camera), true) },
        )
    }

    private fun mayUseCamera() = checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED

    private fun drawn(page: ScanPage) = when (page) {
        is ScanPage.Looking -> tell(page.problem)
        is ScanPage.Login -> startActivity(Intent(this, LoginActivity::class.java).putExtra(Links.SCANNED, page.link))
        is ScanPage.Other ->
            startActivity(Intent(this, CredentialsActivity::class.java).putExtra(Links.SCANNED, page.text))
    }

    private companion object {
        const val CAMERA = 1
    }
}
