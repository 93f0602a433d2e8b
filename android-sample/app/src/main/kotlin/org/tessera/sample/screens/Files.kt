package org.tessera.sample.screens

import android.app.Activity
import android.net.Uri
import java.io.ByteArrayOutputStream
import java.io.FileNotFoundException
import java.io.IOException
import java.io.InputStream
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/** Writes where the citizen chose, away from the main thread, and says on the main thread whether that went well. */
internal fun Activity.writeFile(target: Uri, content: ByteArray, done: (Boolean) -> Unit) {
    val resolver = applicationContext.contentResolver
    CoroutineScope(HandlerDispatcher).launch {
        val isWritten = withContext(Dispatchers.IO) {
            quietly { resolver.openOutputStream(target, "wt")?.use { it.write(content) } } != null
        }
        if (!isDestroyed) done(isWritten)
    }
}

/** Reads what the citizen chose, up to [limit] bytes; nothing where it cannot be read or is longer. */
internal fun Activity.readFile(source: Uri, limit: Int, done: (ByteArray?) -> Unit) {
    val resolver = applicationContext.contentResolver
    CoroutineScope(HandlerDispatcher).launch {
        val content = withContext(Dispatchers.IO) {
            quietly { resolver.openInputStream(source)?.use { it.readAtMost(limit) } }
        }
        if (!isDestroyed) done(content)
    }
}

private fun InputStream.readAtMost(limit: Int): ByteArray? {
    val all = ByteArrayOutputStream()
    val piece = ByteArray(PIECE)
    while (true) {
        val read = read(piece)
        if (read < 0) return all.toByteArray()
        all.write(piece, 0, read)
        if (all.size() > limit) return null
    }
}

/** Other apps serve these files, and fail in these ways. */
private fun <T> quietly(work: () -> T?): T? = try {
    work()
} catch (_: FileNotFoundException) {
    null
} catch (_: IOException) {
    null
} catch (_: SecurityException) {
    null
}

private const val PIECE = 8192
