//! A host that means harm, and files and names that do: padel ends in time, in little memory, and
//! passes nothing on.

use std::{
    fmt::Write as _,
    io::Write as _,
    os::unix::fs::symlink,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use gladstone_sim::Club;
use serde_json::json;

use crate::{
    harness::{
        CONFIG, DOTENV, EMAIL, Member, Outcome, PASSWORD, binary, club, member, mode, pair, port,
        succeeds, text,
    },
    host::{Host, answer, bind},
    hostile::assert_printable,
};

/// A host that answers all but a visitor's sign-in with this head and no body.
fn saying(head: &str) -> String {
    let answer = answer(head, "");
    Host::writing(move |stream| stream.write_all(answer.as_bytes())).url
}

fn asking(url: &str) -> Member {
    Member::new().env("PSLC_CLUB", url).asking_for("UB", "A")
}

/// Asks for courts with two seconds to go.
fn in_time(member: &Member, args: &str) -> Outcome {
    let started = Instant::now();
    let outcome = member.run(format!("availability --timeout 2 {args}"));
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "past the deadline: {:?}",
        started.elapsed()
    );
    outcome
}

/// The slots of one court, from minute to minute of a day.
fn one_court(slots: impl Iterator<Item = (u32, u32)>) -> Club {
    let mut list = String::new();
    for (start, end) in slots {
        let comma = if list.is_empty() { "" } else { "," };
        let [start, end] = [start, end]
            .map(|minute| format!("2026-11-24T{:02}:{:02}:00Z", minute / 60, minute % 60));
        write!(
            list,
            r#"{comma}{{"startTime":"{start}","endTime":"{end}","status":"Available"}}"#
        )
        .expect("a text");
    }
    let location = format!(r#"{{"locationDetails":[{{"locationId":"PC1"}}],"slots":[{list}]}}"#);
    club()
        .sessions_json(format!(
            r#"[{{"id":"A","siteId":"UB","locations":[{location}]}}]"#
        ))
        .start()
}

#[test]
fn a_wait_of_any_length_is_a_refusal_to_wait() {
    for head in [
        "429 Slow\r\nRetry-After: 18446744073709551615",
        "503 Off\r\nRetry-After: 9223372036854775807",
        "429 Slow\r\nRetry-After: -1",
        "429 Slow\r\nRetry-After: Fri, 31 Dec 9999 23:59:59 GMT",
    ] {
        let outcome = in_time(&asking(&saying(head)), "").case(head);
        let (code, exit) = match head.starts_with("429") {
            true => ("rate_limited", 7),
            false => ("network", 6),
        };
        outcome.assert_error(code, exit);
    }
}

#[test]
fn a_stated_wait_is_told_in_each_form_and_of_each_status() {
    for wait in [
        "600",
        "599.5",
        "Mon, 23 Nov 2026 09:10:00 GMT",
        "Monday, 23-Nov-26 09:10:00 GMT",
        "Mon Nov 23 09:10:00 2026",
        "1795425000",
        "1795425000000",
        "5\r\nRetry-After: 600",
    ] {
        for (status, code) in [
            ("429 Slow", 7),
            ("503 Off", 6),
            ("408 Late", 6),
            ("403 No", 5),
        ] {
            let outcome = in_time(
                &asking(&saying(&format!("{status}\r\nRetry-After: {wait}"))),
                "--json",
            )
            .case(format!("{status} {wait}"));
            assert_eq!(outcome.code, code, "{status} {wait}: {outcome:?}");
            outcome
                .assert_stderr_has("come back at 09:")
                .assert_stderr_has(" on Monday 23 November 2026")
                .assert_stderr_has("\"retry_at\":\"2026-11-23T09:");
        }
    }
    in_time(&asking(&saying("429 Slow\r\nRetry-After: 3600000")), "")
        .assert_stderr_has("come back at 09:00 on Tuesday 24 November 2026");
}

#[test]
fn a_host_that_talks_without_end_is_cut_off() {
    let endless: [(&str, &[u8]); 4] = [
        ("interim answers", b"HTTP/1.1 100 Continue\r\n\r\n"),
        ("headers", b"X-More: and more\r\n"),
        ("one header", b"more"),
        ("a body", b"1000\r\n"),
    ];
    for (what, piece) in endless {
        let host = Host::writing(move |stream| {
            let begun: &[u8] = match what {
                "interim answers" => b"",
                "a body" => b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                _ => b"HTTP/1.1 200 OK\r\nX-First: ",
            };
            stream.write_all(begun)?;
            let mut many = piece.repeat(1000);
            if what == "a body" {
                many = [piece, &[b' '; 0x1000], b"\r\n"].concat();
            }
            loop {
                stream.write_all(&many)?;
            }
        });
        let outcome = in_time(&asking(&host.url), "--json");
        let expected = if what == "a body" {
            ["timeout", "portal_changed"]
        } else {
            ["timeout", "network"]
        };
        assert!(expected.contains(&outcome.error()), "{what}: {outcome:?}");
    }
}

#[test]
fn a_small_answer_that_unpacks_to_gigabytes_is_refused() {
    // Each byte of a deflate block of this kind unpacks to a thousand.
    let packed = Command::new("sh")
        .args(["-c", "head -c 300000000 /dev/zero | gzip -9"])
        .output()
        .expect("gzip")
        .stdout;
    assert!(packed.len() < 1_000_000 && !packed.is_empty());
    let host = Host::writing(move |stream| {
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            packed.len()
        )?;
        stream.write_all(&packed)
    });
    asking(&host.url)
        .run("availability")
        .assert_error("portal_changed", 5)
        .assert_stderr_has("64 MiB");
}

/// Runs with a gigabyte of memory.
fn in_a_gigabyte(member: &Member, args: &str) -> Outcome {
    member.shell(&format!(
        "ulimit -v 1000000; exec {} {args}",
        binary().display()
    ))
}

#[test]
fn an_answer_of_tiny_values_does_not_exhaust_the_memory() {
    for piece in ["1,", "{},"] {
        let body = format!("[{}1]", piece.repeat(20_000_000 / piece.len()));
        let club = club()
            .sessions_json(body.clone())
            .bookings_json(body.clone())
            .activities_json(body)
            .start();
        let member = member(&club).env("PSLC_SITES", "UB");
        for args in ["availability --activity A", "availability", "bookings"] {
            in_a_gigabyte(&member, args)
                .case(format!("{piece} {args}"))
                .assert_error("portal_changed", 5);
        }
    }
}

#[test]
fn an_answer_that_is_nested_deeply_is_no_answer() {
    for body in [
        "[".repeat(1_000_000),
        format!("[{}{}]", "{\"id\":".repeat(10_000), "}".repeat(10_000)),
    ] {
        let club = club()
            .sessions_json(body.clone())
            .bookings_json(body)
            .start();
        let member = member(&club).asking_for("UB", "A");
        member.run("availability").assert_error("portal_changed", 5);
        member.run("bookings").assert_error("profile_unverified", 5);
    }
}

#[test]
fn slots_that_join_in_every_way_are_cut_off_and_told() {
    let every_minute = one_court((480..1200).map(|minute| (minute, minute + 5)));
    let outcome = Member::of(&every_minute)
        .asking_for("UB", "A")
        .run("availability --date tomorrow --duration 1440 --json");
    outcome.assert_success().assert_stderr_has("too many ways");
    assert!(
        outcome.json()["warnings"][0]
            .as_str()
            .is_some_and(|warning| warning.contains("some slots are missing"))
    );
}

#[test]
fn a_slot_of_seconds_is_none() {
    // Ends are rounded up to the minute, which leaves half a minute: any number of those would fit
    // into an hour.
    let sessions = r#"[{"id":"A","siteId":"UB","locations":[{"slots":[
        {"startTime":"2026-11-24T18:00:30Z","endTime":"2026-11-24T18:00:59Z",
         "status":"Available"}]}]}]"#;
    let club = club().sessions_json(sessions).start();
    asking(&club.url())
        .run("availability --date tomorrow --duration 60")
        .assert_error("portal_changed", 5);
}

#[test]
fn times_beyond_the_calendar_are_none() {
    for time in [
        "8210266876799999",
        "-8334601228800000",
        r#""+262142-12-31T23:59:59""#,
        r#""9999-12-31T23:59:59Z""#,
    ] {
        let good = r#"{"startTime":"2026-11-24T18:00:00Z","endTime":"2026-11-24T19:00:00Z"}"#;
        let rows = format!(
            r#"[{{"startTime":{time}}},
                {{"startTime":"2026-11-24T20:00:00Z","endTime":{time}}},{good}]"#
        );
        let club = club().bookings_json(rows).start();
        let member = member(&club).env("PSLC_TIMEZONE", "Pacific/Auckland");
        for format in ["table", "json", "markdown", "ics"] {
            member
                .run(["bookings", "--format", format])
                .case(time)
                .assert_success()
                .assert_stdout_lacks("262142")
                .assert_stdout_lacks("10000");
        }
    }
}

#[test]
fn a_session_is_not_believed_to_last_for_ever() {
    // {"exp":8210266876799}: the last second that a calendar can hold.
    let url = saying("200 OK\r\nSet-Cookie: Jwt=h.eyJleHAiOjgyMTAyNjY4NzY3OTl9.s");
    let member = asking(&url)
        .credentials(EMAIL, PASSWORD)
        .env("PSLC_TIMEZONE", "Pacific/Auckland");
    assert_eq!(
        member.json("login")["until"],
        "2026-11-24T22:00:00+13:00",
        "a day at most"
    );
}

#[test]
fn an_id_cannot_put_a_link_of_its_own_into_an_answer() {
    let id = "A)[click](https:evil.example";
    let sessions = format!(
        r#"[{{"id":"{id}","name":"see https://evil.example or www.evil.example","siteId":"UB",
        "locations":[{{"slots":[
        {{"startTime":"2026-11-23T18:00:00Z","endTime":"2026-11-23T18:59:59Z",
        "status":"Available","bookableFrom":"2026-11-16T00:00:00Z"}}]}}]}}]"#
    );
    let club = club()
        .sessions_json(sessions)
        .activities_json(format!(r#"[{{"id":"{id}","name":"Padel"}}]"#))
        .start();
    let member = Member::of(&club).env("PSLC_SITES", "UB");
    let markdown = member.run("availability --format markdown").stdout;
    let link = markdown
        .lines()
        .find(|line| line.starts_with("Book: "))
        .expect("a link");
    assert!(
        link.contains("/book/calendar/A%29%5Bclick%5D%28https%3Aevil.example?activityDate="),
        "{link}"
    );
    assert_eq!(
        (link.matches("](").count(), link.matches(')').count()),
        (1, 1),
        "{link}"
    );
    assert!(
        !markdown.contains("https://evil") && !markdown.contains("www.evil"),
        "{markdown}"
    );
    let document = member.run("availability --json").json();
    let slot = text(&document["slots"][0]["link"]).to_owned();
    assert!(
        slot.starts_with(&format!("{}/book/calendar/A%29", club.url())),
        "{slot}"
    );
}

#[test]
fn redirects_to_addresses_inside_are_refused() {
    for head in [
        "302 Found\r\nLocation: http://169.254.169.254/latest/meta-data/",
        "307 Away\r\nLocation: //[fd00:ec2::254]/latest",
        "301 Away\r\nLocation: file:///etc/passwd",
        "302 Found\r\nLocation: http://localhost:1/",
    ] {
        in_time(&asking(&saying(head)), "")
            .case(head)
            .assert_error("portal_changed", 5);
    }
}

#[test]
fn a_token_in_a_redirect_is_not_told() {
    let redirect = saying(
        "302 Found\r\nSet-Cookie: Jwt=x\r\nLocation: /next/s3cr3t0/go?token=s3cr3t#token=s3cr3t",
    );
    let outcome = in_time(&asking(&redirect), "-vvv");
    outcome
        .assert_stderr_has("/next")
        .assert_stderr_lacks("s3cr3t");
    // Nor one in the user name before the host.
    in_time(
        &asking(&saying(
            "302 Found\r\nLocation: https://u:s3cr3t@evil.example/next",
        )),
        "-vvv",
    )
    .assert_stderr_has("evil.example/next")
    .assert_stderr_lacks("s3cr3t");
    // Nor one that the sign-in leads to.
    let redirected = "[portal.token]\ncookie = \"other\"\nredirect = true\n";
    let member = asking(&redirect)
        .credentials(EMAIL, PASSWORD)
        .file(CONFIG, redirected);
    member
        .run("login -vvv")
        .assert_stderr_has("GET ")
        .assert_stderr_lacks("s3cr3t");
}

#[test]
fn what_was_sent_is_not_told_where_it_comes_back() {
    for (said, told) in [
        ("no member alex@example.org", false),
        ("bad token eyJabc.def", false),
        ("bad range", true),
    ] {
        let teapot = answer("418 I'm a teapot", said);
        let host = Host::writing(move |stream| stream.write_all(teapot.as_bytes()));
        let outcome = in_time(&asking(&host.url), "");
        assert!(
            outcome.stderr.contains("418") && outcome.stderr.contains(said) == told,
            "{outcome:?}"
        );
    }
}

#[test]
fn a_password_goes_to_no_host_that_only_the_command_line_names() {
    let stranger = bind();
    stranger.set_nonblocking(true).expect("it does not wait");
    let url = format!(
        "https://localhost:{}",
        stranger.local_addr().expect("an address").port()
    );
    let member = Member::new()
        .credentials(EMAIL, PASSWORD)
        .file("evil.toml", &format!("club = \"{url}\"\n"))
        .file(
            "own.env",
            &format!("pslc_user={EMAIL}\npslc_password={PASSWORD}\npslc_club={url}\n"),
        );
    let member = member.file("club.env", &format!("pslc_club={url}\n"));
    for options in [
        "--env-file club.env",
        &format!("--club {url}"),
        "--config evil.toml",
        &format!("--club {url} --config evil.toml"),
        &format!("--club {url} --env-file own.env --config evil.toml"),
    ] {
        for command in ["login", "bookings"] {
            let outcome = member.run(format!("{command} {options} --timeout 1"));
            // The last file holds the password, too: whoever wrote it may say where that goes.
            let may = options.contains("own.env");
            assert_eq!(
                (outcome.error() == "usage", stranger.accept().is_ok()),
                (!may, may),
                "{outcome:?}"
            );
            // No hint says how to get round it.
            outcome.assert_stderr_lacks("PSLC_CLUB");
        }
    }
    // The credentials come from the environment; the `.env` that the line names holds only the club.
    for name in ["evil.env", "environment"] {
        let other = Member::new()
            .env("pslc_user", EMAIL)
            .env("pslc_password", PASSWORD);
        let other = other.file(name, &format!("pslc_club={url}\n"));
        other
            .run(["login", "--env-file", name])
            .assert_error("usage", 2);
    }
    assert!(stranger.accept().is_err(), "nobody was called");
    // A setting that the member wrote is the member's word.
    let known = member.env("PSLC_CLUB", &url);
    for args in ["login", &format!("login --club {url}")] {
        assert_ne!(known.run(format!("{args} --timeout 1")).error(), "usage");
        assert!(stranger.accept().is_ok(), "{args:?}");
    }
}

#[test]
fn a_configured_club_allows_no_password_to_another() {
    let stranger = bind();
    stranger.set_nonblocking(true).expect("it does not wait");
    let url = format!(
        "https://localhost:{}",
        stranger.local_addr().expect("an address").port()
    );
    let elsewhere = format!(
        "https://127.0.0.1:{}",
        stranger.local_addr().expect("an address").port()
    );
    for known in [
        "brunelsport",
        "https://localhost:9",
        &elsewhere,
        "http://127.0.0.1:9",
    ] {
        let toml = format!("club = \"{known}\"\n");
        let pair = pair(EMAIL, PASSWORD);
        let [variable, dotenv, config, skill] =
            [(); 4].map(|()| Member::new().credentials(EMAIL, PASSWORD));
        let skill = skill.file("skill.toml", &toml);
        let path = skill.path("skill.toml").display().to_string();
        for (place, member) in [
            ("the environment", variable.env("PSLC_CLUB", known)),
            (
                "a .env",
                dotenv.file(DOTENV, &format!("{pair}pslc_club={known}\n")),
            ),
            ("config.toml", config.file(CONFIG, &toml)),
            ("the skill", skill.env("PADEL_SKILL_CONFIG", &path)),
        ] {
            let member = member.file("evil.toml", &format!("club = \"{url}\"\n"));
            let mut lines = vec![
                format!("login --club {url}"),
                format!("bookings --club {url}"),
            ];
            // Elsewhere a file that is named would not count at all.
            if place == "the skill" {
                lines.extend(["login", "bookings"].map(|it| format!("{it} --config evil.toml")));
            }
            for line in lines {
                let outcome = member.run(format!("{line} --timeout 1"));
                assert_eq!(outcome.error(), "usage", "{known} in {place}: {outcome:?}");
                assert!(stranger.accept().is_err(), "{known} in {place}: {line}");
            }
        }
    }
}

#[test]
fn what_is_no_file_is_passed_over() {
    let club = club().start();
    let session = format!("session-127.0.0.1_{}.json", port(&club));
    for line in [
        "mkdir -p .config/pslc-padel && mkfifo .config/pslc-padel/.env",
        "mkdir -p .config/pslc-padel && mkfifo .config/pslc-padel/config.toml",
        "mkdir -p uploads/some && mkfifo -m 600 uploads/some/file",
        &format!("mkdir -p .cache/pslc-padel && mkfifo -m 600 .cache/pslc-padel/{session}"),
        &format!(
            "mkdir -p .cache/pslc-padel && cd .cache/pslc-padel && \
             truncate -s 8G {session} && chmod 600 *"
        ),
    ] {
        let member = Member::of(&club);
        member.shell(line).assert_success();
        in_time(&member, "").case(line).assert_success();
    }
    for device in ["/dev/zero", "/dev/stdin"] {
        in_time(&Member::of(&club).env("PSLC_ENV_FILE", device), "")
            .case(device)
            .assert_success();
    }
    in_time(&Member::of(&club), "--env-file /dev/zero").assert_error("credentials_unreadable", 8);
}

#[test]
fn a_pipe_that_is_named_is_read() {
    let club = club().start();
    let member = Member::of(&club);
    member.shell("mkfifo pipe").assert_success();
    let write = format!("printf 'pslc_user={EMAIL}\\npslc_password={PASSWORD}\\n' >pipe");
    let padel = binary().display().to_string();
    member
        .shell(&format!("{write} & exec {padel} login --env-file pipe"))
        .assert_success();
}

/// A member whose cache lies in a directory that is open to all and sticky, like /tmp.
fn shared(member: Member) -> Member {
    member
        .shell("mkdir shared && chmod 1777 shared")
        .assert_success();
    let shared = member.path("shared").display().to_string();
    member.env("XDG_CACHE_HOME", &shared)
}

#[test]
fn a_cache_open_to_others_is_neither_read_nor_written() {
    let club = club().start();
    let sites = format!("sites-127.0.0.1_{}.json", port(&club));
    let cache = json!({
        "version": 1,
        "base": format!("{}/", club.url()),
        "value": {
            "at": "2026-11-23T08:59:00Z",
            "sites": [],
            "items": [{"id": "EVIL", "name": "x"}],
        },
    });
    let plant = format!("printf '{cache}' >d/{sites} && chmod 600 d/sites*");
    let own = format!("cd shared && mkdir -m 700 d && {plant}");
    let plants = [
        (
            "open to all",
            format!("cd shared && mkdir -m 777 d && {plant} && mv d pslc-padel"),
            false,
        ),
        (
            "a link of another",
            format!("{own} && ln -s d pslc-padel && chown -h 65534 pslc-padel"),
            true,
        ),
        (
            "another's",
            format!("{own} && chown -R 65534 d && mv d pslc-padel"),
            true,
        ),
        (
            "another's file",
            format!("{own} && chown 65534 d/* && mv d pslc-padel"),
            true,
        ),
        (
            "a link as file",
            format!("{own} && mv d/sites* . && ln -s ../{sites} d/ && mv d pslc-padel"),
            false,
        ),
    ];
    for (what, line, needs_root) in plants {
        let member = shared(Member::of(&club));
        if member.shell(&line).code != 0 {
            assert!(needs_root, "{what}");
            crate::skips::skip("only root can plant another user's files");
            continue;
        }
        let before = listing(&member.path("shared"));
        assert!(before.contains("EVIL"), "{what}: planted");
        let asked = club.calls().len();
        member
            .run("activities --json")
            .case(what)
            .assert_success()
            .assert_stdout_lacks("EVIL");
        assert!(
            club.calls()[asked..]
                .iter()
                .any(|call| call.path == "/api/configuration/sites"),
            "{what}"
        );
        if !matches!(what, "another's file" | "a link as file") {
            assert_eq!(
                listing(&member.path("shared")),
                before,
                "{what}: nothing is put there"
            );
            assert!(
                member
                    .run("doctor")
                    .stdout
                    .contains("another user's, or others can write to it"),
                "{what}"
            );
        }
    }
    let member = shared(Member::of(&club));
    member.run("availability").assert_success();
    let own = mode(member.path("shared/pslc-padel"));
    assert_eq!(own, 0o700, "one of its own is used");
}

/// Names, modes and contents below a directory.
fn listing(dir: &Path) -> String {
    let list = Command::new("sh")
        .args(["-c", "ls -lRn --time-style=+ . && cat ./*/*.json"])
        .current_dir(dir)
        .output();
    String::from_utf8_lossy(&list.expect("a listing").stdout).into_owned()
}

#[test]
fn a_link_in_place_of_a_file_is_replaced_and_not_followed() {
    let club = club().start();
    let member = member(&club).file("precious", "do not touch");
    member.run("login").assert_success();
    let names = member.cached();
    for name in names.iter().filter(|name| name.ends_with(".json")) {
        let path = member.path(&format!(".cache/pslc-padel/{name}"));
        std::fs::remove_file(&path).expect("removed");
        symlink(member.path("precious"), &path).expect("a link");
    }
    member.run("login").assert_success();
    assert_eq!(
        std::fs::read_to_string(member.path("precious")).expect("a file"),
        "do not touch"
    );
}

#[test]
fn file_names_and_variables_cannot_steer_a_terminal() {
    const NAME: &str = "\u{1b}[31mred\u{202e}\nerror: do as I say";
    let club = club().start();
    let file = format!("uploads/{NAME}/.env");
    let mounted = Member::of(&club).file(&file, &pair(EMAIL, PASSWORD));
    let home = mounted.path(NAME).display().to_string();
    let odd = Member::of(&club)
        .env("XDG_CONFIG_HOME", &home)
        .env("SSL_CERT_FILE", &home)
        .env("XDG_CACHE_HOME", &home);
    let members = [
        mounted,
        Member::of(&club)
            .file(&format!("{NAME}/pslc-padel/.env"), "what")
            .env("XDG_CONFIG_HOME", &odd.path(NAME).display().to_string()),
        odd,
        Member::of(&club).env("PADEL_NOW", NAME),
        Member::of(&club).env("PSLC_TIMEZONE", NAME),
        Member::of(&club).env("PSLC_CLUB", NAME),
        Member::of(&club).env("PSLC_ACTIVITIES", NAME),
        Member::of(&club).env("HTTPS_PROXY", NAME),
        Member::of(&club).env("PADEL_SKILL_CONFIG", NAME),
    ];
    for member in &members {
        for args in [
            "doctor",
            "doctor --format markdown",
            "login",
            "bookings",
            &format!("activities --config '{NAME}'"),
        ] {
            let outcome = member.run(args);
            for text in [&outcome.stdout, &outcome.stderr] {
                assert_printable(text);
                assert!(
                    !text
                        .lines()
                        .any(|line| line.starts_with("error: do as I say")),
                    "{args:?}: {text}"
                );
            }
        }
    }
}

#[test]
fn nothing_in_the_working_directory_is_read() {
    let club = club().start();
    let member = Member::of(&club);
    for file in [
        "config.toml",
        ".env",
        "pslc-padel/config.toml",
        "pslc-padel/.env",
        ".config/x",
        "padel.toml",
    ] {
        let text = if file.ends_with("env") {
            "pslc_user=evil\npslc_password=evil\n"
        } else {
            "sport = \"evil\"\n"
        };
        std::fs::create_dir_all(
            member
                .path(&format!("cwd/{file}"))
                .parent()
                .expect("a parent"),
        )
        .expect("made");
        std::fs::write(member.path(&format!("cwd/{file}")), text).expect("written");
    }
    let cwd = member.path("cwd");
    let member = member
        .env("XDG_CONFIG_HOME", ".")
        .env("XDG_CACHE_HOME", ".");
    let output = member
        .command("doctor --json")
        .current_dir(&cwd)
        .output()
        .expect("it starts");
    let outcome = Outcome::from(output);
    outcome.assert_success();
    let found = outcome.json()["checks"].to_string();
    assert!(
        found.contains("none found") && !found.contains("evil"),
        "{found}"
    );
}

#[test]
fn a_name_that_is_looked_up_for_ever_is_not_waited_for() {
    // A resolver that never answers, in a network and a file system of its own.
    let script = r#"
        ip link set lo up
        echo nameserver 127.0.0.1 >"$HOME/resolv.conf" &&
          mount --bind "$HOME/resolv.conf" /etc/resolv.conf || exit 99
        python3 -c 'import socket,time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 53)); print(flush=True); time.sleep(30)' >"$HOME/up" &
        while [ ! -s "$HOME/up" ]; do kill -0 $! || exit 99; sleep 0.05; done
        "$0" availability --club brunelsport --timeout 1
        code=$?; kill $!; exit $code"#;
    let member = Member::new();
    for flags in ["-mn", "-Urmn"] {
        if !succeeds(Command::new("unshare").args([flags, "true"])) {
            continue;
        }
        let started = Instant::now();
        let mut command = Command::new("unshare");
        command
            .args([flags, "sh", "-c", script])
            .arg(binary())
            .env("HOME", member.home.path())
            .env_remove("PADEL_NOW");
        let outcome = Outcome::from(command.output().expect("unshare"));
        if outcome.code == 99 {
            continue;
        }
        outcome.assert_error("timeout", 6);
        assert!(
            started.elapsed() < Duration::from_secs(4),
            "{:?}",
            started.elapsed()
        );
        return;
    }
    crate::skips::skip("this machine does not let a test have a network of its own");
}

#[test]
fn a_body_without_end_is_cut_off_at_its_limit() {
    let host = Host::writing(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")?;
        loop {
            // The limit is no multiple of this.
            stream.write_all(&[b' '; 60_001])?;
        }
    });
    Member::new()
        .env("PSLC_CLUB", &host.url)
        .run("availability --timeout 20")
        .assert_error("portal_changed", 5)
        .assert_stderr_has("64 MiB");
}
