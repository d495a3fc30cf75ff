//! The member side in its several shapes, as data: for each, what the portal understands and
//! answers, and what its own app sends.
//!
//! All of it is invented. The app's half is there for the recorder of HARs alone; it goes through
//! the portal's half like any client, so the two cannot drift apart.

mod bookings;
mod credentials;
mod document;
mod listing;
mod table;

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{diary::TruthBooking, headers, parameters::Parameters, shape::Shape};
use credentials::CredentialsPlace;
use document::Document;
use listing::Listing;

pub(crate) use credentials::{AppRequest, Credentials};
pub(crate) use listing::BookingQuery;

/// One shape of the member side.
pub(crate) struct Dialect {
    pub(crate) login_path: &'static str,
    credentials: CredentialsPlace,
    session: Session,
    /// Status and JSON of the answer to wrong credentials.
    wrong: (u16, &'static str),
    /// The same, while the e-mail is locked.
    locked: (u16, &'static str),
    listing: Listing,
    bookings: fn(&[&TruthBooking]) -> Value,
    /// Headers that the app sends with its login, and with everything after it.
    app_headers: [&'static [Header]; 2],
}

/// Name and value.
type Header = (&'static str, &'static str);

/// The way a member's token is handed over, and comes back.
enum Session {
    /// In the cookie `Jwt`, which counts only with `X-Use-Sso: 1`.
    SsoCookie { answer: &'static str },
    Cookie {
        name: &'static str,
        answer: &'static str,
    },
    /// A cookie on a redirect to the start page.
    CookieOnRedirect { name: &'static str },
    /// As `TOKEN` in a document, and then as `Authorization: Bearer`.
    Bearer(Document),
}

pub(crate) struct NewSession<'a> {
    pub(crate) token: &'a str,
    /// The host whose name seals.
    pub(crate) host: &'a str,
    /// Never the same twice.
    pub(crate) iv: [u8; 16],
    pub(crate) cookie_attributes: &'a str,
}

/// The dialect of a shape; none without a member side.
pub(crate) fn of_shape(shape: Shape) -> Option<&'static Dialect> {
    table::DIALECTS
        .iter()
        .find(|(known, _)| *known == shape)
        .map(|(_, dialect)| dialect)
}

/// True for a path where members sign in, in any shape.
pub(crate) fn is_login(path: &str) -> bool {
    table::DIALECTS
        .iter()
        .any(|(_, dialect)| dialect.login_path == path)
}

impl Dialect {
    /// True where the login is a GET, its query read in place of a body.
    pub(crate) fn logs_in_by_get(&self) -> bool {
        matches!(self.credentials, CredentialsPlace::Query)
    }

    /// The credentials of a login; the error is the status of a request that is no login.
    pub(crate) fn read_login(
        &self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Credentials, StatusCode> {
        self.credentials.read(headers, body)
    }

    /// The answer to the right credentials.
    pub(crate) fn accept_login(&self, new: &NewSession<'_>) -> Response {
        let set_cookie = |name: &str, more: &str| {
            let cookie = format!("{name}={}{}{more}", new.token, new.cookie_attributes);
            [(header::SET_COOKIE, cookie)]
        };
        match &self.session {
            Session::SsoCookie { answer } => {
                (set_cookie("Jwt", ""), json_text(*answer)).into_response()
            }
            Session::Cookie { name, answer } => {
                (set_cookie(name, ""), json_text(*answer)).into_response()
            }
            Session::CookieOnRedirect { name } => (
                StatusCode::FOUND,
                set_cookie(name, "; SameSite=Lax"),
                [(header::LOCATION, "/")],
            )
                .into_response(),
            Session::Bearer(document) => {
                let text = document.write(new.host, new.iv, &[("TOKEN", new.token)]);
                match document.is_text() {
                    true => text.into_response(),
                    false => json_text(text).into_response(),
                }
            }
        }
    }

    /// The answer to wrong credentials, or to any while the e-mail is locked.
    pub(crate) fn refuse_login(&self, locked: bool) -> Response {
        let (status, answer) = if locked { self.locked } else { self.wrong };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, json_text(answer)).into_response()
    }

    pub(crate) fn session_token<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        match &self.session {
            Session::SsoCookie { .. } => headers::sso_cookie(headers),
            Session::Cookie { name, .. } | Session::CookieOnRedirect { name } => {
                headers::cookie(headers, name)
            }
            Session::Bearer(_) => headers::bearer(headers),
        }
    }

    pub(crate) fn bookings_paths(&self) -> &[&'static str] {
        self.listing.paths()
    }

    /// Reads which bookings are asked for; the error is the portal's words for a query that it does
    /// not understand.
    pub(crate) fn read_query(
        &self,
        path: &str,
        parameters: &Parameters,
        now: DateTime<Utc>,
    ) -> Result<BookingQuery, String> {
        self.listing.read_query(path, parameters, now)
    }

    pub(crate) fn write_bookings(&self, bookings: &[&TruthBooking]) -> Value {
        (self.bookings)(bookings)
    }

    pub(crate) fn app_login(&self, host: &str, email: &str, password: &str) -> AppRequest {
        let mut request = self.credentials.write(host, email, password);
        request.headers.extend(to_owned_pairs(self.app_headers[0]));
        request
    }

    /// The headers of the app's further requests, after the answer to its login; cookies come by
    /// themselves.
    pub(crate) fn app_session(&self, host: &str, answer: &[u8]) -> Vec<(&'static str, String)> {
        let mut headers = to_owned_pairs(self.app_headers[1]);
        if let Session::Bearer(document) = &self.session {
            let token = document.read(host, answer, ["TOKEN"]);
            let [token] = token.unwrap_or_default();
            headers.push(("authorization", format!("Bearer {token}")));
        }
        headers
    }

    /// The targets of the app's page of bookings: those to come, those gone by.
    pub(crate) fn app_listings(&self, now: DateTime<Utc>) -> [String; 2] {
        self.listing.app_targets(now)
    }
}

fn to_owned_pairs(headers: &[Header]) -> Vec<(&'static str, String)> {
    let owned = headers
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()));
    owned.collect()
}

fn json_text(text: impl Into<String>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], text.into())
}
