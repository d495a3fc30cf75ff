//! One look, from the lock to the last message.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diagnostic::ErrorCode as _;

use super::{
    deliver::{Message, PATIENCE, deliver},
    next_look,
    observe::{Look, Observed, Observer},
    store::Store,
    wishes::{Plan, STDOUT},
};
use crate::{
    cli::{self, Global},
    commands::{Tell, watchdog::Watchdog},
    config::{Environment, Settings, cache_dir},
    courts::watch::{Event, News, WatchState},
    error::{Code, Error},
    log::Log,
    output::watch::{LookSummary, Place, Sent, ToldEvent, WatchReport},
    sort::sort_by_key,
};

/// Everything that lasts from look to look.
pub(super) struct Watcher<'a> {
    pub(super) args: &'a cli::Watch,
    pub(super) global: &'a Global,
    pub(super) env: &'a Environment,
    pub(super) settings: Settings,
    pub(super) plan: Plan,
    pub(super) store: Store,
    /// The warnings of the last look: a loop says each of them once.
    pub(super) said: Vec<String>,
}

/// What came of a look.
pub(super) enum Looked {
    /// Another process has the state file.
    Locked,
    /// The last look was less than a minute ago.
    Soon(DateTime<Utc>),
    /// The portal is not to be asked yet.
    Waiting { until: DateTime<Utc>, error: Error },
    /// No wish is left.
    Over,
    /// It was made, and told.
    Done {
        has_events: bool,
        /// The look's own failure.
        failure: Option<Error>,
        /// No later look can work.
        is_final: bool,
        /// A target that did not take its message.
        undelivered: Option<Error>,
        next: DateTime<Utc>,
    },
}

impl Watcher<'_> {
    /// Looks, if that may be done now.
    ///
    /// # Errors
    ///
    /// Those of the state file, of a wrong setting, and of stdout.
    pub(super) async fn look(&mut self, tell: &Tell<'_>) -> Result<Looked, Error> {
        let seconds = Duration::from_secs(self.global.timeout);
        let targets = u32::try_from(self.plan.targets.len()).unwrap_or(u32::MAX);
        let longest = seconds + PATIENCE.saturating_mul(targets.saturating_add(1));
        let Some(_turn) = self.store.lock(longest)? else {
            return Ok(Looked::Locked);
        };
        let mut warnings = Vec::new();
        let mut state = self.store.load(&mut warnings)?;
        let now = self.env.now()?;
        let look = match self.observe(&mut state, now).await? {
            Observed::Over => return Ok(Looked::Over),
            Observed::Soon(at) => return Ok(Looked::Soon(at)),
            Observed::Waiting { until, error } => return Ok(Looked::Waiting { until, error }),
            Observed::Looked(look) => *look,
        };
        let Look {
            news,
            place,
            failure,
            is_complete,
            requests,
            asked,
            ..
        } = look;
        warnings.extend(look.warnings);
        if !self.args.dry_run {
            self.store.save(&state)?;
        }
        let Delivered {
            mut events,
            faults,
            printed,
        } = self.deliver_all(&mut state, &news, &place, now).await?;
        warnings.extend(faults.iter().map(|(name, fault)| {
            format!("`{name}` did not take its message: {fault}; it gets it again at the next look")
        }));
        let names: Vec<String> = faults.into_iter().map(|(name, _)| name).collect();
        let next = self.choose_next(&state, now);
        let is_loop = !(self.args.once || self.args.dry_run);
        let wishes = self.plan.wishes.iter();
        let over = wishes.filter(|wish| !asked.contains(&wish.name));
        sort_by_key(&mut events, |told| told.event.at);
        let has_events = !events.is_empty();
        if let Some(failed) = failure.as_ref().filter(|_| is_loop) {
            warnings.push(format!("this look failed: {}", failed.error.message));
        }
        let all = warnings.clone();
        if is_loop {
            warnings.retain(|warning| !self.said.contains(warning));
        }
        self.said = all;
        let report = WatchReport {
            look: LookSummary {
                at: now,
                look: state.looks,
                is_complete,
                watches: asked.len(),
                over: over.map(|wish| wish.name.clone()).collect(),
                free: state.count_free(&asked),
                pending: state.count_waiting() - count_only(&state, STDOUT),
                requests,
                failures: state.failures,
                next_look_at: is_loop.then_some(next),
                error: failure.as_ref().map(|failed| {
                    let error = &failed.error;
                    (error.code.name().to_owned(), error.message.clone())
                }),
            },
            place,
            events,
            warnings,
            failure: None,
        };
        tell(Box::new(report))?;
        if !self.args.dry_run && !printed.is_empty() {
            state.record_delivered(STDOUT, &printed, now);
            self.store.save(&state)?;
        }
        let is_final = failure.as_ref().is_some_and(|failed| failed.is_final);
        Ok(Looked::Done {
            has_events,
            failure: failure.map(|failed| failed.error),
            is_final,
            undelivered: (!names.is_empty()).then(|| undelivered(&names)),
            next,
        })
    }

    /// Asks the club, if that may be done now.
    async fn observe(
        &mut self,
        state: &mut WatchState,
        now: DateTime<Utc>,
    ) -> Result<Observed, Error> {
        let _watchdog = Watchdog::new(self.global.timeout);
        let told = self.plan.list_used();
        let cache = (!self.global.no_cache).then(|| cache_dir(self.env));
        let mut observer = Observer {
            settings: &mut self.settings,
            wishes: &self.plan.wishes,
            told: &told,
            env: self.env,
            seconds: self.global.timeout,
            cache: cache.flatten(),
            log: Log(self.global.verbose),
        };
        observer.look(state, now).await
    }

    /// Sends to each target what waits for it. The state is written after each, so that nothing is
    /// sent twice that was taken.
    async fn deliver_all(
        &self,
        state: &mut WatchState,
        news: &News,
        place: &Place,
        now: DateTime<Utc>,
    ) -> Result<Delivered, Error> {
        let mut events: Vec<ToldEvent> = news
            .events
            .iter()
            .map(|(event, _)| ToldEvent {
                event: event.clone(),
                sent: Vec::new(),
            })
            .collect();
        let (mut faults, mut printed) = (Vec::new(), Vec::new());
        for target in &self.plan.targets {
            let due = state.list_due(&target.name, news);
            if due.is_empty() {
                continue;
            }
            let is_quiet = target
                .quiet
                .is_some_and(|quiet| quiet.covers(now, place.zone));
            let sent = if self.args.dry_run {
                Sent::DryRun
            } else if target.name == STDOUT {
                printed.clone_from(&due);
                Sent::Sent
            } else if is_quiet {
                Sent::Quiet
            } else {
                let message = Message {
                    events: &due,
                    place,
                    text: None,
                };
                match deliver(target, &message, self.env).await {
                    Ok(()) => {
                        state.record_delivered(&target.name, &due, now);
                        self.store.save(state)?;
                        Sent::Sent
                    }
                    Err(fault) => {
                        faults.push((target.name.clone(), fault));
                        Sent::Waiting
                    }
                }
            };
            for event in due {
                note_sent(&mut events, event, &target.name, sent);
            }
        }
        Ok(Delivered {
            events,
            faults,
            printed,
        })
    }

    fn choose_next(&self, state: &WatchState, now: DateTime<Utc>) -> DateTime<Utc> {
        let every = chrono::TimeDelta::from_std(self.args.every).unwrap_or_default();
        next_look(state, &self.plan.wishes, every, fastrand::f64(), now)
    }
}

/// What became of all messages.
struct Delivered {
    events: Vec<ToldEvent>,
    /// The targets that did not take theirs, and why.
    faults: Vec<(String, String)>,
    /// What the look's own output delivers.
    printed: Vec<Event>,
}

/// Notes what became of an event, also of one of an earlier look.
fn note_sent(events: &mut Vec<ToldEvent>, event: Event, target: &str, sent: Sent) {
    let known = events.iter_mut().find(|told| told.event == event);
    if let Some(told) = known {
        told.sent.push((target.to_owned(), sent));
        return;
    }
    // What waited before is no news, until it is sent.
    if matches!(sent, Sent::Sent) {
        let sent = vec![(target.to_owned(), sent)];
        events.push(ToldEvent { event, sent });
    }
}

/// Counts the events that wait for this target alone.
fn count_only(state: &WatchState, target: &str) -> usize {
    let waiting = state.outbox.iter();
    waiting
        .filter(|waiting| waiting.to.iter().all(|name| name == target))
        .count()
}

/// Makes the error of messages that were not taken.
pub(super) fn undelivered(targets: &[String]) -> Error {
    let names = targets.join("`, `");
    let message = format!("`{names}` did not take the message");
    let hint = "`padel watch --test` tries every target; what waits is sent again at the next look";
    Error::new(Code::NotDelivered, message, hint).with("targets", targets.to_vec())
}
