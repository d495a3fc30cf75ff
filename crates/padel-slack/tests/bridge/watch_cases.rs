//! What every ledger of watching does, whatever keeps it.

use padel_slack::{
    ledger::Lease,
    watch::ledger::{KeptState, LONGEST_PAUSE, Turn, WatchLedger},
};

fn lease(holder: &str, until: i64) -> Lease {
    Lease {
        holder: holder.to_owned(),
        until,
    }
}

/// One looks at a time, and nobody before it is time.
pub(crate) async fn check_turns(ledger: &impl WatchLedger) {
    let claim = async |holder: &str, now: i64| {
        let lease = lease(holder, now + 1_000);
        ledger.claim_look(&lease, now).await.unwrap()
    };
    assert_eq!(claim("one", 10_000).await, Turn::Taken);
    assert_eq!(claim("two", 11_000).await, Turn::Busy);
    assert_eq!(claim("two", 11_001).await, Turn::Taken);
    // Whoever was slower than its lease ends nothing.
    ledger.end_look("one", 90_000).await.unwrap();
    assert_eq!(claim("three", 12_000).await, Turn::Busy);
    ledger.end_look("two", 20_000).await.unwrap();
    assert_eq!(claim("three", 19_999).await, Turn::Early(20_000));
    assert_eq!(claim("three", 20_000).await, Turn::Taken);
    // A clock that was set back since then is no reason to wait.
    ledger
        .end_look("three", 30_000 + LONGEST_PAUSE)
        .await
        .unwrap();
    assert_eq!(claim("four", 29_999).await, Turn::Taken);
    ledger.end_look("four", 0).await.unwrap();
}

/// Each version of a state is written over once, by whoever had read it.
pub(crate) async fn check_state_versions(ledger: &impl WatchLedger) {
    let kept = |text: &str, version| {
        let text = text.to_owned();
        Some(KeptState { text, version })
    };
    let (one, two) = ("https://one.example/", "https://two.example/");
    assert_eq!(ledger.read_state(one).await.unwrap(), None);
    assert!(!ledger.write_state(one, "early", 1, 0).await.unwrap());
    assert!(ledger.write_state(one, "a", 0, 0).await.unwrap());
    assert!(!ledger.write_state(one, "b", 0, 0).await.unwrap());
    assert_eq!(ledger.read_state(one).await.unwrap(), kept("a", 1));
    assert!(ledger.write_state(one, "b", 1, 0).await.unwrap());
    assert!(!ledger.write_state(one, "c", 1, 0).await.unwrap());
    assert_eq!(ledger.read_state(one).await.unwrap(), kept("b", 2));
    assert_eq!(ledger.read_state(two).await.unwrap(), None);
}
