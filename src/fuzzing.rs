//! What the fuzz targets call: the parsers of everything that comes from outside, with what must hold of their results.

use crate::{config, gladstone};

/// A `.env`: values are what stands in the file, to the letter.
pub fn dotenv(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for (_, value) in config::fuzz_dotenv(text) {
        assert!(text.contains(&value) && !value.contains('\n'));
    }
}

/// The portal's sessions: slots are plausible, and nothing unprintable is in them.
pub fn sessions(bytes: &[u8]) {
    for slot in gladstone::fuzz_sessions(bytes) {
        assert!(slot.is_plausible());
        let listing = &*slot.listing;
        printable(&listing.court);
        printable(&listing.activity);
        printable(&listing.activity_id);
    }
}

/// A member's bookings: an end is after its start, and nothing unprintable is in them.
pub fn bookings(bytes: &[u8]) {
    for booking in gladstone::fuzz_bookings(bytes) {
        assert!(booking.end.is_none_or(|end| end > booking.start));
        for text in [booking.reference, booking.activity, booking.court, booking.site, booking.status].iter().flatten()
        {
            printable(text);
        }
    }
}

fn printable(text: &str) {
    assert!(text.chars().count() <= crate::text::NAME && !text.contains(char::is_control));
}
