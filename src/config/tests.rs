//! What the places, the private files and the settings are held to at their limits.

use std::{ffi::OsString, fs, path::Path};

use super::{Environment, Flags, Settings, check_file, is_utf16, private, zoneinfo};
use crate::error::{Code, Error};

const PAIR: &str = "pslc_user=a\npslc_password=b\n";

/// An environment with a home of its own. What it holds counts before the files of whoever runs the test.
fn environment(home: &Path, more: &[(&str, &str)]) -> Environment {
    let dir = home.join(".config/pslc-padel");
    fs::create_dir_all(&dir).unwrap();
    for (name, text) in [(".env", PAIR), ("config.toml", "")] {
        if !dir.join(name).exists() {
            fs::write(dir.join(name), text).unwrap();
        }
    }
    let own = [
        ("HOME", home.to_str().unwrap()),
        ("PADEL_SESSION_UPLOADS", "/nowhere"),
    ];
    own.iter()
        .chain(more)
        .map(|(name, value)| (OsString::from(name), OsString::from(value)))
        .collect()
}

fn load(flags: &Flags, more: &[(&str, &str)]) -> Result<Settings, Error> {
    let home = tempfile::tempdir().unwrap();
    Settings::load(flags, &environment(home.path(), more))
}

#[test]
fn utf16_is_known_by_its_mark_or_by_its_zeros() {
    for text in [
        &b"\xff\xfea"[..],
        b"\xfe\xffa",
        b"\xff\xfe",
        b"ab\0",
        b"a\0b\0",
        b"abcd\0\0",
        b"p\0s\0l\0c\0_\0 and more",
    ] {
        assert!(is_utf16(text), "{text:?}");
    }
    for text in [
        &b""[..],
        b"a",
        b"\xff",
        b"abc\0",
        b"abcdefg\0\0",
        b"pslc_user=a\0",
    ] {
        assert!(!is_utf16(text), "{text:?}");
    }
}

#[cfg(unix)]
#[test]
fn only_private_small_files_in_own_directories_are_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("cache");
    let file = dir.join("kept.json");
    let set_mode =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    private::write(&file, b"{}").unwrap();
    private::own_dir(&dir).unwrap();
    assert_eq!(private::read(&file).as_deref(), Some(&b"{}"[..]));
    for mode in [0o604, 0o640, 0o602] {
        set_mode(&file, mode);
        assert!(
            !private::is_private(&file) && private::read(&file).is_none(),
            "{mode:o}"
        );
    }
    set_mode(&file, 0o600);
    for mode in [0o702, 0o720, 0o777] {
        set_mode(&dir, mode);
        assert!(
            private::own_dir(&dir).is_err() && private::read(&file).is_none(),
            "{mode:o}"
        );
    }
    set_mode(&dir, 0o755);
    assert!(private::own_dir(&dir).is_ok() && private::read(&file).is_some());
    let link = dir.join("link.json");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    assert_eq!(private::read(&link), None);
    fs::OpenOptions::new()
        .write(true)
        .open(&file)
        .unwrap()
        .set_len(8 * 1024 * 1024 + 1)
        .unwrap();
    assert_eq!(private::read(&file), None);
}

#[test]
fn a_checked_file_is_refused_like_a_loaded_one() {
    let check = |text| check_file(text, Path::new("config.toml"));
    for text in [
        "club = 1",
        "club = \"a b\"",
        "timezone = \"Europe/Nowhere\"",
        "sites = [\"a?b\"]",
        "x = 1",
        "club",
    ] {
        assert_eq!(check(text).unwrap_err().code, Code::ConfigInvalid, "{text}");
    }
    let portal = check("club = \"a\"\n[portal.login]\npath = \"/x\"\n").unwrap();
    assert_eq!(portal["login"]["path"].as_str(), Some("/x"));
}

#[test]
fn a_broken_variable_counts_unless_its_own_setting_is_set() {
    let names = ["club", "timezone", "sport", "sites", "activities"];
    let all = Flags {
        club: Some("one".to_owned()),
        sites: vec!["1".to_owned()],
        activities: vec!["2".to_owned()],
        ..Flags::default()
    };
    for name in names {
        let (upper, lower) = (
            format!("PSLC_{}", name.to_uppercase()),
            format!("pslc_{name}"),
        );
        let twice = [(upper.as_str(), "one"), (lower.as_str(), "two")];
        let is_flag = ["club", "sites", "activities"].contains(&name);
        assert_eq!(load(&all, &twice).is_ok(), is_flag, "{name}");
        assert_eq!(
            load(&Flags::default(), &twice).unwrap_err().code,
            Code::ConfigInvalid,
            "{name}"
        );
        // A line of a `.env` that cannot be read is of no matter where a variable says the same.
        let home = tempfile::tempdir().unwrap();
        let dotenv = home.path().join(".config/pslc-padel/.env");
        fs::create_dir_all(dotenv.parent().unwrap()).unwrap();
        fs::write(&dotenv, format!("{PAIR}{lower}: x\n")).unwrap();
        for variable in names {
            let value = if variable == "timezone" { "UTC" } else { "one" };
            let env = environment(
                home.path(),
                &[(&format!("PSLC_{}", variable.to_uppercase()), value)],
            );
            assert_eq!(
                Settings::load(&Flags::default(), &env).is_ok(),
                variable == name,
                "{name} {variable}"
            );
        }
    }
}

#[test]
fn names_are_bounded_and_not_blank() {
    let with = |name: &str| {
        load(
            &Flags {
                sites: vec![name.to_owned()],
                ..Flags::default()
            },
            &[],
        )
    };
    for name in ["a", &"a".repeat(80), &"ä".repeat(80), "Shoreditch Park"] {
        assert!(with(name).is_ok(), "{name}");
    }
    for name in [
        "",
        " ",
        &"a".repeat(81),
        &"a".repeat(200),
        "a?",
        "#1",
        "a,b",
        "a\u{7}",
    ] {
        assert_eq!(with(name).unwrap_err().code, Code::Usage, "{name}");
    }
}

#[test]
fn a_zone_without_data_is_told_by_what_the_machine_has() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("Europe")).unwrap();
    for file in [
        "Europe/Ber.lin",
        "Europe/Somewhere",
        "Zone.tab",
        "posixrules",
    ] {
        fs::write(dir.path().join(file), "").unwrap();
    }
    let places = [dir.path().to_owned()];
    assert!(zoneinfo::list_names(&places).ends_with(&["Europe/Somewhere".to_owned()]));
    assert!(
        !zoneinfo::list_names(&places)
            .iter()
            .any(|name| name.contains('.') || name == "posixrules")
    );
    assert!(
        zoneinfo::find_zone("Europe/Ber.lin", &places)
            .unwrap()
            .is_none()
    );
    assert!(
        zoneinfo::find_zone("Europe/Somewhere", &places)
            .unwrap_err()
            .contains("no zone file")
    );
    let wrong = |zones: &str| {
        let variables = [("PSLC_TIMEZONE", "Qqqqqqqq/Xxxxxxxxxx"), ("TZDIR", zones)];
        load(&Flags::default(), &variables).unwrap_err()
    };
    let error = wrong(dir.path().to_str().unwrap());
    assert!(
        error.message.contains("there is no timezone")
            && error.hint.contains("the club's own zone"),
        "{error:?}"
    );
    let error = wrong("/nowhere/zoneinfo");
    assert!(
        error.message.contains("has no data") && error.hint.contains("tzdata"),
        "{error:?}"
    );
}
