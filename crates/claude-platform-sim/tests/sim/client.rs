//! Raw requests, and skills to send.

use std::io::{Cursor, Write};

use claude_platform_sim::{DEFAULT_API_KEY, Platform};
use reqwest::{
    blocking::{
        Client, RequestBuilder,
        multipart::{Form, Part},
    },
    header::HeaderMap,
};
use serde_json::Value;
use zip::{System, ZipWriter, write::SimpleFileOptions};

pub(crate) const BETA: &str = "managed-agents-2026-04-01";

/// An answer of the platform.
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    /// The answer of a request that must have succeeded.
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.bytes));
        self.json()
    }

    /// The message of an error with that status.
    pub(crate) fn refused(&self, status: u16) -> String {
        assert_eq!(
            self.status,
            status,
            "{}",
            String::from_utf8_lossy(&self.bytes)
        );
        self.json()["error"]["message"].as_str().unwrap().to_owned()
    }
}

/// A client of its own connections.
pub(crate) fn http() -> Client {
    // Only the first of all tests installs it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}

/// A request without any header of the platform's.
pub(crate) fn bare(platform: &Platform, method: &str, target: &str) -> RequestBuilder {
    http().request(
        method.parse().unwrap(),
        format!("{}{target}", platform.url()),
    )
}

/// A request as it should be, with the default key.
pub(crate) fn request(platform: &Platform, method: &str, target: &str) -> RequestBuilder {
    let request = bare(platform, method, target)
        .bearer_auth(DEFAULT_API_KEY)
        .header("anthropic-version", "2026-10-21");
    let others = ["/v1/files", "/v1/models", "/v1/skills"];
    if !others.iter().any(|other| target.starts_with(other)) {
        request.header("anthropic-beta", BETA)
    } else {
        request
    }
}

pub(crate) fn send(request: RequestBuilder) -> Got {
    let answer = request.send().unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Got {
        status,
        headers,
        bytes: answer.bytes().unwrap().to_vec(),
    }
}

pub(crate) fn get(platform: &Platform, target: &str) -> Got {
    send(request(platform, "GET", target))
}

pub(crate) fn delete(platform: &Platform, target: &str) -> Got {
    send(request(platform, "DELETE", target))
}

pub(crate) fn post(platform: &Platform, target: &str, body: &Value) -> Got {
    send(json(request(platform, "POST", target), body))
}

/// A call that has no body, as `…/archive`.
pub(crate) fn act(platform: &Platform, target: &str) -> Got {
    send(request(platform, "POST", target).header("content-length", "0"))
}

pub(crate) fn json(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request
        .header("content-type", "application/json")
        .body(body.to_string())
}

pub(crate) fn skill_md(name: &str) -> String {
    format!(
        "---\nname: {name}\ndescription: Finds courts\nmetadata:\n  version: \"1.2.3\"\n---\n\
         # Courts\n"
    )
}

/// A zip of these paths, modes and contents.
pub(crate) fn zip(files: &[(&str, u32, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().system(System::Unix);
    for (path, mode, content) in files {
        zip.start_file(*path, options.unix_permissions(*mode))
            .unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A good skill, whose launcher says this.
pub(crate) fn skill(name: &str, says: &str) -> Vec<u8> {
    zip(&[
        (&format!("{name}/SKILL.md"), 0o644, &skill_md(name)),
        (
            &format!("{name}/scripts/padel"),
            0o755,
            &format!("#!/bin/sh\necho \"{says}\"\n"),
        ),
    ])
}

/// The zip form.
pub(crate) fn zip_form(zip: Vec<u8>) -> Form {
    Form::new().part(
        "files[]",
        Part::bytes(zip)
            .file_name("skill.zip")
            .mime_str("application/zip")
            .unwrap(),
    )
}

pub(crate) fn upload(platform: &Platform, target: &str, form: Form) -> Got {
    send(request(platform, "POST", target).multipart(form))
}

/// Publishes over HTTP; the ids of skill and version.
pub(crate) fn publish(platform: &Platform, name: &str, says: &str) -> (String, String) {
    let made = upload(platform, "/v1/skills", zip_form(skill(name, says))).ok();
    (text(&made["id"]), text(&made["latest_version_id"]))
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The ids of a list, in order.
pub(crate) fn ids(list: &Value) -> Vec<String> {
    let list = list["data"].as_array().unwrap();
    list.iter().map(|item| text(&item["id"])).collect()
}
