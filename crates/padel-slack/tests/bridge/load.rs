//! Many people at once, under faults, two processes on one file, one of which is killed: nothing lost,
//! nothing doubled, in order, and no more memory or descriptors than before. And how long it takes.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use claude_platform_sim::Fault as PlatformFault;
use slack_sim::{Fault, Message, Mishap, Order};

use crate::{
    order::check_order,
    program::{listen, start},
    stage::{CHANNEL, Stage},
};

/// People who ask.
const PEOPLE: usize = 50;
/// Questions that a test run asks. `PADEL_QUESTIONS=1000 cargo test -p padel-slack fifty_people` asks
/// more.
const QUESTIONS: usize = 150;
/// Questions in a thread; its session may cost no more than 25.
const PER_THREAD: usize = 5;

/// Kibibytes that the later two thirds of the questions may add: buffers of those that are under way
/// at once, whose number has a bound. Seen: 7,000 to 9,000, for 1,000 questions as for 3,000.
const MORE_MEMORY: u64 = 12 * 1024;

fn person(number: usize) -> String {
    format!("U0P{number:08}")
}

fn stage() -> Stage {
    Stage::with(
        |workspace| {
            // A retry is of its first time, also when the workspace's clock is moved on.
            (0..PEOPLE).fold(workspace.stale_retries(), |workspace, number| {
                workspace.person(person(number), format!("person{number}"))
            })
        },
        |platform| platform,
    )
}

/// Kibibytes of its own in memory, without the program's text, and open descriptors.
#[cfg(target_os = "linux")]
fn measure_process(id: u32) -> (u64, usize) {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))
        .unwrap();
    let memory = line.trim().trim_end_matches(" kB").parse().unwrap();
    (
        memory,
        std::fs::read_dir(format!("/proc/{id}/fd")).unwrap().count(),
    )
}

/// Waits until no more descriptors are open than that; returns how many are.
#[cfg(target_os = "linux")]
async fn wait_for_descriptors(id: u32, most: usize) -> usize {
    // Idle connections are kept for 20 seconds, and looked at as often.
    let started = Instant::now();
    loop {
        let (_, open) = measure_process(id);
        if open <= most || started.elapsed() > Duration::from_secs(90) {
            return open;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn break_something(stage: &Stage, dice: &mut fastrand::Rng) {
    match dice.u32(0..24) {
        0 => stage
            .platform
            .push_fault(PlatformFault::Status(529), "POST /v1/sessions", 1),
        1 => stage
            .platform
            .push_fault(PlatformFault::LostAfter, "POST /v1/sessions", 1),
        2 => stage
            .platform
            .push_fault(PlatformFault::ResetAfter, "GET /v1/sessions", 1),
        3 => stage
            .workspace
            .push_fault(Fault::LostAfter, "/api/chat.postMessage", 1),
        4 => stage
            .workspace
            .push_fault(Fault::Status(500), "/api/chat.postMessage", 1),
        5 => {
            let doubled: Order<Mishap> = "doubled=2@/message".parse().unwrap();
            stage.workspace.push_mishap(doubled);
        }
        6 => {
            let repeated: Order<Mishap> = "repeated=1@/message".parse().unwrap();
            stage.workspace.push_mishap(repeated);
        }
        _ => {}
    }
}

/// Waits until each of the messages has its answer. A delivery that failed three times comes again
/// after five minutes: where nothing goes on, the workspace's clock does.
async fn wait_for_all(stage: &Stage, asked: usize) -> Vec<Message> {
    let (mut since, mut moved, mut answered) = (Instant::now(), Instant::now(), 0);
    loop {
        let messages = stage.workspace.messages(CHANNEL);
        let answers = messages
            .iter()
            .filter(|message| message.is_from_app())
            .count();
        if answers >= asked {
            return messages;
        }
        if answers > answered {
            (since, answered, moved) = (Instant::now(), answers, Instant::now());
        } else if moved.elapsed() > Duration::from_secs(10) {
            moved = Instant::now();
            stage.workspace.advance(Duration::from_secs(60));
        }
        assert!(
            since.elapsed() < Duration::from_secs(120),
            "{answers} of {asked}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn fifty_people_are_answered_once_each_and_in_order() {
    let questions = option_env!("PADEL_QUESTIONS").and_then(|number| number.parse().ok());
    let questions: usize = questions.unwrap_or(QUESTIONS);
    let stage = stage();
    let bridge = listen(&stage).await;
    let (_, at_first) = measure_process(bridge.child.id());
    let mut second = Some(start(&stage, &["--listen", "127.0.0.1:0"]));
    let mut dice = fastrand::Rng::with_seed(7);
    let (mut threads, mut early) = (Vec::new(), None);
    for number in 0..questions {
        let person = person(number % PEOPLE);
        let text = format!("question {number}");
        if threads.len() < questions / PER_THREAD {
            threads.push(stage.workspace.type_message(&person, CHANNEL, &text));
        } else {
            let thread = &threads[dice.usize(..threads.len())];
            stage.workspace.type_reply(&person, CHANNEL, thread, &text);
        }
        break_something(&stage, &mut dice);
        tokio::time::sleep(Duration::from_millis(dice.u64(0..20))).await;
        if number == questions / 2 {
            second.take();
        }
        if number == questions / 3 {
            early = Some(measure_process(bridge.child.id()));
        }
    }
    let messages = wait_for_all(&stage, questions).await;
    stage.workspace.settle().await;
    let mut answered: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for answer in messages.iter().filter(|message| message.is_from_app()) {
        let payload = &answer.metadata.as_ref().unwrap()["event_payload"];
        assert_eq!(payload["outcome"], "answered", "{}", bridge.lines());
        let thread = answer.thread_ts.clone().unwrap();
        let key = payload["question"].as_str().unwrap().to_owned();
        answered.entry(thread).or_default().push(key);
    }
    let keys: BTreeSet<&String> = answered.values().flatten().collect();
    assert_eq!(keys.len(), questions, "each has one answer");
    assert_eq!(answered.values().flatten().count(), questions);
    for keys in answered.values() {
        check_order(&stage.home.place.path().join("bridge.db"), keys);
    }
    let (early, late) = (early.unwrap(), measure_process(bridge.child.id()));
    println!("memory and descriptors: {early:?}, then {late:?}");
    assert!(late.0 < early.0 + MORE_MEMORY, "{early:?} {late:?}");
    let descriptors = wait_for_descriptors(bridge.child.id(), at_first + 2).await;
    assert!(
        descriptors <= at_first + 2,
        "{at_first}, then {descriptors}"
    );
}

/// Milliseconds of an RFC 3339 time.
fn parse_time(text: &str) -> i64 {
    chrono::DateTime::parse_from_rfc3339(text)
        .unwrap()
        .timestamp_millis()
}

fn parse_ts(ts: &str) -> i64 {
    let (seconds, micros) = ts.split_once('.').unwrap();
    seconds.parse::<i64>().unwrap() * 1000 + micros.parse::<i64>().unwrap() / 1000
}

fn median(mut values: Vec<i64>) -> i64 {
    values.sort_unstable();
    values[values.len() / 2]
}

/// Figures of one question after the other, half of them within what the bridge may add. A machine that
/// has other things to do adds more.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures: cargo test -p padel-slack fifty_milliseconds -- --ignored --nocapture"]
async fn the_bridge_adds_less_than_fifty_milliseconds_each_way() {
    let stage = stage();
    let bridge = listen(&stage).await;
    for number in 0..30 {
        let ts = stage
            .workspace
            .type_message(&person(number), CHANNEL, "a court?");
        stage
            .workspace
            .wait_for_answers(CHANNEL, &ts, 1, Duration::from_secs(20))
            .await;
    }
    stage.workspace.settle().await;
    let took: Vec<i64> = stage
        .workspace
        .attempts()
        .iter()
        .map(|attempt| i64::try_from(attempt.took.as_millis()).unwrap())
        .collect();
    let (mut starts, mut posts) = (Vec::new(), Vec::new());
    for session in stage.platform.sessions() {
        let ts = session["metadata"]["slack_thread_ts"].as_str().unwrap();
        starts.push(parse_time(session["created_at"].as_str().unwrap()) - parse_ts(ts));
        let events = stage.platform.events(session["id"].as_str().unwrap());
        let idle = events
            .iter()
            .find(|event| event["type"] == "session.status_idle")
            .unwrap();
        let idle = parse_time(idle["processed_at"].as_str().unwrap());
        posts.push(parse_ts(&stage.workspace.answers(CHANNEL, ts)[0].ts) - idle);
    }
    let worst = took.iter().max().copied().unwrap();
    let figures = (median(took), median(starts), median(posts));
    println!("event to 200, event to session, idle to post: {figures:?} ms; worst 200: {worst} ms");
    assert!(figures.0 <= 20, "{figures:?}: {}", bridge.lines());
    assert!(
        figures.1 <= 50 && figures.2 <= 50,
        "{figures:?}: {}",
        bridge.lines()
    );
}
