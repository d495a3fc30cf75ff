//! A browser's capture (HAR 1.1 and 1.2), read leniently: what is missing or odd is passed over,
//! entry by entry.
//!
//! Captures have hundreds of megabytes, so entries are read one at a time, and only what one host
//! said is kept.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use percent_encoding::percent_decode_str;
use reqwest::Url;
use serde::{
    Deserialize as _,
    de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{
    LearnError,
    cookie::{SetCookie, join_chunks, split_set_cookie},
};

/// The text of a capture.
pub struct Capture(String);

impl Capture {
    /// Takes the bytes of a file over. What is no UTF-8 becomes `?`, in place: a second copy would
    /// be as large.
    ///
    /// # Errors
    ///
    /// [`LearnError::Packed`] where the bytes are a known format that holds a capture.
    pub fn new(mut bytes: Vec<u8>) -> Result<Self, LearnError> {
        let packed: [(&[u8], &str); 5] = [
            (b"\x1f\x8b", "is packed with gzip"),
            (b"PK\x03\x04", "is a zip"),
            (b"\x28\xb5\x2f\xfd", "is packed with zstd"),
            (b"\xff\xfe", "is UTF-16 text"),
            (b"\xfe\xff", "is UTF-16 text"),
        ];
        if let Some((_, what)) = packed.iter().find(|(magic, _)| bytes.starts_with(magic)) {
            return Err(LearnError::Packed(what));
        }
        let mut from = 0;
        while let Err(error) = std::str::from_utf8(&bytes[from..]) {
            let at = from + error.valid_up_to();
            bytes[at] = b'?';
            from = at;
        }
        String::from_utf8(bytes)
            .map(Self)
            .map_err(|_| LearnError::NotHar)
    }

    /// Whether a file that begins so may be a capture, or something that is told by its name.
    #[must_use]
    pub fn may_begin(start: &[u8]) -> bool {
        let text = start
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(start)
            .trim_ascii_start();
        text.starts_with(b"{")
    }

    /// Calls `take` with each entry that has an address.
    pub(super) fn each(&self, mut take: impl FnMut(&Fields<'_>, Url)) -> Result<(), LearnError> {
        let mut found = false;
        let mut each = |raw: &RawValue| {
            let entry = fields(Some(raw));
            let request = fields(entry.get("request").copied());
            match Url::parse(&text(request.get("url").copied())) {
                Ok(url) if matches!(url.scheme(), "http" | "https" | "ws" | "wss") => {
                    take(&entry, url);
                }
                _ => {}
            }
        };
        let mut json = serde_json::Deserializer::from_str(self.0.trim_start_matches('\u{feff}'));
        let outcome = json.deserialize_map(Key {
            keys: &["log", "entries"],
            found: &mut found,
            each: &mut each,
        });
        match outcome.and_then(|()| json.end()) {
            Ok(()) if found => Ok(()),
            Err(error) if error.is_eof() && found => Err(LearnError::CutOff),
            _ => Err(LearnError::NotHar),
        }
    }

    /// The hosts of the capture, in the order of the alphabet.
    ///
    /// # Errors
    ///
    /// [`LearnError::NotHar`]
    pub fn hosts(&self) -> Result<Vec<String>, LearnError> {
        let mut hosts = std::collections::BTreeSet::new();
        self.each(|_, url| hosts.extend(url.host_str().map(str::to_lowercase)))?;
        Ok(hosts.into_iter().collect())
    }
}

/// Walks down the keys of nested objects to a list, whose items it hands on one by one.
struct Key<'a, F> {
    keys: &'a [&'a str],
    found: &'a mut bool,
    each: &'a mut F,
}

impl<'de, F: FnMut(&RawValue)> DeserializeSeed<'de> for Key<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        if self.keys.is_empty() {
            json.deserialize_seq(self)
        } else {
            json.deserialize_map(self)
        }
    }
}

impl<'de, F: FnMut(&RawValue)> Visitor<'de> for Key<'_, F> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a capture")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            match self.keys {
                [wanted, rest @ ..] if key == *wanted => {
                    map.next_value_seed(Key {
                        keys: rest,
                        found: self.found,
                        each: self.each,
                    })?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        *self.found = true;
        while let Some(item) = items.next_element::<&RawValue>()? {
            (self.each)(item);
        }
        Ok(())
    }
}

/// The fields of a JSON object; none where it is something else.
pub(super) type Fields<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

fn fields(raw: Option<&RawValue>) -> Fields<'_> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_default()
}

/// A JSON string; empty where it is something else. Lone surrogates, as captures have them, become
/// `\u{fffd}`.
fn text(raw: Option<&RawValue>) -> String {
    let Some(raw) = raw.map(RawValue::get).filter(|raw| raw.starts_with('"')) else {
        return String::new();
    };
    serde_json::from_str(raw).unwrap_or_else(|_| {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = String;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<String, E> {
                Ok(String::from_utf8_lossy(bytes).into_owned())
            }
        }
        serde_json::Deserializer::from_str(raw)
            .deserialize_bytes(Bytes)
            .unwrap_or_default()
    })
}

fn number(raw: Option<&RawValue>) -> Option<i64> {
    let raw = raw?.get().trim_matches('"');
    raw.parse()
        .ok()
        .or_else(|| raw.split('.').next()?.parse().ok())
}

/// A request and its answer. It holds secrets: no `Debug`.
pub(super) struct Exchange {
    pub(super) started: DateTime<Utc>,
    /// In capitals.
    pub(super) method: String,
    /// Path and query as they were sent.
    pub(super) target: String,
    /// What was sent, names in lower case, without cookies.
    pub(super) headers: Vec<(String, String)>,
    /// The cookies that were sent.
    pub(super) cookies: Vec<(String, String)>,
    pub(super) body: Option<String>,
    /// Whether something was sent that the capture does not hold.
    pub(super) lacks_body: bool,
    /// In lower case, without parameters.
    pub(super) content_type: String,
    pub(super) status: u16,
    /// The cookies that the answer sets.
    pub(super) set: Vec<(String, String)>,
    /// Path and query of a redirect, resolved.
    pub(super) location: Option<String>,
    /// Empty for pictures and the like, and where the capture has none.
    pub(super) answer: Vec<u8>,
    /// Whether the answer is JSON, by its stated type or by itself.
    pub(super) is_data: bool,
    /// What was sent over a WebSocket.
    pub(super) messages: Vec<String>,
}

impl Exchange {
    /// Path without query.
    pub(super) fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(&self.target, |(path, _)| path)
    }

    /// What stands behind the `?`.
    pub(super) fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The text of the answer, without what some servers put before JSON.
    pub(super) fn answer(&self) -> &[u8] {
        let answer = self
            .answer
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(&self.answer)
            .trim_ascii_start();
        answer
            .strip_prefix(b")]}',")
            .unwrap_or(answer)
            .trim_ascii_start()
    }

    /// Whether the answer seems to be JSON.
    pub(super) fn answers_json(&self) -> bool {
        is_json(self.answer())
    }

    /// The answer as JSON; none where it would be too large in memory.
    pub(super) fn json(&self) -> Option<serde_json::Value> {
        /// Values take some hundred bytes each.
        const COMMAS: usize = 200_000;
        let answer = self.answer();
        let commas = memchr::memchr2_iter(b',', b'[', answer).count();
        if commas > COMMAS {
            None
        } else {
            serde_json::from_slice(answer).ok()
        }
    }
}

/// The exchanges with `host`, in order of time.
pub(super) fn exchanges(
    capture: &Capture,
    host: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Exchange>, LearnError> {
    let (mut found, mut others, mut last) = (Vec::new(), std::collections::BTreeSet::new(), now);
    capture.each(|entry, url| {
        if url
            .host_str()
            .is_some_and(|known| known.eq_ignore_ascii_case(host))
        {
            let exchange = exchange(entry, &url, last);
            last = exchange.started;
            found.push(exchange);
        } else {
            others.extend(url.host_str().map(str::to_owned));
        }
    })?;
    if found.is_empty() {
        return Err(LearnError::other_host(
            host,
            &others.into_iter().collect::<Vec<_>>(),
        ));
    }
    found.sort_by_key(|exchange| exchange.started);
    Ok(found)
}

/// Calls `take` with what was sent to each other host.
pub(super) fn each_elsewhere(
    capture: &Capture,
    host: &str,
    now: DateTime<Utc>,
    mut take: impl FnMut(&str, Exchange),
) -> Result<(), LearnError> {
    capture.each(|entry, url| {
        if let Some(other) = url
            .host_str()
            .filter(|other| !other.eq_ignore_ascii_case(host))
        {
            let mut exchange = exchange(entry, &url, now);
            exchange.answer = Vec::new();
            take(other, exchange);
        }
    })
}

fn exchange(entry: &Fields<'_>, url: &Url, last: DateTime<Utc>) -> Exchange {
    let started = time(entry.get("startedDateTime").copied()).unwrap_or(last);
    let request = fields(entry.get("request").copied());
    let response = fields(entry.get("response").copied());
    let post = fields(request.get("postData").copied());
    let mut sent = headers(request.get("headers").copied());
    // Browsers make a header of what stands before the host.
    if !url.username().is_empty() && sent.iter().all(|(name, _)| name != "authorization") {
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let pair = format!(
            "{}:{}",
            decode(url.username()),
            decode(url.password().unwrap_or_default())
        );
        sent.push((
            "authorization".to_owned(),
            format!("Basic {}", STANDARD.encode(pair)),
        ));
    }
    let received = headers(response.get("headers").copied());
    let mut cookies = pairs(request.get("cookies").copied());
    for (_, line) in sent.iter().filter(|(name, _)| name == "cookie") {
        cookies.extend(line.split(';').filter_map(super::cookie::pair));
    }
    join_chunks(&mut cookies);
    let lines = received.iter().filter(|(name, _)| name == "set-cookie");
    let in_headers: Vec<SetCookie> = lines
        .flat_map(|(_, lines)| split_set_cookie(lines, started))
        .collect();
    // The last of a name counts, and a header tells what the list does not: that a cookie is
    // deleted.
    let mut named: BTreeMap<String, String> = pairs(response.get("cookies").copied())
        .into_iter()
        .collect();
    for SetCookie {
        name,
        value,
        deleted,
    } in in_headers
    {
        named.insert(name, if deleted { String::new() } else { value });
    }
    let mut set: Vec<(String, String)> = named.into_iter().collect();
    set.retain(|(_, value)| !value.is_empty());
    join_chunks(&mut set);
    let header = |name: &str| {
        sent.iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    let stated_type = text(post.get("mimeType").copied());
    let content_type = header("content-type").unwrap_or(&stated_type).to_owned();
    let body = body(&post, &content_type);
    let stated_length = header("content-length").and_then(|length| length.parse().ok());
    let length = stated_length
        .or_else(|| number(request.get("bodySize").copied()))
        .unwrap_or(0);
    let content = response.get("content").copied();
    let kind = text(fields(content).get("mimeType").copied()).to_lowercase();
    let answer = answer(content);
    let location = received
        .iter()
        .find(|(name, _)| name == "location")
        .map(|(_, value)| value.clone());
    let location = location.unwrap_or_else(|| text(response.get("redirectURL").copied()));
    let location = Some(location)
        .filter(|to| !to.is_empty())
        .and_then(|to| url.join(&to).ok());
    Exchange {
        started,
        method: text(request.get("method").copied()).to_uppercase(),
        target: target(url),
        cookies,
        lacks_body: body.is_none() && length > 0,
        body,
        content_type: content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_lowercase(),
        headers: sent
            .into_iter()
            .filter(|(name, _)| name != "cookie" && !name.starts_with(':'))
            .collect(),
        status: number(response.get("status").copied())
            .and_then(|it| it.try_into().ok())
            .unwrap_or(0),
        set,
        location: location
            .filter(|to| to.host() == url.host())
            .map(|to| target(&to)),
        is_data: kind.contains("json") || (!answer.is_empty() && is_json(&answer)),
        answer,
        messages: messages(entry.get("_webSocketMessages").copied()),
    }
}

/// When a request began; some exporters write the offset without a colon, some a number.
fn time(raw: Option<&RawValue>) -> Option<DateTime<Utc>> {
    let stated = text(raw);
    let time = DateTime::parse_from_rfc3339(&stated);
    let time = time.or_else(|_| DateTime::parse_from_str(&stated, "%Y-%m-%dT%H:%M:%S%.f%z"));
    time.map(|time| time.to_utc())
        .ok()
        .or_else(|| DateTime::from_timestamp_millis(number(raw)?))
}

/// Path and query. A backslash is the one thing that addresses leave as it is and the profile
/// refuses.
fn target(url: &Url) -> String {
    let target = url.query().map_or_else(
        || url.path().to_owned(),
        |query| format!("{}?{query}", url.path()),
    );
    target.replace('\\', "%5C")
}

/// What was posted; made from `params` where the text is missing.
fn body(post: &Fields<'_>, content_type: &str) -> Option<String> {
    let text_of = text(post.get("text").copied());
    if !text_of.is_empty() {
        let encoding = text(post.get("encoding").copied());
        let decoded = encoding
            .eq_ignore_ascii_case("base64")
            .then(|| STANDARD.decode(&text_of).ok())
            .flatten();
        return Some(decoded.map_or(text_of, |bytes| {
            String::from_utf8_lossy(&bytes).into_owned()
        }));
    }
    let params = pairs(post.get("params").copied());
    if params.is_empty() {
        return None;
    }
    if let Some((_, boundary)) = content_type.split_once("boundary=") {
        let boundary = boundary.trim_matches('"');
        let part = |(name, value): &(String, String)| {
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
        };
        return Some(params.iter().map(part).collect::<String>() + &format!("--{boundary}--\r\n"));
    }
    // Some browsers decode them, some do not.
    let plain = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"%+-_.*~".contains(&byte))
    };
    let encode = |text: &str| -> String {
        if plain(text) {
            text.to_owned()
        } else {
            form_urlencoded::byte_serialize(text.as_bytes()).collect()
        }
    };
    let params: Vec<String> = params
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    Some(params.join("&"))
}

fn answer(content: Option<&RawValue>) -> Vec<u8> {
    let content = fields(content);
    let kind = text(content.get("mimeType").copied()).to_lowercase();
    let useless = ["image/", "font/", "video/", "audio/", "css"];
    if useless.iter().any(|part| kind.contains(part)) {
        return Vec::new();
    }
    let said = text(content.get("text").copied());
    let encoded = text(content.get("encoding").copied()).eq_ignore_ascii_case("base64");
    let answer = if encoded {
        STANDARD.decode(said.trim()).unwrap_or_default()
    } else {
        said.into_bytes()
    };
    if kind.contains("javascript") && !is_json(&answer) {
        Vec::new()
    } else {
        answer
    }
}

fn is_json(text: &[u8]) -> bool {
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// What the page said over a WebSocket, as Chrome notes it.
fn messages(raw: Option<&RawValue>) -> Vec<String> {
    let list: Vec<&RawValue> = raw
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_default();
    let messages = list.iter().map(|item| fields(Some(item)));
    let sent = messages.filter(|message| text(message.get("type").copied()) != "receive");
    sent.map(|message| text(message.get("data").copied()))
        .collect()
}

fn headers(raw: Option<&RawValue>) -> Vec<(String, String)> {
    pairs(raw)
        .into_iter()
        .map(|(name, value)| (name.to_lowercase(), value))
        .collect()
}

/// Names and values of a list; a few exporters write an object instead.
fn pairs(raw: Option<&RawValue>) -> Vec<(String, String)> {
    let Some(raw) = raw else { return Vec::new() };
    if raw.get().starts_with('{') {
        let pairs = fields(Some(raw))
            .into_iter()
            .map(|(name, value)| (name.into_owned(), text(Some(value))));
        return pairs.collect();
    }
    let list = Vec::<&RawValue>::deserialize(&mut serde_json::Deserializer::from_str(raw.get()))
        .unwrap_or_default();
    let pair = |item: &&RawValue| {
        let fields = fields(Some(item));
        (
            text(fields.get("name").copied()),
            text(fields.get("value").copied()),
        )
    };
    list.iter()
        .map(pair)
        .filter(|(name, _)| !name.is_empty())
        .collect()
}
