//! Every dialect there is. The crate's README has them side by side.

use super::{
    Dialect, Header, Session,
    bookings::{
        as_array_with_offsets, as_flat_array, as_nested_objects, with_inner_arrays,
        with_local_times, with_numbers, with_odd_keys,
    },
    credentials::CredentialsPlace,
    document::Document,
    listing::Listing,
};
use crate::{envelope::Seal, shape::Shape};

const SSO: Header = ("x-use-sso", "1");
const XHR: Header = ("x-requested-with", "XMLHttpRequest");

/// By shape; those that are not here have no member side.
pub(super) static DIALECTS: [(Shape, Dialect); 10] = [
    (
        Shape::Assumed,
        Dialect {
            app_headers: [&[SSO], &[SSO]],
            bookings: as_flat_array,
            ..as_assumed(
                "/api/samlauthentication/login",
                CredentialsPlace::Body(Document::plain(
                    r#"{"email": "EMAIL", "password": "PASSWORD"}"#,
                )),
            )
        },
    ),
    (
        Shape::Token,
        Dialect {
            login_path: "/api/identity/v1/token",
            credentials: CredentialsPlace::Body(Document::plain(
                r#"{"userName": "EMAIL", "secret": "PASSWORD", "grant": "password"}"#,
            )),
            session: Session::Bearer(Document::plain(
                r#"{"result": {"accessToken": "TOKEN", "expiresIn": 1800}}"#,
            )),
            wrong: (400, r#"{"error":"invalid_grant"}"#),
            locked: (403, r#"{"error":"account_locked"}"#),
            listing: Listing::Word {
                paths: ["/api/reservations/v1/mine"],
                parameter: "view",
                words: ["upcoming", "past"],
            },
            bookings: as_nested_objects,
            app_headers: [&[], &[]],
        },
    ),
    (
        Shape::Form,
        Dialect {
            login_path: "/account/sign-in",
            credentials: CredentialsPlace::Form {
                names: ["Username", "Password"],
                fixed: [("RememberMe", "true"), ("ReturnUrl", "/")],
                header: XHR,
            },
            session: Session::CookieOnRedirect {
                name: ".Club.Session",
            },
            wrong: (
                200,
                r#"{"message":"Wrong user name or password.","success":false}"#,
            ),
            locked: (
                403,
                r#"{"message":"This account is locked for 30 minutes.","success":false}"#,
            ),
            listing: Listing::Paths([
                "/account/bookings/upcoming.json",
                "/account/bookings/history.json",
            ]),
            bookings: with_local_times,
            app_headers: [&[XHR], &[XHR]],
        },
    ),
    (
        Shape::SealedCbc,
        Dialect {
            login_path: "/api/auth/secure-login",
            credentials: CredentialsPlace::Body(Document {
                template: r#"{"Email": "EMAIL", "Password": "PASSWORD"}"#,
                seal: Some((Seal::Cbc, Some(r#"{"payload": "SEALED"}"#))),
            }),
            session: Session::Bearer(Document {
                template: r#"{"Token": "TOKEN", "MemberName": "A. Member"}"#,
                seal: Some((Seal::Cbc, None)),
            }),
            wrong: (
                401,
                r#"{"code":"BAD_CREDENTIALS","message":"Invalid e-mail or password."}"#,
            ),
            locked: (
                401,
                r#"{"code":"ACCOUNT_LOCKED","message":"This account is locked for 30 minutes."}"#,
            ),
            listing: Listing::Dates {
                paths: ["/api/member/bookings/list"],
            },
            bookings: with_numbers,
            app_headers: [&[], &[]],
        },
    ),
    (
        Shape::SealedGcm,
        Dialect {
            login_path: "/api/v2/sessions",
            credentials: CredentialsPlace::Body(Document {
                template: r#"{"login": "EMAIL", "pwd": "PASSWORD", "device": "web"}"#,
                seal: Some((Seal::Gcm, None)),
            }),
            session: Session::Bearer(Document {
                template: r#"{"session": {"jwt": "TOKEN", "seconds": 1800}}"#,
                seal: Some((Seal::Gcm, Some(r#"{"status": "ok", "data": "SEALED"}"#))),
            }),
            wrong: (401, r#"{"status":"denied"}"#),
            locked: (403, r#"{"status":"locked"}"#),
            listing: Listing::Paths(["/api/v2/me/visits/next", "/api/v2/me/visits/past"]),
            bookings: with_inner_arrays,
            app_headers: [&[], &[]],
        },
    ),
    (
        Shape::Odd,
        Dialect {
            login_path: "/rest/0/auth",
            credentials: CredentialsPlace::Body(Document::plain(
                r#"{"fn": "auth", "args": ["EMAIL", "PASSWORD", false]}"#,
            )),
            session: Session::Cookie {
                name: "sid",
                answer: r#"{"ok":1}"#,
            },
            wrong: (401, r#"{"ok":0,"why":"credentials"}"#),
            locked: (401, r#"{"ok":0,"why":"locked"}"#),
            listing: Listing::Word {
                paths: ["/rest/0/list"],
                parameter: "t",
                words: ["1", "2"],
            },
            bookings: with_odd_keys,
            app_headers: [&[], &[]],
        },
    ),
    (
        Shape::Basic,
        as_assumed("/api/token", CredentialsPlace::Basic),
    ),
    (
        Shape::Headers,
        as_assumed(
            "/api/token",
            CredentialsPlace::Headers(["x-username", "x-password"]),
        ),
    ),
    (
        Shape::Query,
        as_assumed("/api/login", CredentialsPlace::Query),
    ),
    (
        Shape::Parts,
        as_assumed("/api/login", CredentialsPlace::Parts),
    ),
];

/// The nearest neighbours of what is confirmed: the token in the cookie of the anonymous call.
const fn as_assumed(login_path: &'static str, credentials: CredentialsPlace) -> Dialect {
    Dialect {
        login_path,
        credentials,
        session: Session::SsoCookie {
            answer: r#"{"isAuthenticated":true}"#,
        },
        wrong: (
            401,
            r#"{"message":"The e-mail or the password is not right."}"#,
        ),
        locked: (
            423,
            r#"{"message":"Your account is locked. Please try again in 30 minutes."}"#,
        ),
        listing: Listing::Times {
            paths: ["/api/bookings"],
        },
        bookings: as_array_with_offsets,
        app_headers: [&[], &[SSO]],
    }
}
