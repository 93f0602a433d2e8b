//! An enrollment on its way to an identity, as a state machine: it waits; then a person is made of it, or it is parked for
//! somebody to decide, who lets a person be made, says whose it is, refuses it, or has it looked at again.
//!
//! An identity of the population registry goes the same way (a *claim*): its person is there already, and what it ends in says
//! whether claims may be made of it.
//!
//! Each state is a type, and a step consumes it. What a step ends in is saved on the condition that the row still is in the
//! state that the step began in, so that of two nodes one goes on.

use serde::{Deserialize, Serialize};

use crate::registry::PersonId;
use crate::registry::unique::Alike;

/// Name of a state, in the database and in answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has looked at it yet, or it is to be looked at again.
    Waiting,
    /// Somebody must decide.
    Parked,
    /// A person was made of it.
    Made,
    /// It is of a person who was there before; nothing of it was taken over.
    Same,
    /// No person was made of it.
    Refused,
    /// The person whose it was is erased.
    Erased,
}

impl State {
    /// Name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Parked => "parked",
            Self::Made => "made",
            Self::Same => "same",
            Self::Refused => "refused",
            Self::Erased => "erased",
        }
    }

    /// Reads [`State::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Waiting, Self::Parked, Self::Made, Self::Same, Self::Refused, Self::Erased];
        all.into_iter().find(|state| state.name() == name)
    }
}

/// Why an enrollment is parked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Somebody in the registry may be the same person.
    Duplicate,
    /// Parts of it cannot be opened with the keys that this server has.
    Unreadable,
    /// No person can be made of it as it is.
    Unfit,
}

/// Somebody who may be the same person.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suspect {
    /// Who.
    pub person: PersonId,
    /// How alike the attributes of a key of uniqueness are, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likeness: Option<f64>,
    /// What the ABIS said of the biometrics, in its own unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}

/// Puts together what was found by attributes and by biometrics; each person once.
#[must_use]
pub fn suspects(alike: Vec<Alike>, biometric: Vec<(PersonId, f64)>) -> Vec<Suspect> {
    let mut all: Vec<Suspect> = alike
        .into_iter()
        .map(|one| Suspect { person: one.person, likeness: Some(one.likeness), score: None })
        .collect();
    for (person, score) in biometric {
        match all.iter_mut().find(|known| known.person == person) {
            Some(known) => known.score = Some(score),
            None => all.push(Suspect { person, likeness: None, score: Some(score) }),
        }
    }
    all
}

/// An identity of the population registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimOf {
    /// Its primary key.
    pub record: i64,
    /// Whose it is.
    pub person: PersonId,
    /// Whether it is there no more: only what an ABIS has of it is still to be taken back.
    #[serde(default)]
    pub gone: bool,
}

/// What is known of an enrollment on its way; sealed in its row. Its `Debug` shows nothing.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The client's own name for it: `enrollmentId`, or `identityId` of a claim.
    pub enrollment_id: String,
    /// The client's own name for the call that finalized it.
    pub transaction: String,
    /// The identity that it is, where it is no enrollment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<ClaimOf>,
    /// The UIN that is kept for the person who may be made of it; of a claim, what its person is found by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uin: Option<String>,
    /// Who may be the same person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspects: Vec<Suspect>,
    /// What makes it unfit, in the words of a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// Why so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Whether those who may be the same were looked at, and are not.
    #[serde(default)]
    pub different: bool,
}

impl Content {
    /// Whether somebody decided that it is another person than this one. Whoever came into the registry since was not looked at.
    #[must_use]
    pub fn is_other_than(&self, person: PersonId) -> bool {
        self.different && self.suspects.iter().any(|known| known.person == person)
    }
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Content")
    }
}

/// An enrollment on its way, in the state `S`.
#[derive(Clone, Debug, PartialEq)]
pub struct Task<S> {
    /// The enrollment's row.
    pub enrollment: i64,
    /// Whose enrollment it is.
    pub service: String,
    /// The primary key that the person made of it has or would have.
    pub person: PersonId,
    /// What is known.
    pub content: Content,
    /// What only this state knows.
    pub stage: S,
}

/// See [`State::Waiting`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting;

/// See [`State::Parked`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parked(pub Cause);

/// See [`State::Made`], [`State::Same`], [`State::Refused`] and [`State::Erased`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// A person was made, with the task's primary key; it is this person's, who is another one where the two were merged.
    Made(PersonId),
    /// It is this person's.
    Same(PersonId),
    /// Nobody's.
    Refused,
    /// It was this person's, who is erased.
    Erased(PersonId),
}

impl Ended {
    /// Its name.
    #[must_use]
    pub fn state(self) -> State {
        match self {
            Self::Made(_) => State::Made,
            Self::Same(_) => State::Same,
            Self::Refused => State::Refused,
            Self::Erased(_) => State::Erased,
        }
    }

    /// Whose it is, or was.
    #[must_use]
    pub fn person(self) -> Option<PersonId> {
        match self {
            Self::Made(person) | Self::Same(person) | Self::Erased(person) => Some(person),
            Self::Refused => None,
        }
    }
}

/// What somebody decides of a parked enrollment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is another person than those who may be the same: make one of it.
    Different,
    /// It is this person.
    Same(PersonId),
    /// Make nobody of it.
    Refuse,
    /// Look at it again, as if for the first time.
    Again,
}

/// What a decision leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum Decided {
    /// It waits again.
    Waits(Task<Waiting>),
    /// It has ended.
    Ends(Task<Ended>),
}

/// Why a decision is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// It is not among those who may be the same.
    #[error("this person is not among those who may be the same; the case lists them")]
    NoSuspect,
    /// It cannot be read, so nobody can be made of it.
    #[error("nobody can be made of this enrollment as it is: refuse it, or have it looked at again")]
    NotReadable,
}

impl<S> Task<S> {
    fn into<T>(self, stage: T) -> Task<T> {
        let Self { enrollment, service, person, content, .. } = self;
        Task { enrollment, service, person, content, stage }
    }
}

impl Task<Waiting> {
    /// Somebody must decide.
    #[must_use]
    pub fn park(mut self, cause: Cause, suspects: Vec<Suspect>, fault: Option<String>) -> Task<Parked> {
        self.content.suspects = suspects;
        self.content.fault = fault;
        self.content.different = false;
        self.into(Parked(cause))
    }

    /// A person is made of it, with this UIN.
    #[must_use]
    pub fn make(mut self, uin: String) -> Task<Ended> {
        self.content.uin = Some(uin);
        let person = self.person;
        self.into(Ended::Made(person))
    }

    /// Claims may be made of it.
    #[must_use]
    pub fn cleared(self) -> Task<Ended> {
        let person = self.person;
        self.into(Ended::Made(person))
    }

    /// It is gone: the enrollment was deleted before anybody was made of it.
    #[must_use]
    pub fn gone(self) -> Task<Ended> {
        self.into(Ended::Refused)
    }
}

impl Task<Ended> {
    /// The person whose it is is erased: nothing is known of it any more but which one it was.
    #[must_use]
    pub fn erased(mut self, person: PersonId) -> Self {
        let Content { enrollment_id, transaction, .. } = self.content;
        self.content = Content { enrollment_id, transaction, ..Content::default() };
        self.into(Ended::Erased(person))
    }
}

impl Task<Parked> {
    /// Somebody decides.
    ///
    /// # Errors
    /// [`DecisionError`]; the case is as it was.
    pub fn decide(mut self, decision: Decision, by: &str, why: &str) -> Result<Decided, DecisionError> {
        let Parked(cause) = self.stage;
        match decision {
            Decision::Different if cause != Cause::Duplicate => return Err(DecisionError::NotReadable),
            Decision::Same(person) if !self.content.suspects.iter().any(|suspect| suspect.person == person) => {
                return Err(DecisionError::NoSuspect);
            }
            _ => {}
        }
        self.content.decided_by = Some(by.to_owned());
        self.content.why = Some(why.to_owned());
        Ok(match decision {
            Decision::Different => {
                self.content.different = true;
                Decided::Waits(self.into(Waiting))
            }
            Decision::Again => {
                self.content.suspects = Vec::new();
                self.content.fault = None;
                Decided::Waits(self.into(Waiting))
            }
            Decision::Same(person) => Decided::Ends(self.into(Ended::Same(person))),
            Decision::Refuse => Decided::Ends(self.into(Ended::Refused)),
        })
    }
}

/// A task, in whatever state it is.
#[derive(Clone, Debug, PartialEq)]
pub enum AnyTask {
    /// It waits.
    Waiting(Task<Waiting>),
    /// Somebody must decide.
    Parked(Task<Parked>),
    /// It has ended.
    Ended(Task<Ended>),
}

impl AnyTask {
    /// What the database calls its state.
    #[must_use]
    pub fn state(&self) -> State {
        match self {
            Self::Waiting(_) => State::Waiting,
            Self::Parked(_) => State::Parked,
            Self::Ended(task) => task.stage.state(),
        }
    }

    /// The claim that it is, where it is one.
    #[must_use]
    pub fn claim(&self) -> Option<ClaimOf> {
        match self {
            Self::Waiting(task) => task.content.claim,
            Self::Parked(task) => task.content.claim,
            Self::Ended(task) => task.content.claim,
        }
    }

    /// The claim's identity is there no more: the task ends, whatever its state.
    #[must_use]
    pub fn withdrawn(self) -> Task<Ended> {
        let mut ended = match self {
            Self::Waiting(task) => task.into(Ended::Refused),
            Self::Parked(task) => task.into(Ended::Refused),
            Self::Ended(task) => task.into(Ended::Refused),
        };
        if let Some(claim) = &mut ended.content.claim {
            claim.gone = true;
        }
        ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting() -> Task<Waiting> {
        let content = Content { enrollment_id: "e".into(), transaction: "t".into(), ..Content::default() };
        Task { enrollment: 1, service: "office".into(), person: PersonId(2), content, stage: Waiting }
    }

    fn parked(cause: Cause) -> Task<Parked> {
        let suspect = Suspect { person: PersonId(7), likeness: Some(1.0), score: None };
        waiting().park(cause, vec![suspect], None)
    }

    /// GS-UNQ-01: nobody is merged but with somebody that was named.
    #[test]
    fn gs_unq_01_a_decision_names_one_of_those_who_may_be_the_same() {
        let decide = |cause, decision| parked(cause).decide(decision, "clerk", "looked");
        let same = decide(Cause::Duplicate, Decision::Same(PersonId(7))).unwrap();
        assert!(matches!(same, Decided::Ends(Task { stage: Ended::Same(PersonId(7)), .. })));
        assert_eq!(decide(Cause::Duplicate, Decision::Same(PersonId(8))), Err(DecisionError::NoSuspect));
        assert_eq!(decide(Cause::Unreadable, Decision::Different), Err(DecisionError::NotReadable));
        let Decided::Waits(again) = decide(Cause::Unfit, Decision::Again).unwrap() else { panic!() };
        assert!(again.content.suspects.is_empty() && !again.content.different);
        let Decided::Waits(other) = decide(Cause::Duplicate, Decision::Different).unwrap() else { panic!() };
        assert!(other.content.different && other.content.decided_by.as_deref() == Some("clerk"));
    }

    #[test]
    fn who_is_found_twice_is_one_suspect() {
        let alike = vec![Alike { person: PersonId(7), likeness: 0.9, key: 0 }];
        let found = suspects(alike, vec![(PersonId(7), 3500.0), (PersonId(8), 2000.0)]);
        let of = |person, likeness, score| Suspect { person: PersonId(person), likeness, score };
        assert_eq!(found, [of(7, Some(0.9), Some(3500.0)), of(8, None, Some(2000.0))]);
    }
}
