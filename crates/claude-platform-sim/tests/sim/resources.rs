//! Files that are mounted in a session, from its start or later.

use std::path::Path;

use claude_platform_sim::Platform;
use reqwest::blocking::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::{
    chat::{Chat, builder, creation, start},
    client::{BETA, delete, get, ids, post, request, send, text, upload},
};

const PATH: &str = "/root/.config/pslc-padel/.env";

fn upload_file(platform: &Platform, content: &'static str) -> String {
    let part = Part::bytes(content.as_bytes()).file_name(".env");
    text(&upload(platform, "/v1/files", Form::new().part("file", part)).ok()["id"])
}

fn file(id: &str, path: impl Into<Value>) -> Value {
    let path = path.into();
    json!({"type": "file", "file_id": id, "mount_path": path})
}

fn read_file(chat: &Chat) -> String {
    chat.run(&format!(
        "```sh\ncat $PADEL_SESSION_UPLOADS{PATH} 2>&1\n```"
    ))
    .pop()
    .unwrap()
}

#[test]
fn a_mounted_file_can_be_replaced_at_its_path() {
    let platform = builder().start();
    let old = upload_file(&platform, "old\n");
    let chat = start(&platform, &json!({"resources": [file(&old, PATH)]}));
    assert_eq!(read_file(&chat), "old\n");
    let new = upload_file(&platform, "new\n");
    let added = chat.post("/resources", &file(&new, PATH));
    assert!(added.refused(400).contains("is taken"));
    let resources = chat.get("/resources").ok();
    let mounted = &resources["data"][0];
    assert_eq!(mounted["mount_path"], format!("/mnt/session/uploads{PATH}"));
    let own = format!("/resources/{}", text(&mounted["id"]));
    assert_eq!(chat.get(&own).ok(), *mounted);
    assert_eq!(
        delete(&platform, &chat.target(&own)).ok(),
        json!({"id": mounted["id"], "type": "session_resource_deleted"})
    );
    assert!(read_file(&chat).contains("No such file"));
    let added = chat.post("/resources", &file(&new, PATH)).ok();
    assert_eq!(read_file(&chat), "new\n");
    assert_eq!(chat.get("").ok()["resources"], json!([added]));
    chat.get(&own).refused(404);
}

#[test]
fn a_mounted_file_is_a_copy_with_an_id_of_its_own() {
    let platform = builder().start();
    let original = upload_file(&platform, "a\n");
    let chat = start(&platform, &json!({"resources": [file(&original, PATH)]}));
    let copy = text(&chat.created["resources"][0]["file_id"]);
    assert_ne!(copy, original);
    let scoped = format!("/v1/files?scope_id={}", chat.id());
    let scoped = send(request(&platform, "GET", &scoped).header("anthropic-beta", BETA)).ok();
    assert_eq!(ids(&scoped), [&*copy]);
    assert_eq!(ids(&get(&platform, "/v1/files").ok()), [&*original]);
    delete(&platform, &format!("/v1/files/{original}")).ok();
    assert_eq!(read_file(&chat), "a\n");
    chat.delete().ok();
    get(&platform, &format!("/v1/files/{copy}")).refused(404);
    assert!(platform.files().is_empty());
}

#[test]
fn a_deleted_session_leaves_no_file_behind() {
    let platform = builder().start();
    let id = upload_file(&platform, "a\n");
    let chat = start(&platform, &json!({"resources": [file(&id, PATH)]}));
    let printed = chat
        .run("```sh\necho \"$PADEL_SESSION_UPLOADS\"\n```")
        .concat();
    let uploads = Path::new(printed.trim());
    assert!(uploads.is_dir());
    chat.delete().ok();
    assert!(!uploads.exists());
}

#[test]
fn a_bad_resource_is_refused_at_the_start_and_later() {
    let platform = builder().now("2026-11-23T09:00:00Z").start();
    let id = upload_file(&platform, "a\n");
    let form = Form::new().text("expires_in_seconds", "3600");
    let part = Part::bytes(b"x".to_vec()).file_name("x");
    let expired = text(&upload(&platform, "/v1/files", form.part("file", part)).ok()["id"]);
    platform.set_clock("2026-11-23T10:00:00Z");
    let chat = start(&platform, &json!({}));
    let table = [
        (file("file_none", PATH), 404),
        (file(&expired, PATH), 404),
        (file(&id, "relative/path"), 400),
        (file(&id, "/a/../b"), 400),
        (file(&id, "/"), 400),
        (file(&id, 7), 400),
        (
            json!({"type": "memory_store", "memory_store_id": "memstore_1"}),
            400,
        ),
        (json!({"type": "file", "file_id": id, "mode": 7}), 400),
        (json!("file"), 400),
    ];
    for (resource, status) in table {
        let body = creation(&json!({"resources": [resource]}));
        post(&platform, "/v1/sessions", &body).refused(status);
        let later = chat.post("/resources", &resource);
        if resource.is_object() {
            later.refused(status);
        }
    }
    let twice = json!({"resources": [file(&id, PATH), file(&id, PATH)]});
    post(&platform, "/v1/sessions", &creation(&twice)).refused(400);
    assert_eq!(platform.sessions().len(), 1);
}

#[test]
fn only_the_token_of_a_repository_can_change() {
    let platform = builder().start();
    let id = upload_file(&platform, "a\n");
    let chat = start(&platform, &json!({"resources": [file(&id, Value::Null)]}));
    let own = format!("/resources/{}", text(&chat.created["resources"][0]["id"]));
    chat.post(&own, &json!({"mount_path": "/x"})).refused(400);
    let token = json!({"authorization_token": "t"});
    assert!(
        chat.post(&own, &token)
            .refused(400)
            .contains("github_repository")
    );
}
