package org.tessera.wallet.android

import android.util.Log as Logcat
import org.tessera.wallet.Log
import org.tessera.wallet.LogEntry
import org.tessera.wallet.LogLevel

/**
 * The wallet's log in Logcat, under the tag `Tessera`: names of events and steps, and how long they took. The wallet puts no
 * data into its log.
 *
 * [least] is the level from which on entries are written.
 */
class LogcatLog @JvmOverloads constructor(private val least: LogLevel = LogLevel.INFO) : Log {
    override fun record(entry: LogEntry) {
        if (entry.level >= least) Logcat.println(priorityOf(entry.level), TAG, lineOf(entry))
    }

    private companion object {
        const val TAG = "Tessera"
    }
}

internal fun lineOf(entry: LogEntry): String =
    listOfNotNull(entry.event.name, entry.code, entry.durationMs?.let { "$it ms" }).joinToString(" ")

internal fun priorityOf(level: LogLevel): Int = when (level) {
    LogLevel.DEBUG -> Logcat.DEBUG
    LogLevel.INFO -> Logcat.INFO
    LogLevel.WARN -> Logcat.WARN
    LogLevel.ERROR -> Logcat.ERROR
}
