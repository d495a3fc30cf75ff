//! The ledger in DynamoDB.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sim::{ErrorName, Fault};
use padel_slack::{
    function::{
        dynamodb::DynamoLedger,
        units::{QUESTION_KEPT, THREAD_KEPT},
    },
    ledger::{Closing, Lease, Ledger, RateLimit, Recorded, Stage},
    question::Question,
};
use proptest::{
    strategy::{Strategy, ValueTree as _},
    test_runner::TestRunner,
};

use crate::{
    ledger_cases::{
        LIMIT, check_lease_length, check_sixteen_at_once, check_steps, check_twins, question, step,
        thread,
    },
    table::Table,
};

/// Histories that are played; each has a table of its own.
const HISTORIES: usize = 20;

#[tokio::test]
async fn case_24_each_step_does_what_its_condition_says() {
    let mut runner = TestRunner::deterministic();
    let steps = proptest::collection::vec(step(), 1..60);
    for _ in 0..HISTORIES {
        let table = Table::make().await;
        let steps = steps.new_tree(&mut runner).unwrap().current();
        check_steps(&table.ledger(), &steps, false).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_39_of_sixteen_deliveries_at_once_one_is_new() {
    let table = Table::make().await;
    check_sixteen_at_once(&table.ledger(), &table.ledger()).await;
}

#[tokio::test]
async fn case_25_a_lease_lasts_to_its_last_millisecond() {
    let table = Table::make().await;
    check_lease_length(&table.ledger()).await;
}

#[tokio::test]
async fn case_14_one_message_with_two_times_is_one_question() {
    let table = Table::make().await;
    check_twins(&table.ledger()).await;
}

impl Table {
    async fn item(&self, id: &str) -> std::collections::HashMap<String, AttributeValue> {
        let reading = self.client.get_item().table_name(&self.name);
        let reading = reading.key("id", AttributeValue::S(id.to_owned()));
        reading.send().await.unwrap().item.unwrap()
    }
}

#[tokio::test]
async fn a_closed_question_keeps_no_text_and_leaves_the_index() {
    let table = Table::make().await;
    let ledger = table.ledger();
    let (one, two) = (question(0), question(2));
    let now = 1_780_000_000_000;
    for question in [&one, &two] {
        ledger.record(question, LIMIT, now).await.unwrap();
    }
    let lease = Lease {
        holder: "one".to_owned(),
        until: now + 10,
    };
    assert!(ledger.claim(&one.thread, &lease, now).await.unwrap());
    let closing = Closing {
        failure: None,
        post: Some("1.1".to_owned()),
        ends_session: false,
    };
    let id = "thread#C01#1000000000.000001";
    for (question, left) in [(&one, true), (&two, false)] {
        assert!(ledger.begin(question, "one").await.unwrap());
        assert!(!ledger.close(question, "two", &closing).await.unwrap());
        assert!(ledger.close(question, "one", &closing).await.unwrap());
        assert!(!ledger.close(question, "one", &closing).await.unwrap());
        let item = table.item(id).await;
        let map = item[&format!("q#{}", question.key)].as_m().unwrap();
        assert!(!map.contains_key("text"), "{map:?}");
        for name in ["open", "since", "count"] {
            assert_eq!(item.contains_key(name), left, "{name} of {item:?}");
        }
    }
}

#[tokio::test]
async fn expiry_is_in_seconds_and_times_in_milliseconds() {
    let table = Table::make().await;
    let ledger = table.ledger();
    let asked = question(0);
    let now = 1_780_000_000_001;
    ledger.record(&asked, LIMIT, now).await.unwrap();
    let number = |item: &std::collections::HashMap<String, AttributeValue>, name: &str| {
        item[name].as_n().unwrap().parse::<i64>().unwrap()
    };
    let item = table.item("thread#C01#1000000000.000001").await;
    assert_eq!(
        number(&item, "expires"),
        1_780_000_000 + THREAD_KEPT / 1000 + 1
    );
    assert_eq!(number(&item, "since"), now);
    let item = table.item(&format!("message#{}", asked.key)).await;
    assert_eq!(
        number(&item, "expires"),
        1_780_000_001 + QUESTION_KEPT / 1000
    );
    // The window of a second ends a second after it began, and its count is kept for a day.
    let item = table.item("rate#C01#U00#1780000000000").await;
    assert_eq!(
        number(&item, "expires"),
        1_780_000_001 + QUESTION_KEPT / 1000
    );
}

#[tokio::test]
async fn case_27_the_next_question_of_a_thread_forgets_its_old_ones() {
    let table = Table::make().await;
    let ledger = table.ledger();
    let (closed, open, next) = (question(0), question(2), question(4));
    let now = 1_780_000_000_000;
    for question in [&closed, &open] {
        ledger.record(question, LIMIT, now).await.unwrap();
    }
    let lease = Lease {
        holder: "one".to_owned(),
        until: now + 10,
    };
    assert!(ledger.claim(&thread(0), &lease, now).await.unwrap());
    assert!(ledger.begin(&closed, "one").await.unwrap());
    let closing = Closing {
        failure: Some("refusal"),
        post: None,
        ends_session: true,
    };
    assert!(ledger.close(&closed, "one", &closing).await.unwrap());
    let later = now + QUESTION_KEPT;
    assert_eq!(
        ledger.record(&closed, LIMIT, later).await.unwrap(),
        Recorded::Known
    );
    assert_eq!(
        ledger.record(&next, LIMIT, later + 1).await.unwrap(),
        Recorded::New
    );
    assert_eq!(
        ledger.record(&closed, LIMIT, later + 2).await.unwrap(),
        Recorded::New
    );
    // What is open is never forgotten.
    assert_eq!(
        ledger.record(&open, LIMIT, later + 3).await.unwrap(),
        Recorded::Known
    );
    let found = ledger.find_next(&thread(0)).await.unwrap().unwrap();
    assert_eq!(found.stage, Stage::Accepted);
}

/// AWS's crates send a call again when its answer is lost: the second one meets what the first did.
#[tokio::test]
async fn a_write_whose_answer_is_lost_counts_once() {
    let table = Table::make().await;
    let Some(region) = &table.region else {
        return;
    };
    let ledger = table.ledger();
    let (one, two) = (question(0), question(6));
    let now = 1_780_000_000_000;
    // Each is sent again, which works.
    let lose = |writes| {
        for _ in 0..writes {
            for fault in [Fault::LostAfter, Fault::Slow(1)] {
                region.push_fault(fault, "/dynamodb/UpdateItem", 1);
            }
        }
    };
    // The message, the count, then the question.
    lose(3);
    assert_eq!(
        ledger.record(&one, LIMIT, now).await.unwrap(),
        Recorded::New
    );
    let lost = Fault::ErrorAfter(ErrorName("InternalServerError"));
    region.push_fault(lost, "/dynamodb/UpdateItem", 1);
    assert_eq!(
        ledger.record(&two, LIMIT, now).await.unwrap(),
        Recorded::New
    );
    let lease = Lease {
        holder: "one".to_owned(),
        until: now + 10,
    };
    lose(1);
    assert!(ledger.claim(&one.thread, &lease, now).await.unwrap());
    lose(1);
    assert!(ledger.renew(&one.thread, &lease).await.unwrap());
    let closing = Closing {
        failure: None,
        post: None,
        ends_session: false,
    };
    for question in [&two, &one] {
        lose(1);
        assert!(ledger.begin(question, "one").await.unwrap());
        lose(1);
        let asked = ledger.note_asked(question, "one", "sesn_1", now).await;
        assert!(asked.unwrap());
        lose(1);
        assert!(ledger.close(question, "one", &closing).await.unwrap());
    }
    assert!(ledger.find_next(&one.thread).await.unwrap().is_none());
    let item = table.item("thread#C01#1000000000.000001").await;
    assert!(!item.contains_key("count"), "closed once each: {item:?}");
    // The third of its window is one too many, so each of the two was counted once.
    let third = Question {
        user: one.user.clone(),
        ..question(2)
    };
    assert_eq!(
        ledger.record(&third, LIMIT, now).await.unwrap(),
        Recorded::OverLimit
    );
}

/// What a function says when its table cannot be used, and never a text.
#[tokio::test]
async fn a_table_that_cannot_be_used_is_named() {
    let table = Table::make().await;
    let Some(region) = &table.region else {
        return;
    };
    let ledger = table.ledger();
    for (fault, wanted) in [
        (
            Fault::Error(ErrorName("ThrottlingException")),
            "ThrottlingException",
        ),
        (
            Fault::Error(ErrorName("AccessDeniedException")),
            "AccessDeniedException",
        ),
        (Fault::Status(500), "UpdateItem"),
        (Fault::Html, "UpdateItem"),
        (Fault::Truncated, "UpdateItem"),
    ] {
        region.push_fault(fault, "/dynamodb", 9);
        let error = ledger.record(&question(0), LIMIT, 5).await.unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
        assert!(!error.to_string().contains("question 0"), "{error}");
        region.clear_faults();
    }
    let other = DynamoLedger::new(table.client.clone(), "no-such-table".to_owned());
    let error = other.record(&question(0), LIMIT, 5).await.unwrap_err();
    assert!(
        error.to_string().contains("ResourceNotFoundException"),
        "{error}"
    );
}

#[tokio::test]
async fn a_full_thread_drops_questions_and_takes_them_again() {
    let table = Table::make().await;
    let ledger = table.ledger();
    let limit = RateLimit {
        questions: u32::MAX,
        ..LIMIT
    };
    // As long as a question can be, in characters of four bytes.
    let long = |number: usize| Question {
        key: format!("m#A01#{number}"),
        ts: format!("10000000{number:02}.000001"),
        text: "\u{1d49c}".repeat(4000),
        ..question(0)
    };
    let mut recorded = Vec::new();
    for number in 1..40 {
        recorded.push(ledger.record(&long(number), limit, 0).await.unwrap());
    }
    let accepted = recorded.iter().filter(|it| **it == Recorded::New).count();
    assert!((16..25).contains(&accepted), "{accepted}");
    assert!(
        recorded[accepted..]
            .iter()
            .all(|it| *it == Recorded::Dropped)
    );
    // One that is answered keeps no text.
    let lease = Lease {
        holder: "holder".to_owned(),
        until: 1000,
    };
    let thread = thread(0);
    assert!(ledger.claim(&thread, &lease, 1).await.unwrap());
    assert!(ledger.begin(&long(1), "holder").await.unwrap());
    let closing = Closing {
        failure: None,
        post: Some("1.1".to_owned()),
        ends_session: false,
    };
    assert!(ledger.close(&long(1), "holder", &closing).await.unwrap());
    let again = ledger.record(&long(40), limit, 2).await.unwrap();
    assert_eq!(again, Recorded::New);
}
