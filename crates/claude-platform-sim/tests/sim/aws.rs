//! Claude Platform on AWS: signatures made by AWS's own code, and what is wrong with others.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use claude_platform_sim::{AwsAccess, DEFAULT_API_KEY, Platform};
use reqwest::{
    Method,
    blocking::{Request, RequestBuilder},
};
use serde_json::json;

use crate::client::{self, BETA, Got, bare, send};

fn access(session_token: Option<&str>) -> AwsAccess {
    AwsAccess {
        region: "eu-west-1".to_owned(),
        workspace: "wrkspc_01".to_owned(),
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
        session_token: session_token.map(str::to_owned),
    }
}

/// Signature of a request; by default as it should be.
struct Signer {
    access: AwsAccess,
    service: &'static str,
    time: SystemTime,
    workspace: Option<&'static str>,
}

impl Signer {
    #[expect(
        clippy::disallowed_methods,
        reason = "the platform compares with the real clock"
    )]
    fn new(access: AwsAccess) -> Self {
        Self {
            access,
            service: "aws-external-anthropic",
            time: SystemTime::now(),
            workspace: Some("wrkspc_01"),
        }
    }

    fn sign(&self, platform: &Platform, method: &str, target: &str, body: &str) -> RequestBuilder {
        let mut headers = vec![
            ("anthropic-version", "2026-10-21"),
            ("anthropic-beta", BETA),
            ("content-type", "application/json"),
            ("accept", "application/json"),
        ];
        headers.extend(
            self.workspace
                .map(|workspace| ("anthropic-workspace-id", workspace)),
        );
        let AwsAccess {
            access_key_id,
            secret_access_key,
            session_token,
            region,
            ..
        } = &self.access;
        let identity = Credentials::new(
            access_key_id,
            secret_access_key,
            session_token.clone(),
            None,
            "test",
        )
        .into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(self.service)
            .time(self.time)
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let url = format!("{}{target}", platform.url());
        let signable = SignableRequest::new(
            method,
            url,
            headers.iter().copied(),
            SignableBody::Bytes(body.as_bytes()),
        )
        .unwrap();
        let (instructions, _) = sign(signable, &params).unwrap().into_parts();
        let mut request = bare(platform, method, target).body(body.to_owned());
        for (name, value) in headers.into_iter().chain(instructions.headers()) {
            request = request.header(name, value);
        }
        request
    }
}

fn platform(session_token: Option<&str>) -> Platform {
    Platform::builder()
        .aws(access(session_token))
        .agent("agent_01", json!({}))
        .start()
}

/// Of a request that changes the agent.
fn update(platform: &Platform, signer: &Signer) -> RequestBuilder {
    signer.sign(platform, "POST", "/v1/agents/agent_01", r#"{"system":"x"}"#)
}

fn refused(platform: &Platform, request: RequestBuilder, status: u16, says: &str) {
    let message = send(request).refused(status);
    assert!(message.contains(says), "{message:?} does not say {says:?}");
    assert_eq!(platform.agent("agent_01")["version"], 1);
}

#[test]
fn a_signed_request_is_let_in_with_and_without_a_session_token() {
    for token in [None, Some("a/session+token==")] {
        let platform = platform(token);
        let signer = Signer::new(access(token));
        let got: Got = send(update(&platform, &signer));
        assert_eq!(got.ok()["version"], 2);
        assert_eq!(got.headers["request-id"], got.headers["x-amzn-requestid"]);
        send(signer.sign(
            &platform,
            "GET",
            "/v1/agents/agent_01/versions?limit=2&page=page_d00000000",
            "",
        ))
        .ok();
        send(signer.sign(&platform, "GET", "/v1/agents/agent%2001", "")).refused(404);
    }
}

#[test]
fn a_wrong_signature_is_refused() {
    let platform = platform(None);
    let other = |change: fn(&mut AwsAccess)| {
        let mut access = access(None);
        change(&mut access);
        update(&platform, &Signer::new(access))
    };
    refused(
        &platform,
        other(|access| access.secret_access_key.push('x')),
        403,
        "does not match",
    );
    refused(
        &platform,
        other(|access| access.access_key_id.push('X')),
        403,
        "security token",
    );
    refused(
        &platform,
        other(|access| access.region = "us-east-1".to_owned()),
        403,
        "scoped to",
    );
    refused(
        &platform,
        other(|access| access.session_token = Some("x".to_owned())),
        403,
        "security token",
    );
    let service = Signer {
        service: "bedrock",
        ..Signer::new(access(None))
    };
    refused(&platform, update(&platform, &service), 403, "scoped to");
}

#[test]
fn a_request_that_was_altered_is_refused() {
    let platform = platform(None);
    let signer = Signer::new(access(None));
    let good = || update(&platform, &signer);
    refused(
        &platform,
        good().body(r#"{"system":"y"}"#),
        403,
        "does not match",
    );
    let changes: [fn(&mut Request); 4] = [
        |request| request.url_mut().set_path("/v1/agents/agent_02"),
        |request| request.url_mut().set_query(Some("x=y")),
        |request| *request.method_mut() = Method::DELETE,
        |request| {
            drop(
                request
                    .headers_mut()
                    .insert("anthropic-beta", format!("{BETA},more").parse().unwrap()),
            );
        },
    ];
    for change in changes {
        let mut request = good().build().unwrap();
        change(&mut request);
        assert_eq!(client::http().execute(request).unwrap().status(), 403);
    }
    assert_eq!(send(good()).ok()["version"], 2);
}

#[test]
fn a_signature_is_good_for_a_quarter_of_an_hour() {
    let platform = platform(None);
    let now = Signer::new(access(None)).time;
    for time in [
        now - Duration::from_secs(16 * 60),
        now + Duration::from_secs(16 * 60),
    ] {
        let signer = Signer {
            time,
            ..Signer::new(access(None))
        };
        refused(&platform, update(&platform, &signer), 403, "expired");
    }
    let signer = Signer {
        time: now - Duration::from_secs(14 * 60),
        ..Signer::new(access(None))
    };
    send(update(&platform, &signer)).ok();
}

#[test]
fn a_session_token_that_is_missing_or_wrong_is_refused() {
    let platform = platform(Some("right"));
    for token in [None, Some("wrong")] {
        refused(
            &platform,
            update(&platform, &Signer::new(access(token))),
            403,
            "security token",
        );
    }
}

#[test]
fn the_workspace_must_be_named() {
    let platform = platform(None);
    let signer = |workspace| Signer {
        workspace,
        ..Signer::new(access(None))
    };
    refused(
        &platform,
        update(&platform, &signer(None)),
        400,
        "anthropic-workspace-id",
    );
    refused(
        &platform,
        update(&platform, &signer(Some("default"))),
        400,
        "anthropic-workspace-id",
    );
    refused(
        &platform,
        update(&platform, &signer(Some("wrkspc_02"))),
        404,
        "workspace",
    );
}

#[test]
fn a_malformed_signature_is_refused() {
    let platform = platform(None);
    let ask = |authorization: &str| {
        bare(&platform, "GET", "/v1/skills")
            .header("anthropic-version", "2026-10-21")
            .header("authorization", authorization)
    };
    refused(
        &platform,
        ask("AWS4-HMAC-SHA256 Credential=x"),
        403,
        "cannot be read",
    );
    refused(
        &platform,
        ask("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=c"),
        403,
        "x-amz-date",
    );
    refused(
        &platform,
        ask(&format!("Bearer {DEFAULT_API_KEY}")),
        401,
        "invalid",
    );
    refused(
        &platform,
        bare(&platform, "GET", "/v1/skills"),
        401,
        "no credentials",
    );
}

#[test]
fn a_key_of_aws_needs_no_signature_but_a_workspace() {
    let platform = Platform::builder().aws_key("aws-key").start();
    let ask = |key: &str| {
        bare(&platform, "GET", "/v1/skills")
            .header("anthropic-version", "2026-10-21")
            .bearer_auth(key)
    };
    assert!(
        send(ask("aws-key"))
            .refused(400)
            .contains("anthropic-workspace-id")
    );
    send(ask("aws-key").header("anthropic-workspace-id", "wrkspc_any")).ok();
    send(ask(DEFAULT_API_KEY).header("anthropic-workspace-id", "wrkspc_any")).refused(401);
}

#[test]
fn the_token_exchange_is_not_routed() {
    let platform = Platform::builder().aws_key("aws-key").start();
    let ask = bare(&platform, "POST", "/v1/oauth/token").header("anthropic-version", "2026-10-21");
    send(
        ask.bearer_auth("aws-key")
            .header("anthropic-workspace-id", "wrkspc_any"),
    )
    .refused(404);
}

#[test]
fn a_denied_action_names_region_and_workspace() {
    let platform = Platform::builder()
        .aws(access(None))
        .agent("agent_01", json!({}))
        .deny("UpdateAgent")
        .start();
    let says = "UpdateAgent on resource: \
                arn:aws:aws-external-anthropic:eu-west-1:123456789012:workspace/wrkspc_01";
    refused(
        &platform,
        update(&platform, &Signer::new(access(None))),
        403,
        says,
    );
}
