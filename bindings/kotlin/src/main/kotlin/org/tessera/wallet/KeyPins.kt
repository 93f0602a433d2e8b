package org.tessera.wallet

import java.security.GeneralSecurityException
import java.security.MessageDigest
import java.security.cert.X509Certificate
import java.util.Base64

/**
 * The public keys an app expects of a host, beside what the platform trusts: the server's own, or one that signed it.
 *
 * Each is the SHA-256 of a SubjectPublicKeyInfo in base64, as for `NetworkSecurityConfig` and HPKP (RFC 7469 §2.4):
 * `openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64`. Give two for a host at least, the second of a key
 * that is kept elsewhere: an app whose only pin is gone reaches its server no more.
 *
 * [byHost] holds them by host name, without port; other hosts are not held to any.
 *
 * @throws IllegalArgumentException where a pin is no SHA-256 in base64, or a host has none.
 */
class KeyPins(byHost: Map<String, Set<String>>) {
    private val byHost: Map<String, Set<List<Byte>>> = byHost.map { (host, pins) ->
        require(pins.isNotEmpty()) { "a host without a pin could never be reached" }
        host.lowercase() to pins.map(::digestIn).toSet()
    }.toMap()

    /**
     * Whether a host whose certificates the platform trusts has a pinned key among those that vouch for it. [chain] is as the
     * server sent it, its own certificate first.
     */
    fun trust(host: String, chain: List<X509Certificate>): Boolean {
        val pinned = byHost[host.lowercase()] ?: return true
        return vouching(chain).any { digestOf(it) in pinned }
    }

    /** The server's own certificate and those that signed it, in turn: a server may send certificates that did not. */
    private fun vouching(chain: List<X509Certificate>): List<X509Certificate> {
        val found = chain.take(1).toMutableList()
        val left = chain.drop(1).take(MAX_CERTIFICATES).toMutableList()
        while (found.isNotEmpty()) {
            val issuer = left.firstOrNull { signed(it, found.last()) } ?: break
            left.remove(issuer)
            found.add(issuer)
        }
        return found
    }

    private fun signed(issuer: X509Certificate, certificate: X509Certificate): Boolean {
        val authority = issuer.basicConstraints >= 0
        if (!authority || issuer.subjectX500Principal != certificate.issuerX500Principal) return false
        return try {
            certificate.verify(issuer.publicKey)
            true
        } catch (_: GeneralSecurityException) {
            false
        }
    }

    private fun digestOf(certificate: X509Certificate): List<Byte> =
        MessageDigest.getInstance("SHA-256").digest(certificate.publicKey.encoded).toList()

    private fun digestIn(pin: String): List<Byte> {
        val digest = Base64.getDecoder().decode(pin)
        require(digest.size == DIGEST_BYTES) { "a pin is the SHA-256 of a public key" }
        return digest.toList()
    }

    companion object {
        /** No host is held to anything but what the platform trusts. */
        val NONE: KeyPins = KeyPins(emptyMap())

        private const val DIGEST_BYTES = 32
        private const val MAX_CERTIFICATES = 20
    }
}
