/// Swift's task cancellation does not reach Rust. These calls end the session where their task is cancelled; the
/// generated ones run on until they are done.
extension LoginSession {
    /// ``approve(choices:)`` that stops with its task. The session is over then.
    public func approveUnlessCancelled(choices: LoginChoices) async throws -> LoginOutcome {
        try await endingWhenCancelled({ try self.cancel() }) { try await self.approve(choices: choices) }
    }

    /// ``finish()`` that stops with its task. The session is over then.
    public func finishUnlessCancelled() async throws -> LoginOutcome {
        try await endingWhenCancelled({ try self.cancel() }) { try await self.finish() }
    }
}

extension BindingSession {
    /// ``bind(factors:)`` that stops with its task. The session is over then.
    public func bindUnlessCancelled(factors: [BindingFactor]) async throws -> Binding {
        try await endingWhenCancelled({ try self.cancel() }) { try await self.bind(factors: factors) }
    }

    /// ``requestOtp(channels:)`` that stops with its task. The session is over then.
    public func requestOtpUnlessCancelled(channels: [OtpChannel]) async throws -> OtpDelivery {
        try await endingWhenCancelled({ try self.cancel() }) { try await self.requestOtp(channels: channels) }
    }
}

private func endingWhenCancelled<Value: Sendable>(
    _ end: @escaping @Sendable () throws -> Void, _ call: @Sendable () async throws -> Value
) async throws -> Value {
    try Task.checkCancellation()
    // A session that could not be taken out of the store is found again when the wallet is opened.
    return try await withTaskCancellationHandler(operation: call, onCancel: { try? end() })
}
