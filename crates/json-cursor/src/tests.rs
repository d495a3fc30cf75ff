use super::*;

#[derive(Default)]
struct Pair<'a> {
    text: Cow<'a, str>,
    list: List<Pair<'a>>,
}

impl<'a> Shape<'a> for Pair<'a> {
    fn read_field(&mut self, key: &[u8], cursor: &mut Cursor<'a>) -> Read<()> {
        match key {
            b"text" => self.text = cursor.text()?,
            b"list" => self.list = cursor.list()?,
            _ => drop(cursor.skip()?),
        }
        Ok(())
    }
}

#[test]
fn a_value_is_read_of_whatever_stands_there() {
    for (json, text) in [
        ("\"a\"", "a"),
        ("\"a\\u0062\\\"\"", "ab\""),
        ("\"\\ud83d\\ude00\"", "\u{1f600}"),
        ("7", "7"),
        ("-7", "-7"),
        ("-0", "-0"),
        ("0", "0"),
        ("7.5", "7.5"),
        ("7.50", "7.5"),
        ("1e3", "1000"),
        ("18446744073709551615", "18446744073709551615"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("true", "true"),
        ("false", "false"),
        ("null", ""),
        ("[1,[2]]", ""),
        ("[]", ""),
        ("{}", ""),
        ("{\"a\":{\"b\":1}}", ""),
    ] {
        // Whatever was skipped is skipped whole, and the last of a doubled key counts.
        for (object, expected) in [
            (format!("{{\"text\":{json},\"list\":{json}}}"), text),
            (format!("{{\"text\":1,\"t\\u0065xt\":{json}}}"), text),
            (format!("{{ \"other\" : {json} , \"text\" : \"z\" }}"), "z"),
            (
                format!("{{\"list\":[{{\"a\":{json}}}],\"text\":\"z\"}}"),
                "z",
            ),
        ] {
            let read: Pair<'_> = Cursor::new(&object).item().unwrap().unwrap();
            assert_eq!(read.text, expected, "{object}");
        }
        let list = format!("[{json},{{}},{json}] ");
        let read: List<Pair<'_>> = Cursor::new(&list).list().unwrap();
        let is_object = json.starts_with('{');
        let read: Vec<bool> = read.unwrap().iter().map(Option::is_some).collect();
        assert_eq!(read, [is_object, true, is_object], "{json}");
        let value = format!("{json} ");
        let known: List<Pair<'_>> = Cursor::new(&value).list().unwrap();
        assert_eq!(known.is_some(), json.starts_with('['), "{json}");
    }
}

#[test]
fn nothing_else_than_json_is_read() {
    for json in [
        "tru ",
        "nul,",
        "01 ",
        "1. ",
        "1e ",
        "- ",
        "+1 ",
        ".5 ",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\t\"",
        "{a:1}",
        "{\"a\" 1}",
        "{\"a\":1,}",
        "{,}",
        "[1,]",
        "[,]",
        "[1 2]",
        "[1}",
        "{\"a\":1]",
        "'a'",
        "]",
        "}",
        ",",
        "NaN",
        "/**/1",
    ] {
        let object = format!("{{\"a\":{json}}}");
        assert_eq!(Cursor::new(&object).skip(), Err(Stop::Odd), "{json}");
        assert!(serde_json::from_str::<serde_json::Value>(&object).is_err());
    }
    let whole = "{\"a\":[true,false,null,-1.5e+7,\"\\\\\\u00e4\\\"\"],\"b\":{}} ";
    for end in 0..whole.len() - 1 {
        let cut = Cursor::new(&whole[..end]).skip();
        assert_eq!(cut, Err(Stop::Unfinished), "{}", &whole[..end]);
    }
    assert_eq!(Cursor::new(whole).skip(), Ok(whole.trim_end()));
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    assert_eq!(Cursor::new(&deep).skip(), Ok(&*deep));
}
