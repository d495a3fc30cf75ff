//! The portal's answers without a portal, for the fuzz targets.

use std::sync::OnceLock;

use chrono::DateTime;
use serde_json::Value;
use toml::Table;

use super::{
    Profile, availability, body::Intake as _, bookings, catalogue, cookies::Received,
    json::cut_array, transport::Reply,
};
use crate::{
    courts::{Booking, Slot},
    log::Log,
    zone::Zone,
};

/// The slots of an answer.
pub(crate) fn slots(body: &[u8]) -> Vec<Slot> {
    let question = availability::Question {
        sites: &[],
        activities: &[],
        now: DateTime::UNIX_EPOCH,
    };
    let mut answer = availability::AnswerReader::new(&question);
    answer.push(body);
    let listed = answer.finish(&reply(&[]), "club.example");
    listed.map(|listed| listed.slots).unwrap_or_default()
}

/// The elements of an answer that arrives in pieces of these sizes, or what is said of it.
pub(crate) fn elements(body: &[u8], sizes: &[usize]) -> Result<Vec<Value>, String> {
    cut_array(&reply(body), sizes).map_err(|failure| failure.to_string())
}

/// The bookings of an answer.
pub(crate) fn booked(body: &[u8], zone: Zone) -> Vec<Booking> {
    static PROFILE: OnceLock<Option<Profile>> = OnceLock::new();
    let Some(profile) = PROFILE.get_or_init(|| Profile::new(&Table::new()).ok()) else {
        return Vec::new();
    };
    bookings::read_bookings(&reply(body), &profile.bookings, zone)
        .map(|read| read.0)
        .unwrap_or_default()
}

/// The texts of a catalogue.
pub(crate) fn names(body: &[u8]) -> Vec<String> {
    let reply = reply(body);
    let sites = catalogue::read_sites(&reply, "club.example")
        .map(|read| read.0)
        .unwrap_or_default();
    let activities = catalogue::read_activities(&reply, "club.example")
        .map(|read| read.0)
        .unwrap_or_default();
    let sites = sites.into_iter().flat_map(|site| [site.id, site.name]);
    sites
        .chain(
            activities
                .into_iter()
                .flat_map(|one| [one.id, one.name, one.description]),
        )
        .collect()
}

fn reply(body: &[u8]) -> Reply {
    let (endpoint, landed) = ("/fuzz".to_owned(), "/fuzz".to_owned());
    Reply {
        endpoint,
        body: body.to_vec(),
        cookies: Received::default(),
        landed,
        date: None,
        log: Log(0),
    }
}
