//! `padel activities`: the club's catalogue.

use std::io::{Result, Write};

use serde::Serialize;

use super::{
    escape::{escape, escape_code, escape_name},
    grid::{join_in_lines, write_aside, write_rows, write_section},
    json::{SiteV1, write_document},
    report::Report,
    style::{BOLD, Style},
};
use crate::config::Club;

/// The club's catalogue.
pub struct ActivitiesReport {
    pub club: Club,
    /// The sites that were looked at.
    pub sites: Vec<CatalogueEntry>,
    /// The activities to show.
    pub activities: Vec<CatalogueEntry>,
    /// Number of activities beyond, which `--all` shows.
    pub more: usize,
    pub sport: String,
    /// Gaps in the portal's answers.
    pub warnings: Vec<String>,
}

pub struct CatalogueEntry {
    /// The id for `config.toml`.
    pub id: String,
    /// One printable line; may be empty.
    pub name: String,
    /// One printable line; may be empty.
    pub description: String,
    /// `true` if `padel availability` asks for it with the settings in force.
    pub used: bool,
}

/// `padel.activities/v1`
#[derive(Serialize)]
struct ActivitiesV1<'a> {
    schema: &'static str,
    club: String,
    sport: &'a str,
    sites: Vec<SiteV1<'a>>,
    activities: Vec<ActivityV1<'a>>,
    more: usize,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct ActivityV1<'a> {
    id: &'a str,
    name: &'a str,
    description: &'a str,
    used: bool,
}

impl ActivitiesReport {
    /// The lines for `config.toml` that keep what is in use now, and make every call one request. A
    /// list of nothing would mean everything: it is left out.
    fn config_lines(&self) -> String {
        let mut lines = format!("club = {:?}\n", self.club.setting());
        for (key, entries) in [("sites", &self.sites), ("activities", &self.activities)] {
            let used = entries.iter().filter(|entry| entry.used);
            let ids: Vec<&str> = used.map(|entry| entry.id.as_str()).collect();
            if !ids.is_empty() {
                lines.push_str(&format!("{key} = {ids:?}\n"));
            }
        }
        lines
    }
}

impl Report for ActivitiesReport {
    fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn write_table(&self, style: Style, out: &mut dyn Write) -> Result<()> {
        let title = format!("Sites of {}", self.club.name());
        writeln!(out, "{}", style.paint(&title, BOLD))?;
        write_entries(&self.sites, style, out)?;
        write_section("Activities (* in use)", style, out)?;
        write_entries(&self.activities, style, out)?;
        if self.more > 0 {
            write_aside(&format!("{} more with --all", self.more), style, out)?;
        }
        write_section("For config.toml", style, out)?;
        out.write_all(self.config_lines().as_bytes())
    }

    fn write_json(&self, out: &mut dyn Write) -> Result<()> {
        let document = ActivitiesV1 {
            schema: "padel.activities/v1",
            club: self.club.name(),
            sport: &self.sport,
            sites: self
                .sites
                .iter()
                .map(|site| SiteV1 {
                    id: &site.id,
                    name: &site.name,
                })
                .collect(),
            activities: self
                .activities
                .iter()
                .map(|activity| ActivityV1 {
                    id: &activity.id,
                    name: &activity.name,
                    description: &activity.description,
                    used: activity.used,
                })
                .collect(),
            more: self.more,
            warnings: &self.warnings,
        };
        write_document(&document, out)
    }

    fn write_markdown(&self, out: &mut dyn Write) -> Result<()> {
        writeln!(out, "**Sites of {}**\n", escape(&self.club.name()))?;
        for site in &self.sites {
            writeln!(out, "- {}", format_item(site))?;
        }
        writeln!(out, "\n**Activities**\n")?;
        for activity in &self.activities {
            writeln!(out, "- {}", format_item(activity))?;
        }
        if self.more > 0 {
            writeln!(out, "\n{} more with `--all`", self.more)?;
        }
        let config = self.config_lines();
        writeln!(out, "\nFor `config.toml`:\n\n```toml\n{config}```")
    }
}

/// The mark stands with the id, which is to be copied and so must not be broken.
fn write_entries(entries: &[CatalogueEntry], style: Style, out: &mut dyn Write) -> Result<()> {
    let rows: Vec<[String; 3]> = entries
        .iter()
        .map(|entry| {
            let mark = if entry.used { "*" } else { " " };
            let id = format!("{mark}  {}", entry.id);
            [id, entry.name.clone(), entry.description.clone()]
        })
        .collect();
    write_rows(&rows, stack_cells, style, out)
}

fn stack_cells([id, rest @ ..]: &[String; 3], style: Style) -> [String; 2] {
    [id.clone(), join_in_lines(rest, style.room_beside(id))]
}

fn format_item(entry: &CatalogueEntry) -> String {
    let mut item = format!("{} {}", escape_code(&entry.id), escape_name(&entry.name));
    if !entry.description.is_empty() {
        item.push_str(&format!(": {}", escape_name(&entry.description)));
    }
    if entry.used {
        item.push_str(" (in use)");
    }
    item
}
