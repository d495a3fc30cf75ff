//! Completion in real shells: the club's own names are offered, and stay text whatever they hold.

use std::process::Command;

use gladstone_sim::Club;
use serde_json::json;

use crate::{
    harness::{Member, binary, club, succeeds},
    skips::skip,
    terminal::Terminal,
};

/// What somebody could call an activity. Each begins with another character than the others.
const HOSTILE: [&str; 8] = [
    "$(touch owned) padel",
    "`touch owned` padel",
    "Saint John's \"padel\" & more; touch owned #*?",
    "a:b=c@d padel",
    "~root padel",
    "Zoë's padel! Café",
    "#padel \\ %h {x,y} <owned >owned",
    "|padel;touch owned",
];

/// A club with hostile names, and a member who keeps its catalogue. `padel` on the path answers
/// shells as the real one does, and else shows each argument.
fn hostile() -> (Club, Member) {
    let entries = HOSTILE.iter().enumerate().map(|(index, name)| {
        json!({"id": format!("A{index}"), "name": format!("{name}\n"), "description": ""})
    });
    let names = json!(entries.collect::<Vec<_>>()).to_string();
    let club = club().activities_json(names).start();
    let told = "#!/bin/sh\ncase $1 in\ncompletions) exec \"$PADEL_BIN\" \"$@\" ;;\nesac\n\
                printf 'args:'; printf '<%s>' \"$@\"; printf ':end\\n'\n";
    let member = Member::of(&club)
        .file("bin/padel", told)
        .env("PADEL_BIN", binary().to_str().expect("a plain path"))
        .env("LC_ALL", "C.UTF-8");
    member.run("activities --all").assert_quiet_success();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(member.path("bin/padel"), mode).expect("a mode");
    (club, member)
}

/// Starts a shell without anybody's settings and reads the script. Types the start of each name in
/// each way of quoting, then Tab and Enter, and reads what the command got.
fn complete(shell: &str, start: &str, source: &str) {
    if !succeeds(Command::new("sh").args(["-c", &format!("command -v {shell} >/dev/null")])) {
        return skip(&format!("{shell} is not here"));
    }
    let (_club, member) = hostile();
    let script = member
        .run(["completions", shell])
        .assert_quiet_success()
        .stdout
        .clone();
    let member = member.file("script", &script);
    let home = member.home.path().display();
    let mut terminal = Terminal::run(&member, &format!("PATH={home}/bin:$PATH {start}"));
    terminal.keys(&format!("{source}; echo rea''dy\n"));
    terminal.wait_for("ready");
    let mut typed = 0;
    for (index, name) in HOSTILE.iter().enumerate() {
        let first = name.chars().next().expect("a character");
        for quote in ["\\", "'", "\""] {
            let before = match (quote, first) {
                // Bash has no way to write an exclamation mark between these.
                ("\"", _) if name.contains('!') => continue,
                // Fish reads a backquote as it is.
                ("\"", '`') if shell == "fish" => quote,
                ("\"", '$' | '`') => "\"\\",
                ("\\", first) if first.is_alphanumeric() => "",
                (quote, _) => quote,
            };
            // So that each line shows something new.
            let number = 100 * (index + 1) + typed;
            terminal.keys(&format!(
                "padel availability --limit {number} --activity {before}{first}\t"
            ));
            terminal.wait_for_quiet();
            terminal.keys("\n");
            terminal.wait_for(&format!(
                "args:<availability><--limit><{number}><--activity><{name}>:end"
            ));
            typed += 1;
        }
    }
    assert_eq!(typed, 23);
    terminal.keys("padel availability --site Riverside\\ L\t");
    terminal.wait_for_quiet();
    terminal.keys("\n");
    terminal.wait_for("args:<availability><--site><Riverside Leisure Centre>:end");
    assert!(!member.path("owned").exists(), "a name was carried out");
    terminal.keys("exit\n");
}

#[test]
fn bash_offers_the_clubs_names_as_text() {
    complete("bash", "bash --norc --noprofile -i", "source ./script");
}

#[test]
fn zsh_offers_the_clubs_names_as_text() {
    let source = "autoload -U compinit; compinit -u -D; source ./script";
    complete("zsh", "zsh -f -i", source);
}

#[test]
fn fish_offers_the_clubs_names_as_text() {
    complete("fish", "fish --no-config -i", "source ./script");
}

#[test]
fn names_are_offered_offline_and_without_a_word_about_errors() {
    let (club, member) = hostile();
    let offered = member.run("completions activity");
    let mut expected = HOSTILE.map(|name| format!("{name}\n"));
    expected.sort();
    assert_eq!(offered.assert_quiet_success().stdout, expected.concat());
    let calls = club.calls().len();
    member.run("completions site").assert_quiet_success();
    // However old they are.
    let later = member.env("PADEL_NOW", "2027-11-23T09:00:00Z");
    assert_eq!(later.run("completions activity").stdout, offered.stdout);
    assert_eq!(club.calls().len(), calls, "nothing is asked");
    for nobody in [
        Member::of(&club),
        Member::new(),
        Member::new().env("PSLC_CLUB", "https://user@host/"),
        later.env("PSLC_CLUB", "another-club"),
    ] {
        let outcome = nobody.run("completions activity");
        assert_eq!(outcome.assert_quiet_success().stdout, "");
    }
}
