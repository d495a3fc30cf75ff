//! Text from the portal is untrusted: it becomes one short, printable line.
//!
//! Beside `printable`, which all tools use, because names of courts and a portal's paths are padel's
//! alone: no other tool shows either.

pub use printable::line;

/// The most characters kept of a name.
pub const NAME: usize = 80;

/// The most characters kept of a court's name: that of a set of courts holds all of theirs.
pub const COURT: usize = 300;
/// The characters of them that are kept of its end: names of courts differ there.
const COURT_END: usize = 100;

/// A court's name as one printable line; what is too long lacks its middle.
#[must_use]
pub fn court(name: &str) -> String {
    // Nobody named a court so.
    if name.len() > 10 * COURT {
        return line(name, COURT);
    }
    let name = line(name, name.len());
    let chars: Vec<char> = name.chars().collect();
    if chars.len() <= COURT {
        return name;
    }
    let (start, end) = (
        &chars[..COURT - COURT_END - 1],
        &chars[chars.len() - COURT_END..],
    );
    start.iter().chain(&['…']).chain(end).collect()
}

/// A path that a portal leads to, as it may be shown: a segment that is not plainly a word could be
/// a token.
#[must_use]
pub fn path(path: &str) -> String {
    let shown = path
        .split('/')
        .map(|segment| if is_word(segment) { segment } else { "***" });
    shown.collect::<Vec<_>>().join("/")
}

/// Tells whether a segment is a word such as `callback`, `MyAccount`, `index.html` or `v2`. A token
/// has digits, is long, or mixes its case.
fn is_word(segment: &str) -> bool {
    let is_short = segment.len() <= 3 && segment.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let capitals = segment.bytes().filter(u8::is_ascii_uppercase).count();
    let is_plain = segment
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() || b"-_.".contains(&byte));
    is_short || (is_plain && segment.len() <= 24 && capitals <= 3 && !segment.starts_with("eyJ"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_of_a_path_are_shown() {
        for (given, shown) in [
            ("/", "/"),
            ("/api/v2/sessions", "/api/v2/sessions"),
            ("/MyAccount/index.html", "/MyAccount/index.html"),
            (
                "/api/samlauthentication/login",
                "/api/samlauthentication/login",
            ),
            (
                "/callback/eyJhbGciOiJub25lIn0.e30.x/done",
                "/callback/***/done",
            ),
            ("/s/0123456789abcdef", "/s/***"),
            ("/s/QxZkPlmNbVcRtYuI", "/s/***"),
            ("/reset/4711", "/reset/***"),
            ("/home;jsessionid=abc/x", "/***/x"),
            ("/alex%40example.org", "/***"),
            ("/averylongsegmentoflettersonly", "/***"),
        ] {
            assert_eq!(path(given), shown);
        }
    }
}
