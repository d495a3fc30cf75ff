//! Following a session until it rests: the stream for speed, the list for certainty, each event
//! once.
//!
//! The stream repeats nothing (documented), so the list is asked each time that one was opened, and
//! whenever one is silent for long. Where no stream can be had, the list alone does.

use std::{
    collections::{HashSet, VecDeque},
    time::Duration,
};

use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use crate::{Client, Error, Event, EventStream, Kind};

/// The first looks come soon, for a session may be done within a second; the later ones leave room
/// for others in the platform's limits.
const FIRST_LOOK: Duration = Duration::from_millis(200);
const SLOWEST_LOOK: Duration = Duration::from_secs(3);

/// A session that is followed.
pub struct Follower {
    client: Client,
    session: String,
    /// The newest event that the list had, or the one to begin after.
    listed: Option<String>,
    /// The ids of all events that were given or wait in `ready`.
    known: HashSet<String>,
    ready: VecDeque<Event>,
    stream: Option<EventStream>,
    /// False when a stream cannot be had, or does not bring what the list has.
    can_stream: bool,
    /// The session rested with the event that was given last.
    rests: bool,
    /// The next look at the list; instants and not waits, so that a call that is dropped loses
    /// none of the time.
    next_look: Instant,
    pause: Duration,
}

impl Follower {
    /// The next event, in the session's order; none, once, after one at which the session rests.
    /// The next call goes on from there. Waits as long as it takes, and may be dropped at any time:
    /// nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of the list; the call may be made again.
    pub async fn next_event(&mut self) -> Result<Option<Event>, Error> {
        if std::mem::take(&mut self.rests) {
            return Ok(None);
        }
        loop {
            if let Some(event) = self.ready.pop_front() {
                self.rests = event.is_rest();
                return Ok(Some(event));
            }
            match self.stream {
                Some(_) => self.read_stream().await?,
                None => self.look().await?,
            }
        }
    }

    /// Reads the stream until it brings something, ends, or is silent for too long.
    async fn read_stream(&mut self) -> Result<(), Error> {
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        match timeout_at(self.next_look, stream.next_event()).await {
            Ok(Ok(Some(event))) => {
                self.next_look = Instant::now() + self.client.limits().silence;
                self.take_in(event);
            }
            Ok(Ok(None)) => self.give_up_stream(true),
            Ok(Err(_)) => self.give_up_stream(false),
            Err(_) => {
                self.list().await?;
                if self.ready.is_empty() {
                    self.next_look = Instant::now() + self.client.limits().silence;
                } else {
                    // A proxy holds it back.
                    self.give_up_stream(false);
                }
            }
        }
        Ok(())
    }

    fn give_up_stream(&mut self, can_stream: bool) {
        self.stream = None;
        self.can_stream = can_stream;
        self.next_look = Instant::now() + self.pause;
    }

    /// Opens a stream if one can be had, and lists what it does not have. In this order: what
    /// happens between the two is in both.
    async fn look(&mut self) -> Result<(), Error> {
        sleep_until(self.next_look).await;
        let mut stream = None;
        if self.can_stream {
            // A proxy may hold back the head of an answer that does not end.
            let longest = self.client.limits().connect;
            match timeout(longest, self.client.stream_events(&self.session)).await {
                Ok(Ok(opened)) => stream = Some(opened),
                Ok(Err(error)) => self.can_stream = is_passing(&error),
                Err(_) => self.can_stream = false,
            }
        }
        self.list().await?;
        let wait = match stream {
            Some(_) => self.client.limits().silence,
            None => self.pause,
        };
        self.next_look = Instant::now() + wait;
        self.pause = (self.pause * 3 / 2).min(SLOWEST_LOOK);
        self.stream = stream;
        Ok(())
    }

    /// Takes in what the list has beyond what is known of it.
    async fn list(&mut self) -> Result<(), Error> {
        let listed = self.listed.as_deref();
        // An event that was sent just now may not be there yet.
        let events = self.client.list_events_after(&self.session, listed).await?;
        let events = events.unwrap_or_default();
        if let Some(id) = events.last().and_then(Event::id) {
            self.listed = Some(id.to_owned());
        }
        for event in events {
            self.take_in(event);
        }
        Ok(())
    }

    /// Keeps an event that is not known yet. One without an id, such as a sign of life, is none of
    /// the session's.
    fn take_in(&mut self, event: Event) {
        if event
            .id()
            .is_some_and(|id| self.known.insert(id.to_owned()))
        {
            self.pause = FIRST_LOOK;
            self.ready.push_back(event);
        }
    }
}

/// True when the same may work a little later.
const fn is_passing(error: &Error) -> bool {
    matches!(
        error.kind,
        Kind::Connect | Kind::Lost | Kind::Timeout | Kind::RateLimited | Kind::Unavailable
    )
}

impl Client {
    /// Follows a session from after the event with this id, or from its beginning: nothing is sent
    /// before the first event is asked for.
    #[must_use]
    pub fn follow_session(&self, session: &str, after: Option<&str>) -> Follower {
        Follower {
            client: self.clone(),
            session: session.to_owned(),
            listed: after.map(str::to_owned),
            known: after.map(str::to_owned).into_iter().collect(),
            ready: VecDeque::new(),
            stream: None,
            can_stream: true,
            rests: false,
            next_look: Instant::now(),
            pause: FIRST_LOOK,
        }
    }
}
