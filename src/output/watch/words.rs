//! An event as one line, and a message of several.

use chrono::{DateTime, Utc};

use super::Place;
use crate::{
    courts::watch::{Event, GameKey, GoneReason, Reason, What},
    local::{format_clock, format_moment},
    output::escape::{break_addresses, escape_name},
    text,
};

/// The most events that a message names.
const MOST: usize = 20;
/// The most bytes of a message in Slack: it cuts longer ones.
const LONGEST_IN_SLACK: usize = 3_800;
/// The most characters of a club's or a portal's sentence in a message.
const LONGEST: usize = 300;

/// What a line is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// Plain text.
    Text,
    /// A chat's Markdown.
    Markdown,
    /// Slack's own markup.
    Slack,
}

impl Wording {
    /// Takes any meaning from text that others wrote.
    fn escape(self, text: &str) -> String {
        match self {
            Self::Text => text.to_owned(),
            Self::Markdown => escape_name(text),
            Self::Slack => {
                let text = break_addresses(text).replace('&', "&amp;");
                text.replace('<', "&lt;").replace('>', "&gt;")
            }
        }
    }

    fn link(self, address: &str) -> String {
        match self {
            Self::Text => format!(" {address}"),
            Self::Markdown => format!(" [book]({address})"),
            Self::Slack => format!(" <{}|book>", address.replace('&', "&amp;")),
        }
    }
}

/// Writes a message of these events: a line each, and how many are left out.
#[must_use]
pub fn write_message(events: &[Event], place: &Place, wording: Wording) -> String {
    let mut message = String::new();
    for (number, event) in events.iter().enumerate() {
        let line = describe(event, place, wording);
        let is_too_long = wording == Wording::Slack
            && number > 0
            && message.len() + line.len() > LONGEST_IN_SLACK;
        if number == MOST || is_too_long {
            let more = events.len() - number;
            return message + &format!("and {more} more");
        }
        message += &line;
        message.push('\n');
    }
    message.pop();
    message
}

/// Describes an event in one line.
pub(super) fn describe(event: &Event, place: &Place, wording: Wording) -> String {
    let club = place.club.name();
    let subject = wording.escape(event.watch.as_deref().unwrap_or(&club));
    let words = match &event.what {
        What::Watching { free } => match free {
            0 => "watched from now on; nothing is free".to_owned(),
            1 => "watched from now on; 1 game is free".to_owned(),
            free => format!("watched from now on; {free} games are free"),
        },
        What::Free {
            reason,
            key,
            end,
            courts,
            activity_id,
            bookings,
        } => {
            let verb = match reason {
                Reason::First | Reason::Freed => "free",
                Reason::Opened => "now bookable",
                Reason::Listed => "new and free",
            };
            let end = format_clock(end.with_timezone(&place.zone));
            let courts = wording.escape(&text::line(&courts.join(", "), LONGEST));
            let mut words = format!(
                "{verb} {}–{end}, {} min, {courts}",
                day_and_time(key.start, place),
                key.minutes
            );
            match site_name(key, place) {
                Some(name) => words += &format!(", {}", wording.escape(name)),
                None if key.site_id.is_empty() => {}
                None => words += &format!(", site {}", wording.escape(&key.site_id)),
            }
            if *bookings > 1 {
                words += &format!(", {bookings} bookings");
            }
            let page = place.club.booking_page(activity_id, key.start);
            words + &page.map_or_else(String::new, |page| wording.link(&page))
        }
        What::Opens {
            opens_at,
            games,
            first,
        } => {
            let games = match games {
                1 => "1 game".to_owned(),
                games => format!("{games} games"),
            };
            format!(
                "booking opens at {}: {games}, from {} on",
                format_moment(opens_at.with_timezone(&place.zone)),
                day_and_time(first.start, place)
            )
        }
        What::Gone { reason, key, .. } => {
            let why = match reason {
                GoneReason::Taken => "taken",
                GoneReason::Closed => "no longer bookable",
                GoneReason::Unlisted => "no longer listed",
            };
            let start = day_and_time(key.start, place);
            format!("gone {start}, {} min ({why})", key.minutes)
        }
        What::Failing { looks, message, .. } => {
            let looks = match looks {
                1 => "a look failed".to_owned(),
                looks => format!("{looks} looks failed"),
            };
            let message = wording.escape(&text::line(message, LONGEST));
            format!("{looks}, so nothing is seen: {message}")
        }
        What::Recovered { looks } => format!("looks work again; {looks} had failed"),
    };
    format!("{subject}: {words}")
}

/// `Sat 28 Nov 18:00`
fn day_and_time(time: DateTime<Utc>, place: &Place) -> String {
    let local = time.with_timezone(&place.zone);
    local.format("%a %-d %b %H:%M").to_string()
}

/// Returns the name of the game's site, where it is known.
pub(super) fn site_name<'a>(key: &GameKey, place: &'a Place) -> Option<&'a str> {
    let named = place.sites.iter().find(|site| site.id == key.site_id)?;
    Some(named.name.as_str()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::Zone;

    fn event(name: &str) -> Event {
        let key: GameKey = "UB|2026-07-04T17:00:00Z|90".parse().unwrap();
        let at = key.start;
        Event {
            at,
            watch: Some("evening".to_owned()),
            what: What::Free {
                reason: Reason::Freed,
                end: at + chrono::TimeDelta::minutes(90),
                key,
                courts: vec![name.to_owned()],
                activity_id: "A&B".to_owned(),
                bookings: 3,
            },
        }
    }

    fn place() -> Place {
        Place {
            club: "brunelsport".parse().unwrap(),
            zone: Zone::compiled(chrono_tz::Europe::London),
            sites: Vec::new(),
        }
    }

    #[test]
    fn nothing_that_a_club_wrote_means_anything_to_slack() {
        let line = describe(
            &event("<!channel> & evil.example"),
            &place(),
            Wording::Slack,
        );
        let words = "evening: free Sat 4 Jul 18:00–19:30, 90 min, &lt;!channel&gt; &amp; evil. example, site UB, \
                     3 bookings <https://brunelsport.gladstonego.cloud/book/calendar/";
        assert!(line.starts_with(words), "{line}");
        assert!(
            line.ends_with("|book>") && line.matches('<').count() == 1,
            "{line}"
        );
        let line = describe(&event("[x](http://e.x) @all"), &place(), Wording::Markdown);
        assert!(!line.contains("[x]") && line.contains("\\@all"), "{line}");
    }

    #[test]
    fn a_message_names_twenty_and_counts_the_rest() {
        let events = vec![event("Court 1"); 25];
        let message = write_message(&events, &place(), Wording::Text);
        assert_eq!(message.lines().count(), 21);
        assert!(message.ends_with("\nand 5 more"));
        let message = write_message(&events[..20], &place(), Wording::Slack);
        assert_eq!(message.lines().count(), 20);
        let events = vec![event(&"x".repeat(290)); 20];
        let message = write_message(&events, &place(), Wording::Slack);
        let named = message.lines().count() - 1;
        assert!(message.len() < 3_900 && named > 5, "{message}");
        assert!(message.ends_with(&format!("\nand {} more", 20 - named)));
    }
}
