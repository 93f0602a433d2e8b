import java.nio.file.Files
import kotlin.time.Duration
import kotlin.time.measureTime
import kotlinx.coroutines.runBlocking
import org.tessera.wallet.BindingRequest
import org.tessera.wallet.SigningPrompt
import org.tessera.wallet.SigningPurpose
import org.tessera.wallet.KeyAlgorithm
import org.tessera.wallet.KeyOptions
import org.tessera.wallet.KeySecurityLevel
import org.tessera.wallet.SecurityLevelRule
import org.tessera.wallet.UserAuthentication
import org.tessera.wallet.decodeQr
import org.tessera.wallet.ecdsaSignatureFromDer
import org.tessera.wallet.jvm.SoftwareKeys
import org.tessera.wallet.jvm.openDesktopWallet
import org.tessera.wallet.startBinding
import org.tessera.wallet.tessera

/** What a start and a call cost on this machine. Measures and judges nothing; `bindings/kotlin/bench.sh` runs it. */
fun main() = runBlocking {
    val folder = Files.createTempDirectory("tessera-bench")
    try {
        val der = byteArrayOf(0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x7f)
        told("first call: the library is loaded", measureTime { ecdsaSignatureFromDer(der) })
        told("first wallet: the store is made", measureTime { openDesktopWallet(folder.resolve("first")).close() })
        told("wallet opened again", measureTime { openDesktopWallet(folder.resolve("first")).close() })
        openDesktopWallet(folder.resolve("second")).use { wallet ->
            each("a call with 8 bytes, without the store", 20_000) { ecdsaSignatureFromDer(der) }
            each("a call that reads the store (bindings)", 5_000) { wallet.bindings() }
            each("a session begun and cancelled: two writes to the disk", 100) {
                val request = BindingRequest.tessera("https://id.example", "1", "bench", attest = false)
                wallet.startBinding(request).use { it.cancel() }
            }
            val luma = ByteArray(640 * 480) { -1 }
            each("a picture of 640 x 480 without a code (decodeQr)", 100) { decodeQr(luma, 640u, 480u) }
        }
        val keys = SoftwareKeys(folder.resolve("keys"))
        val level = SecurityLevelRule.Prefer(KeySecurityLevel.SOFTWARE)
        keys.create("a", KeyOptions(KeyAlgorithm.ES256, level, UserAuthentication.None, null))
        val prompt = SigningPrompt(SigningPurpose.LOGIN, null)
        each("a signature by a software key of the JDK", 200) { keys.sign("a", der, prompt) }
    } finally {
        folder.toFile().deleteRecursively()
    }
}

private inline fun each(what: String, times: Int, call: () -> Unit) {
    repeat(times / 5) { call() }
    told(what, measureTime { repeat(times) { call() } } / times)
}

private fun told(what: String, took: Duration) = println("%-60s %s".format(what, took))
