//! Skills and versions.

use std::io::{Cursor, Read};

use claude_platform_sim::Platform;
use reqwest::blocking::multipart::{Form, Part};
use zip::ZipArchive;

use crate::client::{delete, get, publish, skill, skill_md, text, upload, zip_form};

#[test]
fn a_zip_makes_a_skill_with_its_first_version() {
    let platform = Platform::builder().now("2026-11-23T09:00:00Z").start();
    let made = upload(&platform, "/v1/skills", zip_form(skill("courts", "hello"))).ok();
    assert_eq!(
        (&made["type"], &made["display_name"]),
        (&"skill".into(), &"courts".into())
    );
    assert_eq!(
        (&made["source"]["type"], &made["created_at"]),
        (&"custom".into(), &"2026-11-23T09:00:00.000Z".into())
    );
    let (id, version) = (text(&made["id"]), text(&made["latest_version_id"]));
    assert!(id.starts_with("skill_") && version.starts_with("skver_"));
    assert_eq!(get(&platform, &format!("/v1/skills/{id}")).ok(), made);
    let told = get(&platform, &format!("/v1/skills/{id}/versions/{version}")).ok();
    assert_eq!(
        told,
        get(&platform, &format!("/v1/skills/{id}/versions/latest")).ok()
    );
    let expected = serde_json::json!({
        "id": version, "type": "skill_version", "created_at": "2026-11-23T09:00:00.000Z",
        "description": "Finds courts", "name": "courts", "skill_id": id,
    });
    assert_eq!(told, expected);
}

#[test]
fn two_equal_uploads_make_two_versions() {
    let platform = Platform::builder().start();
    let (id, first) = publish(&platform, "courts", "hello");
    let second = upload(
        &platform,
        &format!("/v1/skills/{id}/versions"),
        zip_form(skill("courts", "hello")),
    )
    .ok();
    assert_ne!(second["id"], first.as_str());
    assert_eq!(
        get(&platform, &format!("/v1/skills/{id}")).ok()["latest_version_id"],
        second["id"]
    );
    let ids: Vec<_> = platform
        .versions(&id)
        .into_iter()
        .map(|version| version.id)
        .collect();
    assert_eq!(ids, [text(&second["id"]), first]);
}

#[test]
fn a_download_has_files_and_modes_but_other_bytes() {
    let platform = Platform::builder().start();
    let (id, version) = publish(&platform, "courts", "hello");
    let got = get(
        &platform,
        &format!("/v1/skills/{id}/versions/{version}/content"),
    );
    assert_eq!(
        (got.status, &got.headers["content-type"]),
        (200, &"application/zip".parse().unwrap())
    );
    assert_ne!(got.bytes, skill("courts", "hello"));
    let mut zip = ZipArchive::new(Cursor::new(got.bytes)).unwrap();
    let mut launcher = zip.by_name("courts/scripts/padel").unwrap();
    assert_eq!(launcher.unix_mode().unwrap() & 0o777, 0o755);
    let mut content = String::new();
    launcher.read_to_string(&mut content).unwrap();
    assert_eq!(content, "#!/bin/sh\necho \"hello\"\n");
}

#[test]
fn latest_can_be_read_but_neither_downloaded_nor_deleted() {
    let platform = Platform::builder().start();
    let (id, _) = publish(&platform, "courts", "hello");
    assert!(
        get(
            &platform,
            &format!("/v1/skills/{id}/versions/latest/content")
        )
        .refused(400)
        .contains("latest")
    );
    assert!(
        delete(&platform, &format!("/v1/skills/{id}/versions/latest"))
            .refused(400)
            .contains("latest")
    );
}

#[test]
fn single_files_make_a_skill_without_modes() {
    let platform = Platform::builder().start();
    let file = |path: &str, text: String| Part::text(text).file_name(path.to_owned());
    let form = Form::new()
        .text("display_name", "The courts")
        .part("files[]", file("courts/SKILL.md", skill_md("courts")))
        .part(
            "files[]",
            file("courts/scripts/padel", "#!/bin/sh\n".to_owned()),
        );
    let made = upload(&platform, "/v1/skills", form).ok();
    assert_eq!(made["display_name"], "The courts");
    let versions = platform.versions(&text(&made["id"]));
    let modes: Vec<_> = versions[0]
        .files
        .iter()
        .map(|(path, file)| (path.as_str(), file.mode))
        .collect();
    assert_eq!(modes, [("SKILL.md", 0o644), ("scripts/padel", 0o644)]);
}

#[test]
fn the_name_is_the_same_in_every_version() {
    let platform = Platform::builder().start();
    let (id, _) = publish(&platform, "courts", "hello");
    let got = upload(
        &platform,
        &format!("/v1/skills/{id}/versions"),
        zip_form(skill("other", "hello")),
    );
    assert!(
        got.refused(400)
            .contains("differs from the skill's, `courts`")
    );
    assert_eq!(platform.versions(&id).len(), 1);
}

#[test]
fn the_only_version_stays_and_a_skill_goes_with_its_versions() {
    let platform = Platform::builder().start();
    let (id, first) = publish(&platform, "courts", "hello");
    let only = delete(&platform, &format!("/v1/skills/{id}/versions/{first}"));
    assert!(only.refused(400).contains("only version"));
    platform.publish("courts", &skill("courts", "more"));
    let gone = delete(&platform, &format!("/v1/skills/{id}/versions/{first}")).ok();
    assert_eq!(
        gone,
        serde_json::json!({"id": first, "type": "skill_version_deleted"})
    );
    get(&platform, &format!("/v1/skills/{id}/versions/{first}")).refused(404);
    let gone = delete(&platform, &format!("/v1/skills/{id}")).ok();
    assert_eq!(gone, serde_json::json!({"id": id, "type": "skill_deleted"}));
    get(&platform, &format!("/v1/skills/{id}/versions")).refused(404);
    assert!(platform.skills().is_empty());
}

#[test]
fn lists_come_newest_first_in_pages() {
    let platform = Platform::builder().page_size(2).start();
    let (id, _) = publish(&platform, "courts", "hello");
    for says in ["two", "three", "four", "five"] {
        platform.publish("courts", &skill("courts", says));
    }
    let mut ids = Vec::new();
    let mut target = format!("/v1/skills/{id}/versions?limit=1000");
    let pages = loop {
        let page = get(&platform, &target).ok();
        ids.extend(
            page["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|version| text(&version["id"])),
        );
        match page["next_page"].as_str() {
            Some(next) => target = format!("/v1/skills/{id}/versions?page={next}"),
            None => break platform.calls().len() - 1,
        }
    };
    assert_eq!(
        ids,
        platform
            .versions(&id)
            .into_iter()
            .map(|version| version.id)
            .collect::<Vec<_>>()
    );
    assert_eq!(pages, 3);
    for bad in ["limit=0", "limit=1001", "limit=x", "page=2"] {
        get(&platform, &format!("/v1/skills/{id}/versions?{bad}")).refused(400);
    }
}

#[test]
fn a_list_of_skills_can_be_of_ones_own() {
    let platform = Platform::builder().start();
    let (first, _) = publish(&platform, "courts", "hello");
    let (second, _) = publish(&platform, "pools", "hello");
    let list = |query: &str| {
        get(&platform, &format!("/v1/skills{query}")).ok()["data"]
            .as_array()
            .unwrap()
            .clone()
    };
    let ids: Vec<_> = list("?source=custom")
        .iter()
        .map(|skill| text(&skill["id"]))
        .collect();
    assert_eq!(ids, [second, first]);
    assert_eq!(list("?limit=1").len(), 1);
    assert!(list("?source=anthropic").is_empty());
}

#[test]
fn an_unknown_skill_or_version_is_404() {
    let platform = Platform::builder().start();
    let (id, _) = publish(&platform, "courts", "hello");
    get(&platform, "/v1/skills/skill_none").refused(404);
    get(&platform, &format!("/v1/skills/{id}/versions/skver_none")).refused(404);
    get(
        &platform,
        &format!("/v1/skills/{id}/versions/skver_none/content"),
    )
    .refused(404);
    delete(&platform, "/v1/skills/skill_none").refused(404);
    upload(
        &platform,
        "/v1/skills/skill_none/versions",
        zip_form(skill("courts", "hello")),
    )
    .refused(404);
    get(&platform, "/v1/nothing").refused(404);
}
