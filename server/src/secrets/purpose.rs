//! What keys are derived for.

/// What every label begins with.
const PREFIX: &[u8] = b"tessera/1/";

/// What a derived key is for. A key of one purpose opens nothing of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The AES block of opaque tokens.
    Ids,
    /// Signing keys at rest.
    SigningKeys,
    /// Names, dates, addresses of persons at rest.
    Biographics,
    /// Photos and other biometrics at rest.
    Biometrics,
    /// Identifiers of persons at rest.
    Identifiers,
    /// Look-up of persons by identifier.
    Lookup,
    /// OTPs at rest.
    Otp,
    /// The pepper of PINs.
    Pins,
    /// CSRF tokens.
    Csrf,
    /// Pairwise subjects (OpenID Connect Core §8.1).
    Subject,
    /// State of transactions at rest.
    Transactions,
    /// Persons in audit events.
    Audit,
    /// Receipts of consents at rest.
    Consents,
    /// Sessions on the citizen's page, and what its sign-in is bound with.
    Account,
    /// Changing link codes and their frames.
    Frames,
    /// Secrets of clients at rest, and what they are compared by.
    ClientSecrets,
    /// Who is logged in at issuers, at rest.
    Sessions,
    /// Notifications of changed claims, at rest.
    Notifications,
    /// What services are told of, at rest.
    Events,
    /// Where services are told of it, at rest, and the tokens by which they agree.
    Subscriptions,
    /// Secrets of refresh tokens.
    RefreshTokens,
    /// Nonces for proofs of possession (RFC 9449 §8).
    ProofNonces,
    /// By what persons who may be the same are found.
    Uniqueness,
    /// Enrollments on their way to identities, at rest.
    Identities,
    /// Keys of another instance that was restored here, at rest.
    CarriedKeys,
}

impl Purpose {
    /// What is derived and has to stay as it is, whatever seals: pseudonyms, which relying parties know people by; hashes of
    /// what only a person knows; ids and tokens that others hold; hashes of what nobody has in the clear. Another purpose
    /// that derives something later has its key from what [`super::file`] calls the rest.
    pub(super) const KEPT: [Self; 14] = [
        Self::Ids,
        Self::Lookup,
        Self::Otp,
        Self::Pins,
        Self::Csrf,
        Self::Subject,
        Self::Audit,
        Self::Account,
        Self::Frames,
        Self::ClientSecrets,
        Self::Sessions,
        Self::Subscriptions,
        Self::RefreshTokens,
        Self::ProofNonces,
    ];

    /// Its name in the secret file.
    pub(super) fn name(self) -> &'static str {
        let name = self.label().strip_prefix(PREFIX).and_then(|name| std::str::from_utf8(name).ok());
        name.unwrap_or_default()
    }

    pub(super) fn label(self) -> &'static [u8] {
        match self {
            Self::Ids => b"tessera/1/ids",
            Self::SigningKeys => b"tessera/1/signing-keys",
            Self::Biographics => b"tessera/1/biographics",
            Self::Biometrics => b"tessera/1/biometrics",
            Self::Identifiers => b"tessera/1/identifiers",
            Self::Lookup => b"tessera/1/lookup",
            Self::Otp => b"tessera/1/otp",
            Self::Pins => b"tessera/1/pins",
            Self::Csrf => b"tessera/1/csrf",
            Self::Subject => b"tessera/1/subject",
            Self::Transactions => b"tessera/1/transactions",
            Self::Audit => b"tessera/1/audit",
            Self::Consents => b"tessera/1/consents",
            Self::Account => b"tessera/1/account",
            Self::Frames => b"tessera/1/frames",
            Self::ClientSecrets => b"tessera/1/client-secrets",
            Self::Sessions => b"tessera/1/sessions",
            Self::Notifications => b"tessera/1/notifications",
            Self::Events => b"tessera/1/events",
            Self::Subscriptions => b"tessera/1/subscriptions",
            Self::RefreshTokens => b"tessera/1/refresh-tokens",
            Self::ProofNonces => b"tessera/1/proof-nonces",
            Self::Uniqueness => b"tessera/1/uniqueness",
            Self::Identities => b"tessera/1/identities",
            Self::CarriedKeys => b"tessera/1/carried-keys",
        }
    }
}
