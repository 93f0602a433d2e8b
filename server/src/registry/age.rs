//! How old a person is: claims that are computed from the date of birth when they are asked for.

use time::{Date, OffsetDateTime};

use crate::clock::Millis;

/// Years from which a person is of age, in most laws and in Czech law.
const MAJORITY: i32 = 18;

/// Full years since `birthdate`; `None` where that is not a whole date, or lies ahead. Who was born on 29 February is a
/// year older on 1 March.
pub(super) fn age(birthdate: &str, now: Millis) -> Option<i32> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let born = Date::parse(birthdate, format).ok().filter(|born| born.year() > 0)?;
    let today = OffsetDateTime::from_unix_timestamp(now.div_euclid(1000)).ok()?.date();
    let had_birthday = (today.month() as u8, today.day()) >= (born.month() as u8, born.day());
    let years = today.year() - born.year() - i32::from(!had_birthday);
    (years >= 0).then_some(years)
}

/// Whether a person of this age is of age.
pub(super) fn is_major(age: i32) -> bool {
    age >= MAJORITY
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::START;

    /// The kit's clock stands at 2026-01-05.
    #[test]
    fn a_year_is_full_on_the_birthday() {
        for (birthdate, years) in [
            ("2008-01-05", Some(18)),
            ("2008-01-06", Some(17)),
            ("1970-08-01", Some(55)),
            ("2026-01-05", Some(0)),
            ("2026-01-06", None),
            ("0000-08-01", None),
            ("1970", None),
            ("", None),
        ] {
            assert_eq!(age(birthdate, START), years, "{birthdate}");
        }
        assert!(is_major(18) && !is_major(17));
    }

    #[test]
    fn the_29th_of_february_has_its_birthday_on_the_first_of_march() {
        let on = |date: &str| {
            let format = time::macros::format_description!("[year]-[month]-[day]");
            Date::parse(date, format).unwrap().midnight().assume_utc().unix_timestamp() * 1000
        };
        assert_eq!(age("2008-02-29", on("2026-02-28")), Some(17));
        assert_eq!(age("2008-02-29", on("2026-03-01")), Some(18));
    }
}
