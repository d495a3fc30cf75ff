//! Values that `agent.toml` may hold, and the words about those that it may not.

use super::*;

const WHOLE: &str = r#"
name = "padel"
club = "brunelsport"
[environment]
extra_hosts = ["pay.example.com", "*.example.org"]
[credentials]
kind = "file"
env_file = "~/.config/pslc-padel/.env"
[agent]
model = "claude-sonnet-5-5"
effort = "low"
system = "system.md"
max_cost = "0.50"
[slack]
reply = "bridge"
channels = ["C0123456789"]
owners = ["U0123456789"]
[schedule]
cron = "0  7 * * 1-5"
timezone = "Europe/London"
say = "Anything free?"
"#;

fn parse(text: &str) -> Result<Declaration, Error> {
    let place = tempfile::tempdir().unwrap();
    fs::write(
        place.path().join("system.md"),
        "At {club}, in {channel}: {…}",
    )
    .unwrap();
    Declaration::parse(
        text,
        &place.path().join("agent.toml"),
        Some(Path::new("/home/me")),
        |path| fs::read_to_string(path),
    )
}

#[test]
fn a_whole_declaration_is_read() {
    let read = parse(WHOLE).unwrap();
    assert_eq!(read.name, "padel");
    assert_eq!(
        read.allowed_hosts(),
        [
            "brunelsport.gladstonego.cloud",
            "pay.example.com",
            "*.example.org"
        ]
    );
    let credentials = read.credentials.unwrap();
    assert_eq!(credentials.kind, CredentialKind::File);
    assert_eq!(
        credentials.env_file,
        Path::new("/home/me/.config/pslc-padel/.env")
    );
    assert_eq!(read.system, "At brunelsport, in C0123456789: {…}");
    assert_eq!((read.max_cost, read.reply), (50, Reply::Bridge));
    assert_eq!(read.schedule.unwrap().cron, "0 7 * * 1-5");
}

#[test]
fn the_declaration_that_is_shipped_is_right() {
    let path = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../deploy/agent.toml"
    ));
    let read = Declaration::read(path, None).unwrap();
    assert!(
        read.system.contains("--club brunelsport"),
        "{}",
        read.system
    );
    // The parts that are commented out are right, too.
    let text = fs::read_to_string(path).unwrap();
    let text = text.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if rest.starts_with('[') || rest.contains(" = ") => rest,
        _ => line,
    });
    let text: Vec<&str> = text.collect();
    let home = Some(Path::new("/home/me"));
    let system = |path: &Path| fs::read_to_string(path);
    let read = Declaration::parse(&text.join("\n"), path, home, system).unwrap();
    assert!(read.credentials.is_some() && read.schedule.is_some());
    assert_eq!(read.extra_hosts, ["booking.example.com"]);
}

#[test]
fn courts_without_slack_need_four_keys() {
    let text = "name = \"padel\"\nclub = \"brunelsport\"\n[agent]\nmodel = \"m\"\nsystem = \
                \"system.md\"\nmax_cost = \"1\"\n";
    let read = parse(text).unwrap();
    assert!(read.credentials.is_none() && read.schedule.is_none() && read.owners.is_empty());
    assert_eq!(read.system, "At brunelsport, in no channel: {…}");
}

#[test]
fn a_wrong_value_is_told_with_its_line_and_the_next_step() {
    for (from, to, line, message, hint) in [
        (
            "name = \"padel\"",
            "name = \"Padel!\"",
            2,
            "`name` is `Padel!`",
            "a-z",
        ),
        (
            "name = \"padel\"",
            "",
            1,
            "`name` is missing",
            "name = \"padel\"",
        ),
        (
            "name = \"padel\"",
            "name = 3",
            2,
            "`name` has a value of a wrong type",
            "a string",
        ),
        ("name = \"padel\"", "name =", 2, "", "correct that line"),
        (
            "brunelsport",
            "http://club.example",
            3,
            "not a club",
            "only https",
        ),
        (
            "pay.example",
            "https://pay.example",
            5,
            "not a host",
            "bare host",
        ),
        (
            "pay.example.com",
            "pay.example.com:443",
            5,
            "not a host",
            "port",
        ),
        ("*.example.org", "*.org", 5, "not a host", "*.example.com"),
        (
            "kind = \"file\"",
            "kind = \"flie\"",
            7,
            "kind of credentials",
            "`file`",
        ),
        (
            "kind = \"file\"",
            "knd = \"file\"",
            6,
            "`credentials.kind` is missing",
            "kind",
        ),
        (
            "env_file",
            "env_fil = \"\"\nenv_file",
            8,
            "unknown key `env_fil`",
            "`env_file`",
        ),
        (
            "claude-sonnet-5-5",
            "claude sonnet",
            10,
            "not a model's id",
            "claude-sonnet-5-5",
        ),
        (
            "\"low\"",
            "\"hihg\"",
            11,
            "not an effort",
            "did you mean `high`",
        ),
        (
            "system.md",
            "other.md",
            12,
            "cannot be read",
            "instructions",
        ),
        ("0.50", "0", 13, "not an amount", "1.00"),
        ("\"0.50\"", "0.50", 13, "wrong type", "a string"),
        (
            "\"bridge\"",
            "\"brigde\"",
            15,
            "not a way to reply",
            "`bridge`",
        ),
        ("C0123456789", "#padel", 16, "not a channel's id", "bottom"),
        (
            "[\"C0123456789\"]",
            "\"C0123456789\"",
            16,
            "wrong type",
            "a list",
        ),
        (
            "U0123456789",
            "alice",
            17,
            "not a person's id",
            "Copy member ID",
        ),
        (
            "0  7 * * 1-5",
            "0 7 * *",
            19,
            "not a cron expression",
            "five fields",
        ),
        (
            "0  7 * * 1-5",
            "0 24 * * *",
            19,
            "its hour is `24`",
            "0 to 23",
        ),
        (
            "0  7 * * 1-5",
            "0 7 * * mon",
            19,
            "its weekday is `mon`",
            "0 to 6",
        ),
        ("0  7 * * 1-5", "5/10 7 * * *", 19, "its minute", "0 to 59"),
        (
            "Europe/London",
            "Europe/Londn",
            20,
            "time zone",
            "Europe/London",
        ),
        ("Anything free?", " ", 21, "something to say", "1 to"),
        (
            "[slack]",
            "[slakc]\n[slack]",
            14,
            "unknown key `slakc`",
            "did you mean `slack`",
        ),
    ] {
        assert!(WHOLE.contains(from), "{from}");
        let error = parse(&WHOLE.replace(from, to)).unwrap_err();
        let told = format!("{}\n{}", error.message, error.hint);
        assert!(
            error
                .message
                .contains(&format!("agent.toml, line {line}: ")),
            "{told}"
        );
        assert!(
            error.message.contains(message) && error.hint.contains(hint),
            "{told}"
        );
        assert_eq!(error.code, Code::Usage);
    }
}

#[test]
fn lists_ranges_and_steps_are_cron() {
    for cron in [
        "*/5 * * * *",
        "0,30 6-22 1 1,7 0",
        "0-59/15 * * * 6",
        "59 23 31 12 *",
    ] {
        parse(&WHOLE.replace("0  7 * * 1-5", cron)).unwrap();
    }
    for cron in [
        "*/0 * * * *",
        "5-1 * * * *",
        "60 * * * *",
        ", * * * *",
        "+1 * * * *",
    ] {
        parse(&WHOLE.replace("0  7 * * 1-5", cron)).unwrap_err();
    }
}

#[test]
fn without_home_a_tilde_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let error = Declaration::parse(WHOLE, &place.path().join("a.toml"), None, |_| {
        Ok("Find courts.".to_owned())
    })
    .unwrap_err();
    assert!(error.message.contains("HOME"), "{}", error.message);
}

#[test]
fn what_padel_slack_watches_is_checked_and_is_nothing_of_the_platforms() {
    let watch = "[[watch]]\nweekday = [\"sat\"]\n";
    assert_eq!(parse(&format!("{WHOLE}{watch}")).unwrap().name, "padel");
    let wrong = parse(&format!("{WHOLE}[[watch]]\nweekday = [\"so\"]\n")).unwrap_err();
    assert!(wrong.message.contains("`weekday`"), "{}", wrong.message);
    let guide = include_str!("../../../../../deploy/slack/README.md");
    let (_, shown) = guide.split_once("```toml\n").unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    assert!(shown.starts_with("[[watch]]"), "{shown}");
    parse(&format!("{WHOLE}{shown}")).unwrap();
    let notify = "[notify.club]\nexec = [\"rm\"]\n";
    assert!(parse(&format!("{WHOLE}{watch}{notify}")).is_err());
}
