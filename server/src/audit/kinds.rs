//! What can happen.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::Kind;

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// Somebody refused, or was refused.
    Refused,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $outcome:ident, $object:expr;)*) => {
        /// What happened. Each kind is about one thing: the login, or what [`EventKind::object`] says.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        pub enum EventKind { $($(#[$doc])* #[serde(rename = $name)] $variant,)* }

        impl EventKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Name in the database and on the wire.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How it went.
            #[must_use]
            pub fn outcome(self) -> Outcome {
                match self { $(Self::$variant => Outcome::$outcome,)* }
            }

            /// What kind of thing it is about, beside the login.
            #[must_use]
            pub fn object(self) -> Option<Kind> {
                match self { $(Self::$variant => $object,)* }
            }
        }
    };
}

kinds! {
    /// A relying party's request became a login.
    LoginStarted = "login_started", Done, None;
    /// A wallet claimed its link code.
    LoginLinked = "login_linked", Done, Some(Kind::AuditedLink);
    /// Somebody proved a first factor in the browser; a code is shown after it.
    LoginFirstFactor = "login_first_factor", Done, None;
    /// Somebody proved who is there.
    LoginAuthenticated = "login_authenticated", Done, None;
    /// Somebody did not.
    LoginNotAuthenticated = "login_not_authenticated", Refused, None;
    /// The wallet typed another number than the page showed.
    LoginNumberMismatched = "login_number_mismatched", Refused, None;
    /// A rule of the client's policy ended it.
    LoginNotAllowed = "login_not_allowed", Refused, None;
    /// The citizen agreed, in the wallet.
    LoginApproved = "login_approved", Done, Some(Kind::AuditedLink);
    /// The citizen refused, or the server did; `reason` tells.
    LoginDenied = "login_denied", Refused, Some(Kind::AuditedLink);
    /// Its time ran out.
    LoginExpired = "login_expired", Refused, None;
    /// The browser got its authorization code.
    LoginFinished = "login_finished", Done, None;
    /// A browser that did not begin it came for its code, from a link of the same device.
    LoginForeignBrowser = "login_foreign_browser", Refused, None;
    /// The citizen reported it, after having approved.
    LoginReported = "login_reported", Done, Some(Kind::AuditedLink);
    /// A client got tokens for a code.
    TokenIssued = "token_issued", Done, None;
    /// A client got tokens for a refresh token.
    TokenRefreshed = "token_refreshed", Done, None;
    /// A refresh token was used after it had been replaced: all that came of its login is revoked.
    RefreshReplayed = "refresh_token_replayed", Refused, None;
    /// A client got a token for itself.
    ClientTokenIssued = "client_token_issued", Done, None;
    /// A code was used again: what its first use got is revoked.
    CodeReplayed = "code_replayed", Refused, None;
    /// A resource server looked into a token of another client, which was good.
    TokenIntrospected = "token_introspected", Done, None;
    /// Tokens were revoked.
    TokenRevoked = "token_revoked", Done, None;
    /// A person agreed, and it is remembered.
    ConsentGiven = "consent_given", Done, Some(Kind::Consent);
    /// A person took it back.
    ConsentWithdrawn = "consent_withdrawn", Done, Some(Kind::Consent);
    /// A person's session at an issuer was ended, in whatever way.
    SessionEnded = "session_ended", Done, Some(Kind::LoginSession);
    /// A client was to be told of a logout and did not take it, as often as it was tried.
    LogoutNotDelivered = "logout_not_delivered", Refused, None;
    /// A topic was made, for services to subscribe to.
    TopicCreated = "topic_created", Done, None;
    /// A topic was removed, with all subscriptions to it.
    TopicRemoved = "topic_removed", Done, None;
    /// A service asked to be told of a topic.
    Subscribed = "subscribed", Done, None;
    /// The address that is to be told agreed.
    SubscriptionConfirmed = "subscription_confirmed", Done, None;
    /// A service wants to be told no more.
    Unsubscribed = "unsubscribed", Done, None;
    /// A message to a service was given up.
    MessageGivenUp = "message_given_up", Refused, Some(Kind::DeadLetter);
    /// A message that had been given up was looked at.
    DeadLetterRead = "dead_letter_read", Done, Some(Kind::DeadLetter);
    /// A message that had been given up is sent again.
    DeadLetterResent = "dead_letter_resent", Done, Some(Kind::DeadLetter);
    /// A message that had been given up was removed.
    DeadLetterRemoved = "dead_letter_removed", Done, Some(Kind::DeadLetter);
    /// A wallet's key became a factor of a person.
    KeyBound = "key_bound", Done, Some(Kind::Device);
    /// A wallet's key got a new certificate.
    KeyRenewed = "key_renewed", Done, Some(Kind::Device);
    /// A wallet's key was revoked.
    KeyRevoked = "key_revoked", Done, Some(Kind::Device);
    /// A client was registered.
    ClientCreated = "client_created", Done, None;
    /// A client was changed.
    ClientChanged = "client_changed", Done, None;
    /// A client was removed.
    ClientRemoved = "client_removed", Done, None;
    /// A person was made of an enrollment.
    IdentityMade = "identity_made", Done, Some(Kind::IdentityCase);
    /// An enrollment waits for somebody to decide of it.
    DuplicateFound = "duplicate_found", Refused, Some(Kind::IdentityCase);
    /// Somebody looked at such an enrollment, and at those who may be the same person.
    DuplicateRead = "duplicate_read", Done, Some(Kind::IdentityCase);
    /// Somebody decided of it.
    DuplicateDecided = "duplicate_decided", Done, Some(Kind::IdentityCase);
    /// What the ABIS had of an enrollment was taken out of it, for its person was erased.
    BiometricsRemoved = "biometrics_removed", Done, Some(Kind::IdentityCase);
    /// What is known of a person was changed upon evidence.
    PersonChanged = "person_changed", Done, None;
    /// Somebody read a person's history, or a document that a change was made upon.
    HistoryRead = "history_read", Done, None;
    /// Somebody read what a person is found by.
    IdentifiersRead = "identifiers_read", Done, None;
    /// A person got a virtual id.
    IdentifierIssued = "identifier_issued", Done, None;
    /// A virtual id was revoked.
    IdentifierRevoked = "identifier_revoked", Done, None;
    /// A UIN was given out.
    UinIssued = "uin_issued", Done, None;
    /// A case was opened, for somebody to look at.
    CaseOpened = "case_opened", Done, Some(Kind::AuditCase);
    /// A case was closed.
    CaseClosed = "case_closed", Done, Some(Kind::AuditCase);
    /// A client changed a person or an identity in the population registry; `reason` tells what it did.
    PopulationChanged = "population_changed", Done, None;
    /// A client read persons or identities in the population registry; `reason` tells which call it was.
    PopulationRead = "population_read", Done, None;
    /// A client asked for attributes, matches or documents of persons; `reason` tells which call it was.
    PersonDataRead = "person_data_read", Done, None;
    /// A client read statistics.
    StatisticsRead = "statistics_read", Done, None;
    /// The operator wrote everything this server holds to a file.
    Exported = "exported", Done, None;
    /// The operator read everything another server held from a file.
    Imported = "imported", Done, None;
    /// An enrollment was made.
    EnrollmentCreated = "enrollment_created", Done, Some(Kind::Enrollment);
    /// An enrollment was read.
    EnrollmentRead = "enrollment_read", Done, Some(Kind::Enrollment);
    /// Enrollments were searched.
    EnrollmentsFound = "enrollments_found", Done, None;
    /// An enrollment was replaced or patched.
    EnrollmentChanged = "enrollment_changed", Done, Some(Kind::Enrollment);
    /// All data of an enrollment has been collected.
    EnrollmentFinalized = "enrollment_finalized", Done, Some(Kind::Enrollment);
    /// An enrollment was deleted.
    EnrollmentDeleted = "enrollment_deleted", Done, Some(Kind::Enrollment);
    /// A buffer was sent.
    BufferStored = "buffer_stored", Done, Some(Kind::EnrollmentBuffer);
    /// A buffer was read.
    BufferRead = "buffer_read", Done, Some(Kind::EnrollmentBuffer);
    /// A client had attributes of a person verified; `reason` tells whether they are right.
    AttributesVerified = "attributes_verified", Done, None;
    /// A client was told attributes of a person, by a call of its own.
    AttributesRead = "attributes_read", Done, None;
    /// A client may not verify or be told what it asked for; `reason` tells whether the system or the person says no, or
    /// whether there is nobody of whom it asked.
    AttributesRefused = "attributes_refused", Refused, None;
    /// A client searched a watch list.
    WatchListSearched = "watch_list_searched", Done, Some(Kind::IdentifyTask);
    /// The operator changed a watch list.
    WatchListChanged = "watch_list_changed", Done, Some(Kind::WatchEntry);
    /// A client asked a person for consent, for the wallet to pull.
    QuestionAsked = "question_asked", Done, Some(Kind::Question);
    /// A person said no to such a question.
    QuestionDeclined = "question_declined", Refused, Some(Kind::Question);
    /// A client took such a question back.
    QuestionTakenBack = "question_taken_back", Done, Some(Kind::Question);
    /// Somebody read these events.
    AuditRead = "audit_read", Done, None;
}

impl EventKind {
    /// Reads [`EventKind::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}
