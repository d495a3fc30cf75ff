//! Whatever stands in an `agent.lock.json`, it is read or refused in one line.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| padel_ops::fuzzing::lock(bytes));
