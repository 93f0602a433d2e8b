//! What is told of a person: what was asked for, may be told and is known.

use serde_json::{Map, Value};

use super::credential;
use super::model::{OutputAttributeSet, OutputBiometric, ToldAttributes};
use super::names::{CREDENTIALS, IDENTIFIER, PORTRAIT, claim_of};
use super::permission::Claims;
use crate::claims::{osia, untagged};
use crate::clients::Client;
use crate::enrollment::model::{BiometricSubType, BiometricType};
use crate::osia::Refusal;
use crate::registry::{self, PersonId};
use crate::state::AppState;

/// What a caller wants to be told, by claims.
pub(super) struct Wanted {
    set: OutputAttributeSet,
    claims: Vec<String>,
}

impl Wanted {
    pub(super) fn new(set: OutputAttributeSet) -> Self {
        let names = set.output_biographic_data.iter().chain(&set.output_contact_data);
        let mut claims: Vec<String> = names.filter(|name| *name != IDENTIFIER).map(|name| claim_of(name)).collect();
        if set.output_biometric_data.iter().any(is_portrait) {
            claims.push(PORTRAIT.into());
        }
        if !set.output_credential_data.is_empty() {
            claims.push(CREDENTIALS.into());
        }
        claims.sort_unstable();
        claims.dedup();
        Self { set, claims }
    }

    /// What of it may be told.
    pub(super) fn within(self, claims: &Claims) -> Self {
        Self { claims: self.claims.into_iter().filter(|claim| claims.may_tell(claim)).collect(), ..self }
    }

    /// The claims that are told.
    pub(super) fn claims(&self) -> &[String] {
        &self.claims
    }

    /// Whether no attribute of the person is left of it.
    pub(super) fn is_nothing(&self) -> bool {
        self.claims.is_empty()
    }

    /// Tells it.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub(super) async fn tell(
        &self,
        state: &AppState,
        client: &Client,
        person: PersonId,
    ) -> Result<ToldAttributes, Refusal> {
        let known = registry::claims(state, person, &self.claims, &[]).await?;
        let mut told = self.of(&known);
        if self.set.output_biographic_data.iter().any(|name| name == IDENTIFIER) {
            let subject = registry::subject_for(state, person, client.sector()).await?;
            told.biographic_data.insert(IDENTIFIER.into(), subject.into());
        }
        Ok(told)
    }

    /// Tells it of what is known, by claims.
    pub(super) fn of(&self, known: &Map<String, Value>) -> ToldAttributes {
        let told = |names: &[String]| -> Map<String, Value> {
            let of = |name: &String| {
                let claim = claim_of(name);
                let value = self.claims.contains(&claim).then(|| known.get(&claim)).flatten()?;
                Some((name.clone(), osia::osia_value(untagged(&claim), value)))
            };
            names.iter().filter_map(of).collect()
        };
        let may = |claim: &str| self.claims.iter().any(|known| known == claim);
        let portrait = known.get(PORTRAIT).and_then(Value::as_str).filter(|_| may(PORTRAIT));
        let wanted = self.set.output_biometric_data.iter().filter(|wanted| is_portrait(wanted));
        let cards = known.get(CREDENTIALS).filter(|_| may(CREDENTIALS)).unwrap_or(&Value::Null);
        ToldAttributes {
            biographic_data: told(&self.set.output_biographic_data),
            contact_data: told(&self.set.output_contact_data),
            biometric_data: portrait.map_or_else(Vec::new, |uri| {
                wanted.filter_map(|wanted| face(uri, &wanted.biometric_data_fields)).collect()
            }),
            credential_data: credential::told(cards, &self.set.output_credential_data),
        }
    }
}

/// Whether the portrait, which is the one biometric that is told, is wanted.
fn is_portrait(wanted: &OutputBiometric) -> bool {
    matches!(wanted.biometric_type, None | Some(BiometricType::Face))
        && matches!(wanted.biometric_sub_type, None | Some(BiometricSubType::Portrait))
}

/// A portrait of its `data:` URI, with the members that are wanted.
fn face(uri: &str, fields: &[String]) -> Option<Map<String, Value>> {
    let (mime_type, image) = uri.strip_prefix("data:")?.split_once(";base64,")?;
    let mut face = Map::from_iter([
        ("biometricType".to_owned(), BiometricType::Face.name().into()),
        ("biometricSubType".to_owned(), BiometricSubType::Portrait.name().into()),
        ("image".to_owned(), image.into()),
        ("mimeType".to_owned(), mime_type.into()),
    ]);
    face.retain(|name, _| fields.is_empty() || name == "biometricType" || fields.contains(name));
    Some(face)
}
