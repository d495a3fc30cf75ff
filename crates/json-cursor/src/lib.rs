//! JSON text, value by value: what is wanted of it is read, and what is not, most of a large answer,
//! is only passed over. Takes nothing that is not JSON.
//!
//! Lenient about shapes: another value than the wanted one is no error. A crate of its own because
//! it is the one place whose speed a user notices: it is compiled for speed, and the rest for size.

use std::borrow::Cow;

use serde_json::Number;

/// Reason why reading stopped short of a value's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The text ends before the value does.
    Unfinished,
    /// This is no JSON, or a text with half a character in it.
    Odd,
}

/// What was read, or why not.
pub type Read<T> = Result<T, Stop>;

/// An object of which some fields are wanted. The last of a doubled one counts.
pub trait Shape<'a>: Default {
    /// Reads the value of a field, or passes over it.
    ///
    /// # Errors
    ///
    /// The cursor's.
    fn read_field(&mut self, key: &[u8], cursor: &mut Cursor<'a>) -> Read<()>;
}

/// An array of objects; `None` where there is something else, or nothing.
pub type List<T> = Option<Vec<Option<T>>>;

/// The longest whole number that is taken as it is written: every such number is one for a computer,
/// too.
const DIGITS: usize = 18;

/// A place in a JSON text.
#[derive(Debug)]
pub struct Cursor<'a> {
    text: &'a str,
    at: usize,
    /// The ends of the arrays and objects around a value that is passed over.
    open: Vec<u8>,
}

impl<'a> Cursor<'a> {
    /// Starts before the first value.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            open: Vec::new(),
        }
    }

    /// Returns the number of bytes that were read.
    #[must_use]
    pub fn position(&self) -> usize {
        self.at
    }

    /// Goes on to an array's next element; `false` where the array, and the text with it, ends.
    ///
    /// # Errors
    ///
    /// Where neither follows.
    pub fn next_element(&mut self, is_first: bool) -> Read<bool> {
        if is_first {
            self.expect(b'[')?;
        }
        let next = self.peek()?;
        if next != b']' {
            if !is_first {
                self.expect(b',')?;
            }
            return Ok(true);
        }
        self.at += 1;
        match self.peek() {
            Err(Stop::Unfinished) => Ok(false),
            _ => Err(Stop::Odd),
        }
    }

    /// Reads an object's fields; `None` where there is something else.
    ///
    /// # Errors
    ///
    /// Where there is no whole value.
    pub fn item<T: Shape<'a>>(&mut self) -> Read<Option<T>> {
        let mut item = T::default();
        let is_object = self.object(&mut |cursor, key| item.read_field(key, cursor))?;
        Ok(is_object.then_some(item))
    }

    /// Reads an array's elements; `None` where there is something else.
    ///
    /// # Errors
    ///
    /// Where there is no whole value.
    pub fn list<T: Shape<'a>>(&mut self) -> Read<List<T>> {
        let mut list = Vec::new();
        let is_array = self.array(&mut |cursor| {
            list.push(cursor.item()?);
            Ok(())
        })?;
        Ok(is_array.then_some(list))
    }

    /// Reads a string, a number, or a flag as `true` or `false`; anything else is the empty text.
    ///
    /// # Errors
    ///
    /// Where there is no whole value.
    pub fn text(&mut self) -> Read<Cow<'a, str>> {
        match self.peek()? {
            b'"' => {
                self.at += 1;
                self.string()
            }
            b'-' | b'0'..=b'9' => self.number(),
            first => {
                self.skip()?;
                Ok(Cow::Borrowed(match first {
                    b't' => "true",
                    b'f' => "false",
                    _ => "",
                }))
            }
        }
    }

    /// Reads the same; `None` for `null`.
    ///
    /// # Errors
    ///
    /// Where there is no whole value.
    pub fn text_or_null(&mut self) -> Read<Option<Cow<'a, str>>> {
        let is_null = self.peek()? == b'n';
        self.text().map(|text| (!is_null).then_some(text))
    }

    /// Passes over a value of any kind and depth, and returns it as it is written.
    ///
    /// # Errors
    ///
    /// Where there is no whole value.
    pub fn skip(&mut self) -> Read<&'a str> {
        self.peek()?;
        let start = self.at;
        self.open.clear();
        loop {
            match self.next()? {
                b'"' => self.skip_string()?,
                b'{' => {
                    self.open.push(b'}');
                    if self.peek()? != b'}' {
                        self.skip_key()?;
                        continue;
                    }
                }
                b'[' => {
                    self.open.push(b']');
                    if self.peek()? != b']' {
                        continue;
                    }
                }
                b't' => self.word(b"rue")?,
                b'f' => self.word(b"alse")?,
                b'n' => self.word(b"ull")?,
                first => self.skip_number(first)?,
            }
            loop {
                let Some(end) = self.open.last().copied() else {
                    return self.text.get(start..self.at).ok_or(Stop::Odd);
                };
                match self.next()? {
                    b',' if end == b'}' => break self.skip_key()?,
                    b',' => break,
                    next if next == end => self.open.pop(),
                    _ => return Err(Stop::Odd),
                };
            }
        }
    }

    /// Reads an object, each field by `read`; `false` where there is something else.
    fn object(&mut self, read: &mut dyn FnMut(&mut Self, &[u8]) -> Read<()>) -> Read<bool> {
        if self.peek()? != b'{' {
            return self.skip().map(|_| false);
        }
        self.at += 1;
        let mut next = self.next()?;
        if next == b'}' {
            return Ok(true);
        }
        loop {
            if next != b'"' {
                return Err(Stop::Odd);
            }
            let (start, bytes) = (self.at, self.text.as_bytes());
            let end = start + plain_length(&bytes[start..]);
            if bytes.get(end) == Some(&b'"') {
                self.at = end + 1;
                self.expect(b':')?;
                read(self, &bytes[start..end])?;
            } else {
                let key = self.escaped()?;
                self.expect(b':')?;
                read(self, key.as_bytes())?;
            }
            match self.next()? {
                b',' => next = self.next()?,
                b'}' => return Ok(true),
                _ => return Err(Stop::Odd),
            }
        }
    }

    /// Reads an array, each element by `read`; `false` where there is something else.
    fn array(&mut self, read: &mut dyn FnMut(&mut Self) -> Read<()>) -> Read<bool> {
        if self.peek()? != b'[' {
            return self.skip().map(|_| false);
        }
        self.at += 1;
        if self.peek()? == b']' {
            self.at += 1;
            return Ok(true);
        }
        loop {
            read(self)?;
            match self.next()? {
                b',' => {}
                b']' => return Ok(true),
                _ => return Err(Stop::Odd),
            }
        }
    }

    /// Returns the next byte that is no white space.
    #[inline(always)]
    fn peek(&mut self) -> Read<u8> {
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(byte) => return Ok(*byte),
                None => return Err(Stop::Unfinished),
            }
        }
    }

    /// Returns the same, and goes past it.
    #[inline(always)]
    fn next(&mut self) -> Read<u8> {
        let next = self.peek()?;
        self.at += 1;
        Ok(next)
    }

    #[inline(always)]
    fn expect(&mut self, byte: u8) -> Read<()> {
        if self.next()? == byte {
            Ok(())
        } else {
            Err(Stop::Odd)
        }
    }

    /// Passes over the rest of a word.
    fn word(&mut self, rest: &[u8]) -> Read<()> {
        let text = &self.text.as_bytes()[self.at..];
        if text.starts_with(rest) {
            self.at += rest.len();
            return Ok(());
        }
        Err(if rest.starts_with(text) {
            Stop::Unfinished
        } else {
            Stop::Odd
        })
    }

    fn skip_key(&mut self) -> Read<()> {
        self.expect(b'"')?;
        self.skip_string()?;
        self.expect(b':')
    }

    /// Reads a string, of which the first quotation mark is read.
    fn string(&mut self) -> Read<Cow<'a, str>> {
        let (start, bytes) = (self.at, self.text.as_bytes());
        let end = start + plain_length(&bytes[start..]);
        if bytes.get(end) != Some(&b'"') {
            return self.escaped().map(Cow::Owned);
        }
        self.at = end + 1;
        self.text
            .get(start..end)
            .map(Cow::Borrowed)
            .ok_or(Stop::Odd)
    }

    /// Reads a string with escapes.
    #[cold]
    fn escaped(&mut self) -> Read<String> {
        let start = self.at;
        self.skip_string()?;
        let quoted = self.text.get(start - 1..self.at).ok_or(Stop::Odd)?;
        serde_json::from_str(quoted).map_err(|_| Stop::Odd)
    }

    /// Passes over the rest of a string.
    fn skip_string(&mut self) -> Read<()> {
        let bytes = self.text.as_bytes();
        loop {
            let at = self.at + plain_length(&bytes[self.at..]);
            self.at = at + 1;
            match bytes.get(at) {
                Some(b'"') => return Ok(()),
                Some(b'\\') => {}
                Some(_) => return Err(Stop::Odd),
                None => return Err(Stop::Unfinished),
            }
            self.at += 1;
            match bytes.get(at + 1) {
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
                Some(b'u') => self.skip_unit()?,
                Some(_) => return Err(Stop::Odd),
                None => return Err(Stop::Unfinished),
            }
        }
    }

    /// Passes over the four digits of an escape.
    fn skip_unit(&mut self) -> Read<()> {
        let rest = &self.text.as_bytes()[self.at..];
        let digits = &rest[..rest.len().min(4)];
        self.at += digits.len();
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(Stop::Odd);
        }
        if digits.len() < 4 {
            return Err(Stop::Unfinished);
        }
        Ok(())
    }

    /// Reads a number as it is written if it is whole and short, else as a computer writes it.
    fn number(&mut self) -> Read<Cow<'a, str>> {
        let written = self.skip()?;
        let digits = written.strip_prefix('-').unwrap_or(written);
        let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_whole && digits.len() <= DIGITS && written != "-0" {
            return Ok(Cow::Borrowed(written));
        }
        let number: Number = serde_json::from_str(written).map_err(|_| Stop::Odd)?;
        let whole = number.as_u64().map(|number| number.to_string());
        let whole = whole.or_else(|| number.as_i64().map(|number| number.to_string()));
        let text = whole.or_else(|| number.as_f64().map(|number| number.to_string()));
        Ok(Cow::Owned(text.unwrap_or_default()))
    }

    /// Passes over the rest of a number.
    fn skip_number(&mut self, first: u8) -> Read<()> {
        match first {
            b'0' => {}
            b'1'..=b'9' => self.at += self.count_digits(),
            b'-' if self.text.as_bytes().get(self.at) == Some(&b'0') => self.at += 1,
            b'-' => self.skip_digits()?,
            _ => return Err(Stop::Odd),
        }
        if self.skip_one_of(b".") {
            self.skip_digits()?;
        }
        if self.skip_one_of(b"eE") {
            self.skip_one_of(b"+-");
            self.skip_digits()?;
        }
        // Only what follows tells that this was all of it.
        match self.text.as_bytes().get(self.at) {
            Some(_) => Ok(()),
            None => Err(Stop::Unfinished),
        }
    }

    fn skip_one_of(&mut self, wanted: &[u8]) -> bool {
        let next = self.text.as_bytes().get(self.at);
        let is_next = next.is_some_and(|byte| wanted.contains(byte));
        self.at += usize::from(is_next);
        is_next
    }

    /// Passes over one digit or more.
    fn skip_digits(&mut self) -> Read<()> {
        let count = self.count_digits();
        self.at += count;
        match count {
            0 if self.at == self.text.len() => Err(Stop::Unfinished),
            0 => Err(Stop::Odd),
            _ => Ok(()),
        }
    }

    fn count_digits(&self) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    }
}

/// Returns the number of bytes before the first that ends a string, begins an escape, or may not
/// stand in a string.
///
/// Eight at a time: most of an answer are strings.
#[inline(always)]
fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    // Sets the highest bit of the first byte that is smaller than `most`, and maybe of some behind it.
    let below = |word: u64, most: u64| word.wrapping_sub(ONES * most) & !word;
    let mut rest = bytes;
    while let Some((word, behind)) = rest.split_first_chunk() {
        let word = u64::from_le_bytes(*word);
        let quote = below(word ^ (ONES * u64::from(b'"')), 1);
        let escape = below(word ^ (ONES * u64::from(b'\\')), 1);
        let found = (quote | escape | below(word, 0x20)) & (ONES << 7);
        if found != 0 {
            return bytes.len() - rest.len() + (found.trailing_zeros() / 8) as usize;
        }
        rest = behind;
    }
    let is_plain = |byte: &&u8| !matches!(byte, b'"' | b'\\' | 0..0x20);
    bytes.len() - rest.len() + rest.iter().take_while(is_plain).count()
}

#[cfg(test)]
mod tests;
