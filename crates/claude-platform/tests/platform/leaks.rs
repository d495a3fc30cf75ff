//! Nothing that is printed holds a secret, in any mode, even when the service repeats what it got.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use claude_platform::{Archive, AuthUpdate, Client, Error, NewAuth, OauthRefresh, Places};
use serde_json::{Map, json};

use crate::server::{Answer, KEY, Server, failure, ok, read};

/// Number of exchanges before the operation, by mode.
const EXCHANGES: [usize; 6] = [0, 0, 1, 2, 0, 0];

const SECRETS: [&str; 8] = [
    "sk-ant-KEY",
    "tok-STATIC",
    "jwt-ASSERTION",
    "gh-REQUEST",
    "oat-ISSUED",
    "aws-KEY",
    "aws-SECRET",
    "aws-SESSION",
];

/// A mode: AWS or not, the variables, and the service's answers before the operation itself.
type Mode = (bool, Vec<(&'static str, String)>, Vec<Answer>);

fn modes(url: &str) -> Vec<Mode> {
    let [key, token, jwt, github, issued, aws_key, secret, session] = SECRETS.map(str::to_owned);
    let exchange = ok(&json!({"access_token": issued, "expires_in": 600}));
    let base = ("ANTHROPIC_BASE_URL", url.to_owned());
    let rule = [
        base.clone(),
        ("ANTHROPIC_FEDERATION_RULE_ID", "fdrl_1".to_owned()),
        ("ANTHROPIC_ORGANIZATION_ID", "org-1".to_owned()),
    ];
    let github_url = format!("{url}/token?x=1");
    let aws = [
        ("ANTHROPIC_AWS_BASE_URL", url.to_owned()),
        ("ANTHROPIC_AWS_WORKSPACE_ID", "wrkspc_1".to_owned()),
        ("AWS_REGION", "eu-west-1".to_owned()),
    ];
    let with =
        |base: &[(&'static str, String)], more: &[(&'static str, String)]| [base, more].concat();
    let identity = ok(&json!({"value": jwt}));
    let from_github = [
        ("ACTIONS_ID_TOKEN_REQUEST_URL", github_url),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", github),
    ];
    let signed = [
        ("AWS_ACCESS_KEY_ID", "AKID".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("AWS_SESSION_TOKEN", session),
    ];
    vec![
        (
            false,
            vec![base.clone(), ("ANTHROPIC_API_KEY", key)],
            vec![],
        ),
        (false, vec![base, ("ANTHROPIC_AUTH_TOKEN", token)], vec![]),
        (
            false,
            with(&rule, &[("ANTHROPIC_IDENTITY_TOKEN", jwt)]),
            vec![exchange.clone()],
        ),
        (false, with(&rule, &from_github), vec![identity, exchange]),
        (
            true,
            with(&aws, &[("ANTHROPIC_AWS_API_KEY", aws_key)]),
            vec![],
        ),
        (true, with(&aws, &signed), vec![]),
    ]
}

/// Runs the one operation in a mode and returns everything that could be printed.
async fn printed(mode: usize, answers: &[Answer], echoed: usize) -> String {
    let server = Server::start([]).await;
    let (aws, variables, before) = modes(&server.url).swap_remove(mode);
    let before = before
        .into_iter()
        .take(echoed)
        .chain(answers.iter().cloned());
    before.for_each(|answer| server.push(answer));
    let variables: Vec<(&str, &str)> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let seen: Arc<Mutex<String>> = Arc::default();
    let log = Arc::clone(&seen);
    let client = server.client_with(&variables, aws).await;
    let client = client.with_observer(Arc::new(move |exchange| {
        *log.lock().unwrap() += &format!("{exchange:?}");
    }));
    let (settings, warnings) = read(&variables, aws).await.unwrap();
    let archive = Archive {
        filename: "a.zip".to_owned(),
        data: Bytes::new(),
    };
    let error = client.create_version("skill_1", archive).await.unwrap_err();
    server.recorded();
    let seen = seen.lock().unwrap();
    format!(
        "{error} {error:?} {error:#?} {client:?} {settings:?} {} {warnings:?} {seen}",
        settings.describe()
    )
}

#[tokio::test]
async fn what_the_service_repeats_is_in_no_error() {
    for (mode, exchanges) in EXCHANGES.into_iter().enumerate() {
        for echoed in 0..=exchanges {
            // A message is cut at 500 characters: nothing may be left of a secret that stands
            // there.
            for padding in [0, 440, 460, 470, 480, 485, 490, 495] {
                let text = printed(mode, &[Answer::Echo(400, padding)], echoed).await;
                assert!(
                    padding > 0 || text.contains("[secret]") || mode == 5,
                    "{text}"
                );
                check(&text);
            }
        }
    }
}

#[tokio::test]
async fn a_key_in_a_request_id_is_in_no_error_and_no_log() {
    let other = "x".repeat(190) + KEY;
    for id in [KEY, &format!("req-{KEY}-1"), &other] {
        for status in [200, 400] {
            for name in ["request-id", "x-amzn-requestid"] {
                let body = json!({"error": {"message": "no"}, "request_id": id});
                let answer = Answer::Reply(
                    status,
                    vec![(name, id.to_owned())],
                    body.to_string().into_bytes(),
                );
                let server = Server::start([answer]).await;
                let seen: Arc<Mutex<String>> = Arc::default();
                let log = Arc::clone(&seen);
                let client = server.client().await;
                let client = client.with_observer(Arc::new(move |exchange| {
                    *log.lock().unwrap() += &format!("{exchange:?}");
                }));
                let error = client.get_skill("skill_1").await.unwrap_err();
                let printed = format!("{error} {error:?} {}", seen.lock().unwrap());
                assert!(!printed.contains(&KEY[..KEY.len() - 2]), "{printed}");
            }
        }
    }
}

#[tokio::test]
async fn a_key_in_a_success_is_not_handed_on() {
    let version = json!({"id": "skver_1", "skill_id": "skill_1", "name": format!("a {KEY}"), "description": KEY});
    let event = json!({"type": "agent.message", "content": [{"type": "text", "text": format!("it is {KEY}!")}]});
    let server = Server::start([
        ok(&version),
        ok(&json!({"data": [event]})),
        ok(&json!({ "id": KEY })),
    ])
    .await;
    let client = server.client().await;
    let version = client
        .get_skill_version("skill_1", "skver_1")
        .await
        .unwrap();
    assert_eq!(
        (version.name.as_deref(), version.description.as_deref()),
        (Some("a [secret]"), Some("[secret]"))
    );
    assert_eq!(
        client.list_events("sesn_1").await.unwrap()[0].text(),
        "it is [secret]!"
    );
    let error = client.get_skill("skill_1").await.unwrap_err();
    assert!(
        error.message.contains("[secret]") && !error.to_string().contains(KEY),
        "{error}"
    );
}

#[tokio::test]
async fn a_secret_that_is_hidden_amid_invisible_characters_is_seen() {
    for amid in ["\u{1b}[0m", "\u{200b}", "\u{0}"] {
        let server = Server::start([failure(
            400,
            &format!("no {}{amid}{}", &KEY[..9], &KEY[9..]),
        )])
        .await;
        let error = server.get_skill().await.unwrap_err();
        assert_eq!(error.message, "no [secret]");
    }
}

#[tokio::test]
async fn an_unusable_token_is_in_no_error() {
    let bodies = [
        json!({"access_token": "oat-ISSUED"}),
        json!({"access_token": "oat-ISSUED", "expires_in": "oat-ISSUED"}),
        json!({"access_token": ["oat-ISSUED"], "expires_in": 5}),
        json!({"access_token": "oat-ISSUED\n", "expires_in": 5}),
        json!(["oat-ISSUED"]),
        json!("oat-ISSUED"),
    ];
    for body in bodies {
        check(&printed(2, &[ok(&body)], 0).await);
    }
    for body in [json!({"value": ["jwt-ASSERTION"]}), json!("jwt-ASSERTION")] {
        check(&printed(3, &[ok(&body)], 0).await);
    }
}

#[tokio::test]
async fn a_secret_stays_hidden_when_nobody_answers() {
    let redirect = Answer::Reply(307, vec![("location", "/elsewhere".to_owned())], vec![]);
    for (mode, before) in EXCHANGES.into_iter().enumerate() {
        for answer in [Answer::Close, redirect.clone()] {
            check(&printed(mode, &[answer], before).await);
        }
    }
}

fn check(printed: &str) {
    for secret in SECRETS {
        // Half of one is too much, too.
        let (half, _) = secret.split_at(secret.len() - 2);
        assert!(!printed.contains(half), "`{secret}` in {printed}");
    }
}

/// Passwords as people have them: one that JSON escapes, one with white space that messages lose.
const PASSWORDS: [&str; 3] = ["pass-TANGO-1234", "a\"b\\c/TANGO-é", "two  blanks\tTANGO"];

/// Sends a secret in one of the forms, by number, and gives what `Debug` shows of it with the
/// outcome.
async fn send_secret(
    client: &Client,
    number: usize,
    password: &str,
) -> (String, Result<(), Error>) {
    let secret = || password.to_owned().into();
    let (url, none) = (|| "https://mcp.example".to_owned(), Map::new());
    let auth = match number {
        0 => NewAuth::EnvironmentVariable {
            name: "PSLC_PASSWORD".to_owned(),
            value: secret(),
            hosts: vec!["login.example".to_owned()],
            places: Places {
                header: false,
                body: true,
            },
        },
        1 => NewAuth::StaticBearer {
            mcp_server_url: url(),
            token: secret(),
        },
        _ => NewAuth::McpOauth {
            mcp_server_url: url(),
            access_token: secret(),
            expires_at: None,
            refresh: Some(OauthRefresh {
                client_id: "1.2".to_owned(),
                refresh_token: secret(),
                token_endpoint: url(),
                client_secret: Some(secret()),
                scope: None,
            }),
        },
    };
    let update = match number {
        4 => AuthUpdate::StaticBearer { token: secret() },
        5 => AuthUpdate::McpOauth {
            access_token: secret(),
            expires_at: None,
            refresh_token: Some(secret()),
        },
        _ => AuthUpdate::EnvironmentVariable {
            value: Some(secret()),
            hosts: None,
            places: None,
        },
    };
    let file =
        format!("# mine\nPSLC_USER=somebody@example.com\nPSLC_PASSWORD='{password}'\n").into();
    let outcome = match number {
        0..=2 => client
            .create_credential("vlt_1", "x", &auth, &none)
            .await
            .map(drop),
        3..=5 => client
            .update_credential("vlt_1", "vcrd_1", &update)
            .await
            .map(drop),
        _ => client
            .upload_secret_file(".env", "text/plain", &file)
            .await
            .map(drop),
    };
    (
        format!("{auth:?} {update:?} {auth:#?} {update:#?}"),
        outcome,
    )
}

#[tokio::test]
async fn a_credential_is_in_no_error_and_no_debug_output() {
    for (number, password) in (0..7).flat_map(|n| PASSWORDS.map(|password| (n, password))) {
        // A message is cut at 500 characters: nothing may be left of a secret that stands there.
        let echoes = [0, 200, 250, 300, 350, 400, 450].map(|padding| Answer::Echo(400, padding));
        let unusable = ok(&json!({"id": {"secret_value": password}}));
        let in_words = failure(422, &format!("`{password}` is too simple"));
        for answer in echoes.into_iter().chain([unusable, in_words]) {
            let server = Server::start([answer]).await;
            let client = server.client().await;
            let (shown, outcome) = send_secret(&client, number, password).await;
            let error = outcome.unwrap_err();
            let printed = format!("{shown} {error} {error:?} {client:?}");
            assert!(!printed.contains("TANGO"), "{number}: {printed}");
            assert!(!printed.contains("somebody@"), "{number}: {printed}");
            let sent = String::from_utf8(server.only().body).unwrap();
            assert!(sent.contains("TANGO"), "the request itself has it");
        }
    }
}

#[tokio::test]
async fn a_short_credential_is_in_no_error() {
    for number in 0..7 {
        let answer = failure(422, "`Q7` is too simple");
        let server = Server::start([answer]).await;
        let client = server.client().await;
        let (_, outcome) = send_secret(&client, number, "Q7").await;
        let error = outcome.unwrap_err();
        let printed = format!("{error} {error:?}");
        assert!(!printed.contains("Q7"), "{number}: {printed}");
        // Its gaps would tell it, too.
        assert!(!printed.contains("simple"), "{number}: {printed}");
    }
}

#[tokio::test]
async fn a_credential_in_a_success_is_not_handed_on() {
    let repeated = json!({"id": "vcrd_1", "auth": {"secret_value": PASSWORDS[0]}});
    let server = Server::start([ok(&repeated)]).await;
    let update = AuthUpdate::StaticBearer {
        token: PASSWORDS[0].into(),
    };
    let client = server.client().await;
    let credential = client
        .update_credential("vlt_1", "vcrd_1", &update)
        .await
        .unwrap();
    assert_eq!(credential.auth["secret_value"], "[secret]");
}
