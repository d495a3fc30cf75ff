//! E-mail and password: the places that may hold them, the order in which these count, and that
//! both arrive exactly as they were written.

use crate::harness::{DOTENV, EMAIL, Member, PASSWORD, club, list, pair, text};

/// Every place that the doctor names, with its finding.
fn looked(member: &Member) -> Vec<(String, String)> {
    let document = member.run("doctor --json").json();
    list(&document["files"])
        .iter()
        .map(|file| {
            ["path", "outcome"]
                .map(|key| text(&file[key]).to_owned())
                .into()
        })
        .collect()
}

#[test]
fn awkward_passwords_arrive_byte_for_byte() {
    for password in [
        "pa$$word",
        "$HOME",
        "${HOME}",
        "a#b",
        "#",
        "a = b",
        "==",
        r"back\slash\n",
        "it's",
        "say \"hi\"",
        "inner  spaces",
        "pässwörd",
        "密码🎾",
        "%41+%20&x=1",
        "{user}",
        "{\"a\":1}",
        "'\"",
        "`id`",
        "!",
        "a;b",
        "tab\tinside",
        "\u{a0}nbsp\u{a0}",
    ] {
        let club = club().member(EMAIL, password).start();
        for (before, after) in [("", ""), ("\"", "\""), ("'", "'")] {
            let member =
                Member::of(&club).file(DOTENV, &pair(EMAIL, &format!("{before}{password}{after}")));
            member
                .run("login")
                .case(format!("{before}{password}{after}"))
                .assert_success();
            assert_eq!(
                club.passwords_seen().last().map(Vec::as_slice),
                Some(password.as_bytes())
            );
        }
        let member = Member::of(&club)
            .env("pslc_user", EMAIL)
            .env("pslc_password", password);
        assert_eq!(
            member.run("login").code,
            0,
            "from the environment: {password}"
        );
    }
}

#[test]
fn spaces_at_the_ends_survive_in_quotes_and_in_the_environment() {
    let password = "  in spaces ";
    let club = club().member(EMAIL, password).start();
    Member::of(&club)
        .file(DOTENV, &pair(EMAIL, &format!("\"{password}\"")))
        .run("login")
        .assert_success();
    Member::of(&club)
        .env("PSLC_USER", EMAIL)
        .env("Pslc_Password", password)
        .run("login")
        .assert_success();
}

#[test]
fn what_surrounds_the_values_is_tolerated() {
    let club = club().start();
    let text = format!(
        "\u{feff}# my club\r\n\r\nexport PSLC_USER = '{EMAIL}'\r\n  \
         Pslc_Password=\"{PASSWORD}\"  \r\nother=1\r\n"
    );
    Member::of(&club)
        .file(DOTENV, &text)
        .run("login")
        .assert_success();
}

#[test]
fn a_placeholder_is_sent_as_it_is_in_the_body_and_nowhere_else() {
    let placeholder = "vault:v1:{{secret/padel}}==";
    let club = club().start();
    let member = Member::of(&club)
        .env("pslc_user", EMAIL)
        .env("pslc_password", placeholder);
    member.run("login").assert_error("login_rejected", 4);
    assert_eq!(club.passwords_seen(), [placeholder.as_bytes()]);
    for call in club.calls() {
        let rest = format!("{} {} {:?}", call.path, call.query, call.headers);
        assert!(
            !rest.contains("secret/padel") && !rest.contains("alex"),
            "{rest}"
        );
    }
}

/// The place of the pair that a refused sign-in names.
fn used(member: &Member, options: &str) -> String {
    let error = member.run(format!("login --json {options}")).error_json();
    text(&error["details"]["source"]).to_owned()
}

#[test]
fn the_places_count_in_the_order_of_the_contract() {
    let club = club().start();
    let root = tempfile::tempdir().expect("a directory");
    let at = |name: &str| root.path().join(name).display().to_string();
    let member = Member::of(&club)
        .env("XDG_CONFIG_HOME", &at("xdg"))
        .env("PSLC_ENV_FILE", &at("stated.env"))
        .env("pslc_user", "environment@example.org")
        .env("pslc_password", "x");
    let home = member.home.path().display().to_string();
    let uploads = format!("{home}/uploads");
    let places = [
        at("named.env"),
        "environment".to_owned(),
        at("stated.env"),
        format!("{uploads}{}", at("stated.env")),
        at("xdg/pslc-padel/.env"),
        format!("{uploads}{}", at("xdg/pslc-padel/.env")),
        format!("{home}/.config/pslc-padel/.env"),
        format!("{uploads}{home}/.config/pslc-padel/.env"),
        format!("{uploads}/root/.config/pslc-padel/.env"),
        format!("{uploads}/file_011CNha8iCJcU1wXNR6q4V8w"),
    ];
    for place in places.iter().filter(|place| *place != "environment") {
        let path = std::path::Path::new(place);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
        std::fs::write(path, pair("somebody@example.org", "x")).expect("a file");
    }
    assert_eq!(
        used(&member, &format!("--env-file {}", places[0])),
        places[0]
    );
    assert_eq!(used(&member, ""), places[1]);
    let member = member.without("pslc_user").without("pslc_password");
    for place in &places[2..] {
        assert_eq!(&used(&member, ""), place);
        std::fs::remove_file(place).expect("removed");
    }
    member
        .run("login --json")
        .assert_error("credentials_not_found", 8);
}

#[test]
fn a_mounted_env_file_works_and_an_absent_one_is_reported() {
    let club = club().start();
    let member = Member::of(&club);
    let elsewhere = member.path("elsewhere").display().to_string();
    let member = member.env("HOME", &elsewhere);
    let outcome = member.run("login");
    outcome.assert_error("credentials_not_found", 8);
    let mounted = "uploads/root/.config/pslc-padel/.env";
    outcome.assert_stderr_has(&format!("{}: absent", member.path(mounted).display()));
    assert!(club.login_attempts().is_empty());
    let member = member.file(mounted, &pair(EMAIL, PASSWORD));
    let outcome = member.run("login");
    assert_eq!(
        (outcome.code, outcome.stderr.as_str()),
        (0, ""),
        "no warning about a mount: {outcome:?}"
    );
    outcome.assert_stdout_has(mounted);
}

#[test]
fn every_place_says_why_it_was_of_no_use() {
    let club = club().start();
    let member = Member::of(&club).file(DOTENV, "pslc_user=alex@example.org\n");
    std::fs::create_dir_all(member.path("uploads/root/.config/pslc-padel/.env"))
        .expect("a directory");
    let outcome = member.run("login --json");
    outcome.assert_error("credentials_not_found", 8);
    for reason in [
        "environment: pslc_user and pslc_password are missing",
        "pslc_password is missing",
        "a directory",
        "absent",
    ] {
        outcome.assert_stderr_has(reason);
    }
    let error = outcome.error_json();
    assert!(list(&error["details"]["searched"]).len() >= 5);
    assert!(
        looked(&member)
            .iter()
            .any(|(place, why)| place.ends_with(DOTENV) && why == "pslc_password is missing")
    );
}

#[test]
fn a_set_but_empty_variable_is_an_error() {
    let club = club().start();
    club.never_called();
    for name in ["pslc_user", "PSLC_PASSWORD"] {
        let member = Member::of(&club).env("pslc_user", EMAIL).env(name, "");
        member
            .run("login")
            .case(name)
            .assert_error("credentials_unreadable", 8);
    }
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_not_said_to_be_missing() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};
    let member = Member::new()
        .env("PSLC_CLUB", "http://127.0.0.1:9")
        .env("pslc_user", EMAIL);
    let mut command = member.command("login");
    let output = command
        .env("pslc_password", OsStr::from_bytes(b"p\xff"))
        .output()
        .expect("it ends");
    crate::harness::Outcome::from(output)
        .assert_error("credentials_unreadable", 8)
        .assert_stderr_has("pslc_password is set but not UTF-8 text");
}

#[test]
fn half_a_pair_in_the_environment_leaves_the_rest_to_the_files() {
    let club = club().start();
    let member = Member::of(&club)
        .env("pslc_user", "other@example.org")
        .file(DOTENV, &pair(EMAIL, PASSWORD));
    member.run("login").assert_success();
}

#[test]
fn a_broken_dotenv_names_its_line() {
    let club = club().start();
    club.never_called();
    Member::of(&club)
        .file(DOTENV, "pslc_user=a\npslc_password hunter2\n")
        .run("login")
        .assert_error("config_invalid", 8)
        .assert_stderr_has("line 2")
        .assert_stderr_lacks("hunter2");
}

#[test]
fn the_scan_ends_at_a_thousand_entries() {
    let club = club().start();
    let member = Member::of(&club);
    // The file with the pair is the last one.
    let member = member.file("uploads/z", &pair(EMAIL, PASSWORD));
    for entry in 1..1000 {
        std::fs::create_dir(member.path(&format!("uploads/{entry}"))).expect("a directory");
    }
    member.run("login").assert_success();
    member.run("logout").assert_success();
    std::fs::create_dir(member.path("uploads/1000")).expect("a directory");
    member
        .run("login")
        .assert_error("credentials_not_found", 8)
        .assert_stderr_has("1000 entries")
        .assert_stderr_has("there are more, which were not looked at");
}

#[test]
fn a_file_of_64_kib_is_read_and_a_larger_one_is_told() {
    let club = club().start();
    let text = pair(EMAIL, PASSWORD);
    let filled = format!("{text}#{}", "x".repeat(64 * 1024 - text.len() - 1));
    for place in ["uploads/file_1", DOTENV] {
        let full = Member::of(&club).file(place, &filled);
        full.run("login").assert_success();
        Member::of(&club)
            .file(place, &format!("{filled}x"))
            .run("login")
            .assert_error("credentials_not_found", 8)
            .assert_stderr_has("larger than 64 KiB")
            .assert_stderr_has(place);
    }
}

#[cfg(unix)]
#[test]
fn the_scan_is_bounded_and_stays_inside_the_uploads() {
    let club = club().start();
    let text = pair(EMAIL, PASSWORD);
    let deep = format!("uploads{}", "/d".repeat(8));
    Member::of(&club)
        .file(&format!("{deep}/file_1"), &text)
        .run("login")
        .assert_success();
    Member::of(&club)
        .file(&format!("{deep}/d/file_1"), &text)
        .run("login")
        .assert_error("credentials_not_found", 8)
        .assert_stderr_has("deeper than 8 directories was not looked at");
    let outside = Member::of(&club)
        .file("outside/file_1", &text)
        .file("uploads/empty", "");
    fn link(member: &Member, to: &str, name: &str) {
        std::os::unix::fs::symlink(member.path(to), member.path(&format!("uploads/{name}")))
            .expect("a link");
    }
    link(&outside, "outside", "directory");
    link(&outside, "outside/file_1", "file");
    link(&outside, "uploads", "loop");
    outside
        .run("login")
        .assert_error("credentials_not_found", 8);
    std::fs::write(outside.path("uploads/inside"), &text).expect("a file");
    link(&outside, "uploads/inside", "a-link-inside");
    outside.run("login").assert_success();
    let ours = Member::of(&club)
        .file(
            "uploads/a_file_of_somebody_else",
            &pair("wrong@example.org", "wrong"),
        )
        .file("uploads/x/pslc-padel.env", &text);
    assert_eq!(
        ours.run("login").code,
        0,
        "our own name comes before any file with both keys"
    );
    // An error names its line.
    ours.file(
        "uploads/x/pslc-padel.env",
        &format!("{text}pslc_user: this\n"),
    )
    .run("login")
    .assert_error("config_invalid", 8)
    .assert_stderr_has("uploads/x/pslc-padel.env: line 3");
    Member::of(&club)
        .file("uploads/pslc-padel.env", "pslc_user=a@b.example\n")
        .run("login")
        .assert_stderr_has("uploads/pslc-padel.env: pslc_password is missing");
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt;
    let club = club().start();
    let member = Member::of(&club).file(DOTENV, &pair(EMAIL, PASSWORD));
    for (mode, warned) in [(0o644, true), (0o640, true), (0o600, false)] {
        std::fs::set_permissions(member.path(DOTENV), PermissionsExt::from_mode(mode))
            .expect("a mode");
        let outcome = member.run("login");
        assert_eq!(
            outcome.stderr.contains("chmod 600"),
            warned,
            "{mode:o}: {outcome:?}"
        );
        assert_eq!(member.run("login -q").stderr, "");
    }
}

#[test]
fn settings_come_from_the_scanned_file_with_the_pair() {
    let club = club().start();
    let text = format!("{}pslc_club={}\n", pair(EMAIL, PASSWORD), club.url());
    let member = Member::new()
        .file(DOTENV, "pslc_club=http://127.0.0.1:9\n")
        .file("uploads/file_011CNha8", &text);
    member.run("login").assert_success();
}
