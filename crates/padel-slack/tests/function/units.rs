//! Units of time.

use std::time::Duration;

use padel_slack::{
    accept::LEDGER_TIME,
    function::units::{
        HANDOVER_TIME, HASTY, LONGEST_RUN, PATIENCE, RESERVE, expiry, time_left, timing,
    },
};

#[test]
fn an_expiry_is_never_early() {
    assert_eq!(expiry(0, 0), 0);
    assert_eq!(expiry(1, 0), 1);
    assert_eq!(expiry(1_780_000_000_000, 24 * 3600 * 1000), 1_780_086_400);
    assert_eq!(expiry(1_780_000_000_001, 24 * 3600 * 1000), 1_780_086_401);
}

#[test]
fn a_deadline_that_is_over_is_unknown() {
    assert_eq!(
        time_left(1_780_000_005_000, 1_780_000_000_000),
        Duration::from_secs(5)
    );
    // Some emulators state 600,000: ten minutes after the beginning of 1970.
    for deadline in [600_000, 0, u64::MAX] {
        assert_eq!(
            time_left(deadline, 1_780_000_000_000),
            LONGEST_RUN,
            "{deadline}"
        );
    }
}

/// Slack waits for three seconds, Lambda tries again after a minute.
#[test]
fn times_fit_into_each_other() {
    assert!(LEDGER_TIME + HANDOVER_TIME < Duration::from_millis(2800));
    assert!(HASTY.connect + HASTY.read < LEDGER_TIME);
    let timing = timing();
    assert!(timing.renewal * 2 < timing.lease && timing.lease < Duration::from_mins(1));
    assert!(PATIENCE + RESERVE < timing.answer_within && timing.answer_within < LONGEST_RUN);
}
