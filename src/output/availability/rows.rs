//! The rows of a day: how long courts are free; on which courts a game of the wanted length can
//! begin; or each slot with its state.

use chrono::TimeDelta;

use super::{
    AvailabilityReport,
    view::{Row, SiteRows},
};
use crate::{
    courts::{FreeTime, State, Stretch, join_free},
    output::court_names::{list_groups as name_groups, list_names},
    sort::sort_by,
};

/// A day of more start times has a row a court instead: nobody compares more of them.
const MOST_STARTS: usize = 12;

/// A court in a row: what is said of it there, its name, and its first slot.
type Offer<'a> = (String, &'a str, &'a Stretch);

/// Lists the rows of a day by site.
pub(super) fn list_groups<'a>(
    report: &AvailabilityReport,
    stretches: &'a [Stretch],
    around: &'a [Stretch],
) -> Vec<SiteRows<'a>> {
    let rows: Vec<(&str, Row<'a>)> = if report.all {
        list_states(report, stretches)
    } else if report.query.minutes.is_some() {
        list_games(report, stretches)
    } else {
        list_free_times(report, stretches, around)
    };
    let mut groups: Vec<(&str, SiteRows<'a>)> = Vec::new();
    for (site, row) in rows {
        match groups.iter_mut().find(|(known, _)| *known == site) {
            Some((_, group)) => group.rows.push(row),
            None => {
                let name = report.site_if_several(site);
                groups.push((
                    site,
                    SiteRows {
                        site: name,
                        rows: vec![row],
                    },
                ));
            }
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// `17:15  Padel Court 2 until 20:45 · 3 until 17:45`
fn list_free_times<'a>(
    report: &AvailabilityReport,
    stretches: &'a [Stretch],
    around: &'a [Stretch],
) -> Vec<(&'a str, Row<'a>)> {
    let slots = if report.query.at.is_some() {
        around
    } else {
        stretches
    };
    let mut times = join_free(slots, &report.query);
    sort_by(&mut times, |one, other| {
        let place = |time: &FreeTime<'a>| (time.first.start, &*time.first.listing.site_id);
        place(one).cmp(&place(other)).then(other.end.cmp(&one.end))
    });
    let rows = times.chunk_by(|a, b| is_same_place(a.first, b.first));
    let rows = rows.map(|times| {
        let offers: Vec<Offer<'a>> = times
            .iter()
            .map(|time| {
                let until = format!(" until {}", report.clock(time.end));
                (until, &*time.first.listing.court, time.first)
            })
            .collect();
        let first = times[0].first;
        let row = make_row(report.clock(first.start), &offers);
        (&*first.listing.site_id, row)
    });
    rows.collect()
}

/// Returns whether both begin together at one site.
fn is_same_place(one: &Stretch, other: &Stretch) -> bool {
    (one.start, &one.listing.site_id) == (other.start, &other.listing.site_id)
}

/// `17:15–18:15  Padel Court 2 · 3 (2 × 30 min)`, one way to book each: the longest game, and of
/// equal ones that with the fewest bookings.
fn list_games<'a>(
    report: &AvailabilityReport,
    stretches: &'a [Stretch],
) -> Vec<(&'a str, Row<'a>)> {
    let free = stretches.iter().filter(|one| one.state == State::Free);
    let mut games: Vec<&Stretch> = free.collect();
    // The best of a court's games at one time first.
    sort_by(&mut games, |a, b| {
        let place = |one: &'a Stretch| (one.start, &*one.listing.site_id, court_order(one));
        let worth = |one: &Stretch| (-one.minutes, one.end, one.bookings);
        place(a).cmp(&place(b)).then(worth(a).cmp(&worth(b)))
    });
    games.dedup_by(|other, best| {
        is_same_place(other, best) && other.listing.key() == best.listing.key()
    });
    sort_by(&mut games, |a, b| {
        let place = |one: &'a Stretch| (one.start, &*one.listing.site_id, one.end);
        place(a).cmp(&place(b))
    });
    let places: Vec<&[&'a Stretch]> = games
        .chunk_by(|a, b| is_same_place(a, b) && a.end == b.end)
        .collect();
    if places.len() > MOST_STARTS && report.limit.is_none() {
        return list_courts(report, games);
    }
    let rows = places.into_iter().map(|games| {
        let offers: Vec<Offer<'a>> = games
            .iter()
            .map(|game| (format_bookings(report, game), &*game.listing.court, *game))
            .collect();
        let row = make_row(report.hours(games[0]), &offers);
        (&*games[0].listing.site_id, row)
    });
    rows.collect()
}

/// `Padel Court 2  14:15, 17:15–19:45 every 30 min`
fn list_courts<'a>(
    report: &AvailabilityReport,
    mut games: Vec<&'a Stretch>,
) -> Vec<(&'a str, Row<'a>)> {
    sort_by(&mut games, |a, b| {
        let place = |one: &'a Stretch| (&*one.listing.site_id, court_order(one));
        place(a).cmp(&place(b))
    });
    let courts = games.chunk_by(|a, b| a.listing.key() == b.listing.key());
    let rows = courts.map(|games| {
        let listing = &games[0].listing;
        let row = Row {
            head: list_names(&[&listing.court]).concat(),
            parts: vec![format_starts(report, games) + &format_lengths(report, games)],
            first: games[0],
        };
        (&*listing.site_id, row)
    });
    rows.collect()
}

/// `14:15, 17:15–19:45 every 30 min`
fn format_starts(report: &AvailabilityReport, games: &[&Stretch]) -> String {
    let mut parts = Vec::new();
    let mut rest = games;
    while let [first, others @ ..] = rest {
        let step = others
            .first()
            .map_or(TimeDelta::zero(), |next| next.start - first.start);
        let run = rest
            .windows(2)
            .take_while(|pair| pair[1].start - pair[0].start == step)
            .count();
        let length = if run >= 3 { run + 1 } else { 1 };
        let (told, left) = rest.split_at(length);
        let start = report.clock(first.start);
        parts.push(match told {
            [_, .., last] => {
                let last = report.clock(last.start);
                format!("{start}–{last} every {} min", step.num_minutes())
            }
            _ => start,
        });
        rest = left;
    }
    parts.join(", ")
}

/// ` (55 min each)` where the games are shorter than wanted, else empty.
fn format_lengths(report: &AvailabilityReport, games: &[&Stretch]) -> String {
    let minutes = || games.iter().map(|game| game.minutes);
    match minutes().min().zip(minutes().max()) {
        Some((least, _)) if report.query.minutes == Some(least) => String::new(),
        Some((least, most)) if least == most => format!(" ({least} min each)"),
        Some((least, most)) => format!(" ({least} to {most} min)"),
        None => String::new(),
    }
}

/// Every slot with its state, courts that are alike in one row.
fn list_states<'a>(
    report: &AvailabilityReport,
    stretches: &'a [Stretch],
) -> Vec<(&'a str, Row<'a>)> {
    let mut rows: Vec<(&'a Stretch, Vec<&'a str>)> = Vec::new();
    for stretch in stretches {
        // All that begin together stand together.
        let mut together = rows
            .iter_mut()
            .rev()
            .take_while(|(first, _)| first.start == stretch.start);
        match together.find(|(first, _)| is_alike(first, stretch)) {
            Some((_, courts)) => courts.push(&stretch.listing.court),
            None => rows.push((stretch, vec![&stretch.listing.court])),
        }
    }
    let rows = rows.into_iter().map(|(first, courts)| {
        let opens = first.bookable_from;
        let state = match (first.state, opens) {
            (State::OpensLater, Some(at)) => format!("opens {}", report.day_and_clock(at)),
            (state, _) => state.words().to_owned(),
        };
        let mut parts = vec![
            format!("{} min", first.minutes),
            list_names(&courts).join(", "),
            first.listing.activity.clone(),
        ];
        if first.bookings > 1 {
            parts.push(format!("{} bookings", first.bookings));
        }
        parts.push(state);
        let row = Row {
            head: report.hours(first),
            parts,
            first,
        };
        (&*first.listing.site_id, row)
    });
    rows.collect()
}

/// Returns whether nothing but the court and the start tells two slots apart.
fn is_alike(one: &Stretch, other: &Stretch) -> bool {
    (one.end, one.minutes, one.state) == (other.end, other.minutes, other.state)
        && (one.bookable_from, one.bookings) == (other.bookable_from, other.bookings)
        && one.listing.site_id == other.listing.site_id
        && one.listing.activity_id == other.listing.activity_id
}

/// Makes a row of courts, those of which the same is said together.
fn make_row<'a>(head: String, offers: &[Offer<'a>]) -> Row<'a> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for (said, court, _) in offers {
        match groups.iter_mut().find(|(known, _)| known == said) {
            Some((_, courts)) => courts.push(court),
            None => groups.push((said, vec![court])),
        }
    }
    let names: Vec<&[&str]> = groups.iter().map(|(_, courts)| &courts[..]).collect();
    let parts = name_groups(&names).into_iter().zip(&groups);
    let parts = parts.flat_map(|(names, (said, _))| {
        let names = names.into_iter();
        names.map(move |name| format!("{name}{said}"))
    });
    Row {
        head,
        parts: parts.collect(),
        first: offers[0].2,
    }
}

/// ` (3 × 30 min)` where several slots have to be booked, ` (55 min)` where it is shorter than
/// wanted, else empty.
fn format_bookings(report: &AvailabilityReport, game: &Stretch) -> String {
    let minutes = game.minutes;
    let count = i64::try_from(game.bookings).unwrap_or(1);
    match count {
        1 if report.query.minutes == Some(minutes) => String::new(),
        1 => format!(" ({minutes} min)"),
        _ if minutes % count == 0 => format!(" ({count} × {} min)", minutes / count),
        _ => format!(" ({count} bookings, {minutes} min)"),
    }
}

/// Shorter names first, so that `Court 10` comes after `Court 2`.
fn court_order(stretch: &Stretch) -> (usize, &str) {
    let court = &stretch.listing.court;
    (court.len(), court)
}

impl AvailabilityReport {
    /// `18:00–19:30`
    fn hours(&self, stretch: &Stretch) -> String {
        format!("{}–{}", self.clock(stretch.start), self.clock(stretch.end))
    }
}
