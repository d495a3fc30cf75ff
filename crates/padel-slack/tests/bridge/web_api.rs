//! The client of Slack's Web API: what a failure means, and that none tells the token.

use padel_slack::slack::{SlackClient, Transport, Trouble};
use secrecy::SecretString;
use slack_sim::{Fault, Word, Workspace};

const CHANNEL: &str = "C0PADEL0001";
const TOKEN: &str = "xoxb-hush-hush-token";

fn workspace() -> Workspace {
    Workspace::builder()
        .channel(CHANNEL, "padel")
        .person("U0ANNA00001", "anna")
        .bot_token(TOKEN)
        .start()
}

fn client(base: &str) -> SlackClient {
    let transport = Transport::new(base, &|_| None).unwrap();
    SlackClient::new(transport, SecretString::from(TOKEN))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_says_whose_it_is_and_what_it_may() {
    let workspace = workspace();
    let identity = client(&workspace.api_url()).identify().await.unwrap();
    assert_eq!(identity.user, slack_sim::BOT_USER);
    assert_eq!(identity.bot, slack_sim::BOT);
    assert_eq!(identity.team, slack_sim::TEAM);
    assert!(
        identity.scopes.contains(&"chat:write".to_owned()),
        "{identity:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reaction_that_is_there_is_no_failure() {
    let workspace = workspace();
    let ts = workspace.type_message("anna", "padel", "hi");
    let client = client(&workspace.api_url());
    for _ in 0..2 {
        client.add_reaction(CHANNEL, &ts, "eyes").await.unwrap();
    }
    assert_eq!(workspace.messages("padel")[0].reactions.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_failure_says_what_may_have_happened() {
    let workspace = workspace();
    let client = client(&workspace.api_url());
    for (fault, trouble) in [
        (Fault::Seconds429(3), Trouble::NotDone),
        (Fault::Status(500), Trouble::Uncertain),
        (Fault::Error(Word("internal_error")), Trouble::Uncertain),
        (Fault::Error(Word("token_revoked")), Trouble::Token),
        (Fault::Error(Word("missing_scope")), Trouble::Token),
        (Fault::Error(Word("is_archived")), Trouble::Refused),
        (Fault::Error(Word("new_in_2027")), Trouble::Refused),
        (Fault::LostBefore, Trouble::Uncertain),
        (Fault::LostAfter, Trouble::Uncertain),
        (Fault::Truncated, Trouble::Uncertain),
        (Fault::Malformed, Trouble::Uncertain),
        (Fault::Html, Trouble::Uncertain),
    ] {
        workspace.push_fault(fault, "/api/auth.test", 1);
        let error = client.identify().await.unwrap_err();
        assert_eq!(error.trouble, trouble, "{fault:?}: {error}");
        assert!(
            !format!("{error} {error:?} {client:?}").contains("hush"),
            "{error}"
        );
        let wait = error.retry_after.map(|wait| wait.as_secs());
        assert_eq!(
            wait,
            (trouble == Trouble::NotDone).then_some(3),
            "{fault:?}"
        );
    }
    let nobody = self::client("http://127.0.0.1:9/api")
        .identify()
        .await
        .unwrap_err();
    assert_eq!(nobody.trouble, Trouble::NotDone, "{nobody}");
    assert!(
        nobody.to_string().contains("connection refused"),
        "{nobody}"
    );
}

#[test]
fn a_token_goes_over_https_or_to_this_machine() {
    let base = |text: &str| Transport::new(text, &|_| None).map(drop);
    for text in [
        "https://slack.com/api",
        "http://127.0.0.1:1/api",
        "http://localhost/api",
    ] {
        assert_eq!(base(text), Ok(()), "{text}");
    }
    for text in [
        "http://slack.com/api",
        "slack.com/api",
        "ftp://127.0.0.1/",
        "",
    ] {
        assert!(base(text).is_err(), "{text}");
    }
}
