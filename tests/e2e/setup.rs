//! `padel setup` on a terminal (a pseudo-terminal of `script`), and without one.
#![cfg(target_os = "linux")]

use std::{io::Write as _, process::Stdio, time::Duration};

use gladstone_sim::Club;

use crate::{
    harness::{CONFIG, DOTENV, EMAIL, Member, Outcome, PASSWORD, binary, club, list, mode},
    terminal::script_command,
};

fn typed(member: &Member, club: &Club, answers: &[&str]) -> Outcome {
    on_terminal(member, &format!("setup --club {}", club.url()), answers)
}

/// Answers a command's questions one by one, as somebody who types would.
pub(crate) fn on_terminal(member: &Member, args: &str, answers: &[&str]) -> Outcome {
    let line = format!("{} {args}", binary().display());
    let mut child = script_command(member, &line)
        .stderr(Stdio::piped())
        .spawn()
        .expect("script of util-linux");
    let mut terminal = child.stdin.take().expect("a terminal");
    for answer in answers {
        // What is typed before a password is asked for would be shown and thrown away.
        std::thread::sleep(Duration::from_millis(400));
        writeln!(terminal, "{answer}").expect("typed");
    }
    Outcome::of(child)
}

#[test]
fn setup_asks_tries_once_and_writes_private_files() {
    let club = club().start();
    let member = Member::new();
    let outcome = typed(&member, &club, &["", "y", EMAIL, PASSWORD]);
    outcome
        .assert_success()
        .assert_stdout_has("Signed in as a…@example.org");
    assert!(
        !outcome.stdout.contains(PASSWORD),
        "a password is not shown"
    );
    outcome.assert_stdout_has(
        "Write these into config.toml (each call then needs one request fewer)?",
    );
    let (dotenv, config) = (member.path(DOTENV), member.path(CONFIG));
    assert_eq!((mode(&dotenv), mode(&config)), (0o600, 0o600));
    assert_eq!(club.login_attempts().len(), 1);
    let document = member.json("bookings");
    assert!(!list(&document["bookings"]).is_empty());
    assert!(member.read(CONFIG).contains("activities = [\"PADEL30\""));
}

#[test]
fn setup_for_courts_only_keeps_the_club_without_an_account() {
    let club = club().start();
    let member = Member::new();
    let outcome = typed(&member, &club, &["", "y", ""]);
    outcome
        .assert_success()
        .assert_stdout_has("Courts first: which club.")
        .assert_stdout_has("e-mail and password go to it once")
        .assert_stdout_has("config.toml");
    assert!(!member.path(DOTENV).exists(), "{outcome:?}");
    assert_eq!(club.login_attempts().len(), 0);
    let config = member.read(CONFIG);
    assert!(
        config.starts_with(&format!("club = \"{}/\"\nsites = [", club.url())),
        "{config}"
    );
    assert!(!list(&member.json("availability")["slots"]).is_empty());
}

#[test]
fn setup_overwrites_nothing_without_asking() {
    let club = club().start();
    let own = "club = \"mine\"\n";
    let member = Member::new().file(CONFIG, own);
    typed(&member, &club, &["", "y", EMAIL, PASSWORD, "n"])
        .assert_success()
        .assert_stdout_has("config.toml is there already. Change club, sites, activities in it");
    assert_eq!(member.read(CONFIG), own);
    assert!(member.path(DOTENV).exists());
}

#[test]
fn setup_keeps_the_rest_of_a_config_toml() {
    let club = club().start();
    let rest = "# ours\ntimezone = \"Europe/Dublin\" # the office\nsport = \"padel\"\n";
    let learned = "\n[portal.login]\npath = \"/api/samlauthentication/login\" # learned\n";
    let sites = "club = \"mine\"\nsites = [\"old\"]\nactivities = [\"OLD\"]\n";
    let whole = format!("{rest}{sites}{learned}");
    // The new club has no such site: setup proposes none, and removes the old club's values.
    let old = Member::new().file(CONFIG, &whole);
    typed(&old, &club, &["", EMAIL, PASSWORD, "y"]).assert_success();
    assert_eq!(
        old.read(CONFIG),
        format!("{rest}club = \"{}/\"\n{learned}", club.url())
    );
    let member = Member::new()
        .file(CONFIG, &whole)
        .asking_for("UB", "PADEL60,PADEL90");
    typed(&member, &club, &["", "y", EMAIL, PASSWORD, "y"]).assert_success();
    let lines = format!(
        "club = \"{}/\"\nsites = [\"UB\"]\nactivities = [\"PADEL60\", \"PADEL90\"]\n",
        club.url()
    );
    assert_eq!(member.read(CONFIG), format!("{rest}{lines}{learned}"));
    assert_eq!(mode(member.path(CONFIG)), 0o600);
}

#[test]
fn setup_keeps_the_rest_of_a_dotenv() {
    let club = club().start();
    let old = "pslc_user=old@example.org\npslc_password=old\n# ours\nexport OTHER='1'\n";
    let left = Member::new().file(DOTENV, old);
    let outcome = typed(&left, &club, &["", "n", EMAIL, PASSWORD, "n"]);
    outcome.assert_stdout_has(".env is there already. Change e-mail and password in it");
    assert_eq!(left.read(DOTENV), old);
    let changed = Member::new().file(DOTENV, old);
    let outcome = typed(&changed, &club, &["", "n", EMAIL, PASSWORD, "y"]);
    outcome.assert_success();
    assert!(
        changed
            .read(DOTENV)
            .starts_with("# ours\nexport OTHER='1'\npslc_user="),
        "{outcome:?}"
    );
    assert_eq!(mode(changed.path(DOTENV)), 0o600);
    assert!(!list(&changed.json("bookings")["bookings"]).is_empty());
}

#[test]
fn setup_replaces_broken_lines_and_keeps_others() {
    let club = club().start();
    let others = b"# caf\xe9\nKEY=\"-----BEGIN KEY-----\npslc_user=inside\n-----END KEY-----\"\n\
                   what is this\n";
    let old = b"pslc_user=a\nPSLC_USER=b\npslc_password hunter2\nexport pslc_password='old'\n\
                pslc_club: x\n";
    let member = Member::new().file(DOTENV, "");
    let path = member.path(DOTENV);
    std::fs::write(&path, [&others[..], old].concat()).expect("a file");
    typed(&member, &club, &["", "n", EMAIL, PASSWORD, "y"]).assert_success();
    let new = std::fs::read(&path).expect("the file");
    let ours = format!(
        "pslc_user=\"{EMAIL}\"\npslc_password=\"{PASSWORD}\"\npslc_club=\"{}/\"\n",
        club.url()
    );
    assert_eq!(
        String::from_utf8_lossy(&new),
        String::from_utf8_lossy(&[&others[..], ours.as_bytes()].concat())
    );
    assert!(!list(&member.json("bookings")["bookings"]).is_empty());
}

#[test]
fn setup_asks_nothing_where_it_could_not_write() {
    let club = club().start();
    club.never_called();
    for text in [&b"\xff\xfep\0s\0"[..], &[b'#'; 70_000]] {
        let member = Member::new().file(DOTENV, "");
        let path = member.path(DOTENV);
        std::fs::write(&path, text).expect("a file");
        let outcome = typed(&member, &club, &[]);
        assert_eq!(outcome.code, 8, "{outcome:?}");
        outcome.assert_stdout_has(".env could not be");
        assert_eq!(std::fs::read(&path).expect("the file"), text);
    }
}

#[test]
fn setup_replaces_the_club_of_the_dotenv() {
    let (old, new) = (club().start(), club().start());
    let text = format!(
        "pslc_user=old@example.org\npslc_password=old\npslc_club={}\npslc_sites=NONE\n",
        old.url()
    );
    let member = Member::new().file(DOTENV, &text);
    old.never_called();
    let outcome = typed(&member, &new, &["", EMAIL, PASSWORD, "y"]);
    outcome.assert_stdout_has("Change e-mail, password and club in it, and keep the rest?");
    let club = member.json("bookings")["club"].clone();
    assert!(
        club.as_str().is_some_and(|club| new.url().ends_with(club)),
        "{club}: {outcome:?}"
    );
    let dotenv = member.read(DOTENV);
    assert!(!dotenv.contains("pslc_sites"), "they are the old club's");
}

#[test]
fn setup_keeps_nothing_that_was_rejected() {
    let club = club().start();
    let member = Member::new();
    let outcome = typed(&member, &club, &["", "n", EMAIL, "wrong"]);
    assert_eq!(outcome.code, 4, "{outcome:?}");
    assert!(!member.path(".config/pslc-padel").join(".env").exists());
}

#[test]
fn without_a_terminal_setup_says_what_to_write() {
    let outcome = Member::new().run("setup");
    outcome.assert_error("usage", 2);
    for part in [
        "pslc_user=",
        "pslc_password=",
        DOTENV,
        "0600",
        "config.toml",
    ] {
        outcome.assert_stderr_has(part);
    }
}
