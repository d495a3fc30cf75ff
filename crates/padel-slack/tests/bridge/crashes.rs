//! The bridge dies anywhere, deliveries are doubled and late, answers get lost, two processes share
//! one file: each question has one post in its thread, an answer or a sentence.

use std::{
    collections::BTreeMap,
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use claude_platform_sim::Fault as PlatformFault;
use padel_slack::{
    answer::{Answerer, Progress},
    handover::Errand,
    ledger::Ledger as _,
    machine::sqlite::SqliteLedger,
    question::Thread,
};
use slack_sim::{Fault, Word};

use crate::stage::{CHANNEL, GUEST, OWNER, Stage, quick};

/// Runs a future until it has been polled so often, then drops it, as a crash would.
async fn crash_after<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

fn stage() -> Stage {
    let mut stage = Stage::new();
    stage.timing.lease = Duration::from_millis(60);
    stage.timing.renewal = Duration::from_millis(15);
    stage.timing.settle = Duration::from_millis(60);
    stage.limit.questions = u32::MAX;
    stage
}

/// Runs until the ledger has nothing open, as the sweep of a later process would.
async fn recover(answerer: &Answerer<SqliteLedger>, threads: &[Thread]) {
    for _ in 0..400 {
        let mut is_done = true;
        for thread in threads {
            let errand = Errand {
                thread: thread.clone(),
                arrived: None,
            };
            let progress = answerer.answer(&errand, std::future::pending()).await;
            is_done &= progress == Progress::Done;
        }
        if is_done {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_23_a_crash_at_any_await_leaves_one_answer() {
    let stage = stage();
    let answerer = stage.answerer().await;
    let mut completed = 0;
    for polls in 1.. {
        let errand = stage.ask(GUEST, "is a court free?", None).await;
        let run = answerer.answer(&errand, std::future::pending());
        let ended = crash_after(polls, run).await;
        recover(&answerer, std::slice::from_ref(&errand.thread)).await;
        assert_eq!(
            stage.answers(&errand).len(),
            1,
            "after {polls}: {}",
            stage.lines()
        );
        completed += usize::from(ended.is_some());
        if completed == 3 {
            assert!(polls > 10, "{polls}");
            break;
        }
    }
    // A request that a crash cut off may have been carried out; the look finds it.
    assert_eq!(stage.said().concat().len(), stage.platform.sessions().len());
    assert_eq!(
        stage.said().concat().len(),
        stage.workspace.messages(CHANNEL).len() / 2
    );
}

/// Numbers by chance, the same for the same seed.
struct Dice(fastrand::Rng);

impl Dice {
    fn below(&mut self, number: usize) -> usize {
        self.0.usize(..number)
    }

    fn hits(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

const PLATFORM_PATHS: [&str; 4] = [
    "POST /v1/sessions",
    "GET /v1/sessions",
    "GET /v1/agents",
    "/v1/sessions",
];
const PLATFORM_FAULTS: [PlatformFault; 7] = [
    PlatformFault::Status(529),
    PlatformFault::Millis429(5),
    PlatformFault::LostBefore,
    PlatformFault::LostAfter,
    PlatformFault::ResetAfter,
    PlatformFault::Truncated,
    PlatformFault::Html,
];
const SLACK_PATHS: [&str; 3] = [
    "/api/chat.postMessage",
    "/api/conversations.replies",
    "/api/reactions.add",
];
const SLACK_FAULTS: [Fault; 7] = [
    Fault::Status(500),
    Fault::Error(Word("internal_error")),
    Fault::Error(Word("ratelimited")),
    Fault::LostBefore,
    Fault::LostAfter,
    Fault::ResetAfter,
    Fault::Malformed,
];

fn break_something(stage: &Stage, dice: &mut Dice) {
    if dice.hits(60) {
        let fault = PLATFORM_FAULTS[dice.below(PLATFORM_FAULTS.len())];
        stage
            .platform
            .push_fault(fault, PLATFORM_PATHS[dice.below(PLATFORM_PATHS.len())], 1);
    }
    if dice.hits(60) {
        let fault = SLACK_FAULTS[dice.below(SLACK_FAULTS.len())];
        stage
            .workspace
            .push_fault(fault, SLACK_PATHS[dice.below(SLACK_PATHS.len())], 1);
    }
}

/// One history: some questions in a few threads, delivered twice and in any order, answered by two
/// processes that crash, while platform and Slack fail.
async fn play_history(stage: &Stage, seed: u64) {
    let mut dice = Dice(fastrand::Rng::with_seed(seed));
    let mut asked: Vec<(String, Thread)> = Vec::new();
    let processes = [stage.answerer().await, stage.answerer().await];
    for number in 0..dice.below(3) + 1 {
        let person = if dice.hits(30) { OWNER } else { GUEST };
        let root = match asked.len() {
            count if count > 0 && dice.hits(60) => Some(asked[dice.below(count)].1.ts.clone()),
            _ => None,
        };
        let text = format!("question {number} of {seed}");
        let errand = stage.ask(person, &text, root.as_deref()).await;
        let ts = errand.arrived.clone().unwrap();
        asked.push((ts.clone(), errand.thread.clone()));
        if dice.hits(40) {
            stage.accept(person, &text, &ts, root.as_deref()).await;
        }
        if dice.hits(50) {
            break_something(stage, &mut dice);
        }
        for _ in 0..dice.below(3) {
            let process = &processes[dice.below(2)];
            let thread = asked[dice.below(asked.len())].1.clone();
            let errand = Errand {
                thread,
                arrived: None,
            };
            let polls = dice.below(25) + 1;
            crash_after(polls, process.answer(&errand, std::future::pending())).await;
        }
    }
    let mut threads: Vec<Thread> = asked.iter().map(|(_, thread)| thread.clone()).collect();
    threads.sort();
    threads.dedup();
    let [one, two] = &processes;
    tokio::join!(recover(one, &threads), recover(two, &threads));
    stage.platform.clear_faults();
    stage.workspace.clear_faults();
    check_history(stage, &threads, &asked, seed).await;
}

async fn check_history(stage: &Stage, threads: &[Thread], asked: &[(String, Thread)], seed: u64) {
    for thread in threads {
        let context = || format!("seed {seed}: {}", stage.lines());
        assert_eq!(
            stage.ledger.find_next(thread).await.unwrap(),
            None,
            "{}",
            context()
        );
        let mut posts: BTreeMap<String, usize> = BTreeMap::new();
        for post in stage.workspace.answers(CHANNEL, &thread.ts) {
            let payload = &post.metadata.unwrap()["event_payload"];
            let key = payload["question"].as_str().unwrap();
            *posts.entry(key.to_owned()).or_default() += 1;
        }
        let expected: BTreeMap<String, usize> = asked
            .iter()
            .filter(|(_, of)| of == thread)
            .map(|(ts, _)| (format!("t#{}#{CHANNEL}#{ts}", slack_sim::APP), 1))
            .collect();
        assert_eq!(posts, expected, "{}", context());
    }
    let said = stage.said().concat();
    for (ts, _) in asked {
        let times = said
            .iter()
            .filter(|line| line.contains(&format!("\"ts\":\"{ts}\"")))
            .count();
        assert_eq!(times, 1, "seed {seed}, {ts} was said: {}", stage.lines());
    }
}

/// Histories a test run plays; `PADEL_HISTORIES` asks for more.
const HISTORIES: u64 = 150;

#[tokio::test(flavor = "multi_thread")]
async fn each_question_has_one_post_whatever_crashes() {
    let histories = option_env!("PADEL_HISTORIES").and_then(|number| number.parse().ok());
    for first in (0..histories.unwrap_or(HISTORIES)).step_by(50) {
        let stage = stage();
        for seed in first..first + 50 {
            play_history(&stage, seed).await;
            stage.lines.lock().unwrap().clear();
        }
    }
    assert_eq!(
        quick().ask_within,
        Duration::from_secs(600),
        "nothing was given up"
    );
}
