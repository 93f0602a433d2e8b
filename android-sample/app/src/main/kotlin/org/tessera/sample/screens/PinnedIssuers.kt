package org.tessera.sample.screens

import android.content.res.Resources
import java.util.Base64
import org.json.JSONArray
import org.tessera.sample.R
import org.tessera.wallet.CredentialIssuer

/**
 * The issuers this app vouches for, from `res/raw/credential_issuers.json`. Nothing about issuers is learnt from credentials or
 * the network, so the list comes with the app.
 */
internal fun Resources.pinnedIssuers(): List<CredentialIssuer> =
    pinnedIssuers(openRawResource(R.raw.credential_issuers).use { it.readBytes().decodeToString() })

/**
 * Reads `[{"issuer": "…", "name": "…", "keys": [JWK, …], "certificates": ["base64 of DER", …]}, …]`; `keys` and `certificates`
 * may be left out.
 *
 * @throws org.json.JSONException and [IllegalArgumentException] where it is written otherwise: a mistake of the app's developer.
 */
internal fun pinnedIssuers(json: String): List<CredentialIssuer> {
    val listed = JSONArray(json)
    return List(listed.length()) { at ->
        val issuer = listed.getJSONObject(at)
        CredentialIssuer(
            issuer = issuer.getString("issuer"),
            name = issuer.getString("name"),
            keys = issuer.optJSONArray("keys").texts(),
            certificates = issuer.optJSONArray("certificates").texts().map { Base64.getDecoder().decode(it) },
        )
    }
}

private fun JSONArray?.texts(): List<String> = if (this == null) emptyList() else List(length()) { get(it).toString() }
