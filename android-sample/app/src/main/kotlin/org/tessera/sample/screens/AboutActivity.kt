package org.tessera.sample.screens

import android.app.Activity
import android.content.Context
import android.os.Bundle
import android.widget.TextView
import org.tessera.sample.R

/** What this app is. Nothing personal. */
class AboutActivity : Activity() {
    override fun attachBaseContext(base: Context) {
        super.attachBaseContext(AppPreferences(base).applied(base))
    }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.about)
        val version = packageManager.getPackageInfo(packageName, 0).versionName.orEmpty()
        requireViewById<TextView>(R.id.version).text = getString(R.string.about_version, version)
    }
}
