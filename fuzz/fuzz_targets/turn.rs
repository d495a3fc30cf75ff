//! Whatever a session's events are, an answer comes after its question and calls nobody.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| padel_slack::fuzzing::turn(bytes));
