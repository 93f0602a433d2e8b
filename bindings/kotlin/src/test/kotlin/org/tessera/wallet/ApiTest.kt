package org.tessera.wallet

import java.nio.file.Files
import java.nio.file.Path
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import org.junit.jupiter.api.Test

/** The public API is what `bindings/kotlin/api.txt` says; `bindings/kotlin/test.sh --update-api` writes it anew. */
class ApiTest {
    @Test
    fun `the API is the one that was agreed to`() {
        val folder = Path.of(assertNotNull(System.getProperty("tessera.jars"), "run by test.sh"))
        val now = Api(listOf("generated", "wallet", "android").map { folder.resolve("$it.jar") }).lines()
        val kept = Path.of("bindings/kotlin/api.txt")
        if (System.getProperty("tessera.updateApi") != null) Files.write(kept, now)
        val before = Files.readAllLines(kept)
        val gone = before - now.toSet()
        val new = now - before.toSet()
        assertEquals("" to "", gone.joinToString("\n") to new.joinToString("\n"), "gone, new: bindings/kotlin/test.sh --update-api")
    }
}
