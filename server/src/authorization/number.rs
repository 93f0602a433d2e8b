//! The number on the page, as a transition: who types it into the wallet looks at that page.

use super::model::{DeniedBy, Stage, StageError, Transaction};
use crate::clock::Millis;
use crate::risk::{self, Number};

impl Stage {
    /// The number that the browser's page shows, until it is typed.
    #[must_use]
    pub fn number(&self) -> Option<&str> {
        match self {
            Self::Linked(link) => match &link.terms.number {
                Number::Shown(number) => Some(number),
                Number::NotAsked | Number::Typed => None,
            },
            _ => None,
        }
    }
}

impl Transaction {
    /// The citizen typed the page's number into the wallet, or nothing. The right one lets the wallet go on; a wrong one
    /// ends the login: nobody has a second guess, in whatever order two requests are served.
    ///
    /// # Errors
    /// [`StageError`] unless it is linked by `linked`; [`StageError::Number`] where one is asked for and none was typed.
    pub fn type_number(mut self, linked: i64, typed: Option<&str>, now: Millis) -> Result<Self, StageError> {
        if self.is_expired(now) {
            return Err(StageError::Expired);
        }
        let Stage::Linked(link) = &mut self.stage else { return Err(StageError::Stage(self.stage.name())) };
        if link.linked != linked {
            return Err(StageError::OtherLink);
        }
        match (&link.terms.number, typed) {
            (Number::NotAsked | Number::Typed, _) => Ok(self),
            (Number::Shown(_), None) => Err(StageError::Number),
            (Number::Shown(shown), Some(typed)) if risk::is_number(shown, typed) => {
                link.terms.number = Number::Typed;
                Ok(self)
            }
            (Number::Shown(_), Some(_)) => self.deny(DeniedBy::Number, Some(linked), None, now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::model_tests::{LINKED, link, started};
    use super::*;
    use crate::config::Lifetimes;

    fn linked(number: Number) -> Transaction {
        let mut link = link(None);
        link.terms.number = number;
        started(1, 0).link(link, 0, &Lifetimes::default()).unwrap()
    }

    fn shown() -> Transaction {
        linked(Number::Shown("042".into()))
    }

    #[test]
    fn the_right_number_goes_on_and_is_told_no_more() {
        assert_eq!(shown().stage.number(), Some("042"));
        let typed = shown().type_number(LINKED, Some("042"), 1).unwrap();
        assert_eq!(typed.stage.number(), None);
        assert!(matches!(&typed.stage, Stage::Linked(link) if link.terms.number == Number::Typed));
    }

    #[test]
    fn a_wrong_number_ends_the_login() {
        for wrong in ["043", "42", "", "0042"] {
            let ended = shown().type_number(LINKED, Some(wrong), 1).unwrap();
            assert!(matches!(&ended.stage, Stage::Denied(denial) if denial.by == DeniedBy::Number), "{wrong}");
            assert_eq!(ended.clone().type_number(LINKED, Some("042"), 2), Err(StageError::Stage("denied")));
        }
    }

    #[test]
    fn none_typed_changes_nothing_and_none_asked_takes_any() {
        assert_eq!(shown().type_number(LINKED, None, 1), Err(StageError::Number));
        assert_eq!(shown().type_number(LINKED + 1, Some("042"), 1), Err(StageError::OtherLink));
        assert_eq!(started(1, 0).type_number(LINKED, Some("042"), 1), Err(StageError::Stage("started")));
        assert_eq!(shown().type_number(LINKED, Some("042"), shown().expires_at), Err(StageError::Expired));
        for typed in [None, Some("1")] {
            assert_eq!(linked(Number::NotAsked).type_number(LINKED, typed, 1).unwrap(), linked(Number::NotAsked));
        }
    }

    #[test]
    fn nobody_authenticates_around_the_number() {
        let who = super::super::model_tests::who(None, false);
        let around = shown().authenticate_linked(LINKED, who.clone(), 1, &Lifetimes::default());
        assert_eq!(around, Err(StageError::Number));
        let typed = shown().type_number(LINKED, Some("042"), 1).unwrap();
        assert!(typed.authenticate_linked(LINKED, who, 1, &Lifetimes::default()).is_ok());
    }
}
