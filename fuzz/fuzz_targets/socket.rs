//! Whatever comes over Socket Mode, reading it does not panic, and only a delivery is acknowledged.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| padel_slack::fuzzing::socket(bytes));
