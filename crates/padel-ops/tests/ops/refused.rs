//! What is refused before its contents are read: links, odd paths, too much, broken archives.

use std::{
    fs,
    io::{Cursor, Write as _},
    os::unix::fs::symlink,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use zip::{ZipWriter, write::SimpleFileOptions};

use crate::fixture::{Entry, Skill, X86_64, check_zip, elf, stdout, tool};

fn lines_of(paths: &[&str]) -> Vec<String> {
    let entry = |path: &&str| Entry {
        path: (*path).to_owned(),
        mode: 0o644,
        data: b"x".to_vec(),
    };
    let (lines, code) = check_zip(&Skill(paths.iter().map(entry).collect()).zip());
    assert_eq!(code, Some(3), "{lines}");
    lines.lines().map(str::to_owned).collect()
}

#[test]
fn odd_paths_are_refused() {
    for (path, expected) in [
        ("a/../b", "../b: path: write it without empty parts"),
        ("a/./b", "./b: path: write it without empty parts"),
        ("a//b", "/b: path: write it without empty parts"),
        ("a/b\\c", "b\\c: path: write `/` between directories"),
        (
            "a/b\nc",
            "b c: path: rename it: UTF-8 without control characters",
        ),
        (
            "a/b\u{202e}c",
            "bc: path: rename it: UTF-8 without control characters, invisible ones",
        ),
        ("a/b\u{200b}", "b: path: rename it"),
        ("a/b ", "b: path: rename it"),
        ("a/::error::b\u{7}", "./::error::b: path: rename it"),
        (
            "a/SKILL.MD",
            "SKILL.MD: path: rename it: `SKILL.md` is the same name",
        ),
        (
            "a/SKILL.md/x",
            "SKILL.md/x: path: rename it: its directory is also a file",
        ),
    ] {
        let lines = lines_of(&["a/SKILL.md", path]);
        assert!(
            lines.len() == 1 && lines[0].starts_with(expected),
            "{path}: {lines:?}"
        );
    }
    for path in ["/etc/passwd", "../x", "C:/x"] {
        let lines = lines_of(&["a/SKILL.md", path]).join("\n");
        assert!(
            lines.contains(": path: ") && lines.contains(": top-directory: "),
            "{path}: {lines}"
        );
    }
}

#[test]
fn there_is_one_top_directory() {
    for paths in [
        &["a/SKILL.md", "b/x"][..],
        &["SKILL.md"],
        &["a/SKILL.md", "x"],
    ] {
        assert_eq!(
            lines_of(paths),
            ["(skill): top-directory: put all files into one directory named like the skill"]
        );
    }
}

#[test]
fn check_counts_an_empty_directory_as_a_top_directory() {
    let mut zip = ZipWriter::new_append(Cursor::new(Skill::ours().sealed().zip())).unwrap();
    zip.add_directory("pslc-padel/references/", SimpleFileOptions::default())
        .unwrap();
    let good = zip.finish().unwrap().into_inner();
    assert_eq!(check_zip(&good).1, Some(0), "{}", check_zip(&good).0);
    let mut zip = ZipWriter::new_append(Cursor::new(good)).unwrap();
    zip.add_directory("other/", SimpleFileOptions::default())
        .unwrap();
    let said = check_zip(&zip.finish().unwrap().into_inner());
    let line = "(skill): top-directory: put all files into one directory named like the skill\n";
    assert_eq!(said, (line.to_owned(), Some(3)));

    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_directory("pslc-padel/", SimpleFileOptions::default())
        .unwrap();
    let said = check_zip(&zip.finish().unwrap().into_inner());
    assert_eq!(
        said,
        (
            "(skill): one-skill-md: add SKILL.md: the skill is empty\n".to_owned(),
            Some(3)
        )
    );
}

#[test]
fn what_a_zip_holds_besides_files_is_refused() {
    let good = Skill::ours().sealed().zip();
    let mut commented = ZipWriter::new_append(Cursor::new(good.clone())).unwrap();
    commented.set_comment("sk-ant-api03-abcdefghij").unwrap();
    let commented = commented.finish().unwrap().into_inner();
    let mut of_a_file = ZipWriter::new_append(Cursor::new(good.clone())).unwrap();
    let options = SimpleFileOptions::default()
        .into_full_options()
        .with_file_comment("sk-ant-api03-abcdefghij");
    of_a_file
        .add_directory("pslc-padel/references/", options)
        .unwrap();
    for (zip, what) in [
        (
            [b"#!/bin/sh\n", &good[..]].concat(),
            "bytes before its first file",
        ),
        (commented, "a comment"),
        (of_a_file.finish().unwrap().into_inner(), "a comment"),
        (
            [&good[..], b"sk-ant-api03-abcdefghij"].concat(),
            "bytes after its end",
        ),
    ] {
        let (lines, code) = check_zip(&zip);
        assert!(
            lines.starts_with("(skill): archive: make the zip again") && lines.contains(what),
            "{what}: {lines}"
        );
        assert_eq!((lines.lines().count(), code), (1, Some(3)));
    }
}

#[test]
fn junk_has_its_line_everywhere() {
    for path in [
        "a/.git/HEAD",
        "a/.DS_Store",
        "a/__MACOSX/x",
        "a/Thumbs.db",
        "a/x.swp",
        "a/__pycache__/x",
        "a/x.pyc",
    ] {
        let lines = lines_of(&["a/SKILL.md", path]).join("\n");
        assert!(lines.contains(": junk: remove it: "), "{path}: {lines}");
    }
}

#[test]
fn a_link_is_refused_in_a_zip_and_in_a_directory() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("a/SKILL.md", SimpleFileOptions::default())
        .unwrap();
    zip.add_symlink("a/passwd", "/etc/passwd", SimpleFileOptions::default())
        .unwrap();
    let (lines, code) = check_zip(&zip.finish().unwrap().into_inner());
    assert_eq!(
        (lines.as_str(), code),
        (
            "passwd: symlink: replace it by a regular file: links and devices are not uploaded\n",
            Some(3)
        )
    );

    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("a")).unwrap();
    fs::write(place.path().join("a/SKILL.md"), "x").unwrap();
    symlink("/etc/passwd", place.path().join("a/passwd")).unwrap();
    symlink("/etc", place.path().join("a/references")).unwrap();
    let lines = stdout(&tool(place.path(), "check a"));
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert!(
        lines.starts_with("passwd: symlink: ") && lines.contains("\nreferences: symlink: "),
        "{lines}"
    );
}

#[test]
fn thirty_megabytes_are_refused_packed_or_not() {
    let mut skill = Skill::ours();
    skill.add("references/zeros", vec![0; 30_000_000]);
    let zip = skill.zip();
    assert!(zip.len() < 100_000, "a bomb");
    assert_eq!(
        check_zip(&zip),
        (
            "(skill): size: stay under 30 MB uncompressed: remove or shrink files\n".to_owned(),
            Some(3)
        )
    );

    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("a")).unwrap();
    fs::File::create(place.path().join("a/SKILL.md"))
        .unwrap()
        .set_len(30_000_000)
        .unwrap();
    assert!(stdout(&tool(place.path(), "check a")).starts_with("(skill): size: "));
}

#[test]
fn a_zip_that_lies_about_a_size_is_not_unpacked_further() {
    let mut skill = Skill::ours();
    skill.add("references/zeros", vec![0; 29_000_000]);
    let mut zip = skill.zip();
    // Both headers say ten bytes.
    let size = 29_000_000_u32.to_le_bytes();
    let places: Vec<usize> = zip
        .windows(4)
        .enumerate()
        .filter(|(_, bytes)| *bytes == size)
        .map(|(at, _)| at)
        .collect();
    assert_eq!(places.len(), 2);
    places
        .iter()
        .for_each(|at| zip[*at..at + 4].copy_from_slice(&10_u32.to_le_bytes()));
    let (lines, code) = check_zip(&zip);
    assert!(
        lines.contains("references/zeros: size: ") || lines.contains("references/zeros: archive: "),
        "{lines}"
    );
    assert_eq!(code, Some(3));
}

#[test]
fn broken_cloaked_and_doubled_archives_are_refused() {
    let good = Skill::ours().sealed().zip();
    assert!(check_zip(b"not a zip").0.starts_with("(skill): archive: "));
    assert!(
        check_zip(&good[..good.len() / 2])
            .0
            .starts_with("(skill): archive: ")
    );
    let name = |zip: &[u8], name: &[u8]| {
        zip.windows(name.len())
            .position(|bytes| bytes == name)
            .unwrap()
    };

    // The local header, which comes first, names another file than the central directory.
    let mut cloaked = good;
    let at = name(&cloaked, b"pslc-padel/SKILL.md");
    cloaked[at..at + 19].copy_from_slice(b"pslc-padel/OTHER.md");
    assert!(
        check_zip(&cloaked)
            .0
            .contains("(skill): archive: make the zip again: its two lists of files differ")
    );

    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for path in ["a/SKILL.md", "a/SKILL.mx"] {
        zip.start_file(path, SimpleFileOptions::default()).unwrap();
        zip.write_all(b"x").unwrap();
    }
    let mut doubled = zip.finish().unwrap().into_inner();
    while let Some(at) = doubled.windows(10).position(|bytes| bytes == b"a/SKILL.mx") {
        doubled[at + 9] = b'd';
    }
    assert!(
        check_zip(&doubled)
            .0
            .starts_with("(skill): path: pack each file once")
    );
}

/// The lines and the last words of a check that is not let run for longer than a minute: alone on a
/// machine it needs a second, and hours if it looked at each place once more for each place.
fn soon(skill: &Skill) -> (String, String) {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("skill.zip"), skill.zip()).unwrap();
    let streams = ["stdout", "stderr"].map(|name| place.path().join(name));
    let [out, err] = streams
        .each_ref()
        .map(|path| Stdio::from(fs::File::create(path).unwrap()));
    let mut command = Command::new(env!("CARGO_BIN_EXE_padel-ops"));
    command
        .current_dir(place.path())
        .args(["check", "skill.zip"])
        .stdout(out)
        .stderr(err);
    let (mut child, end) = (
        command.spawn().unwrap(),
        Instant::now() + Duration::from_secs(60),
    );
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > end {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("still at work after a minute");
        }
        thread::sleep(Duration::from_millis(5));
    }
    let [out, err] = streams.map(|path| fs::read_to_string(path).unwrap());
    (out, err)
}

#[test]
fn a_small_zip_keeps_the_check_neither_busy_nor_talking() {
    const SIZE: usize = 2_000_000;
    let text = |path: &str, of: &str| {
        let mut skill = Skill::ours();
        skill.set(path, of.repeat(SIZE / of.len()));
        if path != "SHA256SUMS" {
            skill.sealed()
        } else {
            skill
        }
    };
    let fine = "skill.zip: fine";
    assert!(
        soon(&text("references/x.md", "eyJ")).0.starts_with(fine),
        "what looks like the beginning of tokens"
    );
    assert!(
        soon(&text("references/x.md", "pslc_password=$"))
            .0
            .starts_with(fine),
        "placeholders of passwords"
    );

    let (lines, error) = soon(&text("references/x.md", "pslc_password=x\n"));
    assert_eq!(lines.lines().count(), 1000);
    assert!(
        error.starts_with("error: 1000 violations or more: "),
        "{error}"
    );

    let mut listed = text("SHA256SUMS", "\n");
    (0..1000).for_each(|number| listed.add(&format!("references/{number}"), ""));
    assert!(soon(&listed).0.contains("references/0: sums: pack again"));

    let (lines, _) = soon(&text("config.toml", "a."));
    assert!(
        lines.starts_with("config.toml: config: shorten it to 64 KiB"),
        "{lines}"
    );

    // As many headers as can be, each of them the same dynamic section as long as the file.
    let mut program = elf(X86_64, &[2; SIZE], &[]);
    program[54..58].copy_from_slice(&[0, 0, 0xff, 0xff]);
    program[64] = 2;
    let sections = [(2, vec![2; 64]), (2, vec![2; 64])];
    for broken in [program, elf(X86_64, b"padel/", &sections)] {
        let mut skill = Skill::ours();
        skill.set("bin/padel-x86_64-linux", broken);
        let (lines, _) = soon(&skill.sealed());
        assert!(
            lines.contains(
                "elf: replace it by a 64-bit ELF program: it is a truncated or broken ELF file"
            ),
            "{lines}"
        );
    }
}
