//! Nothing secret anywhere but in the `.env` and in the request: no password, no token, no local
//! part of the e-mail.

use std::path::Path;

use gladstone_sim::{Club, Fault};

use crate::harness::{Member, Outcome, club, text};

const USER: &str = "zaphod.secretname@example.org";
const LOCAL: &str = "zaphod.secretname";
const WORD: &str = "Tr1cky-pässw0rd$#\"\\";

/// Every token that the club has handed out or was shown, and everything else that must not be
/// seen.
fn secrets(club: &Club) -> Vec<String> {
    let mut secrets = vec![
        LOCAL.to_owned(),
        WORD.to_owned(),
        "Tr1cky".to_owned(),
        "pr0xy-word".to_owned(),
    ];
    for call in club.calls() {
        for name in ["cookie", "authorization"] {
            let Some(value) = call.header(name) else {
                continue;
            };
            for token in value
                .split([';', ' '])
                .filter_map(|part| part.split('=').next_back())
                .filter(|token| token.len() > 20)
            {
                secrets.push(token.to_owned());
                secrets.extend(
                    token
                        .rsplit('.')
                        .next()
                        .map(str::to_owned)
                        .filter(|part| part.len() > 10),
                );
            }
        }
    }
    secrets
}

fn search(text: &str, secrets: &[String], place: &str) {
    for secret in secrets {
        assert!(
            !text.contains(secret.as_str()),
            "{place} holds a secret of {} characters",
            secret.chars().count()
        );
    }
}

/// Every file below a directory, but for the `.env`.
fn search_files(dir: &Path, secrets: &[String], anonymous: &[String]) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            search_files(&path, secrets, anonymous);
        } else if path.file_name().is_some_and(|name| name != ".env") {
            let text = String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned();
            // The anonymous token is kept as it is: it lets anybody look at courts, and nothing
            // else.
            let session = path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("session-"));
            let secrets: Vec<String> = secrets
                .iter()
                .filter(|secret| !(session && anonymous.contains(secret)))
                .cloned()
                .collect();
            search(&text, &secrets, &path.display().to_string());
        }
    }
}

const COMMANDS: [&str; 9] = [
    "availability",
    "availability --all --days 3 --format markdown",
    "login",
    "bookings",
    "bookings --history --format ics",
    "activities",
    "doctor",
    "logout",
    "availability --club http://zaphod:Tr1cky@127.0.0.1:9",
];

#[test]
fn no_command_under_no_fault_leaks() {
    let faults = [
        None,
        Some(Fault::Every403),
        Some(Fault::Cloudflare403),
        Some(Fault::Cloudflare200),
        Some(Fault::After401(1)),
        Some(Fault::Seconds429(600)),
        Some(Fault::Error500),
        Some(Fault::Reset),
        Some(Fault::Truncated),
        Some(Fault::GarbageGzip),
        Some(Fault::NotArray),
        Some(Fault::WrongTypes),
        Some(Fault::EmptyBody),
    ];
    std::thread::scope(|scope| {
        for fault in faults {
            scope.spawn(move || look_for_leaks(fault));
        }
    });
}

fn look_for_leaks(fault: Option<Fault>) {
    let club = club().member(USER, WORD).start();
    let member = Member::of(&club)
        .credentials(USER, WORD)
        .env("RUST_BACKTRACE", "full");
    let member = member.env("NO_PROXY", "127.0.0.1").env(
        "HTTPS_PROXY",
        "http://zaphod.secretname:pr0xy-word@127.0.0.1:9",
    );
    // Signed in before the trouble begins, so that there are tokens to leak.
    let signed_in = member.run("login -vvv");
    signed_in.assert_success();
    club.set_fault(fault);
    let mut outcomes: Vec<Outcome> = vec![signed_in];
    for command in COMMANDS {
        for extra in ["-vvv", "--json -vv"] {
            if command.contains("--format") && extra.contains("--json") {
                continue;
            }
            outcomes.push(member.run([command, extra, "--timeout 3"].join(" ")));
        }
    }
    let secrets = secrets(&club);
    assert!(secrets.len() > 5, "there are tokens to look for");
    for outcome in &outcomes {
        search(&outcome.stdout, &secrets, "stdout");
        search(&outcome.stderr, &secrets, "stderr");
    }
    let anonymous: Vec<String> = secrets
        .iter()
        .filter(|secret| secret.len() > 10 && *secret != LOCAL)
        .cloned()
        .collect();
    search_files(member.home.path(), &secrets, &anonymous);
}

#[test]
fn a_refused_sign_in_leaks_nothing_either() {
    let club = club().start();
    let member = Member::of(&club).credentials(USER, WORD);
    for _ in 0..7 {
        for args in ["login -vvv", "bookings --json", "doctor -vvv"] {
            let outcome = member.run(args);
            search(
                &format!("{}{}", outcome.stdout, outcome.stderr),
                &secrets(&club),
                "an output",
            );
        }
    }
    search_files(
        member.home.path(),
        &[LOCAL.to_owned(), "Tr1cky".to_owned()],
        &[],
    );
}

#[test]
fn nothing_secret_is_in_the_arguments_or_in_an_address() {
    let club = club().member(USER, WORD).start();
    let member = Member::of(&club).credentials(USER, WORD);
    member.run("bookings").assert_success();
    for call in club.calls() {
        search(
            &format!("{}?{}", call.path, call.query),
            &[LOCAL.to_owned(), "Tr1cky".to_owned()],
            "an address",
        );
        let others: Vec<String> = call
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        search(
            &others.join("\n"),
            &[LOCAL.to_owned(), "Tr1cky".to_owned()],
            "a header",
        );
    }
}

#[test]
fn the_portal_gets_gets_and_the_sign_in_only() {
    let club = club().start();
    let member = crate::harness::member(&club);
    for command in COMMANDS.iter().filter(|it| !it.contains("--club")) {
        member.run(command);
    }
    let posts: Vec<String> = club
        .calls()
        .into_iter()
        .filter(|call| call.method != "GET")
        .map(|call| format!("{} {}", call.method, call.path))
        .collect();
    assert!(
        !posts.is_empty()
            && posts
                .iter()
                .all(|post| post == "POST /api/samlauthentication/login"),
        "{posts:?}"
    );
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the test runs itself, and tells the child so"
)]
fn a_panic_tells_its_place_and_nothing_else() {
    const IS_CHILD: &str = "PADEL_TEST_PANICS";
    if std::env::var_os(IS_CHILD).is_some() {
        padel::ending::hide_panic_messages();
        padel::ending::set_json_errors(true);
        panic!("{WORD} of {USER}");
    }
    let mut child = std::process::Command::new(std::env::current_exe().expect("this test"));
    child.args([
        "--exact",
        "leaks::a_panic_tells_its_place_and_nothing_else",
        "--nocapture",
    ]);
    let outcome = Outcome::from(
        child
            .env(IS_CHILD, "1")
            .env("RUST_BACKTRACE", "full")
            .output()
            .expect("it starts"),
    );
    assert_eq!(outcome.code, 1, "{outcome:?}");
    let error = outcome.error_json();
    assert_eq!(error["code"], "internal");
    let message = text(&error["message"]);
    assert!(
        message.starts_with("padel has a bug at tests/e2e/leaks.rs:"),
        "{message}"
    );
    search(
        &format!("{}{}", outcome.stdout, outcome.stderr),
        &[WORD.to_owned(), LOCAL.to_owned()],
        "a panic",
    );
}
