package org.tessera.sample.screens

import android.content.res.Resources
import android.util.Base64
import org.json.JSONArray
import org.tessera.sample.R
import org.tessera.wallet.CredentialIssuer

/**
 * The issuers this app vouches for, from `res/raw/credential_issuers.json`: a list of
 * `{"issuer": "…", "name": "…", "keys": [JWK, …], "certificates": ["base64 of DER", …]}`. Nothing about issuers is learnt
 * from credentials or the network, so the list comes with the app.
 */
internal fun Resources.pinnedIssuers(): List<CredentialIssuer> {
    val listed = JSONArray(openRawResource(R.raw.credential_issuers).use { it.readBytes().decodeToString() })
    return List(listed.length()) { at ->
        val issuer = listed.getJSONObject(at)
        CredentialIssuer(
            issuer = issuer.getString("issuer"),
            name = issuer.getString("name"),
            keys = issuer.optJSONArray("keys").texts(),
            certificates = issuer.optJSONArray("certificates").texts().map { Base64.decode(it, Base64.DEFAULT) },
        )
    }
}

private fun JSONArray?.texts(): List<String> = if (this == null) emptyList() else List(length()) { get(it).toString() }
