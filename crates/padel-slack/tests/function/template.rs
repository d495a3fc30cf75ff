//! The functions as `deploy/aws/template.yaml` declares them: with its variables and its roles, its
//! table, route, schedule and queue, and nothing else.

use std::{collections::BTreeSet, time::Duration};

use aws_sim::{Credentials, DEFAULT_REGION, ErrorName, Fault, Front, Order, Region, Stack};
use claude_platform_sim::{AwsAccess, Builder as PlatformBuilder, Model, Platform};
use serde_json::json;
use slack_sim::{DEFAULT_BOT_TOKEN, DEFAULT_SIGNING_SECRET, Workspace};

use crate::{
    story::post_unsigned,
    table::{age_ledger, find_program},
};

const CHANNEL: &str = "C0PADEL0001";
const OWNER: &str = "U0ANNA00001";
const KEY: &str = "sk-test-simulated-platform";
const WORKSPACE: &str = "wrkspc_01Padel";
const PLATFORM: &str = "aws-external-anthropic:";
const ACCEPT: &str = "padel-accept";
const ANSWER: &str = "padel-answer";
const TABLE: &str = "padel-Table-SIMULATED";
const ACCEPT_ROLE: &str = "padel-AcceptRole-SIMULATED";
const ANSWER_ROLE: &str = "padel-AnswerRole-SIMULATED";

struct Stage {
    workspace: Workspace,
    platform: Platform,
    region: Region,
}

impl Stage {
    /// With an API key for the platform.
    async fn start() -> Self {
        let key = ("ApiKeyParameter", "/padel/api-key");
        Self::with(|platform| platform, &[key], Front::HttpApi).await
    }

    /// On Claude Platform on AWS, where the function's role signs in.
    async fn start_on_aws() -> Self {
        let role = Credentials::of_role(ANSWER_ROLE);
        let access = AwsAccess {
            region: DEFAULT_REGION.to_owned(),
            workspace: WORKSPACE.to_owned(),
            access_key_id: role.access_key_id,
            secret_access_key: role.secret_access_key,
            session_token: role.session_token,
        };
        let workspace = ("WorkspaceId", WORKSPACE);
        Self::with(
            |platform| platform.aws(access),
            &[workspace],
            Front::HttpApi,
        )
        .await
    }

    async fn with(
        platform: impl FnOnce(PlatformBuilder) -> PlatformBuilder,
        parameters: &[(&str, &str)],
        front: Front,
    ) -> Self {
        // The clocks of retries and schedules stand, so that tests decide when they come.
        let now = "2026-11-28T09:00:00Z";
        let workspace = Workspace::builder()
            .person(OWNER, "anna")
            .channel(CHANNEL, "padel")
            .without_rate_limits()
            .now(now)
            .start();
        let builder = Platform::builder()
            .agent("agent_01Padel", json!({"name": "padel"}))
            .environment("env_01Padel")
            .model(Model::Lazy);
        let platform = platform(builder).start();
        let api = workspace.api_url();
        let given = [
            ("CodeBucket", "bucket"),
            ("CodeKey", "key"),
            ("Channels", CHANNEL),
            ("Owners", OWNER),
            ("AgentId", "agent_01Padel"),
            ("EnvironmentId", "env_01Padel"),
            ("SlackApiUrl", api.as_str()),
            ("Front", front.name()),
        ];
        let stack = Stack {
            name: "padel",
            parameters: &[&given, parameters].concat(),
            program: &find_program(),
        };
        let template = include_str!("../../../../deploy/aws/template.yaml");
        let region = Region::builder()
            .secret("/padel/slack-signing-secret", DEFAULT_SIGNING_SECRET)
            .secret("/padel/slack-bot-token", DEFAULT_BOT_TOKEN)
            .secret("/padel/api-key", KEY)
            .now(now)
            .template(template, stack)
            .unwrap()
            .variable("ANTHROPIC_BASE_URL", &platform.url())
            .variable("ANTHROPIC_AWS_BASE_URL", &platform.url())
            .start();
        let address = format!("{}/slack/events", region.front_url(front, ACCEPT));
        workspace.set_request_url(&address).await.unwrap();
        Self {
            workspace,
            platform,
            region,
        }
    }

    fn ask(&self) -> String {
        self.workspace
            .type_message("anna", "padel", "Is a court free?")
    }

    async fn settle(&self) {
        self.workspace.settle().await;
        self.region.settle().await;
    }

    /// Five minutes pass for Slack, for Lambda, and in the ledger.
    async fn pass_time(&self) {
        self.settle().await;
        age_ledger(&self.region, TABLE).await;
        for _ in 0..5 {
            self.workspace.advance(Duration::from_mins(1));
            self.region.advance(Duration::from_mins(1));
            // A schedule fires a moment after the clock has moved.
            tokio::time::sleep(Duration::from_millis(20)).await;
            self.settle().await;
        }
    }

    fn answers(&self, ts: &str) -> usize {
        self.workspace.answers(CHANNEL, ts).len()
    }

    /// Messages to the agent, all sessions together.
    fn said(&self) -> usize {
        let sessions = self.platform.sessions();
        let events = sessions
            .iter()
            .flat_map(|session| self.platform.events(session["id"].as_str().unwrap()));
        events
            .filter(|event| event["type"] == "user.message")
            .count()
    }

    fn logs(&self) -> String {
        format!("{}{}", self.region.log(ACCEPT), self.region.log(ANSWER))
    }
}

/// The actions that a role's policy allows, of the services that a region serves, or the platform's.
fn granted(stage: &Stage, role: &str, platforms: bool) -> BTreeSet<String> {
    let policy = stage.region.policy(role).unwrap();
    let actions = policy.allowed_actions().map(str::to_owned);
    // Lambda itself writes the log and sends to the destination.
    let actions =
        actions.filter(|action| !action.starts_with("logs:") && action != "sqs:SendMessage");
    let (own, others): (BTreeSet<_>, BTreeSet<_>) =
        actions.partition(|action| action.starts_with(PLATFORM));
    if platforms { own } else { others }
}

/// The actions that a role was seen to need.
fn used(stage: &Stage, role: &str) -> BTreeSet<String> {
    let used = stage.region.used_permissions().into_iter();
    let of_role = used.filter(|used| used.caller.ends_with(&format!("/{role}")));
    of_role.map(|used| used.action).collect()
}

#[tokio::test]
async fn each_role_may_do_what_it_does_and_nothing_else() {
    let stage = Stage::start().await;
    let ts = stage.ask();
    stage.pass_time().await;
    // A thread that may have questions is read before it gets another.
    stage
        .workspace
        .type_reply("anna", "padel", &ts, "And later?");
    stage.settle().await;
    assert_eq!(stage.answers(&ts), 2, "{}", stage.logs());
    let refused: Vec<_> = stage.region.used_permissions();
    let refused: Vec<_> = refused.iter().filter(|used| !used.was_allowed).collect();
    assert!(refused.is_empty(), "{refused:?}");
    for role in [ACCEPT_ROLE, ANSWER_ROLE] {
        assert_eq!(used(&stage, role), granted(&stage, role, false), "{role}");
        assert!(granted(&stage, role, true).is_empty(), "{role}");
    }
    assert!(stage.region.failures().is_empty());
}

#[tokio::test]
async fn the_answering_role_signs_in_on_claude_platform_on_aws() {
    let stage = Stage::start_on_aws().await;
    let ts = stage.ask();
    stage.settle().await;
    assert_eq!(stage.answers(&ts), 1, "{}", stage.logs());
    let needed = stage.platform.needed_actions(0).into_iter();
    let needed: BTreeSet<String> = needed.map(|action| format!("{PLATFORM}{action}")).collect();
    let granted = granted(&stage, ANSWER_ROLE, true);
    let create = format!("{PLATFORM}CreateSession");
    assert!(
        needed.contains(&create) && needed.is_subset(&granted),
        "{needed:?}"
    );
    let workspace =
        format!("arn:aws:aws-external-anthropic:eu-west-1:123456789012:workspace/{WORKSPACE}");
    let policy = stage.region.policy(ANSWER_ROLE).unwrap();
    assert!(
        granted
            .iter()
            .all(|action| policy.allows(action, &workspace))
    );
    assert!(!used(&stage, ANSWER_ROLE).is_empty());
}

#[tokio::test]
async fn the_function_url_is_the_only_front_where_it_is_chosen() {
    let key = ("ApiKeyParameter", "/padel/api-key");
    let stage = Stage::with(|platform| platform, &[key], Front::FunctionUrl).await;
    let ts = stage.ask();
    stage.settle().await;
    assert_eq!(stage.answers(&ts), 1, "{}", stage.logs());
    let other = format!(
        "{}/slack/events",
        stage.region.front_url(Front::HttpApi, ACCEPT)
    );
    stage.workspace.set_request_url(&other).await.unwrap_err();
}

/// Whoever knows the address can use up what its throttle admits; Slack comes again.
#[tokio::test]
async fn what_the_throttle_holds_back_is_answered_later() {
    let stage = Stage::start().await;
    let url = stage.region.front_url(Front::HttpApi, ACCEPT);
    let url = format!("{url}/slack/events");
    let mut statuses = Vec::new();
    for _ in 0..41 {
        let answer = post_unsigned(&url, "{}").await;
        statuses.push(answer.split(' ').nth(1).unwrap().to_owned());
    }
    // The address was verified before.
    assert_eq!(statuses[38..], ["401", "429", "429"]);
    let ts = stage.ask();
    stage.settle().await;
    assert_eq!(stage.answers(&ts), 0, "{}", stage.logs());
    stage.region.advance(Duration::from_secs(2));
    stage.pass_time().await;
    let told = (stage.answers(&ts), stage.said());
    assert_eq!(told, (1, 1), "{}", stage.logs());
}

#[tokio::test]
async fn an_event_that_is_lost_is_swept_with_the_rights_for_it() {
    let stage = Stage::start().await;
    stage
        .region
        .push_mishap("lost".parse::<Order<_>>().unwrap());
    let ts = stage.ask();
    stage.settle().await;
    assert_eq!(stage.answers(&ts), 0);
    stage.pass_time().await;
    let told = (stage.answers(&ts), stage.said());
    assert_eq!(told, (1, 1), "{}", stage.logs());
}

#[tokio::test]
async fn a_handover_that_is_throttled_is_swept() {
    let stage = Stage::start().await;
    let throttled = Fault::Error(ErrorName("TooManyRequestsException"));
    stage.region.push_fault(throttled, "/lambda", 2);
    let ts = stage.ask();
    stage.settle().await;
    assert_eq!(stage.answers(&ts), 0);
    stage.pass_time().await;
    let told = (stage.answers(&ts), stage.said());
    assert_eq!(told, (1, 1), "{}", stage.logs());
}

#[tokio::test]
async fn a_process_that_dies_with_its_post_posts_once() {
    let stage = Stage::start().await;
    // It is posted, and no answer comes.
    let silent = slack_sim::Fault::Silent;
    stage
        .workspace
        .push_fault(silent, "/api/chat.postMessage", 1);
    let ts = stage.ask();
    while stage.answers(&ts) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(stage.region.kill(ANSWER), 1);
    stage.pass_time().await;
    let told = (stage.answers(&ts), stage.said());
    assert_eq!(told, (1, 1), "{}", stage.logs());
    // The next run closes it, and the one after that has nothing to do.
    stage.pass_time().await;
    let told = (stage.answers(&ts), stage.said());
    assert_eq!(told, (1, 1), "{}", stage.logs());
}

#[tokio::test]
async fn one_process_of_each_function_serves_one_question_after_the_other() {
    let stage = Stage::start().await;
    for _ in 0..3 {
        let ts = stage.ask();
        stage.settle().await;
        assert_eq!(stage.answers(&ts), 1, "{}", stage.logs());
    }
    let invocations = stage.region.invocations();
    let cold = invocations.iter().filter(|one| one.was_cold).count();
    assert_eq!(cold, 2, "{invocations:?}");
    let is_answered = |one: &aws_sim::Invocation| one.outcome == "answered";
    assert!(invocations.iter().all(is_answered), "{invocations:?}");
}
