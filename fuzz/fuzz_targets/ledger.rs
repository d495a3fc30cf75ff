//! Whatever DynamoDB answers, the ledger reads it or says in one line that it cannot.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| padel_slack::fuzzing::ledger(bytes));
