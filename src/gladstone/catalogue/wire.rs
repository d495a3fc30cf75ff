//! The catalogue's JSON. The first entry of each id counts.

use std::collections::HashSet;

use json_cursor::{Cursor, Read, Shape};

use super::{Activity, Site};
use crate::{
    gladstone::{
        failure::Failure,
        json::{Elements, Skipped, Text, element_path, left_out},
        transport::Reply,
    },
    text,
};

#[derive(Default)]
struct Wire<'a> {
    id: Text<'a>,
    name: Text<'a>,
    description: Text<'a>,
}

impl<'a> Shape<'a> for Wire<'a> {
    fn read_field(&mut self, key: &[u8], cursor: &mut Cursor<'a>) -> Read<()> {
        match key {
            b"id" => self.id = Text::read(cursor)?,
            b"name" => self.name = Text::read(cursor)?,
            b"description" => self.description = Text::read(cursor)?,
            _ => drop(cursor.skip()?),
        }
        Ok(())
    }
}

/// Reads the sites.
pub(crate) fn read_sites(reply: &Reply, host: &str) -> Result<(Vec<Site>, Vec<String>), Failure> {
    read(reply, host, "the club's sites", |wire| Site {
        id: wire.id.clean_name(),
        name: wire.name.clean_name(),
    })
}

/// Reads the activities. One without words is told: whether it is of the sport that is asked for
/// cannot be known.
pub(crate) fn read_activities(
    reply: &Reply,
    host: &str,
) -> Result<(Vec<Activity>, Vec<String>), Failure> {
    let (activities, mut warnings) = read(reply, host, "the club's activities", |wire| Activity {
        id: wire.id.clean_name(),
        name: wire.name.clean_name(),
        description: text::line(&wire.description.0, 200),
    })?;
    let wordless = activities
        .iter()
        .filter(|activity| activity.name.is_empty() && activity.description.is_empty());
    match wordless.count() {
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
    list: &str,
    of: impl Fn(Wire<'_>) -> T,
) -> Result<(Vec<T>, Vec<String>), Failure> {
    let (mut good, mut skipped, mut known) = (Vec::new(), Skipped::default(), HashSet::new());
    let mut take = |index, cursor: &mut Cursor<'_>| {
        match cursor.item::<Wire<'_>>()? {
            None => skipped.push(element_path(index, ""), "expected an object"),
            Some(wire) if wire.id.0.is_empty() || wire.id.clean_name() != wire.id.0 => {
                skipped.push(element_path(index, "id"), "no printable id");
            }
            Some(wire) if known.insert(wire.id.0.to_string()) => good.push(of(wire)),
            Some(_) => {}
        }
        Ok(())
    };
    let mut elements = Elements::new();
    elements.push(&reply.body, &mut take);
    elements.finish(reply, host, &mut take)?;
    let warning = left_out(list, skipped.count(reply, good.is_empty())?);
    Ok((good, warning.into_iter().collect()))
}
