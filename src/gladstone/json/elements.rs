//! The elements of an answer's array, each read once it has arrived: a large answer is never held
//! as a whole.
//!
//! What cannot be read at once, for it is no array, no JSON or no text, is held to its end, and then
//! read with care.

use std::str;

use json_cursor::{Cursor, Read, Stop};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::repair::{read_value, strip_guard};
use crate::gladstone::{
    body::is_firewall,
    failure::{Failure, Refuser},
    transport::Reply,
};

/// Bytes that are collected before elements are looked for: a dozen elements of a large club. The
/// last of them is usually cut off, and is looked at twice.
const ENOUGH: usize = 256 * 1024;

/// The start of an array, in place of what was read of one. No number, which could go on.
const FIRST: &[u8; 3] = b"[\"\"";

/// Reads the element of this number, or says why it cannot; then nothing may have come of it.
pub(crate) type TakeElement<'a> = dyn FnMut(usize, &mut Cursor<'_>) -> Read<()> + 'a;

/// An answer's array, as far as it has arrived.
pub(crate) struct Elements {
    /// The number of elements that were read.
    count: usize,
    /// What has arrived behind them.
    held: Vec<u8>,
    /// The number of bytes to hold before the next look.
    enough: usize,
    /// Lines and columns before `held`.
    place: (usize, usize),
}

impl Elements {
    /// Starts before an answer.
    pub(crate) fn new() -> Self {
        Self::with_batches(ENOUGH)
    }

    /// Starts before an answer, and looks for elements in so many bytes.
    fn with_batches(enough: usize) -> Self {
        Self {
            count: 0,
            held: Vec::new(),
            enough,
            place: (0, 0),
        }
    }

    /// Adds what has arrived, and reads the elements that are whole.
    pub(crate) fn push(&mut self, piece: &[u8], take: &mut TakeElement<'_>) {
        self.held.extend_from_slice(piece);
        if self.held.len() < self.enough {
            return;
        }
        self.enough = match self.read_ready(take) {
            // An element that is longer than all others is not looked at over and over.
            Ok(()) | Err(Stop::Unfinished) => self.enough.max(self.held.len() * 2),
            Err(Stop::Odd) => usize::MAX,
        };
    }

    /// Reads what is left when all has arrived.
    ///
    /// # Errors
    ///
    /// `Changed` where the answer is no array, `Refused` where it is a firewall's page.
    pub(crate) fn finish(
        mut self,
        reply: &Reply,
        host: &str,
        take: &mut TakeElement<'_>,
    ) -> Result<(), Failure> {
        // All is well nearly always.
        if self.read_ready(take).is_ok() {
            return Ok(());
        }
        let is_rest = self.count > 0;
        if is_rest {
            self.held.splice(..0, *FIRST);
        }
        let refuse = |why: &str| not_an_array(reply, host, &self.held, why);
        let left = match read_value(&self.held) {
            Ok(Value::Array(left)) => left,
            Ok(_) => return Err(refuse("")),
            Err(error) => return Err(refuse(&self.locate(&error))),
        };
        for (index, element) in left.iter().skip(usize::from(is_rest)).enumerate() {
            // Each key is in it once, and each text is one.
            let element = format!("{element} ");
            take(self.count + index, &mut Cursor::new(&element)).map_err(|_| refuse(""))?;
        }
        Ok(())
    }

    /// Reads the elements that have arrived; `Ok` where the array ends behind them.
    fn read_ready(&mut self, take: &mut TakeElement<'_>) -> Read<()> {
        let guard = match self.count {
            0 => self.held.len() - strip_guard(&self.held).len(),
            _ => 0,
        };
        let bytes = &self.held[guard..];
        let (text, is_text) = match str::from_utf8(bytes) {
            Ok(text) => (text, true),
            Err(error) => {
                let valid = &bytes[..error.valid_up_to()];
                let is_cut = error.error_len().is_none();
                (str::from_utf8(valid).unwrap_or_default(), is_cut)
            }
        };
        let mut cursor = Cursor::new(text);
        let mut read = 0;
        let outcome = loop {
            let next = cursor.next_element(self.count == 0);
            let taken = match next {
                Ok(true) => take(self.count, &mut cursor),
                Ok(false) if text.len() == bytes.len() => break Ok(()),
                Ok(false) => Err(Stop::Odd),
                Err(stop) => Err(stop),
            };
            match taken {
                Ok(()) => {
                    self.count += 1;
                    read = cursor.position();
                }
                Err(Stop::Unfinished) if is_text => break Err(Stop::Unfinished),
                Err(_) => break Err(Stop::Odd),
            }
        };
        self.forget(guard, read);
        outcome
    }

    /// Drops so many bytes that were read behind a guard, which counts nowhere.
    fn forget(&mut self, guard: usize, read: usize) {
        if read == 0 {
            return;
        }
        let (lines, columns) = &mut self.place;
        let mut line_start = 0;
        for at in memchr::memchr_iter(b'\n', &self.held[guard..guard + read]) {
            *lines += 1;
            *columns = 0;
            line_start = at + 1;
        }
        *columns += read - line_start;
        self.held.drain(..guard + read);
    }

    /// Tells an error of what is left with its place in the whole answer.
    fn locate(&self, error: &serde_json::Error) -> String {
        let (line, column) = (error.line(), error.column());
        let told = error.to_string();
        let place = format!(" at line {line} column {column}");
        match told.strip_suffix(&place) {
            Some(what) if self.count > 0 => {
                let (lines, columns) = self.place;
                let column = if line == 1 {
                    columns + column - FIRST.len()
                } else {
                    column
                };
                format!("{what} at line {} column {column}", lines + line)
            }
            _ => told,
        }
    }
}

fn not_an_array(reply: &Reply, host: &str, body: &[u8], why: &str) -> Failure {
    let body = strip_guard(body);
    if is_firewall(body) {
        return Failure::refused(host, Refuser::Firewall);
    }
    let got = match body.first() {
        None => "an empty answer".to_owned(),
        Some(b'<') => "an HTML page".to_owned(),
        Some(b'{') => match read_value(body) {
            Ok(Value::Object(map)) => match map.iter().find(|(_, value)| value.is_array()) {
                Some((key, _)) => format!("an object with a list in `{key}`"),
                None => "an object".to_owned(),
            },
            _ if is_ndjson(body) => "objects one after the other (NDJSON)".to_owned(),
            _ => format!("an object that breaks off or is no JSON ({why})"),
        },
        Some(b'[') => format!("an array that breaks off or is no JSON ({why})"),
        Some(_) => "something that is not an array".to_owned(),
    };
    Failure::changed(&reply.endpoint, "a JSON array", &got, "")
}

/// Returns `true` where a second JSON value follows the first.
fn is_ndjson(body: &[u8]) -> bool {
    serde_json::Deserializer::from_slice(body)
        .into_iter::<IgnoredAny>()
        .take(2)
        .flatten()
        .count()
        == 2
}

/// Reads the elements of an answer that arrives in pieces of these sizes, and then the rest.
#[cfg(any(test, fuzzing))]
pub(crate) fn cut_array(reply: &Reply, sizes: &[usize]) -> Result<Vec<Value>, Failure> {
    let mut all = Vec::new();
    let mut take = |index: usize, cursor: &mut Cursor<'_>| {
        assert_eq!(index, all.len());
        let element = serde_json::from_str(cursor.skip()?);
        element
            .map(|element| all.push(element))
            .map_err(|_| Stop::Odd)
    };
    let mut elements = Elements::with_batches(1);
    let mut rest = &reply.body[..];
    for size in sizes {
        let (piece, behind) = rest.split_at((*size).min(rest.len()));
        elements.push(piece, &mut take);
        rest = behind;
    }
    elements.push(rest, &mut take);
    elements.finish(reply, "club.example", &mut take)?;
    Ok(all)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::gladstone::{json::cut_array, tests::reply};

    /// The elements of an answer, or what is said of one that is no array.
    type Outcome = Result<Vec<Value>, String>;

    /// Reads an answer whole, as serde does.
    fn read_whole(body: &[u8]) -> Outcome {
        let held = Elements {
            held: body.to_vec(),
            ..Elements::new()
        };
        let reply = reply("/x", &[]);
        let refuse = |why: &str| Err(not_an_array(&reply, "club.example", body, why).to_string());
        match read_value(body) {
            Ok(Value::Array(all)) => Ok(all),
            Ok(_) => refuse(""),
            Err(error) => refuse(&held.locate(&error)),
        }
    }

    /// Reads an answer that arrives in pieces.
    fn read_in_pieces(body: &[u8], cuts: &[usize]) -> Outcome {
        cut_array(&reply("/x", body), cuts).map_err(|failure| failure.to_string())
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<i16>().prop_map(|number| Value::from(f64::from(number) / 4.0)),
            "[ -~\u{e4}\u{1f600}\\\\\"\n]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 5, |inner| {
            let object = vec(("[a-c\"\\\\]{0,3}", inner.clone()), 0..4);
            prop_oneof![
                vec(inner, 0..4).prop_map(Value::from),
                object.prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn an_array_is_the_same_wherever_it_is_cut(
            all in vec(any_json(), 0..6),
            cuts in vec(0..9_usize, 0..40),
            is_pretty in any::<bool>(),
        ) {
            let body = if is_pretty { serde_json::to_vec_pretty(&all) } else { serde_json::to_vec(&all) };
            let body = body.unwrap();
            prop_assert_eq!(read_in_pieces(&body, &cuts), Ok(all));
        }

        #[test]
        fn what_is_broken_is_told_as_for_the_whole(
            all in vec(any_json(), 0..6),
            cuts in vec(0..9_usize, 0..40),
            is_pretty in any::<bool>(),
            at in any::<prop::sample::Index>(),
            put in prop_oneof![any::<u8>().prop_map(Some), prop::sample::select(b" \"\\[]{},:0-.e\n\xff".to_vec()).prop_map(Some), Just(None)],
            is_end in any::<bool>(),
        ) {
            let body = if is_pretty { serde_json::to_vec_pretty(&all) } else { serde_json::to_vec(&all) };
            let mut body = body.unwrap();
            let at = at.index(body.len());
            match put {
                Some(byte) => body[at] = byte,
                None if is_end => body.truncate(at),
                None => { body.remove(at); }
            }
            prop_assert_eq!(read_in_pieces(&body, &cuts), read_whole(&body), "{}", String::from_utf8_lossy(&body));
        }
    }

    #[test]
    fn the_place_of_an_error_is_that_in_the_whole_answer() {
        for body in [
            "[1,2,3",
            "[1,2,]",
            "[1,2 3]",
            "[1,\n2,\n 3,\n x]",
            "[1,2]]",
            "[1,{\"a\":1,}]",
            "[1,2,\"\\ud8",
            "[1,\"\\ud83d\",2",
            "[",
            "[1",
            "[1,",
            "[]x",
            "\u{feff} [1,2,x]",
            ")]}',\n[1,2",
            "[1,\n\n{\"a\":\ttru}]",
        ] {
            let whole = read_whole(body.as_bytes());
            assert!(whole.is_err(), "{body}");
            for size in 1..8 {
                let cuts = vec![size; body.len()];
                assert_eq!(read_in_pieces(body.as_bytes(), &cuts), whole, "{body}");
            }
        }
    }
}
