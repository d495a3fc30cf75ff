//! The app as its settings page holds it: secrets, the request URL, what became of its
//! subscriptions.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

/// The bot token that is accepted when no other is named.
pub const DEFAULT_BOT_TOKEN: &str = "xoxb-simulated-bot-token";
/// The app-level token that is accepted when no other is named.
pub const DEFAULT_APP_TOKEN: &str = "xapp-simulated-app-token";
/// The signing secret when no other is named.
pub const DEFAULT_SIGNING_SECRET: &str = "simulated-signing-secret-0123456";

/// Documented: subscriptions are watched over 60 minutes.
const WATCHED: TimeDelta = TimeDelta::minutes(60);
/// Documented: fewer successes than 5 % switch subscriptions off.
const LEAST_SUCCESSES_PERCENT: usize = 5;
/// Known of Slack's documentation, not looked up: below 1,000 deliveries nothing is switched off.
const JUDGED_FROM: usize = 1_000;

#[derive(Debug)]
pub(crate) struct App {
    pub(crate) bot_token: String,
    /// It is answered `token_revoked`.
    pub(crate) is_revoked: bool,
    /// For Socket Mode.
    pub(crate) app_token: String,
    pub(crate) signing_secret: String,
    /// The old shared token of events.
    pub(crate) verification_token: String,
    pub(crate) request_url: Option<String>,
    /// Too few deliveries succeeded: nothing is sent any more.
    pub(crate) is_disabled: bool,
    /// Time and success of the attempts in the last 60 minutes.
    results: VecDeque<(DateTime<Utc>, bool)>,
    successes: usize,
    /// Times of the events in the last 60 minutes.
    events: VecDeque<DateTime<Utc>>,
    /// The last minute for which `app_rate_limited` was sent, in seconds since 1970.
    limited_minute: Option<i64>,
}

/// The answer of the limit of events per hour to one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    Send,
    /// It is not sent, and the app is told so, with the minute in seconds since 1970.
    Limit(i64),
    /// It is not sent; the app knows.
    Drop,
}

impl Default for App {
    fn default() -> Self {
        Self {
            bot_token: DEFAULT_BOT_TOKEN.to_owned(),
            is_revoked: false,
            app_token: DEFAULT_APP_TOKEN.to_owned(),
            signing_secret: DEFAULT_SIGNING_SECRET.to_owned(),
            verification_token: "simulated-verification-token".to_owned(),
            request_url: None,
            is_disabled: false,
            results: VecDeque::new(),
            successes: 0,
            events: VecDeque::new(),
            limited_minute: None,
        }
    }
}

impl App {
    /// Counts an event, and says whether it may be sent.
    pub(crate) fn admit_event(&mut self, now: DateTime<Utc>, per_hour: usize) -> Admission {
        while self.events.front().is_some_and(|at| now - *at >= WATCHED) {
            self.events.pop_front();
        }
        if self.events.len() < per_hour {
            self.events.push_back(now);
            return Admission::Send;
        }
        let minute = now.timestamp() - now.timestamp().rem_euclid(60);
        if self.limited_minute.replace(minute) == Some(minute) {
            Admission::Drop
        } else {
            Admission::Limit(minute)
        }
    }

    /// Notes an attempt to deliver; too many failures switch the subscriptions off.
    pub(crate) fn note_result(&mut self, now: DateTime<Utc>, is_success: bool) {
        self.results.push_back((now, is_success));
        self.successes += usize::from(is_success);
        while let Some((at, was_success)) = self.results.front() {
            if now - *at < WATCHED {
                break;
            }
            self.successes -= usize::from(*was_success);
            self.results.pop_front();
        }
        let (total, good) = (self.results.len(), self.successes);
        if total >= JUDGED_FROM && good * 100 < total * LEAST_SUCCESSES_PERCENT {
            self.is_disabled = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn events_beyond_the_limit_are_told_once_a_minute() {
        let mut app = App::default();
        assert_eq!(app.admit_event(at(60), 1), Admission::Send);
        assert_eq!(app.admit_event(at(130), 1), Admission::Limit(120));
        assert_eq!(app.admit_event(at(140), 1), Admission::Drop);
        assert_eq!(app.admit_event(at(180), 1), Admission::Limit(180));
        assert_eq!(app.admit_event(at(3660), 1), Admission::Send);
    }

    #[test]
    fn a_thousand_failures_switch_subscriptions_off() {
        let mut app = App::default();
        for number in 0..999 {
            app.note_result(at(number), false);
        }
        assert!(!app.is_disabled);
        app.note_result(at(999), false);
        assert!(app.is_disabled);
    }

    #[test]
    fn one_success_in_twenty_keeps_subscriptions_on() {
        let mut app = App::default();
        for number in 0..2000 {
            app.note_result(at(number), number % 20 == 0);
        }
        assert!(!app.is_disabled);
    }
}
