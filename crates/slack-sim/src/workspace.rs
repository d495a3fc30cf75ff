//! A running workspace.

use std::{future::Future, io, sync::Arc, time::Duration};

use chrono::TimeDelta;
use serde_json::Value;
use sim_server::{At, Call, Control, Order, Server, StartError, locked};
use tokio::time::{sleep, timeout};

use crate::{
    builder::Builder,
    control,
    draft::{self, Change, Draft, DraftError},
    events::{self, Attempt, Deliveries, VerificationError},
    fault::Fault,
    mishap::Mishap,
    objects::{Channel, Message},
    server,
    sim::Sim,
    socket::{SocketOrder, Sockets},
    stamps::Stamps,
    transcript,
};

/// Between two looks at what is awaited.
const BETWEEN_LOOKS: Duration = Duration::from_millis(2);

/// The most real time that deliveries take under way.
const LONGEST_DELIVERY: Duration = Duration::from_secs(60);

/// A simulated workspace that serves HTTP on 127.0.0.1 until it is dropped.
///
/// Its runtime and threads are its own, so a plain `#[test]` can use it. Dropping it fails the test
/// when a handler panicked. People and channels are named by id or name; a name that is unknown
/// panics, as a mistake of the test.
///
/// ```
/// use slack_sim::Workspace;
///
/// let workspace = Workspace::builder()
///     .person("U0ANNA00001", "anna")
///     .channel("C0PADEL0001", "padel")
///     .start();
/// let ts = workspace.type_message("anna", "padel", "Is a court free tomorrow?");
/// assert_eq!(workspace.thread("padel", &ts)[0].text, "Is a court free tomorrow?");
/// ```
#[derive(Debug)]
pub struct Workspace {
    sim: Arc<Sim>,
    server: Server<Fault>,
}

impl Builder {
    /// Starts the workspace. Panics when [`try_start`](Self::try_start) fails.
    pub fn start(self) -> Workspace {
        match self.try_start() {
            Ok(workspace) => workspace,
            Err(error) => panic!("the simulated workspace does not start: {error}"),
        }
    }

    /// Starts the workspace. Fails when the time is not RFC 3339 or the port is taken.
    pub fn try_start(mut self) -> Result<Workspace, StartError> {
        self.add_bot();
        let control = Control::new(&self.server)?;
        let (deliveries, queue) = Deliveries::new(self.mishaps);
        let sim = Arc::new(Sim {
            setup: self.setup,
            stamps: Stamps::new(Arc::clone(&control.clock)),
            control: Arc::clone(&control),
            objects: self.objects.into(),
            app: self.app.into(),
            limits: Default::default(),
            deliveries,
            sockets: Sockets::default(),
        });
        let answer = {
            let sim = Arc::clone(&sim);
            move |arrival| server::answer(Arc::clone(&sim), arrival)
        };
        let server = Server::start(&self.server, control, control::routes(&sim), answer)?;
        sim.sockets.set_address(&server.url());
        if let Some(runtime) = server.runtime() {
            runtime.spawn(events::run_queue(Arc::clone(&sim), queue));
        }
        Ok(Workspace { sim, server })
    }
}

impl Workspace {
    /// A workspace with default settings, to be changed and started.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// For example `http://127.0.0.1:40001`.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The base of the Web API, `…/api`, without a slash behind it.
    pub fn api_url(&self) -> String {
        format!("{}/api", self.url())
    }

    /// Prints the URL, then serves until the process is told to stop. Fails when nobody reads the
    /// URL.
    pub fn run(&self) -> io::Result<()> {
        self.server.run()
    }

    /// Runs a future on the workspace's own runtime, for tests without one.
    ///
    /// Panics inside another runtime, and once the workspace is stopped.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        match self.server.runtime() {
            Some(runtime) => runtime.block_on(future),
            None => panic!("the workspace is stopped"),
        }
    }

    // What people do.

    /// Somebody types a message into a channel; returns its `ts`.
    pub fn type_message(&self, person: &str, channel: &str, text: &str) -> String {
        self.send(Draft::new(person, channel, text))
    }

    /// Somebody types a reply below a message; returns its `ts`.
    pub fn type_reply(&self, person: &str, channel: &str, thread: &str, text: &str) -> String {
        self.send(Draft::new(person, channel, text).in_thread(thread))
    }

    /// Sends a draft; returns its `ts`.
    pub fn send(&self, draft: Draft) -> String {
        granted(draft::send_draft(&self.sim, draft))
    }

    /// Gives a message another text; the app gets `message_changed`.
    pub fn edit_message(&self, channel: &str, ts: &str, text: &str) {
        self.change_message(channel, ts, Change::Edited(text));
    }

    /// Slack shows what a message's links lead to; the app gets `message_changed`.
    pub fn unfurl_message(&self, channel: &str, ts: &str) {
        self.change_message(channel, ts, Change::Unfurled);
    }

    /// Deletes a message; the app gets `message_deleted`.
    pub fn delete_message(&self, channel: &str, ts: &str) {
        self.change_message(channel, ts, Change::Deleted);
    }

    fn change_message(&self, channel: &str, ts: &str, change: Change<'_>) {
        granted(draft::change_message(&self.sim, channel, ts, change));
    }

    // What they see.

    /// All messages of a channel, oldest first, replies among them.
    pub fn messages(&self, channel: &str) -> Vec<Message> {
        self.look(channel, |channel| {
            channel.messages.values().cloned().collect()
        })
    }

    /// The message with that `ts` and its replies, oldest first.
    pub fn thread(&self, channel: &str, ts: &str) -> Vec<Message> {
        self.look(channel, |channel| channel.thread(ts).cloned().collect())
    }

    /// The app's posts below a message, oldest first.
    pub fn answers(&self, channel: &str, ts: &str) -> Vec<Message> {
        let mut messages = self.thread(channel, ts);
        messages.retain(|message| message.is_from_app() && message.ts != ts);
        messages
    }

    /// The channel as a person reads it.
    pub fn show_channel(&self, channel: &str) -> String {
        let objects = locked(&self.sim.objects);
        let channel = granted(found(channel, objects.channel(channel)));
        transcript::show_channel(&objects, channel)
    }

    /// A thread as a person reads it.
    pub fn show_thread(&self, channel: &str, ts: &str) -> String {
        let objects = locked(&self.sim.objects);
        let channel = granted(found(channel, objects.channel(channel)));
        transcript::show_thread(&objects, channel, ts)
    }

    fn look<T>(&self, channel: &str, take: impl FnOnce(&Channel) -> T) -> T {
        let objects = locked(&self.sim.objects);
        take(granted(found(channel, objects.channel(channel))))
    }

    // Deliveries.

    /// Sends a challenge to a URL, and takes it when that comes back. Inside another runtime, too.
    pub async fn set_request_url(&self, url: &str) -> Result<(), VerificationError> {
        let (sim, url) = (Arc::clone(&self.sim), url.to_owned());
        self.on_own_runtime(async move { events::verify_url(&sim, &url).await })
            .await
    }

    /// Delivers an event around any inner one, which nobody typed. `change` may spoil its body:
    /// another `api_app_id`, another `event_id`.
    pub fn deliver_event(&self, inner: &Value, change: impl FnOnce(&mut Value)) {
        let mut event = events::wrap_event(&self.sim, inner, false);
        change(&mut event.body);
        self.sim.deliveries.push(event);
    }

    /// Tells the app that its events of this minute were too many.
    pub fn deliver_rate_limit(&self) {
        let now = self.sim.stamps.now().timestamp();
        let event = events::limit_event(&self.sim, now - now.rem_euclid(60));
        self.sim.deliveries.push(event);
    }

    /// Every attempt to deliver that has ended, in the order of their ends.
    pub fn attempts(&self) -> Vec<Attempt> {
        self.sim.deliveries.attempts()
    }

    /// Returns once no delivery is under way, and none can begin before the clock goes on. Inside
    /// another runtime, too. Panics after a minute of real time: then a receiver keeps silent, and
    /// the clock stands.
    pub async fn settle(&self) {
        let sim = Arc::clone(&self.sim);
        self.on_own_runtime(async move {
            let rest = async {
                while !sim.deliveries.is_at_rest(sim.stamps.now()) {
                    sleep(BETWEEN_LOOKS).await;
                }
            };
            let rested = timeout(LONGEST_DELIVERY, rest).await;
            assert!(
                rested.is_ok(),
                "deliveries are still under way after a minute"
            );
        })
        .await;
    }

    /// Returns what the app posted below a message, once there are so many answers, or when
    /// `within` is over in real time. Inside another runtime, too.
    pub async fn wait_for_answers(
        &self,
        channel: &str,
        ts: &str,
        count: usize,
        within: Duration,
    ) -> Vec<Message> {
        let sim = Arc::clone(&self.sim);
        let (name, root) = (channel.to_owned(), ts.to_owned());
        self.on_own_runtime(async move {
            let enough = control::wait_for_answers(&sim, &name, &root, count);
            let _ = timeout(within, enough).await;
        })
        .await;
        self.answers(channel, ts)
    }

    /// A mishap of deliveries, for example `"late=5@/app_mention"`; earlier ones come first.
    pub fn push_mishap(&self, order: impl Into<Order<Mishap>>) {
        self.sim.deliveries.push_mishap(order.into());
    }

    pub fn clear_mishaps(&self) {
        self.sim.deliveries.clear_mishaps();
    }

    /// True when too few deliveries succeeded, so that Slack sends no more.
    pub fn has_disabled_events(&self) -> bool {
        locked(&self.sim.app).is_disabled
    }

    /// The number of open connections of Socket Mode.
    pub fn open_sockets(&self) -> usize {
        self.sim.sockets.count()
    }

    /// Does something to all open connections of Socket Mode.
    pub fn order_sockets(&self, order: SocketOrder) {
        self.sim.sockets.order_all(order);
    }

    // The app's settings.

    /// Signs with another secret from now on.
    pub fn rotate_signing_secret(&self, secret: &str) {
        secret.clone_into(&mut locked(&self.sim.app).signing_secret);
    }

    /// Answers `token_revoked` to the bot token from now on.
    pub fn revoke_bot_token(&self) {
        locked(&self.sim.app).is_revoked = true;
    }

    // Clock, journal and faults.

    /// Moves the clock by so much: one that stands stands there, one that runs goes on from there.
    pub fn advance(&self, by: Duration) {
        let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::zero());
        self.sim.control.clock.advance(by);
    }

    /// Every request of the Web API so far, in order of arrival.
    pub fn calls(&self) -> Vec<Call> {
        self.server.control().calls()
    }

    /// Adds a fault of the Web API: at the request with a number, the next one being 1, and those
    /// after it; or at paths that begin so, with the method or without. It strikes that many times;
    /// earlier faults come first.
    pub fn push_fault(&self, fault: Fault, at: impl Into<At>, times: u32) {
        self.server.control().push_fault(Order {
            fault,
            at: Some(at.into()),
            times: Some(times),
        });
    }

    pub fn clear_faults(&self) {
        self.server.control().clear_faults();
    }

    /// Runs a future on the workspace's runtime, so that the caller's needs neither clock nor
    /// network.
    async fn on_own_runtime<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let Some(runtime) = self.server.runtime() else {
            panic!("the workspace is stopped");
        };
        match runtime.spawn(future).await {
            Ok(value) => value,
            Err(error) => panic!("the workspace: {error}"),
        }
    }
}

fn found<'a>(name: &str, channel: Option<&'a Channel>) -> Result<&'a Channel, DraftError> {
    channel.ok_or_else(|| DraftError::Channel(name.to_owned()))
}

/// A mistake of the test ends it.
fn granted<T>(result: Result<T, DraftError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
