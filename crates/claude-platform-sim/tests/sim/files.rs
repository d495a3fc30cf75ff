//! Files.

use claude_platform_sim::Platform;
use reqwest::blocking::multipart::{Form, Part};
use serde_json::json;

use crate::client::{delete, get, text, upload};

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
