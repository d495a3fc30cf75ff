//! Whatever the front of a function passes on, it is read or refused, by every front alike.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| padel_slack::fuzzing::front(bytes));
