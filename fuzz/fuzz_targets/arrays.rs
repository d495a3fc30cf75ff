//! Wherever an answer is cut, its elements are the same, and so is what is said of a broken one.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| padel::fuzzing::check_arrays(bytes));
