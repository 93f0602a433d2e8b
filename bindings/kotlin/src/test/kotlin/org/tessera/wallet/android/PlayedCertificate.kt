package org.tessera.wallet.android

import java.math.BigInteger
import java.security.Principal
import java.security.PublicKey
import java.security.cert.X509Certificate
import java.util.Date

/** What a key store hands out with a key: its public key, and the challenge where one was given. Signed by nobody. */
internal class PlayedCertificate(private val key: PublicKey, private val challenge: ByteArray?) : X509Certificate() {
    override fun getPublicKey(): PublicKey = key
    override fun getEncoded(): ByteArray = key.encoded + (challenge ?: ByteArray(0))
    override fun getExtensionValue(oid: String): ByteArray? = challenge.takeIf { oid == "1.3.6.1.4.1.11129.2.1.17" }
    override fun toString() = "PlayedCertificate"
    override fun verify(key: PublicKey) = Unit
    override fun verify(key: PublicKey, sigProvider: String) = Unit
    override fun hasUnsupportedCriticalExtension() = false
    override fun getCriticalExtensionOIDs(): Set<String>? = null
    override fun getNonCriticalExtensionOIDs(): Set<String>? = null
    override fun checkValidity() = Unit
    override fun checkValidity(date: Date) = Unit
    override fun getVersion() = 3
    override fun getSerialNumber(): BigInteger = BigInteger.ONE
    @Deprecated("of X509Certificate")
    override fun getIssuerDN(): Principal? = null
    @Deprecated("of X509Certificate")
    override fun getSubjectDN(): Principal? = null
    override fun getNotBefore() = Date(0)
    override fun getNotAfter() = Date(Long.MAX_VALUE)
    override fun getTBSCertificate(): ByteArray = encoded
    override fun getSignature(): ByteArray = ByteArray(0)
    override fun getSigAlgName() = "none"
    override fun getSigAlgOID() = "0.0"
    override fun getSigAlgParams(): ByteArray? = null
    override fun getIssuerUniqueID(): BooleanArray? = null
    override fun getSubjectUniqueID(): BooleanArray? = null
    override fun getKeyUsage(): BooleanArray? = null
    override fun getBasicConstraints() = -1
}
