//! What a question is, and how it ends.

use serde::{Deserialize, Serialize};

use super::store::Row;
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::registry::PersonId;

/// What is sealed of a question.
#[derive(Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) person: PersonId,
    pub(super) asked: Vec<Asked>,
    pub(super) purpose: String,
}

/// An attribute that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    /// As the relying party calls it.
    pub(super) name: String,
    /// The claim that it is.
    pub(super) claim: String,
}

/// A question that was asked. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Open {
    pub(super) id: i64,
    pub(super) mount: Mount,
    pub(super) client_id: String,
    pub(super) person: PersonId,
    pub(super) asked: Vec<Asked>,
    pub(super) purpose: String,
    pub(super) expires_at: Millis,
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a question of {} on {}", self.client_id, self.mount.name())
    }
}

/// How a question ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The person agreed, to some of it at least.
    Agreed,
    /// The person said no.
    Declined,
    /// The relying party does not want to know any more.
    TakenBack,
    /// Nobody answered.
    Expired,
}

impl Outcome {
    /// Name in the database.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Agreed => "agreed",
            Self::Declined => "declined",
            Self::TakenBack => "taken_back",
            Self::Expired => "expired",
        }
    }

    /// Reads [`Outcome::name`].
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Agreed, Self::Declined, Self::TakenBack, Self::Expired]
            .into_iter()
            .find(|outcome| outcome.name() == name)
    }
}

/// A claim was accepted that was not asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a claim was accepted that was not asked for")]
pub(super) struct NotAsked;

/// A question with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) question: Open,
    /// Claims that are agreed to, each once; none: a no.
    pub(super) accepted: Vec<String>,
}

impl Answered {
    pub(super) fn outcome(&self) -> Outcome {
        if self.accepted.is_empty() { Outcome::Declined } else { Outcome::Agreed }
    }
}

impl Open {
    pub(super) fn of(row: &Row, content: Content) -> Option<Self> {
        let Content { person, asked, purpose } = content;
        let mount = Mount::named(&row.client_mount)?;
        let (id, client_id, expires_at) = (row.id, row.client_id.clone(), row.expires_at);
        Some(Self { id, mount, client_id, person, asked, purpose, expires_at })
    }

    /// Claims that are asked for, each once.
    pub(super) fn claims(&self) -> Vec<String> {
        once(self.asked.iter().map(|asked| &asked.claim))
    }

    /// Answers it.
    ///
    /// # Errors
    /// [`NotAsked`].
    pub(super) fn answer(self, accepted: &[String]) -> Result<Answered, NotAsked> {
        let is_asked = |claim: &String| self.asked.iter().any(|asked| asked.claim == *claim);
        if !accepted.iter().all(is_asked) {
            return Err(NotAsked);
        }
        Ok(Answered { accepted: once(accepted.iter()), question: self })
    }
}

fn once<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for name in names {
        if !list.contains(name) {
            list.push(name.clone());
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> Open {
        let asked = [("firstName", "given_name"), ("givenName", "given_name"), ("email", "email")];
        Open {
            id: 1,
            mount: Mount::Op,
            client_id: "clinic".into(),
            person: PersonId(1),
            asked: asked.map(|(name, claim)| Asked { name: name.into(), claim: claim.into() }).to_vec(),
            purpose: "Your file".into(),
            expires_at: 10,
        }
    }

    #[test]
    fn an_answer_is_within_what_was_asked() {
        assert_eq!(question().claims(), ["given_name", "email"]);
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let yes = question().answer(&list(&["email", "email"])).unwrap();
        assert_eq!((yes.outcome(), yes.accepted), (Outcome::Agreed, list(&["email"])));
        assert_eq!(question().answer(&[]).unwrap().outcome(), Outcome::Declined);
        assert_eq!(question().answer(&list(&["email", "name"])), Err(NotAsked));
        for outcome in [Outcome::Agreed, Outcome::Declined, Outcome::TakenBack, Outcome::Expired] {
            assert_eq!(Outcome::named(outcome.name()), Some(outcome));
        }
    }
}
