//! Courts' names, short enough to read: what several have in common is told once.

/// Lists names: `Padel Court 1–3, 5` where they differ in the last word only, else each in full. A
/// set of courts keeps its plus: `Sports Hall Court 1 + 2, 3 + 4`.
pub(super) fn list_names(names: &[&str]) -> Vec<String> {
    let short: Vec<String> = names.iter().map(|name| shorten_name(name)).collect();
    let split: Option<Vec<(&str, &str)>> = short.iter().map(|name| split_name(name)).collect();
    match split {
        Some(parts) if parts.iter().all(|(stem, _)| *stem == parts[0].0) => {
            let ends: Vec<&str> = parts.iter().map(|(_, end)| *end).collect();
            vec![format!("{} {}", parts[0].0, join_ranges(&ends).join(", "))]
        }
        _ => short,
    }
}

/// Lists several groups of names, each as [`list_names`] does; what all have in common only in the
/// first: `Padel Court 1, 2` and `3`.
pub(super) fn list_groups(groups: &[&[&str]]) -> Vec<Vec<String>> {
    let all: Vec<String> = groups
        .iter()
        .copied()
        .flatten()
        .map(|name| shorten_name(name))
        .collect();
    let mut stems = all
        .iter()
        .map(|name| split_name(name).map(|(stem, _)| stem));
    let stem = stems.next().flatten();
    let common = stem.filter(|_| stems.all(|other| other == stem));
    let mut lists: Vec<Vec<String>> = groups.iter().map(|names| list_names(names)).collect();
    for list in lists.iter_mut().skip(1).flatten() {
        if let Some(ends) = common.and_then(|stem| list.strip_prefix(stem)) {
            *list = ends.trim_start().to_owned();
        }
    }
    lists
}

/// Shortens the name of a set of courts: `Netball Hall Court 1 + 2 + 3` for `Netball Hall Court 1 +
/// Netball Hall Court 2 + Netball Hall Court 3`.
pub(super) fn shorten_name(name: &str) -> String {
    let (mut short, mut stem) = (String::new(), None);
    for part in name.split(PLUS) {
        let this = part.rsplit_once(' ').filter(|(_, end)| is_number(end));
        if !short.is_empty() {
            short.push_str(PLUS);
        }
        match this {
            Some((known, end)) if stem == Some(known) => short.push_str(end),
            _ => short.push_str(part),
        }
        stem = this.map(|(stem, _)| stem);
    }
    short
}

/// Between the names of a set of courts.
const PLUS: &str = " + ";

/// Splits off the end: of a set with one stem all numbers, else the last word. `None` for a set
/// with several stems.
fn split_name(name: &str) -> Option<(&str, &str)> {
    let (first, rest) = name
        .split_once(PLUS)
        .map_or((name, ""), |(first, rest)| (first, rest));
    if !rest.split(PLUS).all(|end| end.is_empty() || is_number(end)) {
        return None;
    }
    let (stem, _) = first.rsplit_once(' ')?;
    Some((stem, name.get(stem.len() + 1..)?))
}

/// `3`, `12b` or `A`.
fn is_number(word: &str) -> bool {
    let is_letter = word.chars().count() == 1 && word.chars().all(char::is_alphanumeric);
    is_letter || (word.starts_with(|char: char| char.is_ascii_digit()) && word.len() <= 4)
}

/// Joins three and more numbers in a row to `1–3`.
fn join_ranges(ends: &[&str]) -> Vec<String> {
    let runs = ends.chunk_by(|a, b| are_consecutive(a, b));
    runs.flat_map(|run| match run {
        [first, _, .., last] => vec![format!("{first}–{last}")],
        few => few.iter().map(|end| (*end).to_owned()).collect(),
    })
    .collect()
}

fn are_consecutive(a: &str, b: &str) -> bool {
    match (a.parse::<u32>(), b.parse::<u32>()) {
        (Ok(a), Ok(b)) => a.checked_add(1) == Some(b),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_courts_have_in_common_is_told_once() {
        let netball = "Netball Hall Court 1 + Netball Hall Court 2 + Netball Hall Court 3";
        for (names, told) in [
            (
                &[
                    "Padel Court 1",
                    "Padel Court 2",
                    "Padel Court 3",
                    "Padel Court 5",
                ][..],
                "Padel Court 1–3, 5",
            ),
            (&["Court A", "Court B"], "Court A, B"),
            (&["Main Hall", "Gym"], "Main Hall, Gym"),
            (&[netball], "Netball Hall Court 1 + 2 + 3"),
            (
                &[netball, "Netball Hall Court 4 + Netball Hall Court 5"],
                "Netball Hall Court 1 + 2 + 3, 4 + 5",
            ),
            (&["Court 1 + Court 2", "Court 1"], "Court 1 + 2, 1"),
            (
                &["Hall Court 1 + Hall Court 2 + Gym Court 1", "Gym Court 2"],
                "Hall Court 1 + 2 + Gym Court 1, Gym Court 2",
            ),
            (&["Main Hall + Main Stage"], "Main Hall + Main Stage"),
            (&["Red + Blue", "Green"], "Red + Blue, Green"),
            (&["Court 12b + Court 12c"], "Court 12b + 12c"),
            (&["1 + 2"], "1 + 2"),
            (&["ABBA"], "ABBA"),
        ] {
            assert_eq!(list_names(names).join(", "), told, "{names:?}");
        }
    }

    proptest! {
        #[test]
        fn no_two_sets_of_courts_look_the_same(
            sets in prop::collection::btree_set(prop::collection::vec((0..3_usize, 1..6_u8), 1..7), 2..6)
        ) {
            let stems = ["Hall Court", "Hall", "Gym"];
            let name = |set: &Vec<(usize, u8)>| set.iter().map(|(stem, n)| format!("{} {n}", stems[*stem])).collect::<Vec<_>>().join(PLUS);
            let short: BTreeSet<String> = sets.iter().map(|set| shorten_name(&name(set))).collect();
            prop_assert_eq!(short.len(), sets.len());
        }
    }
}
