//! Whatever Slack's deliveries, headers and the agent's answers are, reading them neither panics nor
//! lets anything through that calls somebody or looks like a second event.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| padel_slack::fuzzing::slack(bytes));
