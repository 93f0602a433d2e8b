package org.tessera.wallet

import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyStore
import java.security.MessageDigest
import java.security.cert.X509Certificate
import java.util.Base64
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext
import javax.net.ssl.TrustManagerFactory

/** A certificate authority, a server it signed for `localhost`, and a stranger; made by the JDK's keytool. */
internal class Certificates private constructor(folder: Path) {
    private val file = folder.resolve("keys.p12")
    private val store: KeyStore

    init {
        pair("authority", "-ext", "bc:c=ca:true")
        pair("stranger", "-ext", "bc:c=ca:true")
        pair("server", "-ext", "san=dns:localhost,ip:127.0.0.1")
        val request = folder.resolve("server.csr")
        val signed = folder.resolve("server.pem")
        keytool("-certreq", "-alias", "server", "-file", "$request")
        keytool(
            "-gencert", "-alias", "authority", "-infile", "$request", "-outfile", "$signed",
            "-ext", "san=dns:localhost,ip:127.0.0.1",
        )
        keytool("-importcert", "-alias", "server", "-file", "$signed", "-noprompt")
        store = KeyStore.getInstance("PKCS12").apply { Files.newInputStream(file).use { load(it, PASSWORD.toCharArray()) } }
    }

    /** As the server sends it. */
    val chain: List<X509Certificate> = store.getCertificateChain("server").map { it as X509Certificate }

    val stranger = store.getCertificate("stranger") as X509Certificate

    /** TLS as the server speaks it. */
    fun serving(): SSLContext = SSLContext.getInstance("TLS").apply {
        val keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm())
        keys.init(store.only("server"), PASSWORD.toCharArray())
        init(keys.keyManagers, null, null)
    }

    /** TLS that trusts the authority. */
    fun trusting(): SSLContext = SSLContext.getInstance("TLS").apply {
        val trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm())
        val trusted = KeyStore.getInstance("PKCS12").apply { load(null, null) }
        trusted.setCertificateEntry("authority", store.getCertificate("authority"))
        trust.init(trusted)
        init(null, trust.trustManagers, null)
    }

    private fun KeyStore.only(alias: String) = KeyStore.getInstance("PKCS12").also { one ->
        one.load(null, null)
        val password = PASSWORD.toCharArray()
        one.setKeyEntry(alias, getKey(alias, password), password, getCertificateChain(alias))
    }

    private fun pair(alias: String, vararg more: String) =
        keytool("-genkeypair", "-alias", alias, "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=$alias", *more)

    private fun keytool(vararg arguments: String) {
        val program = Path.of(System.getProperty("java.home"), "bin", "keytool").toString()
        val all = listOf(program, *arguments, "-keystore", "$file", "-storetype", "PKCS12", "-storepass", PASSWORD)
        val process = ProcessBuilder(all).redirectErrorStream(true).start()
        val said = process.inputStream.readBytes().decodeToString()
        check(process.waitFor() == 0) { said }
    }

    companion object {
        private const val PASSWORD = "changeit"

        /** Made once for all tests: keytool is a JVM each time. */
        val made: Certificates by lazy {
            val folder = Files.createTempDirectory("certificates")
            Certificates(folder).also { folder.toFile().deleteRecursively() }
        }

        fun pinOf(certificate: X509Certificate): String =
            Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(certificate.publicKey.encoded))
    }
}
