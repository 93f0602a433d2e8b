//! Every order of events in two logins by QR code at once, with an attacker among the actors.
//!
//! The logins are moved by the server's own types (`server::authorization::Transaction`), the wallet's tokens and consents
//! are checked by the functions that server and wallet share (`protocol::wla`, `protocol::consent`). Around them stand
//! the actors: a citizen with a phone and a browser, an attacker with a phone and a browser of his own, honest relying
//! parties, and a clock. Signatures are symbols here: a key signs what its owner wants, and nobody else can.
//!
//! [`World`] says which protections are on and what the attacker is able to do. `tests/model_proofs.rs` explores every
//! state of worlds in which [`P1`], [`P2`] and [`ONE`] must hold; `tests/model_attacks.rs` switches protections off, one by
//! one, and demands the attack that each is for.

mod events;
mod server_side;
mod state;
mod world;

pub use events::{Event, Source};
pub use state::{Issued, Key, Phone, State};
pub use world::{Abilities, Channel, Protections, World};

use stateright::{Model, Property};

/// No login without an approval: every code is for a person who approved this login, with this key, for these claims, on a
/// screen that named this relying party.
pub const P1: &str = "P1: no login without an approval on a screen that named the relying party";
/// A code for the citizen reaches the browser the citizen was looking at, and a browser whose login the citizen's wallet
/// holds is not logged in as somebody else.
pub const P2: &str = "P2: the browser that receives the code is the one the citizen was looking at";
/// A code that was claimed is not claimed again, and no login yields two authorization codes.
pub const ONE: &str = "one wallet is told it holds a login, and one code is issued";
/// The world is not empty: the citizen can log in.
pub const HONEST: &str = "the citizen's browser can be logged in";
/// The world is not empty: the citizen can refuse.
pub const REFUSED: &str = "the citizen can refuse";

impl Model for World {
    type State = State;
    type Action = Event;

    fn init_states(&self) -> Vec<State> {
        self.beginnings()
    }

    fn actions(&self, state: &State, events: &mut Vec<Event>) {
        self.possible(state, events);
    }

    fn next_state(&self, state: &State, event: Event) -> Option<State> {
        self.after(state, event)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(P1, |_, state: &State| state.issued.iter().all(|issued| state.was_approved(issued))),
            Property::always(P2, |_, state: &State| state.issued.iter().all(|issued| state.was_looked_at(issued))),
            Property::always(ONE, |_, state: &State| state.is_single()),
            Property::sometimes(HONEST, |_, state: &State| state.citizen_is_in()),
            Property::sometimes(REFUSED, |_, state: &State| state.citizen_refused()),
        ]
    }
}
