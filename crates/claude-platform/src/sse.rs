//! Server-sent events, taken apart: bytes go in as they come, the data of whole events comes out.
//! Knows nothing of what the data means.

/// An event grew beyond the limit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// The events of one stream so far.
pub(crate) struct SseParser {
    /// The largest event in bytes.
    limit: usize,
    /// What came and is not a whole line yet.
    pending: Vec<u8>,
    /// The first of `pending` that was not looked at.
    looked: usize,
    /// The `data` of the event so far, each line ended.
    data: Vec<u8>,
    /// A CR was the last that came, so that an LF now belongs to it.
    after_cr: bool,
    is_first_line: bool,
}

impl SseParser {
    pub(crate) const fn new(limit: usize) -> Self {
        Self {
            limit,
            pending: Vec::new(),
            looked: 0,
            data: Vec::new(),
            after_cr: false,
            is_first_line: true,
        }
    }

    /// Takes in what came, and gives the data of the events that it ends.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, TooLarge> {
        self.pending.extend_from_slice(bytes);
        let mut whole = Vec::new();
        while let Some(line) = self.take_line() {
            if let Some(data) = self.take_in(&line) {
                whole.push(data);
            }
        }
        if self.pending.len() + self.data.len() > self.limit {
            return Err(TooLarge);
        }
        Ok(whole)
    }

    /// Takes the next whole line, which LF, CR or both end.
    fn take_line(&mut self) -> Option<Vec<u8>> {
        if self.after_cr && !self.pending.is_empty() {
            self.after_cr = false;
            if self.pending[0] == b'\n' {
                self.pending.remove(0);
            }
        }
        let rest = &self.pending[self.looked..];
        let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
            self.looked = self.pending.len();
            return None;
        };
        let end = self.looked + end;
        self.after_cr = self.pending[end] == b'\r';
        let mut line: Vec<u8> = self.pending.drain(..=end).collect();
        line.pop();
        self.looked = 0;
        if std::mem::take(&mut self.is_first_line) && line.starts_with("\u{feff}".as_bytes()) {
            line.drain(..3);
        }
        Some(line)
    }

    /// Takes in a line; an empty one ends an event. Comments and fields other than `data` say
    /// nothing that the data does not.
    fn take_in(&mut self, line: &[u8]) -> Option<Vec<u8>> {
        if line.is_empty() {
            self.data.pop();
            return Some(std::mem::take(&mut self.data)).filter(|data| !data.is_empty());
        }
        let name = line.iter().position(|byte| *byte == b':');
        let (name, value) = line.split_at(name.unwrap_or(line.len()));
        if name == b"data" {
            let value = value.strip_prefix(b":").unwrap_or(value);
            self.data.extend(value.strip_prefix(b" ").unwrap_or(value));
            self.data.push(b'\n');
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(pieces: &[&[u8]]) -> Vec<String> {
        let mut parser = SseParser::new(1000);
        let events = pieces
            .iter()
            .flat_map(|piece| parser.push(piece).expect("small events"));
        events
            .map(|data| String::from_utf8(data).expect("text"))
            .collect()
    }

    #[test]
    fn an_event_is_the_data_up_to_an_empty_line() {
        let text = "\u{feff}: hello\nevent: message\nid: 1\nretry: 5\ndata: {\"a\":1}\n\n\n\
                    event: ping\n\ndata:two\ndata:  lines\ndata\n\ndata: unfinished\n";
        assert_eq!(parse(&[text.as_bytes()]), ["{\"a\":1}", "two\n lines\n"]);
    }

    #[test]
    fn each_of_the_three_line_ends_counts_once() {
        for end in ["\n", "\r", "\r\n"] {
            let text = format!("data: a{end}data: b{end}{end}data: c{end}{end}");
            assert_eq!(parse(&[text.as_bytes()]), ["a\nb", "c"], "{end:?}");
        }
    }

    #[test]
    fn an_event_that_never_ends_is_given_up() {
        let mut parser = SseParser::new(10);
        assert_eq!(parser.push(b"data: 12"), Ok(vec![]));
        assert_eq!(parser.push(b"345"), Err(TooLarge));
        let mut parser = SseParser::new(10);
        assert_eq!(
            parser.push(b"data: 1\ndata: 2\ndata: 3\ndata: 4\ndata: 5\n"),
            Ok(vec![])
        );
        assert_eq!(parser.push(b"data: 6\n"), Err(TooLarge));
    }

    proptest! {
        #[test]
        fn it_is_the_same_in_whatever_pieces_it_comes(
            lines in proptest::collection::vec("(data: ?[a-z]{0,3}|:c|)(\n|\r|\r\n)", 0..20),
            cuts in proptest::collection::vec(0_usize..100, 0..10),
        ) {
            let text = lines.concat();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> =
                cuts.windows(2).map(|pair| &text.as_bytes()[pair[0]..pair[1]]).collect();
            prop_assert_eq!(parse(&pieces), parse(&[text.as_bytes()]));
        }
    }
}
