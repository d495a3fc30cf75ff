//! The club's sites and activities.

mod kept;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

pub(super) use self::kept::Shelf;
use super::{
    failure::Failure,
    json::{Bad, Item, Text, elements, place, warnings},
    transport::Reply,
};

/// The sites' query.
pub(super) const SITES_QUERY: [(&str, &str); 2] = [
    ("includeFacilitiesAndAmenities", "true"),
    ("isActive", "true"),
];

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

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Wire<'a> {
    id: Text<'a>,
    name: Text<'a>,
    description: Text<'a>,
}

/// Reads the sites.
pub(super) fn sites(reply: &Reply, host: &str) -> Result<(Vec<Site>, Vec<String>), Failure> {
    read(reply, host, |wire| Site {
        id: wire.id.clean(),
        name: wire.name.clean(),
    })
}

/// Reads the activities. One without words is told: whether it is of the sport that is asked for
/// cannot be known.
pub(super) fn activities(
    reply: &Reply,
    host: &str,
) -> Result<(Vec<Activity>, Vec<String>), Failure> {
    let (activities, mut warnings) = read(reply, host, |wire| Activity {
        id: wire.id.clean(),
        name: wire.name.clean(),
        description: crate::text::line(&wire.description.0, 200),
    })?;
    let is_wordless =
        |activity: &&Activity| activity.name.is_empty() && activity.description.is_empty();
    match activities.iter().filter(is_wordless).count() {
        0 => {}
        count => warnings.push(format!(
            "{count} of the club's activities without a name: of which sport is not known"
        )),
    }
    Ok((activities, warnings))
}

/// The first entry of each id that survives cleaning: one that does not could not be sent back as
/// it came.
fn read<T>(
    reply: &Reply,
    host: &str,
    of: impl Fn(Wire<'_>) -> T,
) -> Result<(Vec<T>, Vec<String>), Failure> {
    let mut repaired = Vec::new();
    let elements: Vec<Item<Wire<'_>>> = elements(reply, host, &mut repaired)?;
    let (mut good, mut bad, mut known) = (Vec::new(), Bad::of(reply), HashSet::new());
    for (index, element) in elements.into_iter().enumerate() {
        match element.0 {
            None => bad.push(place(index, ""), "expected an object"),
            Some(wire) if wire.id.0.is_empty() || wire.id.clean() != wire.id.0 => {
                bad.push(place(index, "id"), "no printable id");
            }
            Some(wire) if known.insert(wire.id.0.to_string()) => good.push(of(wire)),
            Some(_) => {}
        }
    }
    let warnings = warnings(&reply.endpoint, &bad, good.is_empty())?;
    Ok((good, warnings))
}
