//! Watching on AWS: what the table keeps, and the look that the template's schedule asks for.

use std::{path::Path, time::Duration};

use aws_sim::{Fault, Region, Stack};
use chrono::{DateTime, TimeDelta};
use claude_platform_sim::Platform;
use gladstone_sim::Club;
use padel_slack::{clock::machine_clock, watch::ledger::WatchLedger as _};
use serde_json::{Value, json};
use slack_sim::{DEFAULT_BOT_TOKEN, DEFAULT_SIGNING_SECRET, Workspace};

use crate::{
    table::{Table, make_cloud},
    watch_cases::{check_state_versions, check_turns},
};

const CHANNEL: &str = "C0PADEL0001";
const ANSWER: &str = "padel-answer";
const TABLE: &str = "padel-Table-SIMULATED";
const SESSIONS: &str = "/api/availability/V2/sessions";

#[tokio::test]
async fn turns_and_versions_are_as_agreed() {
    let table = Table::make().await;
    check_turns(&table.ledger()).await;
    check_state_versions(&table.ledger()).await;
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_counts_once() {
    let table = Table::make().await;
    let Some(region) = &table.region else {
        return;
    };
    region.push_fault(Fault::LostAfter, "/dynamodb/UpdateItem", 1);
    let (ledger, club) = (table.ledger(), "https://one.example/");
    assert!(ledger.write_state(club, "a", 0, 0).await.unwrap());
    let kept = ledger.read_state(club).await.unwrap();
    assert_eq!(kept.map(|kept| kept.version), Some(1));
}

struct Stage {
    workspace: Workspace,
    club: Club,
    _platform: Platform,
    region: Region,
    /// The day that is watched, at which all courts are taken.
    day: DateTime<chrono::Utc>,
}

impl Stage {
    /// A stack of the template that watches; the functions go by the machine's clock.
    fn start(parameters: &[(&str, &str)]) -> Self {
        let now = DateTime::from_timestamp_millis(machine_clock()()).unwrap();
        let day = now + TimeDelta::days(3);
        let club = Club::builder().now(now.to_rfc3339()).start();
        let midnight = day.format("%Y-%m-%dT00:00:00Z").to_string();
        for court in ["PC1", "PC2", "PC3", "PC4"] {
            club.set_taken(court, &midnight, 24 * 60, true);
        }
        let workspace = Workspace::builder()
            .person("U0ANNA00001", "anna")
            .channel(CHANNEL, "padel")
            .without_rate_limits()
            .start();
        let platform = Platform::builder()
            .agent("agent_01Padel", json!({"name": "padel"}))
            .environment("env_01Padel")
            .start();
        let deployment = format!(
            "name = \"padel\"\nclub = \"{}\"\n[slack]\nchannels = [\"{CHANNEL}\"]\n[[watch]]\nname = \"soon\"\n\
             date = \"{}\"\nduration = 60\nsite = [\"UB\"]\nactivity = [\"PADEL60\"]\n",
            club.url(),
            day.format("%Y-%m-%d")
        );
        let api = workspace.api_url();
        let given = [
            ("CodeBucket", "bucket"),
            ("CodeKey", "key"),
            ("Channels", CHANNEL),
            ("AgentId", "agent_01Padel"),
            ("EnvironmentId", "env_01Padel"),
            ("SlackApiUrl", api.as_str()),
            ("ApiKeyParameter", "/padel/api-key"),
        ];
        let stack = Stack {
            name: "padel",
            parameters: &[&given, parameters].concat(),
            program: Path::new(env!("CARGO_BIN_EXE_bootstrap")),
        };
        let region = Region::builder()
            .secret("/padel/slack-signing-secret", DEFAULT_SIGNING_SECRET)
            .secret("/padel/slack-bot-token", DEFAULT_BOT_TOKEN)
            .secret("/padel/api-key", "sk-test-simulated-platform")
            .secret("/padel/agent.toml", deployment)
            .now("2026-11-28T09:00:00Z")
            .template(include_str!("../../../../deploy/aws/template.yaml"), stack)
            .unwrap()
            .variable("ANTHROPIC_BASE_URL", &platform.url())
            .start();
        Self {
            workspace,
            club,
            _platform: platform,
            region,
            day,
        }
    }

    /// Lets minutes pass until the schedule has invoked the function once more.
    async fn pass_minute(&self) {
        let before = self.count_invocations();
        for _ in 0..60 {
            self.region.advance(Duration::from_mins(1));
            // It fires a moment after the clock has moved.
            for _ in 0..50 {
                if self.count_invocations() > before {
                    return self.region.settle().await;
                }
                tokio::time::sleep(Duration::from_millis(4)).await;
            }
        }
        panic!("nothing was invoked");
    }

    fn count_invocations(&self) -> usize {
        let invocations = self.region.invocations().into_iter();
        let is_look = |one: &aws_sim::Invocation| one.payload == json!({"watch": true});
        invocations.filter(is_look).count()
    }

    fn posts(&self) -> Vec<String> {
        let messages = self.workspace.messages(CHANNEL);
        messages.into_iter().map(|message| message.text).collect()
    }

    fn looks(&self) -> usize {
        let calls = self.club.calls();
        calls.iter().filter(|call| call.path == SESSIONS).count()
    }

    /// Makes the last look an hour older, and the next one due.
    async fn age_look(&self) {
        let client = make_cloud(&self.region.url()).dynamodb();
        let ledger = padel_slack::function::dynamodb::DynamoLedger::new(client, TABLE.to_owned());
        let club = format!("{}/", self.club.url());
        let kept = ledger.read_state(&club).await.unwrap().unwrap();
        let mut state: Value = serde_json::from_str(&kept.text).unwrap();
        let at: DateTime<chrono::Utc> =
            serde_json::from_value(state["state"]["looked_at"].take()).unwrap();
        state["state"]["looked_at"] = json!(at - TimeDelta::hours(1));
        let now = machine_clock()();
        let text = state.to_string();
        let written = ledger.write_state(&club, &text, kept.version, now).await;
        assert!(written.unwrap());
        let lease = padel_slack::ledger::Lease {
            holder: "test".to_owned(),
            until: now,
        };
        // As if the clock stood where the next look is.
        let later = now + 600_000;
        ledger.claim_look(&lease, later).await.unwrap();
        ledger.end_look("test", 0).await.unwrap();
    }
}

#[tokio::test]
async fn a_schedule_has_the_club_looked_at_when_it_is_time() {
    let stage = Stage::start(&[("WatchParameter", "/padel/agent.toml")]);
    stage.pass_minute().await;
    let log = stage.region.log(ANSWER);
    let posts = stage.posts();
    assert_eq!(
        posts,
        ["soon: watched from now on; nothing is free"],
        "{log}"
    );
    // It is not time yet.
    stage.pass_minute().await;
    assert_eq!(stage.looks(), 1);
    let start = stage.day.format("%Y-%m-%dT12:00:00Z").to_string();
    stage.club.set_taken("PC1", &start, 180, false);
    stage.age_look().await;
    stage.pass_minute().await;
    let posts = stage.posts();
    let log = stage.region.log(ANSWER);
    assert!(
        posts.len() == 2 && posts[1].contains("soon: free "),
        "{posts:?} {log}"
    );
    assert_eq!(stage.looks(), 2, "one request a look");
    let used = stage.region.used_permissions();
    assert!(used.iter().all(|used| used.was_allowed), "{used:?}");
    assert!(stage.region.failures().is_empty());
    for secret in [DEFAULT_BOT_TOKEN, "soon: free"] {
        assert!(!log.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_parameter_that_cannot_be_read_is_an_error_line() {
    let stage = Stage::start(&[("WatchParameter", "/padel/absent.toml")]);
    stage.club.never_called();
    stage.pass_minute().await;
    let mut log = String::new();
    // A line comes a moment after the invocation has ended.
    for _ in 0..1000 {
        log = stage.region.log(ANSWER);
        if log.contains("watch_failed") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(
        log.contains("watch_failed") && log.contains("absent.toml"),
        "{log}"
    );
    assert!(stage.region.failures().is_empty());
}

#[tokio::test]
async fn nothing_is_invoked_where_nothing_is_watched() {
    let stage = Stage::start(&[]);
    stage.club.never_called();
    // The only schedule is the sweep's.
    for _ in 0..20 {
        stage.region.advance(Duration::from_mins(1));
        tokio::time::sleep(Duration::from_millis(4)).await;
    }
    stage.region.settle().await;
    assert_eq!(stage.count_invocations(), 0);
}
