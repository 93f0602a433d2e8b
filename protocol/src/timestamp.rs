//! Times of the JSON bodies: UTC, `yyyy-MM-ddTHH:mm:ss.SSSZ`, milliseconds mandatory (eSignet and GovStack alike).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// A moment in milliseconds since the epoch, written `yyyy-MM-ddTHH:mm:ss.SSSZ`. Years 0000 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
pub struct Timestamp(OffsetDateTime);

/// The text is not a time of the form `yyyy-MM-ddTHH:mm:ss.SSSZ`, or the number lies outside years 0000 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a UTC time with milliseconds")]
pub struct InvalidTimestamp;

impl Timestamp {
    /// The moment `ms` milliseconds after the epoch.
    ///
    /// # Errors
    /// [`InvalidTimestamp`] outside years 0000 to 9999.
    pub fn from_epoch_ms(ms: i64) -> Result<Self, InvalidTimestamp> {
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).map_err(|_| InvalidTimestamp)?;
        if (0..=9999).contains(&at.year()) { Ok(Self(at)) } else { Err(InvalidTimestamp) }
    }

    /// The moment given, cut to whole milliseconds and turned to UTC.
    ///
    /// # Errors
    /// [`InvalidTimestamp`] outside years 0000 to 9999.
    pub fn from_date_time(at: OffsetDateTime) -> Result<Self, InvalidTimestamp> {
        let ms = at.unix_timestamp_nanos().div_euclid(1_000_000);
        Self::from_epoch_ms(i64::try_from(ms).map_err(|_| InvalidTimestamp)?)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub fn epoch_ms(self) -> i64 {
        self.0.unix_timestamp() * 1000 + i64::from(self.0.millisecond())
    }

    /// Whole seconds since the epoch, as the claims of signed tokens count them.
    #[must_use]
    pub fn epoch_seconds(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// The same moment as a date and time in UTC.
    #[must_use]
    pub fn date_time(self) -> OffsetDateTime {
        self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.0;
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            t.year(),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
            t.second(),
            t.millisecond()
        )
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text.as_bytes()).ok_or(InvalidTimestamp)
    }
}

/// Reads the 24 characters by position: the general formats of ISO 8601 allow much that eSignet refuses.
fn parse(text: &[u8]) -> Option<Timestamp> {
    const SHAPE: &[u8; 24] = b"dddd-dd-ddTdd:dd:dd.dddZ";
    if text.len() != SHAPE.len() {
        return None;
    }
    let fits = |(c, s): (&u8, &u8)| if *s == b'd' { c.is_ascii_digit() } else { c == s };
    if !text.iter().zip(SHAPE).all(fits) {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].iter().fold(0u16, |n, c| n * 10 + u16::from(c - b'0'));
    let small = |from: usize, to: usize| u8::try_from(number(from, to)).ok();
    let month = Month::try_from(small(5, 7)?).ok()?;
    let date = Date::from_calendar_date(i32::from(number(0, 4)), month, small(8, 10)?).ok()?;
    let time = Time::from_hms_milli(small(11, 13)?, small(14, 16)?, small(17, 19)?, number(20, 23)).ok()?;
    Some(Timestamp(PrimitiveDateTime::new(date, time).assume_offset(UtcOffset::UTC)))
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_and_writes_the_wire_form() {
        let at: Timestamp = "2026-01-05T10:00:00.042Z".parse().unwrap();
        assert_eq!(at.epoch_ms(), 1_767_607_200_042);
        assert_eq!(at.to_string(), "2026-01-05T10:00:00.042Z");
        assert_eq!(serde_json::to_string(&at).unwrap(), "\"2026-01-05T10:00:00.042Z\"");
        assert_eq!(Timestamp::from_epoch_ms(-1).unwrap().to_string(), "1969-12-31T23:59:59.999Z");
        assert_eq!(Timestamp::from_epoch_ms(-1).unwrap().epoch_ms(), -1);
    }

    #[test]
    fn refuses_other_forms() {
        for text in [
            "",
            "2026-01-05T10:00:00Z",
            "2026-01-05T10:00:00.04Z",
            "2026-01-05T10:00:00.0420Z",
            "2026-01-05T10:00:00.042+00:00",
            "2026-01-05 10:00:00.042Z",
            "2026-01-05t10:00:00.042z",
            "2026-02-30T10:00:00.042Z",
            "2026-01-05T24:00:00.042Z",
            "2026-01-05T10:00:60.042Z",
            "2026-13-05T10:00:00.042Z",
            "+026-01-05T10:00:00.042Z",
            "２026-01-05T10:00:00.0Z",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(InvalidTimestamp), "{text}");
        }
        assert_eq!(Timestamp::from_epoch_ms(i64::MAX), Err(InvalidTimestamp));
    }

    proptest! {
        #[test]
        fn every_moment_comes_back(ms in -62_167_219_200_000i64..253_402_300_800_000) {
            let at = Timestamp::from_epoch_ms(ms).unwrap();
            prop_assert_eq!(at.epoch_ms(), ms);
            prop_assert_eq!(at.to_string().parse::<Timestamp>().unwrap(), at);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<Timestamp>();
        }
    }
}
