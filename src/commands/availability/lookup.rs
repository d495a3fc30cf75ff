//! Asks the portal first and checks afterwards: what looks like an id is looked up in the catalogue
//! only where the portal listed nothing for it, or where nothing is free.

use chrono::{DateTime, Utc};

use crate::{
    commands::selection::{Selection, SelectionError, Trust, are_ids, select_ids},
    config::{Settings, Sourced},
    courts::{Answer, Query, Slot, answer_query},
    error::{Code, Error},
    gladstone::{Failure, ListedSlots, Portal, Range},
    output::AskedIds,
    sort::sort_by,
    text,
};

/// The most courts that an error lists.
const NAMED: usize = 12;

/// A question to the portal.
pub(super) struct Lookup<'a> {
    pub(super) portal: &'a Portal,
    pub(super) settings: &'a Settings,
    pub(super) query: &'a Query,
    pub(super) ranges: &'a [Range],
    pub(super) now: DateTime<Utc>,
}

/// The portal's slots for the ids that were asked for.
struct Asked {
    selection: Selection,
    sessions: ListedSlots,
    /// The ids for which it listed something: they need no catalogue.
    trust: Trust,
}

impl Lookup<'_> {
    /// Answers the query with what was asked for, and adds doubts about the answer to `warnings`.
    pub(super) async fn answer(
        &self,
        warnings: &mut Vec<String>,
    ) -> Result<(Answer, AskedIds), SelectionError> {
        let mut asked = self
            .ask(select_ids(self.portal, self.settings, Trust::IDS).await?)
            .await?;
        if asked.trust != Trust::IDS
            && let Some(again) = self.check(&asked, warnings).await?
        {
            asked = again;
        }
        let mut doubts = Vec::new();
        let mut answer = self.answer_from(&mut asked.sessions, &mut doubts)?;
        // An activity may be new, or have another id by now: "nothing" rests on no catalogue that
        // an earlier call kept, be it of one activity whose id is from there.
        let mut ids = asked.selection.activities.iter();
        let is_doubtful = !are_ids(&self.settings.activities.value)
            && !ids.all(|id| asked.sessions.activities.contains(id));
        if (answer.summary.free == 0 || is_doubtful)
            && self.portal.distrust_kept()
            && let Some(again) = self.check(&asked, warnings).await?
        {
            asked = again;
            doubts.clear();
            answer = self.answer_from(&mut asked.sessions, &mut doubts)?;
        }
        warnings.append(&mut doubts);
        warnings.extend(self.portal.gaps());
        warnings.extend(asked.sessions.warnings());
        let Selection { sites, activities } = asked.selection;
        let chosen = |wanted: &Sourced<Vec<String>>, ids: Vec<String>| {
            if wanted.value.is_empty() {
                Vec::new()
            } else {
                ids
            }
        };
        let ids = AskedIds {
            sites: chosen(&self.settings.sites, sites),
            activities: chosen(&self.settings.activities, activities),
            groups: asked.sessions.groups,
            ..AskedIds::default()
        };
        Ok((answer, ids))
    }

    async fn ask(&self, selection: Selection) -> Result<Asked, Failure> {
        let Selection { sites, activities } = &selection;
        let sessions = self
            .portal
            .list_slots(sites, activities, self.ranges)
            .await?;
        let has_slots = |site: &String| {
            let mut slots = sessions.slots.iter();
            slots.any(|slot| slot.listing.site_id == *site)
        };
        let is_listed = |id: &String| sessions.activities.contains(id);
        let (wanted_sites, wanted_activities) = (&self.settings.sites, &self.settings.activities);
        let trust = Trust {
            sites: wanted_sites.value.is_empty() || sites.iter().all(has_slots),
            activities: wanted_activities.value.is_empty() || activities.iter().all(is_listed),
        };
        Ok(Asked {
            selection,
            sessions,
            trust,
        })
    }

    /// Looks up in the catalogue what was not listed, and asks again where other ids are meant;
    /// `None` where none are.
    async fn check(
        &self,
        asked: &Asked,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Asked>, SelectionError> {
        match select_ids(self.portal, self.settings, asked.trust).await {
            Ok(selection) if selection != asked.selection => Ok(Some(self.ask(selection).await?)),
            Ok(_) => Ok(None),
            // Without a catalogue there is nothing to check against, and the answer is what the
            // portal says.
            Err(SelectionError::Failed(failure)) => {
                warnings.push(format!(
                    "the catalogue could not be looked up ({failure}): the club may not have all \
                        that was asked for"
                ));
                Ok(None)
            }
            Err(unknown) if asked.sessions.activities.is_empty() => Err(unknown),
            Err(SelectionError::Unknown(unknown)) => {
                warnings.push(format!("{}: {}", unknown.message, unknown.hint));
                Ok(None)
            }
        }
    }

    /// Answers the query from the slots that the portal listed, which it takes.
    fn answer_from(
        &self,
        sessions: &mut ListedSlots,
        doubts: &mut Vec<String>,
    ) -> Result<Answer, SelectionError> {
        self.check_courts(&sessions.slots)?;
        let answer = answer_query(std::mem::take(&mut sessions.slots), self.query, self.now);
        // A portal may answer with whole days or weeks: that costs nothing, unless a day that was
        // asked for is not among them.
        let mut dates = self.query.dates();
        let has_all_days = dates.all(|date| answer.listed.contains_key(&date));
        match answer.out_of_span {
            0 => {}
            _ if has_all_days => {}
            1 => doubts.push("1 slot left out: it is on a day that you did not ask for".to_owned()),
            count => doubts.push(format!(
                "{count} slots left out: they are on days that you did not ask for"
            )),
        }
        if !answer.complete {
            let doubt = "some slots are missing: the club's can be joined in too many ways; ask \
                for fewer days";
            doubts.push(doubt.to_owned());
        }
        Ok(answer)
    }

    /// Refuses a court that none of the listed ones is called.
    fn check_courts(&self, slots: &[Slot]) -> Result<(), SelectionError> {
        let is_known = |name: &String| slots.iter().any(|slot| slot.listing.is_called(name));
        let mut names = self.query.courts.iter();
        let Some(name) = names.find(|name| !slots.is_empty() && !is_known(name)) else {
            return Ok(());
        };
        let courts = slots.iter().map(|slot| &*slot.listing.court);
        let mut courts: Vec<&str> = courts.collect();
        sort_by(&mut courts, Ord::cmp);
        courts.dedup();
        let shown = printable::line(name, text::NAME);
        let message = format!("no court that was asked about is called `{shown}`");
        let count = courts.len();
        courts.truncate(NAMED);
        let more = count - courts.len();
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let hint = format!("these are listed: {}{more}", courts.join(", "));
        Err(SelectionError::Unknown(Error::new(
            Code::NotFound,
            message,
            hint,
        )))
    }
}
