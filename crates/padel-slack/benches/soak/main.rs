//! The soak behind `scripts/soak --slack`: thousands of questions under faults that come at random
//! from a seed.
//!
//! A simulated workspace and platform in this process, and two processes of the bridge at one ledger,
//! the second of which is killed now and then. Questions come in rounds. After each round every one
//! of them must have one answer, in order. Over the whole run the first process may take no more
//! memory and descriptors than at its beginning. The first wrong thing ends all, with the seed.
//!
//! - `process`: the bridge, and what it takes.
//! - `faults`: what goes wrong.
//! - `checks`, `order`: what must hold.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a soak that cannot go on has to stop"
)]
#![allow(clippy::print_stdout, reason = "the figures go to stdout")]

mod checks;
mod faults;
#[path = "../../tests/bridge/order.rs"]
mod order;
mod process;

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use claude_platform_sim::{Model, Platform};
use fastrand::Rng;
use serde_json::json;
use slack_sim::{Message, Workspace};

use crate::{
    checks::{check_answers, check_said},
    faults::break_something,
    process::{Bridge, LEDGER, Usage},
};

const AGENT: &str = "agent_01Padel";
const ENVIRONMENT: &str = "env_01Padel";
const KEY: &str = "sk-test-simulated-platform";
/// People who ask.
const PEOPLE: usize = 50;
/// Channels in which they ask, one after the other.
const CHANNELS: usize = 20;
/// Questions of a round, so that not all of them are looked through again and again.
const PER_ROUND: usize = 100;
/// Questions of a thread.
const PER_THREAD: usize = 5;
/// Of so many rounds the second process is killed in one, the second round first.
const KILLED_EVERY: usize = 8;
/// Kibibytes that may be added after the first rounds: buffers of what is under way at once.
const MORE_MEMORY: u64 = 12 * 1024;
/// Rounds after which memory is looked at first.
const FIRST_ROUNDS: usize = 3;
/// The longest wait for the next answer. Leases of a process that was killed last 15 seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// Numbers of faults by their names.
type Counts = BTreeMap<String, usize>;

fn main() {
    let numbers: Vec<usize> = std::env::args()
        .skip(1)
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let questions = numbers.first().copied().unwrap_or(10_000);
    let seed = numbers.get(1).copied();
    let seed = seed.unwrap_or_else(|| fastrand::usize(..1_000_000));
    println!(
        "soak: {questions} questions, seed {seed}: repeat with `scripts/soak --slack {questions} {seed}`"
    );
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(soak(questions, seed as u64));
}

/// Returns the channels' ids.
fn list_channels() -> Vec<String> {
    let ids = (0..CHANNELS).map(|number| format!("C0P{number:08}"));
    ids.collect()
}

fn name_person(number: usize) -> String {
    format!("U0P{number:08}")
}

/// All that a soak has.
struct Soak {
    rng: Rng,
    workspace: Workspace,
    platform: Platform,
    place: tempfile::TempDir,
    faults: Counts,
}

async fn soak(questions: usize, seed: u64) {
    let started = Instant::now();
    let mut soak = Soak {
        rng: Rng::with_seed(seed),
        workspace: start_workspace(),
        platform: start_platform(),
        place: tempfile::tempdir().unwrap(),
        faults: Counts::new(),
    };
    let first = soak.start_bridge();
    let url = format!("{}/slack/events", first.address);
    soak.workspace.set_request_url(&url).await.unwrap();
    let at_first = first.measure();
    let mut second = Some(soak.start_bridge());
    let (mut kills, mut early) = (0, None::<Usage>);
    let rounds = questions.div_ceil(PER_ROUND);
    for round in 0..rounds {
        let count = PER_ROUND.min(questions - round * PER_ROUND);
        let is_killed = round % KILLED_EVERY == 1;
        soak.run_round(round, count, || {
            if is_killed {
                second.take();
            }
        })
        .await;
        if is_killed {
            kills += 1;
            second = Some(soak.start_bridge());
        }
        let usage = first.measure();
        if round + 1 == FIRST_ROUNDS.min(rounds) {
            early = Some(usage);
        }
        if (round + 1) % rounds.div_ceil(10) == 0 {
            let (asked, seconds) = (round * PER_ROUND + count, started.elapsed().as_secs());
            let Usage {
                memory,
                descriptors,
            } = usage;
            println!(
                "{asked:>7} questions  {seconds:>5} s  {memory:>6} KiB  {descriptors:>3} descriptors"
            );
        }
        let most = early.map_or(u64::MAX, |early| early.memory + MORE_MEMORY);
        assert!(usage.memory < most, "{early:?}, then {usage:?}");
    }
    let sessions = check_said(&soak.platform, questions);
    let most = at_first.descriptors + 2;
    let descriptors = first.wait_for_descriptors(most).await;
    assert!(descriptors <= most, "{at_first:?}, then {descriptors}");
    for (fault, times) in &soak.faults {
        println!("{times:>7}  {fault}");
    }
    let bytes = measure_ledger(soak.place.path());
    println!(
        "soak: all right in {} s: {questions} questions said once and answered once, in order, in \
         {sessions} sessions; {kills} kills; the ledger has {} bytes a question",
        started.elapsed().as_secs(),
        bytes / questions as u64
    );
}

fn start_workspace() -> Workspace {
    // A retry is of its first time, also when the workspace's clock is moved on.
    let builder = Workspace::builder().stale_retries().without_rate_limits();
    let builder = (0..PEOPLE).fold(builder, |builder, number| {
        builder.person(name_person(number), format!("person{number}"))
    });
    let channels = list_channels().into_iter().enumerate();
    channels
        .fold(builder, |builder, (number, id)| {
            builder.channel(id, format!("padel{number}"))
        })
        .start()
}

fn start_platform() -> Platform {
    Platform::builder()
        .agent(AGENT, json!({"name": "padel"}))
        .environment(ENVIRONMENT)
        .model(Model::Lazy)
        .start()
}

/// Bytes of the ledger's file, with what is not yet written into it.
fn measure_ledger(place: &Path) -> u64 {
    let files = ["", "-wal"].map(|end| place.join(format!("{LEDGER}{end}")));
    let sizes = files.iter().filter_map(|file| file.metadata().ok());
    sizes.map(|file| file.len()).sum()
}

impl Soak {
    fn start_bridge(&self) -> Bridge {
        Bridge::start(&self.workspace, &self.platform, self.place.path())
    }

    /// Asks so many questions, with `halfway` amid them, and waits until each has its answer.
    async fn run_round(&mut self, round: usize, count: usize, halfway: impl FnOnce()) {
        let channel = &list_channels()[round % CHANNELS];
        let before = self.list_answers(channel).len();
        let mut asked: BTreeMap<String, usize> = BTreeMap::new();
        let mut threads: Vec<String> = Vec::new();
        let mut halfway = Some(halfway);
        for number in 0..count {
            let person = name_person(self.rng.usize(..PEOPLE));
            let text = format!("question {number} of round {round}");
            let thread = if threads.len() < count.div_ceil(PER_THREAD) {
                let thread = self.workspace.type_message(&person, channel, &text);
                threads.push(thread.clone());
                thread
            } else {
                let thread = threads[self.rng.usize(..threads.len())].clone();
                self.workspace.type_reply(&person, channel, &thread, &text);
                thread
            };
            *asked.entry(thread).or_default() += 1;
            let (workspace, platform) = (&self.workspace, &self.platform);
            break_something(&mut self.rng, workspace, platform, &mut self.faults);
            let pause = Duration::from_millis(self.rng.u64(..15));
            tokio::time::sleep(pause).await;
            if number >= count / 2
                && let Some(halfway) = halfway.take()
            {
                halfway();
            }
        }
        let answers = self.wait_for_answers(channel, before + count).await;
        let answers: Vec<&Message> = answers[before..].iter().collect();
        check_answers(&answers, &asked, &self.place.path().join(LEDGER));
    }

    fn list_answers(&self, channel: &str) -> Vec<Message> {
        let mut messages = self.workspace.messages(channel);
        messages.retain(Message::is_from_app);
        messages
    }

    /// Waits until a channel has so many answers, and until no delivery is under way that might make
    /// another. A delivery that failed three times comes again after five minutes: where nothing goes
    /// on, the workspace's clock does.
    async fn wait_for_answers(&self, channel: &str, wanted: usize) -> Vec<Message> {
        let (mut since, mut moved, mut found) = (Instant::now(), Instant::now(), 0);
        while found < wanted {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let answers = self.list_answers(channel).len();
            if answers > found {
                (since, moved, found) = (Instant::now(), Instant::now(), answers);
            } else if moved.elapsed() > Duration::from_secs(2) {
                moved = Instant::now();
                self.workspace.advance(Duration::from_secs(60));
            }
            assert!(
                since.elapsed() < PATIENCE,
                "{found} of {wanted} in {channel}"
            );
        }
        self.workspace.settle().await;
        self.list_answers(channel)
    }
}
