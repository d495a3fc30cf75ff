//! A proxy gets https only, and there it sees no more than a host's name.

use std::time::Duration;

use claude_platform::{Client, Kind, Limits};
use serde_json::json;

use crate::{
    child,
    server::{KEY, Server, ok, quick, read},
};

#[tokio::test]
async fn no_proxy_is_asked_for_plain_http() {
    let skill = ok(&json!({"id": "skill_1"}));
    let role = json!({"AccessKeyId": "AKID", "SecretAccessKey": "s", "Token": "t", "Expiration": "2099-01-01T00:00:00Z"});
    let (rule, organization) = (
        ("ANTHROPIC_FEDERATION_RULE_ID", "fdrl_1"),
        (
            "ANTHROPIC_ORGANIZATION_ID",
            "00000000-0000-4000-8000-000000000001",
        ),
    );
    for (variables, before) in [
        (vec![("ANTHROPIC_API_KEY", KEY)], vec![]),
        // GitHub's endpoint, too.
        (
            vec![
                rule,
                organization,
                ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "gh-token"),
            ],
            vec![
                ok(&json!({"value": "jwt"})),
                ok(&json!({"access_token": "oat", "expires_in": 3600})),
            ],
        ),
        // And the machine's own for AWS credentials.
        (
            vec![
                ("ANTHROPIC_USE_AWS", "1"),
                ("ANTHROPIC_AWS_WORKSPACE_ID", "wrkspc_1"),
                ("AWS_REGION", "eu-west-1"),
                ("AWS_CONFIG_FILE", "/nonexistent"),
                ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"),
                ("AWS_EC2_METADATA_DISABLED", "true"),
            ],
            vec![ok(&role)],
        ),
    ] {
        let proxy = Server::start([]).await;
        let server = Server::start([&before[..], &[skill.clone(), skill.clone()]].concat()).await;
        let place = format!("{}/place?x=1", server.url);
        let addresses = [
            ("ANTHROPIC_BASE_URL", server.url.as_str()),
            ("ANTHROPIC_AWS_BASE_URL", &server.url),
            ("ACTIONS_ID_TOKEN_REQUEST_URL", &place),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &place),
            ("http_proxy", &proxy.url),
            ("HTTP_PROXY", &proxy.url),
            ("all_proxy", &proxy.url),
            ("ALL_PROXY", &proxy.url),
        ];
        let output = child::run(&[&variables[..], &addresses].concat()).await;
        assert!(proxy.recorded().is_empty(), "{:?}", proxy.lines());
        assert!(output.status.success(), "{}", child::printed(&output));
        assert_eq!(server.recorded().len(), before.len() + 2);
    }
}

/// A client of an https service that can be reached through this proxy only.
async fn behind(proxy: &str) -> Client {
    let variables = [
        ("ANTHROPIC_API_KEY", KEY),
        ("ANTHROPIC_BASE_URL", "https://platform.invalid"),
        ("https_proxy", proxy),
    ];
    let (settings, _) = read(&variables, false).await.unwrap();
    let limits = Limits {
        connect: Duration::from_millis(200),
        ..quick()
    };
    Client::new(settings.with_limits(limits)).unwrap()
}

#[tokio::test]
async fn a_proxy_that_stays_silent_is_named() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let client = behind(&format!("http://user:hush@{address}")).await;
    let error = client.get_skill("skill_1").await.unwrap_err();
    assert_eq!(
        (error.kind, error.may_have_happened()),
        (Kind::Connect, false)
    );
    let told = format!("the proxy http://{address} (from https_proxy): it opened no connection");
    assert!(error.message.starts_with(&told), "{error}");
}

#[tokio::test]
async fn what_is_no_proxys_address_is_told_without_it() {
    let error = behind("http://user:hu#sh@proxy:3128")
        .await
        .get_skill("skill_1")
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::Config);
    assert!(
        error.message.starts_with("https_proxy has a character"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("`#` as %23"), "{error:?}");
    assert!(!format!("{error:?}").contains("sh@"), "{error:?}");
}
