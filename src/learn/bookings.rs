//! The requests for bookings: JSON answers after the sign-in with lists of things that have a start
//! time.

use serde_json::Value;

use super::{
    allow_list::AllowList,
    exchange::Exchange,
    fields::{self, Fields},
    request::{self, Request},
    token,
    words::{has_word, split_words},
};
use crate::courts::Period;

/// Below this a list is of something else.
const ENOUGH: i32 = 6;

/// The requests for bookings, and the fields of their answers.
pub(super) struct FoundBookings {
    pub(super) upcoming: Option<LearnedRequest>,
    pub(super) history: Option<LearnedRequest>,
    /// The path of the best request, as it may be told.
    pub(super) path: String,
    /// Pointer to the list.
    pub(super) items: String,
    /// None where the capture is without the answers.
    pub(super) fields: Fields,
    /// Indices of the exchanges that it was learned from.
    pub(super) calls: Vec<usize>,
}

/// A request and how it was chosen.
pub(super) struct LearnedRequest {
    pub(super) request: Request,
    pub(super) certain: bool,
    pub(super) how: &'static str,
}

/// A list that looks like bookings. Its items are read again when they are wanted: all lists
/// together would be too large.
struct Candidate<'a> {
    index: usize,
    exchange: &'a Exchange,
    pointer: String,
    starts: Vec<String>,
    score: i32,
}

impl Candidate<'_> {
    fn collect_items(&self) -> Vec<Value> {
        match self
            .exchange
            .json()
            .as_mut()
            .and_then(|json| json.pointer_mut(&self.pointer))
        {
            Some(Value::Array(items)) => std::mem::take(items),
            _ => Vec::new(),
        }
    }
}

/// Finds the bookings among the exchanges behind `after`.
pub(super) fn find_bookings(
    exchanges: &[Exchange],
    after: usize,
    allow_list: &AllowList,
) -> Option<FoundBookings> {
    let answers: Vec<(usize, &Exchange)> = exchanges
        .iter()
        .enumerate()
        .skip(after + 1)
        .filter(|(_, exchange)| may_list(exchange))
        .collect();
    let all: Vec<Candidate<'_>> = answers
        .iter()
        .filter_map(|(index, exchange)| rate_candidate(*index, exchange))
        .filter(|candidate| candidate.score >= ENOUGH)
        .collect();
    let Some(best) = all.iter().max_by_key(|candidate| candidate.score) else {
        return without_answers(exchanges, after, allow_list);
    };
    let start = best.starts.first()?;
    // Requests of the same kind, for another period or page.
    let family: Vec<&Candidate<'_>> = all
        .iter()
        .filter(|other| {
            other.pointer == best.pointer
                && other.score + 6 >= best.score
                && other.starts.contains(start)
        })
        .collect();
    let mut items: Vec<Value> = Vec::new();
    // The latest first: there may be more than are looked at.
    for candidate in family.iter().rev() {
        let room = fields::ITEMS.saturating_sub(items.len());
        if room == 0 {
            break;
        }
        items.extend(candidate.collect_items().into_iter().take(room));
    }
    let fields = fields::find_fields(&items.iter().collect::<Vec<_>>())?;
    let starts = &fields.get("start")?.0;
    let mut requests = Requests {
        upcoming: None,
        history: None,
        allow_list,
    };
    family
        .iter()
        .for_each(|candidate| requests.learn(candidate, starts));
    let mut calls: Vec<usize> = family.iter().map(|candidate| candidate.index).collect();
    for (index, exchange) in answers {
        if !calls.contains(&index)
            && is_empty(exchange, &best.pointer)
            && requests.learn_empty(exchange)
        {
            calls.push(index);
        }
    }
    let Requests {
        mut upcoming,
        mut history,
        ..
    } = requests;
    match (&upcoming, &history) {
        (None, Some(known)) => upcoming = Some(same(known)),
        (Some(known), None) => history = Some(same(known)),
        _ => {}
    }
    let path = allow_list.shown_path(best.exchange.path());
    Some(FoundBookings {
        upcoming,
        history,
        path,
        items: best.pointer.clone(),
        fields,
        calls,
    })
}

/// Requests that must be for bookings by their paths, in a capture without the contents of answers.
fn without_answers(
    exchanges: &[Exchange],
    after: usize,
    allow_list: &AllowList,
) -> Option<FoundBookings> {
    let all: Vec<(usize, &Exchange)> = exchanges
        .iter()
        .enumerate()
        .skip(after + 1)
        .filter(|(_, exchange)| {
            exchange.method == "GET"
                && exchange.answer.is_empty()
                && exchange.is_data
                && (200..300).contains(&exchange.status)
                && path_score(&exchange.target) >= ENOUGH
        })
        .collect();
    let (_, first) = all.first()?;
    let [upcoming, history] = [Period::Upcoming, Period::History].map(|period| {
        let of_period = [Some(period), None].into_iter().find_map(|wanted| {
            let mut requests = all.iter().map(|(_, exchange)| exchange);
            requests.find(|exchange| period_in_path(exchange.path()) == wanted)
        });
        let exchange = of_period?;
        let request =
            request::template_bookings(&exchange.target, exchange.started, period, allow_list)?;
        Some(LearnedRequest {
            request,
            certain: false,
            how: "by its path only: the capture is without its answer's content",
        })
    });
    Some(FoundBookings {
        upcoming,
        history,
        path: allow_list.shown_path(first.path()),
        items: String::new(),
        fields: Fields::new(),
        calls: all.iter().map(|(index, _)| *index).collect(),
    })
}

/// Explains why no list of bookings was found, with the request that comes nearest to one.
pub(super) fn explain_absence(
    exchanges: &[Exchange],
    after: usize,
    allow_list: &AllowList,
) -> String {
    let later = exchanges.get(after + 1..).unwrap_or_default();
    let Some(nearest) = later
        .iter()
        .filter(|exchange| path_score(&exchange.target) >= ENOUGH)
        .max_by_key(|exchange| (exchange.status < 300, exchange.is_data))
    else {
        let posted = later
            .iter()
            .find(|exchange| exchange.method == "POST" && rate_candidate(0, exchange).is_some());
        return match posted {
            Some(exchange) => {
                let path = allow_list.shown_path(exchange.path());
                format!(
                    "a list with start times is the answer to POST {path}, and padel reads \
                    with GET only"
                )
            }
            None => {
                "the capture holds no list with start times after the sign-in; open the bookings \
                    page in it"
                    .to_owned()
            }
        };
    };
    let path = format!(
        "{} {}",
        if nearest.method == "GET" {
            "GET"
        } else {
            "POST"
        },
        allow_list.shown_path(nearest.path())
    );
    if nearest.method != "GET" {
        format!("they seem to be the answer to {path}, and padel reads with GET only")
    } else if !(200..300).contains(&nearest.status) {
        format!("the portal refused {path} ({})", nearest.status)
    } else if nearest.answer.is_empty() {
        format!(
            "the capture is without the answer to {path}; reload the bookings page and save the \
             capture at once, with \
             content (Firefox: devtools.netmonitor.responseBodyLimit in about:config must not be too small)"
        )
    } else if !nearest.answers_json() {
        format!("the answer to {path} is a page, not data")
    } else if nearest.json().is_none() {
        format!("the answer to {path} is cut off, or too large")
    } else {
        format!(
            "the answer to {path} holds no list with start times; make the capture when there are \
                bookings"
        )
    }
}

/// Tells whether an exchange may be a request for bookings. Lists of free slots have start times,
/// too.
fn may_list(exchange: &Exchange) -> bool {
    exchange.method == "GET"
        && (200..300).contains(&exchange.status)
        && !exchange
            .path()
            .to_lowercase()
            .starts_with("/api/availability/")
}

/// Tells whether the list at `pointer` is there and empty, at a path that speaks of bookings.
fn is_empty(exchange: &Exchange, pointer: &str) -> bool {
    let speaks = path_score(&exchange.target) >= ENOUGH;
    let empty = speaks
        .then(|| exchange.json())
        .flatten()
        .and_then(|json| json.pointer(pointer)?.as_array().map(Vec::is_empty));
    empty == Some(true)
}

/// The requests for bookings, as far as they are known.
struct Requests<'a> {
    upcoming: Option<LearnedRequest>,
    history: Option<LearnedRequest>,
    allow_list: &'a AllowList,
}

impl Requests<'_> {
    /// From a list with bookings: the path's words say of which period it is, or else their times.
    fn learn(&mut self, candidate: &Candidate<'_>, starts: &[String]) {
        let exchange = candidate.exchange;
        let items = candidate.collect_items();
        let times = fields::start_times(&items.iter().collect::<Vec<_>>(), starts);
        let future = times
            .iter()
            .filter(|time| **time > exchange.started)
            .count();
        let past = times.len() - future;
        let spoken = period_in_path(exchange.path());
        // A booking that is being played is in the list of those to come.
        let mixed = future.min(past) * 5 > times.len();
        if mixed && spoken.is_none() {
            let how = "its list holds past and future bookings";
            let upcoming = self.template(candidate, Period::Upcoming, how);
            let history = self.template(candidate, Period::History, how);
            self.upcoming = self.upcoming.take().or(upcoming);
            self.history = self.history.take().or(history);
            return;
        }
        match spoken.unwrap_or(if future >= past {
            Period::Upcoming
        } else {
            Period::History
        }) {
            Period::Upcoming => {
                let how = "its bookings begin after the request";
                let upcoming = self.template(candidate, Period::Upcoming, how);
                self.upcoming = upcoming.or(self.upcoming.take());
            }
            Period::History => {
                let how = "its bookings began before the request";
                let history = self.template(candidate, Period::History, how);
                self.history = history.or(self.history.take());
            }
        }
    }

    /// A candidate's request for a period, and how it was found.
    fn template(
        &self,
        candidate: &Candidate<'_>,
        period: Period,
        how: &'static str,
    ) -> Option<LearnedRequest> {
        let Candidate {
            exchange, score, ..
        } = candidate;
        let request = request::template_bookings(
            &exchange.target,
            exchange.started,
            period,
            self.allow_list,
        )?;
        Some(LearnedRequest {
            certain: *score >= 12 && request.doubts.is_empty(),
            request,
            how,
        })
    }

    /// From an empty list: its path says of which period it is, or it is that of which nothing is
    /// known yet.
    fn learn_empty(&mut self, exchange: &Exchange) -> bool {
        let other = match (&self.upcoming, &self.history) {
            (None, Some(_)) => Some(Period::Upcoming),
            (Some(_), None) => Some(Period::History),
            _ => None,
        };
        let Some(period) = period_in_path(exchange.path()).or(other) else {
            return false;
        };
        let slot = match period {
            Period::Upcoming => &mut self.upcoming,
            Period::History => &mut self.history,
        };
        if slot.is_some() {
            return false;
        }
        let how = "its list was empty; its name says what it is";
        let request =
            request::template_bookings(&exchange.target, exchange.started, period, self.allow_list);
        *slot = request.map(|request| LearnedRequest {
            request,
            certain: false,
            how,
        });
        true
    }
}

/// The only request that was seen, for the other period, too: padel sorts by time itself.
fn same(known: &LearnedRequest) -> LearnedRequest {
    let how = "the capture shows no other request for bookings";
    LearnedRequest {
        request: known.request.clone(),
        certain: false,
        how,
    }
}

/// Reads the period from the words of a path.
fn period_in_path(path: &str) -> Option<Period> {
    let words = split_words(path);
    if has_word(&words, "history past previous completed old") {
        Some(Period::History)
    } else if has_word(&words, "upcoming future next coming") {
        Some(Period::Upcoming)
    } else {
        None
    }
}

/// The list of an answer that looks most like bookings.
fn rate_candidate(index: usize, exchange: &Exchange) -> Option<Candidate<'_>> {
    let json = exchange.json()?;
    let path = path_score(&exchange.target);
    let mut best: Option<Candidate<'_>> = None;
    for (pointer, items) in object_lists(&json) {
        let refs: Vec<&Value> = items.iter().collect();
        let Some(fields) = fields::find_fields(&refs) else {
            continue;
        };
        let features = [
            ("reference", 3),
            ("end", 3),
            ("court", 2),
            ("activity", 2),
            ("site", 1),
            ("status", 1),
        ];
        let features: i32 = features
            .iter()
            .filter(|(name, _)| fields.contains_key(name))
            .map(|(_, worth)| worth)
            .sum();
        let depth = i32::try_from(pointer.matches('/').count()).unwrap_or(9);
        let score = path + key_score(&pointer) + features - depth;
        if best.as_ref().is_none_or(|best| score > best.score) {
            let starts = fields
                .get("start")
                .map(|(pointers, _)| pointers.clone())
                .unwrap_or_default();
            best = Some(Candidate {
                index,
                exchange,
                pointer,
                starts,
                score,
            });
        }
    }
    best
}

const BOOKINGS: &str = "booking reservation visit appointment";
const OTHERS: &str = "availability timetable slot slots class classes calendar search \
    configuration news notification transaction payment invoice log bookable waiting offer \
    promotion";

fn path_score(target: &str) -> i32 {
    let words = split_words(target);
    let mine = has_word(
        &words,
        "mine my me member account upcoming history past list",
    );
    key_score(target) + if mine { 2 } else { 0 }
}

fn key_score(text: &str) -> i32 {
    let words = split_words(text);
    i32::from(has_word(&words, BOOKINGS)) * 6 - i32::from(has_word(&words, OTHERS)) * 6
}

/// Lists of objects with their pointers.
fn object_lists(value: &Value) -> Vec<(String, &Vec<Value>)> {
    let mut found = Vec::new();
    let mut queue = vec![(String::new(), value, 0)];
    while let Some(place) = queue.pop() {
        queue.extend(token::list_children(&place, 2));
        if let (pointer, Value::Array(items), ..token::LEVELS) = place
            && !items.is_empty()
            && items.iter().all(Value::is_object)
        {
            found.push((pointer, items));
        }
    }
    found
}
