//! The program `padel-slack` itself, in a scrubbed environment, on a simulated workspace and
//! platform.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};

use claude_platform_sim::Fault as PlatformFault;
use padel_slack::failure::Failure;
use serde_json::Value;
use slack_sim::{
    DEFAULT_APP_TOKEN, DEFAULT_BOT_TOKEN, DEFAULT_SIGNING_SECRET, Fault, Mishap, Order,
    SocketOrder, Word,
};

use crate::stage::{AGENT, CHANNEL, ENVIRONMENT, KEY, OWNER, Stage};

const WITHIN: Duration = Duration::from_secs(20);

/// A running bridge; dropping it kills it.
pub(crate) struct Bridge {
    pub(crate) child: Child,
    /// The address that it listens at.
    address: String,
    lines: Arc<Mutex<String>>,
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(stage: &Stage, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_padel-slack"));
    command
        .args(args)
        .env_clear()
        .current_dir(stage.home.place.path())
        .env("SLACK_API_URL", stage.workspace.api_url())
        .env("SLACK_BOT_TOKEN", DEFAULT_BOT_TOKEN)
        .env("SLACK_APP_TOKEN", DEFAULT_APP_TOKEN)
        .env("SLACK_SIGNING_SECRET", DEFAULT_SIGNING_SECRET)
        .env("PADEL_SLACK_CHANNELS", CHANNEL)
        .env("PADEL_SLACK_OWNERS", OWNER)
        .env("PADEL_AGENT_ID", AGENT)
        .env("PADEL_ENVIRONMENT_ID", ENVIRONMENT)
        .env("ANTHROPIC_API_KEY", KEY)
        .env("ANTHROPIC_BASE_URL", stage.platform.url());
    command
}

/// Starts a bridge, and waits until it listens or is connected.
pub(crate) fn start(stage: &Stage, args: &[&str]) -> Bridge {
    let args = [&["serve", "--db", "bridge.db"], args].concat();
    watch(&mut command(stage, &args))
}

/// Starts what serves, and waits until it listens or is connected.
fn watch(command: &mut Command) -> Bridge {
    let mut child = command
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let lines = Arc::new(Mutex::new(String::new()));
    let (ready, is_ready) = mpsc::channel();
    let (stderr, kept) = (child.stderr.take().unwrap(), Arc::clone(&lines));
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some("listening" | "connected") = entry["event"].as_str() {
                let _ = ready.send(entry["address"].as_str().unwrap_or_default().to_owned());
            }
            kept.lock().unwrap().push_str(&format!("{line}\n"));
        }
    });
    let address = is_ready.recv_timeout(WITHIN);
    let address = address.unwrap_or_else(|_| panic!("{}", lines.lock().unwrap()));
    Bridge {
        child,
        address,
        lines,
    }
}

pub(crate) async fn listen(stage: &Stage) -> Bridge {
    let bridge = start(stage, &["--listen", "127.0.0.1:0"]);
    let url = format!("{}/slack/events", bridge.address);
    stage.workspace.set_request_url(&url).await.unwrap();
    bridge
}

impl Bridge {
    pub(crate) fn lines(&self) -> String {
        self.lines.lock().unwrap().clone()
    }

    /// Waits until its lines hold a text so many times.
    async fn wait_for(&self, wanted: &str, count: usize) {
        let started = Instant::now();
        while self.lines().matches(wanted).count() < count {
            assert!(started.elapsed() < WITHIN, "{}", self.lines());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the end, and returns the exit code.
    fn wait(mut self) -> Option<i32> {
        let started = Instant::now();
        while started.elapsed() < WITHIN {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end: {}", self.lines());
    }
}

async fn expect_answers(stage: &Stage, bridge: &Bridge, ts: &str, count: usize) {
    let answers = stage
        .workspace
        .wait_for_answers(CHANNEL, ts, count, WITHIN)
        .await;
    assert_eq!(answers.len(), count, "{}", bridge.lines());
}

fn run(mut command: Command) -> Output {
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_typed_in_slack_is_answered_in_its_thread() {
    let stage = Stage::new();
    let bridge = listen(&stage).await;
    let started = Instant::now();
    let ts = stage
        .workspace
        .type_message("boris", "padel", "Is a court free?");
    expect_answers(&stage, &bridge, &ts, 1).await;
    let reply = stage
        .workspace
        .type_reply("boris", "padel", &ts, "And tomorrow?");
    expect_answers(&stage, &bridge, &ts, 2).await;
    assert_eq!(stage.reactions(&reply), ["eyes"]);
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "{}",
        bridge.lines()
    );
    stage.workspace.settle().await;
    for attempt in stage.workspace.attempts() {
        assert!(format!("{attempt:?}").contains("200"), "{attempt:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_that_is_killed_goes_on_where_it_was() {
    let stage = Stage::new();
    let mut bridge = listen(&stage).await;
    let mut asked = Vec::new();
    for number in 0..12 {
        // At different points of a question's way.
        if number % 3 == 2 {
            tokio::time::sleep(Duration::from_millis(number * 7)).await;
            drop(bridge);
            bridge = listen(&stage).await;
        }
        asked.push(
            stage
                .workspace
                .type_message("boris", "padel", &number.to_string()),
        );
    }
    // Leases of killed runs end after half a minute.
    for ts in &asked {
        let within = Duration::from_secs(90);
        let answers = stage
            .workspace
            .wait_for_answers(CHANNEL, ts, 1, within)
            .await;
        assert_eq!(answers.len(), 1, "{ts}: {}", bridge.lines());
    }
    assert_eq!(
        stage.workspace.messages(CHANNEL).len(),
        24,
        "none is answered twice"
    );
    assert_eq!(stage.said().concat().len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn doubled_late_and_lost_deliveries_are_answered_once() {
    let stage = Stage::new();
    let bridge = listen(&stage).await;
    for mishap in [
        "doubled=3@/message",
        "repeated=2@/message",
        "answer-lost@/message",
        "failed=ssl_error",
    ] {
        stage
            .workspace
            .push_mishap(mishap.parse::<Order<Mishap>>().unwrap());
        let ts = stage.workspace.type_message("boris", "padel", mishap);
        expect_answers(&stage, &bridge, &ts, 1).await;
    }
    stage.workspace.settle().await;
    assert_eq!(
        stage.workspace.messages(CHANNEL).len(),
        8,
        "{}",
        bridge.lines()
    );
    assert_eq!(stage.said().concat().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn over_socket_mode_nothing_is_lost_or_doubled() {
    let stage = Stage::with(slack_sim::Builder::socket_mode, |platform| platform);
    let bridge = start(&stage, &["--socket"]);
    let orders = [None, Some(SocketOrder::Warn), Some(SocketOrder::Refresh)];
    for (number, order) in orders.into_iter().enumerate() {
        if let Some(order) = order {
            stage.workspace.order_sockets(order);
        }
        bridge.wait_for("\"event\":\"connected\"", number + 1).await;
        let ts = stage
            .workspace
            .type_message("boris", "padel", &format!("{order:?}"));
        expect_answers(&stage, &bridge, &ts, 1).await;
    }
    // Lost with its connection, and sent again after a minute.
    stage.workspace.order_sockets(SocketOrder::Drop);
    let ts = stage.workspace.type_message("boris", "padel", "dropped");
    tokio::time::sleep(Duration::from_secs(2)).await;
    stage.workspace.advance(Duration::from_secs(61));
    expect_answers(&stage, &bridge, &ts, 1).await;
    assert_eq!(stage.workspace.messages(CHANNEL).len(), 8);
    let lines = bridge.lines();
    assert!(lines.contains("\"event\":\"disconnected\""), "{lines}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_it_with_success() {
    for name in ["-TERM", "-INT"] {
        let stage = Stage::new();
        let bridge = listen(&stage).await;
        let ts = stage.workspace.type_message("boris", "padel", "one");
        expect_answers(&stage, &bridge, &ts, 1).await;
        bridge.signal(name);
        assert_eq!(bridge.wait(), Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_38_it_accepts_while_slack_and_platform_are_away() {
    let stage = Stage::new();
    stage
        .workspace
        .push_fault(Fault::Status(503), "/api/auth.test", 1);
    stage
        .platform
        .push_fault(PlatformFault::Status(529), "POST /v1/sessions", 1);
    let bridge = listen(&stage).await;
    let ts = stage.workspace.type_message("boris", "padel", "one");
    stage.workspace.settle().await;
    assert!(bridge.lines().contains("\"event\":\"accepted\""));
    expect_answers(&stage, &bridge, &ts, 1).await;
    let answers = stage.workspace.answers(CHANNEL, &ts);
    assert_ne!(answers[0].text, Failure::Late.sentence());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_programs_lines_hold_no_text_and_no_secret() {
    let stage = Stage::new();
    let bridge = listen(&stage).await;
    for fault in [
        None,
        Some(Fault::LostAfter),
        Some(Fault::Error(Word("internal_error"))),
    ] {
        if let Some(fault) = fault {
            stage
                .workspace
                .push_fault(fault, "/api/chat.postMessage", 1);
            stage
                .platform
                .push_fault(PlatformFault::Html, "POST /v1/sessions", 1);
        }
        let ts = stage
            .workspace
            .type_message("boris", "padel", "hush-hush question");
        expect_answers(&stage, &bridge, &ts, 1).await;
    }
    let lines = bridge.lines();
    assert!(lines.lines().count() > 10, "{lines}");
    for hidden in [
        "hush",
        DEFAULT_BOT_TOKEN,
        DEFAULT_SIGNING_SECRET,
        KEY,
        "I have read",
    ] {
        assert!(!lines.contains(hidden), "{hidden}: {lines}");
    }
    for line in lines.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        assert!(
            entry["time"].is_string() && entry["event"].is_string(),
            "{line}"
        );
    }
}

/// Runs `post` with this text.
fn post(stage: &Stage, channel: &str, message: &str) -> Output {
    let mut child = command(stage, &["post", channel])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, message.as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watchers_message_is_posted_and_is_no_question() {
    let stage = Stage::new();
    let bridge = listen(&stage).await;
    let message = "evening: free Sat 28 Nov <https://club.example/x|book> <!channel>\n";
    let posted = post(&stage, CHANNEL, message);
    assert!(posted.status.success(), "{}", text(&posted.stderr));
    let messages = stage.workspace.messages(CHANNEL);
    assert_eq!(messages.len(), 1);
    let shown = format!("{messages:?}");
    assert!(
        shown.contains("<https://club.example/x|book> &lt;!channel>"),
        "{shown}"
    );
    // The bridge does not answer it, and answers what people ask below it.
    let ts = stage
        .workspace
        .type_message("boris", "padel", "Is a court free?");
    expect_answers(&stage, &bridge, &ts, 1).await;
    stage.workspace.settle().await;
    assert_eq!(
        stage.workspace.messages(CHANNEL).len(),
        3,
        "{}",
        bridge.lines()
    );
    // Others' channels, silence, and Slack in trouble.
    for (channel, message, code) in [("C0OTHER", "x", 2), (CHANNEL, " \n", 2)] {
        let refused = post(&stage, channel, message);
        assert_eq!(
            refused.status.code(),
            Some(code),
            "{}",
            text(&refused.stderr)
        );
    }
    stage
        .workspace
        .push_fault(Fault::Status(503), "/api/chat.postMessage", 1);
    let failed = post(&stage, CHANNEL, "x");
    assert_eq!(failed.status.code(), Some(4), "{}", text(&failed.stderr));
    assert!(!text(&failed.stderr).contains(DEFAULT_BOT_TOKEN));
    assert_eq!(stage.workspace.messages(CHANNEL).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_cannot_work_are_named_without_their_values() {
    let stage = Stage::new();
    let cases = [
        ("SLACK_BOT_TOKEN", "", 2, "no value for `SLACK_BOT_TOKEN`"),
        (
            "SLACK_BOT_TOKEN",
            "hush-token",
            2,
            "does not begin with `xoxb-`",
        ),
        (
            "SLACK_SIGNING_SECRET",
            "  ",
            2,
            "no value for `SLACK_SIGNING_SECRET`",
        ),
        (
            "SLACK_SIGNING_SECRET",
            "hush,",
            2,
            "the signing secret is blank",
        ),
        (
            "PADEL_SLACK_CHANNELS",
            "",
            2,
            "no value for `PADEL_SLACK_CHANNELS`",
        ),
        ("PADEL_AGENT_ID", "", 2, "no value for `PADEL_AGENT_ID`"),
        ("PADEL_MAX_COST", "hush", 2, "is no sum in dollars"),
        ("PADEL_SLACK_RATE", "0", 2, "is no number of questions"),
        ("PADEL_SLACK_MENTIONS", "yes", 2, "is neither 0 nor 1"),
        ("SLACK_API_URL", "http://slack.com/api", 2, "must be https"),
        ("SLACK_BOT_TOKEN", "xoxb-hush", 4, "invalid_auth"),
        ("ANTHROPIC_API_KEY", "", 4, "hint"),
    ];
    for (name, value, code, sentence) in cases {
        let mut command = command(&stage, &["serve", "--listen", "127.0.0.1:0"]);
        command.env(name, value);
        let output = run(command);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{name}={value}: {stderr}");
        assert!(stderr.contains(sentence), "{name}={value}: {stderr}");
        assert!(!stderr.contains("hush"), "{stderr}");
    }
    let nowhere = run(command(&stage, &["serve", "--db", "no/such/place.db"]));
    assert_eq!(nowhere.status.code(), Some(3), "{}", text(&nowhere.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_come_from_variables_then_a_file_then_the_lock() {
    let stage = Stage::new();
    let write = |name: &str, content: &str| {
        std::fs::write(stage.home.place.path().join(name), content).unwrap();
    };
    let lock = format!(
        r#"{{"schema":"padel.lock/v1","name":"padel","platform":"x","workspace":null,
            "environment_id":"{ENVIRONMENT}","vault_id":null,"agent_id":"agent_wrong"}}"#
    );
    write("agent.lock.json", &lock);
    write(
        "bridge.env",
        &format!("PADEL_AGENT_ID={AGENT}\nSLACK_BOT_TOKEN=xoxb-other\n"),
    );
    let args = [
        "check",
        "--lock",
        "agent.lock.json",
        "--env-file",
        "bridge.env",
    ];
    let mut command = command(&stage, &args);
    command
        .env_remove("PADEL_AGENT_ID")
        .env_remove("PADEL_ENVIRONMENT_ID");
    let output = run(command);
    let stdout = text(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{stdout}{}",
        text(&output.stderr)
    );
    assert!(
        stdout.contains(&format!("agent {AGENT}: version 1")),
        "{stdout}"
    );
    for (name, content, sentence) in [
        ("agent.lock.json", "{}", "is not of the schema"),
        ("agent.lock.json", "hush", "is no lock"),
        (
            "bridge.env",
            "hush hush\n",
            "has a line that is not KEY=value",
        ),
    ] {
        write("agent.lock.json", &lock);
        write(name, content);
        let output = run(self::command(&stage, &args));
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(
            stderr.contains(sentence) && !stderr.contains("hush"),
            "{stderr}"
        );
    }
}

/// The guide's `check` and `serve` with the file that it says to write, to an answer in the thread.
async fn follow_guide(section: &str, stage: &Stage, secret: &str) {
    let guide = include_str!("../../../../deploy/slack/README.md");
    let section = guide
        .split("\n## ")
        .find(|part| part.starts_with(section))
        .unwrap();
    let commands: Vec<Vec<&str>> = section
        .lines()
        .filter_map(|line| line.trim().strip_prefix("$ padel-slack "))
        .map(|args| args.split_whitespace().collect())
        .filter(|args: &Vec<&str>| args[0] != "manifest")
        .collect();
    assert_eq!(commands.len(), 2, "{commands:?}");
    let place = stage.home.place.path();
    std::fs::create_dir(place.join("deploy")).unwrap();
    let lock = format!(
        r#"{{"schema":"padel.lock/v1","name":"padel","platform":"x","workspace":null,
            "environment_id":"{ENVIRONMENT}","vault_id":null,"agent_id":"{AGENT}"}}"#
    );
    std::fs::write(place.join("deploy/agent.lock.json"), lock).unwrap();
    let file = format!(
        "SLACK_BOT_TOKEN={DEFAULT_BOT_TOKEN}\n{secret}\nPADEL_SLACK_CHANNELS={CHANNEL}\n\
            PADEL_SLACK_OWNERS={OWNER}\nPADEL_MAX_COST=0.50\nANTHROPIC_API_KEY={KEY}\n"
    );
    std::fs::write(place.join("bridge.env"), file).unwrap();
    let command = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_padel-slack"));
        command
            // Port 8080 may be in use here.
            .args(args.iter().map(|arg| arg.replace(":8080", ":0")))
            .env_clear()
            .current_dir(place)
            .env("SLACK_API_URL", stage.workspace.api_url())
            .env("ANTHROPIC_BASE_URL", stage.platform.url());
        command
    };
    let output = run(command(&commands[0]));
    let stdout = text(&output.stdout);
    assert!(output.status.success(), "{stdout}{}", text(&output.stderr));
    assert!(
        stdout.lines().all(|line| line.starts_with("ok ")),
        "{stdout}"
    );

    let bridge = watch(&mut command(&commands[1]));
    if !bridge.address.is_empty() {
        let url = format!("{}/slack/events", bridge.address);
        stage.workspace.set_request_url(&url).await.unwrap();
    }
    let ts = stage
        .workspace
        .type_message("anna", "padel", "Is a court free?");
    expect_answers(stage, &bridge, &ts, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guide_leads_to_an_answer() {
    let stage = Stage::new();
    let secret = format!("SLACK_SIGNING_SECRET={DEFAULT_SIGNING_SECRET}");
    follow_guide("With a public address", &stage, &secret).await;

    let stage = Stage::with(slack_sim::Builder::socket_mode, |platform| platform);
    let token = format!("SLACK_APP_TOKEN={DEFAULT_APP_TOKEN}");
    follow_guide("On a laptop", &stage, &token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn check_tells_what_works_and_what_does_not() {
    let stage = Stage::new();
    let output = run(command(&stage, &["check"]));
    let stdout = text(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{stdout}{}",
        text(&output.stderr)
    );
    assert!(
        stdout.lines().all(|line| line.starts_with("ok ")),
        "{stdout}"
    );
    assert_eq!(stdout.lines().count(), 7, "{stdout}");

    let broken = Stage::with(
        |workspace| {
            workspace
                .without_app(CHANNEL)
                .scopes(["channels:history", "chat:write"])
        },
        |platform| platform.archived_environment(ENVIRONMENT),
    );
    let mut command = command(&broken, &["check"]);
    command
        .env("PADEL_AGENT_ID", "agent_none")
        .env("PADEL_VAULT_IDS", "vlt_1");
    command.env_remove("PADEL_SLACK_OWNERS");
    let output = run(command);
    let stdout = text(&output.stdout);
    assert_eq!(output.status.code(), Some(8), "{stdout}");
    for trouble in [
        "FAIL scopes: metadata.message:read, reactions:write missing",
        "FAIL channel C0PADEL0001: the bot is not in it",
        "FAIL agent agent_none",
        "FAIL environment env_01Padel: it is archived",
        "FAIL bookings: there are credentials and no owner",
    ] {
        assert!(stdout.contains(trouble), "{trouble}: {stdout}");
    }
    let calls = [stage.platform.calls(), broken.platform.calls()].concat();
    assert!(
        calls.iter().all(|call| call.method == "GET"),
        "it changes nothing"
    );
}

#[test]
fn the_manifest_asks_for_as_little_as_it_can() {
    let manifest = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_padel-slack"));
        run({
            command.arg("manifest").args(args).env_clear();
            command
        })
    };
    let json = |args: &[&str]| -> Value {
        let output = manifest(args);
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", text(&output.stderr)))
    };
    let events = json(&["--url", "https://padel.example.org/"]);
    let subscriptions = &events["settings"]["event_subscriptions"];
    assert_eq!(
        subscriptions["request_url"],
        "https://padel.example.org/slack/events"
    );
    assert_eq!(
        subscriptions["bot_events"],
        serde_json::json!(["message.channels"])
    );
    let scopes = &events["oauth_config"]["scopes"]["bot"];
    let least = [
        "channels:history",
        "chat:write",
        "metadata.message:read",
        "reactions:write",
    ];
    assert_eq!(*scopes, serde_json::json!(least));
    let socket = json(&["--socket", "--direct-messages"]);
    assert_eq!(socket["settings"]["socket_mode_enabled"], true);
    assert!(socket["settings"]["event_subscriptions"]["request_url"].is_null());
    assert_eq!(socket["features"]["app_home"]["messages_tab_enabled"], true);
    for args in [
        &["--url", "http://padel.example.org"][..],
        &["--url", "https://"],
        &["--url", "https://x.example/?a"],
        &[],
        &["--url", "https://x.example", "--socket"],
    ] {
        assert_eq!(manifest(args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn files_named_in_the_help_exist() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_padel-slack"));
    let mut help = String::new();
    let mut child = command
        .arg("--help")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut help)
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert!(help.contains("deploy/slack/README.md"), "{help}");
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    assert!(root.join("deploy/slack/README.md").exists());
}

/// Writes an `agent.toml` that watches three days from now, when all courts are taken.
fn write_deployment(stage: &Stage) -> (gladstone_sim::Club, String) {
    let now = chrono::DateTime::from_timestamp_millis((stage.clock())()).unwrap();
    let day = now + chrono::TimeDelta::days(3);
    let club = gladstone_sim::Club::builder().now(now.to_rfc3339()).start();
    let midnight = day.format("%Y-%m-%dT00:00:00Z").to_string();
    for court in ["PC1", "PC2", "PC3", "PC4"] {
        club.set_taken(court, &midnight, 24 * 60, true);
    }
    let text = format!(
        "name = \"padel\"\nclub = \"{}\"\n[slack]\nchannels = [\"{CHANNEL}\"]\n[[watch]]\nname = \"soon\"\n\
         date = \"{}\"\nduration = 60\nsite = [\"UB\"]\nactivity = [\"PADEL60\"]\n",
        club.url(),
        day.format("%Y-%m-%d")
    );
    std::fs::write(stage.home.place.path().join("agent.toml"), text).unwrap();
    (club, day.format("%Y-%m-%dT12:00:00Z").to_string())
}

/// Makes the next look due, as if an hour had passed.
fn age_look(stage: &Stage) {
    let file = rusqlite::Connection::open(stage.home.place.path().join("bridge.db")).unwrap();
    file.busy_timeout(WITHIN).unwrap();
    file.execute(
        "UPDATE look SET next = NULL, holder = NULL, until = NULL",
        [],
    )
    .unwrap();
    let state = "UPDATE watched SET version = version + 1,
        state = json_set(state, '$.state.looked_at', '2020-01-01T00:00:00Z')";
    file.execute(state, []).unwrap();
}

/// Waits until the channel has so many posts about what is watched.
async fn expect_posts(stage: &Stage, bridge: &Bridge, count: usize) -> Vec<String> {
    let started = Instant::now();
    loop {
        let messages = stage.workspace.messages(CHANNEL).into_iter();
        let texts = messages.map(|message| message.text);
        let posts: Vec<String> = texts.filter(|text| text.starts_with("soon: ")).collect();
        if posts.len() >= count {
            return posts;
        }
        assert!(started.elapsed() < WITHIN, "{posts:?} {}", bridge.lines());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bridge_watches_for_its_channel_and_loses_nothing_when_killed() {
    let stage = Stage::new();
    let (club, game) = write_deployment(&stage);
    let options = ["--listen", "127.0.0.1:0", "--deployment", "agent.toml"];
    let bridge = start(&stage, &options);
    expect_posts(&stage, &bridge, 1).await;
    drop(bridge);
    // Killed while a post is on its way: it stands there, and no answer came.
    club.set_taken("PC1", &game, 60, false);
    age_look(&stage);
    stage
        .workspace
        .push_fault(Fault::Silent, "/api/chat.postMessage", 1);
    let bridge = start(&stage, &options);
    expect_posts(&stage, &bridge, 2).await;
    drop(bridge);
    age_look(&stage);
    let bridge = start(&stage, &options);
    let posts = expect_posts(&stage, &bridge, 3).await;
    assert_eq!(posts[1], posts[2], "the one on its way, once more");
    bridge.wait_for("\"told\"", 1).await;
    drop(bridge);
    // Killed after Slack took it: nothing is said again, and two servers do not double it.
    age_look(&stage);
    let (one, two) = (start(&stage, &options), start(&stage, &options));
    let looked = Instant::now();
    while one.lines().matches("\"looked\"").count() + two.lines().matches("\"looked\"").count() == 0
    {
        assert!(looked.elapsed() < WITHIN, "{}{}", one.lines(), two.lines());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    one.signal("-TERM");
    two.signal("-TERM");
    let lines = format!("{}{}", one.lines(), two.lines());
    assert_eq!((one.wait(), two.wait()), (Some(0), Some(0)));
    assert_eq!(lines.matches("\"looked\"").count(), 1, "{lines}");
    assert_eq!(
        expect_posts(&stage, &start(&stage, &options), 3)
            .await
            .len(),
        3
    );
    for text in ["free Sat", "bookable", "17:00", DEFAULT_BOT_TOKEN] {
        assert!(!lines.contains(text), "{text}");
    }
}

#[test]
fn watch_lists_what_is_watched_and_check_looks_once() {
    let stage = Stage::new();
    let (club, _) = write_deployment(&stage);
    let listing = ["watch", "--deployment", "agent.toml", "--db", "absent.db"];
    let listed = run(command(&stage, &listing));
    let shown = text(&listed.stdout);
    assert!(
        shown.contains("soon (") && shown.contains("not looked for yet"),
        "{shown}"
    );
    assert!(shown.contains(CHANNEL) && !stage.home.place.path().join("absent.db").exists());
    let previewed = run(command(
        &stage,
        &["watch", "--deployment", "agent.toml", "--dry-run"],
    ));
    let shown = text(&previewed.stdout);
    assert!(
        shown.contains("would get:\nsoon: watched from now on"),
        "{shown}"
    );
    let checked = run(command(&stage, &["check", "--deployment", "agent.toml"]));
    let shown = text(&checked.stdout);
    assert!(shown.contains("ok watching: soon ("), "{shown}");
    assert!(
        shown.contains("0 games that are watched are free"),
        "{shown}"
    );
    assert!(stage.workspace.messages(CHANNEL).is_empty());
    // The club shows its courts to members only.
    club.set_fault(Some(gladstone_sim::Fault::Status(401)));
    let checked = run(command(&stage, &["check", "--deployment", "agent.toml"]));
    let shown = text(&checked.stdout);
    assert!(checked.status.code() == Some(8), "{shown}");
    assert!(shown.contains("no member's password"), "{shown}");
    std::fs::write(
        stage.home.place.path().join("agent.toml"),
        "club = \"a\"\n[[watch]]\n",
    )
    .unwrap();
    let refused = run(command(&stage, &["serve", "--deployment", "agent.toml"]));
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        text(&refused.stderr).contains("names nobody"),
        "{}",
        text(&refused.stderr)
    );
}
