package org.tessera.sample.screens

import android.app.Application
import org.tessera.sample.model.OneWallet

/** What all screens share. */
class SampleApp : Application() {
    /** What the citizen chose. */
    val preferences by lazy { AppPreferences(this) }

    /** The wallet. */
    val wallets by lazy { OneWallet(DevicePlace(this, preferences)) }
}
