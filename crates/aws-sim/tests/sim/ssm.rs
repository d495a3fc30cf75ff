//! Parameters.

use serde_json::json;

use crate::{client::Caller, region};

#[test]
fn a_secret_comes_decrypted_only_where_that_is_asked_for() {
    let region = region().parameter("plain", "text").start();
    let caller = Caller::admin(region.url());
    let get = |decrypt: bool| {
        let wanted = json!({"Name": "/padel/secret", "WithDecryption": decrypt});
        caller.ssm("GetParameter", &wanted).body["Parameter"]["Value"].clone()
    };
    assert_eq!(get(true), "s3cret");
    assert_ne!(get(false), "s3cret");
    region.set_secret("/padel/secret", "rotated");
    assert_eq!(get(true), "rotated");
    let missing = caller.ssm("GetParameter", &json!({"Name": "/padel/none"}));
    assert_eq!(
        (missing.status, missing.error()),
        (400, "ParameterNotFound")
    );
}

#[test]
fn a_role_reads_the_parameters_of_its_policy_only() {
    let policy = json!({"Statement": [{
        "Effect": "Allow",
        "Action": "ssm:GetParameter",
        "Resource": "arn:aws:ssm:eu-west-1:123456789012:parameter/padel/secret",
    }]});
    let region = region()
        .secret("/padel/other", "other")
        .role("accept", &policy)
        .unwrap()
        .start();
    let caller = Caller::role(region.url(), "accept");
    let get = |name: &str| caller.ssm("GetParameter", &json!({ "Name": name }));
    assert_eq!(get("/padel/secret").status, 200);
    assert_eq!(get("/padel/other").error(), "AccessDeniedException");
    let several = json!({"Names": ["/padel/secret"]});
    let answer = caller.ssm("GetParameters", &several);
    assert_eq!(answer.error(), "AccessDeniedException");
}
