//! Whose enrollments a client works on (GS-SEC-05b).

use crate::access::Caller;
use crate::clients;
use crate::osia::Refusal;
use crate::state::AppState;

/// An enrollment service: several clients of one share their enrollments, and nobody else sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service(String);

impl Service {
    /// The service of a caller: the one that the configuration gives its relying party, else the relying party itself. So
    /// the offices of one service are clients of one relying party, or of several that the configuration joins.
    ///
    /// # Errors
    /// [`Refusal::Unauthorized`] where the client is no longer there; [`Refusal::Unavailable`].
    pub async fn of(state: &AppState, caller: &Caller) -> Result<Self, Refusal> {
        let client = clients::find(state, caller.mount, &caller.client_id).await?.ok_or(Refusal::Unauthorized)?;
        Ok(Self(state.config.enrollment.service_of(&client.relying_party_id).to_owned()))
    }

    /// Its name: what rows carry.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl From<String> for Service {
    fn from(stored: String) -> Self {
        Self(stored)
    }
}
