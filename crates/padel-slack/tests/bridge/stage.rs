//! A simulated workspace and platform with the bridge's own parts between them, all in one process.
//!
//! `home` says where the bridge lives: on one machine, or on AWS. Each test program has its own, and
//! tests in files that both have run on both.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use claude_platform::{Client, Cost, Limits, Settings};
use claude_platform_sim::{Builder as PlatformBuilder, Model, Platform};
use padel_slack::{
    accept::Intake,
    answer::{Answerer, Progress, Reply, Timing},
    clock::{Clock, machine_clock},
    desk::{Credentials, Desk},
    envelope::Envelope,
    filter::Filter,
    handover::{Errand, Handover, HandoverError},
    ledger::RateLimit,
    log::Log,
    question::Thread,
    slack::{Identity, SlackClient, Transport},
};
use secrecy::SecretString;
use serde_json::{Value, json};
use slack_sim::{Builder as WorkspaceBuilder, DEFAULT_BOT_TOKEN, Draft, Message, Workspace};

use crate::home::{Home, Store};

pub(crate) const CHANNEL: &str = "C0PADEL0001";
pub(crate) const OWNER: &str = "U0ANNA00001";
pub(crate) const GUEST: &str = "U0BORIS0001";
pub(crate) const AGENT: &str = "agent_01Padel";
pub(crate) const ENVIRONMENT: &str = "env_01Padel";
pub(crate) const KEY: &str = "sk-test-simulated-platform";

/// Loses what it is handed: the ledger has to be enough.
#[derive(Clone)]
pub(crate) struct Lost;

impl Handover for Lost {
    async fn hand_over(&self, _: Errand) -> Result<(), HandoverError> {
        Err(HandoverError("lost".to_owned()))
    }
}

pub(crate) struct Stage {
    pub(crate) workspace: Workspace,
    pub(crate) platform: Platform,
    pub(crate) home: Home,
    pub(crate) ledger: Store,
    pub(crate) lines: Arc<Mutex<Vec<String>>>,
    /// Added to the machine's time.
    pub(crate) shift: Arc<AtomicI64>,
    pub(crate) timing: Timing,
    pub(crate) reply: Reply,
    pub(crate) max_cost: Option<Cost>,
    pub(crate) credentials: Credentials,
    pub(crate) limit: RateLimit,
}

/// Waits that a test can wait for.
pub(crate) fn quick() -> Timing {
    Timing {
        lease: Duration::from_secs(2),
        renewal: Duration::from_millis(300),
        settle: Duration::from_millis(100),
        ..Timing::default()
    }
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(|workspace| workspace, |platform| platform)
    }

    pub(crate) fn with(
        workspace: impl FnOnce(WorkspaceBuilder) -> WorkspaceBuilder,
        platform: impl FnOnce(PlatformBuilder) -> PlatformBuilder,
    ) -> Self {
        let workspace = workspace(
            Workspace::builder()
                .person(OWNER, "anna")
                .person(GUEST, "boris")
                .channel(CHANNEL, "padel")
                .without_rate_limits(),
        );
        let platform = platform(
            Platform::builder()
                .agent(AGENT, json!({"name": "padel"}))
                .environment(ENVIRONMENT)
                .model(Model::Lazy),
        );
        let home = Home::new();
        Self {
            workspace: workspace.start(),
            platform: platform.start(),
            ledger: home.open_ledger(),
            home,
            lines: Arc::default(),
            shift: Arc::default(),
            timing: quick(),
            reply: Reply::Bridge,
            max_cost: None,
            credentials: Credentials::default(),
            limit: RateLimit {
                questions: 30,
                window: 600_000,
            },
        }
    }

    pub(crate) fn clock(&self) -> Clock {
        let (machine, shift) = (machine_clock(), Arc::clone(&self.shift));
        Arc::new(move || machine() + shift.load(Ordering::Relaxed))
    }

    pub(crate) fn pass(&self, time: Duration) {
        let time = i64::try_from(time.as_millis()).unwrap();
        self.shift.fetch_add(time, Ordering::Relaxed);
    }

    pub(crate) async fn client(&self) -> Client {
        let url = self.platform.url();
        let variables = |name: &str| match name {
            "ANTHROPIC_API_KEY" => Some(KEY.to_owned()),
            "ANTHROPIC_BASE_URL" => Some(url.clone()),
            _ => None,
        };
        let (settings, _) = Settings::from_env(&variables, false).await.unwrap();
        let limits = Limits {
            first_wait: Duration::from_millis(1),
            ..Limits::default()
        };
        Client::new(settings.with_limits(limits)).unwrap()
    }

    /// One more process that answers.
    pub(crate) async fn answerer(&self) -> Answerer<Store> {
        let transport = Transport::new(&self.workspace.api_url(), &|_| None).unwrap();
        Answerer {
            ledger: self.home.open_ledger(),
            slack: SlackClient::new(transport, SecretString::from(DEFAULT_BOT_TOKEN)),
            identity: Identity {
                user: slack_sim::BOT_USER.to_owned(),
                bot: slack_sim::BOT.to_owned(),
                ..Identity::default()
            },
            desk: Desk {
                client: self.client().await,
                deployment: "padel".to_owned(),
                agent: AGENT.to_owned(),
                environment: ENVIRONMENT.to_owned(),
                max_cost: self.max_cost.clone(),
                credentials: self.credentials.clone(),
            },
            reply: self.reply.clone(),
            timing: self.timing,
            clock: self.clock(),
            log: self.log(),
        }
    }

    pub(crate) fn log(&self) -> Log {
        let lines = Arc::clone(&self.lines);
        Arc::new(move |entry| {
            let line = entry.to_json("2026-11-28T02:00:00Z");
            lines.lock().unwrap().push(line);
        })
    }

    /// One more process that accepts.
    pub(crate) fn intake(&self) -> Intake<Store, Lost> {
        Intake {
            filter: Filter {
                channels: [CHANNEL.to_owned()].into(),
                owners: [OWNER.to_owned()].into(),
                ..Filter::default()
            },
            limit: self.limit,
            ledger: self.home.open_ledger(),
            handover: Lost,
        }
    }

    /// Somebody asks, and the question is accepted; returns the errand that it makes.
    pub(crate) async fn ask(&self, person: &str, text: &str, thread: Option<&str>) -> Errand {
        let draft = Draft::new(person, CHANNEL, text);
        let ts = self.workspace.send(match thread {
            Some(thread) => draft.in_thread(thread),
            None => draft,
        });
        self.accept(person, text, &ts, thread).await
    }

    /// Accepts a message that stands in the channel.
    pub(crate) async fn accept(
        &self,
        person: &str,
        text: &str,
        ts: &str,
        thread: Option<&str>,
    ) -> Errand {
        let status = self.take(&describe(person, text, ts, thread)).await;
        assert_eq!(status, 200, "{}", self.lines());
        Errand {
            thread: Thread {
                channel: CHANNEL.to_owned(),
                ts: thread.unwrap_or(ts).to_owned(),
            },
            arrived: Some(ts.to_owned()),
        }
    }

    pub(crate) fn answers(&self, errand: &Errand) -> Vec<Message> {
        self.workspace.answers(CHANNEL, &errand.thread.ts)
    }

    pub(crate) fn texts(&self, errand: &Errand) -> Vec<String> {
        self.answers(errand)
            .into_iter()
            .map(|message| message.text)
            .collect()
    }

    /// The reactions below a message, by name.
    pub(crate) fn reactions(&self, ts: &str) -> Vec<String> {
        let messages = self.workspace.messages(CHANNEL);
        let message = messages
            .into_iter()
            .find(|message| message.ts == ts)
            .unwrap();
        message
            .reactions
            .into_iter()
            .map(|reaction| reaction.name)
            .collect()
    }

    /// Messages to the agent, session by session.
    pub(crate) fn said(&self) -> Vec<Vec<String>> {
        let sessions = self.platform.sessions();
        let lines = |session: &Value| {
            let events = self.platform.events(session["id"].as_str().unwrap());
            let said = events
                .iter()
                .filter(|event| event["type"] == "user.message");
            said.map(|event| event["content"][0]["text"].as_str().unwrap().to_owned())
                .collect()
        };
        sessions.iter().map(lines).collect()
    }

    pub(crate) fn lines(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }
}

/// A delivery of a message that has no `client_msg_id`.
pub(crate) fn describe(person: &str, text: &str, ts: &str, thread: Option<&str>) -> Value {
    json!({
        "type": "event_callback", "api_app_id": slack_sim::APP, "team_id": slack_sim::TEAM,
        "event_id": format!("Ev{:08}", fastrand::u32(..)),
        "event": {
            "type": "message", "channel": CHANNEL, "channel_type": "channel", "user": person,
            "text": text, "ts": ts, "thread_ts": thread,
        },
    })
}

pub(crate) fn deliver(person: &str, text: &str, ts: &str, thread: Option<&str>) -> Envelope {
    Envelope::parse(describe(person, text, ts, thread).to_string().as_bytes())
}

/// Answers, and again while something does not work.
pub(crate) async fn run(answerer: &Answerer<Store>, errand: &Errand) -> Progress {
    for _ in 0..200 {
        match answerer.answer(errand, std::future::pending()).await {
            Progress::Later(wait) => tokio::time::sleep(wait.max(Duration::from_millis(5))).await,
            progress => return progress,
        }
    }
    panic!("it never ends")
}
