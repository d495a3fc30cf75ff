//! The capture that a browser would have made.

use base64::{Engine, engine::general_purpose::STANDARD};
use gladstone_sim::{Club, Flow, Shape};
use serde_json::Value;

use crate::{
    http::{list, request, text},
    portals::{ALEX, listings, login_path, read},
};

const NOW: &str = "2026-11-23T09:00:00Z";
const HOST: &str = "riverside.gladstonego.cloud";

fn club(shape: Shape) -> Club {
    let club = Club::builder()
        .now(NOW)
        .shape(shape)
        .host_name(HOST)
        .start();
    club.never_called();
    club
}

fn entries(har: &Value) -> &[Value] {
    list(&har["log"]["entries"])
}

/// The entries of a path.
fn of<'a>(har: &'a Value, path: &str) -> Vec<&'a Value> {
    let url = format!("https://{HOST}{path}");
    entries(har)
        .iter()
        .filter(|entry| text(&entry["request"]["url"]).split('?').next() == Some(&url))
        .collect()
}

fn header<'a>(side: &'a Value, name: &str) -> Option<&'a str> {
    let mut headers = list(&side["headers"]).iter();
    headers
        .find(|header| header["name"] == name)
        .map(|header| text(&header["value"]))
}

fn content(entry: &Value) -> Option<Vec<u8>> {
    let content = &entry["response"]["content"];
    let text = content["text"].as_str()?;
    Some(if content["encoding"] == "base64" {
        STANDARD.decode(text).unwrap()
    } else {
        text.into()
    })
}

#[test]
fn a_har_tells_the_whole_visit() {
    for shape in Shape::with_members() {
        let club = club(shape);
        let har = club.har(ALEX.0);
        assert_eq!(har["log"]["version"], "1.2");
        let login = of(&har, login_path(shape));
        let method = if shape == Shape::Query { "GET" } else { "POST" };
        assert_eq!(
            (login.len(), &login[0]["request"]["method"]),
            (1, &method.into())
        );
        assert_eq!(
            login[0]["response"]["status"],
            if shape == Shape::Form { 302 } else { 200 }
        );
        let text = login[0]["request"]["postData"]["text"]
            .as_str()
            .unwrap_or_default();
        assert_eq!(login[0]["request"]["bodySize"], text.len());
        assert_eq!(
            text.is_empty(),
            matches!(shape, Shape::Basic | Shape::Query),
            "{shape:?}"
        );
        let paths = listings(shape).map(|target| target.split('?').next().unwrap());
        let listed: Vec<_> = paths.iter().flat_map(|path| of(&har, path)).collect();
        assert!(
            listed.len() >= 2
                && listed
                    .iter()
                    .all(|entry| entry["response"]["status"] == 200),
            "{shape:?}"
        );
        let told = |entry: &Value| {
            read(
                shape,
                &serde_json::from_slice(&content(entry).unwrap()).unwrap(),
            )
        };
        let (upcoming, past) = (told(listed[0]), told(listed[listed.len() - 1]));
        assert_eq!(
            [past, upcoming].concat(),
            club.truth_bookings(ALEX.0),
            "{shape:?}"
        );
    }
}

#[test]
fn requests_are_a_browsers() {
    for shape in Shape::with_members() {
        let har = club(shape).har(ALEX.0);
        let login = of(&har, login_path(shape))[0];
        let posted = shape != Shape::Query;
        for name in [
            "user-agent",
            "sec-fetch-mode",
            "referer",
            "cookie",
            ":authority",
        ] {
            assert!(
                header(&login["request"], name).is_some(),
                "{shape:?} {name}"
            );
        }
        for name in ["origin", "content-type"] {
            assert_eq!(
                header(&login["request"], name).is_some(),
                posted,
                "{shape:?} {name}"
            );
        }
        assert_eq!(header(&login["request"], "host"), None);
        let listing = *of(&har, listings(shape)[0].split('?').next().unwrap())
            .first()
            .unwrap();
        let (carried, needle) = match shape {
            Shape::Token | Shape::SealedCbc | Shape::SealedGcm => ("authorization", "Bearer eyJ"),
            Shape::Form => ("cookie", ".Club.Session=eyJ"),
            Shape::Odd => ("cookie", "sid=eyJ"),
            _ => ("cookie", "Jwt=eyJ"),
        };
        assert!(
            header(&listing["request"], carried)
                .unwrap()
                .contains(needle),
            "{shape:?}"
        );
        // The anonymous cookie goes along with whatever the member has.
        assert!(
            header(&listing["request"], "cookie")
                .unwrap()
                .contains("Jwt=")
        );
    }
}

#[test]
fn forms_have_fields_and_redirects_their_goal() {
    let har = club(Shape::Form).har(ALEX.0);
    let login = of(&har, "/account/sign-in")[0];
    let params = list(&login["request"]["postData"]["params"]);
    let names: Vec<_> = params.iter().map(|param| text(&param["name"])).collect();
    assert_eq!(names, ["Username", "Password", "RememberMe", "ReturnUrl"]);
    assert_eq!(params[1]["value"], "correct+horse+battery+staple");
    assert_eq!(
        header(&login["request"], "x-requested-with"),
        Some("XMLHttpRequest")
    );
    assert_eq!(login["response"]["redirectURL"], "/");
    assert!(
        header(&login["response"], "set-cookie")
            .unwrap()
            .starts_with(".Club.Session=eyJ")
    );
    assert!(
        header(&login["response"], "set-cookie")
            .unwrap()
            .contains("; Secure")
    );
    assert_eq!(login["response"]["cookies"][0]["name"], ".Club.Session");
    assert_eq!(of(&har, "/").len(), 2);
}

#[test]
fn sealed_logins_keep_the_password_sealed() {
    for shape in Shape::with_members() {
        let text = club(shape).har(ALEX.0).to_string();
        let sealed = matches!(shape, Shape::SealedCbc | Shape::SealedGcm);
        assert_eq!(
            text.contains("battery"),
            !sealed && shape != Shape::Basic,
            "{shape:?}"
        );
    }
}

#[test]
fn there_is_enough_to_be_ignored() {
    let har = club(Shape::Assumed).har(ALEX.0);
    let kinds: Vec<_> = entries(&har)
        .iter()
        .map(|entry| text(&entry["_resourceType"]))
        .collect();
    for kind in [
        "document",
        "script",
        "image",
        "font",
        "xhr",
        "preflight",
        "fetch",
    ] {
        assert!(kinds.contains(&kind), "{kind}");
    }
    let strangers: Vec<_> = entries(&har)
        .iter()
        .filter(|entry| !text(&entry["request"]["url"]).contains(HOST))
        .collect();
    assert_eq!(strangers.len(), 2);
    assert!(text(&strangers[1]["request"]["postData"]["text"]).contains(ALEX.0));
    assert_eq!(content(of(&har, "/assets/icons.woff2")[0]), None);
    assert!(
        content(of(&har, "/assets/logo.png")[0])
            .unwrap()
            .starts_with(b"\x89PNG")
    );
    assert_eq!(
        of(&har, "/api/configuration/sites")[0]["response"]["content"]["encoding"],
        "base64"
    );
    assert_eq!(
        of(&har, "/api/availability/V2/sessions")[0]["response"]["status"],
        200
    );
    assert_eq!(
        entries(&har)[0]["startedDateTime"],
        "2026-11-23T09:00:00.083Z"
    );
}

#[test]
fn a_sanitized_har_has_no_session() {
    for shape in Shape::with_members() {
        let har = club(shape).har_sanitized(ALEX.0);
        for entry in entries(&har) {
            for (side, name) in [
                ("request", "cookie"),
                ("request", "authorization"),
                ("response", "set-cookie"),
            ] {
                assert_eq!(header(&entry[side], name), None);
            }
        }
        let posted = of(&har, login_path(shape))[0]["request"]["postData"]["text"].is_string();
        assert_eq!(posted, shape != Shape::Query, "{shape:?}");
    }
}

#[test]
fn a_recording_leaves_no_trace() {
    let club = Club::builder().now(NOW).start();
    let har = club.har(ALEX.0);
    assert_eq!((club.calls().len(), club.login_attempts().len()), (0, 0));
    let listing = entries(&har).last().unwrap();
    assert!(text(&listing["request"]["url"]).starts_with(&club.url()));
    assert_eq!(listing["request"]["httpVersion"], "http/1.1");
    let cookie = header(&listing["request"], "cookie").unwrap();
    let headers = [("Cookie", cookie), ("X-Use-Sso", "1")];
    // Many sessions later a token of the club itself is still another one.
    (0..20).for_each(|_| drop(crate::portals::signed_in(&club, Shape::Assumed)));
    assert_eq!(
        request(&club, "GET", "/api/bookings", &headers)
            .unwrap()
            .status,
        401
    );
    assert_eq!(club.har(ALEX.0), har);
}

#[test]
fn clubs_without_members_or_with_the_older_flow_have_one_too() {
    let har = club(Shape::Absent).har(ALEX.0);
    assert!(!har.to_string().contains("battery"));
    let club = Club::builder()
        .now(NOW)
        .flow(Flow::Envelope)
        .host_name(HOST)
        .start();
    club.never_called();
    let har = club.har(ALEX.0);
    let own = entries(&har)
        .iter()
        .filter(|entry| text(&entry["request"]["url"]).contains(HOST));
    assert!(own.clone().count() > 8 && own.clone().all(|entry| entry["response"]["status"] == 200));
}

#[test]
fn a_har_can_be_had_inside_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async { assert!(entries(&club(Shape::SealedGcm).har(ALEX.0)).len() > 10) });
}
