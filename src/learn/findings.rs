//! What was found, told as values of the profile with their evidence.

use std::collections::BTreeMap;

use secrecy::ExposeSecret as _;

use super::{
    body::BOUNDARY,
    bookings,
    exchange::Exchange,
    report::{Report, toml_list, toml_map, toml_string},
    request::{self, Headers},
    signin::SignIn,
    template::Template,
    token::{Place, Token},
};
use crate::{
    gladstone::profile::{Encoding, Sealing},
    text,
};

/// Longest list of names that were left out, in characters: some forty names.
const TOLD: usize = 600;
const MINE: &str = "holds something that may be yours";

/// The request that signs in.
pub(super) fn report_sign_in(report: &mut Report<'_>, exchange: &Exchange, sign_in: &SignIn) {
    let certain = sign_in.recognised_credentials() == 2;
    let how = if certain {
        "the request carried your e-mail and password, and the answer was no refusal"
    } else {
        "the request carried your e-mail or your password, and the other by its name or place"
    };
    let in_query = sign_in
        .target
        .split_once('?')
        .is_some_and(|(_, query)| query.contains("{password"));
    match request::template_target(&sign_in.target, exchange.started, report.allow_list) {
        Some(request) => {
            let mut doubts = request.doubts;
            let certain = certain && doubts.is_empty();
            if in_query {
                let doubt = "the portal wants your password in the address, which its own logs \
                    may keep";
                doubts.push(doubt.to_owned());
            }
            let doubts = doubts.join("; ");
            let how = if doubts.is_empty() { how } else { &doubts };
            report.add_text("login.path", &request.template, certain, how);
            report.add_kept("login.path", &request.kept);
        }
        None => {
            let path = report.allow_list.shown_path(exchange.path());
            report.add_missing("login.path", &format!("{path} {MINE}"));
        }
    }
    report.add_text(
        "login.method",
        &exchange.method,
        certain,
        "the same request",
    );
    report_body(report, sign_in, certain, how);
    report_headers(report, exchange, sign_in);
    let how = match sign_in.sealing {
        Sealing::None => "nothing in the body is sealed",
        _ => "the host's own key opened it",
    };
    report.add_text("login.sealing", sealing_name(sign_in.sealing), true, how);
    if let Some(wrapper) = &sign_in.wrapper {
        let how = "what stands around the sealed text";
        report.add_text(
            "login.wrapper",
            &wrapper.text,
            wrapper.emptied.is_empty(),
            how,
        );
        report.add_kept("login.wrapper", &wrapper.kept);
    }
}

fn report_body(report: &mut Report<'_>, sign_in: &SignIn, certain: bool, how: &str) {
    let SignIn { body, wrapper, .. } = sign_in;
    let encoding = match body.encoding {
        Encoding::Json => "json",
        Encoding::Form => "form",
        Encoding::Verbatim => "verbatim",
    };
    report.add_text("login.encoding", encoding, certain, "the form of its body");
    let parts: Vec<&Template> = [Some(body), wrapper.as_ref()]
        .into_iter()
        .flatten()
        .collect();
    let emptied: Vec<&str> = parts
        .iter()
        .flat_map(|part| &part.emptied)
        .map(String::as_str)
        .collect();
    let doubt = format!(
        "fields were emptied whose values may be yours, secret or made for one time; fill them \
         in by hand if the portal \
         wants them: {}",
        text::line(&emptied.join(", "), TOLD)
    );
    let how = match (body.text.is_empty(), emptied.is_empty()) {
        (true, _) => "it has no body",
        (false, true) => how,
        (false, false) => &doubt,
    };
    report.add_text("login.body", &body.text, certain && emptied.is_empty(), how);
    report.add_kept("login.body", &body.kept);
}

fn report_headers(report: &mut Report<'_>, exchange: &Exchange, sign_in: &SignIn) {
    let Headers {
        mut kept,
        mut left_out,
    } = request::custom_headers(exchange, report.allow_list);
    let as_sent: Vec<(String, String)> = kept
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    left_out.retain(|name| !sign_in.headers.contains_key(name));
    kept.extend(sign_in.headers.clone());
    if let Some(kind) = odd_content_type(exchange, sign_in) {
        kept.insert("content-type".to_owned(), kind);
    }
    if left_out.is_empty() {
        let how = match sign_in.headers.is_empty() {
            true => "what the app adds to a browser's own headers",
            false => "they carried your e-mail and password, or one of them",
        };
        report.add_value(
            "login.headers",
            toml_map(&kept),
            sign_in.headers.is_empty() || sign_in.recognised_credentials() == 2,
            how,
        );
    } else {
        let names = text::line(&left_out.join(", "), TOLD);
        let how = format!(
            "headers were left out whose values may be secret or yours, which the portal may want: \
                {names}"
        );
        report.add_value("login.headers", toml_map(&kept), false, &how);
    }
    report.add_kept("login.headers", &as_sent);
}

/// The content type, where it is not what padel sends by itself.
fn odd_content_type(exchange: &Exchange, sign_in: &SignIn) -> Option<String> {
    let json = match &sign_in.wrapper {
        Some(wrapper) => wrapper.text != "{sealed}" && wrapper.text.starts_with(['{', '[', '"']),
        None => sign_in.body.encoding == Encoding::Json,
    };
    let own = match (&sign_in.wrapper, json, sign_in.body.encoding) {
        (_, true, _) => "application/json",
        (Some(_), false, _) | (None, false, Encoding::Verbatim) => "text/plain",
        (None, false, _) => "application/x-www-form-urlencoded",
    };
    if exchange.content_type.starts_with("multipart/") {
        return Some(format!("multipart/form-data; boundary={BOUNDARY}"));
    }
    const KNOWN: [&str; 7] = [
        "application/json",
        "application/x-www-form-urlencoded",
        "application/octet-stream",
        "application/graphql",
        "application/vnd.api+json",
        "text/json",
        "text/plain",
    ];
    KNOWN
        .into_iter()
        .find(|known| exchange.content_type == *known && *known != own)
        .map(str::to_owned)
}

/// As in the profile.
pub(super) fn sealing_name(sealing: Sealing) -> &'static str {
    match sealing {
        Sealing::None => "none",
        Sealing::Cbc => "aes-256-cbc",
        Sealing::Gcm => "aes-256-gcm",
    }
}

/// Reports where the token is, and the headers that go with it.
pub(super) fn report_token(
    report: &mut Report<'_>,
    token: Option<&Token>,
    calls: &[&Exchange],
    exchanges: &[Exchange],
) {
    match token {
        Some(token) => report_found_token(report, token),
        None if is_sanitized(exchanges) => report.add_missing(
            "token.cookie",
            "the capture is without cookies; save it with sensitive data (in Chrome: Export HAR \
                with sensitive data)",
        ),
        None => report.add_missing(
            "token.cookie",
            "no later request carries anything that the \
            sign-in brought",
        ),
    }
    let mut common: Option<BTreeMap<String, String>> = None;
    // Those that carry the token, where it was seen: other requests are nobody's.
    let members: Vec<&&Exchange> = calls
        .iter()
        .filter(|call| token.is_none_or(|token| !token.seen || token.is_in(call)))
        .collect();
    for call in &members {
        let mut headers = request::custom_headers(call, report.allow_list).kept;
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
            report.add_value(
                "token.headers",
                toml_map(&headers),
                members.len() > 1,
                "what every later request carries",
            );
            report.add_kept("token.headers", &headers.into_iter().collect::<Vec<_>>());
        }
        None => report.add_missing(
            "token.headers",
            "the capture holds no request after the sign-in",
        ),
    }
}

fn report_found_token(report: &mut Report<'_>, token: &Token) {
    let certain = token.seen && !token.rivals;
    let how = match (token.seen, token.rivals) {
        (true, false) => "a later request carries what the sign-in's answer brought here",
        (true, true) => {
            "later requests carry several things that the sign-in brought; this one looks most \
                like a token"
        }
        (false, _) => {
            "it looks like a token, but the capture does not show both where it comes from and \
                that it is used"
        }
    };
    let (none, empty) = (toml_string("none"), toml_string(""));
    match &token.place {
        Place::Cookie { name, .. } if !report.allow_list.allows_name(name) => {
            return report.add_missing("token.cookie", &format!("the name of the cookie {MINE}"));
        }
        Place::Cookie { name, redirect } => {
            report.add_text("token.cookie", name, certain, how);
            report.add_value(
                "token.redirect",
                redirect.to_string(),
                certain,
                "whether the page after the sign-in sets it",
            );
            report.add_value("token.sealing", none, true, "a cookie is taken as it is");
        }
        Place::Body {
            envelope, pointer, ..
        } if !report.allow_list.allows_pointer(envelope)
            || !report.allow_list.allows_pointer(pointer) =>
        {
            return report.add_missing(
                "token.pointer",
                &format!("the way to the token in the answer {MINE}"),
            );
        }
        Place::Body {
            sealing,
            envelope,
            pointer,
        } => {
            let opened = *sealing == Sealing::None || !token.value.expose_secret().is_empty();
            report.add_value(
                "token.cookie",
                empty,
                certain,
                "the token is in the answer's body",
            );
            report.add_text(
                "token.sealing",
                sealing_name(*sealing),
                opened,
                "the form of the answer's body",
            );
            report.add_text(
                "token.envelope",
                envelope,
                certain,
                "where the sealed text is; empty for the whole body",
            );
            report.add_text("token.pointer", pointer, certain, how);
        }
    }
    if !report
        .allow_list
        .allows_name(token.send.trim_start_matches("cookie:"))
    {
        return report.add_missing(
            "token.send",
            &format!("the name under which requests carry it {MINE}"),
        );
    }
    let how = if token.seen {
        "how later requests carry it"
    } else {
        how
    };
    report.add_text("token.send", &token.send, certain, how);
}

/// Recognises a capture without cookies and tokens, as Chrome saves it unless it is told
/// otherwise.
fn is_sanitized(exchanges: &[Exchange]) -> bool {
    exchanges.iter().all(|exchange| {
        let authorized = exchange
            .headers
            .iter()
            .any(|(name, _)| name == "authorization");
        exchange.cookies.is_empty() && exchange.set.is_empty() && !authorized
    })
}

/// The requests for bookings, and where their parts are.
pub(super) fn report_bookings(
    report: &mut Report<'_>,
    found: Option<&bookings::FoundBookings>,
    absence: impl Fn() -> String,
) {
    let Some(found) = found else {
        let how = absence();
        report.add_missing("bookings.upcoming", &how);
        return report.add_missing("bookings.history", &how);
    };
    for (name, learnt) in [
        ("bookings.upcoming", &found.upcoming),
        ("bookings.history", &found.history),
    ] {
        match learnt {
            Some(learnt) => {
                let how = [&[learnt.how.to_owned()], learnt.request.doubts.as_slice()]
                    .concat()
                    .join("; ");
                report.add_text(name, &learnt.request.template, learnt.certain, &how);
                report.add_kept(name, &learnt.request.kept);
            }
            None => report.add_missing(
                name,
                &format!("the path of its request {MINE}: {}", found.path),
            ),
        }
    }
    let certain = found
        .upcoming
        .as_ref()
        .or(found.history.as_ref())
        .is_some_and(|learnt| learnt.certain);
    if found.fields.is_empty() {
        return report.add_missing("bookings.items", &absence());
    }
    if !report.allow_list.allows_pointer(&found.items) {
        return report.add_missing(
            "bookings.items",
            &format!("the way to the list in the answer {MINE}"),
        );
    }
    report.add_text(
        "bookings.items",
        &found.items,
        certain,
        "where the list is in the answer",
    );
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
        let found = found.fields.get(field).map(|(pointers, certain)| {
            let pointers: Vec<String> = pointers
                .iter()
                .filter(|pointer| report.allow_list.allows_pointer(pointer))
                .cloned()
                .collect();
            (pointers, *certain)
        });
        match found {
            Some((pointers, certain)) if !pointers.is_empty() => {
                report.add_value(
                    name,
                    toml_list(&pointers),
                    certain,
                    "by its name and its values",
                );
            }
            Some(_) => report.add_missing(name, &format!("the name of its field {MINE}")),
            None => report.add_missing(
                name,
                "no field of the bookings looks like it; what is built in is tried",
            ),
        }
    }
}
