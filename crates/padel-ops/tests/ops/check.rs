//! `check`: each rule broken once, in a zip and in a directory, and what is fine.

use std::fs;

use serde_json::Value;

use crate::fixture::{
    AARCH64, Skill, VERSION, X86_64, check_directory, check_zip, elf, front_matter, program,
    stdout, tool,
};

/// A case: its name, the damage, and the beginnings of the lines, in order.
type Case = (&'static str, fn(&mut Skill), &'static [&'static str]);

fn matter(text: &str) -> String {
    front_matter(VERSION).replace("name: pslc-padel\ndescription: Free courts.\n", text)
}

const CASES: [Case; 35] = [
    (
        "byte order mark",
        |s| s.set("SKILL.md", format!("\u{feff}{}", front_matter(VERSION))),
        &["SKILL.md: front-matter: save it without a byte order mark"],
    ),
    (
        "first fence",
        |s| s.set("SKILL.md", format!("\n{}", front_matter(VERSION))),
        &["SKILL.md: front-matter: begin with a line"],
    ),
    (
        "CRLF",
        |s| s.set("SKILL.md", front_matter(VERSION).replace('\n', "\r\n")),
        &["SKILL.md: front-matter: begin with a line"],
    ),
    (
        "last fence",
        |s| {
            s.set(
                "SKILL.md",
                front_matter(VERSION)
                    .split("\n---\n")
                    .next()
                    .unwrap()
                    .to_owned()
                    + "\n---",
            );
        },
        &["SKILL.md: front-matter: end the front matter"],
    ),
    (
        "YAML",
        |s| s.set("SKILL.md", matter("name: [\n")),
        &["SKILL.md: front-matter: correct the YAML"],
    ),
    (
        "no name",
        |s| s.set("SKILL.md", matter("description: x\n")),
        &["SKILL.md: name: add `name: pslc-padel`"],
    ),
    (
        "upper case",
        |s| s.set("SKILL.md", matter("name: Padel\ndescription: x\n")),
        &[
            "SKILL.md: name: write 1 to 64",
            "SKILL.md: top-directory: name the top directory `Padel`",
        ],
    ),
    (
        "reserved word",
        |s| s.set("SKILL.md", matter("name: claude-padel\ndescription: x\n")),
        &[
            "SKILL.md: name: leave out the reserved word `claude`",
            "SKILL.md: top-directory: ",
        ],
    ),
    (
        "no description",
        |s| s.set("SKILL.md", matter("name: pslc-padel\n")),
        &["SKILL.md: description: add `description: …`"],
    ),
    (
        "long description",
        |s| {
            s.set(
                "SKILL.md",
                matter(&format!(
                    "name: pslc-padel\ndescription: {}\n",
                    "é".repeat(1025)
                )),
            );
        },
        &["SKILL.md: description: write 1 to 1024 characters, not 1025"],
    ),
    (
        "tags",
        |s| {
            s.set(
                "SKILL.md",
                matter("name: pslc-padel\ndescription: a <b> c\n"),
            );
        },
        &["SKILL.md: description: write it without `<`"],
    ),
    (
        "second SKILL.md",
        |s| s.add("references/skill.md", "x"),
        &["references/skill.md: one-skill-md: "],
    ),
    (
        "version",
        |s| s.set("SKILL.md", front_matter("9.9.9")),
        &["SKILL.md: version: set `metadata.version`"],
    ),
    (
        "binary's version",
        |s| s.set("bin/padel-x86_64-linux", program(X86_64, "9.9.9")),
        &["bin/padel-x86_64-linux: version: build it from version"],
    ),
    (
        "other binary's version",
        |s| s.set("bin/padel-aarch64-linux", program(AARCH64, "9.9.9")),
        &["bin/padel-aarch64-linux: version: build it from version"],
    ),
    (
        "32 bits",
        |s| s.entry("bin/padel-x86_64-linux").data[4] = 1,
        &["bin/padel-x86_64-linux: elf: replace it by a 64-bit ELF program: it is not a 64-bit"],
    ),
    (
        "machine",
        |s| s.set("bin/padel-aarch64-linux", program(X86_64, VERSION)),
        &["bin/padel-aarch64-linux: elf: build it for aarch64: its machine number is 62"],
    ),
    (
        "interpreter",
        |s| {
            s.set(
                "bin/padel-x86_64-linux",
                elf(X86_64, VERSION_TEXT, &[(3, b"/lib64/ld.so\0".to_vec())]),
            );
        },
        &["bin/padel-x86_64-linux: elf: link it statically"],
    ),
    (
        "shared library",
        |s| {
            s.set(
                "bin/padel-x86_64-linux",
                elf(
                    X86_64,
                    VERSION_TEXT,
                    &[(2, [1_u64, 1, 0, 0].map(u64::to_le_bytes).concat())],
                ),
            );
        },
        &["bin/padel-x86_64-linux: elf: link it statically"],
    ),
    (
        "truncated",
        |s| s.entry("bin/padel-aarch64-linux").data.truncate(80),
        &[
            "bin/padel-aarch64-linux: elf: replace it by a 64-bit ELF program: it is a truncated",
            "bin/padel-aarch64-linux: version: ",
        ],
    ),
    (
        "script as binary",
        |s| {
            s.set(
                "bin/padel-aarch64-linux",
                format!("#!/bin/sh\n# padel/{VERSION}\n"),
            );
        },
        &[
            "bin/padel-aarch64-linux: elf: replace it by a 64-bit ELF program: it is not an ELF file",
        ],
    ),
    (
        "launcher's mode",
        |s| s.entry("scripts/padel").mode = 0o644,
        &["scripts/padel: mode: set the mode 0755: it is 0644"],
    ),
    (
        "document's mode",
        |s| s.entry("SKILL.md").mode = 0o755,
        &["SKILL.md: mode: set the mode 0644: it is 0755"],
    ),
    (
        "launcher's first line",
        |s| s.set("scripts/padel", "#!/bin/sh\r\n"),
        &["scripts/padel: layout: begin with the line"],
    ),
    (
        "no launcher",
        |s| s.remove("scripts/padel"),
        &["scripts/padel: layout: add it"],
    ),
    (
        "no binary",
        |s| s.remove("bin/padel-aarch64-linux"),
        &["bin/padel-aarch64-linux: layout: add the binary"],
    ),
    (
        "extra file",
        |s| s.add("scripts/other", "x"),
        &["scripts/other: layout: remove it"],
    ),
    (
        "unknown key",
        |s| s.set("config.toml", "clubb = \"x\"\n"),
        &["config.toml: config: config.toml: unknown key `clubb`; did you mean `club`?"],
    ),
    (
        "wrong type",
        |s| s.set("config.toml", "sites = \"x\"\n"),
        &["config.toml: config: config.toml: `sites` has a value of a wrong type"],
    ),
    (
        "unknown zone",
        |s| s.set("config.toml", "timezone = \"Mars/Base\"\n"),
        &["config.toml: config: padel has no data for the timezone `Mars/Base`"],
    ),
    (
        "portal",
        |s| s.set("config.toml", "[portal.login]\npathh = \"/x\"\n"),
        &["config.toml: config: [portal] in config.toml: unknown value"],
    ),
    (
        ".env",
        |s| s.add("references/.env", "x"),
        &[
            "references/.env: junk: ",
            "references/.env: secret: remove it",
        ],
    ),
    (
        "key",
        |s| s.add("references/club.pem", "x"),
        &["references/club.pem: secret: remove it"],
    ),
    (
        "token",
        |s| s.add("references/a.md", "x\n sk-ant-api03-abcdefghij\n"),
        &["references/a.md: secret: remove what looks like an API key from line 2"],
    ),
    (
        "junk",
        |s| s.add("references/a.md~", "x"),
        &["references/a.md~: junk: remove it: `a.md~` does not belong"],
    ),
];

/// Nothing to run, but the version.
const VERSION_TEXT: &[u8] = concat!("padel/", env!("CARGO_PKG_VERSION")).as_bytes();

#[test]
fn each_rule_has_its_line_in_a_zip_and_in_a_directory() {
    for (name, change, expected) in CASES {
        let mut skill = Skill::ours();
        change(&mut skill);
        let skill = skill.sealed();
        for (lines, code) in [check_zip(&skill.zip()), check_directory(&skill)] {
            let found: Vec<&str> = lines.lines().collect();
            let same = found.len() == expected.len()
                && found
                    .iter()
                    .zip(expected)
                    .all(|(line, start)| line.starts_with(start));
            assert!(same, "{name}: {found:#?}\nexpected: {expected:#?}");
            assert_eq!(code, Some(3), "{name}");
        }
    }
}

#[test]
fn sums_must_name_each_file_once_with_its_hash_and_in_order() {
    for (change, expected) in [
        (
            (|s| s.entry("references/errors.md").data.push(b'x')) as fn(&mut Skill),
            "references/errors.md: sums: pack again: its line",
        ),
        (
            |s| s.add("references/new.md", "x"),
            "references/new.md: sums: pack again: its line",
        ),
        (
            |s| s.remove("references/errors.md"),
            "SHA256SUMS: sums: pack again: it names `references/errors.md`",
        ),
        (
            |s| {
                let sums = String::from_utf8(s.entry("SHA256SUMS").data.clone()).unwrap();
                s.set(
                    "SHA256SUMS",
                    sums.lines()
                        .rev()
                        .map(|line| format!("{line}\n"))
                        .collect::<String>(),
                );
            },
            "SHA256SUMS: sums: pack again: lines must be sorted",
        ),
    ] {
        let mut skill = Skill::ours().sealed();
        change(&mut skill);
        let (lines, code) = check_zip(&skill.zip());
        assert!(
            lines.starts_with(expected) && lines.lines().count() == 1,
            "{lines}"
        );
        assert_eq!(code, Some(3));
    }
}

#[test]
fn a_secret_is_found_in_whatever_encoding_and_in_a_program() {
    let key = "sk-ant-api03-abcdefghij";
    let utf16: Vec<u8> = format!("\u{feff}k\n{key}\n")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let latin1 = [b"caf\xe9\n", key.as_bytes()].concat();
    for (path, data) in [
        ("references/a.md", utf16),
        ("references/a.md", latin1),
        (
            "bin/padel-aarch64-linux",
            [program(AARCH64, VERSION), format!("\n{key}").into()].concat(),
        ),
    ] {
        let mut skill = Skill::ours();
        skill.set(path, data);
        let (lines, code) = check_zip(&skill.sealed().zip());
        let expected = format!("{path}: secret: remove what looks like an API key from line ");
        assert!(
            lines.starts_with(&expected) && lines.lines().count() == 1,
            "{lines}"
        );
        assert_eq!(code, Some(3));
    }
    // What a program has to say of them is none.
    let mut skill = Skill::ours();
    let words =
        b"\npslc_password=is missing\n-----BEGIN {} PRIVATE KEY-----\nkeys begin with sk-ant-\n";
    skill.set(
        "bin/padel-aarch64-linux",
        [program(AARCH64, VERSION), words.to_vec()].concat(),
    );
    assert_eq!(check_zip(&skill.sealed().zip()).1, Some(0));
}

#[test]
fn our_skill_is_fine_as_zip_and_directory() {
    let skill = Skill::ours().sealed();
    for (lines, code) in [check_zip(&skill.zip()), check_directory(&skill)] {
        assert!(
            lines.contains(": fine (") && lines.lines().count() == 1,
            "{lines}"
        );
        assert_eq!(code, Some(0));
    }
}

#[test]
fn a_strangers_skill_needs_only_the_platforms_rules() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("other")).unwrap();
    let text = "---\nname: other\ndescription: Something else.\nmetadata:\n  v: 1.0\n---\n";
    fs::write(place.path().join("other/SKILL.md"), text).unwrap();
    let output = tool(place.path(), "check other");
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    let lines = stdout(&output);
    assert!(
        lines.starts_with("warning: SKILL.md: front-matter: put `1.0` of `metadata.v` in quotes"),
        "{lines}"
    );
    assert!(
        lines.ends_with("other: fine (68 bytes in 1 file)\n"),
        "{lines}"
    );
    // From inside it, too.
    assert!(
        tool(&place.path().join("other"), "check .")
            .status
            .success()
    );
}

#[test]
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
fn the_binary_is_asked_for_its_version_only_when_told_to() {
    // Holds the right user agent, but ends in a fault when it runs.
    let mut skill = Skill::ours();
    skill.set(
        "bin/padel-x86_64-linux",
        elf(X86_64, &[&[0x0f, 0x0b], VERSION_TEXT].concat(), &[]),
    );
    let zip = skill.sealed().zip();
    let (lines, code) = check_zip(&zip);
    assert!(
        lines.starts_with(
            "bin/padel-x86_64-linux: version: replace it by a binary that works: `--version` ends with signal"
        ),
        "{lines}"
    );
    assert_eq!(code, Some(3));
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("skill.zip"), zip).unwrap();
    assert!(tool(place.path(), "check skill.zip").status.success());
}

#[test]
fn json_has_file_rule_and_message_and_the_error_on_stderr() {
    let place = tempfile::tempdir().unwrap();
    let mut skill = Skill::ours();
    skill.entry("scripts/padel").mode = 0o644;
    fs::write(place.path().join("skill.zip"), skill.sealed().zip()).unwrap();
    let output = tool(place.path(), "check skill.zip --json");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["schema"], "padel.check/v1");
    let expected = serde_json::json!([{"file": "scripts/padel", "rule": "mode", "message": "set the mode 0755: it is 0644"}]);
    assert_eq!(answer["violations"], expected);
    let error: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(error["error"]["code"], "violations");
}

#[test]
fn a_wrong_command_line_or_path_is_usage() {
    let place = tempfile::tempdir().unwrap();
    for args in [
        "check",
        "check nowhere",
        "publish",
        "",
        "pack --arch mips",
        "pack",
    ] {
        let output = tool(place.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(
            error.starts_with("error: ")
                && error.contains("[usage]\nhint: ")
                && error.lines().count() == 2,
            "{error}"
        );
    }
    let output = tool(place.path(), "check nowhere --json");
    let error: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(error["error"]["code"], "usage");
}

#[test]
fn a_mistyped_step_or_option_is_answered_with_what_was_meant() {
    let place = tempfile::tempdir().unwrap();
    for (args, hint) in [
        (
            "publsh",
            "did you mean `padel-ops publish`? `padel-ops --help`",
        ),
        ("rolback --skill x", "did you mean `padel-ops rollback`?"),
        (
            "check --rum",
            "did you mean `padel-ops check --run`? `padel-ops check --help`",
        ),
        (
            "publish x.zip --skil x",
            "did you mean `padel-ops publish --skill`?",
        ),
        ("completions bsh", "possible values: "),
        ("xyzzy", "`padel-ops --help` shows what is accepted"),
        ("pin", "`padel-ops pin --help` shows what is accepted"),
        ("help publsh", "did you mean `padel-ops publish`?"),
    ] {
        let output = tool(place.path(), args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            output.status.code() == Some(2) && said.contains(&format!("\nhint: {hint}")),
            "{args:?}: {said}"
        );
    }
}

#[test]
fn help_of_a_step_and_completions_are_as_padels() {
    let place = tempfile::tempdir().unwrap();
    let text = |args: &str| {
        let output = tool(place.path(), args);
        assert!(output.status.success(), "{args:?}: {output:?}");
        stdout(&output)
    };
    assert_eq!(text("help publish"), text("publish --help"));
    assert_eq!(text("help"), text("--help"));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = text(&format!("completions {shell}"));
        assert!(
            script.contains("rollback") && script.contains("smoke-agent"),
            "{shell}"
        );
    }
}

#[test]
fn help_names_every_rule_and_exit_code() {
    let place = tempfile::tempdir().unwrap();
    let help = stdout(&tool(place.path(), "check --help"));
    let rules = CASES
        .iter()
        .flat_map(|case| case.2)
        .map(|line| line.split(": ").nth(1).unwrap());
    for rule in rules.chain([
        "archive",
        "path",
        "symlink",
        "size",
        "sums",
        "top-directory",
    ]) {
        assert!(help.contains(&format!("\n  {rule} ")), "{rule}");
    }
    assert!(stdout(&tool(place.path(), "--help")).contains("3  violations"));
}
