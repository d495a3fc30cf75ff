//! What was found, told as values of the profile with their evidence.

use std::collections::BTreeMap;

use secrecy::ExposeSecret as _;

use super::{
    bookings,
    har::Exchange,
    request,
    secret::Secrets,
    signin::{self, SignIn},
    table::{Report, list, map, string},
    token::{Place, Token},
};
use crate::{
    gladstone::profile::{Encoding, Sealing},
    text,
};

/// The request that signs in.
pub(super) fn login(report: &mut Report<'_>, exchange: &Exchange, sign_in: &SignIn, secrets: &Secrets) {
    let SignIn { body, sealing, wrapper, .. } = sign_in;
    let certain = sign_in.recognised() == 2;
    let how = if certain {
        "the request carried your e-mail and password, and the answer was no refusal"
    } else {
        "the request carried your e-mail or your password, and the other by its name or place"
    };
    match request::clean(&exchange.target, exchange.started, secrets) {
        Some(request) if request.doubts.is_empty() => {
            report.value("login.path", string(&request.template), certain, how);
        }
        Some(request) => report.value("login.path", string(&request.template), false, &request.doubts.join("; ")),
        None => report.missing("login.path", "its path holds something secret"),
    }
    report.value("login.method", string(&exchange.method), certain, "the same request");
    let encoding = if body.encoding == Encoding::Json { "json" } else { "form" };
    report.value("login.encoding", string(encoding), certain, "the form of its body");
    let emptied: Vec<&String> =
        [Some(body), wrapper.as_ref()].into_iter().flatten().flat_map(|it| &it.emptied).collect();
    let doubt = format!(
        "fields were emptied whose values look secret or made for one time, which padel cannot know: {}",
        text::line(&emptied.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", "), 120)
    );
    let how = if emptied.is_empty() { how } else { &doubt };
    report.value("login.body", string(&body.text), certain && emptied.is_empty(), how);
    let (mut headers, left_out) = signin::custom_headers(exchange, secrets);
    if let Some(kind) = odd_content_type(exchange, sign_in) {
        headers.insert("content-type".to_owned(), kind);
    }
    if left_out.is_empty() {
        report.value("login.headers", map(&headers), true, "what the app adds to a browser's own headers");
    } else {
        let names = text::line(&left_out.join(", "), 120);
        let how = format!("headers were left out whose values look secret, which the portal may want: {names}");
        report.value("login.headers", map(&headers), false, &how);
    }
    let how = if *sealing == Sealing::None { "nothing in the body is sealed" } else { "the host's own key opened it" };
    report.value("login.sealing", string(sealing_name(*sealing)), true, how);
    if let Some(wrapper) = wrapper {
        report.value(
            "login.wrapper",
            string(&wrapper.text),
            wrapper.emptied.is_empty(),
            "what stands around the sealed text",
        );
    }
}

/// The content type, where it is not what padel sends by itself.
fn odd_content_type(exchange: &Exchange, sign_in: &SignIn) -> Option<String> {
    let json = match &sign_in.wrapper {
        Some(wrapper) => wrapper.text != "{sealed}" && wrapper.text.starts_with(['{', '[', '"']),
        None => sign_in.body.encoding == Encoding::Json,
    };
    let own = match (&sign_in.wrapper, json) {
        (_, true) => "application/json",
        (Some(_), false) => "text/plain",
        (None, false) => "application/x-www-form-urlencoded",
    };
    let stated = &exchange.content_type;
    let plain = stated.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/+.-".contains(&byte)) && stated.len() < 80;
    (!stated.is_empty() && stated != own && plain).then(|| stated.clone())
}

/// As in the profile.
pub(super) fn sealing_name(sealing: Sealing) -> &'static str {
    match sealing {
        Sealing::None => "none",
        Sealing::Cbc => "aes-256-cbc",
        Sealing::Gcm => "aes-256-gcm",
    }
}

/// Where the token is, and what goes with it.
pub(super) fn token(
    report: &mut Report<'_>,
    token: Option<&Token>,
    calls: &[&Exchange],
    exchanges: &[Exchange],
    secrets: &Secrets,
) {
    match token {
        Some(token) => found_token(report, token),
        None if is_sanitized(exchanges) => report.missing(
            "token.cookie",
            "the capture is without cookies; save it with sensitive data (in Chrome: Export HAR with sensitive data)",
        ),
        None => report.missing("token.cookie", "no later request carries anything that the sign-in brought"),
    }
    let mut common: Option<BTreeMap<String, String>> = None;
    // Those that carry the token, where it was seen: other requests are nobody's.
    let members: Vec<&&Exchange> =
        calls.iter().filter(|call| token.is_none_or(|token| !token.seen || token.is_in(call))).collect();
    for call in &members {
        let (mut headers, _) = signin::custom_headers(call, secrets);
        if let Some(token) = token {
            headers.remove(&token.send.to_lowercase());
        }
        match &mut common {
            Some(common) => common.retain(|name, value| headers.get(name) == Some(value)),
            None => common = Some(headers),
        }
    }
    match common {
        Some(headers) => {
            report.value("token.headers", map(&headers), members.len() > 1, "what every later request carries");
        }
        None => report.missing("token.headers", "the capture holds no request after the sign-in"),
    }
}

fn found_token(report: &mut Report<'_>, token: &Token) {
    let certain = token.seen && !token.rivals;
    let how = match (token.seen, token.rivals) {
        (true, false) => "a later request carries what the sign-in's answer brought here",
        (true, true) => {
            "later requests carry several things that the sign-in brought; this one looks most like a token"
        }
        (false, _) => {
            "it looks like a token, but the capture does not show both where it comes from and that it is used"
        }
    };
    let (none, empty) = (string("none"), string(""));
    match &token.place {
        Place::Cookie { name, redirect } => {
            report.value("token.cookie", string(name), certain, how);
            report.value("token.redirect", redirect.to_string(), certain, "whether the page after the sign-in sets it");
            report.value("token.sealing", none, true, "a cookie is taken as it is");
        }
        Place::Body { sealing, envelope, pointer } => {
            let opened = *sealing == Sealing::None || !token.value.expose_secret().is_empty();
            report.value("token.cookie", empty, certain, "the token is in the answer's body");
            report.value("token.sealing", string(sealing_name(*sealing)), opened, "the form of the answer's body");
            report.value(
                "token.envelope",
                string(envelope),
                certain,
                "where the sealed text is; empty for the whole body",
            );
            report.value("token.pointer", string(pointer), certain, how);
        }
    }
    report.value(
        "token.send",
        string(&token.send),
        certain,
        if token.seen { "how later requests carry it" } else { how },
    );
}

/// Whether a browser has taken all cookies and tokens out, as Chrome does unless it is told otherwise.
fn is_sanitized(exchanges: &[Exchange]) -> bool {
    exchanges.iter().all(|exchange| {
        let authorized = exchange.headers.iter().any(|(name, _)| name == "authorization");
        exchange.cookies.is_empty() && exchange.set.is_empty() && !authorized
    })
}

/// The requests for bookings, and where their parts are.
pub(super) fn bookings(report: &mut Report<'_>, found: Option<&bookings::Found>) {
    let Some(found) = found else {
        let how = "the capture holds no list with start times after the sign-in; open the bookings page in it";
        report.missing("bookings.upcoming", how);
        return report.missing("bookings.history", how);
    };
    for (name, learnt) in [("bookings.upcoming", &found.upcoming), ("bookings.history", &found.history)] {
        match learnt {
            Some(learnt) => {
                let how = [&[learnt.how.to_owned()], learnt.request.doubts.as_slice()].concat().join("; ");
                report.value(name, string(&learnt.request.template), learnt.certain, &how);
            }
            None => report.missing(name, "its request holds something secret"),
        }
    }
    let certain = found.upcoming.as_ref().or(found.history.as_ref()).is_some_and(|learnt| learnt.certain);
    report.value("bookings.items", string(&found.items), certain, "where the list is in the answer");
    let names = [
        ("start", "bookings.start"),
        ("end", "bookings.end"),
        ("reference", "bookings.reference"),
        ("activity", "bookings.activity"),
        ("court", "bookings.court"),
        ("site", "bookings.site"),
        ("status", "bookings.status"),
    ];
    for (field, name) in names {
        match found.fields.get(field) {
            Some((pointers, certain)) => report.value(name, list(pointers), *certain, "by its name and its values"),
            None => report.missing(name, "no field of the bookings looks like it; what is built in is tried"),
        }
    }
}
