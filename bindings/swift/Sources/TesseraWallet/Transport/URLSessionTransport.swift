import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif
#if canImport(Security)
    import Security
#endif

/// HTTP by `URLSession`: certificates, proxy and VPN are the system's. No redirects, no cookies, no cache.
///
/// Unchecked: nothing changes after the start; the exchanges under way are kept under a lock.
public final class URLSessionTransport: Transport, @unchecked Sendable {
    private let exchanges: Exchanges
    private let session: URLSession

    /// - Parameter configuration: where proxy or TLS settings come from; cookies and cache are switched off in a copy.
    public convenience init(configuration: URLSessionConfiguration = .ephemeral) {
        self.init(configuration: configuration, exchanges: Exchanges(pins: nil))
    }

    #if canImport(Security)
        /// - Parameters:
        ///   - configuration: where proxy or TLS settings come from; cookies and cache are switched off in a copy.
        ///   - pins: the public keys expected of hosts, beside the system's rules. Any other key is
        ///     ``TesseraWalletCore/TransportError/Tls``. Not on Linux, whose `URLSession` shows no certificate.
        public convenience init(configuration: URLSessionConfiguration = .ephemeral, pins: KeyPins?) {
            self.init(configuration: configuration, exchanges: Exchanges(pins: pins))
        }
    #endif

    private init(configuration: URLSessionConfiguration, exchanges: Exchanges) {
        let own = configuration.copy() as? URLSessionConfiguration ?? .ephemeral
        own.httpShouldSetCookies = false
        own.httpCookieAcceptPolicy = .never
        own.httpCookieStorage = nil
        own.urlCache = nil
        own.requestCachePolicy = .reloadIgnoringLocalCacheData
        self.exchanges = exchanges
        session = URLSession(configuration: own, delegate: exchanges, delegateQueue: nil)
    }

    deinit {
        session.invalidateAndCancel()
    }

    public func send(request: HttpRequest) async throws -> HttpResponse {
        guard let url = URL(string: request.url) else { throw TransportError.Failed(detail: "not a URL") }
        var built = URLRequest(url: url)
        switch request.method {
        case .get: built.httpMethod = "GET"
        case .post:
            built.httpMethod = "POST"
            built.httpBody = request.body
        }
        for header in request.headers { built.setValue(header.value, forHTTPHeaderField: header.name) }
        let seconds = Double(request.timeoutMs) / 1000
        built.timeoutInterval = seconds
        let task = session.dataTask(with: built)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                exchanges.begin(task, limit: Int(request.maxResponseBytes), seconds: seconds, continuation)
            }
        } onCancel: {
            task.cancel()
        }
    }
}

/// The exchanges under way, by task.
///
/// Unchecked: all is done under the lock.
private final class Exchanges: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private struct Exchange {
        let limit: Int
        let continuation: CheckedContinuation<HttpResponse, any Error>
        var body = Data()
        /// Why we ourselves stopped it.
        var stopped: TransportError?
    }

    private let pins: KeyPins?
    private let lock = NSLock()
    private var exchanges: [Int: Exchange] = [:]

    init(pins: KeyPins?) { self.pins = pins }

    func begin(
        _ task: URLSessionDataTask, limit: Int, seconds: Double,
        _ continuation: CheckedContinuation<HttpResponse, any Error>
    ) {
        lock.withLock { exchanges[task.taskIdentifier] = Exchange(limit: limit, continuation: continuation) }
        task.resume()
        // URLSession's own limit starts anew with every byte; this one is for the whole.
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [weak self, weak task] in
            guard let self, let task else { return }
            self.stop(task, because: .Timeout)
        }
    }

    private func stop(_ task: URLSessionTask, because reason: TransportError) {
        let running = lock.withLock { () -> Bool in
            guard exchanges[task.taskIdentifier] != nil else { return false }
            exchanges[task.taskIdentifier]?.stopped = reason
            return true
        }
        if running { task.cancel() }
    }

    #if canImport(Security)
        // Asked for the server's certificate too, because there is no such method for the whole session.
        func urlSession(
            _ session: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
            completionHandler: @escaping (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
        ) {
            guard let pins, let trust = challenge.protectionSpace.serverTrust else {
                completionHandler(.performDefaultHandling, nil)
                return
            }
            if pins.allow(trust, of: challenge.protectionSpace.host) {
                completionHandler(.useCredential, URLCredential(trust: trust))
            } else {
                stop(task, because: .Tls)
                completionHandler(.cancelAuthenticationChallenge, nil)
            }
        }
    #endif

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let tooLarge = lock.withLock { () -> Bool in
            guard var exchange = exchanges[dataTask.taskIdentifier] else { return false }
            exchange.body.append(data)
            exchanges[dataTask.taskIdentifier] = exchange
            return exchange.body.count > exchange.limit
        }
        if tooLarge { stop(dataTask, because: .TooLarge) }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        guard let exchange = lock.withLock({ exchanges.removeValue(forKey: task.taskIdentifier) }) else { return }
        if let reason = exchange.stopped {
            exchange.continuation.resume(throwing: reason)
        } else if let error {
            exchange.continuation.resume(throwing: reason(of: error))
        } else if let response = task.response as? HTTPURLResponse {
            let headers = response.allHeaderFields.compactMap { name, value -> HttpHeader? in
                guard let name = name as? String, let value = value as? String else { return nil }
                return HttpHeader(name: name, value: value)
            }
            let status = UInt16(clamping: response.statusCode)
            exchange.continuation.resume(returning: HttpResponse(status: status, headers: headers, body: exchange.body))
        } else {
            exchange.continuation.resume(throwing: TransportError.Failed(detail: "no HTTP answer"))
        }
    }
}

private func reason(of error: any Error) -> TransportError {
    guard let error = error as? URLError else { return .Failed(detail: "not a URL error") }
    switch error.code {
    case .timedOut: return .Timeout
    case .cancelled: return .Cancelled
    case .secureConnectionFailed, .serverCertificateHasBadDate, .serverCertificateUntrusted,
        .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid, .clientCertificateRejected,
        .clientCertificateRequired:
        return .Tls
    case .badURL, .unsupportedURL: return .Failed(detail: "not a URL")
    default: return .Offline
    }
}
