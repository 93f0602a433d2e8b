//! Claims that are answered by yes or no from an attribute that is not told (GS-VER-05, GS-PRI-01b).

use serde_json::Value;
use time::Date;

/// Whether somebody born on `birthdate` is `years` old on `today`; `None` where that cannot be known. A birthdate may be
/// only a year (OpenID Connect Core §5.1): then the year in which the birthday falls says nothing. Whoever was born on 29
/// February has the birthday on 1 March of other years.
pub(super) fn is_of_age(birthdate: &str, years: u8, today: Date) -> Option<bool> {
    let years = i32::from(years);
    if birthdate.len() == 4 {
        let age = today.year() - birthdate.parse::<i32>().ok()?;
        return (age != years).then_some(age > years);
    }
    let born = Date::parse(birthdate, time::macros::format_description!("[year]-[month]-[day]")).ok()?;
    let came = (u8::from(today.month()), today.day()) >= (u8::from(born.month()), born.day());
    Some(today.year() - born.year() - i32::from(!came) >= years)
}

/// Whether a value is the same to people: text by its letters, whatever their case and the space around them.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    match (one.as_str(), other.as_str()) {
        (Some(one), Some(other)) => one.trim().to_lowercase() == other.trim().to_lowercase(),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::date;

    use super::*;

    #[test]
    fn gs_ver_05_of_age_from_the_birthday_on() {
        let born = "2008-01-05";
        assert_eq!(is_of_age(born, 18, date!(2026 - 01 - 04)), Some(false));
        assert_eq!(is_of_age(born, 18, date!(2026 - 01 - 05)), Some(true));
        assert_eq!(is_of_age(born, 21, date!(2026 - 01 - 05)), Some(false));
        assert_eq!(is_of_age("2008-02-29", 18, date!(2026 - 02 - 28)), Some(false));
        assert_eq!(is_of_age("2008-02-29", 18, date!(2026 - 03 - 01)), Some(true));
    }

    #[test]
    fn a_year_alone_says_what_is_certain() {
        let today = date!(2026 - 06 - 15);
        assert_eq!(is_of_age("2007", 18, today), Some(true));
        assert_eq!(is_of_age("2008", 18, today), None);
        assert_eq!(is_of_age("2009", 18, today), Some(false));
        assert_eq!(is_of_age("0000-01-01x", 18, today), None);
        assert_eq!(is_of_age("soon", 18, today), None);
    }

    #[test]
    fn text_is_compared_as_people_do() {
        assert!(same(&json!("Asha Rao"), &json!(" asha RAO ")));
        assert!(!same(&json!("Asha Rao"), &json!("Asha Ra")));
        assert!(!same(&json!("1"), &json!(1)));
    }
}
