//! A page to publish or to send round: days by hours, each free cell a link to the first slot. Whole
//! in itself: no script, nothing from elsewhere, and it prints on one sheet.

use std::io::{Result, Write};

use super::{AvailabilityReport, view::format_day, week::Week};
use crate::{
    courts::{Stretch, count_courts},
    local,
    output::court_names::list_names,
};

/// Colours have a contrast of 7 and more in both schemes.
const HEAD: &str = "<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"referrer\" content=\"no-referrer\">
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">
<style>
:root{color-scheme:light dark;--page:#fff;--text:#1a1a1a;--line:#767676;--free:#d9f2df;--link:#0a4a1e}
@media (prefers-color-scheme:dark){:root{--page:#121212;--text:#f0f0f0;--line:#8c8c8c;--free:#123d22;--link:#c4f5d2}}
body{margin:1.5rem auto;max-width:64rem;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif;background:var(--page);color:var(--text)}
h1{font-size:1.4rem;margin:0}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:1rem 0}
caption{text-align:left;padding-bottom:.5rem}
th,td{border:1px solid var(--line);padding:.25rem;text-align:center;min-width:1.8rem}
th[scope=row]{text-align:left;white-space:nowrap}
.why{text-align:left}
td a{display:block;margin:-.25rem;padding:.25rem;background:var(--free);color:var(--link);font-weight:700}
a{color:inherit}
a:focus-visible{outline:3px solid;outline-offset:-3px}
@media print{@page{size:landscape;margin:1cm}body{margin:0;max-width:none;font-size:.7rem}tr{break-inside:avoid}}
</style>
";

pub(super) fn write(report: &AvailabilityReport, out: &mut dyn Write) -> Result<()> {
    let week = Week::new(report, 1);
    let club = escape(&report.club.title());
    let heading = week.heading();
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n{HEAD}<title>Free courts at {club}: {heading}</title>\n</head>"
    )?;
    writeln!(out, "<body>\n<main>\n<h1>Free courts at {club}</h1>")?;
    let about = [vec![heading], report.wishes(), week.verdict(report)].concat();
    let about: Vec<String> = about.iter().map(|part| escape(part)).collect();
    writeln!(out, "<p>{}</p>", about.join(" · "))?;
    writeln!(
        out,
        "<p>Each number: the courts on which a game can begin in that hour. It leads to the first \
         of them.</p>\n<div class=\"wide\">\n<table>\n<caption>Free courts by day and \
         hour</caption>"
    )?;
    write!(out, "<thead><tr><th scope=\"col\">Day</th>")?;
    for hour in &week.hours {
        write!(out, "<th scope=\"col\">{hour}</th>")?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")?;
    for day in &week.days {
        let date = day.date;
        write!(
            out,
            "<tr><th scope=\"row\">{}</th>",
            date.format("%a %-d %b")
        )?;
        if day.is_free {
            for hour in &week.hours {
                let cell: Vec<&Stretch> = week.cell(day, *hour).collect();
                out.write_all(format_cell(report, &cell).as_bytes())?;
            }
        } else {
            let why = escape(&week.why_nothing(report, day));
            let span = week.hours.len().max(1);
            write!(out, "<td class=\"why\" colspan=\"{span}\">{why}</td>")?;
        }
        writeln!(out, "</tr>")?;
    }
    let now = local::format_moment(report.now.with_timezone(&report.query.zone));
    let page = escape(report.club.page());
    writeln!(
        out,
        "</tbody>\n</table>\n</div>\n<p>As of {now}. A court may be gone a minute later."
    )?;
    writeln!(
        out,
        "<a href=\"{page}\">Book or cancel at the club</a></p>\n</main>\n</body>\n</html>"
    )
}

/// The number of courts, with their names and times for those who point at it or hear it.
fn format_cell(report: &AvailabilityReport, cell: &[&Stretch]) -> String {
    let Some(first) = cell.first() else {
        return "<td>–</td>".to_owned();
    };
    let mut names: Vec<&str> = Vec::new();
    for stretch in cell {
        if !names.contains(&&*stretch.listing.court) {
            names.push(&stretch.listing.court);
        }
    }
    let said = format!(
        "{} from {}: {}",
        format_day(first.date),
        report.clock(first.start),
        list_names(&names).join(", ")
    );
    let (said, count) = (escape(&said), count_courts(cell.iter().copied()));
    match report.page(first) {
        Some(page) => {
            let page = escape(&page);
            format!(
                "<td><a href=\"{page}\" title=\"{said}\" aria-label=\"{count}, {said}\">{count}</a></td>"
            )
        }
        None => format!("<td title=\"{said}\">{count}</td>"),
    }
}

/// Escapes text for HTML, also between quotes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(char),
        }
    }
    escaped
}
