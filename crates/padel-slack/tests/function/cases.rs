//! The list of 39 cases, each of which is a test on one machine and through the functions, but for
//! those that only one of them can have.

use std::{collections::BTreeMap, fs, path::Path};

/// Cases that one side has no test for, and why.
const MACHINE_ONLY: [(u8, &str); 0] = [];
const FUNCTIONS_ONLY: [(u8, &str); 0] = [];

const CASES: std::ops::RangeInclusive<u8> = 1..=39;

/// The tests of a program by their cases, from its own files and from those that it shares.
fn find_cases(program: &str) -> BTreeMap<u8, Vec<String>> {
    let place = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests")).join(program);
    let main = fs::read_to_string(place.join("main.rs")).unwrap();
    let (mut found, mut shared) = (BTreeMap::<u8, Vec<String>>::new(), None);
    for line in main.lines() {
        if let Some(path) = line.strip_prefix("#[path = \"") {
            shared = Some(path.trim_end_matches("\"]").to_owned());
        }
        let Some(module) = line.strip_prefix("mod ") else {
            continue;
        };
        let own = format!("{}.rs", module.trim_end_matches(';'));
        let file = place.join(shared.take().unwrap_or(own));
        let source = fs::read_to_string(file).unwrap();
        for line in source.lines().map(str::trim_start) {
            let line = line.strip_prefix("async ").unwrap_or(line);
            let Some(test) = line.strip_prefix("fn case_") else {
                continue;
            };
            let number = test[..2].parse().unwrap();
            let name = test.split('(').next().unwrap();
            found.entry(number).or_default().push(name.to_owned());
        }
    }
    found
}

#[test]
fn each_case_is_a_test_on_both_sides() {
    for (program, others) in [("bridge", &FUNCTIONS_ONLY[..]), ("function", &MACHINE_ONLY)] {
        let found = find_cases(program);
        let lacking: Vec<u8> = CASES.filter(|case| !found.contains_key(case)).collect();
        let expected: Vec<u8> = others.iter().map(|(case, _)| *case).collect();
        assert_eq!(lacking, expected, "{program}");
        assert!(found.keys().all(|case| CASES.contains(case)), "{program}");
    }
}
