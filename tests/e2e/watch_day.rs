//! A day of `padel watch` at a club whose courts are taken and given back, with faults, two watchers
//! and a dead target; and kill -9 at any point. What was told is held against a reckoning of its
//! own, from the club's truth.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    thread::sleep,
    time::Duration,
};

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use gladstone_sim::Fault;
use serde_json::Value;

use crate::{
    harness::{CONFIG, Member, NOW, spawn},
    watch::{Watched, documents},
};

const CONFIG_TEXT: &str = "\
[[watch]]
name = 'saturday'
date = '2026-11-28'
site = ['UB']
activity = ['PADEL60']

[notify.log]
exec = ['/bin/sh', '-c', 'echo \"$PADEL_NOW $PADEL_EVENTS\" >> told.txt']

[notify.dead]
exec = ['/bin/sh', '-c', 'exit 1']
";
const COURTS: [&str; 2] = ["PC1", "PC2"];
const DAY: &str = "2026-11-28";

/// Numbers that are the same in each run.
struct Draws(u64);

impl Draws {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn format(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl Watched {
    /// The starts of the games that are free and bookable now, by the club itself.
    fn free_games(&self, now: DateTime<Utc>) -> BTreeSet<DateTime<Utc>> {
        let date: NaiveDate = DAY.parse().expect("a date");
        let slots = self.club.truth(date).into_iter();
        slots
            .filter(|slot| slot.site == "UB" && slot.activity == "PADEL60")
            .filter(|slot| !slot.taken && slot.bookable_from <= now && now < slot.start)
            .map(|slot| slot.start)
            .collect()
    }

    fn starts(&self) -> Vec<DateTime<Utc>> {
        let date: NaiveDate = DAY.parse().expect("a date");
        let slots = self.club.truth(date).into_iter();
        let starts = slots.filter(|slot| slot.site == "UB" && slot.activity == "PADEL60");
        starts
            .map(|slot| slot.start)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    }

    /// Every message that a game is free, with its time.
    fn told(&self) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
        let log = fs::read_to_string(self.member.path("told.txt")).unwrap_or_default();
        let mut told = Vec::new();
        for line in log.lines() {
            let (now, events) = line.split_once(' ').expect("a time and events");
            let events: Vec<Value> = serde_json::from_str(events).expect("events");
            let free = events.iter().filter(|event| event["event"] == "free");
            told.extend(free.map(|event| (utc(now), utc(event["start_at"].as_str().expect("it")))));
        }
        told
    }
}

fn watched(config: &str) -> Watched {
    let watched = Watched::new();
    let member = watched
        .member
        .file(CONFIG, config)
        .env("PATH", "/usr/bin:/bin");
    Watched { member, ..watched }
}

/// What happened at one time: the games that a look saw free, if it succeeded.
type Seen = Option<BTreeSet<DateTime<Utc>>>;

#[test]
fn a_day_with_faults_tells_each_game_once_and_nothing_that_is_not() {
    let mut watched = watched(CONFIG_TEXT);
    let starts = watched.starts();
    let mut draws = Draws(20_261_123);
    let mut seen: Vec<(DateTime<Utc>, Seen)> = Vec::new();
    let mut largest = 0;
    for tick in 0..288 {
        let now = utc(NOW) + TimeDelta::minutes(5 * tick);
        watched.set_now(&format(now));
        for _ in 0..draws.below(4) {
            let start = starts[usize::try_from(draws.below(starts.len() as u64)).expect("small")];
            let court = COURTS[usize::try_from(draws.below(2)).expect("small")];
            watched
                .club
                .set_taken(court, &format(start), 60, draws.below(3) > 0);
        }
        // An hour of refusals, and single looks that fail or lack something.
        let is_refused = (100..112).contains(&tick);
        watched
            .club
            .set_fault(is_refused.then_some(Fault::Every403));
        if !is_refused && tick > 0 {
            match draws.below(12) {
                0 => watched.club.set_fault(Some(Fault::NotArray)),
                1 => watched.club.set_fault(Some(Fault::WrongElement)),
                2 => watched.club.set_fault(Some(Fault::EmptyBody)),
                _ => {}
            }
        }
        let outcomes = if tick % 6 == 5 {
            watched.member.run_at_once(2, "watch --once --json")
        } else {
            vec![watched.member.run("watch --once --json")]
        };
        let looks: Vec<Value> = outcomes
            .iter()
            .flat_map(documents)
            .filter(|document| document["schema"] == "padel.watch.look/v1")
            .collect();
        assert!(looks.len() <= 1, "two looks within a minute: {outcomes:?}");
        let succeeded = looks.first().is_some_and(|look| look["failures"] == 0);
        if let Some(look) = looks.first().filter(|_| succeeded && tick > 0) {
            assert_eq!(look["requests"], 1, "{look}");
        }
        seen.push((now, succeeded.then(|| watched.free_games(now))));
        let state = fs::read_dir(watched.member.path(".local/state/padel")).expect("it");
        for entry in state {
            largest = largest.max(entry.expect("it").metadata().expect("it").len());
        }
    }
    let failed = seen.iter().filter(|(_, free)| free.is_none()).count();
    assert!((30..80).contains(&failed), "{failed} looks of 288 fail");
    assert!(largest < 100_000, "the state takes {largest} bytes");
    reckon(&seen, &watched.told(), &starts);
}

/// Holds what was told against what was seen.
fn reckon(
    seen: &[(DateTime<Utc>, Seen)],
    told: &[(DateTime<Utc>, DateTime<Utc>)],
    starts: &[DateTime<Utc>],
) {
    let cool_down = TimeDelta::minutes(30);
    let free_at: BTreeMap<_, _> = seen.iter().cloned().collect();
    for (at, game) in told {
        let free = free_at[at].as_ref();
        assert!(
            free.is_some_and(|free| free.contains(game)),
            "{game} was not free at {at}"
        );
    }
    let mut count = 0;
    for game in starts {
        let times: Vec<DateTime<Utc>> = told
            .iter()
            .filter(|(_, told)| told == game)
            .map(|(at, _)| *at)
            .collect();
        count += times.len();
        let mut is_free = false;
        let mut free_since = None;
        for (at, free) in seen {
            let Some(free) = free else { continue };
            let was_free = std::mem::replace(&mut is_free, free.contains(game));
            if is_free && !was_free {
                free_since = Some(*at);
            }
            let since = free_since.filter(|_| is_free);
            let in_period = times
                .iter()
                .filter(|time| since.is_some_and(|since| (since..=*at).contains(time)));
            let told_now = in_period.count();
            assert!(
                told_now <= 1,
                "{game} told {told_now} times in one free time, until {at}"
            );
            let is_cooling = times
                .iter()
                .any(|time| *time <= *at && *at - *time < cool_down);
            assert!(
                !is_free || told_now == 1 || is_cooling,
                "{game} is free at {at} and not told"
            );
        }
        for pair in times.windows(2) {
            assert!(pair[1] - pair[0] >= cool_down, "{game}: {pair:?}");
        }
    }
    assert_eq!(count, told.len());
    assert!(count > 50, "only {count} messages");
}

#[test]
fn killed_at_any_point_it_loses_nothing_and_repeats_one_message() {
    let config = CONFIG_TEXT.split("[notify.dead]").next().expect("a part");
    let mut watched = watched(config);
    watched.member.run("watch --once").assert_success();
    let starts = watched.starts();
    let mut draws = Draws(9);
    let mut now = utc(NOW);
    let mut kills: BTreeMap<DateTime<Utc>, usize> = BTreeMap::new();
    for (round, start) in starts.iter().take(12).enumerate() {
        watched.club.set_taken("PC1", &format(*start), 60, false);
        for _ in 0..4 {
            now += TimeDelta::minutes(1);
            watched.set_now(&format(now));
            let mut child = spawn(watched.member.command("watch --once"));
            sleep(Duration::from_millis(draws.below(60)));
            let _ = child.kill();
            let output = child.wait_with_output().expect("an end");
            if output.status.success() {
                continue;
            }
            *kills.entry(*start).or_default() += 1;
            // What a killed run has started writes on.
            sleep(Duration::from_millis(50));
        }
        now += TimeDelta::minutes(1);
        watched.set_now(&format(now));
        let outcome = watched.member.run("watch --once");
        outcome.assert_success().assert_stderr_lacks("understood");
        let told = watched.told();
        let count = told.iter().filter(|(_, game)| game == start).count();
        let most = 1 + kills.get(start).copied().unwrap_or(0);
        assert!(
            (1..=most).contains(&count),
            "round {round}: {count} times, {kills:?}"
        );
    }
    assert!(kills.values().sum::<usize>() > 5, "{kills:?}");
    // The rest is as ever.
    now += TimeDelta::minutes(1);
    watched.set_now(&format(now));
    let before = watched.told().len();
    watched.member.run("watch --once").assert_quiet_success();
    assert_eq!(watched.told().len(), before);
    assert_eq!(leftovers(&watched.member), Vec::<String>::new());
}

/// Files in the state's directory that are neither state nor lock nor the one draft.
fn leftovers(member: &Member) -> Vec<String> {
    let entries = fs::read_dir(member.path(".local/state/padel")).expect("it");
    let names = entries.map(|entry| entry.expect("it").file_name().display().to_string());
    names.filter(|name| !name.starts_with("watch-")).collect()
}
