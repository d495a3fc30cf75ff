//! Lines of a `.env` and variables that are doubled, broken, another program's, or not what they
//! look like.

use crate::harness::{DOTENV, EMAIL, Member, Outcome, PASSWORD, club, list, pair, text};

/// A file that was mounted without a path.
const MOUNTED: &str = "uploads/file_011CNha8iCJcU1wXNR6q4V8w";

/// A file of any bytes below the home directory.
fn with_bytes(member: Member, below: &str, bytes: &[u8]) -> Member {
    let member = member.file(below, "");
    std::fs::write(member.path(below), bytes).expect("a file");
    member
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16()
        .flat_map(|unit| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect()
}

/// The doctor's findings on the credentials and on a file.
fn doctor(member: &Member, file: &str) -> (String, String) {
    let outcome = member.run("doctor --json");
    let document = outcome.json();
    let files = list(&document["files"])
        .iter()
        .filter(|entry| text(&entry["path"]).ends_with(file))
        .map(|entry| text(&entry["outcome"]));
    let files = files.collect::<Vec<_>>().join("; ");
    (outcome.check("credentials").1, files)
}

#[track_caller]
fn assert_refused(outcome: &Outcome, code: &str, parts: &[&str]) {
    assert_eq!(outcome.error(), code, "{outcome:?}");
    for part in parts {
        outcome.assert_stderr_has(part);
    }
}

#[test]
fn the_last_of_a_doubled_key_is_sent() {
    for text in [
        format!("pslc_user={EMAIL}\npslc_password=OLD\npslc_password={PASSWORD}\n"),
        format!("PSLC_USER=old\npslc_password=OLD\nPslc_Password={PASSWORD}\npslc_user={EMAIL}"),
        format!("pslc_password: OLD\npslc_user={EMAIL}\nexport pslc_password={PASSWORD}"),
        format!("pslc_password=\npslc_user={EMAIL}\npslc_password='{PASSWORD}'"),
    ] {
        for place in [DOTENV, MOUNTED] {
            let club = club().start();
            Member::of(&club)
                .file(place, &text)
                .run("login")
                .case(&text)
                .assert_success();
            assert_eq!(club.passwords_seen(), [PASSWORD.as_bytes()]);
        }
    }
}

#[test]
fn a_doubled_key_is_told_by_doctor_and_by_a_rejection() {
    let club = club().start();
    let text = format!(
        "pslc_user={EMAIL}\npslc_password={PASSWORD}\n# mine\nPSLC_PASSWORD=new-and-wrong\n"
    );
    let member = Member::of(&club).file(DOTENV, &text);
    let told = "pslc_password stands in lines 2 and 4, and the last one counts";
    let (credentials, file) = doctor(&member, DOTENV);
    assert!(
        credentials.contains(told) && file.contains(told),
        "{credentials}\n{file}"
    );
    for args in ["login", "bookings", "login --json"] {
        let outcome = member.run(args);
        assert_refused(&outcome, "login_rejected", &[told, DOTENV]);
        outcome
            .assert_stderr_lacks("new-and-wrong")
            .assert_stderr_lacks(PASSWORD);
    }
    assert!(
        club.passwords_seen()
            .iter()
            .all(|sent| sent == b"new-and-wrong")
    );
}

#[test]
fn an_empty_or_broken_last_line_sends_nothing_older() {
    let club = club().start();
    club.never_called();
    let pair = pair(EMAIL, PASSWORD);
    for empty in ["pslc_password=", "pslc_password=\"\""] {
        let member = Member::of(&club).file(DOTENV, &format!("{pair}{empty}\n"));
        let told = ["pslc_password is empty (line 3)"];
        assert_refused(&member.run("login"), "credentials_not_found", &told);
    }
    for last in [
        "pslc_password new",
        "pslc_password: new",
        "declare -x pslc_password=\"new\"",
        "PSLC_PASSWORD",
    ] {
        let outcome = Member::of(&club)
            .file(DOTENV, &format!("{pair}{last}\n"))
            .run("login");
        assert_refused(&outcome, "config_invalid", &["line 3", DOTENV]);
        assert_eq!(outcome.code, 8);
    }
}

#[test]
fn the_last_of_a_doubled_setting_counts() {
    let (old, new) = (club().start(), club().start());
    old.never_called();
    let text = format!(
        "pslc_club={}\nPSLC_CLUB={}\npslc_sport=golf\nPSLC_Sport=padel\n",
        old.url(),
        new.url()
    );
    let member = Member::new().file(DOTENV, &text);
    assert!(!list(&member.json("availability")["slots"]).is_empty());
    let file = doctor(&member, DOTENV).1;
    assert!(file.contains("pslc_club stands in lines 1 and 2"), "{file}");
    assert!(
        file.contains("pslc_sport stands in lines 3 and 4"),
        "{file}"
    );
    let broken = Member::new().file(DOTENV, &format!("pslc_club: {}\n", new.url()));
    assert_refused(
        &broken.run("availability"),
        "config_invalid",
        &["line 1", DOTENV],
    );
    assert_eq!(
        broken.run(["availability", "--club", &new.url()]).code,
        0,
        "what is not needed is no error"
    );
}

#[cfg(unix)]
#[test]
fn a_variable_in_two_cases_is_never_a_guess() {
    let club = club().start();
    let alike = Member::of(&club)
        .credentials(EMAIL, PASSWORD)
        .env("pslc_user", EMAIL)
        .env("PSLC_USER", EMAIL)
        .env("pslc_password", PASSWORD);
    alike.run("login").assert_success();
    alike.run("logout");
    let attempts = club.login_attempts().len();
    let differing = alike.env("PSLC_USER", "other@example.org");
    assert_refused(
        &differing.run("login"),
        "credentials_unreadable",
        &["pslc_user", "set twice"],
    );
    differing.run("availability").assert_success();
    assert_eq!(club.login_attempts().len(), attempts);
    for name in ["CLUB", "TIMEZONE", "SPORT", "SITES", "ACTIVITIES"] {
        let upper = format!("PSLC_{name}");
        let member = Member::new()
            .env("PSLC_CLUB", "one")
            .env(&upper, "one")
            .env(&upper.to_lowercase(), "two");
        assert_refused(
            &member.run("availability"),
            "config_invalid",
            &[&upper, "set twice"],
        );
    }
    let member = Member::new()
        .env("PSLC_CLUB", "one")
        .env("pslc_club", "two");
    assert_eq!(
        member.run(["availability", "--club", &club.url()]).code,
        0,
        "a flag comes first"
    );
}

#[cfg(unix)]
#[test]
fn a_setting_that_is_no_text_is_told_and_an_empty_one_is_unset() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};
    let club = club().start();
    for name in [
        "PSLC_CLUB",
        "PSLC_TIMEZONE",
        "pslc_sport",
        "PSLC_SITES",
        "PSLC_ACTIVITIES",
    ] {
        let empty = Member::of(&club);
        let outcome = if name == "PSLC_CLUB" {
            empty.env("pslc_sport", "")
        } else {
            empty.env(name, "")
        };
        outcome.run("availability").case(name).assert_success();
        let member = Member::of(&club).without(name);
        let output = member
            .command("availability")
            .env(name, OsStr::from_bytes(b"p\xff"))
            .output();
        let outcome = Outcome::from(output.expect("it ends"));
        assert_refused(
            &outcome,
            "config_invalid",
            &[&name.to_uppercase(), "not UTF-8 text"],
        );
    }
}

#[test]
fn lines_of_other_programs_are_skipped() {
    let pem = "KEY=\"-----BEGIN PRIVATE KEY-----\nMIIabc+/==\n-----END PRIVATE KEY-----\"\n";
    for foreign in [
        pem,
        "-----BEGIN CERTIFICATE-----\nMIIabc\n-----END CERTIFICATE-----\n",
        "declare -x HOME=\"/root\"\ndeclare -fx f\nexport -p\n",
        "services:\n  - name: x\n    port: 5\n",
        "{\"type\": \"service_account\",\n \"key\": \"a\\nb\"}\n",
        "[default]\nregion = eu-west-1\n",
        "if [ -f x ]; then\n  . x\nfi\n",
        "source other.env\nTOKEN secret\n=x\nA B=1\n",
        "JSON='{\n  \"a\": 1\n}'\n",
        "NOTE=\"before:\npslc_user=old@example.org\npslc_password=old\"\n",
    ] {
        for place in [DOTENV, MOUNTED] {
            let club = club().start();
            let pair = pair(EMAIL, PASSWORD);
            for text in [format!("{foreign}{pair}"), format!("{pair}{foreign}")] {
                let member = Member::of(&club).file(place, &text);
                member.run("login").case(&text).assert_success();
                assert_eq!(
                    club.passwords_seen().last().map(Vec::as_slice),
                    Some(PASSWORD.as_bytes())
                );
            }
        }
    }
    let text = format!("hunter2\npslc_user={EMAIL}\npslc_password={PASSWORD}\nhunter2\n");
    let club = club().start();
    let file = doctor(&Member::of(&club).file(DOTENV, &text), DOTENV).1;
    assert!(
        file.contains("lines 1 and 4") && !file.contains("hunter2"),
        "{file}"
    );
}

#[test]
fn bytes_that_are_no_text_matter_in_lines_of_ours_only() {
    let club = club().start();
    let pair = pair(EMAIL, PASSWORD);
    for foreign in [
        &b"# caf\xe9"[..],
        b"NAME=caf\xe9",
        b"caf\xe9",
        b"\x00\x01\x02\xff",
    ] {
        let member = with_bytes(
            Member::of(&club),
            DOTENV,
            &[foreign, b"\n", pair.as_bytes()].concat(),
        );
        member.run("login").assert_success();
    }
    let attempts = club.login_attempts().len();
    for place in [DOTENV, MOUNTED] {
        let broken = format!("pslc_user={EMAIL}\npslc_password=p").into_bytes();
        let member = with_bytes(
            Member::of(&club),
            place,
            &[&broken[..], b"\xe4ss\n"].concat(),
        );
        assert_refused(
            &member.run("login"),
            "config_invalid",
            &["line 2", "not UTF-8 text", place],
        );
        member.run("availability").assert_success();
    }
    assert_eq!(club.login_attempts().len(), attempts);
}

#[test]
fn what_needs_no_password_needs_no_readable_dotenv() {
    let club = club().start();
    let text = pair(EMAIL, PASSWORD);
    let directory = Member::of(&club).file(&format!("{DOTENV}/x"), "");
    for (member, code, told) in [
        (
            Member::of(&club).file(DOTENV, "pslc_user=a\npslc_password hunter2\n"),
            "config_invalid",
            "line 2",
        ),
        (
            Member::of(&club).env("pslc_user", ""),
            "credentials_unreadable",
            "pslc_user is set but empty",
        ),
        (
            Member::of(&club)
                .env("pslc_user", EMAIL)
                .env("PSLC_PASSWORD", ""),
            "credentials_unreadable",
            "set but empty",
        ),
        (
            with_bytes(Member::of(&club), DOTENV, &utf16(&text, false)),
            "credentials_not_found",
            "UTF-16",
        ),
        (
            Member::of(&club).file(DOTENV, &format!("{text}{}", "#\n".repeat(40_000))),
            "credentials_not_found",
            "larger than 64 KiB",
        ),
        (directory, "credentials_not_found", "a directory"),
    ] {
        for args in ["availability", "activities", "doctor"] {
            member
                .run(args)
                .case(format!("{told}, {args:?}"))
                .assert_quiet_success();
        }
        for args in ["bookings", "login"] {
            assert_refused(&member.run(args), code, &[told]);
        }
        let (credentials, file) = doctor(&member, DOTENV);
        let environment = doctor(&member, "environment").1;
        assert!(
            [credentials, file, environment]
                .iter()
                .any(|text| text.contains(told)),
            "{told}"
        );
    }
    assert!(club.login_attempts().is_empty());
}

#[test]
fn a_club_for_members_names_what_is_wrong_with_the_dotenv() {
    let club = club().require_member(true).start();
    let member = Member::of(&club).file(DOTENV, "pslc_user=a\npslc_password hunter2\n");
    for args in ["availability", "doctor"] {
        let outcome = member.run(args);
        assert_eq!(outcome.code, 8, "{outcome:?}");
        outcome
            .assert_stderr_has("line 2")
            .assert_stderr_has(DOTENV);
    }
}

#[test]
fn a_club_for_members_names_the_file_that_cannot_be_read() {
    let club = club().require_member(true).start();
    let text = pair(EMAIL, PASSWORD);
    for place in [DOTENV, MOUNTED] {
        let member = with_bytes(Member::of(&club), place, &utf16(&text, true));
        assert_refused(
            &member.run("availability"),
            "login_required",
            &[place, "UTF-16"],
        );
        assert!(doctor(&member, place).0.contains("UTF-16"), "{place}");
    }
}

#[test]
fn a_file_of_the_scan_that_cannot_be_read_is_told() {
    let club = club().start();
    club.never_called();
    let text = format!("PSLC_USER={EMAIL}\r\nPSLC_PASSWORD={PASSWORD}\r\n");
    let marked = format!("\u{feff}{text}");
    for (bytes, told) in [
        (utf16(&marked, false), "UTF-16"),
        (utf16(&marked, true), "UTF-16"),
        (utf16(&text, false), "UTF-16"),
        (utf16(&text, true), "UTF-16"),
        (
            utf16(&format!("# {}\n{text}", "密码".repeat(200)), false),
            "UTF-16",
        ),
        (
            [text.as_bytes(), &b"#\n".repeat(40_000)].concat(),
            "larger than 64 KiB",
        ),
        (
            format!("pslc_user={EMAIL}\n").into_bytes(),
            "no line has pslc_password=value",
        ),
        (
            b"<pslc_user>a</pslc_user>".to_vec(),
            "no line has pslc_password=value",
        ),
        (
            b"a=1; pslc_user=x".to_vec(),
            "no line has pslc_user=value or pslc_password=value",
        ),
    ] {
        let outcome = with_bytes(Member::of(&club), MOUNTED, &bytes).run("login");
        assert_refused(&outcome, "credentials_not_found", &[told, MOUNTED]);
        outcome.assert_stderr_lacks(PASSWORD);
    }
    for text in [
        "{\"pslc_user\": \"a\",\n\"pslc_password\": \"b\"}",
        "pslc_user: a\npslc_password: b",
    ] {
        let outcome = Member::of(&club).file(MOUNTED, text).run("login");
        assert_refused(&outcome, "config_invalid", &["line 1", MOUNTED]);
    }
    let other = with_bytes(Member::of(&club), MOUNTED, b"\xff\xfe\0\x01picture").run("login");
    assert!(
        other.error() == "credentials_not_found" && !other.stderr.contains(MOUNTED),
        "{other:?}"
    );
}

#[test]
fn a_good_file_of_the_scan_comes_before_a_broken_one() {
    let club = club().start();
    let member = Member::of(&club)
        .file(
            "uploads/a_notes",
            "pslc_user: see below\npslc_password: see below\n",
        )
        .file("uploads/b_pair", &pair(EMAIL, PASSWORD));
    member.run("login").assert_success();
}

#[test]
fn what_is_odd_about_a_rejected_password_is_told() {
    for (line, told) in [
        (
            "pslc_password=\"secret\" # my club",
            "goes on after its closing quote",
        ),
        ("pslc_password=secret # my club", "a # after a space"),
        ("pslc_password=sec\u{200b}ret", "an invisible character"),
        ("pslc_password=sec\u{ad}ret", "an invisible character"),
        (
            "pslc_password=sec\u{a0}ret",
            "a space that is not the usual one",
        ),
        ("pslc_password=“secret”", "a curly quote"),
        ("pslc_password=‘secret’", "a curly quote"),
        ("pslc_password=secret\\", "ends with a backslash"),
        ("pslc_password='secret", "a quote at its beginning only"),
        ("pslc_password=' secret'", "white space at an end"),
        ("pslc_password=sec\tret", "a control character"),
        ("pslc_password=sec–ret", "a dash"),
    ] {
        let club = club().start();
        let member =
            Member::of(&club).file(DOTENV, &format!("# mine\npslc_user={EMAIL}\n{line}\n"));
        let outcome = member.run("login");
        assert_refused(
            &outcome,
            "login_rejected",
            &["line 3 (pslc_password)", told],
        );
        let literal = line.split_once('=').expect("a pair").1.trim_matches('\'');
        outcome
            .assert_stderr_lacks("secret")
            .assert_stderr_lacks(literal);
        let sent = String::from_utf8(club.passwords_seen().remove(0)).expect("text");
        assert!(sent == literal || format!("'{literal}") == sent, "{sent}");
        let (credentials, file) = doctor(&member, DOTENV);
        assert!(
            credentials.contains(told) && file.contains(told),
            "{credentials}\n{file}"
        );
    }
    let club = club().start();
    let user = Member::of(&club).file(
        DOTENV,
        &format!("pslc_user=\u{feff}{EMAIL}\npslc_password={PASSWORD}\n"),
    );
    assert_refused(
        &user.run("login"),
        "login_rejected",
        &["line 1 (pslc_user) has an invisible character"],
    );
    for (value, told) in [
        ("secret\n", "white space at an end"),
        ("\"secret\"", "quotes around it"),
    ] {
        let member = Member::of(&club)
            .env("pslc_user", EMAIL)
            .env("PSLC_PASSWORD", value);
        assert_refused(
            &member.run("login"),
            "login_rejected",
            &["the variable pslc_password", told],
        );
    }
}

#[cfg(unix)]
#[test]
fn files_of_the_scan_are_told_one_by_one_up_to_ten() {
    let club = club().start();
    club.never_called();
    for (useless, listed) in [(0, 0), (1, 1), (10, 10), (12, 10)] {
        let mut member = Member::of(&club);
        for number in 0..useless {
            member = member.file(&format!("uploads/file_{number:02}"), "pslc_user=a\n");
        }
        member.shell("mkdir -p uploads && mkfifo uploads/pipe");
        let outcome = member.run("login");
        outcome
            .assert_error("credentials_not_found", 8)
            .assert_stderr_lacks("uploads/pipe")
            .assert_stderr_lacks("of the directories");
        let count = outcome.stderr.matches("names pslc_ keys, but").count();
        assert_eq!(count, listed, "{outcome:?}");
        if useless > listed {
            outcome.assert_stderr_has("2 more files of which nothing could be made");
        } else {
            outcome.assert_stderr_lacks("more files of which");
        }
    }
}

#[test]
fn an_empty_pair_is_not_called_missing() {
    let club = club().start();
    club.never_called();
    let outcome = Member::of(&club)
        .file(DOTENV, "pslc_user=\npslc_password=''\n")
        .run("login");
    assert_refused(
        &outcome,
        "credentials_not_found",
        &["pslc_user is empty (line 1); pslc_password is empty (line 2)"],
    );
}
