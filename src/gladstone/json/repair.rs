//! An answer read with care: without what some servers put around JSON, and with texts repaired
//! that are none.

use serde_json::Value;

/// Texts before JSON that must not run as a script.
const GUARDS: [&[u8]; 4] = [b")]}',", b")]}'", b"while(1);", b"for(;;);"];
/// The mark of UTF-8 at the start of a text.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Reads an answer as a value: texts that are no UTF-8 or hold half a character are repaired, the last of
/// a doubled key counts.
pub(crate) fn read_value(body: &[u8]) -> serde_json::Result<Value> {
    let body = strip_guard(body);
    serde_json::from_slice(body)
        .or_else(|_| serde_json::from_slice(strip_guard(repair_text(body).as_bytes())))
}

/// Strips what some servers put before JSON.
pub(super) fn strip_guard(body: &[u8]) -> &[u8] {
    let body = body.strip_prefix(BOM).unwrap_or(body).trim_ascii_start();
    GUARDS
        .iter()
        .find_map(|guard| body.strip_prefix(*guard))
        .map_or(body, <[u8]>::trim_ascii_start)
}

/// Puts a text in place of bytes that are none, and U+FFFD in place of each escaped half of a character.
fn repair_text(body: &[u8]) -> String {
    let text = match body {
        [0xff, 0xfe, rest @ ..] => decode_utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => decode_utf16(rest, u16::from_be_bytes),
        [_, 0, ..] => decode_utf16(body, u16::from_le_bytes),
        [0, _, ..] => decode_utf16(body, u16::from_be_bytes),
        _ => String::from_utf8_lossy(body).into_owned(),
    };
    let mut whole = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        whole.push_str(before);
        let (kept, length) = match (escaped_unit(escape), escape.get(6..).and_then(escaped_unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (&escape[..12], 12),
            (Some(0xd800..=0xdfff), _) => ("\\ufffd", 6),
            _ => {
                let length = escape.chars().take(2).map(char::len_utf8).sum();
                (&escape[..length], length)
            }
        };
        whole.push_str(kept);
        rest = &escape[length..];
    }
    whole + rest
}

/// Reads the number of an escape such as `\ud83d`.
fn escaped_unit(escape: &str) -> Option<u32> {
    u32::from_str_radix(escape.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| unit([pair[0], pair[1]]))
        .collect();
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_texts_are_repaired_and_whole_ones_kept() {
        let utf_16 = |text: &str, unit: fn(u16) -> [u8; 2]| {
            text.encode_utf16().flat_map(unit).collect::<Vec<u8>>()
        };
        for (body, expected) in [
            (utf_16("[\"\u{e4}\"]", u16::to_le_bytes), "[\"\u{e4}\"]"),
            (utf_16("[\"\u{e4}\"]", u16::to_be_bytes), "[\"\u{e4}\"]"),
            (utf_16("\u{feff}[1]", u16::to_le_bytes), "[1]"),
            (utf_16("\u{feff}[1]", u16::to_be_bytes), "[1]"),
            (b"[\"\xe4\"]".to_vec(), "[\"\u{fffd}\"]"),
            (
                br#"["\ud83d\ude00", "\ud83d"]"#.to_vec(),
                "[\"\u{1f600}\",\"\u{fffd}\"]",
            ),
            (
                br#"["\ud83d\ud83d\ude00", "\ude00x", "\\ud83d\n"]"#.to_vec(),
                "[\"\u{fffd}\u{1f600}\",\"\u{fffd}x\",\"\\\\ud83d\\n\"]",
            ),
        ] {
            assert_eq!(read_value(&body).unwrap().to_string(), expected, "{body:?}");
        }
    }
}
