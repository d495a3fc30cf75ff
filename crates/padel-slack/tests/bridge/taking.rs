//! Taking a thread at once does what its steps do one after the other.

use padel_slack::{
    ledger::{Closing, Lease, Ledger, LedgerError, Millis, OpenQuestion, RateLimit, Recorded},
    question::{Access, Question, Thread},
};

use crate::home::{Home, SHORT_HISTORIES, Store};

/// The same ledger, with the port's own steps.
struct Stepwise(Store);

impl Ledger for Stepwise {
    async fn record(
        &self,
        question: &Question,
        limit: RateLimit,
        now: Millis,
    ) -> Result<Recorded, LedgerError> {
        self.0.record(question, limit, now).await
    }

    async fn claim(
        &self,
        thread: &Thread,
        lease: &Lease,
        now: Millis,
    ) -> Result<bool, LedgerError> {
        self.0.claim(thread, lease, now).await
    }

    async fn renew(&self, thread: &Thread, lease: &Lease) -> Result<bool, LedgerError> {
        self.0.renew(thread, lease).await
    }

    async fn release(&self, thread: &Thread, holder: &str) -> Result<(), LedgerError> {
        self.0.release(thread, holder).await
    }

    async fn find_next(&self, thread: &Thread) -> Result<Option<OpenQuestion>, LedgerError> {
        self.0.find_next(thread).await
    }

    async fn begin(&self, question: &Question, holder: &str) -> Result<bool, LedgerError> {
        self.0.begin(question, holder).await
    }

    async fn note_asked(
        &self,
        question: &Question,
        holder: &str,
        session: &str,
        now: Millis,
    ) -> Result<bool, LedgerError> {
        self.0.note_asked(question, holder, session, now).await
    }

    async fn close(
        &self,
        question: &Question,
        holder: &str,
        closing: &Closing,
    ) -> Result<bool, LedgerError> {
        self.0.close(question, holder, closing).await
    }

    async fn find_waiting(
        &self,
        accepted_before: Millis,
        now: Millis,
    ) -> Result<Vec<Thread>, LedgerError> {
        self.0.find_waiting(accepted_before, now).await
    }

    async fn forget(&self, accepted_before: Millis) -> Result<(), LedgerError> {
        self.0.forget(accepted_before).await
    }
}

fn question(index: usize) -> Question {
    Question {
        key: format!("m#A01#{index}"),
        thread: Thread {
            channel: "C01".to_owned(),
            ts: format!("100000000{}.000001", index % 2),
        },
        ts: format!("100000001{}.000001", 7 - index),
        user: format!("U0{index}"),
        access: Access::Courts,
        text: format!("question {index}"),
        files: 0,
    }
}

/// Plays a random history; returns all that the ledger said.
async fn play(ledger: &impl Ledger, seed: u64) -> Vec<String> {
    let mut dice = fastrand::Rng::with_seed(seed);
    let (mut now, mut said) = (0, Vec::new());
    let limit = RateLimit {
        questions: 30,
        window: 1000,
    };
    for _ in 0..60 {
        let asked = question(dice.usize(..8));
        let holder = ["one", "two"][dice.usize(..2)];
        let lease = Lease {
            holder: holder.to_owned(),
            until: now + dice.i64(1..200),
        };
        let closing = Closing {
            failure: None,
            post: Some(format!("{}.1", asked.ts)),
            ends_session: false,
        };
        let thread = &asked.thread;
        let answer = match dice.u8(..7) {
            0 => format!("{:?}", ledger.record(&asked, limit, now).await),
            1 => format!("{:?}", ledger.claim_next(thread, &lease, now).await),
            2 | 3 => format!("{:?}", ledger.begin_next(thread, holder).await),
            4 => format!("{:?}", ledger.note_asked(&asked, holder, "s", now).await),
            5 => format!("{:?}", ledger.close(&asked, holder, &closing).await),
            _ => {
                now += dice.i64(1..100);
                format!("{:?}", ledger.release(thread, holder).await)
            }
        };
        let waiting = ledger.find_waiting(now, now).await;
        said.push(format!(
            "{answer} {:?} {waiting:?}",
            ledger.find_next(thread).await
        ));
    }
    said
}

#[tokio::test]
async fn taking_at_once_is_taking_step_by_step() {
    let mut all = String::new();
    for seed in 0..SHORT_HISTORIES {
        let (at_once, stepwise) = (Home::new(), Home::new());
        let expected = play(&Stepwise(stepwise.open_ledger()), seed).await;
        let taken = play(&at_once.open_ledger(), seed).await;
        assert_eq!(taken, expected, "seed {seed}");
        all.extend(expected);
    }
    let has_all = ["(Busy)", "(Nothing)", "(Question("].map(|word| all.contains(word));
    assert_eq!(has_all, [true; 3]);
}
