//! Watching the simulated club for a channel of the simulated workspace, with the clock as a value.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use gladstone_sim::{Club, Fault as ClubFault};
use padel_slack::{
    ledger::{Lease, Millis},
    machine::sqlite::SqliteLedger,
    slack::{SlackClient, Transport},
    watch::{
        WatchError, Watcher,
        ledger::{Turn, WatchLedger as _},
        preview::preview,
        state::parse_state,
        wishes::{WishList, read_pause},
    },
};
use slack_sim::{Call, DEFAULT_BOT_TOKEN, Fault, Message, Workspace};
use tempfile::TempDir;

use crate::watch_cases::{check_state_versions, check_turns};

pub(crate) const CHANNEL: &str = "C0PADEL0001";
const OTHER: &str = "C0PADEL0002";
const NOW: &str = "2026-11-23T09:00:00Z";
const SESSIONS: &str = "/api/availability/V2/sessions";
/// A game of the evening.
const GAME: &str = "2026-11-28T17:45:00Z";
const POST: &str = "/api/chat.postMessage";

/// Saturday evening at site `UB`.
const EVENING: &str = "[[watch]]\nname = \"evening\"\ndate = \"2026-11-28\"\nfrom = \"17:00\"\nto = \"20:00\"\n\
    site = [\"UB\"]\nactivity = [\"PADEL60\"]\n";

pub(crate) struct Watched {
    pub(crate) workspace: Workspace,
    pub(crate) club: Club,
    place: TempDir,
    now: Arc<AtomicI64>,
    lines: Arc<Mutex<String>>,
}

fn millis(time: &str) -> Millis {
    let time = chrono::DateTime::parse_from_rfc3339(time).unwrap();
    time.timestamp_millis()
}

/// A club of which all courts are taken on Saturday 28 November.
pub(crate) fn full_club(now: &str) -> Club {
    let club = Club::builder().now(now).start();
    for court in ["PC1", "PC2", "PC3", "PC4"] {
        club.set_taken(court, "2026-11-28T06:00:00Z", 18 * 60, true);
    }
    club
}

impl Watched {
    fn new() -> Self {
        Self {
            workspace: Workspace::builder()
                .person("U0ANNA00001", "anna")
                .channel(CHANNEL, "padel")
                .channel(OTHER, "board")
                .without_rate_limits()
                .start(),
            club: full_club(NOW),
            place: tempfile::tempdir().unwrap(),
            now: Arc::new(AtomicI64::new(millis(NOW))),
            lines: Arc::default(),
        }
    }

    /// One more process at the same file.
    fn watcher(&self) -> Watcher<SqliteLedger> {
        let transport = Transport::new(&self.workspace.api_url(), &|_| None).unwrap();
        let (now, lines) = (Arc::clone(&self.now), Arc::clone(&self.lines));
        Watcher {
            ledger: self.ledger(),
            slack: SlackClient::new(transport, DEFAULT_BOT_TOKEN.to_owned().into()),
            every: Duration::from_mins(5),
            clock: Arc::new(move || now.load(Ordering::Relaxed)),
            log: Arc::new(move |entry| {
                let line = entry.to_json(NOW);
                lines.lock().unwrap().push_str(&format!("{line}\n"));
            }),
        }
    }

    fn ledger(&self) -> SqliteLedger {
        SqliteLedger::open(&self.place.path().join("padel-slack.db")).unwrap()
    }

    /// The wishes of an `agent.toml` with these tables.
    fn wishes(&self, tables: &str) -> WishList {
        let slack = format!("[slack]\nchannels = [\"{CHANNEL}\"]\n");
        let text = format!("club = \"{}\"\n{slack}{tables}", self.club.url());
        let cache = self.place.path().to_str().unwrap().to_owned();
        let lookup = |name: &str| (name == "XDG_CACHE_HOME").then(|| cache.clone());
        let read = WishList::read(&text, Path::new("agent.toml"), &lookup);
        read.unwrap().unwrap()
    }

    fn set_now(&self, now: &str) {
        self.club.set_now(now);
        self.now.store(millis(now), Ordering::Relaxed);
    }

    /// Looks at a time, and returns the texts of all posts so far.
    async fn look(&self, now: &str, tables: &str) -> Vec<String> {
        self.set_now(now);
        let watcher = self.watcher();
        let holder = watcher.claim().await.unwrap();
        let holder = holder.unwrap_or_else(|at| panic!("{now}: not before {at}"));
        // The next one is when the test says so.
        let looked = watcher.look(&holder, &self.wishes(tables)).await;
        let next = looked.unwrap_or_else(|error| panic!("{error}: {}", self.lines()));
        assert!(next >= millis(now) + 60_000, "a minute at least");
        let file = rusqlite::Connection::open(self.place.path().join("padel-slack.db")).unwrap();
        file.execute("UPDATE look SET next = NULL", []).unwrap();
        self.posts(CHANNEL)
    }

    fn posts(&self, channel: &str) -> Vec<String> {
        let messages = self.workspace.messages(channel);
        messages.into_iter().map(|message| message.text).collect()
    }

    fn free(&self, court: &str, start: &str) {
        self.club.set_taken(court, start, 60, false);
    }

    fn looks(&self) -> usize {
        let calls = self.club.calls();
        calls.iter().filter(|call| call.path == SESSIONS).count()
    }

    fn lines(&self) -> String {
        self.lines.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn a_court_that_becomes_free_is_posted_once() {
    let watched = Watched::new();
    let posts = watched.look(NOW, EVENING).await;
    assert_eq!(posts, ["evening: watched from now on; nothing is free"]);
    watched.free("PC1", GAME);
    watched.free("PC2", GAME);
    let posts = watched.look("2026-11-23T09:05:00Z", EVENING).await;
    let line =
        "evening: free Sat 28 Nov 17:45–18:45, 60 min, Padel Court 1, Padel Court 2, site UB <http";
    assert!(posts[1].starts_with(line) && posts.len() == 2, "{posts:?}");
    let posts = watched.look("2026-11-23T09:10:00Z", EVENING).await;
    assert_eq!(posts.len(), 2);
    let messages: Vec<Message> = watched.workspace.messages(CHANNEL);
    assert!(messages.iter().all(|message| {
        message.is_from_app() && message.thread_ts.is_none() && message.notified.is_empty()
    }));
    assert_eq!(watched.looks(), 3, "one request a look");
    for text in ["free Sat", DEFAULT_BOT_TOKEN] {
        assert!(!watched.lines().contains(text), "no texts in the log");
    }
}

#[tokio::test]
async fn all_wishes_are_answered_by_one_request() {
    let watched = Watched::new();
    let tables = format!(
        "[notify.padel]\nchannel = \"{CHANNEL}\"\n[notify.board]\nchannel = \"{OTHER}\"\n{EVENING}\
        notify = [\"padel\"]\n{}notify = [\"board\"]\n",
        EVENING.replace("evening", "late").replace("17:00", "19:00")
    );
    watched.free("PC1", GAME);
    watched.look(NOW, &tables).await;
    assert_eq!(watched.looks(), 1);
    assert_eq!(watched.posts(CHANNEL)[0].lines().count(), 2);
    let board = watched.posts(OTHER);
    assert_eq!(board, ["late: watched from now on; nothing is free"]);
}

#[tokio::test]
async fn what_slack_did_not_take_is_posted_at_the_next_look() {
    let watched = Watched::new();
    watched.look(NOW, EVENING).await;
    watched.free("PC1", GAME);
    for (fault, minute) in [(Fault::Status(503), 5), (Fault::Seconds429(9), 10)] {
        watched.workspace.push_fault(fault, POST, 1);
        let now = format!("2026-11-23T09:{minute:02}:00Z");
        assert_eq!(watched.look(&now, EVENING).await.len(), 1);
    }
    assert!(watched.lines().contains("\"untold\""));
    let posts = watched.look("2026-11-23T09:15:00Z", EVENING).await;
    assert_eq!(posts.len(), 2);
    // An answer that is lost repeats this one message, and no other.
    watched.free("PC1", "2026-11-28T18:45:00Z");
    watched.workspace.push_fault(Fault::LostAfter, POST, 1);
    let posts = watched.look("2026-11-23T09:20:00Z", EVENING).await;
    assert_eq!(posts.len(), 3);
    let posts = watched.look("2026-11-23T09:25:00Z", EVENING).await;
    assert_eq!((posts.len(), &posts[2]), (4, &posts[3]));
    let posts = watched.look("2026-11-23T09:30:00Z", EVENING).await;
    assert_eq!(posts.len(), 4);
}

#[tokio::test]
async fn one_channel_that_refuses_stops_no_other() {
    let watched = Watched::new();
    let tables = format!(
        "[notify.a]\nchannel = \"C0NOWHERE01\"\n[notify.b]\nchannel = \"{CHANNEL}\"\n{EVENING}"
    );
    assert_eq!(watched.look(NOW, &tables).await.len(), 1);
    assert!(watched.lines().contains("channel_not_found"));
}

#[tokio::test]
async fn quiet_hours_look_on_and_tell_later_what_is_still_true() {
    let watched = Watched::new();
    let tables = format!(
        "[notify.a]\nchannel = \"{CHANNEL}\"\nquiet = \"22:30-07:00\"\n{EVENING}first = \"quiet\"\n"
    );
    watched.look("2026-11-23T22:00:00Z", &tables).await;
    watched.free("PC1", GAME);
    watched.free("PC2", "2026-11-28T18:45:00Z");
    assert!(
        watched
            .look("2026-11-23T23:00:00Z", &tables)
            .await
            .is_empty()
    );
    watched
        .club
        .set_taken("PC2", "2026-11-28T18:45:00Z", 60, true);
    assert!(
        watched
            .look("2026-11-24T06:55:00Z", &tables)
            .await
            .is_empty()
    );
    let posts = watched.look("2026-11-24T07:00:00Z", &tables).await;
    assert!(
        posts.len() == 1 && posts[0].contains("17:45–18:45"),
        "{posts:?}"
    );
}

#[tokio::test]
async fn an_opening_is_told_before_it_comes() {
    let watched = Watched::new();
    let tables = "[[watch]]\nname = \"later\"\ndate = \"2026-12-05\"\nopens = 15\nfirst = \"quiet\"\n\
        site = [\"UB\"]\nactivity = [\"PADEL60\"]\nfrom = \"17:00\"\n";
    let watcher = watched.watcher();
    let now = "2026-11-27T12:00:00Z";
    assert!(watched.look(now, tables).await.is_empty());
    let (ledger, club) = (watched.ledger(), watched.wishes(tables).club);
    let held = ledger.read_state(&club).await.unwrap();
    let state = parse_state(&held.unwrap().text).unwrap();
    let opening = state.unwrap().wishes["later"].openings[0];
    let notice = opening - chrono::TimeDelta::minutes(14);
    let posts = watched.look(&notice.to_rfc3339(), tables).await;
    assert!(posts[0].contains("later: booking opens at"), "{posts:?}");
    // The look after it comes within the minute after the opening, whatever the pause.
    watched.set_now(&(opening - chrono::TimeDelta::minutes(1)).to_rfc3339());
    let holder = watcher.claim().await.unwrap().unwrap();
    let next = watcher
        .look(&holder, &watched.wishes(tables))
        .await
        .unwrap();
    let late = next - opening.timestamp_millis();
    assert!((0..=60_000).contains(&late), "{late} ms after the opening");
}

#[tokio::test]
async fn failures_are_told_once_and_the_portals_wait_is_kept() {
    let watched = Watched::new();
    watched.look(NOW, EVENING).await;
    watched.club.set_fault(Some(ClubFault::Error500));
    for minute in [5, 10, 15, 20] {
        let now = format!("2026-11-23T09:{minute:02}:00Z");
        watched.look(&now, EVENING).await;
    }
    let posts = watched.posts(CHANNEL);
    assert!(
        posts.len() == 2 && posts[1].contains("3 looks failed"),
        "{posts:?}"
    );
    watched.club.set_fault(None);
    let posts = watched.look("2026-11-23T09:25:00Z", EVENING).await;
    assert!(posts[2].contains("looks work again"), "{posts:?}");
    // 403: left alone for half an hour, whoever asks.
    watched.club.set_fault(Some(ClubFault::Every403));
    watched.look("2026-11-23T09:30:00Z", EVENING).await;
    let calls = watched.club.calls().len();
    watched.look("2026-11-23T09:50:00Z", EVENING).await;
    assert_eq!(watched.club.calls().len(), calls, "nothing was asked");
}

#[tokio::test]
async fn no_club_is_asked_twice_within_a_minute_whoever_asks() {
    let watched = Watched::new();
    watched.look(NOW, EVENING).await;
    watched.set_now("2026-11-23T09:00:50Z");
    // As after a crash: the time of the next look is not known.
    let watcher = watched.watcher();
    let holder = watcher.claim().await.unwrap().unwrap();
    watcher
        .look(&holder, &watched.wishes(EVENING))
        .await
        .unwrap();
    assert_eq!(watched.looks(), 1);
    assert_eq!(
        watcher.claim().await.unwrap(),
        Err(millis("2026-11-23T09:01:00Z"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_servers_one_looks() {
    let watched = Watched::new();
    watched.club.never_called();
    let claims = (0..8).map(|_| {
        let watcher = watched.watcher();
        tokio::spawn(async move { watcher.claim().await.unwrap() })
    });
    let mut taken = 0;
    for claim in claims.collect::<Vec<_>>() {
        taken += usize::from(claim.await.unwrap().is_ok());
    }
    assert_eq!(taken, 1);
    // It was killed: another one looks when its time is over.
    let watcher = watched.watcher();
    assert!(watcher.claim().await.unwrap().is_err());
    watched.set_now("2026-11-23T09:03:00Z");
    assert!(watcher.claim().await.unwrap().is_ok());
}

#[tokio::test]
async fn a_run_that_was_too_slow_writes_over_nobody() {
    let watched = Watched::new();
    let wishes = watched.wishes(EVENING);
    let watcher = watched.watcher();
    let holder = watcher.claim().await.unwrap().unwrap();
    // The club answers late, and another process has looked meanwhile.
    watched.club.push_fault(SESSIONS, ClubFault::Drip, 1);
    let (slow, ()) = tokio::join!(watcher.look(&holder, &wishes), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let ledger = watched.ledger();
        assert!(
            ledger
                .write_state(&wishes.club, "{}", 0, millis(NOW))
                .await
                .unwrap()
        );
    });
    assert_eq!(slow, Err(WatchError::Lost));
    assert!(watched.posts(CHANNEL).is_empty());
    let kept = watched.ledger().read_state(&wishes.club).await.unwrap();
    assert_eq!(kept.unwrap().text, "{}");
}

#[tokio::test]
async fn nobody_is_called_by_what_a_wish_or_a_club_is_called() {
    let watched = Watched::new();
    let tables = EVENING.replace("\"evening\"", "\"<!channel> <@U0ANNA00001> & co\"");
    let posts = watched.look(NOW, &tables).await;
    assert!(posts[0].contains("&lt;!channel"), "{posts:?}");
    let messages = watched.workspace.messages(CHANNEL);
    assert!(messages[0].notified.is_empty(), "{messages:?}");
}

#[tokio::test]
async fn a_state_that_is_not_understood_is_a_first_look_and_a_later_one_is_left() {
    let watched = Watched::new();
    let club = watched.wishes(EVENING).club;
    assert!(
        watched
            .ledger()
            .write_state(&club, "{", 0, millis(NOW))
            .await
            .unwrap()
    );
    assert_eq!(watched.look(NOW, EVENING).await.len(), 1);
    assert!(watched.lines().contains("watch_state_lost"));
    let later = "{\"schema\":\"padel.watch.state/v2\",\"state\":{}}";
    assert!(parse_state(later).is_err());
}

#[tokio::test]
async fn a_club_for_members_only_is_said_to_be_one() {
    let watched = Watched::new();
    watched.club.set_fault(Some(ClubFault::Status(401)));
    let mut wishes = watched.wishes(EVENING);
    wishes.targets.truncate(1);
    let now = chrono::DateTime::from_timestamp_millis(millis(NOW)).unwrap();
    let found = preview(&wishes, padel::courts::watch::WatchState::default(), now).await;
    let obstacle = found.unwrap().obstacle.unwrap();
    assert!(obstacle.contains("no member's password"), "{obstacle}");
}

#[tokio::test]
async fn turns_and_versions_are_as_agreed() {
    let watched = Watched::new();
    watched.club.never_called();
    check_turns(&watched.ledger()).await;
    check_state_versions(&watched.ledger()).await;
}

#[test]
fn a_pause_is_a_number_of_minutes() {
    let pause = |value: &'static str| read_pause(&move |_| Some(value.to_owned()));
    assert_eq!(pause("5"), Ok(Duration::from_mins(5)));
    for wrong in ["0", "1441", "5m", "-1"] {
        let error = pause(wrong).unwrap_err();
        assert!(error.to_string().contains("PADEL_WATCH_MINUTES"));
    }
}

#[tokio::test]
async fn wishes_that_are_over_ask_nothing() {
    let watched = Watched::new();
    watched.look(NOW, EVENING).await;
    watched.look("2026-11-30T09:00:00Z", EVENING).await;
    assert_eq!(watched.looks(), 1);
    assert!(watched.lines().contains("watch_over"));
    let calls: Vec<Call> = watched.workspace.calls();
    assert_eq!(calls.len(), 1);
    let lease = Lease {
        holder: "x".to_owned(),
        until: 0,
    };
    let turn = watched.ledger().claim_look(&lease, millis(NOW)).await;
    assert_eq!(turn.unwrap(), Turn::Taken);
}
