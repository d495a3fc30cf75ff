//! The member's token: where the sign-in's answer brings it, and how the requests after it carry
//! it.

use std::collections::{HashMap, HashSet};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::{
    exchange::Exchange,
    secret::looks_secret,
    words::{has_word, split_words},
};
use crate::gladstone::{envelope, profile::Sealing};

/// The most cookies of an answer, and the most pairs of what came and what was sent.
const MATCHES: usize = 100;

/// The token of a session: where it comes from, and how it is sent.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) place: Place,
    /// As in the profile: `cookie`, `cookie:NAME`, `bearer` or a header's name.
    pub(super) send: String,
    pub(super) value: SecretString,
    /// A later request carries it.
    pub(super) seen: bool,
    /// Another value of the sign-in's answer could be the token.
    pub(super) rivals: bool,
}

/// Place of a token in the sign-in's answer; the fields are those of the profile.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Place {
    Cookie {
        name: String,
        redirect: bool,
    },
    Body {
        sealing: Sealing,
        envelope: String,
        pointer: String,
    },
}

impl Place {
    /// A body that is not sealed.
    fn in_clear(pointer: String) -> Self {
        Self::Body {
            sealing: Sealing::None,
            envelope: String::new(),
            pointer,
        }
    }
}

struct Source {
    place: Place,
    value: String,
}

/// Finds the token of the sign-in `index`. `calls` are the requests that need it.
pub(super) fn find_token(
    exchanges: &[Exchange],
    index: usize,
    calls: &[&Exchange],
    host: &str,
) -> Option<Token> {
    let mut sources = token_sources(exchanges, index, host);
    // What the sign-in carried itself is not what it brings, unless there is nothing else.
    let own: HashSet<String> = exchanges
        .get(index)
        .map(carried_values)
        .into_iter()
        .flatten()
        .map(|(_, value)| value)
        .collect();
    let old = sources.iter().all(|source| own.contains(&source.value));
    sources.retain(|source| old || !own.contains(&source.value));
    let mut by_value: HashMap<&str, Vec<&Source>> = HashMap::new();
    for source in &sources {
        by_value.entry(&source.value).or_default().push(source);
    }
    let mut matches: Vec<(i32, String, &Source)> = Vec::new();
    for call in calls {
        for (send, value) in carried_values(call) {
            for source in by_value
                .get(value.as_str())
                .into_iter()
                .flatten()
                .copied()
                .take(MATCHES)
            {
                let known = matches
                    .iter()
                    .position(|(_, known, found)| *known == send && found.place == source.place);
                match known {
                    Some(at) => matches[at].0 += 1,
                    None if matches.len() >= MATCHES => {}
                    None => matches.push((match_score(&send, source), send.clone(), source)),
                }
            }
        }
    }
    let best = matches.iter().max_by_key(|(score, ..)| *score);
    if let Some((_, send, source)) = best {
        let rivals = matches
            .iter()
            .any(|(_, _, other)| other.value != source.value)
            || is_beside(send, source);
        return Some(make_token(
            source,
            send.clone(),
            true,
            (rivals && send != "bearer") || old,
        ));
    }
    let best = sources
        .iter()
        .map(|source| (token_score(source), source))
        .max_by_key(|(score, _)| *score);
    let Some((_, source)) = best.filter(|(score, _)| *score > 0) else {
        return new_cookie(exchanges, index, calls);
    };
    let send = if matches!(source.place, Place::Cookie { .. }) {
        "cookie"
    } else {
        "bearer"
    };
    Some(make_token(source, send.to_owned(), false, false))
}

/// A cookie that requests carry only since the sign-in: browsers do not always note who set it.
fn new_cookie(exchanges: &[Exchange], index: usize, calls: &[&Exchange]) -> Option<Token> {
    let before: Vec<&(String, String)> = exchanges
        .iter()
        .take(index + 1)
        .flat_map(|it| &it.cookies)
        .collect();
    let new = calls
        .iter()
        .flat_map(|call| &call.cookies)
        .filter(|pair| !before.contains(pair));
    let sources = new.map(|(name, value)| {
        let place = Place::Cookie {
            name: name.clone(),
            redirect: false,
        };
        Source {
            place,
            value: value.clone(),
        }
    });
    let best = sources
        .max_by_key(token_score)
        .filter(|source| token_score(source) > 0)?;
    Some(make_token(&best, "cookie".to_owned(), false, false))
}

fn make_token(source: &Source, send: String, seen: bool, rivals: bool) -> Token {
    let send = match &source.place {
        Place::Cookie { name, .. } if send == format!("cookie:{name}") => "cookie".to_owned(),
        _ => send,
    };
    Token {
        place: source.place.clone(),
        send,
        value: source.value.as_str().into(),
        seen,
        rivals,
    }
}

impl Token {
    /// Tells whether an exchange carries this token.
    pub(super) fn is_in(&self, exchange: &Exchange) -> bool {
        carried_values(exchange)
            .iter()
            .any(|(_, value)| value == self.value.expose_secret())
    }
}

/// Everything that the sign-in brings: cookies, its redirects' cookies, texts of its JSON, and of
/// sealed texts in it.
fn token_sources(exchanges: &[Exchange], index: usize, host: &str) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut hop = exchanges.get(index);
    let mut next = index + 1;
    for depth in 0..5 {
        let Some(exchange) = hop else { break };
        for (name, value) in exchange.set.iter().take(MATCHES) {
            // padel follows one redirect, so what comes later does not help.
            let place = Place::Cookie {
                name: name.clone(),
                redirect: depth > 0,
            };
            if depth < 2 && sources.iter().all(|known: &Source| known.place != place) {
                sources.push(Source {
                    place,
                    value: value.clone(),
                });
            }
        }
        hop = exchange.location.as_ref().and_then(|location| {
            let at = exchanges
                .iter()
                .skip(next)
                .position(|other| other.target == *location)?;
            next += at + 1;
            exchanges.get(next - 1)
        });
    }
    let Some(exchange) = exchanges.get(index) else {
        return sources;
    };
    match exchange.json() {
        Some(json) => {
            for (pointer, text) in json_texts(&json) {
                add_opened_texts(&text, &pointer, host, &mut sources);
                sources.push(Source {
                    place: Place::in_clear(pointer),
                    value: text,
                });
            }
        }
        None => {
            let text = String::from_utf8_lossy(exchange.answer_body())
                .trim()
                .to_owned();
            add_opened_texts(&text, "", host, &mut sources);
            if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
                sources.push(Source {
                    place: Place::in_clear(String::new()),
                    value: text,
                });
            }
        }
    }
    sources
}

/// Adds the texts of a sealed text, if it is one.
fn add_opened_texts(sealed: &str, pointer: &str, host: &str, sources: &mut Vec<Source>) {
    if sealed.len() < 36 {
        return;
    }
    for sealing in [Sealing::Gcm, Sealing::Cbc] {
        let plain = envelope::open(sealed, host, sealing)
            .ok()
            .and_then(|plain| String::from_utf8(plain).ok());
        let Some(plain) = plain else { continue };
        let inner = match serde_json::from_str(&plain) {
            Ok(json) => json_texts(&json),
            Err(_) => vec![(String::new(), plain.trim().to_owned())],
        };
        sources.extend(inner.into_iter().map(|(inner, value)| {
            let place = Place::Body {
                sealing,
                envelope: pointer.to_owned(),
                pointer: inner,
            };
            Source { place, value }
        }));
        return;
    }
}

/// The texts of a JSON value with their pointers.
fn json_texts(value: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut queue = vec![(String::new(), value, 0)];
    while let Some(place) = queue.pop() {
        queue.extend(list_children(&place, 10));
        if let (pointer, Value::String(text), _) = place
            && !text.is_empty()
        {
            found.push((pointer, text.clone()));
        }
    }
    found
}

/// Levels of a JSON value that are looked at.
pub(super) const LEVELS: u8 = 6;

/// Lists what is one step inside a value: the first `most` items, or the fields, each with its
/// pointer and its level.
pub(super) fn list_children<'a>(
    (pointer, value, level): &(String, &'a Value, u8),
    most: usize,
) -> Vec<(String, &'a Value, u8)> {
    match value {
        _ if *level >= LEVELS => Vec::new(),
        Value::Array(items) => {
            let items = items.iter().take(most).enumerate();
            let items = items.map(|(at, item)| (format!("{pointer}/{at}"), item, level + 1));
            items.collect()
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(name, it)| (child_pointer(pointer, name), it, level + 1));
            fields.collect()
        }
        _ => Vec::new(),
    }
}

/// A JSON pointer one step deeper.
pub(super) fn child_pointer(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Returns the values of a request that could be a token, each with the way in which it is sent.
fn carried_values(exchange: &Exchange) -> Vec<(String, String)> {
    let mut carried: Vec<(String, String)> = exchange
        .cookies
        .iter()
        .map(|(name, value)| (format!("cookie:{name}"), value.clone()))
        .collect();
    for (name, value) in &exchange.headers {
        match value.split_once(' ') {
            Some((scheme, token))
                if name == "authorization" && scheme.eq_ignore_ascii_case("bearer") =>
            {
                carried.push(("bearer".to_owned(), token.trim().to_owned()));
            }
            _ if name != "referer" && name != "origin" => {
                carried.push((name.clone(), value.clone()));
            }
            _ => {}
        }
    }
    carried.retain(|(_, value)| value.len() >= 8);
    carried
}

/// Scores how likely a match is what lets the member in, and not a guard or a setting that travels
/// beside it.
fn match_score(send: &str, source: &Source) -> i32 {
    let how = match send {
        "bearer" | "authorization" => 100,
        _ if send.starts_with("cookie:") => 60,
        _ => 70,
    };
    let same =
        matches!(&source.place, Place::Cookie { name, .. } if send == format!("cookie:{name}"));
    // The same value in the body and in a cookie: the one that travels as it came.
    let direct = match &source.place {
        Place::Cookie { .. } if same => 8,
        Place::Cookie {
            redirect: false, ..
        } => 2,
        Place::Cookie { .. } => 0,
        Place::Body { .. } => 4,
    };
    let guard = if is_guard(send) { -80 } else { 0 };
    how + direct + guard + token_score(source)
}

/// Recognises, by its names, a value that travels beside the token.
fn is_beside(send: &str, source: &Source) -> bool {
    let came = match &source.place {
        Place::Cookie { name, .. } => name.as_str(),
        Place::Body { pointer, .. } => pointer.as_str(),
    };
    is_guard(came) || is_guard(send)
}

fn is_guard(name: &str) -> bool {
    has_word(
        &split_words(name),
        "csrf xsrf antiforgery verification affinity consent culture lang",
    )
}

/// Scores how much a value looks like a token, by its name and its form.
fn token_score(source: &Source) -> i32 {
    let name = match &source.place {
        Place::Cookie { name, .. } => name.as_str(),
        Place::Body { pointer, .. } => pointer.rsplit('/').next().unwrap_or_default(),
    };
    let words = split_words(name);
    let named = has_word(
        &words,
        "token jwt auth session sess sid access bearer ticket identity",
    );
    let odd = has_word(&words, "refresh csrf xsrf device type affinity url") || is_guard(name);
    let looks = looks_secret(&source.value) && !source.value.contains('@');
    if named || looks {
        i32::from(named) * 6 + i32::from(looks) * 6 - i32::from(odd) * 20
    } else {
        -5
    }
}
