//! The ledger in a SQLite file.

use padel_slack::{
    ledger::{Closing, Lease, Ledger, Recorded},
    machine::sqlite::SqliteLedger,
    question::Question,
};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::ledger_cases::{
    LIMIT, check_lease_length, check_sixteen_at_once, check_steps, check_twins, question, step,
};

fn file() -> (TempDir, SqliteLedger) {
    let place = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(&place.path().join("padel-slack.db")).unwrap();
    (place, ledger)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn case_24_each_step_does_what_its_condition_says(
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        let (_place, ledger) = file();
        runtime().block_on(check_steps(&ledger, &steps, true));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_39_of_sixteen_deliveries_at_once_one_is_new() {
    let (place, one) = file();
    let two = SqliteLedger::open(&place.path().join("padel-slack.db")).unwrap();
    check_sixteen_at_once(&one, &two).await;
}

#[tokio::test]
async fn case_25_a_lease_lasts_to_its_last_millisecond() {
    let (_place, ledger) = file();
    check_lease_length(&ledger).await;
}

#[tokio::test]
async fn case_14_one_message_with_two_times_is_one_question() {
    let (_place, ledger) = file();
    check_twins(&ledger).await;
}

#[tokio::test]
async fn case_27_what_is_over_counts_no_more() {
    let (_place, ledger) = file();
    let asked = question(0);
    let record =
        async |question: &Question, now| ledger.record(question, LIMIT, now).await.unwrap();
    assert_eq!(record(&asked, 5).await, Recorded::New);
    let lease = Lease {
        holder: "one".to_owned(),
        until: 10,
    };
    assert!(ledger.claim(&asked.thread, &lease, 5).await.unwrap());
    // Open, it is kept however old it is.
    ledger.forget(1_000_000).await.unwrap();
    assert_eq!(record(&asked, 1_000_000).await, Recorded::Known);
    assert!(ledger.begin(&asked, "one").await.unwrap());
    let closing = Closing {
        failure: None,
        post: None,
        ends_session: false,
    };
    assert!(ledger.close(&asked, "one", &closing).await.unwrap());
    assert_eq!(record(&asked, 1_000_000).await, Recorded::Known);
    ledger.forget(1_000_000).await.unwrap();
    assert_eq!(record(&asked, 1_000_000).await, Recorded::New);
    // Its person's other windows are there, and do not count: 0 and 3 and 6 are one person's.
    assert_eq!(record(&question(3), 2_000_000).await, Recorded::New);
    assert_eq!(record(&question(6), 2_000_001).await, Recorded::New);
}

#[tokio::test]
async fn a_closed_question_keeps_no_text_and_its_file_is_private() {
    let (place, ledger) = file();
    let asked = question(1);
    ledger.record(&asked, LIMIT, 5).await.unwrap();
    let lease = Lease {
        holder: "one".to_owned(),
        until: 10,
    };
    assert!(ledger.claim(&asked.thread, &lease, 5).await.unwrap());
    let text = || {
        let file = rusqlite::Connection::open(place.path().join("padel-slack.db")).unwrap();
        file.query_row("SELECT text FROM question", [], |row| {
            row.get::<_, String>(0)
        })
        .unwrap()
    };
    assert_eq!(text(), "question 1");
    assert!(ledger.begin(&asked, "one").await.unwrap());
    let closing = Closing {
        failure: None,
        post: Some("1.1".to_owned()),
        ends_session: false,
    };
    assert!(ledger.close(&asked, "one", &closing).await.unwrap());
    assert_eq!(text(), "");
    #[cfg(unix)]
    for entry in std::fs::read_dir(place.path()).unwrap().flatten() {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
    }
}

#[test]
fn a_file_of_a_newer_release_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("padel-slack.db");
    drop(SqliteLedger::open(&path).unwrap());
    let file = rusqlite::Connection::open(&path).unwrap();
    file.pragma_update(None, "user_version", 2).unwrap();
    let error = SqliteLedger::open(&path).unwrap_err().to_string();
    assert!(error.contains("version 2"), "{error}");
    let nowhere = SqliteLedger::open(&place.path().join("no/such.db"));
    assert!(nowhere.is_err());
}
