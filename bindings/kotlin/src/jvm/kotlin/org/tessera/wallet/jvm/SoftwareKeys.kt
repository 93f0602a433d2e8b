package org.tessera.wallet.jvm

import java.io.IOException
import java.nio.file.FileAlreadyExistsException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.security.GeneralSecurityException
import java.security.KeyFactory
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.Signature
import java.security.interfaces.ECPublicKey
import java.security.interfaces.RSAPublicKey
import java.security.spec.ECGenParameterSpec
import java.security.spec.PKCS8EncodedKeySpec
import java.security.spec.RSAKeyGenParameterSpec
import java.security.spec.X509EncodedKeySpec
import java.util.Base64
import org.tessera.wallet.DeviceKeys
import org.tessera.wallet.DevicePublicKey
import org.tessera.wallet.KeyAlgorithm
import org.tessera.wallet.KeyAttestation
import org.tessera.wallet.KeyException
import org.tessera.wallet.KeyInfo
import org.tessera.wallet.KeyOptions
import org.tessera.wallet.KeySecurityLevel
import org.tessera.wallet.SecurityLevelRule
import org.tessera.wallet.SigningPrompt
import org.tessera.wallet.UserAuthentication
import org.tessera.wallet.ecdsaSignatureFromDer

/**
 * Keys of the JDK, each in a file of [folder]. For desktops and tests: whoever reads the folder has the keys. They say
 * so: security level `SOFTWARE`, no user authentication, no attestation.
 */
class SoftwareKeys(private val folder: Path) : DeviceKeys {
    override suspend fun create(alias: String, options: KeyOptions): KeyInfo = guarded {
        val rule = options.securityLevel
        if (rule is SecurityLevelRule.Require && rule.level != KeySecurityLevel.SOFTWARE) throw KeyException.Unsupported()
        val pair = generate(options.algorithm)
        val lines = listOf(options.algorithm.name, encoded(pair.public.encoded), encoded(pair.private.encoded))
        Files.createDirectories(folder)
        writeNewPrivateFile(file(alias), lines.joinToString("\n").toByteArray())
        info(alias, options.algorithm, pair)
    }

    override suspend fun info(alias: String): KeyInfo = guarded {
        val (algorithm, pair) = read(alias)
        info(alias, algorithm, pair)
    }

    override suspend fun attest(alias: String, clientDataHash: ByteArray): KeyAttestation =
        throw KeyException.Unsupported()

    override suspend fun sign(alias: String, message: ByteArray, prompt: SigningPrompt): ByteArray =
        signBatch(alias, listOf(message), prompt).single()

    override suspend fun signBatch(alias: String, messages: List<ByteArray>, prompt: SigningPrompt): List<ByteArray> =
        guarded {
            val (algorithm, pair) = read(alias)
            messages.map { message ->
                when (algorithm) {
                    KeyAlgorithm.ES256 -> ecdsaSignatureFromDer(signature("SHA256withECDSA", pair, message))
                    KeyAlgorithm.RS256 -> signature("SHA256withRSA", pair, message)
                }
            }
        }

    override suspend fun delete(alias: String): Unit = guarded { Files.deleteIfExists(file(alias)) }

    private fun generate(algorithm: KeyAlgorithm): KeyPair {
        val (name, parameters) = when (algorithm) {
            KeyAlgorithm.ES256 -> "EC" to ECGenParameterSpec("secp256r1")
            KeyAlgorithm.RS256 -> "RSA" to RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F4)
        }
        return KeyPairGenerator.getInstance(name).apply { initialize(parameters) }.generateKeyPair()
    }

    private fun read(alias: String): Pair<KeyAlgorithm, KeyPair> {
        val lines = Files.readString(file(alias)).lines()
        if (lines.size != 3) throw KeyException.Invalidated()
        val algorithm = KeyAlgorithm.valueOf(lines[0])
        val factory = KeyFactory.getInstance(if (algorithm == KeyAlgorithm.ES256) "EC" else "RSA")
        val (public, private) = lines.drop(1).map { Base64.getDecoder().decode(it) }
        val pair = KeyPair(
            factory.generatePublic(X509EncodedKeySpec(public)),
            factory.generatePrivate(PKCS8EncodedKeySpec(private)),
        )
        return algorithm to pair
    }

    private fun info(alias: String, algorithm: KeyAlgorithm, pair: KeyPair): KeyInfo {
        val public = when (val key = pair.public) {
            is ECPublicKey -> DevicePublicKey.P256(key.w.affineX.toByteArray(), key.w.affineY.toByteArray())
            is RSAPublicKey -> DevicePublicKey.Rsa(key.modulus.toByteArray(), key.publicExponent.toByteArray())
            else -> throw KeyException.Unsupported()
        }
        return KeyInfo(alias, algorithm, public, KeySecurityLevel.SOFTWARE, UserAuthentication.None)
    }

    /** The alias as a file name that can leave no folder. */
    private fun file(alias: String): Path = folder.resolve(Base64.getUrlEncoder().encodeToString(alias.toByteArray()))

    private fun encoded(bytes: ByteArray): String = Base64.getEncoder().encodeToString(bytes)

    private fun signature(name: String, pair: KeyPair, message: ByteArray): ByteArray =
        Signature.getInstance(name).run {
            initSign(pair.private)
            update(message)
            sign()
        }

    private inline fun <T> guarded(work: () -> T): T = try {
        work()
    } catch (_: FileAlreadyExistsException) {
        throw KeyException.AlreadyExists()
    } catch (_: NoSuchFileException) {
        throw KeyException.NotFound()
    } catch (failed: GeneralSecurityException) {
        throw KeyException.Failed(failed.javaClass.name)
    } catch (failed: IllegalArgumentException) {
        throw KeyException.Failed(failed.javaClass.name)
    } catch (failed: IOException) {
        throw KeyException.Failed(failed.javaClass.name)
    }
}
