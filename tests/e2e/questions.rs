//! A hundred and twenty questions that players ask in a chat, forty of them in `table`, each as the
//! one command that SKILL.md teaches, through the launcher. The answer is read as a model reads it,
//! and must be what the club's timetable says.

#![cfg(unix)]

mod table;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{
    DateTime, Datelike as _, NaiveDate, NaiveDateTime, TimeDelta, Timelike as _, Utc, Weekday,
};
use gladstone_sim::{Builder, Club, TruthBooking};
use serde_json::Value;

use crate::{
    harness::{EMAIL, Member, NOW, club, date, instant, list, member, text},
    launcher::Skill,
    oracle::{Game, Play, Wish, courts, free_times, games, local, plays, unclaimed},
    reader::{self, Day},
};

/// Somebody who asks about a club at a certain time.
struct Chat {
    club: Club,
    member: Member,
    skill: Skill,
    now: DateTime<Utc>,
}

impl Chat {
    fn at(builder: Builder, now: &str) -> Self {
        let club = builder.now(now).start();
        let skill = Skill::new("755");
        let member = member(&club)
            .env("PADEL_NOW", now)
            .env("SKILL", skill.root.to_str().expect("a plain path"));
        Self {
            club,
            member,
            skill,
            now: instant(now),
        }
    }

    fn open() -> Self {
        Self::at(club(), NOW)
    }

    /// The same club and member later.
    fn later(mut self, now: &str) -> Self {
        self.club.set_now(now);
        self.member = self.member.env("PADEL_NOW", now);
        self.now = instant(now);
        self
    }

    /// The output of a command, which must not have warnings.
    fn ask(&self, command: &str) -> String {
        assert!(self.skill.root.join("SKILL.md").exists());
        let outcome = self
            .member
            .shell(&format!("cd \"$SKILL\" && sh scripts/padel {command}"));
        outcome.assert_quiet_success();
        assert!(outcome.stdout.chars().count() <= 8000, "{command}");
        assert!(
            !outcome.stdout.contains(" ×1"),
            "courts have names: {command}"
        );
        outcome.stdout
    }

    /// The Markdown of a command that has a warning.
    fn ask_with_warning(&self, command: &str) -> String {
        let line = format!("cd \"$SKILL\" && sh scripts/padel {command} --format markdown");
        let outcome = self.member.shell(&line);
        assert_eq!(outcome.code, 0, "{outcome:?}");
        outcome.stdout
    }

    fn document(&self, command: &str) -> Value {
        let outcome = self.member.shell(&format!(
            "cd \"$SKILL\" && sh scripts/padel {command} --format json"
        ));
        outcome.assert_quiet_success();
        outcome.json()
    }

    /// The days of an answer about free courts. JSON must hold exactly the games of the timetable;
    /// Markdown how long each court is free, or one way to play from each time on each court; and
    /// each headline the number of courts and the first time.
    #[track_caller]
    fn free(&self, command: &str, wish: &Wish) -> Vec<Day> {
        let days = reader::days(&self.ask(&format!("availability {command} --format markdown")));
        let expected = games(&self.club, self.now, wish);
        assert_eq!(
            days.iter().map(|day| day.date).collect::<Vec<_>>(),
            wish.dates,
            "{command}"
        );
        match wish.minutes {
            None => assert_eq!(
                reader::free_times(&days),
                free_times(&self.club, self.now, wish),
                "{command}"
            ),
            Some(minutes) => {
                let mut told: Vec<Play> = reader::plays(&days, minutes).into_iter().collect();
                let mut best: Vec<Play> = plays(&expected).into_iter().collect();
                for play in &mut best {
                    let is_short = |other: &&Play| {
                        (other.start, &other.court) == (play.start, &play.court)
                            && other.told.is_none()
                    };
                    if told.iter().any(|other| is_short(&other)) {
                        play.told = None;
                    }
                }
                told.sort();
                best.sort();
                assert_eq!(told, best, "{command}");
            }
        }
        for day in &days {
            let of_day = expected.iter().filter(|game| game.start.date() == day.date);
            let of_day: BTreeSet<Game> = of_day.cloned().collect();
            let first = of_day
                .first()
                .map(|game| game.start.format("%H:%M").to_string());
            let count = courts(&of_day, wish).len();
            let told = match (count, &first) {
                (_, None) => {
                    let is_nothing = ["nothing ", "no ", "this day is over"]
                        .iter()
                        .any(|start| day.verdict.starts_with(start));
                    assert!(is_nothing && day.items.is_empty(), "{command}: {day:?}");
                    continue;
                }
                (0, Some(_)) => "no court free".to_owned(),
                (1, Some(_)) => "1 court free".to_owned(),
                (count, Some(_)) => format!("{count} courts free"),
            };
            let told = match (wish.at, first) {
                (None, Some(first)) => format!("{told}, from {first}"),
                _ => told,
            };
            let verdict = day.verdict.split(" more at ").next().unwrap_or_default();
            let verdict = match (wish.at, verdict.rsplit_once(", ")) {
                (Some(_), Some((now, _))) => now,
                _ => verdict,
            };
            assert_eq!(verdict, told, "{command}");
        }
        let document = self.document(&format!("availability {command}"));
        let slots = list(&document["slots"]);
        assert_eq!(
            slots.iter().map(game).collect::<BTreeSet<_>>(),
            expected,
            "{command}"
        );
        let summary = &document["summary"];
        let courts = courts(&expected, wish).len();
        assert_eq!(
            (slots.len(), &summary["free"], &summary["courts_free"]),
            (expected.len(), &expected.len().into(), &courts.into()),
            "{command}"
        );
        let keys: BTreeSet<&str> = slots.iter().map(|slot| text(&slot["court_key"])).collect();
        let names: BTreeSet<&str> = slots.iter().map(|slot| text(&slot["court"])).collect();
        assert_eq!(keys.len(), names.len(), "{command}");
        days
    }

    /// The lines of an answer about bookings.
    fn bookings(&self, command: &str) -> Vec<String> {
        let text = self.ask(&format!("bookings {command} --format markdown"));
        text.lines()
            .filter_map(|line| line.strip_prefix("- "))
            .map(str::to_owned)
            .collect()
    }

    /// The first line and the items of an answer about a day's or a month's bookings.
    fn booked(&self, options: &str) -> (String, Vec<String>) {
        let text = self.ask(&format!("bookings {options} --format markdown"));
        let first = text.lines().next().expect("a line").to_owned();
        (first, self.bookings(options))
    }

    /// The member's bookings, by start.
    fn diary(&self) -> Vec<TruthBooking> {
        self.club.truth_bookings(EMAIL)
    }
}

/// A slot of the JSON document.
fn game(slot: &Value) -> Game {
    assert_eq!(slot["state"], "free");
    Game {
        start: local(instant(text(&slot["start_at"]))),
        end: local(instant(text(&slot["end_at"]))),
        court: text(&slot["court"]).to_owned(),
        activity: text(&slot["activity"]).to_owned(),
        minutes: slot["duration_minutes"].as_i64().expect("minutes"),
        bookings: slot["bookings"]
            .as_u64()
            .and_then(|count| count.try_into().ok())
            .expect("a number"),
    }
}

fn on(days: &[&str]) -> Wish {
    Wish {
        dates: days.iter().map(|day| date(day)).collect(),
        ..Wish::default()
    }
}

impl Wish {
    fn hours(self, from: (i64, i64), to: (i64, i64)) -> Self {
        Self {
            hours: Some((from, to)),
            ..self
        }
    }

    fn minutes(self, minutes: i64) -> Self {
        Self {
            minutes: Some(minutes),
            ..self
        }
    }

    fn at(self, hour: i64, minute: i64) -> Self {
        Self {
            at: Some((hour, minute)),
            ..self
        }
    }

    fn courts(self, courts: &[&'static str]) -> Self {
        Self {
            courts: courts.to_vec(),
            ..self
        }
    }

    fn activities(self, activities: &[&'static str]) -> Self {
        Self {
            activities: activities.to_vec(),
            ..self
        }
    }
}

/// `Tue 24 Nov 2026 · 19:00–20:00 · …`
fn line(booking: &TruthBooking) -> String {
    let (start, end) = (local(booking.start), booking.end.map(local));
    let mut parts = vec![start.format("%a %-d %b %Y").to_string()];
    parts.push(match end {
        Some(end) => format!("{}–{}", start.format("%H:%M"), end.format("%H:%M")),
        None => start.format("%H:%M").to_string(),
    });
    parts.push(booking.activity.replace("  ", " "));
    parts.extend(booking.court.clone());
    parts.push(booking.site.replace("  ", " "));
    parts.push(booking.status.clone());
    parts.extend(
        booking
            .reference
            .as_ref()
            .map(|reference| format!("ref {reference}")),
    );
    parts.join(" · ")
}

const MONDAY: &str = "2026-11-23";
const TUESDAY: &str = "2026-11-24";
const THURSDAY: &str = "2026-11-26";
const FRIDAY: &str = "2026-11-27";
const SATURDAY: &str = "2026-11-28";
const SUNDAY: &str = "2026-11-29";

#[test]
fn every_command_of_the_skill_is_asked_here() {
    let skill = include_str!("../../skill/pslc-padel/SKILL.md");
    let (_, questions) = skill
        .split_once("## The commonest questions")
        .expect("the section");
    let (questions, _) = questions.split_once("\n## ").expect("the next section");
    let mut count = 0;
    let commands = questions
        .lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2));
    for command in commands.filter_map(|part| part.strip_prefix("sh scripts/padel ")) {
        let options = command
            .trim_end_matches(" --format markdown")
            .split_once(' ')
            .map_or("", |(_, options)| options);
        let options = options.replace('"', "\\\"");
        assert!(include_str!("questions.rs").contains(&options), "{command}");
        count += 1;
    }
    assert!(count >= 20, "{count}");
}

#[test]
fn today_and_tonight() {
    let chat = Chat::open();
    // Is a court free today?
    chat.free("", &on(&[MONDAY]));
    // Tonight after six?
    chat.free("--from 18:00", &on(&[MONDAY]).hours((18, 0), (48, 0)));
    // Anything free tonight after 8 for 90 minutes?
    chat.free(
        "--from 20:00 --duration 90",
        &on(&[MONDAY]).hours((20, 0), (48, 0)).minutes(90),
    );
    // It is twenty past six: can we still play an hour?
    let chat = chat.later("2026-11-23T18:20:00Z");
    let days = chat.free("--duration 60", &on(&[MONDAY]).minutes(60));
    assert!(
        days[0].items.iter().all(|item| item > &"18:20".to_owned()),
        "{days:?}"
    );
    // Is there anything later than the last slot?
    let chat = chat.later("2026-11-23T21:45:00Z");
    assert_eq!(
        reader::days(&chat.ask("availability --format markdown"))[0].verdict,
        "nothing left today"
    );
}

#[test]
fn tomorrow() {
    let chat = Chat::open();
    // Tomorrow before work?
    chat.free(
        "--date tomorrow --to 09:00",
        &on(&[TUESDAY]).hours((0, 0), (9, 0)),
    );
    // For 90 minutes, tomorrow?
    chat.free("--date tomorrow --duration 90", &on(&[TUESDAY]).minutes(90));
    // What is the earliest tomorrow? The first that is told.
    let wish = on(&[TUESDAY]);
    let days = chat.free("--date tomorrow", &wish);
    let all = games(&chat.club, chat.now, &wish);
    let first = all.first().expect("one").start.format("%H:%M").to_string();
    assert!(days[0].items[0].starts_with(&first), "{days:?}");
    // Two hours in a row? A changeover may lie between.
    chat.free(
        "--date tomorrow --duration 120",
        &on(&[TUESDAY]).minutes(120),
    );
}

#[test]
fn the_weekend() {
    let chat = Chat::open();
    // Saturday evening?
    chat.free(
        "--date sat --from 17:00 --to 22:00",
        &on(&[SATURDAY]).hours((17, 0), (22, 0)),
    );
    // All weekend, two hours?
    chat.free(
        "--weekday sat,sun --days 7 --duration 120",
        &on(&[SATURDAY, SUNDAY]).minutes(120),
    );
    // Sunday morning, an hour?
    chat.free(
        "--date sun --to 12:00 --duration 60",
        &on(&[SUNDAY]).hours((0, 0), (12, 0)).minutes(60),
    );
    // We are eight: two courts at once on Saturday, for an hour?
    let wish = on(&[SATURDAY]).minutes(60);
    let days = chat.free("--date sat --duration 60", &wish);
    let mut courts: BTreeMap<(NaiveDateTime, String), usize> = BTreeMap::new();
    for game in games(&chat.club, chat.now, &wish) {
        *courts.entry((game.start, game.activity)).or_default() += 1;
    }
    let several = courts.values().filter(|count| **count > 1).count();
    assert!(several > 0);
    let mut told: BTreeMap<NaiveDateTime, usize> = BTreeMap::new();
    for play in reader::plays(&days, 60) {
        *told.entry(play.start).or_default() += 1;
    }
    assert!(told.values().filter(|count| **count > 1).count() >= several);
}

#[test]
fn certain_hours_courts_and_places() {
    let chat = Chat::open();
    // Friday at lunch?
    chat.free(
        "--date fri --from 12:00 --to 14:00",
        &on(&[FRIDAY]).hours((12, 0), (14, 0)),
    );
    // Is court 3 free on Thursday from seven to eight?
    let days = chat.free(
        "--date thu --from 19:00 --to 20:00 --duration 60",
        &on(&[THURSDAY]).hours((19, 0), (20, 0)).minutes(60),
    );
    let at_seven = instant("2026-11-26T19:00:00Z");
    let mut slots = chat.club.truth(date(THURSDAY)).into_iter();
    let slot = slots.find(|slot| {
        slot.activity == "PADEL60" && slot.court_ids == ["PC3"] && slot.start == at_seven
    });
    let taken = slot.expect("a slot").taken;
    assert_eq!(
        reader::plays(&days, 60)
            .iter()
            .any(|play| play.court == "Padel Court 3"),
        !taken
    );
    // Only an hour in one booking?
    chat.free(
        "--date sat --activity 'Padel 60 Mins'",
        &on(&[SATURDAY]).activities(&["PADEL60"]),
    );
    // At the leisure centre, tomorrow?
    chat.free(
        "--date tomorrow --site 14",
        &on(&[TUESDAY]).activities(&["014A001015"]),
    );
    // An hour after work, on one of the next five days?
    let days = [MONDAY, TUESDAY, "2026-11-25", THURSDAY, FRIDAY];
    let command = "--days 5 --from 17:30 --duration 60";
    chat.free(command, &on(&days).hours((17, 30), (48, 0)).minutes(60));
}

#[test]
fn nothing_free_is_told_from_nothing_there() {
    let chat = Chat::open();
    // An hour and a half tonight from eight, on a court of three hours? Nothing of that is left.
    let wish = on(&[FRIDAY]).hours((19, 0), (22, 0)).minutes(180);
    assert!(
        games(&chat.club, chat.now, &wish).is_empty(),
        "the seed's Friday evening is busy"
    );
    let days = chat.free("--date fri --from 19:00 --to 22:00 --duration 180", &wish);
    assert!(
        days[0].verdict == "nothing free, all is taken"
            && days[0].notes[0].starts_with("the longest is "),
        "{days:?}"
    );
    // A quarter of an hour? The club has no such slots: that is not the same as all taken.
    let text = chat.ask("availability --date fri --duration 15 --format markdown");
    assert!(
        text.contains(", 15 min, at ")
            && text.contains(": no 15-minute slots\n\n30-minute ones are free at 07:00, "),
        "{text}"
    );
}

#[test]
fn what_would_be_free_where_nothing_is() {
    let chat = Chat::open();
    // An hour and a half after eight on one of the next weekends? None, but on a day between them:
    // it came with the same answer.
    let weekends = [SATURDAY, SUNDAY, "2026-12-05", "2026-12-06"];
    let between = ["2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03"];
    let evening = |days: &[&str]| on(days).hours((20, 0), (48, 0)).minutes(90);
    let command = "--weekday sat,sun --days 14 --from 20:00 --duration 90";
    let days = chat.free(command, &evening(&weekends));
    let first = games(&chat.club, chat.now, &evening(&between)).pop_first();
    let first = first.expect("a game on a weekday");
    assert_eq!(
        days[3].notes,
        [format!(
            "the next day with one is {}–{} on {} at Riverside Padel Centre",
            first.start.format("%a %-d %b: %H:%M"),
            first.end.format("%H:%M"),
            first.court
        )]
    );
    // Of one day nothing else is known.
    let days = chat.free(
        "--date sat --from 20:00 --duration 90",
        &evening(&[SATURDAY]),
    );
    assert!(
        days[0].notes.iter().all(|note| !note.contains("next day")),
        "{days:?}"
    );
    // Seven hours on Saturday? A bit less, at the other site.
    let days = chat.free("--date sat --duration 420", &on(&[SATURDAY]).minutes(420));
    let times = free_times(&chat.club, chat.now, &on(&[SATURDAY]));
    let longest = times.iter().max_by_key(|time| time.end - time.start);
    let longest = longest.expect("a time");
    let told = format!(
        "{}–{} on {} at Riverside Leisure Centre",
        longest.start.format("%H:%M"),
        longest.end.format("%H:%M"),
        longest.court
    );
    assert!(
        days[0].notes[0].starts_with("the longest is ") && days[0].notes[0].ends_with(&told),
        "{days:?}"
    );
    // Three quarters of an hour? The nearest length, with its first times.
    let days = chat.free("--date thu --duration 45", &on(&[THURSDAY]).minutes(45));
    let hours = on(&[THURSDAY]).activities(&["014A001015"]);
    let starts: BTreeSet<String> = games(&chat.club, chat.now, &hours)
        .iter()
        .map(|game| game.start.format("%H:%M").to_string())
        .collect();
    let named: Vec<&str> = starts.iter().take(3).map(String::as_str).collect();
    assert_eq!(
        days[0].notes,
        [format!(
            "55-minute ones are free at {} and {} more times at Riverside Leisure Centre",
            named.join(", "),
            starts.len() - 3
        )]
    );
}

/// The times and sites at which the slots of a day that nobody has can be booked, the first time
/// first.
fn opens(chat: &Chat, day: &str) -> BTreeSet<(DateTime<Utc>, String)> {
    let unclaimed = unclaimed(&chat.club, chat.now, date(day)).into_iter();
    let later = unclaimed.filter(|slot| slot.bookable_from > chat.now);
    later.map(|slot| (slot.bookable_from, slot.site)).collect()
}

/// The name of a site as the catalogue has it, blanks put right.
fn site_name(id: &str) -> &'static str {
    match id {
        "UB" => "Riverside Padel Centre",
        _ => "Riverside Leisure Centre",
    }
}

fn moment(time: DateTime<Utc>) -> String {
    local(time).format("%a %-d %b %H:%M").to_string()
}

#[test]
fn when_a_day_opens() {
    let chat = Chat::open();
    // When does Sunday week open? When can I book for Christmas Eve?
    for (command, day) in [
        ("--date +13", "2026-12-06"),
        ("--date 2026-12-24", "2026-12-24"),
    ] {
        let days = chat.free(command, &on(&[day]));
        assert_eq!(days[0].verdict, "nothing free yet");
        let opens = opens(&chat, day);
        let each = opens
            .iter()
            .map(|(at, site)| format!("{} from {}", site_name(site), moment(*at)));
        let told = format!("not open yet: {}", each.collect::<Vec<_>>().join(", "));
        assert!(opens.len() == 2 && days[0].notes == [told], "{days:?}");
        let document = chat.document(&format!("availability {command}"));
        let at: DateTime<Utc> = text(&document["summary"]["next_opens_at"])
            .parse()
            .expect("a time");
        assert_eq!(Some(at), opens.first().map(|(at, _)| *at));
    }
    // It strikes midnight: what has just opened, and what had a second before?
    for (now, opened) in [
        ("2026-11-23T23:59:59Z", false),
        ("2026-11-24T00:00:00Z", true),
    ] {
        let chat = Chat::at(club(), now);
        let wish = on(&["2026-12-01"]).activities(&["PADEL60"]);
        let days = chat.free("--date 2026-12-01 --activity 'Padel 60 Mins'", &wish);
        assert_eq!(days[0].verdict != "nothing free yet", opened, "{days:?}");
    }
    // Which courts will be free then, and when does each open?
    let text = chat.ask("availability --date +9 --from 18:00 --all --format markdown");
    let day = &reader::days(&text)[0];
    assert_eq!(day.date, date("2026-12-02"));
    let mut listed = BTreeSet::new();
    for item in day.items.iter().filter(|item| item.contains(" · opens ")) {
        let (item, opens) = item.split_once(" · opens ").expect("when it opens");
        let (hours, _, courts) = {
            let mut parts = item.splitn(3, " · ");
            let (hours, length) = parts
                .next()
                .and_then(|it| it.split_once(' '))
                .expect("hours");
            (hours, length, parts.next().expect("courts"))
        };
        let day = Day {
            date: day.date,
            verdict: String::new(),
            items: vec![format!("{hours} {courts}")],
            sites: Vec::new(),
            notes: Vec::new(),
        };
        let plays = reader::plays(&[day], 0).into_iter();
        listed.extend(plays.map(|play| (play.start, play.court, opens.to_owned())));
    }
    let mut expected = unclaimed(&chat.club, chat.now, day.date);
    expected.retain(|slot| {
        local(slot.start) >= date("2026-12-02").and_hms_opt(18, 0, 0).expect("a time")
    });
    let expected: BTreeSet<_> = expected
        .iter()
        .map(|slot| {
            let number = slot.court_ids[0]
                .trim_start_matches("014PAD0")
                .trim_start_matches("PC");
            let stem = if slot.site == "14" {
                "Padel"
            } else {
                "Padel Court"
            };
            (
                local(slot.start),
                format!("{stem} {number}"),
                moment(slot.bookable_from),
            )
        })
        .collect();
    assert!(expected.len() > 10);
    assert_eq!(listed, expected);
    // The site's own day: the smaller one opens a day earlier, which the words must not hide.
    assert_eq!(
        expected
            .iter()
            .map(|(_, _, opens)| opens)
            .collect::<BTreeSet<_>>()
            .len(),
        2
    );
}

#[test]
fn around_the_change_of_the_clocks() {
    for (now, sunday) in [
        ("2026-03-26T09:00:00Z", "2026-03-29"),
        ("2026-10-22T08:00:00Z", "2026-10-25"),
    ] {
        let chat = Chat::at(club(), now);
        // This Sunday, an hour? The clocks change in its night.
        chat.free("--date sun --duration 60", &on(&[sunday]).minutes(60));
        // And the Monday after, in the evening?
        let monday = (date(sunday) + TimeDelta::days(1)).to_string();
        chat.free(
            "--date mon --from 18:00",
            &on(&[&monday]).hours((18, 0), (48, 0)),
        );
    }
}

#[test]
fn a_week_at_a_club_with_eight_courts() {
    let chat = Chat::at(club().courts(8), NOW);
    // When can we play in the next seven days? Names of courts would be too long; times and how
    // many courts are not.
    let answer = chat.ask("availability --days 7 --format markdown");
    let days = (0..7).map(|ahead| date(MONDAY) + TimeDelta::days(ahead));
    let wish = Wish {
        dates: days.collect(),
        ..Wish::default()
    };
    let mut expected: BTreeMap<(NaiveDate, u32), BTreeSet<String>> = BTreeMap::new();
    let all = games(&chat.club, chat.now, &wish);
    for game in &all {
        let hour = (game.start.date(), game.start.hour());
        expected.entry(hour).or_default().insert(game.court.clone());
    }
    let mut lines = answer.lines();
    let first = all.first().expect("one").start;
    assert_eq!(
        lines
            .next()
            .and_then(|line| line.rsplit_once(": "))
            .map(|(_, told)| told.to_owned()),
        Some(format!(
            "{} courts free on 7 days, the first {}",
            courts(&all, &wish).len(),
            first.format("%a %-d %b %H:%M")
        ))
    );
    let mut grid = lines.filter(|line| !line.starts_with("```") && !line.is_empty());
    let hours: Vec<u32> = grid
        .next()
        .expect("the hours")
        .split_whitespace()
        .map(|hour| hour.parse().expect("an hour"))
        .collect();
    for day in &wish.dates {
        let line = grid.next().expect("a day");
        let label = day.format("%a %-d %b").to_string();
        let cells = line.strip_prefix(&label).expect("the next day");
        let told: Vec<&str> = cells.split_whitespace().collect();
        let cells = hours.iter().map(|hour| {
            let courts = expected.get(&(*day, *hour)).map_or(0, BTreeSet::len);
            if courts == 0 {
                "·".to_owned()
            } else {
                courts.to_string()
            }
        });
        assert_eq!(told, cells.collect::<Vec<_>>(), "{day}");
    }
    assert!(all.len() > 300, "{}", all.len());
    // And on which courts on Wednesday evening?
    chat.free(
        "--date wed --from 18:00",
        &on(&["2026-11-25"]).hours((18, 0), (48, 0)),
    );
    // Which evening has most to choose from, for 90 minutes? That is to be computed.
    let document = chat.document("availability --days 7 --from 18:00 --duration 90");
    let wish = wish.hours((18, 0), (48, 0)).minutes(90);
    let slots = list(&document["slots"]);
    let mut told: Vec<NaiveDate> = slots.iter().map(|slot| date(text(&slot["date"]))).collect();
    told.sort();
    let games = games(&chat.club, chat.now, &wish).into_iter();
    let expected: Vec<NaiveDate> = games.map(|game| game.start.date()).collect();
    assert_eq!(told, expected);
}

#[test]
fn every_evening_of_a_longer_time() {
    let chat = Chat::open();
    // Any evening next week, Monday to Friday? Some of it is not open yet, which is said of each
    // day.
    let week = [
        "2026-11-30",
        "2026-12-01",
        "2026-12-02",
        "2026-12-03",
        "2026-12-04",
    ];
    let command = "--date 2026-11-30 --weekday mon,tue,wed,thu,fri --from 18:00 --duration 90";
    let days = chat.free(command, &on(&week).hours((18, 0), (48, 0)).minutes(90));
    assert!(
        days[0].verdict.contains(" free, from ") && days[4].verdict == "nothing free yet",
        "{days:?}"
    );
    // Which Thursdays of the next four weeks have something at seven?
    let thursdays = [THURSDAY, "2026-12-03", "2026-12-10", "2026-12-17"];
    let command = "--weekday thu --days 28 --from 19:00 --to 20:00 --duration 60";
    chat.free(command, &on(&thursdays).hours((19, 0), (20, 0)).minutes(60));
    // On a Friday: this one, the next, and the one after that? One date each.
    let chat = chat.later("2026-11-27T09:00:00Z");
    let fridays = [
        ("fri", FRIDAY),
        ("next-fri", "2026-12-04"),
        ("fri+2w", "2026-12-11"),
    ];
    for (written, day) in fridays {
        chat.free(
            &format!("--date {written} --from 19:00 --to 20:00 --duration 60"),
            &on(&[day]).hours((19, 0), (20, 0)).minutes(60),
        );
    }
}

/// The bookings of some days, in order, as they are told, with the first line.
fn expect_booked(
    chat: &Chat,
    days: impl Fn(NaiveDate) -> bool,
    when: &str,
) -> (String, Vec<String>) {
    let booked: Vec<TruthBooking> = chat
        .diary()
        .into_iter()
        .filter(|booking| days(local(booking.start).date()))
        .collect();
    let mut counts: Vec<(String, usize)> = Vec::new();
    for known in ["to come", "played", "cancelled"] {
        counts.push((known.to_owned(), 0));
    }
    for booking in &booked {
        let is_over = booking.end.unwrap_or(booking.start) <= chat.now;
        let word = match &*booking.status {
            "Cancelled" => "cancelled",
            _ if !is_over => "to come",
            "Completed" => "played",
            other => other,
        };
        match counts.iter_mut().find(|(known, _)| known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word.to_owned(), 1)),
        }
    }
    let counts = counts.iter().filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(word, count)| format!("{count} {word}"))
        .collect();
    let club = chat.club.url().replace("http://", "");
    let first = match booked.len() {
        0 => format!("**no bookings {when}** at {club}"),
        1 => format!("**1 booking {when}: {}** at {club}", counts.join(", ")),
        count => format!(
            "**{count} bookings {when}: {}** at {club}",
            counts.join(", ")
        ),
    };
    (first, booked.iter().map(line).collect())
}

#[test]
fn a_day_or_a_month_of_bookings() {
    let chat = Chat::at(club().bookings(400), NOW);
    let today = chat.now.date_naive();
    // Did I play last Tuesday, yesterday, last Friday, three weeks ago? What is on tomorrow, on
    // Thursday, today, on Saturday week?
    let days = [
        ("--date last-tue", -6),
        ("--date yesterday", -1),
        ("--date last-fri", -3),
        ("--date -21", -21),
        ("--date -27", -27),
        ("--date -31", -31),
        ("--date tomorrow", 1),
        ("--date thu", 3),
        ("--date today", 0),
        ("--date sat+1w", 12),
        ("--date next-sat", 12),
        ("--date +11", 11),
    ];
    let mut found = 0;
    for (written, ahead) in days {
        let day = today + TimeDelta::days(ahead);
        let when = day.format("on %A %-d %B %Y").to_string();
        let expected = expect_booked(&chat, |other| other == day, &when);
        found += expected.1.len();
        assert_eq!(chat.booked(written), expected, "{written}");
    }
    assert!(found > 5, "{found}");
    // How often did I play last month, this month, in June, in December?
    for (written, month) in [
        ("--month last", "2026-10"),
        ("--month this", "2026-11"),
        ("--month 2026-06", "2026-06"),
        ("--month 2026-12", "2026-12"),
    ] {
        let first = date(&format!("{month}-01"));
        let when = first.format("in %B %Y").to_string();
        let of_month = |day: NaiveDate| day.to_string().starts_with(month);
        let expected = expect_booked(&chat, of_month, &when);
        assert!(expected.1.len() > 2, "{month}");
        assert_eq!(chat.booked(written), expected, "{written}");
        let summary = &chat.document(&format!("bookings {written}"))["summary"];
        let played = chat.diary().into_iter().filter(|booking| {
            of_month(local(booking.start).date()) && booking.status == "Completed"
        });
        assert_eq!(summary["played"], played.count(), "{written}");
    }
    // Where do I book or cancel?
    assert_eq!(chat.ask("link"), format!("{}\n", chat.club.url()));
}

#[test]
fn at_a_moment() {
    let chat = Chat::open();
    // Free at seven tonight? On Saturday at seven? At half past seven on Sunday, for an hour? For
    // ninety minutes at 18:00 tomorrow? At noon at the leisure centre? At nine in the evening?
    for (options, wish) in [
        ("--at 19:00", on(&[MONDAY]).at(19, 0)),
        ("--date sat --at 19:00", on(&[SATURDAY]).at(19, 0)),
        (
            "--date sun --at 19:30 --duration 60",
            on(&[SUNDAY]).at(19, 30).minutes(60),
        ),
        (
            "--date tomorrow --at 18:00 --duration 90",
            on(&[TUESDAY]).at(18, 0).minutes(90),
        ),
        (
            "--date thu --at 12:00 --site 'leisure centre'",
            on(&[THURSDAY]).at(12, 0).activities(&["014A001015"]),
        ),
        (
            "--date sat --at 13:20 --activity 'tennis'",
            on(&[SATURDAY]).at(13, 20).activities(&["014A001015"]),
        ),
        ("--date fri --at 21:00", on(&[FRIDAY]).at(21, 0)),
        (
            "--date thu --at 19:00 --court 3",
            on(&[THURSDAY]).at(19, 0).courts(&["Padel Court 3"]),
        ),
        (
            "--weekday sat,sun --days 7 --at 10:00",
            on(&[SATURDAY, SUNDAY]).at(10, 0),
        ),
        // On which day of this week? Court 2, tomorrow?
        (
            "--days 7 --at 19:00",
            on(&[
                MONDAY,
                TUESDAY,
                "2026-11-25",
                THURSDAY,
                FRIDAY,
                SATURDAY,
                SUNDAY,
            ])
            .at(19, 0),
        ),
        (
            "--date tomorrow --at 19:00 --court 2",
            on(&[TUESDAY]).at(19, 0).courts(&["Padel Court 2"]),
        ),
    ] {
        chat.free(options, &wish);
    }
    // The link opens what is free at seven, not what ends then.
    let text = chat.ask("availability --at 19:00 --format markdown");
    assert!(
        text.contains("- 18:30 Padel Court 3 until 19:00\n")
            && text.contains("\nBook: [19:00 Padel Court 2]("),
        "{text}"
    );
}

#[test]
fn the_earliest_and_certain_courts() {
    let chat = Chat::open();
    // The earliest two hours, at the Padel Centre?
    let padel = ["PADEL30", "PADEL60", "PADEL90"];
    let fortnight = (0..14).map(|ahead| date(MONDAY) + TimeDelta::days(ahead));
    let wish = Wish {
        dates: fortnight.collect(),
        minutes: Some(120),
        activities: padel.to_vec(),
        ..Wish::default()
    };
    let all = games(&chat.club, chat.now, &wish);
    let first = all.first().expect("one").start;
    let options = "--days 14 --duration 120 --limit 1 --site \"padel centre\"";
    let days = reader::days(&chat.ask(&format!("availability {options} --format markdown")));
    let told: Vec<Play> = reader::plays(&days, 120).into_iter().collect();
    let expected: Vec<Play> = plays(&all)
        .into_iter()
        .filter(|play| play.start == first)
        .collect();
    assert_eq!((days.len(), told), (1, expected));
    let document = chat.document(&format!("availability {options}"));
    let starts: BTreeSet<&str> = list(&document["slots"])
        .iter()
        .map(|slot| text(&slot["start_at"]))
        .collect();
    assert_eq!(starts.len(), 1);
    assert_eq!(document["summary"]["free"], all.len());
    // The first three times today? The first five for two hours, on an evening of ten days?
    let options = "availability --limit 3 --format markdown";
    let mut expected = free_times(&chat.club, chat.now, &on(&[MONDAY]));
    let starts: BTreeSet<NaiveDateTime> = expected.iter().map(|time| time.start).collect();
    let third = starts.into_iter().nth(2).expect("a third");
    expected.retain(|time| time.start <= third);
    let text = chat.ask(options);
    assert!(text.contains("There are later ones"), "{text}");
    assert_eq!(
        reader::free_times(&reader::days(
            text.split("\nThere are").next().expect("days")
        )),
        expected
    );
    let options = "availability --days 10 --from 18:00 --duration 120 --limit 5";
    let wish = Wish {
        dates: (0..10)
            .map(|ahead| date(MONDAY) + TimeDelta::days(ahead))
            .collect(),
        ..on(&[]).hours((18, 0), (48, 0)).minutes(120)
    };
    let mut expected: Vec<Play> = plays(&games(&chat.club, chat.now, &wish))
        .into_iter()
        .collect();
    let starts: BTreeSet<NaiveDateTime> = expected.iter().map(|play| play.start).collect();
    let fifth = starts.into_iter().nth(4).expect("a fifth");
    expected.retain(|play| play.start <= fifth);
    let text = chat.ask(&format!("{options} --format markdown"));
    let days = reader::days(text.split("\nThere are").next().expect("days"));
    assert_eq!(
        reader::plays(&days, 120).into_iter().collect::<Vec<_>>(),
        expected
    );
    // Court 2 on Saturday? Court 1 of the leisure centre tomorrow?
    chat.free(
        "--date sat --court 2 --site UB",
        &on(&[SATURDAY]).courts(&["Padel Court 2"]),
    );
    chat.free(
        "--date tomorrow --court 1 --site leisure",
        &on(&[TUESDAY]).courts(&["Padel 1"]),
    );
    // How long is a court free this weekend? The longest is told by the rows alone.
    let days = chat.free("--weekday sat,sun --days 7", &on(&[SATURDAY, SUNDAY]));
    let longest = reader::free_times(&days)
        .into_iter()
        .map(|time| time.end - time.start)
        .max();
    assert!(longest > Some(TimeDelta::hours(3)));
    let week = [MONDAY, TUESDAY, "2026-11-25", THURSDAY, FRIDAY, SATURDAY];
    chat.free("--days 6", &on(&week));
    // Yesterday? It is over. A Friday in two weeks?
    let day = &reader::days(&chat.ask_with_warning("availability --date yesterday"))[0];
    assert_eq!(
        (day.date, &*day.verdict),
        (date("2026-11-22"), "this day is over")
    );
    chat.free("--date fri+2w", &on(&["2026-12-11"]));
    chat.free("--date next-fri", &on(&["2026-12-04"]));
}

#[test]
fn bookings_to_come() {
    let chat = Chat::open();
    let upcoming: Vec<TruthBooking> = chat
        .diary()
        .into_iter()
        .filter(|booking| booking.start > chat.now)
        .collect();
    // What have I booked?
    assert_eq!(
        chat.bookings(""),
        upcoming.iter().map(line).collect::<Vec<_>>()
    );
    // When do I play next?
    let next = chat.bookings("--limit 3");
    assert_eq!(next, upcoming.iter().take(3).map(line).collect::<Vec<_>>());
    // Where do I play on Thursday?
    let thursday: Vec<&String> = next
        .iter()
        .filter(|line| line.starts_with("Thu 26 Nov 2026 · "))
        .collect();
    let expected = upcoming
        .iter()
        .find(|booking| local(booking.start).date() == date(THURSDAY))
        .expect("one");
    assert_eq!(thursday, [&line(expected)]);
    // Which court are we on, now? A booking that has begun is not a past one.
    let on_court = expected.start + TimeDelta::minutes(20);
    let chat = chat.later(&on_court.to_rfc3339());
    assert_eq!(chat.bookings("--limit 3")[0], line(expected));
    // When do I play next, when the very next one is cancelled? The status says so.
    let cancelled = upcoming
        .iter()
        .position(|booking| booking.status == "Cancelled")
        .expect("one");
    let chat = chat.later(&(upcoming[cancelled].start - TimeDelta::hours(3)).to_rfc3339());
    let next = chat.bookings("--limit 3");
    assert_eq!(
        next,
        upcoming[cancelled..]
            .iter()
            .take(3)
            .map(line)
            .collect::<Vec<_>>()
    );
    let plays = next
        .iter()
        .find(|line| !line.contains(" · Cancelled · "))
        .expect("one");
    assert_eq!(plays, &line(&upcoming[cancelled + 1]));
}

#[test]
fn bookings_of_the_past() {
    let chat = Chat::at(club().bookings(400), NOW);
    let mut past: Vec<TruthBooking> = chat
        .diary()
        .into_iter()
        .filter(|booking| booking.start < chat.now)
        .collect();
    past.reverse();
    // Did I play last week, and did I last Tuesday?
    let told = chat.bookings("--history --limit 20");
    assert_eq!(told, past.iter().take(20).map(line).collect::<Vec<_>>());
    for back in 1..=14 {
        let day = chat.now.date_naive() - TimeDelta::days(back);
        let start = day.format("%a %-d %b %Y · ").to_string();
        let played = told
            .iter()
            .filter(|line| line.starts_with(&start) && line.contains(" · Completed"));
        let truly = past
            .iter()
            .filter(|booking| local(booking.start).date() == day && booking.status == "Completed");
        assert_eq!(played.count(), truly.count(), "{day}");
    }
    // Which court did I have last time?
    let last = past
        .iter()
        .position(|booking| booking.status == "Completed")
        .expect("one");
    assert_eq!(
        told.iter().position(|line| line.contains(" · Completed")),
        Some(last)
    );
    // How often have I played this year, and how often on a Tuesday? That is to be computed.
    let document = chat.document("bookings --history --limit 500");
    let bookings = list(&document["bookings"]);
    let completed = bookings
        .iter()
        .filter(|one| one["status"] == "Completed" && text(&one["date"]).starts_with("2026"));
    let told: Vec<NaiveDate> = completed.map(|one| date(text(&one["date"]))).collect();
    let mut year: Vec<NaiveDate> = past
        .iter()
        .filter(|booking| booking.status == "Completed" && local(booking.start).year() == 2026)
        .map(|booking| local(booking.start).date())
        .collect();
    assert!(year.len() > 50);
    assert_eq!(told, year);
    let tuesdays = bookings.iter().filter(|one| {
        one["status"] == "Completed"
            && one["weekday"] == "Tuesday"
            && text(&one["date"]).starts_with("2026")
    });
    year.retain(|day| day.weekday() == Weekday::Tue);
    assert_eq!(tuesdays.count(), year.len());
}

#[test]
fn what_the_club_offers() {
    let chat = Chat::open();
    // How long can one play, and where?
    let text = chat.ask("activities --format markdown");
    for said in [
        "- `UB` Riverside Padel Centre",
        "- `PADEL90` Padel 90 Mins",
        "- `014A001015` Padel Tennis",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!text.contains("Badminton"), "{text}");
    // Is everything all right?
    assert!(
        chat.ask("doctor --format markdown")
            .contains("- **ok** portal")
    );
}
