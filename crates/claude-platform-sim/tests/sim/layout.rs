//! Rules for the layout of an upload.

use std::io::Cursor;

use claude_platform_sim::Platform;
use reqwest::blocking::multipart::{Form, Part};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::client::{Got, publish, skill, skill_md, upload, zip, zip_form};

/// Path, mode, content.
type Entry<'a> = (&'a str, u32, &'a str);

/// Refused, and nothing was made.
fn refused(got: &Got, platform: &Platform, status: u16, says: &str) {
    let message = got.refused(status);
    assert!(message.contains(says), "{message:?} does not say {says:?}");
    assert!(platform.skills().is_empty());
}

#[test]
fn the_parts_must_have_the_documented_shape() {
    let platform = Platform::builder().start();
    let zip_part = |kind: &str| {
        Part::bytes(skill("courts", "x"))
            .file_name("skill.zip")
            .mime_str(kind)
            .unwrap()
    };
    let zip = || zip_part("application/zip");
    let table = [
        (Form::new(), "multipart"),
        (Form::new().text("display_name", "x"), "at least one file"),
        (Form::new().part("files", zip()), "`files`: unexpected part"),
        (
            Form::new().part("files[]", zip_part("application/octet-stream")),
            "content type application/zip",
        ),
        (
            Form::new().part("files[]", zip()).part("files[]", zip()),
            "only file",
        ),
        (
            Form::new().part("files[]", zip()).text("display_name", "x"),
            "`display_name`: unexpected part",
        ),
        (
            Form::new()
                .text("display_name", "x".repeat(256))
                .part("files[]", zip()),
            "255",
        ),
        (
            Form::new().text("display_name", "").part("files[]", zip()),
            "255",
        ),
        (zip_form(b"no zip".to_vec()), "cannot be read"),
    ];
    for (form, says) in table {
        refused(&upload(&platform, "/v1/skills", form), &platform, 400, says);
    }
}

#[test]
fn a_display_name_is_for_the_first_version_only() {
    let platform = Platform::builder().start();
    let (id, _) = publish(&platform, "courts", "x");
    let part = Part::bytes(skill("courts", "x"))
        .file_name("skill.zip")
        .mime_str("application/zip")
        .unwrap();
    let form = Form::new().text("display_name", "x").part("files[]", part);
    upload(&platform, &format!("/v1/skills/{id}/versions"), form).refused(400);
}

#[test]
fn the_files_must_lie_as_documented() {
    let platform = Platform::builder().start();
    let good = &skill_md("courts");
    let table: [(&[Entry], &str); 8] = [
        (&[], "missing"),
        (&[("courts/README.md", 0o644, "x")], "missing"),
        (&[("courts/sub/SKILL.md", 0o644, good)], "missing"),
        (&[("SKILL.md", 0o644, good)], "below one top directory"),
        (
            &[("courts/SKILL.md", 0o644, good), ("other/x", 0o644, "x")],
            "same top-level",
        ),
        (
            &[
                ("courts/SKILL.md", 0o644, good),
                ("courts/a/SKILL.md", 0o644, good),
            ],
            "exactly one",
        ),
        (
            &[("curts/SKILL.md", 0o644, good)],
            "must be named like the skill",
        ),
        (
            &[
                ("courts/SKILL.md", 0o644, good),
                ("courts/../x", 0o644, "x"),
            ],
            "below one top directory",
        ),
    ];
    for (files, says) in table {
        refused(
            &upload(&platform, "/v1/skills", zip_form(zip(files))),
            &platform,
            400,
            says,
        );
    }
}

#[test]
fn links_and_paths_twice_are_refused() {
    let platform = Platform::builder().start();
    let mut writer = ZipWriter::new_append(Cursor::new(skill("courts", "x"))).unwrap();
    writer
        .add_symlink("courts/link", "SKILL.md", SimpleFileOptions::default())
        .unwrap();
    let linked = writer.finish().unwrap().into_inner();
    refused(
        &upload(&platform, "/v1/skills", zip_form(linked)),
        &platform,
        400,
        "symbolic link",
    );
    let part = || Part::text(skill_md("courts")).file_name("courts/SKILL.md");
    let twice = Form::new().part("files[]", part()).part("files[]", part());
    refused(
        &upload(&platform, "/v1/skills", twice),
        &platform,
        400,
        "same filename",
    );
}

#[test]
fn the_front_matter_must_be_as_documented() {
    let platform = Platform::builder().start();
    let front = |name: &str, description: &str| {
        format!("---\nname: {name}\ndescription: {description}\n---\n")
    };
    let table = [
        (
            "\u{feff}".to_owned() + &skill_md("courts"),
            "byte order mark",
        ),
        ("# Courts\n".to_owned(), "exactly `---`"),
        (
            "--- \nname: courts\ndescription: x\n---\n".to_owned(),
            "exactly `---`",
        ),
        (
            "---\nname: courts\ndescription: x\n---".to_owned(),
            "exactly `---`",
        ),
        (
            "---\nname: courts\ndescription: x\n----\n".to_owned(),
            "exactly `---`",
        ),
        ("---\nname: [\n---\n".to_owned(), "not YAML"),
        ("---\ndescription: x\n---\n".to_owned(), "name: is required"),
        (
            "---\nname: courts\n---\n".to_owned(),
            "description: is required",
        ),
        (front("Courts", "x"), "lower-case"),
        (front(&"c".repeat(65), "x"), "1 to 64"),
        (front("claude-courts", "x"), "reserved word `claude`"),
        (front("my-anthropic", "x"), "reserved word `anthropic`"),
        (front("courts", "\"\""), "1 to 1024"),
        (front("courts", &"x".repeat(1025)), "not 1025"),
        (front("courts", "use <b>this</b>"), "XML tags"),
    ];
    for (text, says) in table {
        let got = upload(
            &platform,
            "/v1/skills",
            zip_form(zip(&[("courts/SKILL.md", 0o644, &text)])),
        );
        refused(&got, &platform, 400, says);
    }
    let allowed = zip(&[(
        "courts/SKILL.md",
        0o644,
        &front("courts", &format!("a < b, {}", "x".repeat(1017))),
    )]);
    upload(&platform, "/v1/skills", zip_form(allowed)).ok();
}

#[test]
fn thirty_megabytes_uncompressed_are_the_end() {
    let platform = Platform::builder().start();
    let rest = 30_000_000 - skill_md("courts").len();
    let of = |bytes: usize| {
        zip(&[
            ("courts/SKILL.md", 0o644, &skill_md("courts")),
            ("courts/data", 0o644, &"0".repeat(bytes)),
        ])
    };
    let bomb = of(rest + 1);
    assert!(bomb.len() < 100_000);
    refused(
        &upload(&platform, "/v1/skills", zip_form(bomb)),
        &platform,
        413,
        "30 MB uncompressed",
    );
    upload(&platform, "/v1/skills", zip_form(of(rest))).ok();
}
