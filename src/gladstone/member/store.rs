//! What is kept between calls for a pair of credentials, sealed: the session, and notes of
//! passwords that were sent. What is kept for others stays as it is.

use serde::de::{DeserializeOwned, IgnoredAny};
use tokio::time::{Duration, Instant, sleep};

use super::{note::Note, sealed::Sealed, session::MemberSession};
use crate::{
    config::Credentials,
    gladstone::{
        cache::{Draft, Turn},
        context::PortalContext,
        failure::Failure,
    },
};

/// The file with the sessions.
pub(super) const SESSIONS: &str = "member";
/// The file with the notes. Not the same: forgetting the session must not forget those.
const NOTES: &str = "refusal";
/// So many members share a file: each pair that nobody opens costs a few milliseconds.
const MOST_SESSIONS: usize = 4;
/// So many pairs that brought no session are remembered. More in ten minutes are no member's.
const MOST_NOTES: usize = 32;
/// Interval of looking whether another process has signed in.
const TURN_INTERVAL: Duration = Duration::from_millis(25);
/// So much longer than an open note its outcome may be: on a full disk it is written over that.
/// An outcome holds texts of a few hundred bytes, sealed and in base64.
const ROOM_FOR_OUTCOME: usize = 4096;

pub(super) struct MemberStore<'a> {
    context: &'a PortalContext,
    credentials: &'a Credentials,
}

impl<'a> MemberStore<'a> {
    pub(super) fn new(context: &'a PortalContext, credentials: &'a Credentials) -> Self {
        Self {
            context,
            credentials,
        }
    }

    /// Returns the session that can still be used.
    pub(super) fn kept_session(&self) -> Option<MemberSession> {
        let all = self.read_file(SESSIONS);
        let mut current = all.iter().filter(|sealed| self.is_current(sealed));
        let session: MemberSession = current.find_map(|sealed| self.open_own(sealed))?;
        session.is_fresh(self.context.now).then_some(session)
    }

    /// Keeps a session, or none.
    pub(super) fn keep_session(&self, session: Option<&MemberSession>) {
        let sealed = session.and_then(|session| {
            Sealed::new(
                session,
                session.ends,
                self.credentials,
                self.context.cache.base_url(),
            )
        });
        self.replace_own(SESSIONS, sealed, None, MOST_SESSIONS);
    }

    /// Returns the notes of all pairs.
    pub(super) fn all_notes(&self) -> Vec<Sealed> {
        self.read_file(NOTES)
    }

    /// Returns the note of this pair that holds it back now, none of `overlooked`. Open notes, to
    /// which no answer came so far, count if `count_open`.
    pub(super) fn blocking_note(
        &self,
        overlooked: &[Sealed],
        count_open: bool,
    ) -> Result<Option<Note>, Failure> {
        let all = self.read_file(NOTES);
        let counting = all
            .iter()
            .filter(|sealed| !overlooked.contains(sealed) && self.is_current(sealed));
        let notes: Vec<Note> = counting
            .filter_map(|sealed| self.open_own(sealed))
            .collect();
        if notes.is_empty() {
            // Most calls need no profile for this.
            return Ok(None);
        }
        let request = self.login_request()?;
        let counting = notes.into_iter().filter(|note| {
            (count_open || !note.is_open()) && note.blocks_request(&request, self.context.now)
        });
        Ok(counting.max_by_key(|note| note.at))
    }

    /// Prepares the note that the pair is about to be sent, and returns it as it will be kept.
    pub(super) fn draft_open_note(&self) -> Result<Option<(Draft, Sealed)>, Failure> {
        let note = Note::before_sending(self.login_request()?, self.context.now);
        let draft = self.draft_note(&note)?;
        Ok(draft.map(|(draft, sealed)| (draft.with_room(ROOM_FOR_OUTCOME), sealed)))
    }

    /// Keeps what came of the pair: it is not sent again for a while.
    pub(super) fn keep_outcome(&self, failure: &Failure) -> Result<Note, Failure> {
        let note = Note::of(failure, self.login_request()?, self.context.now);
        if let Some((draft, _)) = self.draft_note(&note)? {
            draft.keep();
        }
        Ok(note)
    }

    /// Forgets the notes of this pair; `open` also where there is no memory left to open it.
    pub(super) fn forget_notes(&self, open: Option<&Sealed>) {
        self.replace_own(NOTES, None, open, MOST_NOTES);
    }

    /// Returns the file of notes with this one in place of what was noted of the same pair and
    /// request, and what is new in it.
    fn draft_note(&self, note: &Note) -> Result<Option<(Draft, Sealed)>, Failure> {
        let request = self.login_request()?;
        let mut all = self.read_file(NOTES);
        all.retain(|sealed| {
            self.is_current(sealed)
                && !self
                    .open_own(sealed)
                    .is_some_and(|old: Note| old.is_replaced_for(&request))
        });
        let base = self.context.cache.base_url();
        let Some(new) = Sealed::new(note, note.blocked_until(), self.credentials, base) else {
            return Ok(None);
        };
        all.insert(0, new.clone());
        all.truncate(MOST_NOTES);
        Ok(self
            .context
            .cache
            .draft(NOTES, &all)
            .map(|draft| (draft, new)))
    }

    /// Waits until no other process signs in, if need be until the caller's deadline.
    pub(super) async fn wait_for_turn(&self) -> Turn {
        // The deadline cuts off the wait for an answer, and a second later the process ends.
        let deadline = self.context.transport.deadline();
        let longest = deadline.saturating_duration_since(Instant::now()) + Duration::from_secs(1);
        loop {
            match self.context.cache.take_turn(SESSIONS, longest) {
                Some(turn) => return turn,
                None => sleep(TURN_INTERVAL).await,
            }
        }
    }

    /// Takes the turn for no more than a moment; `None` where another process has it.
    pub(super) fn take_free_turn(&self) -> Option<Turn> {
        self.context.cache.take_turn(SESSIONS, TURN_INTERVAL)
    }

    fn read_file(&self, kind: &str) -> Vec<Sealed> {
        self.context.cache.read(kind).unwrap_or_default()
    }

    /// Keeps something for this pair, or nothing, in place of what was kept for it. `own` goes also
    /// where there is no memory left to open it.
    fn replace_own(&self, kind: &str, new: Option<Sealed>, own: Option<&Sealed>, most: usize) {
        let cache = &self.context.cache;
        let mut all = self.read_file(kind);
        let before = all.len();
        all.retain(|sealed| own != Some(sealed) && self.open_own::<IgnoredAny>(sealed).is_none());
        if new.is_none() && all.len() == before {
            return;
        }
        all.splice(..0, new);
        all.truncate(most);
        if all.is_empty() {
            cache.forget(kind);
        } else {
            cache.write(kind, &all);
        }
    }

    fn open_own<T: DeserializeOwned>(&self, sealed: &Sealed) -> Option<T> {
        sealed.open(self.credentials, self.context.cache.base_url())
    }

    /// Returns `true` for what has not ended yet.
    fn is_current(&self, sealed: &Sealed) -> bool {
        sealed.ends.is_none_or(|ends| self.context.now < ends)
    }

    /// Returns how the profile signs in, to compare.
    fn login_request(&self) -> Result<String, Failure> {
        let profile = self.context.profile()?;
        Ok(format!("{:?} {:?}", profile.login, profile.token))
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use chrono_tz::Europe::London;
    use toml::Table;

    use super::*;
    use crate::{
        config::{Club, Environment},
        gladstone::{cache::Cache, transport::Transport},
        log::Log,
        zone::Zone,
    };

    #[test]
    fn an_open_note_keeps_room_for_its_outcome() {
        let dir = tempfile::tempdir().unwrap();
        let club: Club = "http://127.0.0.1:9".parse().unwrap();
        let (zone, now, log) = (Zone::compiled(London), DateTime::UNIX_EPOCH, Log(0));
        let (env, deadline) = (Environment::default(), Instant::now());
        let transport = Transport::new(&club, &env, zone, now, deadline, log).unwrap();
        let files = dir.path().join("padel");
        let cache = Cache::new(Some(files.clone()), club.base(), log);
        let context = PortalContext::new(transport, cache, zone, now, log, &Table::new()).unwrap();
        let credentials = Credentials::typed("alex".into(), "secret".into());
        let store = MemberStore::new(&context, &credentials);
        let length = || {
            let mut files = std::fs::read_dir(&files).unwrap();
            files.next().unwrap().unwrap().metadata().unwrap().len()
        };
        assert!(store.draft_open_note().unwrap().unwrap().0.keep());
        let open = length();
        let long = "…".repeat(160);
        let failure = Failure::changed("/api/samlauthentication/login", &long, &long, "");
        store.keep_outcome(&failure).unwrap();
        assert!(length() < open, "{} of {open}", length());
    }
}
