//! Whatever stands in an `agent.toml`, it is read or refused in one line.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| padel_ops::fuzzing::declaration(bytes));
