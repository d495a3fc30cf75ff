//! What the fuzz target of event streams calls.

use crate::sse::SseParser;

/// Takes a stream apart, whole and in pieces: the events are the same, and none is above the limit
/// by more than a piece. The first byte says how long the pieces are.
pub fn sse(bytes: &[u8]) {
    let Some((size, stream)) = bytes.split_first() else {
        return;
    };
    let size = usize::from(*size).max(1);
    // Beyond any event of this stream.
    let limit = stream.len() + 1;
    let whole = SseParser::new(limit).push(stream);
    let mut parser = SseParser::new(limit);
    let pieces: Result<Vec<_>, _> = stream
        .chunks(size)
        .map(|piece| parser.push(piece))
        .collect();
    assert_eq!(whole, pieces.map(|events| events.concat()));

    let limit = 64;
    let mut parser = SseParser::new(limit);
    for piece in stream.chunks(size) {
        let Ok(events) = parser.push(piece) else {
            return;
        };
        assert!(events.iter().all(|data| data.len() <= limit + piece.len()));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_seeds_hold() {
        let seeds = std::fs::read_dir("../../fuzz/seeds/sse").expect("seeds");
        let read = seeds.map(|seed| {
            let path = seed.expect("a seed").path();
            super::sse(&std::fs::read(path).expect("a seed"));
        });
        assert!(read.count() > 0);
    }
}
