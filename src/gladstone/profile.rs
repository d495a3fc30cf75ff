//! The portal profile: what differs from portal to portal, or is only assumed, as data.
//!
//! `profile.toml` holds every value with its status and reason; `[portal]` in `config.toml`
//! replaces single values.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::error::{Code, Error};

/// Certainty of a value of the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Public clients of at least two clubs show it.
    Confirmed,
    /// No public evidence.
    Assumed,
    /// From `[portal]` in `config.toml`: learned from a capture, or written by hand.
    Learned,
}

impl Status {
    /// The name for people and programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Assumed => "assumed",
            Self::Learned => "learned",
        }
    }
}

/// One value of the profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    value: Value,
    /// Its certainty.
    pub status: Status,
    /// Its reason or source.
    pub reason: String,
}

/// The whole profile: names such as `login.path`, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    entries: BTreeMap<String, Entry>,
    /// The way that anonymous visitors are let in.
    pub(super) anonymous: Anonymous,
    /// The request that signs a member in.
    pub(super) login: Login,
    /// The member's token: its place in an answer, and its way of being sent.
    pub(super) token: Token,
    /// The requests for bookings, and where their parts are.
    pub(super) bookings: Bookings,
}

/// Which anonymous flow to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anonymous {
    /// The current one, else the older one.
    Auto,
    /// The cookie `Jwt` only.
    Cookie,
    /// The sealed token only.
    Envelope,
}

/// Sealing of a body or a token with the key that derives from the host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sealing {
    /// Not at all.
    None,
    /// base64(16-byte IV ‖ ciphertext), PKCS#7.
    Cbc,
    /// base64(12-byte nonce ‖ ciphertext ‖ 16-byte tag).
    Gcm,
}

const SEALINGS: [(&str, Sealing); 3] = [
    ("none", Sealing::None),
    ("aes-256-cbc", Sealing::Cbc),
    ("aes-256-gcm", Sealing::Gcm),
];

/// Method of the sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// Without a body.
    Get,
    Post,
    Put,
}

/// Form in which `{user}` and `{password}` are written into the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// As JSON strings, quotes included.
    Json,
    /// Percent-encoded.
    Form,
    /// As they are, as in a form in parts.
    Verbatim,
}

/// The request that signs a member in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Login {
    /// With a query or without; `{user}` and `{password}` may stand in the query.
    pub(super) path: String,
    pub(super) method: Method,
    pub(super) encoding: Encoding,
    /// Body, or what is sealed of it, with `{user}` and `{password}`; `{…_base64}` for base64 of
    /// either, `{…_sealed}` for either sealed by itself, in which case the body is not.
    pub(super) body: String,
    /// They may hold `{user}` and `{password}`, and `{basic}` for base64 of both with a colon
    /// between.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) sealing: Sealing,
    /// Body around `{sealed}`, or around `{sealed_form}`, which is percent-encoded. It may hold
    /// what `body` may.
    pub(super) wrapper: String,
}

/// Place of the token in an answer, and the way that later requests carry it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// Name of the cookie that brings it; empty when it is in the body.
    pub(super) cookie: String,
    /// `true` where the cookie comes from the page that the sign-in redirects to.
    pub(super) redirect: bool,
    pub(super) sealing: Sealing,
    /// JSON pointer to the sealed text; empty for the whole body.
    pub(super) envelope: String,
    /// JSON pointer to the token, inside the envelope if there is one.
    pub(super) pointer: String,
    /// `cookie`, `cookie:NAME` for another name than it came under, `bearer`, or the name of a
    /// header.
    pub(super) send: String,
    /// Sent with every request of a member.
    pub(super) headers: BTreeMap<String, String>,
    /// Life of a token that does not say when it ends.
    pub(super) minutes: u32,
}

/// The requests for bookings, and where each value of one stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bookings {
    /// Path and query, with `{from}` and `{to}` (UTC times) or `{from_date}` and `{to_date}` (the
    /// club's dates).
    pub(super) upcoming: String,
    pub(super) history: String,
    /// JSON pointer to the array; empty for the whole answer.
    pub(super) items: String,
    /// JSON pointers into an item, the first that is there counts; `/date + /time` for a time in
    /// two parts.
    pub(super) reference: Vec<String>,
    pub(super) start: Vec<String>,
    pub(super) end: Vec<String>,
    pub(super) activity: Vec<String>,
    pub(super) court: Vec<String>,
    pub(super) site: Vec<String>,
    pub(super) status: Vec<String>,
}

impl Login {
    /// Returns `true` where user or password are sealed by themselves, and the body is not.
    pub(super) fn seals_fields(&self) -> bool {
        self.body.contains("_sealed}")
    }
}

impl Profile {
    /// The compiled-in profile, with the values of `overrides` (`[portal]`) in place of its own.
    ///
    /// # Errors
    ///
    /// `config_invalid`: an unknown name (with the closest one), a value of a wrong type or form.
    pub fn new(overrides: &Table) -> Result<Self, Error> {
        let mut entries = compiled_in()?;
        for (group, values) in overrides {
            let Value::Table(values) = values else {
                return Err(invalid(
                    &format!("`{group}` is not a table"),
                    "write it like [portal.login]",
                ));
            };
            for (name, value) in values {
                let name = format!("{group}.{name}");
                let Some(entry) = entries.get_mut(&name) else {
                    let closest =
                        diagnostic::names::closest_names(&name, entries.keys().map(String::as_str));
                    let meant = closest
                        .first()
                        .map(|name| format!("did you mean `{name}`? "))
                        .unwrap_or_default();
                    let known: Vec<&str> = entries.keys().map(String::as_str).collect();
                    let hint = format!("{meant}known values: {}", known.join(", "));
                    return Err(invalid(&format!("unknown value `{name}`"), &hint));
                };
                let reason = "from [portal] in config.toml".to_owned();
                *entry = Entry {
                    value: value.clone(),
                    status: Status::Learned,
                    reason,
                };
            }
        }
        Self::from_entries(entries)
    }

    fn from_entries(entries: BTreeMap<String, Entry>) -> Result<Self, Error> {
        let read = EntryReader(&entries);
        let anonymous = read.one_of(
            "anonymous.flow",
            &[
                ("auto", Anonymous::Auto),
                ("cookie", Anonymous::Cookie),
                ("envelope", Anonymous::Envelope),
            ],
        )?;
        let login = Login {
            path: read.text("login.path")?,
            method: read.one_of(
                "login.method",
                &[
                    ("POST", Method::Post),
                    ("PUT", Method::Put),
                    ("GET", Method::Get),
                ],
            )?,
            encoding: read.one_of(
                "login.encoding",
                &[
                    ("json", Encoding::Json),
                    ("form", Encoding::Form),
                    ("verbatim", Encoding::Verbatim),
                ],
            )?,
            body: read.text("login.body")?,
            headers: read.headers("login.headers")?,
            sealing: read.one_of("login.sealing", &SEALINGS)?,
            wrapper: read.text("login.wrapper")?,
        };
        let token = Token {
            cookie: read.text("token.cookie")?,
            redirect: read.value("token.redirect", "true or false", Value::as_bool)?,
            sealing: read.one_of("token.sealing", &SEALINGS)?,
            envelope: read.text("token.envelope")?,
            pointer: read.text("token.pointer")?,
            send: read.text("token.send")?,
            headers: read.headers("token.headers")?,
            minutes: read.value("token.minutes", "a number of minutes", |value| {
                value
                    .as_integer()
                    .and_then(|minutes| u32::try_from(minutes).ok())
            })?,
        };
        let bookings = Bookings {
            upcoming: read.text("bookings.upcoming")?,
            history: read.text("bookings.history")?,
            items: read.text("bookings.items")?,
            reference: read.list("bookings.reference")?,
            start: read.list("bookings.start")?,
            end: read.list("bookings.end")?,
            activity: read.list("bookings.activity")?,
            court: read.list("bookings.court")?,
            site: read.list("bookings.site")?,
            status: read.list("bookings.status")?,
        };
        for (name, path) in [
            ("login.path", &login.path),
            ("bookings.upcoming", &bookings.upcoming),
            ("bookings.history", &bookings.history),
        ] {
            // A path that begins with two slashes would name another host.
            if !path.starts_with('/')
                || path.starts_with("//")
                || path.contains(['\\', '#'])
                || path.contains(char::is_control)
            {
                return Err(invalid(
                    &format!("`{name}` is not a path"),
                    "write it like /api/bookings, without the host",
                ));
            }
        }
        // Paths are told in messages and logs, queries are not.
        let before_query = login.path.split('?').next().unwrap_or_default();
        if ["{user", "{password", "{basic"]
            .iter()
            .any(|placeholder| before_query.contains(placeholder))
        {
            let hint = "`{user}` and `{password}` may stand behind its `?`, in `login.headers` and \
                in `login.body`";
            return Err(invalid(
                "`login.path` has a placeholder before its `?`",
                hint,
            ));
        }
        Ok(Self {
            entries,
            anonymous,
            login,
            token,
            bookings,
        })
    }

    /// Returns `true` where nothing of a group, such as `login`, is more than assumed.
    #[must_use]
    pub fn is_assumed(&self, group: &str) -> bool {
        let mut of_group = self
            .entries
            .iter()
            .filter(|(name, _)| name.split('.').next() == Some(group));
        of_group.all(|(_, entry)| entry.status == Status::Assumed)
    }

    /// Returns why a proxy cannot put a secret in place of a placeholder in the sign-in's body, as
    /// the end of a sentence; `None` where it can.
    #[must_use]
    pub fn placeholder_obstacle(&self) -> Option<&'static str> {
        let login = &self.login;
        if login.method == Method::Get {
            return Some("has no body");
        }
        if login.sealing != Sealing::None || login.seals_fields() {
            return Some("is sealed before it is sent");
        }
        let is_whole = |name| login.body.contains(name) && !login.path.contains(name);
        (!is_whole("{user}") || !is_whole("{password}"))
            .then_some("does not have e-mail and password in its body as they are")
    }

    /// Returns whether the sign-in's body is a form.
    #[must_use]
    pub fn signs_in_by_form(&self) -> bool {
        self.login.encoding == Encoding::Form
    }

    /// Every value by name, with its status and reason.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries
            .iter()
            .map(|(name, entry)| (name.as_str(), entry))
    }
}

/// Reads single values out of the entries. Accessors instead of derived code: that was 100 KB of
/// the binary.
struct EntryReader<'a>(&'a BTreeMap<String, Entry>);

impl EntryReader<'_> {
    fn value<T>(
        &self,
        name: &str,
        form: &str,
        take: impl Fn(&Value) -> Option<T>,
    ) -> Result<T, Error> {
        self.0
            .get(name)
            .and_then(|entry| take(&entry.value))
            .ok_or_else(|| {
                invalid(
                    &format!("`{name}` is not {form}"),
                    "`padel portal learn FILE.har` writes a table of the right form",
                )
            })
    }

    fn text(&self, name: &str) -> Result<String, Error> {
        self.value(name, "a string", |value| value.as_str().map(str::to_owned))
    }

    fn list(&self, name: &str) -> Result<Vec<String>, Error> {
        self.value(name, "a list of strings", |value| {
            value
                .as_array()?
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect()
        })
    }

    fn headers(&self, name: &str) -> Result<BTreeMap<String, String>, Error> {
        self.value(name, "a table of strings", |value| {
            value
                .as_table()?
                .iter()
                .map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                .collect()
        })
    }

    fn one_of<T: Copy>(&self, name: &str, known: &[(&str, T)]) -> Result<T, Error> {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let found = self.text(name)?;
        known
            .iter()
            .find(|(name, _)| *name == found)
            .map(|(_, value)| *value)
            .ok_or_else(|| {
                invalid(
                    &format!("`{name}` is `{found}`"),
                    &format!("write one of {}", names.join(", ")),
                )
            })
    }
}

fn compiled_in() -> Result<BTreeMap<String, Entry>, Error> {
    let groups: Table = include_str!("profile.toml")
        .parse()
        .map_err(|_| broken("not TOML"))?;
    let mut entries = BTreeMap::new();
    for (group, values) in &groups {
        for (name, entry) in values.as_table().into_iter().flatten() {
            let name = format!("{group}.{name}");
            let entry = entry_of(entry).ok_or_else(|| broken(&name))?;
            entries.insert(name, entry);
        }
    }
    Ok(entries)
}

fn broken(what: &str) -> Error {
    let message = format!("the built-in profile is broken ({what})");
    Error::new(Code::Internal, message, "report this")
}

fn entry_of(table: &Value) -> Option<Entry> {
    let status = match table.get("status")?.as_str()? {
        "confirmed" => Status::Confirmed,
        "assumed" => Status::Assumed,
        _ => return None,
    };
    Some(Entry {
        value: table.get("value")?.clone(),
        status,
        reason: table.get("reason")?.as_str()?.to_owned(),
    })
}

fn invalid(what: &str, hint: &str) -> Error {
    Error::new(
        Code::ConfigInvalid,
        format!("[portal] in config.toml: {}", crate::text::line(what, 200)),
        hint,
    )
}
