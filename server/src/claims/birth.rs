//! A date of birth that lies ahead: nobody has one, whoever says so.

use serde_json::{Map, Value};
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use super::{osia, untagged};
use crate::clock::Millis;

/// The claim.
const BIRTHDATE: &str = "birthdate";

/// What is said of a member that [`ahead`] names.
pub const AHEAD: &str = "is a date of birth in the future: give the day, as YYYY-MM-DD, or leave it out";

/// The member that says a birth later than tomorrow (UTC), by OSIA's name (`dateOfBirth`) or the claim's own; `None` where
/// there is none. Tomorrow is taken: east of Greenwich it has begun.
///
/// A date with a time counts by its day, and of the claim's other form, a year alone, the year. Whatever else a member holds is
/// no date that could lie ahead.
#[must_use]
pub fn ahead(members: &Map<String, Value>, now: Millis) -> Option<&str> {
    let today = OffsetDateTime::from_unix_timestamp(now.div_euclid(1000)).ok()?.date();
    let tomorrow = today.next_day()?;
    let is_ahead = |(name, value): &(&String, &Value)| {
        osia::to_claim(untagged(name)) == Some(BIRTHDATE) && value.as_str().is_some_and(|text| is_after(text, tomorrow))
    };
    members.iter().find(is_ahead).map(|(name, _)| name.as_str())
}

fn is_after(text: &str, latest: Date) -> bool {
    let day = text.split_once('T').map_or(text, |(day, _)| day);
    match Date::parse(day, format_description!("[year]-[month]-[day]")) {
        Ok(born) => born > latest,
        Err(_) => day.len() == 4 && day.parse::<i32>().is_ok_and(|year| year > latest.year()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testkit::START;

    fn found(members: Value, now: Millis) -> Option<String> {
        ahead(members.as_object().unwrap(), now).map(str::to_owned)
    }

    /// The kit's clock stands at 2026-01-05.
    #[test]
    fn a_birth_is_at_most_tomorrow() {
        for (text, is_ahead) in [
            ("1990-02-28", false),
            ("2026-01-05", false),
            ("2026-01-06", false),
            ("2026-01-07", true),
            ("2026-01-06T23:59:59+14:00", false),
            ("2026-01-07T00:00:00Z", true),
            ("9999-12-31", true),
            ("2026", false),
            ("2027", true),
            ("28/02/2090", false),
            ("2090-13-01", false),
            ("2090-02-30", false),
            ("", false),
            ("T", false),
        ] {
            assert_eq!(found(json!({ "dateOfBirth": text }), START).is_some(), is_ahead, "{text}");
        }
    }

    #[test]
    fn it_is_found_under_every_name_of_the_claim_and_no_other() {
        let later = "2090-01-01";
        for name in ["dateOfBirth", "birthdate", "birthdate#fr"] {
            assert_eq!(found(json!({ "firstName": "A", name: later }), START).as_deref(), Some(name));
        }
        for other in ["dateOfDeath", "expiryDate", "osia.dateOfBirth"] {
            assert_eq!(found(json!({ other: later }), START), None, "{other}");
        }
        assert_eq!(found(json!({ "dateOfBirth": 2090 }), START), None);
    }

    /// On the last day of a year tomorrow is in the next one.
    #[test]
    fn the_year_is_that_of_tomorrow() {
        let last_day = 1_798_675_200_000; // 2026-12-31
        assert_eq!(found(json!({ "birthdate": "2027" }), last_day), None);
        assert_eq!(found(json!({ "birthdate": "2027-01-01" }), last_day), None);
        assert!(found(json!({ "birthdate": "2027-01-02" }), last_day).is_some());
    }
}
