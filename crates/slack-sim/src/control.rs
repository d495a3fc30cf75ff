//! The control endpoint's part of a workspace: people type and read, Slack is told what to do.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use sim_server::{Order, locked};
use tokio::time::{sleep, timeout};

use crate::{
    draft::{self, Draft},
    events::{self, Attempt},
    mishap::Mishap,
    objects::Message,
    sim::Sim,
    socket::SocketOrder,
    transcript,
};

/// Its part of `--help`.
pub const CONTROL_HELP: &str = "\n  \
    POST   /__sim/messages     {\"person\":\"anna\",\"channel\":\"padel\",\"text\":\"…\"}, \
    \"thread\" too; answers its \"ts\"\n  \
    GET    /__sim/messages     ?channel=padel&thread=TS as JSON; the thread may be left out\n  \
    GET    /__sim/transcript   the same as a person reads it; ?answers=2&seconds=60 waits\n  \
    PUT    /__sim/request-url  {\"url\":\"http://…\"}: sends the challenge\n  \
    POST   /__sim/mishaps      {\"mishap\":\"answer-lost@/message*2\"}\n  \
    DELETE /__sim/mishaps      no more mishaps\n  \
    GET    /__sim/deliveries   every attempt to deliver, as JSON\n  \
    POST   /__sim/rate-limit   delivers app_rate_limited\n  \
    POST   /__sim/sockets      {\"order\":\"warn\"}, refresh, disable, drop, freeze";

/// Between two looks at a thread.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

pub(crate) fn routes(sim: &Arc<Sim>) -> Router {
    Router::new()
        .route("/__sim/messages", post(type_message).get(list_messages))
        .route("/__sim/transcript", get(show_transcript))
        .route("/__sim/request-url", put(set_request_url))
        .route("/__sim/mishaps", post(add_mishap).delete(clear_mishaps))
        .route("/__sim/deliveries", get(list_deliveries))
        .route("/__sim/rate-limit", post(deliver_rate_limit))
        .route("/__sim/sockets", post(order_sockets))
        .with_state(Arc::clone(sim))
}

/// Returns once the app has posted so many messages below one.
pub(crate) async fn wait_for_answers(sim: &Sim, channel: &str, root: &str, count: usize) {
    loop {
        let answers = locked(&sim.objects).channel(channel).map_or(0, |channel| {
            let replies = channel.thread(root).filter(|message| message.ts != root);
            replies.filter(|message| message.is_from_app()).count()
        });
        if answers >= count {
            return;
        }
        sleep(BETWEEN_LOOKS).await;
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypedMessage {
    person: String,
    channel: String,
    text: String,
    thread: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reading {
    channel: String,
    thread: Option<String>,
    /// Answers of the app to wait for.
    answers: Option<usize>,
    /// The longest wait for them; a minute without.
    seconds: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestUrl {
    url: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MishapOrder {
    mishap: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SocketsOrder {
    order: String,
}

async fn type_message(State(sim): State<Arc<Sim>>, body: Bytes) -> Response {
    let sent = read_json(&body).and_then(|message: TypedMessage| {
        let mut draft = Draft::new(message.person, message.channel, message.text);
        if let Some(thread) = message.thread {
            draft = draft.in_thread(thread);
        }
        draft::send_draft(&sim, draft).map_err(|error| error.to_string())
    });
    match sent {
        Ok(ts) => Json(json!({ "ts": ts })).into_response(),
        Err(message) => refuse(&message),
    }
}

async fn list_messages(State(sim): State<Arc<Sim>>, Query(wanted): Query<Reading>) -> Response {
    let objects = locked(&sim.objects);
    let Some(channel) = objects.channel(&wanted.channel) else {
        return refuse(&format!("there is no channel `{}`", wanted.channel));
    };
    let messages: Vec<&Message> = match &wanted.thread {
        Some(thread) => channel.thread(thread).collect(),
        None => channel.messages.values().collect(),
    };
    Json(json!(messages)).into_response()
}

async fn show_transcript(State(sim): State<Arc<Sim>>, Query(wanted): Query<Reading>) -> Response {
    if let (Some(count), Some(thread)) = (wanted.answers, &wanted.thread) {
        let most = Duration::from_secs(wanted.seconds.unwrap_or(60));
        let enough = wait_for_answers(&sim, &wanted.channel, thread, count);
        if timeout(most, enough).await.is_err() {
            let seconds = most.as_secs();
            return refuse(&format!(
                "the thread has fewer than {count} answers after {seconds} seconds"
            ));
        }
    }
    let objects = locked(&sim.objects);
    let Some(channel) = objects.channel(&wanted.channel) else {
        return refuse(&format!("there is no channel `{}`", wanted.channel));
    };
    match &wanted.thread {
        Some(thread) => transcript::show_thread(&objects, channel, thread).into_response(),
        None => transcript::show_channel(&objects, channel).into_response(),
    }
}

async fn set_request_url(State(sim): State<Arc<Sim>>, body: Bytes) -> Response {
    let wanted = match read_json::<RequestUrl>(&body) {
        Ok(wanted) => wanted,
        Err(message) => return refuse(&message),
    };
    reply(events::verify_url(&sim, &wanted.url).await)
}

async fn add_mishap(State(sim): State<Arc<Sim>>, body: Bytes) -> Response {
    reply(read_json(&body).and_then(|wanted: MishapOrder| {
        let order = wanted.mishap.parse::<Order<Mishap>>();
        order
            .map(|order| sim.deliveries.push_mishap(order))
            .map_err(|error| error.to_string())
    }))
}

async fn clear_mishaps(State(sim): State<Arc<Sim>>) -> StatusCode {
    sim.deliveries.clear_mishaps();
    StatusCode::NO_CONTENT
}

async fn list_deliveries(State(sim): State<Arc<Sim>>) -> Json<Vec<Attempt>> {
    Json(sim.deliveries.attempts())
}

async fn deliver_rate_limit(State(sim): State<Arc<Sim>>) -> StatusCode {
    let now = sim.stamps.now().timestamp();
    let event = events::limit_event(&sim, now - now.rem_euclid(60));
    sim.deliveries.push(event);
    StatusCode::NO_CONTENT
}

async fn order_sockets(State(sim): State<Arc<Sim>>, body: Bytes) -> Response {
    reply(read_json(&body).and_then(|wanted: SocketsOrder| {
        let order = wanted.order.parse::<SocketOrder>();
        order
            .map(|order| sim.sockets.order_all(order))
            .map_err(|error| error.to_string())
    }))
}

fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn reply(done: Result<(), impl ToString>) -> Response {
    match done {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refuse(&error.to_string()),
    }
}

fn refuse(message: &str) -> Response {
    let body = json!({"error": {"message": message}});
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}
