//! `padel login`: a member who is signed in.

use std::io::{Result, Write};

use serde::Serialize;

use super::{
    json::{format_at_club, write_document},
    report::Report,
    style::Style,
};
use crate::{config::Club, gladstone::SignedIn, local, text, zone::Zone};

/// A member who is signed in.
pub struct LoginReport {
    pub club: Club,
    pub zone: Zone,
    pub signed_in: SignedIn,
    pub warnings: Vec<String>,
}

/// `padel.login/v1`
#[derive(Serialize)]
struct LoginV1<'a> {
    schema: &'static str,
    club: String,
    user: &'a str,
    source: &'a str,
    until: String,
    already: bool,
}

impl Report for LoginReport {
    fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn write_table(&self, _: Style, out: &mut dyn Write) -> Result<()> {
        let SignedIn {
            user,
            source,
            since,
            until,
            already,
        } = &self.signed_in;
        let until = local::format_moment(until.with_timezone(&self.zone));
        let since = local::format_clock(since.with_timezone(&self.zone));
        let (begins, ends) = if *already {
            (
                format!(" since {since},"),
                "; the club was not asked again (to ask it, run `padel logout`, then `padel \
                    login`)",
            )
        } else {
            (String::new(), "")
        };
        writeln!(
            out,
            "signed in at {} as {user}{begins} until {until} (credentials from {}){ends}",
            self.club.name(),
            text::line(source, 400)
        )
    }

    fn write_json(&self, out: &mut dyn Write) -> Result<()> {
        let document = LoginV1 {
            schema: "padel.login/v1",
            club: self.club.name(),
            user: &self.signed_in.user,
            source: &self.signed_in.source,
            until: format_at_club(self.signed_in.until, self.zone),
            already: self.signed_in.already,
        };
        write_document(&document, out)
    }
}
