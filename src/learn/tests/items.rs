//! The fields of a list's items: one row for each thing that names and values can tell.

use serde_json::{Value, json};

use crate::learn::fields::find_fields;

const AT_TEN: &str = "2026-11-24T10:00:00Z";
const AT_ELEVEN: &str = "2026-11-24T11:00:00Z";
const DAYS_LATER: &str = "2026-11-27T10:00:00Z";

/// Each field with its pointers, the best first, and `!` where it is certain.
fn describe_fields(items: &[Value]) -> String {
    let Some(fields) = find_fields(&items.iter().collect::<Vec<_>>()) else {
        return "none".to_owned();
    };
    let described: Vec<String> = fields
        .iter()
        .map(|(name, (pointers, certain))| {
            let mark = if *certain { "!" } else { "?" };
            format!("{name}{mark} {}", pointers.join(", "))
        })
        .collect();
    described.join("; ")
}

#[test]
fn the_times_of_an_item_are_told_apart_by_names_and_values() {
    for (item, expected) in [
        (json!({"when": AT_TEN}), "start! /when"),
        (json!({"when": AT_TEN, "remark": "x"}), "start! /when"),
        (
            json!({"when": AT_TEN, "court": null, "room": " "}),
            "start! /when",
        ),
        (json!({"date": AT_TEN, "createdAt": AT_TEN}), "start! /date"),
        (json!({"when": AT_TEN, "zebra": DAYS_LATER}), "start? /when"),
        (
            json!({"startTime": AT_TEN, "date": AT_TEN}),
            "start! /startTime",
        ),
        (
            json!({"startTime": AT_TEN, "start": AT_TEN}),
            "start! /start, /startTime",
        ),
        (
            json!({"startTime": AT_TEN, "endTime": AT_ELEVEN}),
            "end! /endTime; start! /startTime",
        ),
        (
            json!({"startTime": AT_TEN, "endTime": DAYS_LATER}),
            "end? /endTime; start! /startTime",
        ),
        (
            json!({"startEnd": {"start": AT_TEN, "end": AT_ELEVEN}}),
            "end! /startEnd/end; start! /startEnd/start",
        ),
        (
            json!({"times": [AT_TEN, AT_ELEVEN]}),
            "end! /times/1; start! /times/0",
        ),
        // Minutes, and a number that is no time by its name.
        (
            json!({"startTime": 600, "when": AT_TEN, "reference": 1_795_515_600}),
            "reference! /reference; start! /when",
        ),
        (
            json!({"startDate": "2026-11-24", "startTime": "10:00", "endDate": "2026-11-25", "endTime": "01:00"}),
            "end! /endDate + /endTime, /startDate + /endTime; start! /startDate + /startTime",
        ),
    ] {
        assert_eq!(
            describe_fields(std::slice::from_ref(&item)),
            expected,
            "{item}"
        );
    }
}

#[test]
fn a_list_has_start_times_where_four_of_five_items_have() {
    let items = |with: usize| -> Vec<Value> {
        (0..5)
            .map(|index| {
                if index < with {
                    json!({"when": AT_TEN})
                } else {
                    json!({})
                }
            })
            .collect()
    };
    assert_eq!(describe_fields(&items(4)), "start! /when");
    assert_eq!(describe_fields(&items(3)), "none");
}

#[test]
fn a_field_is_certain_by_its_name_and_its_values() {
    for (item, expected) in [
        (json!({"court": "C1"}), "court! /court"),
        (json!({"court": 1}), "court? /court"),
        (json!({"number": "A1"}), "reference! /number"),
        (json!({"id": "A1"}), "reference? /id"),
        (json!({"title": "Padel"}), "activity! /title"),
        (json!({"name": "Padel"}), "activity? /name"),
        (json!({"activityStatus": "Open"}), "status! /activityStatus"),
        (
            json!({"courtStatus": "Open", "remark": "x"}),
            "status! /courtStatus",
        ),
        (
            json!({"court": {"id": "4", "name": "Court 4", "zone": "North"}}),
            "court! /court/name, /court/zone, /court/id",
        ),
        // Of people, and deeper than is looked.
        (json!({"member": {"name": "Alex", "number": "7"}}), ""),
        (json!({"a": {"b": {"c": {"d": {"court": "C1"}}}}}), ""),
        (
            json!({"a": {"b": {"c": {"d": ["C1"], "court": "C1"}}}}),
            "court! /a/b/c/court",
        ),
        (
            json!({"court": [["C1", "C2"], [["C3"]]]}),
            "court! /court/0/0, /court/0/1, /court/1/0/0",
        ),
        (json!({"court": [[[["C1"]]]]}), ""),
        (json!({"parts": [{"courts": [{"name": "C1"}]}]}), ""),
    ] {
        let mut with_start = item.clone();
        with_start["when"] = AT_TEN.into();
        let described = describe_fields(&[with_start]);
        let fields = described.split("; ");
        let others: Vec<&str> = fields.filter(|field| *field != "start! /when").collect();
        assert_eq!(others.join("; "), expected, "{item}");
    }
    let mixed = [
        json!({"when": AT_TEN, "court": "C1"}),
        json!({"when": AT_TEN, "court": 2}),
    ];
    assert_eq!(describe_fields(&mixed), "court! /court; start! /when");
}

#[test]
fn a_reference_is_another_one_for_nearly_each_item() {
    for (items, distinct, certain) in [
        (10, 10, true),
        (10, 9, true),
        (10, 8, false),
        (3, 1, false),
        (2, 1, true),
    ] {
        let list: Vec<Value> = (0..items)
            .map(|index: usize| {
                json!({"when": AT_TEN, "confirmation": format!("A{}", index.min(distinct - 1))})
            })
            .collect();
        let mark = if certain { "!" } else { "?" };
        assert_eq!(
            describe_fields(&list),
            format!("reference{mark} /confirmation; start! /when"),
            "{distinct} of {items}"
        );
    }
}
