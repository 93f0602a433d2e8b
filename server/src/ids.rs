//! Opaque tokens, codes and transaction ids: an integer key that grows with time, and a 256-bit secret.
//!
//! The integer is the row's primary key: rows made together lie together, which is worth 4 to 12 times the durable
//! inserts per second of random keys. It is shown only inside one AES block, so that neither time nor count can be read
//! from it. The database holds the secret's SHA-256. As text: 64 characters of base64url.

use std::sync::atomic::{AtomicI64, Ordering};

use aes::Aes256;
use aes::cipher::{Block, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::clock::{Clock, Millis, Rng, random};

/// 2025-01-01, so that 41 bits of milliseconds last until 2094.
const EPOCH: i64 = 1_735_689_600_000;
const RANDOM_BITS: u32 = 22;

/// What a token is for; one kind is never taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An authorization transaction (`transactionId`).
    Transaction = 1,
    /// A link code, shown as QR.
    LinkCode = 2,
    /// A linked transaction (`linkTransactionId`).
    Linked = 3,
    /// An authorization code.
    Code = 4,
    /// An access token.
    AccessToken = 5,
    /// A challenge that a wallet signs when it binds a key.
    BindingChallenge = 6,
    /// A wallet key (`deviceId`).
    Device = 7,
    /// A browser's session cookie.
    Session = 8,
    /// A registration access token of a client.
    Registration = 9,
    /// A person, as `walletUserId` and in administration.
    Person = 10,
    /// An audit event.
    AuditEvent = 30,
    /// A login, as audit events name it: not the `transactionId`'s own first characters.
    AuditedLogin = 31,
    /// A wallet's part in a login, as audit events name it.
    AuditedLink = 32,
    /// An audit case.
    AuditCase = 33,
    /// A receipt (`consentId`).
    Consent = 20,
    /// A session on the citizen's page.
    AccountSession = 21,
    /// The sign-in to the citizen's page that a browser began.
    AccountSignIn = 22,
    /// An identity of the population registry whose maker gave it no name.
    Identity = 70,
    /// What a wallet's link back to the browser carries (`response_code`).
    ResponseCode = 34,
    /// The cookie of somebody who is logged in at an issuer.
    LoginSession = 40,
    /// A client's own name for such a session (`sid`).
    ClientSession = 41,
    /// What a client gets for a request that it pushed (inside `request_uri`).
    PushedRequest = 42,
    /// A notification of changed claims (`jti`).
    Notification = 60,
    /// An enrollment on its way to an identity, as administration names it.
    IdentityCase = 75,
    /// What an ABIS answers a call by, in the address that it calls back.
    AbisAnswer = 79,
    /// An entry of a person's history.
    History = 76,
    /// A document that a change of a person was made upon.
    Evidence = 77,
    /// A message to services (`messageId` of OSIA's notifications).
    Message = 140,
    /// What an address is sent to agree that it is told of a topic.
    SubscriptionToken = 141,
    /// A message that was given up.
    DeadLetter = 142,
    /// The cookie of a browser that somebody has logged in with.
    KnownBrowser = 12,
    /// An enrollment, as audit events name it.
    Enrollment = 80,
    /// A buffer beside an enrollment (`bufferId`).
    EnrollmentBuffer = 81,
    /// A question of a relying party to a person.
    Question = 134,
    /// A search of a watch list (`taskId`).
    IdentifyTask = 135,
    /// An entry of a watch list.
    WatchEntry = 136,
    /// A refresh token: the id is its family's, the number says which of the family's it is.
    RefreshToken = 50,
}

/// A freshly made token.
pub struct Minted {
    /// The row's primary key.
    pub id: i64,
    /// What is given out, once; never stored, never logged.
    pub text: String,
    /// What is stored.
    pub secret_hash: Vec<u8>,
}

/// A token that somebody sent: what to look for, and what to compare with what is found.
#[derive(Clone)]
pub struct Opened {
    /// The row's primary key.
    pub id: i64,
    secret_hash: [u8; 32],
}

impl Opened {
    /// Whether this is the token whose hash was stored; in constant time.
    #[must_use]
    pub fn matches(&self, stored: &[u8]) -> bool {
        self.secret_hash.as_slice().ct_eq(stored).into()
    }

    /// The SHA-256 of its secret, for a condition in a statement.
    #[must_use]
    pub fn secret_hash(&self) -> Vec<u8> {
        self.secret_hash.to_vec()
    }
}

/// Makes and reads tokens; shared by all nodes through the same key.
pub struct Ids {
    cipher: Aes256,
    last: AtomicI64,
}

impl Ids {
    /// With the nodes' common key.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self { cipher: Aes256::new(key.into()), last: AtomicI64::new(0) }
    }

    /// A primary key: later than every earlier one of this process, and unlikely to be another node's.
    pub fn next_id(&self, clock: &dyn Clock, rng: &dyn Rng) -> i64 {
        let noise = i64::from(u32::from_le_bytes(random(rng)) >> (32 - RANDOM_BITS));
        let wanted = ((clock.now() - EPOCH).max(0) << RANDOM_BITS) | noise;
        let step = 1 + (noise & 0xff);
        let next = |last: i64| Some(if wanted > last { wanted } else { last + step });
        match self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next) {
            Ok(last) | Err(last) => {
                if wanted > last {
                    wanted
                } else {
                    last + step
                }
            }
        }
    }

    /// The lowest id that can have been made at `at`: older rows lie below it.
    #[must_use]
    pub fn first_at(&self, at: Millis) -> i64 {
        (at - EPOCH).max(0) << RANDOM_BITS
    }

    /// When an id was made. In a burst, or while the clock stood back, a little later than that.
    #[must_use]
    pub fn made_at(&self, id: i64) -> Millis {
        EPOCH + (id >> RANDOM_BITS)
    }

    /// Makes a token of `kind`.
    pub fn mint(&self, kind: Kind, clock: &dyn Clock, rng: &dyn Rng) -> Minted {
        self.mint_of(kind, self.next_id(clock, rng), random(rng))
    }

    /// Makes a token of `kind` that names an id which is there already.
    pub fn mint_for(&self, kind: Kind, id: i64, rng: &dyn Rng) -> Minted {
        self.mint_of(kind, id, random(rng))
    }

    /// The token of `kind` with this id and secret: the same whenever it is asked for.
    #[must_use]
    pub fn mint_of(&self, kind: Kind, id: i64, secret: [u8; 32]) -> Minted {
        self.mint_numbered(kind, id, 0, secret)
    }

    /// As [`Ids::mint_of`], where several tokens of one kind have the same id: the number tells them apart, as hidden as
    /// the id.
    #[must_use]
    pub fn mint_numbered(&self, kind: Kind, id: i64, number: u32, secret: [u8; 32]) -> Minted {
        let mut bytes = [0u8; 48];
        bytes[..16].copy_from_slice(&self.seal(kind, id, number));
        bytes[16..].copy_from_slice(&secret);
        Minted { id, text: URL_SAFE_NO_PAD.encode(bytes), secret_hash: Sha256::digest(secret).to_vec() }
    }

    /// Reads a token of `kind`; `None` for anything that is not one of ours.
    #[must_use]
    pub fn open(&self, kind: Kind, text: &str) -> Option<Opened> {
        self.open_numbered(kind, text).and_then(|(opened, number)| (number == 0).then_some(opened))
    }

    /// Reads what [`Ids::mint_numbered`] made: the token and its number.
    #[must_use]
    pub fn open_numbered(&self, kind: Kind, text: &str) -> Option<(Opened, u32)> {
        if text.len() != 64 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (head, secret) = bytes.split_at_checked(16)?;
        let (id, number) = self.unseal(kind, head)?;
        Some((Opened { id, secret_hash: Sha256::digest(secret).into() }, number))
    }

    /// An id without a secret, as 22 characters: for things that are named, but whose name gives no right (devices).
    #[must_use]
    pub fn name(&self, kind: Kind, id: i64) -> String {
        URL_SAFE_NO_PAD.encode(self.seal(kind, id, 0))
    }

    /// Reads what [`Ids::name`] made.
    #[must_use]
    pub fn named(&self, kind: Kind, text: &str) -> Option<i64> {
        if text.len() != 22 {
            return None;
        }
        let (id, number) = self.unseal(kind, &URL_SAFE_NO_PAD.decode(text).ok()?)?;
        (number == 0).then_some(id)
    }

    fn seal(&self, kind: Kind, id: i64, number: u32) -> [u8; 16] {
        let mut block = [0u8; 16];
        block[..8].copy_from_slice(&id.to_be_bytes());
        block[8..12].copy_from_slice(&number.to_be_bytes());
        block[15] = kind as u8;
        let mut block = Block::<Aes256>::from(block);
        self.cipher.encrypt_block(&mut block);
        block.into()
    }

    fn unseal(&self, kind: Kind, head: &[u8]) -> Option<(i64, u32)> {
        let mut block = Block::<Aes256>::from(<[u8; 16]>::try_from(head).ok()?);
        self.cipher.decrypt_block(&mut block);
        let (id, rest) = block.split_first_chunk::<8>()?;
        let (number, end) = rest.split_first_chunk::<4>()?;
        (end == [0, 0, 0, kind as u8]).then_some((i64::from_be_bytes(*id), u32::from_be_bytes(*number)))
    }
}
