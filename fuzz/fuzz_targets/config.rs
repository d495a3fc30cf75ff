//! Whatever the bytes are, reading them neither panics nor lets anything unprintable through.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| padel::fuzzing::check_config(bytes));
