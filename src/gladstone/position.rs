//! Where in a JSON text its reader stopped: the line and column of an error, as a path a person can follow.

/// An array or object that is open at the place, with the index or key that was last met in it.
enum Open<'a> {
    Array(Option<usize>),
    Object(Option<&'a str>),
}

/// The path of what `error` is about, such as `location.name` or `slots[2]`; empty for the whole text.
///
/// `json` is valid JSON that does not have the expected form. What lacks something is told at its closing bracket, so
/// the path is then that of the whole object.
pub(super) fn path(json: &str, error: &serde_json::Error) -> String {
    let line = json.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let read = json.get(..(line + error.column()).min(json.len())).unwrap_or(json);

    let mut open: Vec<Open> = Vec::new();
    let mut rest = read;
    while let Some(first) = rest.bytes().next() {
        let length = match first {
            b'"' => string(rest),
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
        let (token, after) = rest.split_at(length);
        if let Some(Open::Array(index @ None)) = open.last_mut()
            && !matches!(first, b']' | b' ' | b'\t' | b'\r' | b'\n')
        {
            *index = Some(0);
        }
        match (first, open.last_mut()) {
            (b'{', _) => open.push(Open::Object(None)),
            (b'[', _) => open.push(Open::Array(None)),
            (b'}' | b']', _) => drop(open.pop()),
            (b',', Some(Open::Array(Some(index)))) => *index += 1,
            (b',', Some(Open::Object(key))) => *key = None,
            (b'"', Some(Open::Object(key @ None))) => *key = Some(token.trim_matches('"')),
            _ => {}
        }
        rest = after;
    }

    let mut path = String::new();
    for part in &open {
        match part {
            Open::Array(Some(index)) => path.push_str(&format!("[{index}]")),
            Open::Object(Some(key)) if path.is_empty() => path.push_str(key),
            Open::Object(Some(key)) => path.push_str(&format!(".{key}")),
            Open::Array(None) | Open::Object(None) => {}
        }
    }
    path
}

/// The length of the string that `text` begins with, quotes included.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::path;
    use crate::gladstone::lenient::Text;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Slot<'a> {
        #[serde(borrow)]
        name: Text<'a>,
        #[serde(default)]
        courts: Vec<Court>,
        #[serde(default)]
        place: Option<Box<Slot<'a>>>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Court {
        number: u32,
    }

    #[track_caller]
    fn is_at(json: &str, expected: &str) {
        let error = serde_json::from_str::<Slot>(json).unwrap_err();
        assert_eq!(path(json, &error), expected, "{error}");
    }

    #[test]
    fn the_path_is_that_of_the_bad_value() {
        is_at(r#"{"name": true}"#, "name");
        is_at(r#"{"name": [1]}"#, "name");
        is_at(r#"{"name": {"a": "b"}}"#, "name");
        is_at(r#"{"name": "a", "courts": 5}"#, "courts");
        is_at(r#"{"name": "a", "courts": [{"number": 1}, {"number": "x"}]}"#, "courts[1].number");
        is_at(
            "{\"name\": \"a\\\"{[,\", \"x\": [[], {}],\n \"place\":\n {\"name\": \"\u{e9}\", \"courts\": [3]}}",
            "place.courts[0]",
        );
    }

    #[test]
    fn what_lacks_something_is_the_object() {
        is_at("{}", "");
        is_at(r#"{"name": "a", "courts": [{"number": 1}, {}]}"#, "courts[1]");
        is_at(r#"{"name": "a", "place": {"courts": []}}"#, "place");
        is_at("3", "");
    }
}
