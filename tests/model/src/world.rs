//! What is on, what the attacker is able to do, and how far time runs.

use server::authorization::Channel as Kind;
use server::config::Lifetimes;

/// Milliseconds of one step of the clock: the life of a frame.
pub const STEP: i64 = 10_000;

/// Steps that a picture or a message takes until a victim acts on it. Whatever is faster is a live relay.
pub const TRAVEL: i64 = 2;

/// What protects a login. Each can be switched off by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protections {
    /// The page shows frames, and only a frame of now can be claimed.
    pub frames: bool,
    /// The citizen types the number that the page shows after the scan.
    pub number: bool,
    /// A code for another device is shown only in a browser in which a factor was typed (`cross_device: after_first_factor`).
    pub first_factor: bool,
    /// Only the wallet of who typed that factor goes on.
    pub first_factor_binds: bool,
    /// The code goes only to the browser that began the login.
    pub bound_browser: bool,
    /// On the same device the browser must also bring what the wallet was given.
    pub return_to_browser: bool,
    /// A code is claimed by one conditional update.
    pub conditional_claim: bool,
    /// A transaction is saved only where nobody changed it since it was read.
    pub conditional_save: bool,
    /// The wallet names its key at the scan, and only that key may go on.
    pub named_key: bool,
    /// Nonce and transaction in the wallet's token are compared.
    pub bound_token: bool,
    /// A token is taken once.
    pub token_once: bool,
    /// What was signed at consent is held against what was sent.
    pub checked_consent: bool,
    /// The wallet shows the relying party's registered name.
    pub shown_party: bool,
    /// A wallet can claim only what is shown beside it, by means that cannot be relayed. Tessera has no such means of its
    /// own (Bluetooth, the Digital Credentials API); it is here to show what would remain without it.
    pub true_nearness: bool,
}

impl Protections {
    /// All that Tessera has, but for what a client's policy must ask for.
    pub const ALL: Self = Self {
        frames: true,
        number: true,
        first_factor: false,
        first_factor_binds: true,
        bound_browser: true,
        return_to_browser: true,
        conditional_claim: true,
        conditional_save: true,
        named_key: true,
        bound_token: true,
        token_once: true,
        checked_consent: true,
        shown_party: true,
        true_nearness: false,
    };
}

/// What the attacker is able to do, beyond beginning logins in his own browser and using his own bound wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// Sends a picture of his page, or a message with its link, and the victim acts on it after a while.
    pub sends_picture: bool,
    /// Shows his page's frames to the victim as they change.
    pub relays_frames: bool,
    /// Shows his page's number to the victim as well, and the victim plays along.
    pub relays_number: bool,
    /// Knows a factor of the citizen's, phished before.
    pub phishes_factor: bool,
    /// Sees the citizen's screen.
    pub sees_screen: bool,
    /// Learns the ids of the citizen's login.
    pub reads_ids: bool,
    /// Learns tokens that the citizen's wallet has sent and the server has seen.
    pub reads_used_tokens: bool,
    /// Learns tokens of the citizen's wallet before the server sees them.
    pub reads_fresh_tokens: bool,
    /// Changes the claims in the citizen's consent on its way.
    pub alters_consent: bool,
}

impl Abilities {
    /// None.
    pub const NONE: Self = Self {
        sends_picture: false,
        relays_frames: false,
        relays_number: false,
        phishes_factor: false,
        sees_screen: false,
        reads_ids: false,
        reads_used_tokens: false,
        reads_fresh_tokens: false,
        alters_consent: false,
    };
    /// All but a victim who types a number that the attacker shows, the residual risk of a live relay; and but for a factor
    /// of the citizen's, which is of use only where a login needs one.
    pub const ALL_BUT_LIVE_NUMBER: Self = Self {
        sends_picture: true,
        relays_frames: true,
        relays_number: false,
        phishes_factor: false,
        sees_screen: true,
        reads_ids: true,
        reads_used_tokens: true,
        reads_fresh_tokens: true,
        alters_consent: true,
    };
}

/// How a login gets from browser to wallet; the server decides it when it makes the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    /// A QR code on one device, the wallet on another.
    CrossDevice,
    /// A link, and the wallet on the device of the browser.
    SameDevice,
}

impl Channel {
    /// The server's word for it.
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::CrossDevice => Kind::CrossDevice,
            Self::SameDevice => Kind::SameDevice,
        }
    }
}

/// One world to explore.
#[derive(Clone, Debug)]
pub struct World {
    /// What is on.
    pub on: Protections,
    /// What the attacker is able to do.
    pub attacker: Abilities,
    /// How the citizen logs in, in one beginning each.
    pub citizen_channels: Vec<Channel>,
    /// How the attacker begins his login, in one beginning each.
    pub attacker_channels: Vec<Channel>,
    /// Whether the citizen's key was bound in eSignet's way, and signs eSignet's token.
    pub legacy_wallet: bool,
    /// Whether the two logins are at different relying parties in some beginnings.
    pub other_parties: bool,
    /// Whether requests are read and written in two steps, with anything between them.
    pub interleaved: bool,
    /// Steps of the clock.
    pub steps: i64,
}

impl World {
    /// Everything on, one step per request, cross-device.
    #[must_use]
    pub fn new(on: Protections, attacker: Abilities) -> Self {
        Self {
            on,
            attacker,
            citizen_channels: vec![Channel::CrossDevice],
            attacker_channels: vec![Channel::CrossDevice],
            legacy_wallet: false,
            other_parties: false,
            interleaved: false,
            steps: 4,
        }
    }

    /// Lifetimes short enough for all of them to end within the world's steps.
    #[must_use]
    pub fn lifetimes() -> Lifetimes {
        Lifetimes { transaction: 40, link_code: 30, linked: 30, authenticated: 20, code: 20, ..Lifetimes::default() }
    }
}
