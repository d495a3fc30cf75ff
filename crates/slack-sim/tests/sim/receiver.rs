//! An app's server that answers events as a test wants, and keeps what came.

use axum::{
    Router,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde_json::Value;
use sim_server::{Arrival, Call, Control, Options, Order, Server, faults};

faults! {
    /// An answer in place of 200.
    pub(crate) enum Trouble {
        "STATUS" => Status(u16),
        "final" => Final,
        "silent" => Silent,
        "redirect" => Redirected,
        "html" => Html,
        "json" => Json,
        "bare-json" => BareJson,
        "other-challenge" => OtherChallenge,
    }
}

impl sim_server::Fault for Trouble {
    const TIMES: Option<u32> = Some(1);
}

pub(crate) struct Receiver(Server<Trouble>);

impl Receiver {
    pub(crate) fn start() -> Self {
        let options = Options::default();
        let control = Control::new(&options).unwrap();
        Self(Server::start(&options, control, Router::new(), answer).unwrap())
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/slack/events", self.0.url())
    }

    pub(crate) fn push(&self, trouble: Trouble, times: u32) {
        self.0.control().push_fault(Order {
            fault: trouble,
            at: None,
            times: Some(times),
        });
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.0.control().calls()
    }

    pub(crate) fn bodies(&self) -> Vec<Value> {
        let calls = self.calls();
        let bodies = calls.iter().map(|call| serde_json::from_slice(&call.body));
        bodies.map(Result::unwrap).collect()
    }

    /// A field of the inner events, in the order in which they came.
    pub(crate) fn fields(&self, name: &str) -> Vec<String> {
        let bodies = self.bodies();
        let fields = bodies.iter().map(|body| body["event"][name].as_str());
        fields.map(|field| field.unwrap_or("").to_owned()).collect()
    }
}

async fn answer(arrival: Arrival<Trouble>) -> Response {
    let body: Value = serde_json::from_slice(&arrival.body).unwrap();
    let challenge = body["challenge"].as_str().unwrap_or("ok").to_owned();
    match arrival.fault {
        Some(Trouble::Status(status)) => StatusCode::from_u16(status).unwrap().into_response(),
        Some(Trouble::Final) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            [("x-slack-no-retry", "1")],
        )
            .into_response(),
        Some(Trouble::Silent) => std::future::pending().await,
        Some(Trouble::Redirected) => Redirect::temporary("/moved").into_response(),
        Some(Trouble::Html) => axum::response::Html(challenge).into_response(),
        Some(Trouble::Json) => axum::Json(body).into_response(),
        Some(Trouble::BareJson) => axum::Json(challenge).into_response(),
        Some(Trouble::OtherChallenge) => "another".into_response(),
        None => challenge.into_response(),
    }
}
