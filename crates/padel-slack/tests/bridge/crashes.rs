//! The bridge dies anywhere, deliveries are doubled and late, answers get lost, two processes share
//! one ledger: each question has one post in its thread, an answer or a sentence.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::{Future, poll_fn},
    pin::pin,
    sync::atomic::{AtomicU64, Ordering},
    task::Poll,
    time::{Duration, Instant},
};

use claude_platform_sim::{Fault as PlatformFault, Model};
use padel_slack::{
    accept::Intake,
    answer::{Answerer, Progress},
    handover::Errand,
    ledger::Ledger as _,
    question::Thread,
};
use slack_sim::{Draft, Fault, Word};

use crate::{
    home::{HISTORIES, LEASE, Store},
    stage::{CHANNEL, GUEST, Lost, OWNER, Stage, deliver, quick},
};

/// Runs a future until it has been polled so often, then drops it, as a crash would.
pub(crate) async fn crash_after<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
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
    stage_for(Variety::Plain)
}

/// What differs between the stages that histories are played on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Variety {
    Plain,
    /// Slack gives no metadata back, so that our posts are known by their author and time only.
    Unmarked,
    /// Each question gets a sentence.
    Refusing,
    Overloaded,
    /// Each person gets two answers, one sentence and then nothing.
    Limited,
}

pub(crate) const VARIETIES: [Variety; 5] = [
    Variety::Plain,
    Variety::Unmarked,
    Variety::Refusing,
    Variety::Overloaded,
    Variety::Limited,
];

impl Variety {
    /// The outcome of a question that is asked, in its post's metadata.
    const fn outcome(self) -> &'static str {
        match self {
            Self::Refusing => "refusal",
            Self::Overloaded => "broken",
            _ => "answered",
        }
    }

    pub(crate) const fn limit(self) -> usize {
        match self {
            Self::Limited => 2,
            _ => usize::MAX,
        }
    }
}

pub(crate) fn stage_for(variety: Variety) -> Stage {
    let mut stage = Stage::with(
        |workspace| match variety {
            Variety::Unmarked => {
                workspace.scopes(["channels:history", "chat:write", "reactions:write"])
            }
            _ => workspace,
        },
        |platform| match variety {
            Variety::Refusing => platform.model(Model::Refuses),
            Variety::Overloaded => platform.model(Model::Overloaded),
            _ => platform,
        },
    );
    stage.timing.lease = LEASE;
    stage.timing.renewal = LEASE / 4;
    stage.timing.settle = Duration::from_millis(100);
    stage.limit.questions = u32::try_from(variety.limit()).unwrap_or(u32::MAX);
    stage
}

/// Runs until the ledger has nothing open, as the sweep of a later process would.
async fn recover(answerer: &Answerer<Store>, threads: &[Thread]) {
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

#[tokio::test(flavor = "multi_thread")]
async fn an_older_question_that_comes_late_waits_for_the_one_under_way() {
    let stage = stage_for(Variety::Unmarked);
    let root = stage.ask(GUEST, "root", None).await;
    stage.answer(&root).await;
    let thread = Some(root.thread.ts.as_str());
    let [one, two] = ["one", "two"].map(|text| {
        stage
            .workspace
            .type_reply("boris", CHANNEL, &root.thread.ts, text)
    });
    // The younger one arrives first, and its post is made without an answer.
    stage.accept(GUEST, "two", &two, thread).await;
    stage
        .workspace
        .push_fault(Fault::LostAfter, "/api/chat.postMessage", 1);
    let answerer = stage.answerer().await;
    answerer.answer(&root, std::future::pending()).await;
    stage.accept(GUEST, "one", &one, thread).await;
    let events = "POST /v1/sessions";
    stage
        .platform
        .push_fault(PlatformFault::LostAfter, events, 1);
    stage.answer(&root).await;
    let answers = stage.answers(&root);
    let keys = answers.iter().map(|answer| {
        let payload = &answer.metadata.as_ref().unwrap()["event_payload"];
        payload["question"]
            .as_str()
            .unwrap()
            .rsplit_once('#')
            .unwrap()
            .1
            .to_owned()
    });
    let expected = [root.thread.ts.clone(), two, one];
    assert_eq!(keys.collect::<Vec<_>>(), expected, "{}", stage.lines());
    assert_eq!(stage.said().concat().len(), 3);
}

/// Numbers by chance, the same for the same seed.
pub(crate) struct Dice(pub(crate) fastrand::Rng);

impl Dice {
    pub(crate) fn below(&mut self, number: usize) -> usize {
        self.0.usize(..number)
    }

    pub(crate) fn hits(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

const PLATFORM_PATHS: [&str; 4] = [
    "POST /v1/sessions",
    "GET /v1/sessions",
    "GET /v1/agents",
    "/v1/sessions",
];
const PLATFORM_FAULTS: [PlatformFault; 8] = [
    PlatformFault::Status(529),
    PlatformFault::SlowUpload(20),
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
const SLACK_FAULTS: [Fault; 9] = [
    Fault::Status(500),
    Fault::Slow(80),
    Fault::SlowUpload(20),
    Fault::Error(Word("internal_error")),
    Fault::Error(Word("ratelimited")),
    Fault::LostBefore,
    Fault::LostAfter,
    Fault::ResetAfter,
    Fault::Malformed,
];

pub(crate) fn break_something(stage: &Stage, dice: &mut Dice) {
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

/// A question that somebody typed.
pub(crate) struct Asked {
    pub(crate) person: &'static str,
    pub(crate) text: String,
    pub(crate) ts: String,
    pub(crate) root: Option<String>,
    pub(crate) thread: Thread,
}

/// Two processes at one ledger.
struct Processes {
    intakes: [Intake<Store, Lost>; 2],
    answerers: [Answerer<Store>; 2],
}

/// One history of a few questions in a few threads. Each is delivered up to three times, in any order,
/// and again after a crash, as Slack does; two processes accept and answer, and crash at any await;
/// platform and Slack fail, are slow, or lose their answers.
async fn play_history(stage: &Stage, processes: &Processes, seed: u64) -> Vec<Asked> {
    let mut dice = Dice(fastrand::Rng::with_seed(seed));
    let mut asked: Vec<Asked> = Vec::new();
    let mut deliveries: Vec<usize> = Vec::new();
    let mut to_ask = dice.below(4) + 1;
    while to_ask > 0 || !deliveries.is_empty() {
        match dice.below(10) {
            0..3 if to_ask > 0 => {
                to_ask -= 1;
                let question = type_question(stage, &mut dice, &asked, seed);
                asked.push(question);
                deliveries.extend(vec![asked.len() - 1; dice.below(3) + 1]);
            }
            0..6 if !deliveries.is_empty() => {
                let index = deliveries.swap_remove(dice.below(deliveries.len()));
                let Asked {
                    person,
                    text,
                    ts,
                    root,
                    ..
                } = &asked[index];
                let envelope = deliver(person, text, ts, root.as_deref());
                let intake = &processes.intakes[dice.below(2)];
                let polls = if dice.hits(30) {
                    dice.below(3) + 1
                } else {
                    usize::MAX
                };
                let taking = intake.take(envelope, (stage.clock())());
                match crash_after(polls, taking).await {
                    Some(verdict) => assert_eq!(verdict.status, 200, "{verdict:?}"),
                    None => deliveries.push(index),
                }
            }
            6 => break_something(stage, &mut dice),
            7 => tokio::time::sleep(Duration::from_millis(dice.below(30) as u64)).await,
            _ if !asked.is_empty() => {
                let answerer = &processes.answerers[dice.below(2)];
                let errand = Errand {
                    thread: asked[dice.below(asked.len())].thread.clone(),
                    arrived: None,
                };
                let polls = dice.below(25) + 1;
                crash_after(polls, answerer.answer(&errand, std::future::pending())).await;
            }
            _ => {}
        }
    }
    let mut threads: Vec<Thread> = asked.iter().map(|asked| asked.thread.clone()).collect();
    threads.sort();
    threads.dedup();
    let [one, two] = &processes.answerers;
    tokio::join!(recover(one, &threads), recover(two, &threads));
    stage.platform.clear_faults();
    stage.workspace.clear_faults();
    asked
}

pub(crate) fn type_question(stage: &Stage, dice: &mut Dice, asked: &[Asked], seed: u64) -> Asked {
    let person = if dice.hits(30) { OWNER } else { GUEST };
    let root = match asked.len() {
        count if count > 0 && dice.hits(60) => Some(asked[dice.below(count)].thread.ts.clone()),
        _ => None,
    };
    let text = format!("question {} of {seed}", asked.len());
    let draft = Draft::new(person, CHANNEL, &text);
    let ts = stage.workspace.send(match &root {
        Some(root) => draft.in_thread(root),
        None => draft,
    });
    let thread = Thread {
        channel: CHANNEL.to_owned(),
        ts: root.clone().unwrap_or_else(|| ts.clone()),
    };
    Asked {
        person,
        text,
        ts,
        root,
        thread,
    }
}

pub(crate) async fn check_history(stage: &Stage, variety: Variety, asked: &[Asked], seed: u64) {
    let context = || format!("seed {seed}, {variety:?}: {}", stage.lines());
    let mut posts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let threads: BTreeSet<&Thread> = asked.iter().map(|asked| &asked.thread).collect();
    for thread in threads {
        let open = stage.ledger.find_next(thread).await.unwrap();
        assert_eq!(open, None, "{}", context());
        let mut keys = Vec::new();
        for post in stage.workspace.answers(CHANNEL, &thread.ts) {
            let payload = &post.metadata.unwrap()["event_payload"];
            let (key, outcome) = (&payload["question"], &payload["outcome"]);
            let (key, outcome) = (key.as_str().unwrap(), outcome.as_str().unwrap());
            posts
                .entry(key.to_owned())
                .or_default()
                .push(outcome.to_owned());
            keys.push(key.to_owned());
        }
        stage.home.check_order(&keys).await;
    }
    let said = stage.said().concat();
    for person in [OWNER, GUEST] {
        let asked = asked.iter().filter(|asked| asked.person == person);
        let mut outcomes = Vec::new();
        for Asked { ts, .. } in asked.clone() {
            let key = format!("t#{}#{CHANNEL}#{ts}", slack_sim::APP);
            let found = posts.remove(&key).unwrap_or_default();
            assert!(found.len() <= 1, "{key} {found:?}, {}", context());
            let line = format!("\"ts\":\"{ts}\"");
            let times = said.iter().filter(|said| said.contains(&line)).count();
            let is_asked = found
                .first()
                .is_some_and(|outcome| outcome == variety.outcome());
            assert_eq!(
                times,
                usize::from(is_asked),
                "{key} was said: {}",
                context()
            );
            outcomes.extend(found);
        }
        let (limit, count) = (variety.limit(), asked.count());
        let answered = outcomes
            .iter()
            .filter(|outcome| *outcome == variety.outcome());
        assert_eq!(answered.count(), count.min(limit), "{}", context());
        let told = outcomes.iter().filter(|outcome| *outcome == "too_many");
        assert_eq!(told.count(), usize::from(count > limit), "{}", context());
        assert_eq!(
            outcomes.len(),
            count.min(limit.saturating_add(1)),
            "{}",
            context()
        );
    }
    assert!(posts.is_empty(), "{posts:?}: {}", context());
}

/// Histories that are played on one stage.
pub(crate) const PER_STAGE: u64 = 50;
/// Stages at once: a history mostly waits.
const STAGES: usize = 5;

/// The variety of the stage whose first history this is.
pub(crate) fn variety_of(first: u64) -> Variety {
    VARIETIES[(first / PER_STAGE) as usize % VARIETIES.len()]
}

async fn play_stage(first: u64) {
    let variety = variety_of(first);
    let stage = stage_for(variety);
    let mut processes = Processes {
        intakes: [stage.intake(), stage.intake()],
        answerers: [stage.answerer().await, stage.answerer().await],
    };
    for seed in first..first + PER_STAGE {
        // A window of the rate for each, which began a long time ago and does not end.
        let window = 1_000_000_000_000 + i64::try_from(seed).unwrap();
        for intake in &mut processes.intakes {
            intake.limit.window = window;
        }
        let asked = play_history(&stage, &processes, seed).await;
        check_history(&stage, variety, &asked, seed).await;
        stage.lines.lock().unwrap().clear();
    }
}

/// Plays as many histories as a test run does, or `PADEL_HISTORIES`, stage by stage; returns how long
/// it took:
/// `PADEL_HISTORIES=10000 cargo test -p padel-slack whatever_crashes`.
pub(crate) fn play_stages<F: Future<Output = ()>>(play_stage: impl Fn(u64) -> F + Sync) -> String {
    let histories = option_env!("PADEL_HISTORIES").and_then(|number| number.parse().ok());
    let histories = histories.unwrap_or(HISTORIES);
    let started = Instant::now();
    let next = AtomicU64::new(0);
    let play = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        loop {
            let first = next.fetch_add(PER_STAGE, Ordering::Relaxed);
            if first >= histories {
                return;
            }
            runtime.block_on(play_stage(first));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..STAGES {
            // Unoptimized futures are large.
            let thread = std::thread::Builder::new().stack_size(16 << 20);
            thread.spawn_scoped(scope, play).unwrap();
        }
    });
    assert_eq!(
        quick().ask_within,
        Duration::from_secs(600),
        "nothing was given up"
    );
    format!("{histories} histories in {:?}", started.elapsed())
}

#[test]
fn each_question_has_one_post_whatever_crashes() {
    println!("{}", play_stages(play_stage));
}
