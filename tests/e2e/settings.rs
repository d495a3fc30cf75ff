//! Settings: their sources, the order in which these count, and the words about a wrong one.

use crate::harness::{CONFIG, DOTENV, Member, Outcome, club, list};

/// The doctor's finding on a setting.
fn doctor(member: &Member, check: &str) -> String {
    member.run("doctor --json --timeout 1").check(check).1
}

#[test]
fn settings_win_in_the_documented_order() {
    let [first, second, third, fourth, fifth] =
        [1, 2, 3, 4, 5].map(|port| format!("http://127.0.0.1:{port}"));
    let member = Member::new()
        .file("skill.toml", &format!("club = \"{fifth}\"\n"))
        .file(CONFIG, &format!("club = \"{fourth}\"\n"))
        .file(DOTENV, &format!("PSLC_CLUB={third}\n"));
    let skill = member.path("skill.toml").display().to_string();
    let member = member
        .env("PADEL_SKILL_CONFIG", &skill)
        .env("pslc_club", &second);
    member
        .run(["doctor", "--club", &first])
        .assert_stdout_has("http://127.0.0.1:1/ (from --club)");
    assert_eq!(
        doctor(&member, "club"),
        "http://127.0.0.1:2/ (from environment)"
    );
    let member = member.without("pslc_club");
    assert_eq!(
        doctor(&member, "club"),
        format!(
            "http://127.0.0.1:3/ (from {})",
            member.path(DOTENV).display()
        )
    );
    std::fs::remove_file(member.path(DOTENV)).expect("removed");
    assert_eq!(
        doctor(&member, "club"),
        format!(
            "http://127.0.0.1:4/ (from {})",
            member.path(CONFIG).display()
        )
    );
    std::fs::remove_file(member.path(CONFIG)).expect("removed");
    assert_eq!(
        doctor(&member, "club"),
        format!("http://127.0.0.1:5/ (from {skill})")
    );
}

#[test]
fn each_setting_is_merged_for_itself() {
    let club = club().start();
    let member = Member::new()
        .file(
            CONFIG,
            "activities = [\"PADEL60\"]\ntimezone = \"Europe/Dublin\"\n",
        )
        .file(
            "skill.toml",
            &format!(
                "club = \"{}\"\nsites = [\"UB\"]\nactivities = [\"PADEL30\"]\n",
                club.url()
            ),
        );
    let skill = member.path("skill.toml").display().to_string();
    let document = member
        .env("PADEL_SKILL_CONFIG", &skill)
        .json("availability");
    assert_eq!(document["timezone"], "Europe/Dublin");
    let slots = list(&document["slots"]);
    assert!(!slots.is_empty() && slots.iter().all(|slot| slot["activity_id"] == "PADEL60"));
}

#[test]
fn a_file_mounted_below_the_uploads_is_found() {
    let member = Member::new();
    let home = member.home.path().display().to_string();
    for file in [".env", "config.toml"] {
        let mounted = format!("uploads{home}/.config/pslc-padel/{file}");
        let text = if file == ".env" {
            "pslc_club=mounted-env"
        } else {
            "club = \"mounted-toml\""
        };
        let member = Member::new().env("HOME", &home).file(&mounted, text);
        let uploads = member.path("uploads").display().to_string();
        let member = member.env("PADEL_SESSION_UPLOADS", &uploads);
        let found = doctor(&member, "club");
        assert!(found.contains("mounted-"), "{file}: {found}");
    }
}

#[test]
fn files_can_be_named() {
    let member = Member::new()
        .file(CONFIG, "club = \"own\"")
        .file(DOTENV, "pslc_sport=own")
        .file("other.toml", "club = \"other\"")
        .file("other.env", "pslc_sport = other");
    let args = "doctor --timeout 1 --config other.toml --env-file other.env";
    let stdout = member.run(args).stdout;
    assert!(
        stdout.contains("https://other.gladstonego.cloud/ (from other.toml)"),
        "{stdout}"
    );
    assert!(stdout.contains("other (from other.env)"), "{stdout}");
    let member = member.env("PSLC_ENV_FILE", "other.env");
    assert_eq!(doctor(&member, "sport"), "other (from other.env)");
}

#[test]
fn a_dotenv_that_is_named_counts_besides_the_one_with_the_pair() {
    let pair = "pslc_user=a@example.org\npslc_password=secret\n";
    let own = format!("{pair}pslc_sport=own\npslc_club=own");
    let member = Member::new()
        .file(DOTENV, &own)
        .file("other.env", "pslc_sport=other");
    member
        .run("doctor --timeout 1 --env-file other.env")
        .assert_stdout_has("other (from other.env)")
        .assert_stdout_has("https://own.gladstonego.cloud/ (from ")
        .assert_stdout_has(DOTENV);
    // With a pair in it, no setting of another file counts.
    let member = member.file("other.env", &format!("{pair}pslc_club=other"));
    member
        .run("doctor --timeout 1 --env-file other.env")
        .assert_stdout_has("https://other.gladstonego.cloud/ (from other.env)")
        .assert_stdout_has("padel (default)");
}

fn with(file: &str, text: &str) -> Outcome {
    Member::new().file(file, text).run("availability")
}

#[test]
fn a_wrong_config_toml_names_file_and_key_and_what_is_accepted() {
    for (text, named) in [
        ("clbu = \"x\"", &["clbu", "did you mean `club`"][..]),
        (
            "activites = []",
            &["activites", "did you mean `activities`"],
        ),
        ("club = 5", &["`club`", "a string"]),
        ("sites = \"UB\"", &["`sites`", "a list of strings"]),
        ("sites = [14]", &["`sites`", "[\"14\"]"]),
        ("sport = [\"padel\"]", &["`sport`", "a string"]),
        ("club = \"x\"\nsites = [\n", &["line"]),
        ("club = \"a b\"", &["`a b`", "letters"]),
        (
            "club = \"http://example.org\"",
            &["http://example.org", "https"],
        ),
        (
            "club = \"x\"\ntimezone = \"Europe/Lodnon\"",
            &["Europe/Lodnon", "did you mean Europe/London?"],
        ),
        (
            "club = \"x\"\ntimezone = \"london\"",
            &["`london`", "did you mean Europe/London?"],
        ),
        (
            "club = \"x\"\ntimezone = \"Europe/Entenhausen\"",
            &["timezone `Europe/Entenhausen`", "Europe/London"],
        ),
        ("club = \"x\"\nactivities = [\"a?b\"]", &["a?b"]),
    ] {
        let outcome = with(CONFIG, text).case(text);
        outcome.assert_error("config_invalid", 8);
        for name in named.iter().chain(&["config.toml"]) {
            assert!(
                outcome.stderr.contains(name),
                "{text} should name {name}: {}",
                outcome.stderr
            );
        }
    }
}

#[test]
fn a_wrong_dotenv_names_its_line_and_never_its_text() {
    with(DOTENV, "pslc_sport=x\n\npslc_club hunter2\n")
        .assert_error("config_invalid", 8)
        .assert_stderr_has(".env: line 3")
        .assert_stderr_lacks("hunter2");
}

#[test]
fn named_files_that_cannot_be_read_are_errors() {
    for (flag, code) in [
        ("--config", "config_invalid"),
        ("--env-file", "credentials_unreadable"),
    ] {
        for (name, reason) in [("nowhere", "absent"), (".", "a directory")] {
            let outcome = Member::new().run(["availability", flag, name]);
            assert_eq!((outcome.error(), outcome.code), (code, 8), "{outcome:?}");
            outcome.assert_stderr_has(reason);
        }
    }
    // A variable names this one, not an option.
    Member::new()
        .env("PADEL_SKILL_CONFIG", "nowhere")
        .run("availability")
        .assert_error("config_invalid", 8)
        .assert_stderr_has("unset PADEL_SKILL_CONFIG");
}

#[test]
fn no_club_says_how_to_set_one() {
    Member::new()
        .run("availability")
        .assert_error("club_missing", 8)
        .assert_stderr_has("--club")
        .assert_stderr_has("config.toml");
}

#[test]
fn a_clock_that_is_none_is_told() {
    Member::new()
        .env("PADEL_NOW", "noon")
        .run("availability --club x")
        .assert_error("config_invalid", 8);
}

#[test]
fn the_lines_that_activities_prints_make_a_call_one_request() {
    let club = club().start();
    let member = Member::of(&club);
    let stdout = member.run("activities").stdout;
    let (_, lines) = stdout.split_once("For config.toml\n").expect("the lines");
    let member = Member::new().file(CONFIG, lines);
    let slots = list(&member.json("availability")["slots"]).len();
    assert!(slots > 0);
    let before = club.calls().len();
    assert_eq!(list(&member.json("availability")["slots"]).len(), slots);
    assert_eq!(club.calls().len() - before, 1);
}

#[test]
fn the_first_of_two_config_files_counts_and_both_are_told() {
    let (first, second) = (club().start(), club().start());
    second.never_called();
    let member = Member::new();
    let xdg = member.path("xdg").display().to_string();
    let member = member
        .env("XDG_CONFIG_HOME", &xdg)
        .file(
            "xdg/pslc-padel/config.toml",
            &format!("club = \"{}\"\n", first.url()),
        )
        .file(CONFIG, &format!("club = \"{}\"\n", second.url()))
        .file(".config/pslc-padel/.env/x", "");
    member.json("availability");
    let doctor = member.run("doctor --json").json();
    for (path, outcome) in [
        ("xdg/pslc-padel/config.toml", "used"),
        (CONFIG, "not used (another came first)"),
        (DOTENV, "a directory"),
    ] {
        let path = member.path(path).display().to_string();
        let mut files = list(&doctor["files"]).iter();
        let file = files.find(|file| file["path"] == path).expect("the file");
        assert_eq!(file["outcome"], outcome, "{path}");
    }
}
