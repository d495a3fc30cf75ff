//! The benchmark behind `scripts/bench --slack`: what the bridge adds to the agent's own time.
//!
//! A simulated workspace and platform in this process; between them, in turns, the program
//! `padel-slack` and a floor: a bare server that answers 200 at once and asks and posts with the
//! bridge's own clients, but checks, remembers and filters nothing. Nothing here is a test: figures
//! depend on the machine, only what one run compares means something.
//!
//! - `front`: where the workspace sends its events; passes them on, and takes the times.
//! - `direct`: the floor.
//! - `bridge`: the process.
//! - `samples`: times, and the figures as Markdown.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot measure has to stop"
)]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the table goes to stdout, progress to stderr"
)]

mod bridge;
mod direct;
mod front;
mod samples;

use std::{collections::HashMap, io::Write as _, process::ExitCode, time::Duration, time::Instant};

use claude_platform_sim::{Model, Platform};
use serde_json::{Value, json};
use slack_sim::Workspace;

use crate::{
    bridge::Bridge,
    direct::serve_directly,
    front::Front,
    samples::{Samples, Table},
};

const USAGE: &str = "scripts/bench --slack [--questions N] [--quick]";
const CHANNEL: &str = "C0PADEL0001";
const PERSON: &str = "U0BORIS0001";
const AGENT: &str = "agent_01Padel";
const ENVIRONMENT: &str = "env_01Padel";
const KEY: &str = "sk-test-simulated-platform";
/// What the simulated model does: long enough for whoever follows the session to be there.
const QUESTION: &str = "```sh sleep 0.2; echo done```";
/// Questions at once: a channel in which people talk.
const AT_ONCE: usize = 4;
/// The longest wait for answers.
const WITHIN: Duration = Duration::from_secs(60);

/// Times of all questions of one contender, in milliseconds.
#[derive(Default)]
struct Times {
    /// From the event's arrival to its 200.
    accepted: Samples,
    /// From the event's arrival to the session's start.
    asked: Samples,
    /// From the session's idle to the post.
    posted: Samples,
}

fn main() -> ExitCode {
    let Some(questions) = read_questions() else {
        eprintln!("usage: {USAGE}");
        return ExitCode::from(2);
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(measure(questions));
    ExitCode::SUCCESS
}

fn read_questions() -> Option<usize> {
    let mut questions = 400;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            // Cargo's own.
            "--bench" => {}
            "--quick" => questions = 40,
            "--questions" => questions = args.next()?.parse().ok().filter(|number| *number > 0)?,
            _ => return None,
        }
    }
    Some(questions)
}

async fn measure(questions: usize) {
    let workspace = Workspace::builder()
        .person(PERSON, "boris")
        .channel(CHANNEL, "padel")
        .without_rate_limits()
        .start();
    let platform = Platform::builder()
        .agent(AGENT, json!({"name": "padel"}))
        .environment(ENVIRONMENT)
        .model(Model::Gullible)
        .start();
    let place = tempfile::tempdir().unwrap();
    let bridge = Bridge::start(&workspace, &platform, place.path());
    let direct = serve_directly(&workspace, &platform).await;
    let front = Front::start(&bridge.address).await;
    let url = format!("http://{}/slack/events", front.address);
    workspace.set_request_url(&url).await.unwrap();

    let mut times = [Times::default(), Times::default()];
    let rounds = questions.div_ceil(AT_ONCE);
    for round in 0..rounds {
        eprint!("\r{} of {questions} questions, twice", round * AT_ONCE);
        for (contender, times) in [&bridge.address, &direct].into_iter().zip(&mut times) {
            front.pass_to(contender);
            let asked = ask_at_once(&workspace).await;
            collect_times(&workspace, &platform, &front, &asked, times);
        }
    }
    eprintln!();
    let [bridge_times, direct_times] = times;
    let mut table = Table::default();
    table.compare(
        "an event's arrival to the 200",
        &bridge_times.accepted,
        &direct_times.accepted,
        20.0,
    );
    table.compare(
        "an event's arrival to the session's start",
        &bridge_times.asked,
        &direct_times.asked,
        50.0,
    );
    table.compare(
        "a session's idle to the post",
        &bridge_times.posted,
        &direct_times.posted,
        50.0,
    );
    println!(
        "{} questions for each, {AT_ONCE} at once. One commit to this disk takes {}.\n\n{}",
        rounds * AT_ONCE,
        measure_disk(place.path(), rounds * AT_ONCE).describe(),
        table.render()
    );
}

/// Types questions, and returns their times once each has its answer and all deliveries are over.
async fn ask_at_once(workspace: &Workspace) -> Vec<String> {
    let asked: Vec<String> = (0..AT_ONCE)
        .map(|_| workspace.type_message("boris", "padel", QUESTION))
        .collect();
    for ts in &asked {
        let answers = workspace.wait_for_answers(CHANNEL, ts, 1, WITHIN).await;
        let [answer] = &answers[..] else {
            panic!("{} answers to {ts}", answers.len());
        };
        assert_eq!(answer.text.trim(), "done");
    }
    workspace.settle().await;
    asked
}

/// Adds the times of questions: their events' by the front, the others by the stamps of platform and
/// workspace, which are in this process and go by one clock.
fn collect_times(
    workspace: &Workspace,
    platform: &Platform,
    front: &Front,
    asked: &[String],
    times: &mut Times,
) {
    let sessions: HashMap<String, Value> = platform
        .sessions()
        .into_iter()
        .filter_map(|session| {
            let ts = session["metadata"]["slack_thread_ts"].as_str()?.to_owned();
            Some((ts, session))
        })
        .collect();
    for ts in asked {
        let passage = front.take(ts).expect("the event came by");
        assert_eq!(passage.status, 200);
        times.accepted.push(passage.took.as_secs_f64() * 1e3);
        let session = &sessions[ts];
        times
            .asked
            .push(read_time(&session["created_at"]) - passage.arrived);
        let events = platform.events(session["id"].as_str().unwrap());
        let idle = events
            .iter()
            .rfind(|event| event["type"] == "session.status_idle")
            .expect("it rests");
        let answers = workspace.answers(CHANNEL, ts);
        let post: f64 = answers[0].ts.parse().unwrap();
        times
            .posted
            .push(post * 1e3 - read_time(&idle["processed_at"]));
    }
}

/// Milliseconds since 1970 of an RFC 3339 time, which has whole ones.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of this century")]
fn read_time(value: &Value) -> f64 {
    let time = chrono::DateTime::parse_from_rfc3339(value.as_str().unwrap());
    time.unwrap().timestamp_millis() as f64
}

/// Writes and flushes a page, as each entry of the ledger has to.
fn measure_disk(place: &std::path::Path, rounds: usize) -> Samples {
    let mut file = std::fs::File::create(place.join("page")).unwrap();
    let mut samples = Samples::default();
    for _ in 0..rounds {
        let started = Instant::now();
        file.write_all(&[1; 4096]).unwrap();
        file.sync_data().unwrap();
        samples.push(started.elapsed().as_secs_f64() * 1e3);
    }
    samples
}
