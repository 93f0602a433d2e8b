import Foundation

extension Binding {
    /// When it was bound.
    public var boundAt: Date { Date(milliseconds: boundAtMs) }
    /// When the certificate ends.
    public var expiresAt: Date { Date(milliseconds: expiresAtMs) }
}

extension Device {
    /// When it was bound.
    public var createdAt: Date { Date(milliseconds: createdAtMs) }
    /// When its certificate ends.
    public var expiresAt: Date { Date(milliseconds: expiresAtMs) }
}

extension LoginReview {
    /// When the server gives up, where told.
    public var expiresAt: Date? { expiresAtMs.map(Date.init(milliseconds:)) }
}

extension UnverifiedOrigin {
    /// When the browser began, where told.
    public var startedAt: Date? { startedAtMs.map(Date.init(milliseconds:)) }
}

extension ActivityEntry {
    /// When it was done.
    public var at: Date { Date(milliseconds: atMs) }
}

extension ConsentQuestion {
    /// When it was asked.
    public var at: Date { Date(milliseconds: atMs) }
    /// Until when it can be answered.
    public var expiresAt: Date { Date(milliseconds: expiresAtMs) }
}

extension ConsentReceipt {
    /// When it was given.
    public var at: Date { Date(milliseconds: atMs) }
    /// When it ends by itself, where told.
    public var expiresAt: Date? { expiresAtMs.map(Date.init(milliseconds:)) }
    /// When it was withdrawn.
    public var withdrawnAt: Date? { withdrawnAtMs.map(Date.init(milliseconds:)) }
}

extension UnfinishedSession {
    /// When it began.
    public var beganAt: Date { Date(milliseconds: beganAtMs) }
}

extension Credential {
    /// When it was issued, where it tells.
    public var issuedAt: Date? { issuedAtMs.map(Date.init(milliseconds:)) }
    /// From when it is valid, where it tells.
    public var validFrom: Date? { validFromMs.map(Date.init(milliseconds:)) }
    /// Until when it is valid, where it tells.
    public var validUntil: Date? { validUntilMs.map(Date.init(milliseconds:)) }
    /// When it was added to this wallet.
    public var addedAt: Date { Date(milliseconds: addedAtMs) }
}

extension RestoredBackup {
    /// When the backup was made, by the old phone's clock.
    public var createdAt: Date { Date(milliseconds: createdAtMs) }
}

extension Date {
    /// Milliseconds since 1970, as the library tells times.
    init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }
}
