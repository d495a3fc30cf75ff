//! What a reader of YAML makes of the values in a front matter that are not in quotes.
//!
//! The official tools read YAML 1.1, in which `on`, `2026-11-23` and `12:30` are no text; ours
//! reads 1.2, in which `1e3` and `0o7` are none. What either takes for something else is not text
//! to all.

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};

/// The reading of an empty value, or `~`.
pub(super) const NOTHING: &str = "nothing";

/// The kind of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text to every reader.
    Text,
    /// A plain decimal number to every reader, so that its text is not lost.
    Number,
    /// Not text to some reader: what it is instead.
    Other(&'static str),
    /// A list.
    List,
    /// A map.
    Map,
}

/// A node, with its text if it is a scalar.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) text: String,
}

/// A pair of the outermost map; what a map in it holds, further nested ones without their contents.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) key: Node,
    pub(super) value: Option<Node>,
    pub(super) inner: Vec<(Node, Option<Node>)>,
}

/// The pairs of a front matter that is YAML; of any other as far as it can be read.
pub(super) fn parse_pairs(block: &str) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    // The collections that are open, and whether each is a map.
    let mut open: Vec<bool> = Vec::new();
    for event in Parser::new_from_str(block) {
        let Ok((event, _)) = event else { break };
        let node = match &event {
            Event::Scalar(text, style, _, tag) => {
                let kind = match tag {
                    Some(tag) if tag.is_yaml_core_schema_tag("str") => Kind::Text,
                    Some(_) => Kind::Other("a value with a tag"),
                    None if *style == ScalarStyle::Plain => classify_scalar(text),
                    None => Kind::Text,
                };
                Node {
                    kind,
                    text: text.clone().into_owned(),
                }
            }
            Event::SequenceStart(..) => Node {
                kind: Kind::List,
                text: String::new(),
            },
            Event::MappingStart(..) => Node {
                kind: Kind::Map,
                text: String::new(),
            },
            Event::Alias(_) => Node {
                kind: Kind::Other("an alias"),
                text: String::new(),
            },
            Event::SequenceEnd | Event::MappingEnd => {
                open.pop();
                continue;
            }
            _ => continue,
        };
        insert_node(node.clone(), &open, &mut pairs);
        match node.kind {
            Kind::List => open.push(false),
            Kind::Map => open.push(true),
            _ => {}
        }
    }
    pairs
}

/// Finds what the official validator does not read: braces and brackets, tags, anchors, tabs.
pub(super) fn find_foreign_style(block: &str) -> Option<&'static str> {
    let mut events = Parser::new_from_str(block).map_while(Result::ok);
    let foreign = events.find_map(|(event, _)| match event {
        Event::SequenceStart(StructureStyle::Flow, ..)
        | Event::MappingStart(StructureStyle::Flow, ..) => {
            Some("lists in brackets and maps in braces")
        }
        Event::Alias(_) => Some("anchors and aliases"),
        Event::Scalar(_, _, anchor, tag)
        | Event::SequenceStart(_, anchor, tag)
        | Event::MappingStart(_, anchor, tag) => match (anchor, tag) {
            (0, None) => None,
            (0, Some(_)) => Some("tags"),
            _ => Some("anchors and aliases"),
        },
        _ => None,
    });
    foreign.or_else(|| has_outer_tab(block).then_some("tabs outside quotes"))
}

/// Finds a tab outside quotes, blocks of text and comments, where YAML 1.1 takes spaces
/// only.
fn has_outer_tab(block: &str) -> bool {
    let mut outside = block.as_bytes().to_vec();
    for (event, span) in Parser::new_from_str(block).map_while(Result::ok) {
        let Event::Scalar(_, style, ..) = event else {
            continue;
        };
        let quoted = span.byte_range().filter(|_| style != ScalarStyle::Plain);
        if let Some(text) = quoted.and_then(|range| outside.get_mut(range)) {
            text.fill(b'"');
        }
    }
    outside.split(|byte| *byte == b'\n').any(|line| {
        let starts =
            |at: &usize| line[*at] == b'#' && (*at == 0 || matches!(line[at - 1], b' ' | b'\t'));
        let comment = (0..line.len()).find(starts).unwrap_or(line.len());
        line[..comment].contains(&b'\t')
    })
}

/// Puts a node where it belongs: it is a key where the pair before is complete.
fn insert_node(node: Node, open: &[bool], pairs: &mut Vec<Pair>) {
    match (open, pairs.last_mut()) {
        ([true], Some(pair)) if pair.value.is_none() => pair.value = Some(node),
        ([true], _) => pairs.push(Pair {
            key: node,
            value: None,
            inner: Vec::new(),
        }),
        ([true, true], Some(pair)) if pair.value.is_some() => match pair.inner.last_mut() {
            Some((_, value)) if value.is_none() => *value = Some(node),
            _ => pair.inner.push((node, None)),
        },
        _ => {}
    }
}

/// Classifies a scalar without quotes by YAML 1.1 and 1.2.
fn classify_scalar(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Kind::Other(NOTHING),
        "yes" | "Yes" | "YES" | "no" | "No" | "NO" | "true" | "True" | "TRUE" | "false"
        | "False" | "FALSE" | "on" | "On" | "ON" | "off" | "Off" | "OFF" => {
            return Kind::Other("a truth value");
        }
        "<<" | "=" => return Kind::Other("an instruction"),
        _ => {}
    }
    if is_date(text) {
        return Kind::Other("a date");
    }
    let number = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(number, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return Kind::Other("a number");
    }
    for (prefix, base) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if number
            .strip_prefix(prefix)
            .is_some_and(|digits| has_base(digits, base))
        {
            return Kind::Other("a number of another base");
        }
    }
    if is_decimal(number) {
        let is_plain = !number.contains('_') && (number == "0" || !number.starts_with('0'));
        return if is_plain {
            Kind::Number
        } else {
            Kind::Other("a number, octal or with separators")
        };
    }
    if is_sexagesimal(number) {
        return Kind::Other("a time, which is a number to base 60");
    }
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_part = fraction.is_empty() || has_base(fraction, 10);
    let is_number = (whole.is_empty() && is_decimal(fraction)) || (is_decimal(whole) && is_part);
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    match is_number && is_decimal(exponent) {
        true if mantissa.len() == number.len() && !number.contains('_') => Kind::Number,
        true => Kind::Other("a number with an exponent or separators"),
        false => Kind::Text,
    }
}

/// Digits of this base, and underscores between them.
fn has_base(digits: &str, base: u32) -> bool {
    digits.chars().any(|digit| digit != '_')
        && digits
            .chars()
            .all(|digit| digit == '_' || digit.is_digit(base))
}

fn is_decimal(digits: &str) -> bool {
    digits.starts_with(|first: char| first.is_ascii_digit()) && has_base(digits, 10)
}

/// So many digits, and nothing else.
fn has_digits(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `2026-11-23`, or with a time after `T` or white space.
fn is_date(text: &str) -> bool {
    let (date, time) = text
        .split_once(['T', 't', ' ', '\t'])
        .map_or((text, None), |(date, time)| (date, Some(time)));
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts[..] else {
        return false;
    };
    let least = if time.is_some() { 1 } else { 2 };
    if !has_digits(year, 4, 4) || !has_digits(month, least, 2) || !has_digits(day, least, 2) {
        return false;
    }
    let Some(time) = time else { return true };
    let parts: Vec<&str> = time.trim_start().splitn(3, ':').collect();
    let [hour, minute, rest] = parts[..] else {
        return false;
    };
    let (second, rest) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
    let zone = rest.strip_prefix('.').map_or(rest, |rest| {
        rest.trim_start_matches(|digit: char| digit.is_ascii_digit())
    });
    let zone = zone.trim();
    let is_zone = matches!(zone, "" | "Z")
        || zone.strip_prefix(['-', '+']).is_some_and(|zone| {
            let (hours, minutes) = zone.split_once(':').unwrap_or((zone, "00"));
            has_digits(hours, 1, 2) && has_digits(minutes, 2, 2)
        });
    has_digits(hour, 1, 2) && has_digits(minute, 2, 2) && has_digits(second, 2, 2) && is_zone
}

/// `12:30`, `1:02:03.5`: parts after the first are below 60.
fn is_sexagesimal(text: &str) -> bool {
    let mut parts: Vec<&str> = text.split(':').collect();
    let Some((last, fraction)) = parts
        .pop()
        .map(|last| last.split_once('.').unwrap_or((last, "")))
    else {
        return false;
    };
    let Some((first, middle)) = parts.split_first() else {
        return false;
    };
    let mut later = middle.iter().chain([&last]);
    is_decimal(first)
        && (fraction.bytes()).all(|byte| byte.is_ascii_digit() || byte == b'_')
        && later.all(|part| has_digits(part, 1, 2) && part.parse::<u8>().is_ok_and(|n| n < 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_any_reader_takes_for_something_else_is_no_text() {
        let texts = "1.2.3|0.1.0|v1|3.11+|Python 3|10:99|12:3a|1.2.3.4|2026-11|\
             2026-11-23 late|2026-11-1|1:2:x|yes please|Off-season|y|n|-|e3|1e|0x|_1|\
             1-2|12:30 pm|089x|10.0.0-rc.1|https://x.example:80|2026-W48|.|..|1..2|\
             nullable";
        for text in texts.split('|') {
            assert_eq!(classify_scalar(text), Kind::Text, "{text}");
        }
        let texts = "0|1|-1|1.0|1.10|+3.14|20261123|1.|.5";
        for text in texts.split('|') {
            assert_eq!(classify_scalar(text), Kind::Number, "{text}");
        }
        let texts = "|~|null|yes|No|ON|off|True|2026-11-23|2026-11-23T09:00:00Z|\
             2026-1-2 9:00:00 +01:00|2026-11-23 09:00:00.5|12:30|1:02:03|\
             190:20:30.15|017|0755|089|0o17|0x1F|0b101|1_000|1e3|1.5e+3|6.02E23|.inf|\
             -.INF|.nan|<<|=|1_0.5";
        for text in texts.split('|') {
            assert!(
                matches!(classify_scalar(text), Kind::Other(_)),
                "{text}: {:?}",
                classify_scalar(text)
            );
        }
    }

    #[test]
    fn pairs_are_told_with_what_their_maps_hold() {
        let found = parse_pairs(
            "a: 'on'\nb:\n  c: on\n  d: [1, {e: f}]\n  g:\n    h: i\n? [k]\n: l\nm: !!str 1\n\
             n: &x 1\no: *x\n",
        );
        let told = found.iter().map(|pair| {
            let inner: Vec<String> = pair
                .inner
                .iter()
                .map(|(key, value)| {
                    format!("{} {:?}", key.text, value.as_ref().map(|node| node.kind))
                })
                .collect();
            format!(
                "{} {:?} {}",
                pair.key.text,
                pair.value.as_ref().map(|node| node.kind),
                inner.join(",")
            )
        });
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                "a Some(Text) ",
                "b Some(Map) c Some(Other(\"a truth value\")),d Some(List),g Some(Map)",
                " Some(Text) ",
                "m Some(Text) ",
                "n Some(Number) ",
                "o Some(Other(\"an alias\")) ",
            ]
        );
    }
}
