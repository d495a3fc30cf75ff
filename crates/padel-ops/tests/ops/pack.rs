//! `pack`: what it writes, twice the same, and what it refuses.

use std::{
    fs::{self, File, FileTimes},
    io::Cursor,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Command,
    time::{Duration, SystemTime},
};

use serde_json::Value;
use zip::{System, ZipArchive};

use crate::fixture::{self, VERSION, files, source, stdout, tool};

const ARGS: &str = "pack --bin-dir bin --skill-dir skill";

fn packed() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    source(place.path());
    let output = tool(place.path(), ARGS);
    assert!(output.status.success(), "{output:?}");
    place
}

#[test]
fn pack_gives_the_same_bytes_in_another_place_and_time() {
    let one = packed();
    let other = tempfile::tempdir().unwrap();
    source(other.path());
    let old =
        FileTimes::new().set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(987_654_321));
    for (path, _, _) in files(other.path()) {
        let path = other.path().join(path);
        if path.is_file() {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_times(old)
                .unwrap();
        }
    }
    let tool = env!("CARGO_BIN_EXE_padel-ops");
    let script = format!("umask 077; exec '{tool}' {ARGS}");
    let status = Command::new("sh")
        .args(["-c", &script])
        .current_dir(other.path())
        .env("TZ", "Asia/Tokyo")
        .status();
    assert!(status.unwrap().success());
    assert_eq!(
        files(&one.path().join("dist")),
        files(&other.path().join("dist"))
    );
}

#[test]
fn the_zip_says_unix_fixed_dates_and_modes_in_sorted_order() {
    let place = packed();
    let data = fs::read(place.path().join("dist/pslc-padel.zip")).unwrap();
    let mut zip = ZipArchive::new(Cursor::new(&data)).unwrap();
    let mut seen = Vec::new();
    for index in 0..zip.len() {
        let entry = zip.by_index(index).unwrap();
        assert_eq!(entry.system(), System::Unix);
        assert_eq!(entry.last_modified().unwrap(), zip::DateTime::DEFAULT);
        seen.push((
            entry.name().unwrap().into_owned(),
            entry.external_attributes() >> 16,
        ));
    }
    let expected = [
        ("pslc-padel/SHA256SUMS", 0o100_644),
        ("pslc-padel/SKILL.md", 0o100_644),
        ("pslc-padel/bin/padel-aarch64-linux", 0o100_755),
        ("pslc-padel/bin/padel-x86_64-linux", 0o100_755),
        ("pslc-padel/config.toml", 0o100_644),
        ("pslc-padel/references/errors.md", 0o100_644),
        ("pslc-padel/scripts/padel", 0o100_755),
    ];
    assert_eq!(seen, expected.map(|(path, mode)| (path.to_owned(), mode)));
    // The raw bytes too: 3 is Unix, and 1980-01-01 00:00 is 0, 0x21.
    let headers: Vec<usize> = data
        .windows(4)
        .enumerate()
        .filter(|(_, bytes)| *bytes == b"PK\x01\x02")
        .map(|(at, _)| at)
        .collect();
    assert_eq!(headers.len(), expected.len());
    for at in headers {
        assert_eq!(
            (data[at + 5], &data[at + 12..at + 16]),
            (3, &[0, 0, 0x21, 0][..])
        );
    }
}

#[test]
fn the_directory_is_the_zip_and_passes_sha256sum() {
    let place = packed();
    let dist = place.path().join("dist");
    let mut zip = ZipArchive::new(File::open(dist.join("pslc-padel.zip")).unwrap()).unwrap();
    let unpacked = tempfile::tempdir().unwrap();
    zip.extract(unpacked.path()).unwrap();
    let only_files = |root: &Path| {
        files(root)
            .into_iter()
            .filter(|file| root.join(&file.0).is_file())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        only_files(&dist.join("pslc-padel")),
        only_files(&unpacked.path().join("pslc-padel"))
    );
    let mut sums = Command::new("sha256sum");
    let status = sums
        .args(["-c", "--strict", "--quiet", "SHA256SUMS"])
        .current_dir(dist.join("pslc-padel"))
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn the_manifest_tells_version_files_modes_and_hashes() {
    let place = packed();
    let text = fs::read_to_string(place.path().join("dist/pslc-padel.manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(manifest["version"], VERSION);
    assert_eq!(manifest["commit"], Value::Null, "not a repository");
    let files = manifest["files"].as_array().unwrap();
    assert_eq!(files.len(), 7);
    assert_eq!(
        (&files[3]["path"], &files[3]["mode"]),
        (&"bin/padel-x86_64-linux".into(), &"0755".into())
    );
    assert_eq!(files[0]["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn pack_names_the_commit_and_whether_it_is_dirty() {
    let place = tempfile::tempdir().unwrap();
    source(place.path());
    let git = |args: &[&str]| {
        let name = [
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.org",
            "-c",
            "commit.gpgsign=false",
        ];
        let output = Command::new("git")
            .args(name)
            .args(args)
            .current_dir(place.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "all"]);
    let commit = git(&["rev-parse", "HEAD"]);
    let said = || {
        assert!(tool(place.path(), ARGS).status.success());
        let text = fs::read_to_string(place.path().join("dist/pslc-padel.manifest.json")).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["commit"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(said(), commit);
    // In the hook of another repository.
    fs::remove_dir_all(place.path().join("dist")).unwrap();
    let mut hook = crate::platform::bare(place.path(), ARGS);
    let packed = hook
        .env("GIT_DIR", "/nowhere")
        .env("GIT_WORK_TREE", "/")
        .env("GIT_INDEX_FILE", "/nowhere")
        .output();
    assert!(packed.unwrap().status.success());
    let text = fs::read_to_string(place.path().join("dist/pslc-padel.manifest.json")).unwrap();
    assert!(text.contains(&format!("\"{commit}\"")), "{text}");
    // Packed without being in the commit, also when git is told to overlook it.
    let stray = place.path().join("skill/references/stray.md");
    fs::write(&stray, "# Stray\n").unwrap();
    assert_eq!(said(), format!("{commit}-dirty"));
    fs::write(place.path().join(".git/info/exclude"), "stray.md\n").unwrap();
    assert_eq!(said(), format!("{commit}-dirty"));
    fs::remove_file(&stray).unwrap();
    assert_eq!(said(), commit);
    fs::write(place.path().join("skill/references/errors.md"), "# Other\n").unwrap();
    assert_eq!(said(), format!("{commit}-dirty"));
}

#[test]
fn pack_needs_each_binary_that_is_not_left_out() {
    let place = tempfile::tempdir().unwrap();
    source(place.path());
    fs::remove_file(place.path().join("bin/padel-aarch64-linux")).unwrap();
    let output = tool(place.path(), ARGS);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.contains("no binary for aarch64") && error.contains("--arch x86_64"),
        "{error}"
    );
    assert!(
        tool(place.path(), format!("{ARGS} --arch x86_64"))
            .status
            .success()
    );
    let strict = tool(place.path(), "check dist/pslc-padel.zip");
    assert!(
        stdout(&strict).starts_with("bin/padel-aarch64-linux: layout: "),
        "{strict:?}"
    );
    assert!(
        tool(place.path(), "check dist/pslc-padel.zip --arch x86_64")
            .status
            .success()
    );
}

#[test]
fn pack_keeps_the_last_good_result_when_a_rule_breaks() {
    let place = packed();
    let before = files(&place.path().join("dist"));
    fs::write(
        place.path().join("skill/references/x.md"),
        "pslc_password=hunter2\n",
    )
    .unwrap();
    let output = tool(place.path(), ARGS);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(
        stdout(&output),
        "references/x.md: secret: remove what looks like a password from line 1, and replace it if it is real; an example is written `…`\n"
    );
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: 1 violation: nothing was written [violations]\n\
         hint: correct each line on stdout; `padel-ops check --help` explains the rules\n"
    );
    assert_eq!(files(&place.path().join("dist")), before);
}

#[test]
fn what_is_in_the_way_of_one_result_leaves_all_of_the_last_pack() {
    for name in ["pslc-padel.zip", "pslc-padel.manifest.json", "pslc-padel"] {
        let place = packed();
        let target = place.path().join("dist").join(name);
        if target.is_dir() {
            fs::remove_file(target.join("SHA256SUMS")).unwrap();
        } else {
            fs::remove_file(&target).unwrap();
            fs::create_dir(&target).unwrap();
        }
        fs::write(place.path().join("skill/references/errors.md"), "# Other\n").unwrap();
        let before = files(&place.path().join("dist"));
        let output = tool(place.path(), ARGS);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(
            output.status.code() == Some(2)
                && error.contains(&format!("`dist/{name}` is in the way")),
            "{error}"
        );
        assert_eq!(files(&place.path().join("dist")), before, "{name}");
    }
    // And where nothing is, all of it is replaced.
    let place = packed();
    fs::write(place.path().join("skill/references/errors.md"), "# Other\n").unwrap();
    assert!(tool(place.path(), ARGS).status.success());
    let dist = place.path().join("dist");
    assert_eq!(
        fs::read(dist.join("pslc-padel/references/errors.md")).unwrap(),
        b"# Other\n"
    );
    assert_eq!(fs::read_dir(dist).unwrap().count(), 3);
}

#[test]
fn the_source_is_never_taken_for_an_earlier_pack() {
    let place = tempfile::tempdir().unwrap();
    source(place.path());
    fs::create_dir(place.path().join("repo")).unwrap();
    fs::rename(
        place.path().join("skill"),
        place.path().join("repo/pslc-padel"),
    )
    .unwrap();
    let output = tool(
        place.path(),
        "pack --bin-dir bin --skill-dir repo/pslc-padel --out repo",
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(place.path().join("repo/pslc-padel/SKILL.md").is_file());
}

#[test]
fn leftovers_in_the_source_do_not_pass_for_packed_files() {
    let place = tempfile::tempdir().unwrap();
    source(place.path());
    fs::create_dir(place.path().join("skill/bin")).unwrap();
    fs::write(
        place.path().join("skill/bin/padel-x86_64-linux"),
        fixture::program(62, VERSION),
    )
    .unwrap();
    let output = tool(place.path(), ARGS);
    assert_eq!(
        stdout(&output),
        "bin/padel-x86_64-linux: layout: remove it from the source: pack makes it\n"
    );
}

#[test]
fn json_tells_what_was_written() {
    let place = tempfile::tempdir().unwrap();
    source(place.path());
    let output = tool(place.path(), format!("{ARGS} --json"));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["schema"], "padel.pack/v1");
    assert_eq!(answer["written"][0], "dist/pslc-padel.zip");
    assert_eq!(answer["violations"], serde_json::json!([]));
    assert_eq!(answer["manifest"]["skill"], "pslc-padel");
}
