//! Whatever a stream holds and however it is cut, its events are the same.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| claude_platform::fuzzing::sse(bytes));
