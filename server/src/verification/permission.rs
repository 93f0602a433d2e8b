//! What a client may verify or be told: what the system lets it, and of that, what the person agrees to.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::sets;
use crate::access::Caller;
use crate::claims::untagged;
use crate::clients::{self, Client};
use crate::consents;
use crate::dialect::Mount;
use crate::osia::Refusal;
use crate::registry::PersonId;
use crate::state::AppState;
use crate::store::Tx;

/// Names of claims that something may be done with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims(BTreeSet<String>);

impl Claims {
    /// What the system lets a client do: the claims it is registered for, and the attributes of the named sets whose scopes it
    /// is registered for.
    #[must_use]
    pub fn of_policy(state: &AppState, client: &Client) -> Self {
        let mut claims: BTreeSet<String> = client.user_claims.iter().cloned().collect();
        for set in sets::of_scopes(&state.config.verification, &client.scopes) {
            claims.extend(set.claims());
        }
        Self(claims)
    }

    /// What a person agrees a client may be told.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn of_consent(state: &AppState, client: &Client, person: PersonId) -> Result<Self, Refusal> {
        Ok(Self(consents::agreed_claims(state, person, client.mount, &client.id).await?))
    }

    /// The same in the caller's transaction: what the person agrees to at the moment of the answer.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn of_consent_within(
        state: &AppState,
        tx: &mut Tx,
        (mount, client_id): (Mount, &str),
        person: PersonId,
    ) -> Result<Self, Refusal> {
        Ok(Self(consents::agreed_claims_within(state, tx, person, mount, client_id).await?))
    }

    /// Whether a claim may be told.
    #[must_use]
    pub fn may_tell(&self, claim: &str) -> bool {
        self.0.contains(claim) || self.0.contains(untagged(claim))
    }

    /// Whether it may be told that a claim is right: the claim itself may be told, or the answer to just this question.
    #[must_use]
    pub fn may_compare(&self, claim: &str) -> bool {
        self.may_tell(claim) || self.0.contains(&format!("{}_matches", untagged(claim)))
    }

    /// Whether a person may be asked for a claim: for the claim itself, or for the answer to one question about it.
    #[must_use]
    pub fn may_ask(&self, claim: &str) -> bool {
        self.may_tell(claim) || claim.strip_suffix("_matches").is_some_and(|compared| self.may_compare(compared))
    }
}

/// The client that calls.
///
/// # Errors
/// [`Refusal::Unauthorized`] where it was removed since its token was looked at.
pub async fn client(state: &AppState, caller: &Caller) -> Result<Arc<Client>, Refusal> {
    clients::find(state, caller.mount, &caller.client_id).await?.ok_or(Refusal::Unauthorized)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GS-PRI-01b: a yes or no needs no consent to more than a yes or no.
    #[test]
    fn gs_pri_01b_a_comparison_needs_less_than_the_attribute() {
        let claims = Claims(["birthdate_matches".to_owned(), "name".to_owned()].into());
        assert!(claims.may_compare("birthdate") && !claims.may_tell("birthdate"));
        assert!(claims.may_compare("name") && claims.may_tell("name") && claims.may_tell("name#fr"));
        assert!(!claims.may_compare("email"));
    }
}
