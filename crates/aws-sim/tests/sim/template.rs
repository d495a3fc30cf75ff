//! Templates: what a region is made of, and what is refused.

use std::{path::Path, time::Duration};

use aws_sim::{Front, Region, Stack};
use serde_json::json;

use crate::client::{Caller, key, send_plain};

const TEMPLATE: &str = include_str!("template.yaml");

fn stack<'a>(parameters: &'a [(&'a str, &'a str)]) -> Stack<'a> {
    Stack {
        name: "padel",
        parameters,
        program: Path::new(env!("CARGO_BIN_EXE_sample-function")),
    }
}

fn start(parameters: &[(&str, &str)]) -> Region {
    let builder = Region::builder().now("2026-11-23T09:00:00Z");
    let builder = builder.template(TEMPLATE, stack(parameters));
    builder.unwrap().start()
}

fn refusal(change: impl Fn(String) -> String) -> String {
    let text = change(TEMPLATE.to_owned());
    assert_ne!(text, TEMPLATE, "nothing was changed");
    let refused = Region::builder().template(&text, stack(&[]));
    refused.unwrap_err().to_string()
}

#[test]
fn a_template_gives_functions_their_variables_and_rights() {
    let region = start(&[("Colour", "green")]);
    let caller = Caller::admin(region.url());
    let path = "/2015-03-31/functions/padel-accept/invocations";
    let told = json!({"do": "variables"}).to_string();
    let answer = caller.send("lambda", "POST", path, &[], &told).unwrap();
    let variables = &answer.body["variables"];
    assert_eq!(variables["COLOUR"], "green");
    assert_eq!(variables["TABLE"], "padel-Table-SIMULATED");
    assert_eq!(
        variables["NEXT"],
        "arn:aws:lambda:eu-west-1:123456789012:function:padel-answer"
    );
    assert_eq!(variables.get("ABSENT"), None);
    let role = Caller::role(region.url(), "padel-AcceptRole-SIMULATED");
    let get = json!({"TableName": "padel-Table-SIMULATED", "Key": key("a")});
    assert_eq!(role.dynamodb("GetItem", &get).status, 200);
    let put = json!({"TableName": "padel-Table-SIMULATED", "Item": key("a")});
    assert_eq!(
        role.dynamodb("PutItem", &put).error(),
        "AccessDeniedException"
    );
}

#[test]
fn a_template_gives_fronts_schedules_and_retries() {
    let region = start(&[]);
    let post = |front: Front, function: &str, path: &str| {
        let url = format!("{}{path}", region.front_url(front, function));
        send_plain("POST", &url, &[], "").status
    };
    assert_eq!(post(Front::HttpApi, "padel-accept", "/slack/events"), 200);
    assert_eq!(post(Front::HttpApi, "padel-accept", "/"), 404);
    assert_eq!(
        post(Front::FunctionUrl, "padel-accept", "/slack/events"),
        403
    );
    assert_eq!(post(Front::HttpApi, "padel-answer", "/slack/events"), 404);
    region.send_event("padel-answer", json!({"do": "fail"}));
    region.block_on(region.settle());
    region.advance(Duration::from_secs(60));
    region.block_on(region.settle());
    assert_eq!(region.failures().len(), 1);
    region.advance(Duration::from_secs(240));
    while region.invocations().last().unwrap().payload != json!({"sweep": true}) {
        std::thread::sleep(Duration::from_millis(2));
    }
    region.advance(Duration::from_secs(3600));
    while region.invocations().last().unwrap().payload != json!({"look": true}) {
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_condition_decides_what_there_is() {
    let region = start(&[("Front", "function-url")]);
    let post = |front: Front| {
        let url = format!("{}/slack/events", region.front_url(front, "padel-accept"));
        send_plain("POST", &url, &[], "").status
    };
    assert_eq!((post(Front::FunctionUrl), post(Front::HttpApi)), (200, 404));
}

#[test]
fn a_template_that_forgets_a_permission_is_refused() {
    for (what, without) in [
        ("events.amazonaws.com", "Principal: events.amazonaws.com"),
        (
            "apigateway.amazonaws.com",
            "Principal: apigateway.amazonaws.com",
        ),
        ("may not send", "Action: sqs:SendMessage"),
        ("the scheduler's", "Service: scheduler.amazonaws.com"),
        ("the scheduler's", "Action: \"lambda:Invoke*\""),
    ] {
        let error = refusal(|text| text.replace(without, &without.replace(": ", ": not.")));
        assert!(error.contains(what), "{error}");
    }
}

#[test]
fn what_is_not_known_of_a_template_is_refused() {
    for (what, from, to) in [
        (
            "AWS::ApiGateway::RestApi",
            "AWS::ApiGatewayV2::Api,",
            "AWS::ApiGateway::RestApi,",
        ),
        ("Fn::Cidr", "!Sub ${Table.Arn}/index/open", "!Cidr [a]"),
        ("there is no Tabel", "!Ref Table", "!Ref Tabel"),
        ("Table.Name", "Table.Arn", "Table.Name"),
        (
            "there is no condition",
            "Condition: IsHttpApi",
            "Condition: IsHttp",
        ),
        ("cron", "rate(5 minutes)", "cron(* * * * ? *)"),
        ("no YAML", "Parameters:", "Parameters: ["),
        (
            "Condition",
            "Effect: Allow\n                Action",
            "Condition: {}\n                Action",
        ),
    ] {
        let error = refusal(|text| text.replace(from, to));
        assert!(error.contains(what), "{from}: {error}");
    }
    for (name, value) in [("Colour", "red"), ("Nothing", "x")] {
        let refused = Region::builder().template(TEMPLATE, stack(&[(name, value)]));
        assert!(refused.unwrap_err().to_string().contains(name));
    }
}
