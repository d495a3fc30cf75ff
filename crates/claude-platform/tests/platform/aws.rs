//! Claude Platform on AWS: signatures that AWS's own crate makes again from what came, keys, and
//! the credential chain.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4::SigningParams,
};
use bytes::Bytes;
use claude_platform::{Archive, Kind};
use serde_json::json;

use crate::{
    child,
    server::{Answer, Recorded, Server, failure, ok},
};

const KEYS: [(&str, &str); 5] = [
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    (
        "AWS_SECRET_ACCESS_KEY",
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    ),
    ("AWS_SESSION_TOKEN", "session-token//=="),
    ("AWS_REGION", "eu-west-1"),
    ("ANTHROPIC_AWS_WORKSPACE_ID", "wrkspc_1"),
];

fn variables<'a>(server: &'a Server, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [
        &[("ANTHROPIC_AWS_BASE_URL", server.url.as_str())],
        &KEYS[..],
        more,
    ]
    .concat()
}

fn skill() -> Answer {
    ok(&json!({"id": "skill_1"}))
}

/// The names of the signed headers, after the signature was made again from the recorded bytes.
fn verify(request: &Recorded, secret: &str, session: Option<&str>) -> Result<Vec<String>, String> {
    let authorization = request.header("authorization").unwrap();
    let fields = authorization.strip_prefix("AWS4-HMAC-SHA256 ").unwrap();
    let field = |name: &str| {
        let found = fields
            .split(", ")
            .find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
        found.unwrap().to_owned()
    };
    let signed: Vec<String> = field("SignedHeaders")
        .split(';')
        .map(str::to_owned)
        .collect();
    let stamp = request.header("x-amz-date").unwrap();
    let scope = format!(
        "AKIDEXAMPLE/{}/eu-west-1/aws-external-anthropic/aws4_request",
        &stamp[..8]
    );
    assert_eq!(field("Credential"), scope);
    let identity = Credentials::new(
        "AKIDEXAMPLE",
        secret,
        session.map(str::to_owned),
        None,
        "test",
    )
    .into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region("eu-west-1")
        .name("aws-external-anthropic")
        .time(time(stamp))
        .settings(SigningSettings::default())
        .build()
        .unwrap()
        .into();
    let made = ["x-amz-date", "x-amz-security-token"];
    let headers = request
        .headers
        .iter()
        .filter(|(name, _)| signed.contains(name) && !made.contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.as_str(), value.as_str()));
    let url = format!(
        "http://{}{}",
        request.header("host").unwrap(),
        request.target
    );
    let signable = SignableRequest::new(
        &request.method,
        url,
        headers,
        SignableBody::Bytes(&request.body),
    )
    .unwrap();
    let (_, signature) = sign(signable, &params).unwrap().into_parts();
    if signature == field("Signature") {
        Ok(signed)
    } else {
        Err(format!("{signature} is not in {authorization}"))
    }
}

/// `20261125T093000Z`, near today: whole days since 1970 by counting.
fn time(stamp: &str) -> SystemTime {
    let number = |range: std::ops::Range<usize>| stamp[range].parse::<u64>().unwrap();
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let (year, month) = (number(0..4), number(4..6));
    let february = if leap(year) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let years: u64 = (1970..year)
        .map(|year| if leap(year) { 366 } else { 365 })
        .sum();
    let before: u64 = months.iter().zip(1..month).map(|(days, _)| days).sum();
    let days = years + before + number(6..8) - 1;
    let seconds = days * 86_400 + number(9..11) * 3600 + number(11..13) * 60 + number(13..15);
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

#[tokio::test]
async fn every_request_is_signed_over_its_whole_body() {
    let version = ok(&json!({"id": "skver_1", "skill_id": "skill_1"}));
    let agent = ok(&json!({"data": [], "next_page": null}));
    let server = Server::start([
        version,
        agent,
        skill(),
        ok(&json!({"id": "sesn_1", "status": "idle"})),
    ])
    .await;
    let client = server.client_with(&variables(&server, &[]), true).await;
    let archive = Archive {
        filename: "a.zip".to_owned(),
        data: Bytes::from_static(b"PK\x00\xff"),
    };
    client.create_version("skill_1", archive).await.unwrap();
    client.list_agent_versions("agent/1 é").await.unwrap();
    client.delete_skill("skill_1").await.unwrap();
    client.archive_session("sesn_1").await.unwrap();
    let (secret, session) = (KEYS[1].1, Some(KEYS[2].1));
    for request in server.recorded() {
        let signed = verify(&request, secret, session).unwrap();
        for name in [
            "host",
            "anthropic-version",
            "anthropic-workspace-id",
            "x-amz-date",
            "x-amz-security-token",
        ] {
            assert!(
                signed.iter().any(|known| known == name),
                "{name} in {signed:?}"
            );
        }
        assert_eq!(request.header("x-amz-content-sha256"), None);
        assert_eq!(request.header("anthropic-workspace-id"), Some("wrkspc_1"));
        assert_eq!(request.header("x-amz-security-token"), session);
        assert!(verify(&request, "another secret", session).is_err());
        let mut altered = request.clone();
        altered.body.push(b' ');
        assert!(verify(&altered, secret, session).is_err());
    }
    assert!(
        server.recorded()[0]
            .header("content-type")
            .unwrap()
            .starts_with("multipart/form-data; boundary=")
    );
}

#[tokio::test]
async fn every_attempt_is_signed_anew() {
    let server = Server::start([failure(500, "x").with("retry-after-ms", "1100"), skill()]).await;
    let client = server.client_with(&variables(&server, &[]), true).await;
    client.get_skill("skill_1").await.unwrap();
    let requests = server.recorded();
    assert_ne!(
        requests[0].header("x-amz-date"),
        requests[1].header("x-amz-date")
    );
    requests
        .iter()
        .for_each(|request| drop(verify(request, KEYS[1].1, Some(KEYS[2].1)).unwrap()));
}

#[tokio::test]
async fn without_a_session_token_none_is_sent() {
    let server = Server::start([skill()]).await;
    let mut variables = variables(&server, &[]);
    variables.retain(|(name, _)| *name != "AWS_SESSION_TOKEN");
    server
        .client_with(&variables, true)
        .await
        .get_skill("skill_1")
        .await
        .unwrap();
    assert_eq!(server.only().header("x-amz-security-token"), None);
    verify(&server.only(), KEYS[1].1, None).unwrap();
}

#[tokio::test]
async fn a_key_goes_without_a_signature() {
    let server = Server::start([skill()]).await;
    let client = server
        .client_with(
            &variables(&server, &[("ANTHROPIC_AWS_API_KEY", "aws-key")]),
            true,
        )
        .await;
    client.get_skill("skill_1").await.unwrap();
    let request = server.only();
    assert_eq!(request.header("authorization"), Some("Bearer aws-key"));
    assert_eq!(
        (
            request.header("x-amz-date"),
            request.header("x-amz-security-token")
        ),
        (None, None)
    );
    assert_eq!(request.header("anthropic-workspace-id"), Some("wrkspc_1"));
}

#[tokio::test]
async fn a_denial_names_the_action_that_is_missing() {
    let denied = Answer::Reply(
        403,
        vec![("x-amzn-requestid", "aws-1".to_owned())],
        br#"{"message":"no"}"#.to_vec(),
    );
    let server = Server::start(vec![denied; 9]).await;
    let client = server.client_with(&variables(&server, &[]), true).await;
    let archive = || Archive {
        filename: "a.zip".to_owned(),
        data: Bytes::new(),
    };
    let errors = [
        (
            client
                .create_version("skill_1", archive())
                .await
                .unwrap_err(),
            "UpdateSkill",
        ),
        (
            client.create_skill(archive(), None).await.unwrap_err(),
            "CreateSkill",
        ),
        (client.list_skills().await.unwrap_err(), "ListSkills"),
        (
            client.list_skill_versions("skill_1").await.unwrap_err(),
            "GetSkill",
        ),
        (client.get_agent("agent_1").await.unwrap_err(), "GetAgent"),
        (client.list_agents().await.unwrap_err(), "ListAgents"),
        (
            client.list_events("sesn_1").await.unwrap_err(),
            "GetSession",
        ),
        (
            client.archive_session("sesn_1").await.unwrap_err(),
            "ArchiveSession",
        ),
        (
            client
                .upload_file("a", "text/plain", Bytes::new())
                .await
                .unwrap_err(),
            "CreateFile",
        ),
    ];
    for (error, action) in errors {
        assert_eq!(
            error.action,
            Some(format!("aws-external-anthropic:{action}").as_str())
        );
        assert_eq!(
            (error.kind, error.request_id.as_deref()),
            (Kind::Denied, Some("aws-1"))
        );
    }
    assert_eq!(server.recorded().len(), 9);
}

#[tokio::test]
async fn a_signature_that_aws_does_not_take_is_a_rejection() {
    let body = br#"{"message":"The security token included in the request is expired"}"#;
    let header = (
        "x-amzn-errortype",
        "ExpiredTokenException:http://x".to_owned(),
    );
    let named = br#"{"__type":"com.amazon#InvalidSignatureException","message":"no"}"#;
    let late = br#"{"__type":"RequestExpired","message":"no"}"#;
    let answers = [
        Answer::Reply(403, vec![header], body.to_vec()),
        Answer::Reply(403, vec![], named.to_vec()),
        Answer::Reply(400, vec![], late.to_vec()),
    ];
    let server = Server::start(answers).await;
    let client = server.client_with(&variables(&server, &[]), true).await;
    for status in [403, 403, 400] {
        let error = client.get_skill("skill_1").await.unwrap_err();
        assert_eq!(
            (error.kind, error.status, error.action),
            (Kind::Rejected, Some(status), None),
            "{error}"
        );
    }
    assert_eq!(server.recorded().len(), 3);
}

#[tokio::test]
async fn a_role_is_assumed_with_an_identity_of_the_web() {
    let answer = "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
        <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>AKIDEXAMPLE</AccessKeyId>\
        <SecretAccessKey>web secret</SecretAccessKey><SessionToken>web-token</SessionToken>\
        <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
        </AssumeRoleWithWebIdentityResponse>";
    let sts = Answer::Reply(
        200,
        vec![("content-type", "text/xml".to_owned())],
        answer.as_bytes().to_vec(),
    );
    let server = Server::start([sts, skill(), skill()]).await;
    let path = std::env::temp_dir().join(format!("claude-platform-web-{}", std::process::id()));
    std::fs::write(&path, "jwt-web").unwrap();
    let more = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", ""),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", path.to_str().unwrap()),
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/release"),
        ("AWS_ENDPOINT_URL_STS", server.url.as_str()),
    ];
    let output = run_child(&server, &more).await;
    std::fs::remove_file(&path).unwrap();
    assert!(output.status.success(), "{}", child::printed(&output));
    let requests = server.recorded();
    assert!(String::from_utf8_lossy(&requests[0].body).contains("WebIdentityToken=jwt-web"));
    verify(&requests[2], "web secret", Some("web-token")).unwrap();
}

#[tokio::test]
async fn credentials_come_from_the_default_chain() {
    let expiry = "2099-01-01T00:00:00Z";
    let role = json!({"AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "role secret", "Token": "role-token", "Expiration": expiry});
    let server = Server::start([ok(&role), skill(), skill()]).await;
    let output = run_child(&server, &[]).await;
    assert!(output.status.success(), "{output:?}");
    let requests = server.recorded();
    assert_eq!(requests.len(), 3, "the credentials are kept");
    assert_eq!(requests[0].line(), "GET /role");
    verify(&requests[2], "role secret", Some("role-token")).unwrap();
}

#[tokio::test]
async fn a_chain_without_credentials_is_told() {
    let server = Server::start([]).await;
    let output = run_child(&server, &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "")]).await;
    let printed = child::printed(&output);
    assert!(
        printed.contains("Credentials") && printed.contains("no AWS credentials were found"),
        "{printed}"
    );
    assert!(server.recorded().is_empty());
}

/// The chain reads the process's environment, so it gets a process of its own.
async fn run_child(server: &Server, more: &[(&str, &str)]) -> std::process::Output {
    let role = format!("{}/role", server.url);
    let fixed = [
        ("ANTHROPIC_USE_AWS", "1"),
        ("ANTHROPIC_AWS_BASE_URL", server.url.as_str()),
        ("ANTHROPIC_AWS_WORKSPACE_ID", "wrkspc_1"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_CONFIG_FILE", "/nonexistent"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", role.as_str()),
    ];
    child::run(&[&fixed[..], more].concat()).await
}
