//! Signing secrets in SSM, read again when they may have been replaced.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use aws_sim::{ErrorName, Fault, Region};
use http::HeaderMap;
use padel_slack::{
    clock::Clock,
    function::{
        secrets::SigningStore,
        units::{SECRETS_KEPT, SECRETS_RETRY},
    },
};
use serde_json::json;
use slack_sim::sign_body;

use crate::{
    door::start_for,
    samples::{delivery, filter, sign},
    table::make_cloud,
};

const NAME: &str = "/padel/signing-secret";

/// A clock that stands until a test moves it.
fn make_clock() -> (Arc<AtomicI64>, Clock) {
    let time = Arc::new(AtomicI64::new(1_780_000_000_000));
    let read = Arc::clone(&time);
    (time, Arc::new(move || read.load(Ordering::Relaxed)))
}

fn make_store(region: &Region, clock: Clock) -> SigningStore {
    let lookup = |name: &str| (name == SigningStore::PARAMETER).then(|| NAME.to_owned());
    SigningStore::new(&lookup, make_cloud(&region.url()).ssm(), clock).unwrap()
}

fn signed(secret: &str) -> HeaderMap {
    let signature = sign_body(secret, "1780000000", b"{}");
    let mut headers = HeaderMap::new();
    headers.insert("x-slack-request-timestamp", "1780000000".parse().unwrap());
    headers.insert("x-slack-signature", signature.parse().unwrap());
    headers
}

fn count_reads(region: &Region) -> usize {
    let calls = region.calls();
    calls
        .iter()
        .filter(|call| {
            call.headers
                .get("x-amz-target")
                .is_some_and(|target| target.ends_with("GetParameter"))
        })
        .count()
}

#[tokio::test]
async fn a_replaced_secret_is_read_at_most_once_a_minute() {
    let region = Region::builder().secret(NAME, "old").start();
    let (time, clock) = make_clock();
    let store = make_store(&region, clock);
    let fits = |secrets: &padel_slack::signature::SigningSecrets, secret: &str| {
        secrets
            .verify(&signed(secret), b"{}", 1_780_000_000)
            .is_ok()
    };
    assert!(fits(&store.load().await.unwrap(), "old"));
    region.set_secret(NAME, "new, old\n");
    // Whoever sends wrong signatures makes nobody ask.
    for _ in 0..20 {
        assert!(store.reload().await.is_none());
    }
    assert_eq!(count_reads(&region), 1);
    time.fetch_add(SECRETS_KEPT, Ordering::Relaxed);
    let replaced = store.reload().await.unwrap();
    assert!(fits(&replaced, "new") && fits(&replaced, "old"));
    assert!(fits(&store.load().await.unwrap(), "new"));
    assert!(store.reload().await.is_none());
    assert_eq!(count_reads(&region), 2);
    // One that cannot be read leaves what is known.
    time.fetch_add(SECRETS_KEPT, Ordering::Relaxed);
    region.push_fault(Fault::Error(ErrorName("AccessDeniedException")), "/ssm", 9);
    assert!(store.reload().await.is_none());
    assert!(fits(&store.load().await.unwrap(), "new"));
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_is_named_and_asked_for_later() {
    let region = Region::builder().secret(NAME, "secret").start();
    let (time, clock) = make_clock();
    let store = make_store(&region, clock);
    region.push_fault(Fault::Error(ErrorName("AccessDeniedException")), "/ssm", 1);
    let error = store.load().await.unwrap_err().to_string();
    let wanted = ["SLACK_SIGNING_SECRET", "AccessDeniedException", NAME];
    assert!(
        wanted.iter().all(|wanted| error.contains(wanted)),
        "{error}"
    );
    assert_eq!(
        store.load().await.unwrap_err().to_string(),
        error,
        "at once"
    );
    assert_eq!(count_reads(&region), 1);
    time.fetch_add(SECRETS_RETRY, Ordering::Relaxed);
    assert!(store.load().await.is_ok());
    region.set_secret(NAME, " ");
    time.fetch_add(SECRETS_KEPT, Ordering::Relaxed);
    assert!(store.reload().await.is_none(), "a blank one is none");
}

#[tokio::test]
async fn case_11_with_a_blank_secret_nothing_is_accepted() {
    for secret in [" ", "new,", ","] {
        let bridge = start_for(filter(), secret).await;
        assert_eq!(bridge.deliver(&delivery(json!({}))).await, 503, "{secret}");
        let blank = sign("", "v0", "1531420618", b"{}");
        let headers = [
            ("x-slack-request-timestamp", "1531420618"),
            ("x-slack-signature", blank.as_str()),
        ];
        assert_eq!(bridge.post(&headers, b"{}").await.0, 503);
        assert!(bridge.errands().is_empty() && bridge.lines().contains("secret_unreadable"));
    }
}
