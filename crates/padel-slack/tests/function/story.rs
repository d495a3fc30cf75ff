//! From a message in a simulated workspace through both functions to the answer in its thread. The
//! functions are processes of the program `bootstrap`.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sim::{ErrorName, Fault, Front, Function, Mishap, Order, Region};
use claude_platform_sim::{Model, Platform};
use padel_slack::{
    function::dynamodb::DynamoLedger,
    ledger::Ledger as _,
    question::{Access, Question, Thread},
};
use serde_json::{Value, json};
use slack_sim::{DEFAULT_BOT_TOKEN, DEFAULT_SIGNING_SECRET, Outcome, Workspace};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    ledger_cases::LIMIT,
    table::{age_ledger, describe_table, find_program, make_cloud},
};

const CHANNEL: &str = "C0PADEL0001";
const OWNER: &str = "U0ANNA00001";
const KEY: &str = "sk-test-simulated-platform";
const TABLE: &str = "padel-slack";
const ACCEPT: &str = "padel-slack-accept";
const ANSWER: &str = "padel-slack-answer";
const WITHIN: Duration = Duration::from_secs(40);

/// Everything between a person and the agent.
struct Stage {
    workspace: Workspace,
    platform: Platform,
    region: Region,
    client: Client,
}

impl Stage {
    /// Starts everything; the workspace delivers to this front.
    async fn start(front: Front) -> Self {
        let workspace = Workspace::builder()
            .person(OWNER, "anna")
            .channel(CHANNEL, "padel")
            .without_rate_limits()
            .start();
        let platform = Platform::builder()
            .agent("agent_01Padel", json!({"name": "padel"}))
            .environment("env_01Padel")
            .model(Model::Lazy)
            .start();
        let program = find_program();
        let accept = Function::new(ACCEPT, &program)
            .variable("PADEL_FUNCTION", "accept")
            .variable("PADEL_TABLE", TABLE)
            .variable("PADEL_ANSWER_FUNCTION", ANSWER)
            .variable("SLACK_SIGNING_SECRET_PARAMETER", "/padel/signing-secret")
            .variable("PADEL_SLACK_CHANNELS", CHANNEL)
            .variable("PADEL_SLACK_OWNERS", OWNER)
            .route("POST /slack/events")
            .timeout(Duration::from_secs(10));
        let answer = Function::new(ANSWER, &program)
            .variable("PADEL_FUNCTION", "answer")
            .variable("PADEL_TABLE", TABLE)
            .variable("SLACK_BOT_TOKEN_PARAMETER", "/padel/bot-token")
            .variable("ANTHROPIC_API_KEY_PARAMETER", "/padel/api-key")
            .variable("ANTHROPIC_BASE_URL", platform.url())
            .variable("SLACK_API_URL", workspace.api_url())
            .variable("PADEL_AGENT_ID", "agent_01Padel")
            .variable("PADEL_ENVIRONMENT_ID", "env_01Padel")
            .timeout(Duration::from_secs(120));
        let region = Region::builder()
            .table(describe_table(TABLE), Some("expires"))
            .secret("/padel/signing-secret", DEFAULT_SIGNING_SECRET)
            .secret("/padel/bot-token", format!("{DEFAULT_BOT_TOKEN}\n"))
            .secret("/padel/api-key", KEY)
            .function(accept)
            .function(answer)
            .schedule(ACCEPT, Duration::from_mins(5), json!({"sweep": true}))
            .start();
        let url = format!("{}/slack/events", region.front_url(front, ACCEPT));
        workspace.set_request_url(&url).await.unwrap();
        let client = make_cloud(&region.url()).dynamodb();
        Self {
            workspace,
            platform,
            region,
            client,
        }
    }

    async fn expect_answer(&self, ts: &str) {
        let answers = self
            .workspace
            .wait_for_answers(CHANNEL, ts, 1, WITHIN)
            .await;
        assert_eq!(answers.len(), 1, "{}", self.describe());
    }

    /// Returns the lines of a function's log about one kind of event.
    fn lines(&self, function: &str, event: &str) -> Vec<Value> {
        let log = self.region.log(function);
        let lines = log
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        lines
            .filter(|line: &Value| line["event"] == event)
            .collect()
    }

    fn describe(&self) -> String {
        let thread = self.workspace.show_channel(CHANNEL);
        let (accept, answer) = (self.region.log(ACCEPT), self.region.log(ANSWER));
        format!("{thread}\naccept:\n{accept}\nanswer:\n{answer}")
    }

    /// Lets time pass until the thread has its answer: retries of events, ends of leases, sweeps.
    async fn wait_patiently(&self, ts: &str) {
        for _ in 0..8 {
            self.region.settle().await;
            if !self.workspace.answers(CHANNEL, ts).is_empty() {
                break;
            }
            age_ledger(&self.region, TABLE).await;
            self.region.advance(Duration::from_mins(3));
        }
        self.region.settle().await;
        let answers = self.workspace.answers(CHANNEL, ts);
        assert_eq!(answers.len(), 1, "{}", self.describe());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered_through_every_front() {
    for front in Front::ALL {
        let stage = Stage::start(front).await;
        let ts = stage
            .workspace
            .type_message(OWNER, CHANNEL, "free at six? é <@U1>");
        stage.expect_answer(&ts).await;
        stage.region.settle().await;
        assert!(stage.region.failures().is_empty(), "{}", stage.describe());
        for secret in [
            "free at six",
            DEFAULT_SIGNING_SECRET,
            DEFAULT_BOT_TOKEN,
            KEY,
            "v0=",
        ] {
            let (accept, answer) = (stage.region.log(ACCEPT), stage.region.log(ANSWER));
            assert!(
                !accept.contains(secret) && !answer.contains(secret),
                "{secret}"
            );
        }
        assert!(stage.platform.calls().len() > 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_comes_twice_is_answered_once() {
    let stage = Stage::start(Front::HttpApi).await;
    let order = format!("doubled=2@/{ANSWER}");
    stage
        .region
        .push_mishap(order.parse::<Order<Mishap>>().unwrap());
    let ts = stage.workspace.type_message(OWNER, CHANNEL, "free?");
    stage.expect_answer(&ts).await;
    stage.region.settle().await;
    assert_eq!(stage.workspace.answers(CHANNEL, &ts).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_invocation_came_for_is_swept() {
    let stage = Stage::start(Front::HttpApi).await;
    let ts = stage
        .workspace
        .type_message("U0ANNA00001", CHANNEL, "hello");
    stage.expect_answer(&ts).await;
    // Its run looks once more for what came meanwhile.
    stage.region.settle().await;
    // Accepted three minutes ago, and nobody was told.
    let root = stage.workspace.messages(CHANNEL)[0].ts.clone();
    let question = Question {
        key: "m#A#lost".to_owned(),
        thread: Thread {
            channel: CHANNEL.to_owned(),
            ts: root.clone(),
        },
        ts: root.clone(),
        user: OWNER.to_owned(),
        access: Access::Owner,
        text: "and at seven?".to_owned(),
        files: 0,
    };
    let ledger = DynamoLedger::new(stage.client.clone(), TABLE.to_owned());
    let then = (padel_slack::clock::machine_clock())() - 180_000;
    ledger.record(&question, LIMIT, then).await.unwrap();
    stage.region.advance(Duration::from_mins(5));
    let answers = stage
        .workspace
        .wait_for_answers(CHANNEL, &root, 2, WITHIN)
        .await;
    assert_eq!(answers.len(), 2, "{}", stage.describe());
    stage.region.settle().await;
    let swept = stage.lines(ACCEPT, "swept");
    assert!(swept.iter().any(|line| line["threads"] == 1), "{swept:?}");
}

/// A process that dies before or after any of its writes, or of the handover.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_point_ends_in_one_answer() {
    for fault in [Fault::KillBefore, Fault::KillAfter] {
        for place in ["/dynamodb/UpdateItem", "/dynamodb/GetItem", "/lambda"] {
            for skipped in 0..6 {
                if place != "/dynamodb/UpdateItem" && skipped > 1 {
                    continue;
                }
                let stage = Stage::start(Front::HttpApi).await;
                // The first ones pass: a fault that does nothing stands in their way.
                for _ in 0..skipped {
                    stage.region.push_fault(Fault::Slow(1), place, 1);
                }
                stage.region.push_fault(fault, place, 1);
                let ts = stage.workspace.type_message(OWNER, CHANNEL, "free?");
                tokio::time::sleep(Duration::from_millis(300)).await;
                // Slack delivers again what got no answer.
                stage.workspace.advance(Duration::from_mins(2));
                stage.workspace.settle().await;
                stage.wait_patiently(&ts).await;
            }
        }
    }
}

/// A process that dies while it asks, waits or posts, before or after that was done.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_call_of_slack_or_platform_ends_in_one_answer() {
    use claude_platform_sim::Fault as Platforms;
    use slack_sim::Fault as Slacks;

    let stage = Stage::start(Front::HttpApi).await;
    let platform = |fault, path| (Some((fault, path)), None);
    let slack = |fault, path| (None, Some((fault, path)));
    // After each of them the process waits for a while.
    let places = [
        platform(Platforms::Held, "POST /v1/sessions"),
        platform(Platforms::LostBefore, "POST /v1/sessions"),
        platform(Platforms::LostAfter, "POST /v1/sessions"),
        platform(Platforms::Held, "GET /v1/sessions"),
        slack(Slacks::Silent, "/api/reactions.add"),
        slack(Slacks::LostBefore, "/api/chat.postMessage"),
        slack(Slacks::LostAfter, "/api/chat.postMessage"),
        slack(Slacks::Silent, "/api/chat.postMessage"),
    ];
    for (number, (platforms, slacks)) in places.into_iter().enumerate() {
        let before = (stage.platform.calls().len(), stage.workspace.calls().len());
        if let Some((fault, path)) = platforms {
            stage.platform.push_fault(fault, path, 1);
        }
        if let Some((fault, path)) = slacks {
            stage.workspace.push_fault(fault, path, 1);
        }
        let ts = stage.workspace.type_message(OWNER, CHANNEL, "free?");
        let began = std::time::Instant::now();
        let is_struck = || {
            let platforms = stage.platform.calls();
            let slacks = stage.workspace.calls();
            let struck = platforms[before.0..].iter().chain(&slacks[before.1..]);
            struck.filter(|call| call.fault.is_some()).count() == 1
        };
        while !is_struck() {
            assert!(began.elapsed() < WITHIN, "{number}: {}", stage.describe());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stage.region.kill(ANSWER);
        stage.platform.release_held();
        stage.wait_patiently(&ts).await;
        let said: usize = stage
            .platform
            .sessions()
            .iter()
            .map(|session| stage.platform.events(session["id"].as_str().unwrap()))
            .map(|events| {
                events
                    .iter()
                    .filter(|one| one["type"] == "user.message")
                    .count()
            })
            .sum();
        assert_eq!(said, number + 1, "{}", stage.describe());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_28_what_a_retry_can_mend_is_answered_503() {
    let error = |name| Fault::Error(ErrorName(name));
    for (fault, place, event) in [
        (error("ThrottlingException"), "/dynamodb", "ledger_failed"),
        (error("AccessDeniedException"), "/dynamodb", "ledger_failed"),
        (Fault::Status(500), "/dynamodb", "ledger_failed"),
        (Fault::Silent, "/dynamodb", "ledger_failed"),
        (error("AccessDeniedException"), "/ssm", "secret_unreadable"),
        (Fault::Silent, "/ssm", "secret_unreadable"),
    ] {
        let stage = Stage::start(Front::HttpApi).await;
        // A new process has to read its secret.
        stage.region.kill(ACCEPT);
        stage.region.push_fault(fault, place, 100);
        let ts = stage.workspace.type_message(OWNER, CHANNEL, "free?");
        let began = std::time::Instant::now();
        let is_told = || {
            let attempts = stage.workspace.attempts();
            let mut attempts = attempts.iter();
            attempts.any(|one| one.outcome == Outcome::Answered(503))
                && stage.region.log(ACCEPT).contains(event)
        };
        while !is_told() {
            let attempts = stage.workspace.attempts();
            let describe = || format!("{fault}: {attempts:?}\n{}", stage.describe());
            assert!(began.elapsed() < WITHIN, "{}", describe());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        stage.region.clear_faults();
        // The secret is asked for again after some seconds, or by a new process.
        stage.region.kill(ACCEPT);
        // One retry may have met the end of the old process.
        for _ in 0..3 {
            stage.workspace.settle().await;
            stage.workspace.advance(Duration::from_mins(5));
        }
        stage.expect_answer(&ts).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handover_that_fails_is_made_up_for() {
    let stage = Stage::start(Front::HttpApi).await;
    let throttled = Fault::Error(ErrorName("TooManyRequestsException"));
    stage.region.push_fault(throttled, "/lambda", 100);
    stage.workspace.type_message(OWNER, CHANNEL, "free?");
    let began = std::time::Instant::now();
    while !stage
        .region
        .log(ACCEPT)
        .contains("TooManyRequestsException")
    {
        assert!(began.elapsed() < WITHIN, "{}", stage.describe());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let accepted = stage.lines(ACCEPT, "accepted");
    assert_eq!(accepted[0]["level"], "error", "{accepted:?}");
    let items = stage.region.items(TABLE);
    assert!(
        items.iter().any(|item| item.get("open").is_some()),
        "the next sweep finds it"
    );
}

/// Sixteen deliveries at once, to as many processes as there are: one question.
#[tokio::test(flavor = "multi_thread")]
async fn case_39_of_as_many_processes_as_deliveries_one_takes_it() {
    let stage = Stage::start(Front::HttpApi).await;
    let key = "5117ac00-51a0-4000-8000-00000000000f";
    let inner = |text: &str| {
        json!({
            "type": "message", "channel": CHANNEL, "user": OWNER, "client_msg_id": key,
            "text": text, "ts": "1780000000.000100", "channel_type": "channel",
        })
    };
    for _ in 0..16 {
        stage.workspace.deliver_event(&inner("free?"), |_| {});
    }
    stage.workspace.settle().await;
    stage.region.settle().await;
    assert!(
        stage.region.environments(ACCEPT) > 1,
        "{}",
        stage.describe()
    );
    let accepted = stage.lines(ACCEPT, "accepted").len();
    let ignored = stage.lines(ACCEPT, "ignored");
    let known = ignored.iter().filter(|line| line["reason"] == "known");
    // Those for which there was no room were refused by Lambda, and come again.
    assert!(accepted == 1 && known.count() >= 5, "{}", stage.describe());
    let threads = stage.region.items(TABLE);
    let questions = threads.iter().filter(|item| item.get("expires").is_some());
    assert_eq!(questions.count(), 3, "a thread, a count and a message");
}

/// Posts what Slack did not sign; returns the answer with its head.
pub(crate) async fn post_unsigned(url: &str, body: &str) -> String {
    let (host, path) = url.trim_start_matches("http://").split_once('/').unwrap();
    let head = format!("POST /{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
    let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Only the schedule sweeps.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_cannot_sweep() {
    let stage = Stage::start(Front::HttpApi).await;
    for front in Front::ALL {
        let url = format!("{}/slack/events", stage.region.front_url(front, ACCEPT));
        let body = json!({"sweep": true}).to_string();
        let answer = post_unsigned(&url, &body).await;
        assert!(answer.starts_with("HTTP/1.1 401"), "{front:?}: {answer}");
    }
    assert!(
        stage.lines(ACCEPT, "swept").is_empty(),
        "{}",
        stage.describe()
    );
}
