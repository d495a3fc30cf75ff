//! The page of `--format html`: what its cells say and lead to, and that names stay text. A real
//! browser looks at it in `scripts/check-page`.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    harness::{Member, club, list, text},
    hostile::names,
};

/// The text between two marks, from each of the first on.
fn between<'a>(html: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    let parts = html.split(start).skip(1);
    parts
        .filter_map(|part| Some(part.split_once(end)?.0))
        .collect()
}

#[test]
fn each_cell_counts_courts_and_leads_to_the_first() {
    let club = club().start();
    let member = Member::of(&club);
    for args in [
        "--days 7",
        "--date sat",
        "--days 9 --duration 90 --from 17:00",
    ] {
        let html = member.run(format!("availability {args} --format html"));
        html.assert_quiet_success();
        let html = &html.stdout;
        let document = member.json(format!("availability {args}"));
        let mut expected: BTreeMap<(String, u32), BTreeSet<&str>> = BTreeMap::new();
        for slot in list(&document["slots"]) {
            let hour = text(&slot["start"])[..2].parse().expect("an hour");
            let day = text(&slot["date"]).to_owned();
            let courts = expected.entry((day, hour)).or_default();
            courts.insert(text(&slot["court_key"]));
        }
        let hours: Vec<u32> = between(html, "<th scope=\"col\">", "</th>")
            .iter()
            .filter_map(|hour| hour.parse().ok())
            .collect();
        let mut told = 0;
        for (ahead, row) in between(html, "<tr><th scope=\"row\">", "</tr>")
            .iter()
            .enumerate()
        {
            let date = text(&document["query"]["date"]);
            let date = crate::harness::date(date) + chrono::Days::new(ahead as u64);
            assert!(
                row.starts_with(&date.format("%a %-d %b</th>").to_string()),
                "{row}"
            );
            if row.contains("colspan") {
                assert!(!expected.keys().any(|(day, _)| *day == date.to_string()));
                continue;
            }
            let cells = between(row, "<td>", "</td>");
            assert_eq!(cells.len(), hours.len(), "{args}");
            for (hour, cell) in hours.iter().zip(cells) {
                let courts = expected.get(&(date.to_string(), *hour));
                let Some(courts) = courts else {
                    assert_eq!(cell, "–");
                    continue;
                };
                assert!(cell.ends_with(&format!(">{}</a>", courts.len())), "{cell}");
                assert!(
                    cell.starts_with(&format!("<a href=\"{}/book/", club.url())),
                    "{cell}"
                );
                told += 1;
            }
        }
        assert_eq!(told, expected.len(), "{args}");
    }
}

#[test]
fn the_page_needs_nothing_from_elsewhere_and_names_stay_text() {
    for name in names() {
        let page = crate::hostile::run(&name, "html").stdout;
        for forbidden in [
            "<script",
            "<img",
            "<iframe",
            "<link",
            "javascript:",
            "@import",
            "url(",
        ] {
            let page = page.to_lowercase();
            assert!(!page.contains(forbidden), "{forbidden}: {page}");
        }
        // Our own elements, and no others.
        for tag in between(&page, "<", ">") {
            let tag = tag
                .split([' ', '/'])
                .find(|part| !part.is_empty())
                .unwrap_or_default();
            let known = "!doctype html head meta style title body main h1 p div table caption thead \
                         tbody tr th td a";
            assert!(
                known.split_whitespace().any(|own| own == tag),
                "{tag}: {page}"
            );
        }
    }
}

#[test]
fn a_page_is_for_courts_only() {
    Member::new()
        .run("bookings --format html")
        .assert_error("usage", 2)
        .assert_stderr_has("html is for `padel availability` only");
}
