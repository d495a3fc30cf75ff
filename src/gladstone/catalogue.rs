//! The club's sites and activities.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{
    failure::Failure,
    lenient::{Elements, Text, elements, warnings},
    transport::Reply,
};

/// Path of the sites' request. Seen with one public client.
pub(super) const SITES: &str = "/api/configuration/sites";
/// The sites' query.
pub(super) const SITES_QUERY: [(&str, &str); 2] = [("includeFacilitiesAndAmenities", "true"), ("isActive", "true")];
/// Path of the activities' request. Confirmed by several public clients.
pub(super) const ACTIVITIES: &str = "/api/search/activities/";

/// A site of the club.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Such as `UB` or `14`.
    pub id: String,
    /// One printable line; may be empty.
    pub name: String,
}

/// Something that can be booked; each duration is an activity of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// Case-sensitive, such as `149A001015`.
    pub id: String,
    /// One printable line; may be empty.
    pub name: String,
    /// One printable line; may be empty.
    pub description: String,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(borrow, default)]
    description: Text<'a>,
}

/// Reads the sites.
pub(super) fn sites(reply: &Reply, host: &str) -> Result<(Vec<Site>, Vec<String>), Failure> {
    let (wires, warnings) = read(reply, host)?;
    Ok((wires.into_iter().map(|wire| Site { id: wire.id.clean(), name: wire.name.clean() }).collect(), warnings))
}

/// Reads the activities.
pub(super) fn activities(reply: &Reply, host: &str) -> Result<(Vec<Activity>, Vec<String>), Failure> {
    let (wires, warnings) = read(reply, host)?;
    let activity = |wire: Wire<'_>| Activity {
        id: wire.id.clean(),
        name: wire.name.clean(),
        description: crate::text::line(&wire.description.0, 200),
    };
    Ok((wires.into_iter().map(activity).collect(), warnings))
}

/// The first entry of each id that survives cleaning: one that does not could not be sent back as it came.
fn read<'a>(reply: &'a Reply, host: &str) -> Result<(Vec<Wire<'a>>, Vec<String>), Failure> {
    let Elements { good, bad } = elements::<Wire<'_>>(reply, host)?;
    let warnings = warnings(&reply.endpoint, &bad, good.is_empty())?;
    let mut known = HashSet::new();
    let mut usable =
        |wire: &Wire<'_>| !wire.id.0.is_empty() && wire.id.clean() == wire.id.0 && known.insert(wire.id.0.to_string());
    Ok((good.into_iter().map(|(_, wire)| wire).filter(&mut usable).collect(), warnings))
}
