//! Where a login carries e-mail and password: read by the portal, written by its app.

use axum::http::{HeaderMap, StatusCode};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Header, document::Document};
use crate::{envelope::hashed_iv, fields, headers};

/// E-mail and password as a login carried them.
#[derive(Debug)]
pub(crate) struct Credentials {
    pub(crate) email: String,
    /// Byte for byte.
    pub(crate) password: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct AppRequest {
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The query of a GET.
    pub(crate) body: String,
}

/// The part of a login that carries e-mail and password.
pub(super) enum CredentialsPlace {
    /// `EMAIL` and `PASSWORD` of a document.
    Body(Document),
    /// The fields of a form, with others that must come with them, and a header.
    Form {
        names: [&'static str; 2],
        fixed: [(&'static str, &'static str); 2],
        header: Header,
    },
    /// `Authorization: Basic` of a POST without a body.
    Basic,
    /// Two headers of a POST of `{}`; their values are bytes of Latin-1.
    Headers([&'static str; 2]),
    /// `email` and `password` in the query of a GET.
    Query,
    /// The parts `email` and `password` of `multipart/form-data`.
    Parts,
}

/// A request that is no login.
const MALFORMED: StatusCode = StatusCode::BAD_REQUEST;
const FORM: &str = "application/x-www-form-urlencoded";
/// The boundary that the app chooses.
const BOUNDARY: &str = "----WebKitFormBoundaryq7rT0sX2";

impl CredentialsPlace {
    /// The credentials; the error is the status of a request that is no login.
    pub(super) fn read(&self, headers: &HeaderMap, body: &[u8]) -> Result<Credentials, StatusCode> {
        let media_type = match self {
            Self::Body(document) if document.is_text() => Some("text/plain"),
            Self::Body(_) => Some("application/json"),
            Self::Form { .. } => Some(FORM),
            _ => None,
        };
        if media_type.is_some_and(|media_type| !headers::has_type(headers, media_type)) {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        match self {
            Self::Body(document) => document
                .read(headers::host_name(headers), body, ["EMAIL", "PASSWORD"])
                .map(|[email, password]| Credentials {
                    email,
                    password: password.into_bytes(),
                }),
            Self::Form {
                names,
                fixed,
                header: (header, value),
            } => {
                let is_complete = headers::header_text(headers, header) == Some(value)
                    && fixed.iter().all(|(name, value)| {
                        fields::field_value(body, name).is_some_and(|it| it == value.as_bytes())
                    });
                if is_complete {
                    in_fields(body, *names)
                } else {
                    None
                }
            }
            Self::Basic => in_basic(headers),
            Self::Headers(names) => in_headers(headers, *names),
            Self::Query => in_fields(body, ["email", "password"]),
            Self::Parts => in_parts(headers, body),
        }
        .ok_or(MALFORMED)
    }

    pub(super) fn write(&self, host: &str, email: &str, password: &str) -> AppRequest {
        match self {
            Self::Body(document) => {
                let values = [("EMAIL", email), ("PASSWORD", password)];
                // A login's content changes the IV, as chance would.
                let text = document.write(host, hashed_iv(&[email, password]), &values);
                let media_type = if document.is_text() {
                    "text/plain"
                } else {
                    "application/json"
                };
                typed_request(media_type, text)
            }
            Self::Form { names, fixed, .. } => {
                let fields = [(names[0], email), (names[1], password), fixed[0], fixed[1]];
                typed_request(
                    &format!("{FORM}; charset=UTF-8"),
                    fields::encode_form(&fields),
                )
            }
            Self::Basic => {
                let basic = STANDARD.encode(format!("{email}:{password}"));
                let mut request = typed_request("application/json", String::new());
                request
                    .headers
                    .push(("authorization", format!("Basic {basic}")));
                request
            }
            Self::Headers([user, secret]) => {
                let mut request = typed_request("application/json", "{}".to_owned());
                let values = [(*user, email.to_owned()), (*secret, password.to_owned())];
                request.headers.extend(values);
                request
            }
            Self::Query => AppRequest {
                headers: Vec::new(),
                body: fields::encode_form(&[("email", email), ("password", password)]),
            },
            Self::Parts => {
                let (email, password) =
                    (part_head("email") + email, part_head("password") + password);
                typed_request(
                    &format!("multipart/form-data; boundary={BOUNDARY}"),
                    format!(
                        "--{BOUNDARY}\r\n{email}\r\n\
                         --{BOUNDARY}\r\n{password}\r\n\
                         --{BOUNDARY}--\r\n"
                    ),
                )
            }
        }
    }
}

fn typed_request(media_type: &str, body: String) -> AppRequest {
    AppRequest {
        headers: vec![("content-type", media_type.to_owned())],
        body,
    }
}

fn in_fields(body: &[u8], [email, password]: [&str; 2]) -> Option<Credentials> {
    Some(Credentials {
        email: to_text(&fields::field_value(body, email)?),
        password: fields::field_value(body, password)?,
    })
}

fn in_basic(headers: &HeaderMap) -> Option<Credentials> {
    let encoded = headers::header_text(headers, "authorization")?.strip_prefix("Basic ")?;
    let plain = STANDARD.decode(encoded).ok()?;
    let colon = plain.iter().position(|byte| *byte == b':')?;
    Some(Credentials {
        email: to_text(&plain[..colon]),
        password: plain[colon + 1..].to_vec(),
    })
}

fn in_headers(headers: &HeaderMap, names: [&str; 2]) -> Option<Credentials> {
    let [email, password] = names.map(|name| {
        let bytes = headers.get(name)?.as_bytes().iter();
        Some(bytes.map(|byte| char::from(*byte)).collect::<String>())
    });
    Some(Credentials {
        email: email?,
        password: password?.into_bytes(),
    })
}

/// Two parts, whatever the boundary is; every line ends with CR and LF.
fn in_parts(headers: &HeaderMap, body: &[u8]) -> Option<Credentials> {
    let (media_type, boundary) =
        headers::header_text(headers, "content-type")?.split_once("; boundary=")?;
    let body = to_text(body);
    let parts = body.strip_suffix(&format!("--{boundary}--\r\n"))?;
    let delimiter = format!("--{boundary}\r\n");
    let value = |name| {
        let head = part_head(name);
        let mut parts = parts
            .split(&delimiter)
            .filter_map(|part| part.strip_prefix(&head));
        parts.next()?.strip_suffix("\r\n").map(str::to_owned)
    };
    (media_type == "multipart/form-data").then_some(())?;
    Some(Credentials {
        email: value("email")?,
        password: value("password")?.into_bytes(),
    })
}

fn part_head(name: &str) -> String {
    format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n")
}

fn to_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
