//! A simulated platform with an agent that uses an older version, and the tool to run against it.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use claude_platform::{AgentFields, AgentUpdate, Archive, Client, DeploymentFields, Settings};
use claude_platform_sim::{At, Builder, DEFAULT_API_KEY, Fault, Platform};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    documents,
    fixture::{Skill, Words},
};

pub(crate) const AGENT: &str = "agent_01Padel";
pub(crate) const OTHER_AGENT: &str = "agent_01Second";
pub(crate) const ENVIRONMENT: &str = "env_01Cloud";
pub(crate) const NAME: &str = "pslc-padel";

/// A platform, a directory with `skill.zip` in it, and what was published before.
pub(crate) struct Stage {
    pub(crate) platform: Platform,
    pub(crate) place: TempDir,
    pub(crate) skill: String,
    pub(crate) old: String,
}

/// The end of a run of the tool.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// An agent with this skill and things of others, which have to stay.
pub(crate) fn agent(skill: &str, version: &str) -> Value {
    json!({
        "name": "Padel",
        "system": "You find courts.",
        "tools": [{"type": "agent_toolset_20260401"}],
        "metadata": {"team": "racket", "padel_ops": "0.0.9", "padel_commit": "0ld"},
        "skills": [
            {"type": "anthropic", "skill_id": "xlsx", "version": "latest"},
            {"type": "custom", "skill_id": skill, "version": version},
        ],
    })
}

impl Stage {
    /// An old version that both agents pin, and a zip that holds another one.
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub(crate) fn with(change: impl FnOnce(Builder) -> Builder) -> Self {
        let stage = Self::empty(change);
        let (skill, old) = stage
            .platform
            .publish(NAME, &Skill::speaking("old").sealed().zip());
        for id in [AGENT, OTHER_AGENT] {
            stage.platform.put_agent(id, &agent(&skill, &old));
        }
        Self {
            skill,
            old,
            ..stage
        }
    }

    /// No skill yet, and an agent with none.
    pub(crate) fn empty(change: impl FnOnce(Builder) -> Builder) -> Self {
        let builder = change(
            Platform::builder()
                .environment(ENVIRONMENT)
                .agent_with(AGENT, &json!([])),
        );
        let stage = Self {
            platform: builder.start(),
            place: tempfile::tempdir().unwrap(),
            skill: String::new(),
            old: String::new(),
        };
        stage.write("skill.zip", &Skill::speaking("new").sealed().zip());
        stage
    }

    pub(crate) fn write(&self, name: &str, data: &[u8]) -> PathBuf {
        let path = self.place.path().join(name);
        fs::write(&path, data).unwrap();
        path
    }

    /// The tool, in an environment that holds nothing but the key and the address.
    pub(crate) fn command(&self, args: impl Words) -> Command {
        let mut command = bare(self.place.path(), args);
        command
            .env("ANTHROPIC_API_KEY", DEFAULT_API_KEY)
            .env("ANTHROPIC_BASE_URL", self.platform.url());
        command
    }

    pub(crate) fn run(&self, args: impl Words) -> Run {
        run(&mut self.command(args))
    }

    /// Publishes ours with this note; the version's id.
    pub(crate) fn publish(&self, note: &str) -> String {
        let zip = Skill::speaking(note).sealed().zip();
        self.platform.publish(NAME, &zip).1
    }

    pub(crate) fn fault(&self, fault: Fault, at: impl Into<At>, times: u32) {
        self.platform.push_fault(fault, at, times);
    }

    /// Counts the calls that began like this.
    pub(crate) fn count(&self, start: &str) -> usize {
        let calls = self.calls();
        calls.iter().filter(|call| call.starts_with(start)).count()
    }

    /// Wants that nothing but reads was sent, after the first so many calls.
    pub(crate) fn only_reads_after(&self, before: usize) {
        let calls = self.calls();
        let mut sent = calls[before..].iter();
        assert!(sent.all(|call| call.starts_with("GET ")), "{calls:?}");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.place.path().join(name)).unwrap()
    }

    /// Runs it and wants success.
    pub(crate) fn fine(&self, args: impl Words) -> Run {
        let args = args.words();
        let run = self.run(&args);
        assert_eq!(run.code, 0, "{args:?}: {run:?}");
        run
    }

    /// Runs it and wants this error; its message and hint.
    pub(crate) fn fails(&self, args: impl Words, code: &str) -> String {
        let args = args.words();
        let run = self.run(&args);
        let message = run
            .stderr
            .lines()
            .find(|line| line.starts_with("error: "))
            .unwrap_or_default();
        assert!(
            run.code != 0 && message.ends_with(&format!("[{code}]")),
            "{args:?}: {run:?}"
        );
        assert_eq!(
            run.stderr
                .lines()
                .filter(|line| line.starts_with("hint: "))
                .count(),
            1,
            "{run:?}"
        );
        run.stderr
    }

    /// The document on stdout.
    pub(crate) fn json(&self, args: impl Words) -> Value {
        let mut args = args.words();
        args.push("--json".to_owned());
        let run = self.fine(&args);
        assert_eq!(run.stdout.lines().count(), 1, "{run:?}");
        serde_json::from_str(&run.stdout).unwrap()
    }

    /// Somebody else, at work beside the tool.
    pub(crate) fn beside<T, F: Future<Output = T>>(&self, work: impl FnOnce(Client) -> F) -> T {
        let url = self.platform.url();
        let env = move |name: &str| match name {
            "ANTHROPIC_API_KEY" => Some(DEFAULT_API_KEY.to_owned()),
            "ANTHROPIC_BASE_URL" => Some(url.clone()),
            _ => None,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let client = Client::new(Settings::from_env(&env, false).await.unwrap().0).unwrap();
            work(client).await
        })
    }

    /// Somebody else in the Console: one POST, and its success.
    pub(crate) fn change(&self, path: &str, body: &Value) {
        let url = self.platform.url();
        let host = url.trim_start_matches("http://");
        let text = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "POST /v1/{path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {DEFAULT_API_KEY}\r\n\
             anthropic-version: 2026-10-21\r\nanthropic-beta: managed-agents-2026-04-01\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
            text.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    }

    /// Somebody else's skill, made with the name that it shows.
    pub(crate) fn create(&self, display_name: &str, zip: &[u8]) -> String {
        let archive = Archive {
            filename: "skill.zip".to_owned(),
            data: zip.to_vec().into(),
        };
        self.beside(|client| async move {
            client
                .create_skill(archive, Some(display_name))
                .await
                .unwrap()
                .id
        })
    }

    /// Tells whether the platform takes the zip as a skill.
    pub(crate) fn takes(&self, zip: &[u8]) -> bool {
        let archive = Archive {
            filename: "skill.zip".to_owned(),
            data: zip.to_vec().into(),
        };
        self.beside(|client| async move { client.create_skill(archive, None).await.is_ok() })
    }

    /// Runs the tool, and while it waits for the answer to `call`, does something else.
    pub(crate) fn meanwhile(&self, args: impl Words, call: &str, work: impl FnOnce()) -> Run {
        let before = self.hold(call, 1);
        let mut command = self.command(args);
        thread::scope(|scope| {
            let run = scope.spawn(move || run(&mut command));
            self.await_held(call, before, 1);
            work();
            self.platform.release_held();
            run.join().unwrap()
        })
    }

    /// Holds the next so many of these calls; the number of calls before them.
    pub(crate) fn hold(&self, call: &str, times: u32) -> usize {
        self.fault(Fault::Held, call, times);
        self.platform.calls().len()
    }

    /// Waits until so many of these calls have come after the first `before` of all.
    pub(crate) fn await_held(&self, call: &str, before: usize, count: usize) {
        let end = Instant::now() + Duration::from_secs(60);
        let is_one = |known: &&String| known.starts_with(call);
        while self.calls()[before..].iter().filter(is_one).count() < count {
            assert!(Instant::now() < end, "`{call}` was not sent");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Runs the tool, and while it waits for the answer to `call`, somebody else gives the agent
    /// one more skill and says so in its metadata. Gives the statuses of all updates of the agent,
    /// by their arrival.
    pub(crate) fn disturbed(&self, args: impl Words, call: &str, id: &str) -> Vec<Option<u16>> {
        let run = self.meanwhile(args, call, || self.give_docx(id));
        assert_eq!(run.code, 0, "{run:?}");
        let agent = self.platform.agent(id);
        assert_eq!(
            (&agent["skills"][2]["skill_id"], &agent["metadata"]["docx"]),
            (&json!("docx"), &json!("yes"))
        );
        let updates = self
            .platform
            .calls()
            .into_iter()
            .filter(|call| call.method == "POST" && call.path.ends_with(id));
        updates.map(|call| call.status).collect()
    }

    /// Somebody else pins the version.
    pub(crate) fn pin_beside(&self, id: &str, version: &str) {
        self.beside(|client| async move {
            let mut agent = client.get_agent(id).await.unwrap();
            agent
                .skills
                .iter_mut()
                .filter(|entry| entry.kind() == Some("custom"))
                .for_each(|e| e.set_version(version));
            let update = AgentUpdate {
                version: agent.version,
                fields: AgentFields {
                    skills: Some(agent.skills),
                    ..AgentFields::default()
                },
            };
            client.update_agent(id, &update).await.unwrap();
        });
    }

    /// A schedule of the agent as it is now; its id.
    pub(crate) fn create_schedule(&self) -> String {
        let fields = DeploymentFields {
            name: Some("padel".to_owned()),
            agent: Some(json!(AGENT)),
            environment_id: Some(ENVIRONMENT.to_owned()),
            initial_events: Some(vec![claude_platform::user_message("A court tonight?")]),
            ..DeploymentFields::default()
        };
        self.beside(|client| async move { client.create_deployment(&fields).await.unwrap().id })
    }

    /// The schedule as it is now; nobody sees the look.
    pub(crate) fn schedule(&self, id: &str) -> Value {
        let schedules = self.platform.deployments();
        let found = schedules.into_iter().find(|found| found["id"] == id);
        found.unwrap_or_else(|| panic!("no schedule {id}"))
    }

    /// Somebody else archives the session.
    pub(crate) fn archive_beside(&self, session: &Value) {
        let id = session.as_str().unwrap();
        self.beside(|client| async move { client.archive_session(id).await.unwrap() });
    }

    /// Somebody else deletes the version.
    pub(crate) fn delete_beside(&self, version: &str) {
        self.beside(
            |client| async move { client.delete_version(&self.skill, version).await.unwrap() },
        );
    }

    /// Somebody else takes all skills away.
    pub(crate) fn drop_skills(&self, id: &str) {
        self.beside(|client| async move {
            let version = client.get_agent(id).await.unwrap().version;
            let update = AgentUpdate {
                version,
                fields: AgentFields {
                    skills: Some(Vec::new()),
                    ..AgentFields::default()
                },
            };
            client.update_agent(id, &update).await.unwrap();
        });
    }

    fn give_docx(&self, id: &str) {
        self.beside(|client| async move {
            let mut agent = client.get_agent(id).await.unwrap();
            let docx = json!({"type": "anthropic", "skill_id": "docx", "version": "latest"});
            agent.skills.push(serde_json::from_value(docx).unwrap());
            let metadata = json!({"docx": "yes"}).as_object().unwrap().clone();
            let update = AgentUpdate {
                version: agent.version,
                fields: AgentFields {
                    skills: Some(agent.skills),
                    metadata,
                    ..AgentFields::default()
                },
            };
            client.update_agent(id, &update).await.unwrap();
        });
    }

    pub(crate) fn versions(&self) -> Vec<String> {
        self.platform
            .versions(&self.skill)
            .into_iter()
            .map(|version| version.id)
            .collect()
    }

    /// The version that an agent's entry names.
    pub(crate) fn pinned(&self, agent: &str) -> String {
        let agent = self.platform.agent(agent);
        let entries = agent["skills"].as_array().cloned().unwrap_or_default();
        let mut ours = entries.iter().filter(|entry| entry["type"] == "custom");
        let entry = ours.next().unwrap_or_else(|| panic!("no entry in {agent}"));
        assert!(ours.next().is_none(), "two entries in {agent}");
        entry["version"].as_str().unwrap().to_owned()
    }

    /// `METHOD path` of each call since the start.
    pub(crate) fn calls(&self) -> Vec<String> {
        let calls = self.platform.calls();
        calls
            .iter()
            .map(|call| format!("{} {}", call.method, call.path))
            .collect()
    }
}

/// The tool in a scrubbed environment, in a hurry.
pub(crate) fn bare(directory: &Path, args: impl Words) -> Command {
    let args = args.words();
    let mut command = Command::new(env!("CARGO_BIN_EXE_padel-ops"));
    command
        .current_dir(directory)
        .args(&args)
        .stdin(Stdio::null())
        .env_clear();
    command.env("PATH", "/usr/bin:/bin").env("HOME", directory);
    // Nothing here speaks TLS, and reading the machine's roots would be most of the time.
    command.env("SSL_CERT_FILE", "/dev/null");
    if args
        .first()
        .is_some_and(|step| !matches!(step.as_str(), "pack" | "check" | "--help"))
    {
        command.args(["--pace", "0.02"]);
    }
    command
}

pub(crate) fn run(command: &mut Command) -> Run {
    said(&command.output().unwrap())
}

fn said(output: &Output) -> Run {
    documents::keep(&output.stdout);
    documents::keep(&output.stderr);
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout.clone()).unwrap(),
        stderr: String::from_utf8(output.stderr.clone()).unwrap(),
    }
}
