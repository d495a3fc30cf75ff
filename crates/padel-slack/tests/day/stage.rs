//! Everything of the day: the simulated services, the agent as an operator sets it up, the bridge.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs,
    io::{BufRead as _, BufReader, Cursor, Write as _},
    ops::RangeInclusive,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use claude_platform_sim::{DEFAULT_API_KEY, Model, Platform};
use gladstone_sim::Club;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use slack_sim::{
    DEFAULT_BOT_TOKEN, DEFAULT_SIGNING_SECRET, Draft, EVENTS, Message, Mishap, Order, SCOPES,
    Workspace,
};
use tempfile::TempDir;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::messages::{Below, DAY, Message as Typed, Place};

/// The club's time and the skill's. The bridge, the platform and the workspace have this machine's.
const NOW: &str = "2026-11-23T09:00:00Z";
const HOST: &str = "brunelsport.gladstonego.cloud";
pub(crate) const CHANNEL: &str = "C0PADEL0001";
pub(crate) const ELSEWHERE: &str = "C0SOCIAL001";
/// Another key of the same platform.
pub(crate) const SECOND_KEY: &str = "sk-test-second";
const OWNER: &str = "U0ANNA00001";
const PEOPLE: [(&str, &str); 7] = [
    (OWNER, "anna"),
    ("U0BORIS0001", "boris"),
    ("U0CHIARA001", "chiara"),
    ("U0DEV000001", "dev"),
    ("U0EMMA00001", "emma"),
    ("U0LUCIA0001", "lucia"),
    ("U0MALLORY01", "mallory"),
];
/// A turn takes a second or two; a machine that is busy with other tests needs many more.
pub(crate) const WITHIN: Duration = Duration::from_secs(120);

/// The whole stage; dropping it ends the bridge.
pub(crate) struct Stage {
    pub(crate) workspace: Workspace,
    place: TempDir,
    _club: Club,
    platform: Platform,
    padel: PathBuf,
    ops: PathBuf,
    bridge: Child,
    lines: Arc<Mutex<String>>,
    /// What was sent, by its number in the day.
    sent: Vec<Sent>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.bridge.kill();
        let _ = self.bridge.wait();
    }
}

/// The log's events that close a question.
const CLOSING: [&str; 4] = ["answered", "no_answer", "deleted", "failed"];

/// A message that was sent.
struct Sent {
    channel: String,
    ts: String,
    /// As the bridge names it.
    key: String,
}

/// A variable of the test itself.
#[expect(
    clippy::disallowed_methods,
    reason = "the test's own environment, not a program's"
)]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// A program of another package, where `cargo test --workspace` puts it.
fn find_program(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_BIN_EXE_padel-slack")).with_file_name(name);
    let must_run = variable("CI").is_some_and(|value| value == "true");
    assert!(
        path.exists() || !must_run,
        "CI=true, so every test must run: {} is missing",
        path.display()
    );
    path.exists().then_some(path)
}

impl Stage {
    /// Sets everything up; nothing without the programs of the other packages.
    pub(crate) async fn start() -> Option<Self> {
        let (Some(padel), Some(ops)) = (find_program("padel"), find_program("padel-ops")) else {
            // Not `eprintln!`: what a passing test prints with it is captured.
            let line: &[u8] = b"skipped: first `cargo build --workspace --bins`
";
            std::io::stderr().write_all(line).unwrap();
            return None;
        };
        let club = Club::builder().now(NOW).start();
        let upstream = format!("{HOST}={}", club.url()).parse().unwrap();
        let platform = Platform::builder()
            .api_key(DEFAULT_API_KEY)
            .api_key(SECOND_KEY)
            .model(Model::Assistant)
            .sandbox_now(NOW)
            .upstream(upstream)
            .start();
        platform.publish("pslc-padel", &pack_skill(&padel, ""));
        let place = tempfile::tempdir().unwrap();
        declare(place.path());
        run_ops(place.path(), &ops, &platform, "up --execute");
        let workspace = PEOPLE.iter().fold(Workspace::builder(), |all, (id, name)| {
            all.person(*id, *name)
        });
        let workspace = workspace
            .channel(CHANNEL, "padel")
            .channel(ELSEWHERE, "social")
            .events(EVENTS.into_iter().chain(["app_mention"]))
            .scopes(SCOPES.into_iter().chain(["app_mentions:read"]))
            .without_rate_limits()
            // Slack gets no answer to the first, and sends others twice.
            .mishap("answer-lost@/message*2".parse::<Order<Mishap>>().unwrap())
            .mishap("doubled=2@/message*3".parse::<Order<Mishap>>().unwrap())
            .start();
        let lines = Arc::<Mutex<String>>::default();
        let secrets = (DEFAULT_SIGNING_SECRET, DEFAULT_API_KEY);
        let (bridge, address) = serve(place.path(), &workspace, &platform, &lines, secrets);
        let url = format!("{address}/slack/events");
        workspace.set_request_url(&url).await.unwrap();
        Some(Self {
            workspace,
            place,
            _club: club,
            platform,
            padel,
            ops,
            bridge,
            lines,
            sent: Vec::new(),
        })
    }

    /// Ends the bridge by a signal, and starts it with these secrets at the address that Slack knows
    /// by then.
    pub(crate) async fn restart(&mut self, signing_secrets: &str, key: &str) {
        let id = self.bridge.id().to_string();
        assert!(Command::new("kill").arg(&id).status().unwrap().success());
        assert!(self.bridge.wait().unwrap().success());
        let secrets = (signing_secrets, key);
        let (place, lines) = (self.place.path(), &self.lines);
        let (bridge, address) = serve(place, &self.workspace, &self.platform, lines, secrets);
        self.bridge = bridge;
        let url = format!("{address}/slack/events");
        self.workspace.set_request_url(&url).await.unwrap();
    }

    /// Runs `padel-ops`, and returns what it prints.
    pub(crate) fn run_ops(&self, args: &str) -> String {
        run_ops(self.place.path(), &self.ops, &self.platform, args)
    }

    pub(crate) fn write_password(&self, password: &str) {
        write_member(self.place.path(), password);
    }

    /// Publishes the skill with other files, and returns the version.
    pub(crate) fn publish(&self, note: &str) -> String {
        self.platform
            .publish("pslc-padel", &pack_skill(&self.padel, note))
            .1
    }

    /// Somebody asks in the channel or a thread; returns the time, and the answer once it is there.
    pub(crate) async fn ask(
        &self,
        who: &str,
        text: &str,
        thread: Option<&str>,
    ) -> (String, String) {
        let ts = match thread {
            Some(thread) => self.workspace.type_reply(who, CHANNEL, thread, text),
            None => self.workspace.type_message(who, CHANNEL, text),
        };
        let root = thread.unwrap_or(&ts).to_owned();
        let before = self.workspace.answers(CHANNEL, &root).len();
        let answers = self
            .workspace
            .wait_for_answers(CHANNEL, &root, before + 1, WITHIN);
        let answers = answers.await;
        assert_eq!(answers.len(), before + 1, "{text}: {}", self.lines());
        (ts, answers[before].text.clone())
    }

    /// The versions of the skill in the sessions, oldest first.
    pub(crate) fn skill_versions(&self) -> Vec<String> {
        let sessions = self.platform.sessions();
        let versions = sessions
            .iter()
            .map(|session| &session["agent"]["skills"][0]["version"]);
        versions
            .map(|version| version.as_str().unwrap().to_owned())
            .collect()
    }

    pub(crate) fn lines(&self) -> String {
        self.lines.lock().unwrap().clone()
    }

    /// Sends the day's next message.
    pub(crate) fn send(&mut self, message: &Typed) {
        let draft = |channel: &str| Draft::new(message.who, channel, message.text);
        let in_channel = |draft: Draft| (CHANNEL.to_owned(), self.workspace.send(draft));
        let (channel, ts) = match &message.place {
            Place::Channel => in_channel(draft(CHANNEL)),
            Place::Thread(root) => in_channel(draft(CHANNEL).in_thread(self.find(root))),
            Place::Broadcast(root) => {
                in_channel(draft(CHANNEL).in_thread(self.find(root)).broadcast())
            }
            Place::Files(count) => in_channel(draft(CHANNEL).with_files(*count)),
            Place::Me => in_channel(draft(CHANNEL).about_me()),
            Place::Elsewhere => (ELSEWHERE.to_owned(), self.workspace.send(draft(ELSEWHERE))),
            Place::Direct => {
                let channel = direct(message.who);
                let ts = self.workspace.send(draft(&channel));
                (channel, ts)
            }
            Place::Edit(other) => {
                let ts = self.find(other);
                self.workspace.edit_message(CHANNEL, &ts, message.text);
                (CHANNEL.to_owned(), ts)
            }
            Place::Delete(other) => {
                let ts = self.find(other);
                self.workspace.delete_message(CHANNEL, &ts);
                (CHANNEL.to_owned(), ts)
            }
            Place::Watch => {
                post(self.place.path(), &self.workspace, message.text);
                (CHANNEL.to_owned(), self.find(message.text))
            }
            Place::Join => {
                let inner = serde_json::json!({
                    "type": "message", "subtype": "channel_join", "channel": CHANNEL,
                    "channel_type": "channel", "user": "U0MALLORY01", "text": message.text, "ts": "1795424400.000001",
                });
                self.workspace.deliver_event(&inner, |_| ());
                (CHANNEL.to_owned(), "1795424400.000001".to_owned())
            }
        };
        let messages = self.workspace.messages(&channel).into_iter();
        let id = messages
            .filter(|message| message.ts == ts)
            .find_map(|message| message.client_msg_id);
        let key = match id {
            Some(id) => format!("m#{}#{id}", slack_sim::APP),
            None => format!("t#{}#{channel}#{ts}", slack_sim::APP),
        };
        self.sent.push(Sent { channel, ts, key });
    }

    /// The time of the message in the channel that begins so.
    fn find(&self, text: &str) -> String {
        let mut messages = self.workspace.messages(CHANNEL).into_iter();
        let found = messages.find(|message| message.text.starts_with(text));
        found
            .unwrap_or_else(|| panic!("no message begins with {text:?}"))
            .ts
    }

    /// Waits until Slack has delivered the message with this number and those that came at once
    /// before it, and the bridge has answered or passed over them.
    pub(crate) async fn rest(&self, last: usize) {
        let started = Instant::now();
        loop {
            self.workspace.settle().await;
            if sent_together(last).all(|number| self.is_done(number)) {
                return;
            }
            assert!(
                started.elapsed() < WITHIN,
                "it never rests: {}",
                self.lines()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// True when the bridge has closed what it accepted, and the sign of an answer is there: that is
    /// shown beside the answering.
    fn is_done(&self, number: usize) -> bool {
        let sent = &self.sent[number];
        let is_closed = self.lines().lines().any(|line| {
            let entry: Value = serde_json::from_str(line).unwrap_or_default();
            let event = entry["event"].as_str().unwrap_or_default();
            entry["key"] == sent.key && CLOSING.contains(&event)
        });
        match DAY[number].below {
            Below::Unread => true,
            Below::Silence | Below::Deleted => is_closed,
            Below::Answer(_) => is_closed && !self.signs(sent).is_empty(),
        }
    }

    /// The emoji below a message.
    fn signs(&self, sent: &Sent) -> Vec<String> {
        let messages = self.workspace.messages(&sent.channel).into_iter();
        let signs = messages.filter(|message| message.ts == sent.ts);
        let signs = signs.flat_map(|message| message.reactions);
        signs.map(|sign| sign.name).collect()
    }

    /// Checks what stands below the message with this number, and those that came at once before it.
    pub(crate) fn check(&self, last: usize) {
        sent_together(last).for_each(|number| self.check_one(number));
    }

    /// Checks all once more: nothing was added or taken away later.
    pub(crate) fn check_all(&self) {
        (0..DAY.len()).for_each(|number| self.check_one(number));
        let asked = DAY
            .iter()
            .filter(|message| !matches!(message.below, Below::Unread));
        let said = self.said();
        assert_eq!(said.len(), asked.count(), "each is said once: {said:#?}");
        let channels: BTreeSet<&String> = self.sent.iter().map(|sent| &sent.channel).collect();
        let messages = channels
            .into_iter()
            .flat_map(|channel| self.workspace.messages(channel));
        let posts: Vec<Message> = messages.filter(Message::is_from_app).collect();
        assert!(
            posts.iter().all(|post| post.notified.is_empty()),
            "{posts:?}"
        );
        let is_post = |message: &&Typed| {
            matches!(message.below, Below::Answer(_)) || matches!(message.place, Place::Watch)
        };
        let wanted = DAY.iter().filter(is_post).count();
        assert_eq!(
            posts.len(),
            wanted,
            "nothing else stands anywhere: {posts:#?}"
        );
        let all = self.lines();
        for private in [
            "correct horse",
            "alex@example.org",
            DEFAULT_BOT_TOKEN,
            DEFAULT_SIGNING_SECRET,
            "cracking",
        ] {
            assert!(!all.contains(private), "{private} is in the log");
        }
    }

    fn check_one(&self, number: usize) {
        let (typed, sent) = (&DAY[number], &self.sent[number]);
        if matches!(typed.place, Place::Edit(_) | Place::Delete(_)) {
            return;
        }
        let context = || format!("{number}: {}\n{}", typed.text, self.lines());
        let (signs, answers) = (self.signs(sent), self.answers_to(sent));
        if let Below::Answer(parts) = typed.below {
            assert_eq!(answers.len(), 1, "{}", context());
            let text = &answers[0].text;
            for part in parts {
                assert!(text.contains(part), "{part}: {text:?} {}", context());
            }
            // One is deleted later, and its sign with it.
            let is_there = self
                .workspace
                .messages(&sent.channel)
                .iter()
                .any(|it| it.ts == sent.ts);
            assert!(!is_there || signs == ["eyes"], "{signs:?} {}", context());
        } else {
            assert!(
                signs.is_empty() && answers.is_empty(),
                "{signs:?} {answers:?} {}",
                context()
            );
        }
    }

    /// Our posts for a message: their metadata names it.
    fn answers_to(&self, sent: &Sent) -> Vec<Message> {
        let mut posts = self.workspace.messages(&sent.channel);
        posts.retain(|post| {
            let metadata = post.metadata.as_ref();
            metadata.is_some_and(|metadata| metadata["event_payload"]["question"] == sent.key)
        });
        posts
    }

    /// All that was said to the agent.
    fn said(&self) -> Vec<String> {
        let sessions = self.platform.sessions();
        let events = sessions
            .iter()
            .flat_map(|session| self.platform.events(session["id"].as_str().unwrap()));
        let said = events.filter(|event| event["type"] == "user.message");
        said.map(|event| event["content"][0]["text"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// The numbers of a message and of those that it follows at once.
fn sent_together(last: usize) -> RangeInclusive<usize> {
    let mut numbers = (0..=last).rev();
    numbers.find(|number| !DAY[*number].is_at_once).unwrap()..=last
}

/// The conversation of a person with the bot.
pub(crate) fn direct(who: &str) -> String {
    let (id, _) = PEOPLE.iter().find(|(_, name)| *name == who).unwrap();
    id.replacen('U', "D", 1)
}

/// The people who have written to the bot.
pub(crate) fn writers() -> impl Iterator<Item = &'static str> {
    let direct = DAY
        .iter()
        .filter(|message| matches!(message.place, Place::Direct));
    direct.map(|message| message.who)
}

/// The skill as it is uploaded, but that its binary only calls the one under test.
fn pack_skill(padel: &Path, note: &str) -> Vec<u8> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../skill/pslc-padel");
    let call = format!("#!/bin/sh\nexec '{}' \"$@\"\n", padel.display()).into_bytes();
    let mut files = vec![
        ("bin/padel-aarch64-linux".to_owned(), call.clone()),
        ("bin/padel-x86_64-linux".to_owned(), call),
    ];
    for name in [
        "SKILL.md",
        "config.toml",
        "scripts/padel",
        "references/json.md",
        "references/setup.md",
    ] {
        files.push((name.to_owned(), fs::read(source.join(name)).unwrap()));
    }
    files[2].1.extend(note.bytes());
    let sum = |data: &[u8]| -> String {
        Sha256::digest(data)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    };
    let sums = files
        .iter()
        .map(|(name, data)| format!("{}  {name}\n", sum(data)));
    files.push((
        "SHA256SUMS".to_owned(),
        sums.collect::<String>().into_bytes(),
    ));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, data) in files {
        zip.start_file(format!("pslc-padel/{name}"), SimpleFileOptions::default())
            .unwrap();
        zip.write_all(&data).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn write_member(place: &Path, password: &str) {
    let (email, _) = gladstone_sim::DEFAULT_MEMBER;
    let member = format!("pslc_user={email}\npslc_password={password}\n");
    fs::write(place.join("member.env"), member).unwrap();
}

/// Writes what an operator declares, with the repository's own instructions.
fn declare(place: &Path) {
    let system = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/system.md");
    fs::create_dir(place.join("deploy")).unwrap();
    fs::copy(system, place.join("deploy/system.md")).unwrap();
    write_member(place, gladstone_sim::DEFAULT_MEMBER.1);
    let declaration = format!(
        "name = \"padel\"\nclub = \"brunelsport\"\n[credentials]\nkind = \"vault\"\nenv_file = \"../member.env\"\n\
         [agent]\nmodel = \"claude-sonnet-5-5\"\neffort = \"low\"\nsystem = \"system.md\"\nmax_cost = \"0.50\"\n\
         [slack]\nchannels = [\"{CHANNEL}\"]\nowners = [\"{OWNER}\"]\n"
    );
    fs::write(place.join("deploy/agent.toml"), declaration).unwrap();
}

fn run_ops(place: &Path, ops: &Path, platform: &Platform, args: &str) -> String {
    let output = Command::new(ops)
        .args(args.split(' '))
        .env_clear()
        .env("HOME", place)
        .env("PADEL_NOW", NOW)
        .env("ANTHROPIC_API_KEY", DEFAULT_API_KEY)
        .env("ANTHROPIC_BASE_URL", platform.url())
        .envs(platform.operator_variables())
        .current_dir(place)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{args}: {stdout}{stderr}");
    stdout + &stderr
}

fn bridge(place: &Path, workspace: &Workspace, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_padel-slack"));
    command
        .args(args)
        .env_clear()
        .current_dir(place)
        .env("SLACK_API_URL", workspace.api_url())
        .env("SLACK_BOT_TOKEN", DEFAULT_BOT_TOKEN)
        .env("PADEL_SLACK_CHANNELS", CHANNEL);
    command
}

/// Starts the bridge, and returns its address.
fn serve(
    place: &Path,
    workspace: &Workspace,
    platform: &Platform,
    lines: &Arc<Mutex<String>>,
    (signing_secrets, key): (&str, &str),
) -> (Child, String) {
    let args = [
        "serve",
        "--db",
        "bridge.db",
        "--listen",
        "127.0.0.1:0",
        "--lock",
        "deploy/agent.lock.json",
    ];
    let mut child = bridge(place, workspace, &args)
        .env("SLACK_SIGNING_SECRET", signing_secrets)
        .env("PADEL_SLACK_OWNERS", OWNER)
        .env("PADEL_SLACK_MENTIONS", "1")
        .env("PADEL_SLACK_DIRECT_MESSAGES", "1")
        .env("ANTHROPIC_API_KEY", key)
        .env("ANTHROPIC_BASE_URL", platform.url())
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let (found, address) = std::sync::mpsc::channel();
    let (stderr, kept) = (child.stderr.take().unwrap(), Arc::clone(lines));
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            if entry["event"] == "listening" {
                let _ = found.send(entry["address"].as_str().unwrap().to_owned());
            }
            kept.lock().unwrap().push_str(&(line + "\n"));
        }
    });
    let address = address.recv_timeout(WITHIN);
    let address = address.unwrap_or_else(|_| panic!("{}", lines.lock().unwrap()));
    (child, address)
}

/// Posts as `padel watch` does.
fn post(place: &Path, workspace: &Workspace, text: &str) {
    let mut child = bridge(place, workspace, &["post", CHANNEL])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
}
