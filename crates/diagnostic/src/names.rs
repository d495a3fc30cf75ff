//! The closest known names to a mistyped one, in place of clap's own, which suggests too boldly.

/// The most names that are offered: more would be a list, and that has a command of its own.
const OFFERED: usize = 3;
/// Names less alike (of 1) share some letters and no meaning.
const ALIKE: f64 = 0.6;

/// Returns up to three of `known` that are close to `wanted`, closest first; upper and lower case
/// are alike.
pub fn closest_names<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    let mut rated: Vec<(f64, &str)> = known
        .into_iter()
        .map(|name| (measure_likeness(&wanted, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > ALIKE)
        .collect();
    let mut closest = Vec::new();
    // A sort would be larger than what it is for.
    while closest.len() < OFFERED
        && let Some((_, name)) = rated
            .iter()
            .copied()
            .min_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)))
    {
        closest.push(name);
        rated.retain(|(_, other)| *other != name);
    }
    closest
}

/// Returns the one of `known` that is nearly the same word: the same first letter, and two slips of
/// the finger at most.
pub fn nearest_name<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.to_lowercase();
    let most = 2.min(wanted.chars().count() / 2);
    let rated = known.into_iter().filter_map(|name| {
        let lower = name.to_lowercase();
        let slips = strsim::osa_distance(&wanted, &lower);
        let is_near = lower.chars().next() == wanted.chars().next() && slips <= most;
        is_near.then_some((slips, name))
    });
    let (_, name) = rated.min_by_key(|(slips, _)| *slips)?;
    Some(name)
}

fn measure_likeness(wanted: &str, name: &str) -> f64 {
    if name.contains(wanted) {
        1.0
    } else {
        strsim::jaro_winkler(wanted, name)
    }
}

#[cfg(test)]
mod tests {
    use super::{closest_names, nearest_name};

    #[test]
    fn a_name_that_holds_all_that_was_typed_comes_first() {
        let known = ["Padel 30 Mins", "Padel 90 Mins", "Padel 60 Mins", "Squash"];
        assert_eq!(closest_names("padel 60 min", known)[0], "Padel 60 Mins");
        assert_eq!(closest_names("padel", known).len(), 3);
    }

    #[test]
    fn a_name_that_is_there_twice_is_offered_once() {
        assert_eq!(
            closest_names("padel", ["Padel 60", "Padel 90", "Padel 60"]),
            ["Padel 60", "Padel 90"]
        );
    }

    #[test]
    fn a_name_is_offered_above_a_likeness_of_six_tenths() {
        // Three of seven and eight letters are alike (0.601), and two of five and five (0.6).
        assert_eq!(closest_names("xxabcxx", ["yyabcyyy"]), ["yyabcyyy"]);
        assert_eq!(closest_names("xbcxx", ["ybcyy"]), [""; 0]);
        assert_eq!(closest_names("x", ["padel", "squash"]), [""; 0]);
    }

    #[test]
    fn three_names_are_offered_closest_first() {
        let known = ["Padel 120", "Padel 90", "Padel 60", "Padel 30"];
        assert_eq!(closest_names("Padel 61", known).len(), 3);
        assert_eq!(closest_names("Padel 61", known)[0], "Padel 60");
    }

    #[test]
    fn two_slips_are_near_and_three_are_not() {
        assert_eq!(
            nearest_name("availabilty", ["availability", "bookings"]),
            Some("availability")
        );
        assert_eq!(
            nearest_name("avialabilty", ["availability"]),
            Some("availability")
        );
        assert_eq!(nearest_name("avialabilt", ["availability"]), None);
        assert_eq!(
            nearest_name("vailability", ["availability"]),
            None,
            "the first letter is right"
        );
        // Of a short word half may be wrong.
        assert_eq!(nearest_name("axcd", ["abcd"]), Some("abcd"));
        assert_eq!(nearest_name("axxd", ["abcd"]), Some("abcd"));
        assert_eq!(nearest_name("axd", ["abd"]), Some("abd"));
        assert_eq!(nearest_name("axx", ["abd"]), None);
        assert_eq!(
            nearest_name("padle", ["paddle", "padel"]),
            Some("paddle"),
            "the first of those that are as near"
        );
    }
}
