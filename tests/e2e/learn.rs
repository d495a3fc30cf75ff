//! `padel portal learn`: a browser's capture of each shape of portal becomes a profile that works
//! there.

use gladstone_sim::{Club, Shape};
use serde_json::{Value, json};

use crate::{
    harness::{CONFIG, EMAIL, Member, NOW, PASSWORD, club, instant, list, member, text},
    host::{Host, says},
};

fn write(member: &Member, name: &str, har: &Value) -> String {
    let path = member.path(name);
    std::fs::write(&path, har.to_string()).expect("a file");
    path.to_str().expect("a plain path").to_owned()
}

fn bookings(member: &Member, args: &str) -> Vec<Value> {
    let document = member.json(format!("bookings --limit 1000 {args}"));
    list(&document["bookings"]).to_vec()
}

/// The numbers of bookings that are over and not over at the time of the tests.
fn truth(club: &Club) -> [usize; 2] {
    let all = club.truth_bookings(EMAIL);
    let ends = all
        .iter()
        .map(|booking| booking.end.unwrap_or(booking.start));
    let over = ends.filter(|end| *end <= instant(NOW)).count();
    [over, all.len() - over]
}

#[test]
fn a_capture_of_every_shape_makes_a_profile_that_works_there() {
    for shape in Shape::with_members() {
        let club = club().shape(shape).start();
        let member = member(&club);
        let file = write(&member, "club.har", &club.har(EMAIL));
        let learned = member.json(["portal", "learn", &file]);
        assert_eq!(learned["schema"], "padel.portal/v1");
        let table = text(&learned["table"]);
        let member = member.file(CONFIG, table);
        member
            .run("login")
            .case(format!("{shape:?}: {table}"))
            .assert_quiet_success();
        let [history, upcoming] = [bookings(&member, "--history"), bookings(&member, "")];
        assert_eq!(
            [history.len(), upcoming.len()],
            truth(&club),
            "{shape:?}: {table}"
        );
        for field in ["reference", "end", "activity", "court", "site", "status"] {
            let known = history
                .iter()
                .filter(|booking| !booking[field].is_null())
                .count();
            assert!(
                known * 2 > history.len(),
                "{shape:?} {field}: {known} of {}: {table}",
                history.len()
            );
        }
    }
}

#[test]
fn nothing_secret_is_printed() {
    for shape in Shape::with_members() {
        let club = club().shape(shape).start();
        club.never_called();
        let member = member(&club);
        let har = club.har(EMAIL);
        let file = write(&member, "club.har", &har);
        let mut secrets = vec![
            EMAIL.to_owned(),
            "alex%40example".to_owned(),
            PASSWORD.to_owned(),
            "correct+horse".to_owned(),
        ];
        for entry in list(&har["log"]["entries"]) {
            for side in ["request", "response"] {
                let cookies = entry[side]["cookies"].as_array().into_iter().flatten();
                secrets.extend(
                    cookies.filter_map(|cookie| Some(cookie["value"].as_str()?.to_owned())),
                );
                let headers = entry[side]["headers"].as_array().into_iter().flatten();
                let authorization = headers.filter(|header| header["name"] == "authorization");
                secrets.extend(authorization.filter_map(|it| {
                    Some(it["value"].as_str()?.split(' ').next_back()?.to_owned())
                }));
            }
        }
        secrets.extend(
            club.truth_bookings(EMAIL)
                .into_iter()
                .filter_map(|booking| booking.reference),
        );
        for format in ["table", "json", "markdown"] {
            let outcome = member.run(["portal", "learn", &file, "--format", format, "-vv"]);
            outcome.assert_success();
            for secret in &secrets {
                assert!(
                    !format!("{}{}", outcome.stdout, outcome.stderr).contains(secret),
                    "{shape:?} {format}: {secret}"
                );
            }
        }
    }
}

#[test]
fn a_capture_without_cookies_says_so() {
    let club = club().start();
    club.never_called();
    let member = member(&club);
    let file = write(&member, "club.har", &club.har_sanitized(EMAIL));
    member
        .run(["portal", "learn", &file])
        .assert_success()
        .assert_stdout_has("with sensitive data");
}

#[test]
fn what_cannot_be_learned_is_a_usage_error() {
    let club = club().host_name("riverside.gladstonego.cloud").start();
    club.never_called();
    let member = member(&club);
    let har = club.har(EMAIL);
    let file = write(&member, "club.har", &har);
    let nothing = write(&member, "nothing.har", &serde_json::json!({"log": {}}));
    for (args, part) in [
        ("portal learn absent.har", "absent.har could not be read"),
        ("portal learn .", "is a directory"),
        (
            &format!("portal learn {nothing} --club riverside"),
            "not a HAR",
        ),
        (
            &format!("portal learn {file}"),
            "a capture of collect.analytics.example, riverside.gladstonego.cloud, not of 127",
        ),
        (
            &format!("portal learn {file} --club other"),
            "not of other.gladstonego.cloud",
        ),
    ] {
        member
            .run(args)
            .assert_error("usage", 2)
            .assert_stderr_has(part);
    }
    member
        .run(["portal", "learn", &file, "--club", "riverside"])
        .assert_success();
    let login = "https://riverside.gladstonego.cloud/api/samlauthentication/login";
    let elsewhere = har
        .to_string()
        .replace(login, "https://identity.example/login")
        .parse()
        .expect("JSON");
    let elsewhere = write(&member, "elsewhere.har", &elsewhere);
    let outcome = member.run(["portal", "learn", &elsewhere, "--club", "riverside"]);
    outcome.assert_stderr_has("the sign-in of the capture goes to identity.example");
    assert!(
        outcome.error() == "usage" && !outcome.stderr.contains("make the capture"),
        "{outcome:?}"
    );
    let other = member.credentials("somebody@example.org", "else");
    let outcome = other.run(["portal", "learn", &file, "--club", "riverside"]);
    outcome.assert_error("usage", 2);
    for step in [
        "Preserve log",
        "Sign in",
        "past bookings",
        "HAR with content",
        "delete the file",
    ] {
        outcome.assert_stderr_has(step);
    }
}

#[test]
fn the_club_comes_from_the_capture_where_none_is_set() {
    let club = club().host_name("riverside.gladstonego.cloud").start();
    club.never_called();
    let member = Member::new().credentials(EMAIL, PASSWORD);
    let file = write(&member, "club.har", &club.har(EMAIL));
    assert_eq!(
        member.json(["portal", "learn", &file])["host"],
        "riverside.gladstonego.cloud"
    );
    let nobody = Member::new();
    nobody
        .run(["portal", "learn", &file])
        .assert_error("credentials_not_found", 8);
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_the_credentials_are_asked_for_and_not_shown() {
    let club = club().shape(Shape::SealedCbc).start();
    club.never_called();
    let member = Member::new();
    let file = write(&member, "club.har", &club.har(EMAIL));
    let args = format!("portal learn {file} --club {}", club.url());
    crate::setup::on_terminal(&member, &args, &[EMAIL, PASSWORD])
        .assert_success()
        .assert_stdout_has("aes-256-cbc")
        .assert_stdout_lacks(PASSWORD);
    assert!(!member.path(".config").exists(), "nothing is written");
}

/// The password as that portal wants it.
const SEALED: &str = "Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZQ==";
const TOKEN: &str = "a1b2c3d4e5f6a7b8c9d0";
const ROWS: &str = r#"[
    {"ref":"A1","date":"2026-11-24","startTime":"18:00","endTime":"19:30","court":"Court 1"},
    {"ref":"A2","date":"2026-10-24","startTime":"18:00","endTime":"19:30","court":"Court 1"}]"#;

/// A portal unlike the others: PUT, a cookie from the page behind the sign-in, sent under another
/// name, and times in two parts.
fn odd_portal() -> Host {
    Host::new(|request| {
        let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
        let right = body["who"] == EMAIL && body["pw"] == SEALED;
        let cookie = request.header("cookie");
        match request.line.split(' ').take(2).collect::<Vec<_>>()[..] {
            ["PUT", "/session"] if right => {
                let head = "302 Found\r\nSet-Cookie: step=one\r\nLocation: /welcome?x=1";
                says(head, "")
            }
            ["GET", "/welcome?x=1"] if cookie.contains("step=one") => {
                says(&format!("200 OK\r\nSet-Cookie: auth={TOKEN}"), "")
            }
            ["GET", "/my/bookings"] if cookie.contains(&format!("Jwt={TOKEN}")) => {
                says("200 OK", ROWS)
            }
            _ => says("401 Unauthorized", ""),
        }
    })
}

#[test]
fn what_no_other_portal_does_is_learned_and_done() {
    let host = odd_portal();
    let url = &host.url;
    let mut entries = [
        ("01", "PUT", "/session"),
        ("02", "GET", "/welcome?x=1"),
        ("03", "GET", "/my/bookings"),
    ]
    .map(|(second, method, path)| {
        json!({
            "startedDateTime": format!("2026-11-23T09:00:{second}Z"),
            "request": {"method": method, "url": format!("{url}{path}")},
            "response": {"status": 200, "content": {"mimeType": "application/json"}},
        })
    });
    let body = json!({"who": EMAIL, "pw": SEALED}).to_string();
    entries[0]["request"]["postData"] = json!({"mimeType": "application/json", "text": body});
    entries[0]["response"] = json!({
        "status": 302,
        "redirectURL": "/welcome?x=1",
        "cookies": [{"name": "step", "value": "one"}],
    });
    entries[1]["response"]["cookies"] = json!([{"name": "auth", "value": TOKEN}]);
    entries[2]["request"]["cookies"] = json!([{"name": "Jwt", "value": TOKEN}]);
    entries[2]["response"]["content"]["text"] = ROWS.into();
    let member = host.member();
    let file = write(&member, "odd.har", &json!({"log": {"entries": entries}}));
    let learned = member.json(["portal", "learn", &file]);
    let member = member.file(CONFIG, text(&learned["table"]));
    let found = bookings(&member, "");
    assert_eq!(
        (found.len(), &found[0]["reference"], &found[0]["start"]),
        (1, &"A1".into(), &"18:00".into()),
        "{learned:#}"
    );
    assert_eq!(
        (&found[0]["end"], &found[0]["court"]),
        (&"19:30".into(), &"Court 1".into())
    );
    assert_eq!(bookings(&member, "--history")[0]["reference"], "A2");
}
