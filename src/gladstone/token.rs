//! How long a session's token lasts and whose it is, as far as the token itself says (a JWT's
//! claims). Signatures are not ours to check.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

/// A portal that says more than this is not believed.
const LONGEST: TimeDelta = TimeDelta::hours(24);
/// A token that ends within this time is not used any more, a visitor's or a member's.
const MARGIN: TimeDelta = TimeDelta::minutes(1);

/// Returns `true` for a session that can still be used.
pub(super) fn is_fresh(ends: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now + MARGIN < ends
}

/// Returns when a new token ends: at its `stated` time, but within a day; after `life` where it
/// states none. One that is over already goes by another clock than ours.
pub(super) fn session_end(
    stated: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    life: TimeDelta,
) -> DateTime<Utc> {
    match stated {
        Some(end) if is_fresh(end, now) => end.min(now + LONGEST),
        _ => now + life,
    }
}

/// Returns the claim `exp`, in seconds since 1970.
pub(super) fn stated_end(token: &str) -> Option<DateTime<Utc>> {
    let seconds = read_claims(token)?.get("exp")?.as_f64()?;
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    DateTime::from_timestamp(seconds as i64, 0)
}

/// Returns `true` where both tokens are of one holder: the same token, or the same claims but for
/// number and times.
pub(super) fn have_same_holder(one: &str, other: &str) -> bool {
    one == other || holder_claims(one).is_some_and(|claims| holder_claims(other) == Some(claims))
}

/// Returns what a token says of its holder; `None` where it does not say whose it is.
fn holder_claims(token: &str) -> Option<Map<String, Value>> {
    let mut claims = read_claims(token)?;
    claims.retain(|name, _| !["exp", "iat", "nbf", "jti", "auth_time"].contains(&name.as_str()));
    let says_whose = "sub nameid nameidentifier name role roles user userid user_id uid anonymous";
    let is_about_holder = claims.keys().any(|name| {
        let name = name.rsplit('/').next().unwrap_or(name).to_lowercase();
        name.ends_with("name") || says_whose.split(' ').any(|known| known == name)
    });
    is_about_holder.then_some(claims)
}

fn read_claims(token: &str) -> Option<Map<String, Value>> {
    let payload = token.split('.').nth(1)?.trim_end_matches('=');
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stated_end_counts_up_to_a_day() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let life = TimeDelta::minutes(30);
        let end = |ahead: TimeDelta| session_end(Some(now + ahead), now, life) - now;
        assert_eq!(end(TimeDelta::hours(1)), TimeDelta::hours(1));
        assert_eq!(end(TimeDelta::hours(24)), TimeDelta::hours(24));
        assert_eq!(end(TimeDelta::hours(48)), TimeDelta::hours(24));
        assert_eq!(end(TimeDelta::hours(-1)), life);
        assert_eq!(session_end(None, now, life) - now, life);
    }
}
