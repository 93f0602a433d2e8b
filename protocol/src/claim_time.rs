//! The times of signed tokens (`iat`, `exp`; RFC 7519 §4.1), checked with a clock skew allowed **both ways**: a phone
//! that is ahead is as common as one that is behind.

/// How far two clocks may be apart, in seconds, unless the caller says otherwise.
pub const DEFAULT_SKEW_S: i64 = 30;

/// Why the times of a token do not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// `iat` lies further in the future than the skew allows. The wallet should correct its clock.
    #[error("issued in the future")]
    IssuedInFuture,
    /// `iat` lies further in the past than this kind of token allows.
    #[error("issued too long ago")]
    TooOld,
    /// `exp` has passed.
    #[error("expired")]
    Expired,
    /// `exp` is not after `iat`, or further after it than this kind of token allows.
    #[error("lifetime not allowed")]
    Lifetime,
}

/// Checks a token that carries `iat` and `exp`, at `now`; all four in seconds. The token may live `max_life` at most,
/// and counts from `iat - skew` to before `exp + skew`.
///
/// # Errors
/// The first [`TimeError`] that applies, in the order lifetime, future, expired.
pub fn check_window(iat: i64, exp: i64, now: i64, max_life: i64, skew: i64) -> Result<(), TimeError> {
    let life = exp.checked_sub(iat).ok_or(TimeError::Lifetime)?;
    if life <= 0 || life > max_life {
        return Err(TimeError::Lifetime);
    }
    check_not_future(iat, now, skew)?;
    if now >= exp.saturating_add(skew) {
        return Err(TimeError::Expired);
    }
    Ok(())
}

/// Checks a token by its `iat` alone, at `now`: not in the future and at most `max_age` old, each with `skew`; all in
/// seconds.
///
/// # Errors
/// [`TimeError::IssuedInFuture`] or [`TimeError::TooOld`].
pub fn check_age(iat: i64, now: i64, max_age: i64, skew: i64) -> Result<(), TimeError> {
    check_not_future(iat, now, skew)?;
    if now > iat.saturating_add(max_age).saturating_add(skew) { Err(TimeError::TooOld) } else { Ok(()) }
}

fn check_not_future(iat: i64, now: i64, skew: i64) -> Result<(), TimeError> {
    if iat > now.saturating_add(skew) { Err(TimeError::IssuedInFuture) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skew_holds_both_ways() {
        let check = |now| check_window(1000, 1060, now, 60, 30);
        assert_eq!(check(969), Err(TimeError::IssuedInFuture));
        assert_eq!(check(970), Ok(()));
        assert_eq!(check(1089), Ok(()));
        assert_eq!(check(1090), Err(TimeError::Expired));
    }

    #[test]
    fn lifetime_is_bounded() {
        assert_eq!(check_window(1000, 1061, 1000, 60, 30), Err(TimeError::Lifetime));
        assert_eq!(check_window(1000, 1000, 1000, 60, 30), Err(TimeError::Lifetime));
        assert_eq!(check_window(i64::MIN, i64::MAX, 1000, 60, 30), Err(TimeError::Lifetime));
        assert_eq!(check_window(i64::MAX - 60, i64::MAX, 1000, 60, 30), Err(TimeError::IssuedInFuture));
    }

    #[test]
    fn age_is_bounded() {
        assert_eq!(check_age(1000, 1330, 300, 30), Ok(()));
        assert_eq!(check_age(1000, 1331, 300, 30), Err(TimeError::TooOld));
        assert_eq!(check_age(1031, 1000, 300, 30), Err(TimeError::IssuedInFuture));
        assert_eq!(check_age(i64::MAX, 0, 300, 30), Err(TimeError::IssuedInFuture));
    }
}
