//! Where AWS's credentials may be, and what is said of each place that has none: the variable or
//! file that is wrong.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    child,
    server::{Answer, Server, failure, ok},
};

/// A home with these files below `.aws`.
struct Home(std::path::PathBuf);

impl Home {
    fn new(name: &str, config: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("claude-platform-aws-{name}-{}", std::process::id()));
        fs::create_dir_all(path.join(".aws")).unwrap();
        fs::write(path.join(".aws/config"), config).unwrap();
        Self(path)
    }

    /// Output of a child that signs in with this home and these variables besides.
    async fn said(&self, more: &[(&str, &str)]) -> String {
        let fixed = [
            ("ANTHROPIC_USE_AWS", "1"),
            ("ANTHROPIC_AWS_BASE_URL", "http://127.0.0.1:1"),
            ("ANTHROPIC_AWS_WORKSPACE_ID", "wrkspc_1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("PATH", "/usr/bin:/bin"),
            ("SSL_CERT_FILE", "/dev/null"),
            ("HOME", self.0.to_str().unwrap()),
        ];
        let output = child::run(&[&fixed[..], more].concat()).await;
        assert!(!output.status.success());
        child::printed(&output)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const REGION: (&str, &str) = ("AWS_REGION", "eu-west-1");

#[tokio::test]
async fn without_credentials_every_place_is_named() {
    let home = Home::new("none", "[default]\noutput = json\n");
    let said = home.said(&[REGION]).await;
    for word in [
        "no AWS credentials were found",
        "AWS_ACCESS_KEY_ID is not set",
        ".aws/config` or `",
        "AWS_WEB_IDENTITY_TOKEN_FILE is not set",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI is not set",
        "AWS_EC2_METADATA_DISABLED says not to ask",
        "AWS_PROFILE, or ANTHROPIC_AWS_API_KEY",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(!said.contains("ANTHROPIC_API_KEY"), "{said}");
}

#[tokio::test]
async fn a_configuration_that_cannot_be_understood_is_no_missing_region() {
    for (number, (config, words)) in [
        (
            "[default\nregion = eu-west-1\n",
            ["on line 1", "Profile definition must end with ']'"],
        ),
        (
            "region = eu-west-1\n",
            ["on line 1", "Expected a profile definition"],
        ),
        (
            "[default]\n\nregion eu-west-1\n",
            ["on line 3", "Expected an '=' sign"],
        ),
        (
            "[default]\noutput = json\n",
            [
                "AWS_REGION is not set",
                "no region in the profile `default`",
            ],
        ),
        (
            "[default]\nregion = Ireland\n",
            [
                "region of the profile `default`",
                "`Ireland`, which is no AWS region",
            ],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let home = Home::new(&format!("config-{number}"), config);
        let said = home.said(&[]).await;
        assert!(
            words.iter().all(|word| said.contains(word)),
            "{config}: {said}"
        );
    }
    let home = Home::new("binary", "");
    fs::write(home.0.join(".aws/config"), b"\xff\xfe[\0d\0").unwrap();
    assert!(
        home.said(&[])
            .await
            .contains(".aws/config` is no UTF-8 text")
    );
    let said = home.said(&[("AWS_CONFIG_FILE", "/dev/zero")]).await;
    assert!(
        said.contains("`/dev/zero` of AWS_CONFIG_FILE cannot be read: it has more than"),
        "{said}"
    );
}

#[tokio::test]
async fn a_profile_that_is_not_there_is_told_with_those_that_are() {
    // In this file, a profile's section begins with `profile`.
    let home = Home::new(
        "profile",
        "[release]\nregion = eu-west-1\n[profile other]\nregion = eu-west-1\n",
    );
    for more in [
        &[REGION, ("AWS_PROFILE", "release")][..],
        &[("AWS_PROFILE", "release")],
    ] {
        let said = home.said(more).await;
        assert!(
            said.contains("AWS_PROFILE names no profile: there is no profile `release` in `"),
            "{said}"
        );
        assert!(
            said.contains("known: `other`") && said.contains("`[profile NAME]` in the first file"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_profile_that_fails_is_told_with_its_files() {
    let sso = "sso_account_id = 1\nsso_role_name = r\nsso_region = eu-west-1\nsso_start_url = https://x.example\n";
    for (number, (profile, words)) in [
        (
            sso,
            ["failed to read `", "`aws sso login --profile default`"],
        ),
        (
            "sso_session = corp\nsso_account_id = 1\nsso_role_name = r\n",
            ["sso-session named `corp`", "was not found"],
        ),
        (
            "role_arn = arn:x\nsource_profile = base\n",
            [
                "profile `base` was not defined",
                "correct the profile `default`",
            ],
        ),
        (
            "aws_access_key_id = AKIA\n",
            [
                "profile missing aws_secret_access_key",
                ".aws/credentials` gives no AWS",
            ],
        ),
        (
            "role_arn = arn:x\nweb_identity_token_file = /none\n",
            [
                "the file `/none` of `web_identity_token_file`",
                "No such file",
            ],
        ),
        (
            "login_session = arn:x\n",
            [
                "uses `login_session`, which is not supported here",
                "export-credentials",
            ],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let home = Home::new(&format!("fails-{number}"), &format!("[default]\n{profile}"));
        let said = home.said(&[REGION]).await;
        assert!(
            words.iter().all(|word| said.contains(word)),
            "{profile}: {said}"
        );
    }
}

#[tokio::test]
async fn a_credential_process_is_bounded_and_its_standard_error_is_not_told() {
    let good = r#"{"Version":1,"AccessKeyId":"AKIDEXAMPLE","SecretAccessKey":"s","Expiration":"2000-01-01T00:00:00Z"}"#;
    for (number, (script, words)) in [
        ("echo hush >&2; exit 3", "failed (exit status: 3)"),
        (
            "echo hush; echo hush >&2",
            "prints no JSON with Version, AccessKeyId and SecretAccessKey",
        ),
        ("yes hush", "prints more than 64 KiB"),
        (
            &format!("echo '{}'", good.replace(":1,", ":2,")),
            "prints version 2 of its format",
        ),
        (
            &format!("echo '{good}'"),
            "prints credentials that have expired",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let home = Home::new(&format!("process-{number}"), "");
        let program = home.0.join("program");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let config = format!("[default]\ncredential_process = {}\n", program.display());
        fs::write(home.0.join(".aws/config"), config).unwrap();
        let said = home.said(&[REGION]).await;
        assert!(
            said.contains("the `credential_process` of the profile `default`")
                && said.contains(words),
            "{said}"
        );
        assert!(!said.contains("hush"), "{said}");
    }
    // As the source of a role it is AWS's own runner, and as silent.
    let home = Home::new(
        "process-nested",
        "[default]\nrole_arn = arn:x\nsource_profile = base\n[profile base]\ncredential_process = sh -c \"echo hush >&2; exit 3\"\n",
    );
    let said = home.said(&[REGION]).await;
    assert!(
        said.contains("external process exited with code") && !said.contains("hush"),
        "{said}"
    );
}

#[tokio::test]
async fn a_credential_process_signs_requests() {
    let server = Server::start(vec![ok(&json!({"id": "skill_1"})); 2]).await;
    let home = Home::new("process-good", "");
    let program = home.0.join("program");
    let good = r#"{"Version":1,"AccessKeyId":"AKIDEXAMPLE","SecretAccessKey":"s","SessionToken":"session-7"}"#;
    fs::write(&program, format!("echo '{good}'\n")).unwrap();
    fs::write(
        home.0.join(".aws/config"),
        format!("[default]\ncredential_process = sh {}\n", program.display()),
    )
    .unwrap();
    let home_path = home.0.to_str().unwrap();
    let output = child::run(&[
        ("ANTHROPIC_USE_AWS", "1"),
        ("ANTHROPIC_AWS_BASE_URL", &server.url),
        ("ANTHROPIC_AWS_WORKSPACE_ID", "wrkspc_1"),
        ("PATH", "/usr/bin:/bin"),
        ("HOME", home_path),
        REGION,
    ])
    .await;
    assert!(output.status.success(), "{}", child::printed(&output));
    assert_eq!(
        server.recorded()[0].header("x-amz-security-token"),
        Some("session-7")
    );
}

#[tokio::test]
async fn an_identity_of_the_web_is_told_by_its_variables() {
    let home = Home::new("web", "");
    let (token, role) = (
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        ("AWS_ROLE_ARN", "arn:aws:iam::1:role/x"),
    );
    let said = home.said(&[REGION, (token, "/none"), role]).await;
    assert!(
        said.contains("the file `/none` of AWS_WEB_IDENTITY_TOKEN_FILE cannot be read"),
        "{said}"
    );
    let said = home.said(&[REGION, (token, "/dev/null"), role]).await;
    assert!(
        said.contains("`/dev/null` of AWS_WEB_IDENTITY_TOKEN_FILE holds no token"),
        "{said}"
    );
    let said = home.said(&[REGION, (token, "/none")]).await;
    assert!(
        said.contains("AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not"),
        "{said}"
    );

    let file = home.0.join("token");
    fs::write(&file, "jwt-hush\n").unwrap();
    let refused = "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>no jwt-hush</Message></Error></ErrorResponse>";
    let server = Server::start([Answer::Reply(400, vec![], refused.into())]).await;
    let sts = ("AWS_ENDPOINT_URL_STS", server.url.as_str());
    let said = home
        .said(&[REGION, (token, file.to_str().unwrap()), role, sts])
        .await;
    assert!(
        said.contains("the role `arn:aws:iam::1:role/x` of AWS_ROLE_ARN is not given"),
        "{said}"
    );
    assert!(
        said.contains("InvalidIdentityToken") && !said.contains("jwt-hush"),
        "{said}"
    );
}

#[tokio::test]
async fn an_endless_endpoint_is_given_up_and_named() {
    let home = Home::new("endless", "");
    let started = Instant::now();
    for variable in [
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    ] {
        let server = Server::start([Answer::Endless]).await;
        let more = [
            REGION,
            (variable, server.url.as_str()),
            ("AWS_EC2_METADATA_DISABLED", ""),
        ];
        let said = home.said(&more).await;
        assert!(
            said.contains(variable) && said.contains("the answer is larger than 1 MiB"),
            "{said}"
        );
    }
    let server = Server::start([Answer::Endless]).await;
    let url = format!("{}/token", server.url);
    let variables = [
        ("ANTHROPIC_BASE_URL", server.url.as_str()),
        ("ANTHROPIC_FEDERATION_RULE_ID", "fdrl_1"),
        ("ANTHROPIC_ORGANIZATION_ID", "org-1"),
        ("ACTIONS_ID_TOKEN_REQUEST_URL", url.as_str()),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "gh"),
    ];
    let error = server
        .client_with(&variables, false)
        .await
        .get_skill("skill_1")
        .await
        .unwrap_err();
    assert!(error.message.contains("larger than 1 MiB"), "{error}");
    assert!(
        error
            .hint()
            .unwrap()
            .contains("ACTIONS_ID_TOKEN_REQUEST_URL"),
        "{error}"
    );
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[tokio::test]
async fn a_container_endpoint_that_fails_is_told_without_its_value() {
    let home = Home::new("container", "");
    let server = Server::start(vec![failure(403, "no"); 1]).await;
    let uri = format!("{}/secret-path", server.url);
    let said = home
        .said(&[REGION, ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &uri)])
        .await;
    assert!(
        said.contains("the address of AWS_CONTAINER_CREDENTIALS_FULL_URI gives no AWS credentials"),
        "{said}"
    );
    assert!(!said.contains("secret-path"), "{said}");
    let token = ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/none");
    let said = home
        .said(&[REGION, ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &uri), token])
        .await;
    assert!(
        said.contains("the file `/none` of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read"),
        "{said}"
    );
}
