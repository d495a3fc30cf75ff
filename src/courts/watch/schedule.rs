//! When to look: never more often than once a minute, never before a portal's wait is over, and soon
//! after a booking window opens.

use chrono::{DateTime, TimeDelta, Utc};

use super::{WatchState, Wish, state::Wait};

/// The least time between two looks at a club.
pub const LEAST_GAP: TimeDelta = TimeDelta::seconds(60);
/// A look after a window opens comes so much later, and up to this much more: not every watcher in
/// the same second.
const AFTER_OPENING: TimeDelta = TimeDelta::seconds(5);
const OPENING_SPREAD: f64 = 55.0;

/// Says whether a look may be made now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// It may.
    Now,
    /// The last one was less than a minute ago.
    Soon(DateTime<Utc>),
    /// The portal is not to be asked yet.
    Waiting(Wait),
}

impl WatchState {
    /// Says whether a look may be made at `now`.
    #[must_use]
    pub fn check_due(&mut self, now: DateTime<Utc>) -> Due {
        self.follow_clock(now);
        if let Some(wait) = self.wait.as_ref().filter(|wait| now < wait.until) {
            return Due::Waiting(wait.clone());
        }
        match self.looked_at.map(|at| at + LEAST_GAP) {
            Some(earliest) if now < earliest => Due::Soon(earliest),
            _ => Due::Now,
        }
    }
}

/// Returns when to look after a look at `now`. `jitter` in [0, 1) spreads the looks by a fifth of
/// `every` to either side.
///
/// A known opening of a window before then is looked at once within the minute after it, and a
/// notice before an opening is in time.
#[must_use]
pub fn next_look(
    state: &WatchState,
    wishes: &[Wish],
    every: TimeDelta,
    jitter: f64,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    let seconds = |seconds: f64| {
        let millis = std::time::Duration::from_secs_f64(seconds.max(0.0));
        TimeDelta::from_std(millis).unwrap_or(LEAST_GAP)
    };
    let every = every.max(LEAST_GAP).to_std().unwrap_or_default();
    let mut next = now + seconds(every.as_secs_f64() * (0.8 + 0.4 * jitter));
    for wish in wishes {
        let Some(known) = state.wishes.get(&wish.name) else {
            continue;
        };
        for at in &known.openings {
            let opened = *at + AFTER_OPENING + seconds(OPENING_SPREAD * jitter);
            let noticed = wish.notice.map(|notice| *at - notice);
            let times = [Some(opened), noticed].into_iter().flatten();
            next = times.filter(|time| *time > now).fold(next, DateTime::min);
        }
    }
    next = next.max(now + LEAST_GAP);
    match &state.wait {
        Some(wait) => next.max(wait.until),
        None => next,
    }
}
