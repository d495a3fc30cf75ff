//! Files.

use claude_platform_sim::Platform;
use reqwest::blocking::multipart::{Form, Part};
use serde_json::json;

use crate::client::{BETA, delete, get, ids, request, send, text, upload};

#[test]
fn of_a_filename_the_last_component_is_kept() {
    let platform = Platform::builder().start();
    let part = Part::bytes(b"A=b\n".to_vec())
        .file_name("some/where/.env")
        .mime_str("text/plain")
        .unwrap();
    let file = upload(&platform, "/v1/files", Form::new().part("file", part)).ok();
    assert_eq!(
        (&file["filename"], &file["size_bytes"]),
        (&".env".into(), &4.into())
    );
    assert_eq!(
        (&file["mime_type"], &file["downloadable"]),
        (&"text/plain".into(), &false.into())
    );
    let id = text(&file["id"]);
    assert_eq!(get(&platform, &format!("/v1/files/{id}")).ok(), file);
    assert_eq!(
        get(&platform, "/v1/files").ok(),
        json!({"data": [file], "next_page": null})
    );
    assert_eq!(
        delete(&platform, &format!("/v1/files/{id}")).ok()["type"],
        "file_deleted"
    );
    get(&platform, &format!("/v1/files/{id}")).refused(404);
}

#[test]
fn a_file_is_one_part_named_file() {
    let platform = Platform::builder().start();
    let part = || Part::bytes(Vec::new()).file_name("x");
    for form in [
        Form::new().part("files[]", part()),
        Form::new().part("file", part()).part("file", part()),
        Form::new().text("file", "no filename"),
    ] {
        upload(&platform, "/v1/files", form).refused(400);
    }
}

fn env_file() -> Part {
    Part::bytes(b"A=b\n".to_vec()).file_name(".env")
}

#[test]
fn an_upload_cannot_be_downloaded() {
    let platform = Platform::builder().start();
    let file = upload(&platform, "/v1/files", Form::new().part("file", env_file())).ok();
    let target = format!("/v1/files/{}/content", text(&file["id"]));
    let got = get(&platform, &target);
    got.refused(400);
    assert_eq!(
        got.json()["error"]["details"]["error_code"],
        "file_not_downloadable"
    );
    get(&platform, "/v1/files/file_none/content").refused(404);
}

#[test]
fn a_file_can_expire() {
    let platform = Platform::builder().now("2026-11-23T09:00:00Z").start();
    let with_life = |seconds: &'static str| {
        let form = Form::new().text("expires_in_seconds", seconds);
        upload(&platform, "/v1/files", form.part("file", env_file()))
    };
    for bad in ["3599", "7776001", "soon"] {
        with_life(bad).refused(400);
    }
    let file = with_life("3600").ok();
    assert_eq!(file["expires_at"], "2026-11-23T10:00:00.000Z");
    let target = format!("/v1/files/{}", text(&file["id"]));
    get(&platform, &target).ok();
    platform.set_clock("2026-11-23T10:00:00Z");
    let got = get(&platform, &target);
    got.refused(404);
    assert_eq!(got.json()["error"]["details"]["error_code"], "file_expired");
    assert_eq!(get(&platform, "/v1/files").ok()["data"], json!([]));
    let after = Form::new().part("file", env_file());
    upload(
        &platform,
        "/v1/files",
        after.text("expires_in_seconds", "3600"),
    )
    .refused(400);
}

#[test]
fn files_are_listed_by_id_and_by_session() {
    let platform = Platform::builder().start();
    let form = || Form::new().part("file", env_file());
    let [one, _, three] =
        [(); 3].map(|()| text(&upload(&platform, "/v1/files", form()).ok()["id"]));
    let list = |query: &str| get(&platform, &format!("/v1/files{query}"));
    let both = list(&format!("?ids%5B%5D={one}&ids%5B%5D={three}")).ok();
    assert_eq!(ids(&both), [three, one]);
    list("?scope_id=sesn_1").refused(400);
    let scoped = request(&platform, "GET", "/v1/files?scope_id=sesn_1");
    assert_eq!(
        send(scoped.header("anthropic-beta", BETA)).ok()["data"],
        json!([])
    );
}
