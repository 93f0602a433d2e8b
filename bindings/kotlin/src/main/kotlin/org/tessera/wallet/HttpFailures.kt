package org.tessera.wallet

import java.io.IOException
import java.net.SocketTimeoutException
import javax.net.ssl.SSLException
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.withTimeout

/**
 * One HTTP exchange within the request's time, with what Java's classes throw turned into what the wallet knows: the same for
 * every HTTP stack of the JVM and of Android.
 */
internal suspend fun withinItsTime(request: HttpRequest, exchange: suspend (HttpRequest) -> HttpResponse): HttpResponse = try {
    withTimeout(request.timeoutMs.toLong()) { exchange(request) }
} catch (_: TimeoutCancellationException) {
    throw TransportException.Timeout()
} catch (_: SocketTimeoutException) {
    throw TransportException.Timeout()
} catch (_: SSLException) {
    throw TransportException.Tls()
} catch (_: IOException) {
    throw TransportException.Offline()
} catch (unusable: IllegalArgumentException) {
    throw TransportException.Failed(unusable.javaClass.name)
}
