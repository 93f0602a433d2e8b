package org.tessera.wallet.jvm

import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import java.net.http.HttpTimeoutException
import java.time.Duration
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.future.await
import kotlinx.coroutines.runInterruptible
import org.tessera.wallet.HttpHeader
import org.tessera.wallet.HttpMethod
import org.tessera.wallet.HttpRequest
import org.tessera.wallet.HttpResponse
import org.tessera.wallet.Transport
import org.tessera.wallet.TransportException
import org.tessera.wallet.withinItsTime

/**
 * HTTP by the JDK's own client. Certificates, proxy and TLS are the client's: give another one to change them; it must
 * follow no redirects and keep no cookies. Android has no `java.net.http`.
 */
class HttpClientTransport(private val client: HttpClient = plainClient()) : Transport {
    init {
        require(client.followRedirects() == HttpClient.Redirect.NEVER) { "a wallet follows no redirects" }
        require(client.cookieHandler().isEmpty) { "a wallet keeps no cookies" }
    }

    override suspend fun send(request: HttpRequest): HttpResponse = withinItsTime(request, ::exchange)

    private suspend fun exchange(request: HttpRequest): HttpResponse {
        val answer = try {
            client.sendAsync(built(request), BodyHandlers.ofInputStream()).await()
        } catch (_: HttpTimeoutException) {
            throw TransportException.Timeout()
        }
        val limit = request.maxResponseBytes.toLong().coerceAtMost(Int.MAX_VALUE - 1L).toInt()
        // Reading blocks, and must end when the time is over or the caller has gone.
        val body = runInterruptible(Dispatchers.IO) { answer.body().use { it.readNBytes(limit + 1) } }
        if (body.size > limit) throw TransportException.TooLarge()
        val headers = answer.headers().map().flatMap { (name, values) -> values.map { HttpHeader(name, it) } }
        return HttpResponse(answer.statusCode().toUShort(), headers, body)
    }

    private fun built(request: HttpRequest): java.net.http.HttpRequest {
        val builder = java.net.http.HttpRequest.newBuilder(URI.create(request.url))
        request.headers.forEach { builder.header(it.name, it.value) }
        return when (request.method) {
            HttpMethod.GET -> builder.GET()
            HttpMethod.POST -> builder.POST(BodyPublishers.ofByteArray(request.body))
        }.build()
    }

    companion object {
        private fun plainClient(): HttpClient =
            HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofSeconds(10))
                .build()
    }
}
