//! Plain types of the room.

use protocol::devices::KeySecurity;
use protocol::jwk::Jwk;
use protocol::jws::Algorithm;

pub use protocol::devices::Profile;

use crate::clock::Millis;
use crate::dialect::Mount;
use crate::factors::OtpFor;
use crate::registry::PersonId;

/// A key that belongs to a person.
#[derive(Clone, Debug)]
pub struct BoundKey {
    /// The row.
    pub id: i64,
    /// Whose.
    pub person: PersonId,
    /// The key.
    pub jwk: Jwk,
    /// Its RFC 7638 thumbprint.
    pub thumbprint: String,
    /// The algorithm it was bound for.
    pub alg: Algorithm,
    /// How it was bound, which decides the form of token it may sign.
    pub profile: Profile,
    /// Where it was bound.
    pub mount: Mount,
    /// Whether the wallet proved at binding that it holds the key.
    pub proven: bool,
    /// Where it lives, as the phone's maker attested at binding.
    pub security: Option<KeySecurity>,
    /// base64url SHA-256 of its certificate.
    pub x5t: String,
    /// End of its certificate.
    pub expires_at: Millis,
}

/// The login that a wallet's token must belong to.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The mount the login came in on; its issuer is the audience, its dialect says whether legacy tokens are taken.
    pub mount: Mount,
    /// What attempts are counted for: `OtpFor::Linked` with the row of the linked transaction.
    pub purpose: OtpFor,
    /// `configs.tessera.nonce` of link-transaction.
    pub nonce: String,
    /// `linkTransactionId`.
    pub txn: String,
    /// The thumbprint that the wallet named in link-transaction, if it did: then no other key may answer (case L6).
    pub key: Option<String>,
}

/// What a wallet's token proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletProof {
    /// Who.
    pub person: PersonId,
    /// The row of the key, for [`super::key_for_consent`].
    pub key: i64,
    /// RFC 7638 thumbprint of the key.
    pub thumbprint: String,
    /// Form of the token, which is how the key was bound.
    pub profile: Profile,
    /// Whether the wallet proved at binding that it holds the key; policy may refuse logins by unproven ones.
    pub proven: bool,
    /// The number typed in the wallet, as the native token has it. Whether it is the right one is the caller's to ask, in
    /// the write that acts on it.
    pub typed: Option<String>,
    /// Authentication method references (RFC 8176).
    pub amr: Vec<&'static str>,
}

/// A person who proved to be one, by whatever factors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// Who.
    pub person: PersonId,
    /// How: authentication method references (RFC 8176), sorted.
    pub amr: Vec<&'static str>,
    /// The wallet's part, where a token was among the challenges.
    pub wallet: Option<WalletProof>,
}
