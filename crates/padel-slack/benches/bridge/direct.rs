//! The floor: answers 200 at once, then makes the session, follows it and posts, with the clients that
//! the bridge uses, and nothing between.

use std::sync::Arc;

use claude_platform::{Client, NewSession, Settings};
use claude_platform_sim::Platform;
use hyper::body::Bytes;
use padel_slack::{
    question::{Access, Question, Thread},
    slack::{Post, SlackClient, Transport},
};
use serde_json::{Map, Value};
use slack_sim::{DEFAULT_BOT_TOKEN, Workspace};

use crate::{
    AGENT, CHANNEL, ENVIRONMENT, KEY, PERSON, QUESTION,
    front::{read_question, serve_bare},
};

struct Direct {
    client: Client,
    slack: SlackClient,
}

/// Starts it; returns its address.
pub(crate) async fn serve_directly(workspace: &Workspace, platform: &Platform) -> String {
    let url = platform.url();
    let variables = |name: &str| match name {
        "ANTHROPIC_API_KEY" => Some(KEY.to_owned()),
        "ANTHROPIC_BASE_URL" => Some(url.clone()),
        _ => None,
    };
    let (settings, _) = Settings::from_env(&variables, false).await.unwrap();
    let transport = Transport::new(&workspace.api_url(), &|_| None).unwrap();
    let direct = Arc::new(Direct {
        client: Client::new(settings).unwrap(),
        slack: SlackClient::new(transport, DEFAULT_BOT_TOKEN.to_owned().into()),
    });
    serve_bare(move |_, body| {
        if let Some(ts) = read_question(&body) {
            tokio::spawn(answer_question(Arc::clone(&direct), ts));
        }
        async { (200, Bytes::new()) }
    })
    .await
}

async fn answer_question(direct: Arc<Direct>, ts: String) {
    let question = Question {
        key: ts.clone(),
        thread: Thread {
            channel: CHANNEL.to_owned(),
            ts: ts.clone(),
        },
        ts: ts.clone(),
        user: PERSON.to_owned(),
        access: Access::Courts,
        text: QUESTION.to_owned(),
        files: 0,
    };
    let new = NewSession {
        agent: AGENT.to_owned(),
        environment: ENVIRONMENT.to_owned(),
        metadata: Map::from_iter([("slack_thread_ts".to_owned(), Value::from(ts))]),
        initial_message: Some(question.to_line()),
        ..NewSession::default()
    };
    let session = direct.client.create_session(&new).await.unwrap();
    let mut follower = direct.client.follow_session(&session.id, None);
    let mut answer = String::new();
    while let Some(event) = follower.next_event().await.unwrap() {
        match event.kind.as_str() {
            "agent.message" => answer = event.text(),
            "session.status_idle" if !answer.is_empty() => break,
            _ => {}
        }
    }
    let post = Post {
        question: &question,
        outcome: "answered",
        markdown: &answer,
    };
    direct.slack.post_message(post).await.unwrap();
}
