//! Histories through both functions, step by step: Slack's delivery, the invocation, the answer. A test
//! is Lambda's queue. Processes die at any await, two environments of each function work side by
//! side, events are lost, doubled and tried again, the schedule sweeps, every service fails.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use aws_sim::{ErrorName, Fault};
use padel_slack::{
    clock::{Clock, machine_clock},
    function::{accept::Accept, answer::Answer, units::SWEEP_AFTER},
    ledger::Ledger as _,
};
use serde_json::{Value, json};

use crate::{
    crashes::{
        Asked, Dice, PER_STAGE, Variety, break_something, check_history, crash_after, play_stages,
        stage_for, type_question, variety_of,
    },
    home::sign_event,
    stage::{CHANNEL, Stage, describe},
};

/// Tries of an event: `MaximumRetryAttempts` of the template are two more.
const TRIES: u8 = 3;
/// Length of the rate's window, in milliseconds.
const WINDOW: i64 = 600_000;

const PLACES: [&str; 5] = [
    "/dynamodb",
    "/dynamodb/UpdateItem",
    "/dynamodb/GetItem",
    "/lambda",
    "/ssm",
];
const FAULTS: [Fault; 10] = [
    Fault::Status(500),
    Fault::Error(ErrorName("ThrottlingException")),
    Fault::ErrorAfter(ErrorName("InternalServerError")),
    Fault::LostBefore,
    Fault::LostAfter,
    Fault::ResetAfter,
    Fault::Slow(20),
    Fault::Truncated,
    Fault::Malformed,
    Fault::Html,
];

/// Faults of AWS's services in one history. Without a bound they would come faster than they strike.
const MOST_FAULTS: usize = 6;

/// An event in Lambda's queue.
struct Event {
    payload: Value,
    tries: u8,
}

/// Two environments of each function, the schedule, and the queue between them.
struct Functions<'a> {
    stage: &'a Stage,
    accepting: [Accept; 2],
    answering: [Answer; 2],
    sweeping: Accept,
    queue: Vec<Event>,
}

impl<'a> Functions<'a> {
    fn start(stage: &'a Stage) -> Self {
        Self {
            stage,
            accepting: [stage.accepting(), stage.accepting()],
            answering: [stage.answering(), stage.answering()],
            sweeping: stage.accepting_by(ahead(stage)),
            queue: Vec::new(),
        }
    }

    /// Slack delivers to one of the environments, which dies after so many polls. Returns whether
    /// Slack will not come again.
    async fn deliver(&mut self, which: usize, asked: &Asked, polls: usize) -> bool {
        let delivery = describe(asked.person, &asked.text, &asked.ts, asked.root.as_deref());
        let event = sign_event(&delivery, (self.stage.clock())());
        let handled = crash_after(polls, Box::pin(self.accepting[which].handle(&event))).await;
        let Some(answer) = handled else {
            self.accepting[which] = self.stage.accepting();
            return false;
        };
        match answer["statusCode"].as_u64() {
            Some(200) => true,
            Some(503) => false,
            _ => panic!("{answer}: {}", self.stage.lines()),
        }
    }

    async fn sweep(&self, polls: usize) {
        let event = json!({"sweep": true});
        crash_after(polls, Box::pin(self.sweeping.handle(&event))).await;
    }

    /// Queues what was invoked since the last time.
    fn receive(&mut self) {
        let events = self.stage.home.take_events().into_iter();
        self.queue
            .extend(events.map(|payload| Event { payload, tries: 0 }));
    }

    /// The same, but some events are lost and some come twice.
    fn receive_badly(&mut self, dice: &mut Dice) {
        for payload in self.stage.home.take_events() {
            for _ in 0..[0, 1, 1, 1, 2][dice.below(5)] {
                let payload = payload.clone();
                self.queue.push(Event { payload, tries: 0 });
            }
        }
    }

    /// Invokes one of the environments, which dies after so many polls. Lambda tries again what
    /// failed.
    async fn invoke(&mut self, which: usize, mut event: Event, polls: usize) {
        let handling = Box::pin(self.answering[which].handle(event.payload.clone(), 0));
        let outcome = crash_after(polls, handling).await;
        if outcome.is_none() {
            self.answering[which] = self.stage.answering();
        }
        event.tries += 1;
        if !matches!(outcome, Some(Ok(()))) && event.tries < TRIES {
            self.queue.push(event);
        }
    }

    /// Invokes both environments with the same event.
    async fn invoke_both(&mut self, event: &Event, polls: [usize; 2]) {
        let [one, two] = &self.answering;
        let (one, two) = (
            Box::pin(one.handle(event.payload.clone(), 0)),
            Box::pin(two.handle(event.payload.clone(), 0)),
        );
        let outcomes = tokio::join!(crash_after(polls[0], one), crash_after(polls[1], two));
        for (which, is_dead) in [outcomes.0.is_none(), outcomes.1.is_none()]
            .into_iter()
            .enumerate()
        {
            if is_dead {
                self.answering[which] = self.stage.answering();
            }
        }
    }

    /// Sweeps and invokes until the ledger has nothing open.
    async fn recover(&mut self, asked: &[Asked]) {
        for _ in 0..400 {
            self.receive();
            while let Some(event) = self.queue.pop() {
                self.invoke_both(&event, [usize::MAX; 2]).await;
            }
            let mut is_done = true;
            for asked in asked {
                let open = self.stage.ledger.find_next(&asked.thread).await;
                is_done &= open == Ok(None);
            }
            if is_done {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
            self.sweep(usize::MAX).await;
        }
        panic!("it never ends: {}", self.stage.lines());
    }
}

/// A clock that is as far ahead as the schedule waits for an invocation that may still come.
fn ahead(stage: &Stage) -> Clock {
    let clock = stage.clock();
    Arc::new(move || clock() + SWEEP_AFTER + 1)
}

/// One history of a few questions in a few threads.
async fn play_history(stage: &Stage, seed: u64) -> Vec<Asked> {
    let mut dice = Dice(fastrand::Rng::with_seed(seed));
    let mut functions = Functions::start(stage);
    let (mut asked, mut deliveries) = (Vec::<Asked>::new(), Vec::<usize>::new());
    let (mut to_ask, mut faults) = (dice.below(4) + 1, MOST_FAULTS);
    while to_ask > 0 || !deliveries.is_empty() {
        match dice.below(12) {
            0..3 if to_ask > 0 => {
                to_ask -= 1;
                let question = type_question(stage, &mut dice, &asked, seed);
                asked.push(question);
                deliveries.extend(vec![asked.len() - 1; dice.below(3) + 1]);
            }
            0..6 if !deliveries.is_empty() => {
                let index = deliveries.swap_remove(dice.below(deliveries.len()));
                let polls = if dice.hits(30) {
                    dice.below(15) + 1
                } else {
                    usize::MAX
                };
                let which = dice.below(2);
                if !functions.deliver(which, &asked[index], polls).await {
                    deliveries.push(index);
                    // One that has no secret asks for it again after seconds; a new one does so now.
                    functions.accepting[which] = stage.accepting();
                }
                functions.receive_badly(&mut dice);
            }
            6 => break_something(stage, &mut dice),
            7 if faults > 0 => {
                faults -= 1;
                let (fault, place) = (dice.below(FAULTS.len()), dice.below(PLACES.len()));
                let region = &stage.home.region;
                region.push_fault(FAULTS[fault], PLACES[place], 1);
            }
            8 => {
                let time = Duration::from_millis(dice.below(30) as u64);
                tokio::time::sleep(time).await;
            }
            9 => {
                functions.sweep(dice.below(40) + 1).await;
                functions.receive_badly(&mut dice);
            }
            10 if !functions.queue.is_empty() => {
                let event = functions.queue[dice.below(functions.queue.len())]
                    .payload
                    .clone();
                let polls = [dice.below(60) + 1, dice.below(60) + 1];
                functions
                    .invoke_both(
                        &Event {
                            payload: event,
                            tries: 0,
                        },
                        polls,
                    )
                    .await;
            }
            _ if !functions.queue.is_empty() => {
                let event = dice.below(functions.queue.len());
                let event = functions.queue.swap_remove(event);
                functions
                    .invoke(dice.below(2), event, dice.below(60) + 1)
                    .await;
            }
            _ => {}
        }
    }
    functions.recover(&asked).await;
    stage.platform.clear_faults();
    stage.workspace.clear_faults();
    stage.home.region.clear_faults();
    asked
}

async fn play_stage(first: u64) {
    let variety = variety_of(first);
    let stage = stage_for(variety);
    let now = machine_clock()();
    for seed in first..first + PER_STAGE {
        // A window of the rate for each history, at whose beginning it begins. Backwards, for the
        // platform's clock stays: its sessions must not be older than the questions.
        let windows = i64::try_from(seed - first).unwrap() + 1;
        let shift = now % WINDOW + windows * WINDOW;
        stage.shift.store(-shift, Ordering::Relaxed);
        let asked = play_history(&stage, seed).await;
        check_history(&stage, variety, &asked, seed).await;
        stage.lines.lock().unwrap().clear();
    }
}

#[test]
fn each_question_has_one_post_whatever_becomes_of_functions_and_events() {
    println!("{}", play_stages(play_stage));
}

#[tokio::test(flavor = "multi_thread")]
async fn case_23_a_crash_at_any_await_of_either_function_leaves_one_answer() {
    let stage = stage_for(Variety::Plain);
    let mut functions = Functions::start(&stage);
    let (mut dice, mut completed) = (Dice(fastrand::Rng::with_seed(0)), 0);
    for polls in 1.. {
        let asked = [type_question(&stage, &mut dice, &[], 0)];
        let is_taken = functions.deliver(0, &asked[0], polls).await;
        if !is_taken {
            // Slack comes again, and meets the other environment.
            assert!(functions.deliver(1, &asked[0], usize::MAX).await);
        }
        functions.receive();
        let died = functions.queue.len();
        if let Some(event) = functions.queue.pop() {
            functions.invoke(0, event, polls).await;
        }
        completed += usize::from(is_taken && died == 1 && functions.queue.is_empty());
        functions.recover(&asked).await;
        let answers = stage.workspace.answers(CHANNEL, &asked[0].thread.ts);
        assert_eq!(answers.len(), 1, "after {polls}: {}", stage.lines());
        if completed == 3 {
            assert!(polls > 10, "{polls}");
            break;
        }
    }
    let said = stage.said();
    assert_eq!(said.concat().len(), said.len());
    assert_eq!(said.len(), stage.workspace.messages(CHANNEL).len() / 2);
}
