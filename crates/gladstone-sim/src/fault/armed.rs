//! A fault that lies in wait: for which calls, and how often.

use super::Fault;
use crate::{portal::dialect, shape::Shape};

/// The one call that needs no session, in either flow.
const ANONYMOUS: [&str; 2] = ["/api/samlauthentication/anonymous", "/validate/"];

/// A fault, the calls it covers and how often it may still strike.
#[derive(Debug)]
pub(crate) struct Armed {
    fault: Fault,
    prefix: Option<String>,
    left: Option<u32>,
    covered: u32,
}

impl Armed {
    /// A fault for the paths with a prefix (or the fault's own default), so many times (or always).
    pub(crate) fn new(fault: Fault, prefix: Option<String>, times: Option<u32>) -> Self {
        Self {
            fault,
            prefix,
            left: times,
            covered: 0,
        }
    }

    /// Counts a call; the fault, if it strikes this one.
    pub(crate) fn meet(&mut self, path: &str) -> Option<Fault> {
        if !self.covers(path) || self.left == Some(0) {
            return None;
        }
        self.covered += 1;
        if !self.fault.strikes(self.covered) {
            return None;
        }
        self.left = self.left.map(|left| left - 1);
        Some(self.fault)
    }

    fn covers(&self, path: &str) -> bool {
        let anonymous = ANONYMOUS.iter().any(|call| path.starts_with(call));
        match &self.prefix {
            Some(prefix) => path.starts_with(prefix.as_str()),
            // A refused or damaged token would hide what these faults are about: the answers after
            // it.
            None if self.fault.damages() || matches!(self.fault, Fault::After401(_)) => {
                path.starts_with("/api/") && !anonymous && !is_login(path)
            }
            None => path.starts_with("/api/") || anonymous,
        }
    }
}

/// Whether members sign in there, in any shape.
fn is_login(path: &str) -> bool {
    Shape::with_members()
        .into_iter()
        .filter_map(dialect)
        .any(|dialect| dialect.login_path() == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSIONS: &str = "/api/availability/V2/sessions";

    fn strikes(mut armed: Armed, paths: &[&str]) -> Vec<bool> {
        paths
            .iter()
            .map(|path| armed.meet(path).is_some())
            .collect()
    }

    #[test]
    fn a_replaced_answer_may_be_the_anonymous_call() {
        let armed = Armed::new(Fault::First403, None, None);
        assert_eq!(
            strikes(armed, &["/book", "/validate/tenant/anonymous", SESSIONS]),
            [false, true, false]
        );
    }

    #[test]
    fn a_damaged_answer_is_not_the_anonymous_call() {
        let armed = Armed::new(Fault::Truncated, None, Some(1));
        assert_eq!(
            strikes(armed, &[ANONYMOUS[0], SESSIONS, SESSIONS]),
            [false, true, false]
        );
    }

    #[test]
    fn a_damaged_answer_is_no_login() {
        let armed = Armed::new(Fault::Truncated, None, None);
        assert_eq!(
            strikes(armed, &["/api/samlauthentication/login", "/api/bookings"]),
            [false, true]
        );
    }

    #[test]
    fn a_prefix_overrides_the_default() {
        let armed = Armed::new(Fault::EmptyBody, Some(ANONYMOUS[0].to_owned()), None);
        assert_eq!(strikes(armed, &[ANONYMOUS[0], SESSIONS]), [true, false]);
    }

    #[test]
    fn a_401_comes_after_n_calls_with_a_session() {
        let armed = Armed::new(Fault::After401(1), None, None);
        assert_eq!(
            strikes(armed, &[ANONYMOUS[0], SESSIONS, SESSIONS, SESSIONS]),
            [false, false, true, true]
        );
    }
}
