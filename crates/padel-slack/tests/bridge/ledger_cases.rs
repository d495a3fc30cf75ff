//! Cases of the ledger's conditions for any ledger, compared with a model that keeps lists: SQLite's
//! and DynamoDB's tests run the same.

use padel_slack::{
    ledger::{Closing, Lease, Ledger, Millis, OpenQuestion, RateLimit, Recorded, Stage},
    question::{Access, Question, Thread},
};
use proptest::prelude::*;

pub(crate) const LIMIT: RateLimit = RateLimit {
    questions: 2,
    window: 1000,
};
const HOLDERS: [&str; 3] = ["one", "two", "three"];

pub(crate) fn thread(index: usize) -> Thread {
    Thread {
        channel: "C01".to_owned(),
        ts: format!("100000000{index}.000001"),
    }
}

/// Eight questions of three people in two threads, odd ones an owner's.
pub(crate) fn question(index: usize) -> Question {
    Question {
        key: format!("m#A01#{index}"),
        thread: thread(index % 2),
        // Not in the order of their keys.
        ts: format!("100000001{}.000001", 7 - index),
        user: format!("U0{}", index % 3),
        access: if index % 3 == 1 {
            Access::Owner
        } else {
            Access::Courts
        },
        text: format!("question {index}"),
        files: index,
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    Record(usize),
    Claim(usize, usize, Millis),
    Renew(usize, usize, Millis),
    Release(usize, usize),
    Begin(usize, usize),
    NoteAsked(usize, usize),
    Close(usize, usize, bool, bool),
    Pass(Millis),
    Forget(Millis),
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let (question, thread, holder) = (0..8_usize, 0..2_usize, 0..3_usize);
    prop_oneof![
        3 => question.clone().prop_map(Step::Record),
        3 => (thread.clone(), holder.clone(), 1..500_i64).prop_map(|(t, h, l)| Step::Claim(t, h, l)),
        1 => (thread.clone(), holder.clone(), 1..500_i64).prop_map(|(t, h, l)| Step::Renew(t, h, l)),
        1 => (thread, holder.clone()).prop_map(|(t, h)| Step::Release(t, h)),
        3 => (question.clone(), holder.clone()).prop_map(|(q, h)| Step::Begin(q, h)),
        3 => (question.clone(), holder.clone()).prop_map(|(q, h)| Step::NoteAsked(q, h)),
        2 => (question, holder, any::<bool>(), any::<bool>())
            .prop_map(|(q, h, fails, ends)| Step::Close(q, h, fails, ends)),
        2 => (1..400_i64).prop_map(Step::Pass),
        1 => (0..3000_i64).prop_map(Step::Forget),
    ]
}

#[derive(Clone, PartialEq, Eq)]
enum State {
    Open(Stage),
    Closed(Option<String>),
}

struct Row {
    index: usize,
    accepted_at: Millis,
    is_over_limit: bool,
    state: State,
}

#[derive(Default)]
struct ThreadRow {
    is_there: bool,
    lease: Option<(usize, Millis)>,
    sessions: [Option<String>; 2],
}

#[derive(Default)]
struct Model {
    now: Millis,
    rows: Vec<Row>,
    threads: [ThreadRow; 2],
    counts: Vec<(String, Millis)>,
}

impl Model {
    fn record(&mut self, index: usize) -> Recorded {
        if self.rows.iter().any(|row| row.index == index) {
            return Recorded::Known;
        }
        let counted = (question(index).user, self.now / LIMIT.window);
        self.counts.push(counted.clone());
        let count = self.counts.iter().filter(|one| **one == counted).count();
        let recorded = match count {
            1 | 2 => Recorded::New,
            3 => Recorded::OverLimit,
            _ => Recorded::Dropped,
        };
        self.threads[index % 2].is_there = true;
        self.rows.push(Row {
            index,
            accepted_at: self.now,
            is_over_limit: recorded == Recorded::OverLimit,
            state: if recorded == Recorded::Dropped {
                State::Closed(None)
            } else {
                State::Open(Stage::Accepted)
            },
        });
        recorded
    }

    fn claim(&mut self, thread: usize, holder: usize, length: Millis) -> bool {
        let row = &mut self.threads[thread];
        let is_free = row.lease.is_none_or(|(_, until)| until < self.now);
        if row.is_there && is_free {
            row.lease = Some((holder, self.now + length));
        }
        row.is_there && is_free
    }

    fn holds(&self, thread: usize, holder: usize) -> bool {
        self.threads[thread]
            .lease
            .is_some_and(|(is, _)| is == holder)
    }

    fn change(
        &mut self,
        index: usize,
        holder: usize,
        to: impl Fn(&Stage) -> Option<State>,
    ) -> bool {
        let holds = self.holds(index % 2, holder);
        let Some(row) = self.rows.iter_mut().find(|row| row.index == index) else {
            return false;
        };
        let next = match &row.state {
            State::Open(stage) if holds => to(stage),
            _ => None,
        };
        next.map(|next| row.state = next).is_some()
    }

    fn next(&self, thread: usize) -> Option<OpenQuestion> {
        let open = self.rows.iter().filter_map(|row| match &row.state {
            State::Open(stage) if row.index % 2 == thread => Some((row, stage)),
            _ => None,
        });
        let (row, stage) =
            open.min_by_key(|(row, stage)| (**stage == Stage::Accepted, question(row.index).ts))?;
        let question = question(row.index);
        let mut posts: Vec<String> = self
            .rows
            .iter()
            .filter(|row| row.index % 2 == thread)
            .filter_map(|row| match &row.state {
                State::Closed(post) => post.clone(),
                State::Open(_) => None,
            })
            .collect();
        posts.sort();
        Some(OpenQuestion {
            accepted_at: row.accepted_at,
            is_over_limit: row.is_over_limit,
            stage: stage.clone(),
            session: self.threads[thread].sessions[question.access as usize].clone(),
            posts,
            question,
        })
    }

    fn waiting(&self, accepted_before: Millis) -> Vec<Thread> {
        let mut waiting: Vec<(Millis, usize)> = (0..2)
            .filter(|thread| {
                let lease = self.threads[*thread].lease;
                lease.is_none_or(|(_, until)| until < self.now)
            })
            .filter_map(|thread| {
                let open = self.rows.iter().filter(|row| {
                    let is_open = matches!(row.state, State::Open(_));
                    is_open && row.index % 2 == thread && row.accepted_at < accepted_before
                });
                Some((open.map(|row| row.accepted_at).min()?, thread))
            })
            .collect();
        waiting.sort_unstable();
        waiting
            .into_iter()
            .map(|(_, index)| thread(index))
            .collect()
    }

    fn forget(&mut self, before: Millis) {
        let is_kept = |row: &Row| row.accepted_at >= before || matches!(row.state, State::Open(_));
        self.rows.retain(is_kept);
        self.counts
            .retain(|(_, window)| window * LIMIT.window >= before);
        for thread in 0..2 {
            let has_rows = self.rows.iter().any(|row| row.index % 2 == thread);
            if !has_rows && self.threads[thread].lease.is_none() {
                self.threads[thread] = ThreadRow::default();
            }
        }
    }

    fn play(&mut self, step: &Step) -> Option<bool> {
        let now = self.now;
        match *step {
            Step::Claim(thread, holder, length) => Some(self.claim(thread, holder, length)),
            Step::Renew(thread, holder, length) => {
                let holds = self.holds(thread, holder);
                if holds {
                    self.threads[thread].lease = Some((holder, now + length));
                }
                Some(holds)
            }
            Step::Release(thread, holder) => {
                if self.holds(thread, holder) {
                    self.threads[thread].lease = None;
                }
                None
            }
            Step::Begin(index, holder) => Some(self.change(index, holder, |stage| {
                (*stage == Stage::Accepted).then_some(State::Open(Stage::Begun))
            })),
            Step::NoteAsked(index, holder) => {
                let session = format!("sesn_{index}");
                let is_changed = self.change(index, holder, |stage| {
                    let asked = Stage::Asked {
                        session: session.clone(),
                        at: now,
                    };
                    (*stage == Stage::Begun).then_some(State::Open(asked))
                });
                if is_changed {
                    let access = question(index).access as usize;
                    self.threads[index % 2].sessions[access] = Some(session);
                }
                Some(is_changed)
            }
            Step::Close(index, holder, _, ends) => {
                let is_changed = self.change(index, holder, |stage| {
                    let post = Some(format!("{index}.1"));
                    (*stage != Stage::Accepted).then_some(State::Closed(post))
                });
                if is_changed && ends {
                    let access = question(index).access as usize;
                    self.threads[index % 2].sessions[access] = None;
                }
                Some(is_changed)
            }
            Step::Pass(time) => {
                self.now += time;
                None
            }
            Step::Forget(before) => {
                self.forget(before);
                None
            }
            Step::Record(_) => None,
        }
    }
}

/// Carries a step out, and returns whether its condition held, where it has one.
async fn play(ledger: &impl Ledger, step: &Step, now: Millis) -> Option<bool> {
    let lease = |holder: usize, length: Millis| Lease {
        holder: HOLDERS[holder].to_owned(),
        until: now + length,
    };
    let held = match *step {
        Step::Claim(index, holder, length) => {
            ledger
                .claim(&thread(index), &lease(holder, length), now)
                .await
        }
        Step::Renew(index, holder, length) => {
            ledger.renew(&thread(index), &lease(holder, length)).await
        }
        Step::Begin(index, holder) => ledger.begin(&question(index), HOLDERS[holder]).await,
        Step::NoteAsked(index, holder) => {
            let session = format!("sesn_{index}");
            ledger
                .note_asked(&question(index), HOLDERS[holder], &session, now)
                .await
        }
        Step::Close(index, holder, fails, ends_session) => {
            let closing = Closing {
                failure: fails.then_some("refusal"),
                post: Some(format!("{index}.1")),
                ends_session,
            };
            ledger
                .close(&question(index), HOLDERS[holder], &closing)
                .await
        }
        Step::Release(index, holder) => {
            ledger
                .release(&thread(index), HOLDERS[holder])
                .await
                .unwrap();
            return None;
        }
        Step::Forget(before) => {
            ledger.forget(before).await.unwrap();
            return None;
        }
        Step::Record(_) | Step::Pass(_) => return None,
    };
    Some(held.unwrap())
}

/// Plays steps on a ledger and on the model. A ledger that forgets by itself, in its own time, is
/// told to forget nothing.
pub(crate) async fn check_steps(ledger: &impl Ledger, steps: &[Step], forgets: bool) {
    let mut model = Model::default();
    for step in steps {
        if matches!(step, Step::Forget(_)) && !forgets {
            continue;
        }
        let now = model.now;
        if let Step::Record(index) = *step {
            let recorded = ledger.record(&question(index), LIMIT, now).await.unwrap();
            assert_eq!(recorded, model.record(index), "{step:?} of {steps:?}");
        }
        let held = play(ledger, step, now).await;
        assert_eq!(held, model.play(step), "{step:?} of {steps:?}");
        for index in 0..2 {
            let next = ledger.find_next(&thread(index)).await.unwrap();
            assert_eq!(next, model.next(index), "after {step:?} of {steps:?}");
        }
        let waiting = ledger.find_waiting(now - 100, model.now).await.unwrap();
        assert_eq!(
            waiting,
            model.waiting(now - 100),
            "after {step:?} of {steps:?}"
        );
    }
}

/// Case 39: of sixteen deliveries at once, through two ledgers on one store, one is new.
pub(crate) async fn check_sixteen_at_once<L: Ledger + Clone>(one: &L, two: &L) {
    let limit = RateLimit {
        questions: 30,
        window: 1000,
    };
    for index in 0..8 {
        let runs: Vec<_> = (0..16)
            .map(|number| {
                let ledger = if number % 2 == 0 {
                    one.clone()
                } else {
                    two.clone()
                };
                tokio::spawn(async move {
                    let recorded = ledger.record(&question(index), limit, 5).await.unwrap();
                    let lease = Lease {
                        holder: format!("{index} {number}"),
                        until: 10,
                    };
                    let is_mine = ledger.claim(&thread(index % 2), &lease, 5).await.unwrap();
                    (recorded, is_mine)
                })
            })
            .collect();
        let (mut new, mut claimed) = (0, 0);
        for run in runs {
            let (recorded, is_mine) = run.await.unwrap();
            new += usize::from(recorded == Recorded::New);
            claimed += usize::from(is_mine);
        }
        assert_eq!((new, claimed), (1, usize::from(index < 2)), "{index}");
    }
}

/// Case 25: a lease lasts to its last millisecond, and is never stuck.
pub(crate) async fn check_lease_length(ledger: &impl Ledger) {
    let asked = question(0);
    ledger
        .record(&asked, LIMIT, 1_780_000_000_000)
        .await
        .unwrap();
    let lease = |holder: &str, until| Lease {
        holder: holder.to_owned(),
        until,
    };
    let until = 1_780_000_030_000;
    let claim = async |holder: &str, now| {
        let lease = lease(holder, now + 30_000);
        ledger.claim(&asked.thread, &lease, now).await.unwrap()
    };
    assert!(claim("one", 1_780_000_000_000).await);
    assert!(!claim("two", 1_780_000_000_001).await);
    assert!(!claim("two", until).await);
    assert!(claim("two", until + 1).await, "never stuck");
    assert!(
        !ledger.begin(&asked, "one").await.unwrap(),
        "it is another's"
    );
    assert!(ledger.begin(&asked, "two").await.unwrap());
    // A clock that was set back takes nothing from anybody.
    assert!(!claim("three", 0).await);
}

/// One message that came with two times of its own, outside of threads.
pub(crate) async fn check_twins(ledger: &impl Ledger) {
    let alone = |index: usize, ts: &str| {
        let mut question = question(index);
        ts.clone_into(&mut question.ts);
        ts.clone_into(&mut question.thread.ts);
        question
    };
    let record = async |question: &Question, now| {
        let recorded = ledger.record(question, LIMIT, now).await;
        recorded.unwrap()
    };
    let (one, twin) = (alone(0, "1000000020.000001"), alone(0, "1000000041.000001"));
    // 39 seconds apart, and in the next window of the rate.
    assert_eq!(record(&one, 1_780_000_000_000).await, Recorded::New);
    for _ in 0..2 {
        assert_eq!(record(&twin, 1_780_000_039_000).await, Recorded::Known);
        assert_eq!(record(&one, 1_780_000_040_000).await, Recorded::Known);
    }
    assert_eq!(ledger.find_next(&twin.thread).await.unwrap(), None);
    assert!(ledger.find_next(&one.thread).await.unwrap().is_some());
    // None of them was counted.
    let [two, three] =
        [(3, "1000000050.000001"), (6, "1000000051.000001")].map(|(index, ts)| alone(index, ts));
    assert_eq!(record(&two, 1_780_000_039_500).await, Recorded::New);
    assert_eq!(record(&three, 1_780_000_039_600).await, Recorded::New);
}
