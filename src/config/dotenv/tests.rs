//! What a `.env` may look like, and what of it counts.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

fn value(text: &str, name: &str) -> Option<String> {
    parse(text.as_bytes()).get(name)
}

#[test]
fn values_are_literal() {
    for text in [
        "a$b",
        "a#b",
        "a=b",
        r"a\b\n",
        "a'b\"c",
        "a b",
        "pässwörd",
        "$HOME",
        "${X}",
        "\"",
        "'a\"",
    ] {
        assert_eq!(
            value(&format!("PSLC_club={text}"), "pslc_club").as_deref(),
            Some(text)
        );
    }
}

#[test]
fn what_surrounds_a_value_is_tolerated() {
    let text = "\u{feff}# a comment\r\n\r\nexport PSLC_USER = 1 \r\npslc_club='2 '\r\n  pslc_sport=\"\"\n\
                export\tpslc_sites=\t3\r pslc_timezone=4\n";
    let pairs: Vec<_> = parse(text.as_bytes()).values().collect();
    let of = |key, value: &str| (key, value.to_owned());
    let expected = [
        of("pslc_user", "1"),
        of("pslc_club", "2 "),
        of("pslc_sport", ""),
    ];
    assert_eq!(
        pairs,
        [
            &expected[..],
            &[of("pslc_sites", "3"), of("pslc_timezone", "4")]
        ]
        .concat()
    );
}

#[test]
fn the_last_of_a_doubled_key_counts() {
    let pairs = parse(b"pslc_user=a\nPSLC_USER=b\nOTHER=1\nOTHER=2\n");
    assert_eq!(pairs.get("pslc_user").as_deref(), Some("b"));
    assert_eq!(
        pairs.all_notes(),
        ["pslc_user stands in lines 1 and 2, and the last one counts"]
    );
    let pairs = parse(b"pslc_user=a\npslc_user=\n");
    assert_eq!(
        pairs.find("pslc_user"),
        Found::Missing("pslc_user is empty (line 2)".to_owned())
    );
    let pairs = parse(b"pslc_user=a\npslc_user: b\n");
    let wrong = "line 2 is not of the form pslc_user=value".to_owned();
    assert_eq!(pairs.find("pslc_user"), Found::Broken(wrong));
    assert_eq!(
        value("pslc_user: a\npslc_user=b", "pslc_user").as_deref(),
        Some("b")
    );
}

#[test]
fn lines_of_others_are_skipped() {
    for text in [
        "KEY=\"-----BEGIN PRIVATE KEY-----\nMIIabc+/==\n-----END PRIVATE KEY-----\"",
        "-----BEGIN PRIVATE KEY-----\nMIIabc+/==\n-----END PRIVATE KEY-----",
        "what is this",
        "declare -x HOME=\"/root\"\ndeclare -fx f",
        "database:\n  host: localhost\n- a\n---",
        "{\n \"a\": 1\n}",
        "[section]\n; pslc_user=old\n// pslc_user=old",
        "A B=1\n=1\n<a b=\"c\">",
        "KEY=\"open\nOTHER='open",
        "the pslc_user is below",
    ] {
        for text in [
            format!("{text}\npslc_user=a\n"),
            format!("pslc_user=a\n{text}"),
        ] {
            assert_eq!(value(&text, "pslc_user").as_deref(), Some("a"), "{text}");
        }
    }
    let pairs = parse(b"pslc_user=a\xe9\n# caf\xe9\ncaf\xe9\npslc_password=b\nX=\xff\n\0\x01\n");
    assert_eq!(pairs.get("pslc_password").as_deref(), Some("b"));
    assert_eq!(
        pairs.find("pslc_user"),
        Found::Broken("line 1 (pslc_user) is not UTF-8 text".to_owned())
    );
    assert_eq!(
        pairs.all_notes().last().unwrap(),
        "skipped what is not KEY=value in lines 3 and 6"
    );
}

#[test]
fn a_key_of_ours_in_another_form_is_broken() {
    for line in [
        "pslc_password secret",
        "pslc_password: secret",
        "  - pslc_password: secret",
        "\"pslc_password\": \"secret\",",
        "{\"pslc_password\":\"secret\",\"pslc_user\":\"a\"}",
        "declare -x pslc_password=\"secret\"",
        "set pslc_password=secret",
        "$env:pslc_password = \"secret\"",
        "export pslc_password",
        "PSLC_PASSWORD",
        "pslc_password+=secret",
        "\u{200b}pslc_password=secret",
        "pslc_pass\u{ad}word=secret",
        "pslc_password\u{a0}=secret",
    ] {
        let expected = "line 1 is not of the form pslc_password=value".to_owned();
        assert_eq!(
            parse(line.as_bytes()).find("pslc_password"),
            Found::Broken(expected),
            "{line}"
        );
    }
    let pairs = parse(b"pslc_password=\"sec\nret\"\npslc_user=a");
    let expected = "the value of pslc_password in line 1 goes on in the next line".to_owned();
    assert_eq!(pairs.find("pslc_password"), Found::Broken(expected));
    assert_eq!(pairs.get("pslc_user").as_deref(), Some("a"));
    assert_eq!(
        value("pslc_password=\"sec\npslc_user=a\"", "pslc_password").as_deref(),
        Some("\"sec")
    );
}

#[test]
fn a_key_inside_a_quoted_value_of_another_does_not_count() {
    let pairs = parse(
        b"pslc_user=new\nNOTE=\"before:\npslc_user=old\npslc_password=old\" # note\npslc_club=x\n",
    );
    assert_eq!(pairs.get("pslc_user").as_deref(), Some("new"));
    assert_eq!(pairs.get("pslc_club").as_deref(), Some("x"));
    let Found::Missing(why) = pairs.find("pslc_password") else {
        panic!("it is not missing")
    };
    assert!(
        why.contains("line 4") && why.contains("begins in line 2"),
        "{why}"
    );
    for open in [
        "NOTE=\"open",
        "NOTE='it",
        "SIZE=5\"",
        "DIR=\"C:\\\"",
        "A=\"b\" c",
    ] {
        let text = format!("{open}\npslc_user=\"a\"\npslc_password='b'\n");
        assert_eq!(value(&text, "pslc_user").as_deref(), Some("a"), "{open}");
        assert_eq!(
            value(&text, "pslc_password").as_deref(),
            Some("b"),
            "{open}"
        );
    }
}

#[test]
fn a_backslash_before_a_quote_ends_a_value_of_ours_only() {
    // Literal for padel: the quote closes. For another program's value it does not.
    assert_eq!(
        value("pslc_password=\"a\\\"\nKEY=b\"\n", "pslc_password").as_deref(),
        Some("a\\")
    );
    let pairs = parse(b"pslc_user=new\nNOTE=\"a\\\"\npslc_user=old\nb\"\n");
    assert_eq!(pairs.get("pslc_user").as_deref(), Some("new"));
}

#[test]
fn many_skipped_lines_are_told_shortly() {
    assert_eq!(
        parse(b"a\nb\nc\nd\n").all_notes(),
        ["skipped what is not KEY=value in lines 1, 2, 3 and 4"]
    );
    assert_eq!(
        parse(b"\na\nb\nc\nd\ne\n").all_notes(),
        ["skipped what is not KEY=value in 5 lines from line 2 on"]
    );
}

#[test]
fn an_edit_keeps_all_other_lines() {
    let text =
        b"\xef\xbb\xbfpslc_user=old\r\n# mine\n\nexport PSLC_Password = 'old'\nB='2 '\t\n\xe9 \
                 nothing\npslc_user: older\nKEY=\"a\nb\"\rpslc_club=3";
    let values = [
        ("pslc_user", Some("a@b.c")),
        ("pslc_password", Some("\"a $\\#")),
        ("pslc_club", None),
    ];
    let new = edited(text, &values).unwrap();
    let rest = b"# mine\n\nB='2 '\t\n\xe9 nothing\nKEY=\"a\nb\"\r\n";
    let ours = b"pslc_user=\"a@b.c\"\npslc_password=\"\"a $\\#\"\n";
    assert_eq!(new, [&rest[..], ours].concat());
    let pairs = parse(&new);
    for (name, value) in values {
        assert_eq!(pairs.get(name).as_deref(), value);
    }
    assert_eq!(edited(&new, &values).unwrap(), new);
}

#[test]
fn an_edit_after_an_open_quote_still_counts() {
    for open in [
        "KEY=\"open",
        "KEY='open",
        "pslc_sport=\"open",
        "KEY=\"",
        "\\",
    ] {
        let values = [
            ("pslc_user", Some("a")),
            ("pslc_password", Some("b\\")),
            ("pslc_club", Some("c")),
        ];
        let new = edited(open.as_bytes(), &values).unwrap();
        assert_eq!(
            parse(&new).get("pslc_password").as_deref(),
            Some("b\\"),
            "{open}"
        );
    }
    let wrong = edited(b"KEY=\"open", &[("pslc_user", Some("#1"))]).unwrap_err();
    assert!(wrong.contains("pslc_user would not count"), "{wrong}");
}

proptest! {
    /// Values without `$`, `\\`, and spaces or `#` outside quotes: what those mean differs, on purpose.
    #[test]
    fn plain_values_are_read_as_dotenvy_reads_them(
        lines in proptest::collection::vec(
            "(# [a-z$]{0,8}|(export )?(pslc_user|PSLC_PASSWORD|pslc_club)( ?= ?\
             ([a-zA-Z0-9_.@:/+-]{1,8}|\"[a-zA-Z0-9 #=.@]{0,8}\"|'[a-zA-Z0-9 #=.@$]{0,8}')|=)|)",
            0..6,
        ),
    ) {
        let file = lines.join("\n");
        let ours: HashMap<String, String> = parse(file.as_bytes())
            .values()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        let theirs: Result<HashMap<String, String>, _> = dotenvy::from_read_iter(file.as_bytes())
            .map(|pair| pair.map(|(key, value)| (key.to_lowercase(), value)))
            .collect();
        prop_assert_eq!(ours, theirs.expect("a file that dotenvy reads"));
    }

    #[test]
    fn a_pair_counts_behind_any_lines_without_quotes(
        before in proptest::collection::vec(any::<u8>(), 0..200),
        text in "[^\\s\\p{C}'\"]([^\\p{C}]{0,20}[^\\s\\p{C}'\"])?",
    ) {
        let before: Vec<u8> = before.into_iter().filter(|byte| !b"'\"`".contains(byte)).collect();
        let file = [&before[..], format!("\npslc_user={text}\n").as_bytes()].concat();
        prop_assert_eq!(parse(&file).get("pslc_user"), Some(text));
    }

    #[test]
    fn an_edit_of_any_file_counts_or_is_refused(
        old in proptest::collection::vec("(pslc_user|PSLC_PASSWORD|export X|a|)[=: ]?[\"'#a\\\\]{0,3}(\n|\r\n)", 0..8),
        user in "[a#'\"\\\\]{1,3}",
    ) {
        let old = old.concat();
        let is_other = |line: &&str| !line.to_lowercase().contains("pslc_");
        if let Ok(new) = edited(old.as_bytes(), &[("pslc_user", Some(user.as_str())), ("pslc_password", None)]) {
            let pairs = parse(&new);
            prop_assert_eq!(pairs.get("pslc_user"), Some(user));
            prop_assert_eq!(pairs.get("pslc_password"), None);
            let new = String::from_utf8(new).unwrap();
            // A value of ours that goes on goes as a whole.
            let goes_on = parse(old.as_bytes()).entries.iter().any(|entry| entry.last > entry.line);
            prop_assert!(goes_on || old.lines().filter(is_other).all(|line| new.contains(line)));
            prop_assert!(new.lines().count() <= old.lines().count() + 1);
        }
    }
}

#[test]
fn a_hidden_key_is_noted_once_and_by_its_own_name() {
    let pairs = parse(b"NOTE=\"before:\npslc_user=old\n\"\npslc_club=x\n");
    let hidden =
        "line 2 (pslc_user) does not count: it is inside the quoted value that begins in line 1";
    assert_eq!(pairs.all_notes(), [hidden]);
    assert_eq!(pairs.notes(&["pslc_user"]), [hidden]);
    assert_eq!(pairs.notes(&["pslc_club"]), Vec::<String>::new());
}

#[test]
fn an_edit_keeps_our_other_keys_and_takes_whole_values() {
    let new = edited(
        b"pslc_sport=golf\npslc_user=old\nA=1\n",
        &[("pslc_user", Some("new"))],
    );
    assert_eq!(new.unwrap(), b"pslc_sport=golf\nA=1\npslc_user=\"new\"\n");
    let two = [("pslc_user", Some("new")), ("pslc_password", Some("new"))];
    let new = edited(b"pslc_sport=golf\npslc_password=\"sec\nret\"\nA=1\n", &two);
    assert_eq!(
        new.unwrap(),
        b"pslc_sport=golf\nA=1\npslc_user=\"new\"\npslc_password=\"new\"\n"
    );
}

#[test]
fn export_is_a_word_of_its_own() {
    assert_eq!(value("exportpslc_user=a\n", "pslc_user"), None);
    assert_eq!(
        value("export \tpslc_user=a\n", "pslc_user").as_deref(),
        Some("a")
    );
}
