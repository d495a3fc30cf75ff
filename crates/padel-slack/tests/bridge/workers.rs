//! The worker of one machine: threads side by side, what nobody handed over, and a stop.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use claude_platform_sim::{Fault as PlatformFault, Model};
use padel_slack::{
    handover::{Errand, Handover as _},
    machine::{
        stop::Stop,
        worker::{make_inbox, work},
    },
};
use tokio::{sync::watch, time::timeout};

use crate::stage::{CHANNEL, GUEST, OWNER, Stage};

const SWEEP: Duration = Duration::from_millis(100);

/// Starts a worker; returns its inbox, its stop and its end.
async fn start(
    stage: &Stage,
) -> (
    padel_slack::machine::worker::Inbox,
    watch::Sender<bool>,
    tokio::task::JoinHandle<()>,
) {
    let (inbox, errands) = make_inbox();
    let (stop, stopped) = watch::channel(false);
    let answerer = Arc::new(stage.answerer().await);
    let worker = tokio::spawn(work(answerer, errands, SWEEP, Stop(stopped)));
    (inbox, stop, worker)
}

async fn wait_for(stage: &Stage, errands: &[Errand]) {
    for errand in errands {
        let ts = errand.thread.ts.as_str();
        let within = Duration::from_secs(20);
        let answers = stage
            .workspace
            .wait_for_answers(CHANNEL, ts, 1, within)
            .await;
        assert_eq!(answers.len(), 1, "{}", stage.lines());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_handed_over_and_what_is_not_is_answered() {
    let stage = Stage::new();
    let (inbox, stop, worker) = start(&stage).await;
    let mut errands = Vec::new();
    for number in 0..20 {
        let errand = stage.ask(GUEST, &number.to_string(), None).await;
        // Every other one is lost on the way, and found by the sweep; some come twice.
        for _ in 0..number % 4 {
            inbox.hand_over(errand.clone()).await.unwrap();
        }
        errands.push(errand);
    }
    wait_for(&stage, &errands).await;
    stop.send(true).unwrap();
    timeout(Duration::from_secs(2), worker)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        stage.workspace.messages(CHANNEL).len(),
        40,
        "none is answered twice"
    );
    assert_eq!(stage.said().concat().len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_does_not_work_keeps_no_other_waiting() {
    let stage = Stage::new();
    let (inbox, _stop, _worker) = start(&stage).await;
    stage
        .platform
        .push_fault(PlatformFault::Status(503), "POST /v1/sessions", 2);
    let stuck = stage.ask(GUEST, "stuck", None).await;
    inbox.hand_over(stuck.clone()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let other = stage.ask(GUEST, "other", None).await;
    inbox.hand_over(other.clone()).await.unwrap();
    wait_for(&stage, &[other, stuck]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_threads_that_wait_for_another_try_keep_no_other_waiting() {
    const MANY: u32 = 64;
    let mut stage = Stage::new();
    stage.limit.questions = u32::MAX;
    stage.timing.settle = Duration::from_secs(60);
    let (inbox, _stop, _worker) = start(&stage).await;
    let begins = "POST /v1/sessions";
    stage
        .platform
        .push_fault(PlatformFault::Status(503), begins, MANY);
    for number in 0..MANY {
        let stuck = stage.ask(GUEST, &number.to_string(), None).await;
        inbox.hand_over(stuck).await.unwrap();
    }
    while stage.lines().matches("platform_failed").count() < MANY as usize {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let other = stage.ask(OWNER, "other", None).await;
    inbox.hand_over(other.clone()).await.unwrap();
    wait_for(&stage, &[other]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_question_of_a_busy_thread_is_seen_at_once() {
    let mut stage = Stage::with(|w| w, |platform| platform.model(Model::Slow));
    stage.timing.answer_within = Duration::from_secs(3);
    let (inbox, _stop, _worker) = start(&stage).await;
    let first = stage.ask(GUEST, "one", None).await;
    inbox.hand_over(first.clone()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let second = stage.ask(GUEST, "two", Some(&first.thread.ts)).await;
    inbox.hand_over(second.clone()).await.unwrap();
    let ts = second.arrived.as_deref().unwrap();
    while stage.reactions(ts) != ["eyes"] {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(stage.answers(&first).len(), 0);
    let within = Duration::from_secs(10);
    let answers = stage
        .workspace
        .wait_for_answers(CHANNEL, &first.thread.ts, 2, within)
        .await;
    assert_eq!(answers.len(), 2, "{}", stage.lines());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_leaves_what_is_open_to_the_next_process_at_once() {
    let stage = Stage::with(|w| w, |platform| platform.model(Model::Slow));
    let (inbox, stop, worker) = start(&stage).await;
    let errand = stage.ask(GUEST, "one", None).await;
    inbox.hand_over(errand.clone()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let started = Instant::now();
    stop.send(true).unwrap();
    timeout(Duration::from_secs(2), worker)
        .await
        .unwrap()
        .unwrap();
    assert!(started.elapsed() < Duration::from_secs(1));
    // The next process ends the turn, and finds its end.
    let session = stage.platform.sessions()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    stage
        .client()
        .await
        .interrupt_session(&session)
        .await
        .unwrap();
    let (_inbox, _stop, _worker) = start(&stage).await;
    wait_for(&stage, &[errand]).await;
    assert_eq!(stage.said().concat().len(), 1);
}
