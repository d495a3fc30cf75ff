//! Compares a look with what is known, and says what is to be told.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Event, Game, GameKey, Games, GoneReason, Reason, WatchState, What, Wish, WishState,
    state::{Known, Last, Wait},
};
use crate::{courts::State, sort::sort_by_key};

/// The least time between two messages that a game is free. Usually a basket that somebody filled
/// and left is the cause.
const COOL_DOWN: TimeDelta = TimeDelta::minutes(30);
/// A game that is not listed counts as gone after so many looks that prove it.
const ABSENT_LOOKS: u8 = 2;
/// So many failed looks in a row are told: fewer mend themselves.
const FAILURES_TOLD: u32 = 3;
/// The wait after a refusal (403). It doubles with each further one.
const REFUSED_WAIT: TimeDelta = TimeDelta::minutes(30);
/// The longest wait after a refusal.
const LONGEST_REFUSED_WAIT: TimeDelta = TimeDelta::hours(4);
/// The wait where a portal is asked too often and does not say how long to wait.
const RATE_WAIT: TimeDelta = TimeDelta::minutes(5);
/// The longest wait that a portal's word is taken for.
const LONGEST_WAIT: TimeDelta = TimeDelta::days(1);
/// The most opening times that are kept for a wish.
const MOST_OPENINGS: usize = 100;

/// A wish, and the games that a look found for it.
#[derive(Debug)]
pub struct Answered<'a> {
    /// The wish.
    pub wish: &'a Wish,
    /// All of its games, whatever their state.
    pub games: Games,
}

/// How much a look's answer proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// Nothing was skipped.
    pub is_complete: bool,
    /// The club listed something at all. A portal in trouble may answer with an empty list.
    pub has_slots: bool,
}

/// A look that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookFailure {
    /// The error's code, such as `portal_refused`.
    pub code: String,
    /// The error in words.
    pub message: String,
    /// The time before which the portal does not want to be asked again.
    pub retry_at: Option<DateTime<Utc>>,
    /// Set where no later look can work, and this is the last one.
    pub is_final: bool,
}

/// What a look brought.
#[derive(Debug, Default)]
pub struct News {
    /// What is to be told, and whom.
    pub events: Vec<(Event, Vec<String>)>,
    /// The games that this look has seen free, with the names of their wishes. Of no other is told
    /// that it is free.
    pub free: Vec<(String, GameKey)>,
}

impl WatchState {
    /// Takes a look that succeeded. Its events are in the outbox afterwards, too.
    pub fn record_answer(
        &mut self,
        answers: &[Answered<'_>],
        evidence: Evidence,
        now: DateTime<Utc>,
    ) -> News {
        self.follow_clock(now);
        self.begin_look(now);
        let mut news = News::default();
        self.record_recovery(answers, now, &mut news);
        for Answered { wish, games } in answers {
            let filters = wish.filters();
            let known = self.wishes.get(&wish.name);
            let is_first = known.is_none_or(|known| known.filters != filters);
            if is_first {
                let fresh = WishState::new(filters, now);
                self.wishes.insert(wish.name.clone(), fresh);
            }
            let Some(state) = self.wishes.get_mut(&wish.name) else {
                continue;
            };
            let mut found = state.compare(wish, games, evidence, now);
            if is_first && !wish.quiet_first {
                let free = games.values().filter(|game| game.state == State::Free);
                let free = free.count();
                found.insert(0, What::Watching { free });
            }
            for what in found {
                let mut targets = wish.targets.clone();
                if let What::Gone { key, .. } = &what {
                    targets = state.take_told_to(key);
                    targets.retain(|target| wish.gone && wish.targets.contains(target));
                    if targets.is_empty() {
                        continue;
                    }
                }
                let watch = Some(wish.name.clone());
                news.events.push((
                    Event {
                        at: now,
                        watch,
                        what,
                    },
                    targets,
                ));
            }
            let free = games.iter().filter(|(_, game)| game.state == State::Free);
            news.free
                .extend(free.map(|(key, _)| (wish.name.clone(), key.clone())));
        }
        self.prune(now);
        self.enqueue(&news.events, now);
        news
    }

    /// Takes a look that failed: nothing that is known of a game changes.
    pub fn record_failure(
        &mut self,
        failure: &LookFailure,
        targets: &[String],
        now: DateTime<Utc>,
    ) -> News {
        self.follow_clock(now);
        self.begin_look(now);
        self.failures = self.failures.saturating_add(1);
        self.refusals = match failure.code.as_str() {
            "portal_refused" => self.refusals.saturating_add(1),
            _ => 0,
        };
        self.wait = self.choose_wait(failure, now).map(|until| Wait {
            since: now,
            until,
            code: failure.code.clone(),
            message: failure.message.clone(),
        });
        let mut news = News::default();
        let is_news = self.failures >= FAILURES_TOLD || failure.is_final;
        if is_news && !self.is_failing_told {
            self.is_failing_told = true;
            let what = What::Failing {
                looks: self.failures,
                code: failure.code.clone(),
                message: failure.message.clone(),
            };
            let watch = None;
            news.events.push((
                Event {
                    at: now,
                    watch,
                    what,
                },
                targets.to_vec(),
            ));
        }
        self.prune(now);
        self.enqueue(&news.events, now);
        news
    }

    fn begin_look(&mut self, now: DateTime<Utc>) {
        self.looked_at = Some(now);
        self.looks = self.looks.saturating_add(1);
    }

    /// Tells those who were told of failures that these are over. Who has not taken that message
    /// needs neither.
    fn record_recovery(&mut self, answers: &[Answered<'_>], now: DateTime<Utc>, news: &mut News) {
        let looks = std::mem::take(&mut self.failures);
        self.refusals = 0;
        self.wait = None;
        if !std::mem::take(&mut self.is_failing_told) {
            return;
        }
        let spared = self.take_failing();
        let all = answers.iter().flat_map(|answered| &answered.wish.targets);
        let mut targets: Vec<String> = Vec::new();
        for target in all.filter(|target| !spared.contains(*target)) {
            if !targets.contains(target) {
                targets.push(target.clone());
            }
        }
        if targets.is_empty() {
            return;
        }
        let event = Event {
            at: now,
            watch: None,
            what: What::Recovered { looks },
        };
        news.events.push((event, targets));
    }

    fn choose_wait(&self, failure: &LookFailure, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let own = match failure.code.as_str() {
            "portal_refused" => {
                let doubled = REFUSED_WAIT * (1 << self.refusals.clamp(1, 5).saturating_sub(1));
                Some(now + doubled.min(LONGEST_REFUSED_WAIT))
            }
            "rate_limited" if failure.retry_at.is_none() => Some(now + RATE_WAIT),
            _ => None,
        };
        let stated = failure.retry_at.map(|at| at.min(now + LONGEST_WAIT));
        [own, stated].into_iter().flatten().max()
    }
}

impl WishState {
    /// Compares a look with what is known. Of each game that was told and is not free any more there
    /// is a `Gone`, whether or not anybody wants it.
    fn compare(
        &mut self,
        wish: &Wish,
        games: &Games,
        evidence: Evidence,
        now: DateTime<Utc>,
    ) -> Vec<What> {
        let mut found = Vec::new();
        for (key, game) in games.iter().filter(|(key, _)| key.start > now) {
            self.compare_game(wish, key, game, now, &mut found);
        }
        if evidence.is_complete && evidence.has_slots {
            self.count_absent(games, &mut found);
        }
        self.is_complete |= evidence.is_complete;
        self.seen_at = now;
        self.note_openings(wish, games, now, &mut found);
        found
    }

    fn compare_game(
        &mut self,
        wish: &Wish,
        key: &GameKey,
        game: &Game,
        now: DateTime<Utc>,
        found: &mut Vec<What>,
    ) {
        let is_first = !self.is_complete;
        let last = Last::of(game.state);
        let known = match self.games.get_mut(key) {
            Some(known) => known,
            None => {
                let reason = if is_first {
                    Reason::First
                } else {
                    Reason::Listed
                };
                let is_told = last == Last::Free && !(is_first && wish.quiet_first);
                self.games.entry(key.clone()).or_insert(Known {
                    last,
                    missed: 0,
                    news: is_told.then_some(reason),
                    told: None,
                    to: Vec::new(),
                })
            }
        };
        known.missed = 0;
        let before = std::mem::replace(&mut known.last, last);
        if last == Last::Free && before != Last::Free {
            known.news = Some(before.reason());
        } else if last != Last::Free && before == Last::Free {
            let reason = if last == Last::Taken {
                GoneReason::Taken
            } else {
                GoneReason::Closed
            };
            known.end_free(reason, key, found);
        }
        let is_cool = known.told.is_none_or(|told| now - told >= COOL_DOWN);
        if let Some(reason) = known.news.filter(|_| is_cool) {
            known.news = None;
            known.to.clear();
            found.push(What::Free {
                reason,
                key: key.clone(),
                end: game.end,
                courts: game.courts.clone(),
                activity_id: game.activity_id.clone(),
                bookings: game.bookings,
            });
        }
    }

    /// Counts a look for the games that it proves absent.
    fn count_absent(&mut self, games: &Games, found: &mut Vec<What>) {
        for (key, known) in &mut self.games {
            if games.contains_key(key) || known.last == Last::Unlisted {
                continue;
            }
            known.missed += 1;
            if known.missed >= ABSENT_LOOKS {
                known.missed = 0;
                if std::mem::replace(&mut known.last, Last::Unlisted) == Last::Free {
                    known.end_free(GoneReason::Unlisted, key, found);
                }
            }
        }
    }

    /// Keeps the times at which windows open, and tells of those that do so soon.
    fn note_openings(
        &mut self,
        wish: &Wish,
        games: &Games,
        now: DateTime<Utc>,
        found: &mut Vec<What>,
    ) {
        let mut openings: Vec<(DateTime<Utc>, usize, &GameKey)> = Vec::new();
        for (key, game) in games {
            if let Some(at) = game.opens_at.filter(|at| *at > now) {
                match openings.iter_mut().find(|opening| opening.0 == at) {
                    Some(opening) => opening.1 += 1,
                    None => openings.push((at, 1, key)),
                }
            }
        }
        sort_by_key(&mut openings, |opening| opening.0);
        openings.truncate(MOST_OPENINGS);
        self.openings = openings.iter().map(|opening| opening.0).collect();
        let Some(notice) = wish.notice else {
            return;
        };
        for (opens_at, games, first) in openings {
            if opens_at - notice <= now && !self.told_openings.contains(&opens_at) {
                self.told_openings.push(opens_at);
                let first = first.clone();
                found.push(What::Opens {
                    opens_at,
                    games,
                    first,
                });
            }
        }
    }

    /// Returns who was told that this game is free, and forgets it.
    fn take_told_to(&mut self, key: &GameKey) -> Vec<String> {
        let known = self.games.get_mut(key);
        known.map_or_else(Vec::new, |known| std::mem::take(&mut known.to))
    }
}

impl Known {
    fn end_free(&mut self, reason: GoneReason, key: &GameKey, found: &mut Vec<What>) {
        self.news = None;
        if let Some(told_at) = self.told.filter(|_| !self.to.is_empty()) {
            let key = key.clone();
            found.push(What::Gone {
                reason,
                key,
                told_at,
            });
        }
    }
}

impl Last {
    const fn of(state: State) -> Self {
        match state {
            State::Free => Self::Free,
            State::OpensLater => Self::OpensLater,
            State::Closed => Self::Closed,
            State::Taken => Self::Taken,
        }
    }

    /// Returns why a game is news that is free now and was this before.
    const fn reason(self) -> Reason {
        match self {
            Self::Free | Self::Taken => Reason::Freed,
            Self::OpensLater | Self::Closed => Reason::Opened,
            Self::Unlisted => Reason::Listed,
        }
    }
}
