//! Which variables count, which are missing, and which are said to lose.

use claude_platform::{Client, Kind};

use crate::server::read;

async fn described(variables: &[(&str, &str)], aws: bool) -> (String, Vec<String>) {
    let (settings, warnings) = read(variables, aws).await.unwrap();
    (settings.describe(), warnings)
}

const KEY: (&str, &str) = ("ANTHROPIC_API_KEY", "sk-secret");
const RULE: (&str, &str) = ("ANTHROPIC_FEDERATION_RULE_ID", "fdrl_1");
const ORGANIZATION: (&str, &str) = ("ANTHROPIC_ORGANIZATION_ID", "org-1");
const IDENTITY: (&str, &str) = ("ANTHROPIC_IDENTITY_TOKEN", "jwt-secret");
const WORKSPACE: (&str, &str) = ("ANTHROPIC_AWS_WORKSPACE_ID", "wrkspc_1");
const REGION: (&str, &str) = ("AWS_REGION", "eu-west-1");

#[tokio::test]
async fn a_key_is_for_the_public_api_unless_told_otherwise() {
    assert_eq!(
        described(&[KEY], false).await,
        (
            "https://api.anthropic.com with an API key".to_owned(),
            vec![]
        )
    );
    let (said, _) = described(
        &[KEY, ("ANTHROPIC_BASE_URL", "https://gateway.example/x/")],
        false,
    )
    .await;
    assert_eq!(said, "https://gateway.example/x with an API key");
}

#[tokio::test]
async fn a_key_wins_over_a_token_and_over_federation_and_says_so() {
    let token = ("ANTHROPIC_AUTH_TOKEN", "tok-secret");
    let (said, warnings) = described(&[KEY, token, RULE, ORGANIZATION, IDENTITY], false).await;
    assert_eq!(said, "https://api.anthropic.com with an API key");
    assert_eq!(
        warnings,
        [
            "ANTHROPIC_API_KEY is set and wins over ANTHROPIC_AUTH_TOKEN",
            "ANTHROPIC_API_KEY is set and wins over the federation variables",
        ]
    );
    let (said, warnings) = described(&[token, RULE, ORGANIZATION, IDENTITY], false).await;
    assert_eq!(said, "https://api.anthropic.com with a token");
    assert_eq!(
        warnings,
        ["ANTHROPIC_AUTH_TOKEN is set and wins over the federation variables"]
    );
}

#[tokio::test]
async fn an_empty_variable_counts_as_none() {
    let (said, warnings) = described(
        &[("ANTHROPIC_API_KEY", ""), RULE, ORGANIZATION, IDENTITY],
        false,
    )
    .await;
    assert_eq!(
        said,
        "https://api.anthropic.com with workload identity federation (a given token)"
    );
    assert!(warnings.is_empty());
}

#[tokio::test]
async fn a_profile_is_said_not_to_be_read() {
    let (_, warnings) = described(&[KEY, ("ANTHROPIC_PROFILE", "dev")], false).await;
    assert_eq!(
        warnings,
        ["ANTHROPIC_PROFILE is set, but profiles are not read here"]
    );
}

#[tokio::test]
async fn what_is_missing_is_named() {
    for (variables, aws, kind, said) in [
        (vec![], false, Kind::Credentials, "set ANTHROPIC_API_KEY"),
        (
            vec![RULE, IDENTITY],
            false,
            Kind::Credentials,
            "ANTHROPIC_ORGANIZATION_ID is not",
        ),
        (
            vec![ORGANIZATION, IDENTITY],
            false,
            Kind::Credentials,
            "ANTHROPIC_FEDERATION_RULE_ID is not",
        ),
        (
            vec![RULE, ORGANIZATION],
            false,
            Kind::Credentials,
            "ANTHROPIC_IDENTITY_TOKEN_FILE",
        ),
        (
            vec![
                RULE,
                ORGANIZATION,
                ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://x.example"),
            ],
            false,
            Kind::Credentials,
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN is not",
        ),
        (
            vec![RULE, ORGANIZATION, ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t")],
            false,
            Kind::Credentials,
            "ACTIONS_ID_TOKEN_REQUEST_URL is not",
        ),
        (
            vec![
                KEY,
                (
                    "ANTHROPIC_BASE_URL",
                    "https://aws-external-anthropic.eu-west-1.api.aws",
                ),
            ],
            false,
            Kind::Config,
            "`ANTHROPIC_BASE_URL` is an address of Claude Platform on AWS",
        ),
        (
            vec![
                WORKSPACE,
                REGION,
                ("ANTHROPIC_AWS_BASE_URL", "https://api.anthropic.com"),
            ],
            true,
            Kind::Config,
            "`ANTHROPIC_AWS_BASE_URL` is the address of the direct API",
        ),
        (
            vec![REGION],
            true,
            Kind::Config,
            "ANTHROPIC_AWS_WORKSPACE_ID",
        ),
        (vec![WORKSPACE], true, Kind::Config, "AWS_REGION"),
        (
            vec![WORKSPACE, ("ANTHROPIC_AWS_API_KEY", "k")],
            true,
            Kind::Config,
            "AWS_REGION",
        ),
        (
            vec![WORKSPACE, ("ANTHROPIC_AWS_BASE_URL", "https://x.example")],
            true,
            Kind::Config,
            "AWS_REGION",
        ),
        (
            vec![WORKSPACE, REGION, ("AWS_ACCESS_KEY_ID", "AK")],
            true,
            Kind::Credentials,
            "AWS_SECRET_ACCESS_KEY is not",
        ),
        (
            vec![WORKSPACE, REGION, ("AWS_SECRET_ACCESS_KEY", "s")],
            true,
            Kind::Credentials,
            "AWS_ACCESS_KEY_ID is not",
        ),
    ] {
        let error = read(&variables, aws).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[tokio::test]
async fn credentials_go_to_https_or_to_this_machine_only() {
    let here = [
        "http://localhost:1",
        "http://127.0.0.1:1",
        "http://[::1]:1",
        "https://x.example",
    ];
    for base in here {
        assert!(
            read(&[KEY, ("ANTHROPIC_BASE_URL", base)], false)
                .await
                .is_ok(),
            "{base}"
        );
    }
    let refused = [
        "http://x.example",
        "http://127.0.0.1.x.example",
        "http://localhost.x.example",
        "ftp://x.example",
        "x.example",
        "https://me:hunter2@x.example",
        "https://x.example/?key=hunter2",
        "https://x.example/#hunter2",
    ];
    for base in refused {
        let error = read(&[KEY, ("ANTHROPIC_BASE_URL", base)], false)
            .await
            .unwrap_err();
        assert_eq!(error.kind, Kind::Config, "{base}");
        assert!(
            error.to_string().contains("`ANTHROPIC_BASE_URL`")
                && !error.to_string().contains("hunter2"),
            "{error}"
        );
        let error = read(&[WORKSPACE, REGION, ("ANTHROPIC_AWS_BASE_URL", base)], true)
            .await
            .unwrap_err();
        assert_eq!(error.kind, Kind::Config, "{base}");
    }
}

#[tokio::test]
async fn aws_has_variables_of_its_own() {
    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ];
    let (said, warnings) = described(&[&[WORKSPACE, REGION, KEY], &keys[..]].concat(), true).await;
    assert_eq!(
        said,
        "https://aws-external-anthropic.eu-west-1.api.aws with AWS credentials in workspace wrkspc_1"
    );
    assert_eq!(
        warnings,
        ["ANTHROPIC_API_KEY is set, but means nothing on AWS"]
    );
    let key = ("ANTHROPIC_AWS_API_KEY", "k");
    let (said, warnings) = described(&[&[WORKSPACE, REGION, key], &keys[..]].concat(), true).await;
    assert_eq!(
        said,
        "https://aws-external-anthropic.eu-west-1.api.aws with an AWS API key in workspace wrkspc_1"
    );
    assert_eq!(
        warnings,
        ["ANTHROPIC_AWS_API_KEY is set and wins over AWS_ACCESS_KEY_ID"]
    );
    // A base URL of one's own needs no region, as nothing is signed.
    assert!(
        read(
            &[
                WORKSPACE,
                key,
                ("ANTHROPIC_AWS_BASE_URL", "https://x.example")
            ],
            true
        )
        .await
        .is_ok()
    );
}

#[tokio::test]
async fn a_temporary_key_without_its_session_is_told() {
    let keys = [
        ("AWS_ACCESS_KEY_ID", "ASIAX"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
        ("AWS_SESSION_TOKEN", "t"),
    ];
    for (count, told) in [(2, 1), (3, 0)] {
        let (_, warnings) = described(&[&[WORKSPACE, REGION], &keys[..count]].concat(), true).await;
        assert_eq!(warnings.len(), told, "{warnings:?}");
    }
}

#[tokio::test]
async fn a_missing_profile_is_told_with_the_plan_unless_keys_win() {
    let profile = ("AWS_PROFILE", "none-such");
    let error = read(&[WORKSPACE, REGION, profile], true).await.unwrap_err();
    assert!(
        error.message.contains("AWS_PROFILE names no profile"),
        "{error}"
    );
    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
    ];
    read(&[&[WORKSPACE, REGION, profile], &keys[..]].concat(), true)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_variable_means_aws_too() {
    let no = ["0", "false", "False", "NO", "off", " 0 ", ""].map(|value| (value, false));
    for (value, aws) in [("1", true), ("true", true)].into_iter().chain(no) {
        let (said, _) = described(
            &[("ANTHROPIC_USE_AWS", value), WORKSPACE, REGION, KEY],
            false,
        )
        .await;
        assert_eq!(said.contains("aws"), aws, "{value}");
    }
}

#[tokio::test]
async fn the_region_may_be_the_second_variable_or_the_profiles() {
    let (said, _) = described(&[WORKSPACE, ("AWS_DEFAULT_REGION", "eu-north-1")], true).await;
    assert!(said.contains(".eu-north-1."), "{said}");
    let path = std::env::temp_dir().join(format!("claude-platform-config-{}", std::process::id()));
    std::fs::write(
        &path,
        "[default]\nregion = us-east-1\n[profile release]\nregion = eu-central-1\n",
    )
    .unwrap();
    let file = ("AWS_CONFIG_FILE", path.to_str().unwrap());
    let (default, _) = described(&[WORKSPACE, file], true).await;
    let (named, _) = described(&[WORKSPACE, file, ("AWS_PROFILE", "release")], true).await;
    std::fs::remove_file(&path).unwrap();
    assert!(default.contains(".us-east-1."), "{default}");
    assert!(named.contains(".eu-central-1."), "{named}");
}

#[tokio::test]
async fn what_is_no_region_is_told_by_its_variable() {
    for region in [
        "x.example/",
        "x@evil.example",
        "a b",
        "eu#",
        "eu-west-1a",
        "eu-west",
        "EU-WEST-1",
        "eu_west_1",
        "Ireland",
        "eu--1",
    ] {
        for variable in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            let error = read(&[WORKSPACE, (variable, region)], true)
                .await
                .unwrap_err();
            assert_eq!(error.kind, Kind::Config, "{region}");
            assert!(
                error.message.contains(variable) && error.hint().unwrap().contains(variable),
                "{error}"
            );
        }
    }
    for region in [
        "eu-west-1",
        "us-gov-west-1",
        "ap-southeast-10",
        "cn-north-1",
        "eusc-de-east-1",
        " eu-west-1\n",
    ] {
        read(&[WORKSPACE, ("AWS_REGION", region)], true)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn an_address_of_another_region_is_told() {
    let base = (
        "ANTHROPIC_AWS_BASE_URL",
        "https://aws-external-anthropic.eu-north-1.api.aws",
    );
    let error = read(&[WORKSPACE, REGION, base], true).await.unwrap_err();
    assert!(
        error
            .message
            .contains("`eu-north-1`, AWS_REGION is `eu-west-1`"),
        "{error}"
    );
    read(&[WORKSPACE, ("AWS_REGION", "eu-north-1"), base], true)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_base_url_with_more_than_a_base_is_told() {
    for (base, said) in [
        ("https://x.example/v1", "ends with `/v1`"),
        ("https://x.example/v1/", "ends with `/v1`"),
        ("https://x.example/V1//", "ends with `/v1`"),
        ("https://x.example/gateway/v1", "ends with `/v1`"),
        ("https://api.anthropic.com/v1/messages", "ends with `/v1`"),
        ("https://x.example/v1/skills/skill_1", "ends with `/v1`"),
        ("https://api.anthropic.com/api", "has a path"),
        ("https://x.example?a=b", "has a query"),
        ("https://x.example/#a", "has a fragment"),
        ("https://x.example/a b", "holds a blank"),
        ("https://x .example", "holds a blank"),
        ("https://x.example\nhttps://y.example", "holds a blank"),
        ("\"https://x.example\"", "begins with a quotation mark"),
        ("api.anthropic.com", "begin it with `https://`"),
        ("localhost:8080", "begin it with `https://`"),
        ("//x.example", "begin it with `https://`"),
        ("https://", "is no URL"),
        ("https://x.example:99999", "is no URL"),
        ("http://10.0.0.1", "must be https"),
    ] {
        for (variable, aws, fixed) in [
            ("ANTHROPIC_BASE_URL", false, &[KEY][..]),
            ("ANTHROPIC_AWS_BASE_URL", true, &[WORKSPACE, REGION]),
        ] {
            let error = read(&[fixed, &[(variable, base)]].concat(), aws)
                .await
                .unwrap_err();
            assert_eq!(error.kind, Kind::Config, "{base}");
            assert!(
                error.message.contains(variable) && error.message.contains(said),
                "{base}: {error}"
            );
            assert!(error.hint().unwrap().contains(variable), "{base}");
        }
    }
    for base in [
        "https://x.example/gateway",
        "https://x.example/v1/account/anthropic/",
        " https://api.anthropic.com/ ",
    ] {
        read(&[KEY, ("ANTHROPIC_BASE_URL", base)], false)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_key_with_a_line_break_is_told_apart() {
    for key in [
        "sk-secret\n",
        "sk-secret ",
        "Bearer sk-secret",
        "sk-\u{a0}secret",
        "sk-secret\u{7f}",
    ] {
        let (settings, _) = read(&[("ANTHROPIC_API_KEY", key)], false).await.unwrap();
        let error = Client::new(settings).unwrap_err();
        assert_eq!(error.kind, Kind::Credentials);
        assert!(
            error.message.contains("`ANTHROPIC_API_KEY`") && !error.message.contains("secret"),
            "{error}"
        );
    }
    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "se cret"),
    ];
    let error = read(&[&[WORKSPACE, REGION], &keys[..]].concat(), true)
        .await
        .unwrap_err();
    assert!(
        error
            .message
            .contains("`AWS_SECRET_ACCESS_KEY` holds a blank"),
        "{error}"
    );
}
