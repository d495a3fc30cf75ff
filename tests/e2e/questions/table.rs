//! Forty questions more, as people type them, with the command that SKILL.md leads to.

use super::{Chat, FRIDAY, MONDAY, SATURDAY, SUNDAY, THURSDAY, TUESDAY, Wish, on};

const WEDNESDAY: &str = "2026-11-25";
const PADEL_CENTRE: [&str; 3] = ["PADEL30", "PADEL60", "PADEL90"];
const LEISURE_CENTRE: [&str; 1] = ["014A001015"];
const EVENING: ((i64, i64), (i64, i64)) = ((18, 0), (48, 0));

/// The question, the options of `padel availability`, and what is wished.
fn questions() -> Vec<(&'static str, &'static str, Wish)> {
    let evening = |wish: Wish| wish.hours(EVENING.0, EVENING.1);
    let first = [
        (
            "anything this afternoon?",
            "--from 12:00 --to 18:00",
            on(&[MONDAY]).hours((12, 0), (18, 0)),
        ),
        (
            "an hour over lunch today?",
            "--from 12:00 --to 14:00 --duration 60",
            on(&[MONDAY]).hours((12, 0), (14, 0)).minutes(60),
        ),
        (
            "two hours tonight?",
            "--from 18:00 --duration 120",
            evening(on(&[MONDAY])).minutes(120),
        ),
        (
            "half an hour at nine tonight",
            "--at 21:00 --duration 30",
            on(&[MONDAY]).at(21, 0).minutes(30),
        ),
        (
            "75 min tonight??",
            "--from 18:00 --duration 75",
            evening(on(&[MONDAY])).minutes(75),
        ),
        (
            "tomorrow at 7am",
            "--date tomorrow --at 07:00",
            on(&[TUESDAY]).at(7, 0),
        ),
        (
            "tmrw 18:30-20:00",
            "--date tomorrow --from 18:30 --to 20:00 --duration 90",
            on(&[TUESDAY]).hours((18, 30), (20, 0)).minutes(90),
        ),
        (
            "an hour late tomorrow?",
            "--date tomorrow --from 20:00 --duration 60",
            on(&[TUESDAY]).hours((20, 0), (48, 0)).minutes(60),
        ),
        (
            "between 9 and 11 tomorrow, an hour",
            "--date tomorrow --from 09:00 --to 11:00 --duration 60",
            on(&[TUESDAY]).hours((9, 0), (11, 0)).minutes(60),
        ),
        (
            "quarter past eight tomorrow evening",
            "--date tomorrow --at 20:15",
            on(&[TUESDAY]).at(20, 15),
        ),
        (
            "55 minutes tomorrow, is that a thing?",
            "--date tomorrow --duration 55",
            on(&[TUESDAY]).minutes(55),
        ),
        (
            "wed evening, 1.5h",
            "--date wed --from 17:00 --duration 90",
            on(&[WEDNESDAY]).hours((17, 0), (48, 0)).minutes(90),
        ),
        (
            "wed at six at the leisure centre?",
            "--date wed --at 18:00 --site leisure",
            on(&[WEDNESDAY]).at(18, 0).activities(&LEISURE_CENTRE),
        ),
        (
            "wed from three to five",
            "--date wed --from 15:00 --to 17:00",
            on(&[WEDNESDAY]).hours((15, 0), (17, 0)),
        ),
        (
            "three hours on wednesday",
            "--date wed --duration 180",
            on(&[WEDNESDAY]).minutes(180),
        ),
        (
            "thursday lunch, court 4",
            "--date thu --from 11:30 --to 14:00 --court 4",
            on(&[THURSDAY])
                .hours((11, 30), (14, 0))
                .courts(&["Padel Court 4"]),
        ),
        (
            "half an hour on padel court 2, thursday evening",
            "--date thu --from 17:00 --duration 30 --court 'padel court 2'",
            on(&[THURSDAY])
                .hours((17, 0), (48, 0))
                .minutes(30)
                .courts(&["Padel Court 2"]),
        ),
        (
            "friday after work until nine",
            "--date fri --from 17:00 --to 21:00",
            on(&[FRIDAY]).hours((17, 0), (21, 0)),
        ),
        (
            "friday ten pm?",
            "--date fri --at 22:00",
            on(&[FRIDAY]).at(22, 0),
        ),
        (
            "friday noon?",
            "--date fri --at 12:00",
            on(&[FRIDAY]).at(12, 0),
        ),
    ];
    let second = [
        (
            "fri, the padel tennis one",
            "--date fri --activity tennis",
            on(&[FRIDAY]).activities(&LEISURE_CENTRE),
        ),
        (
            "saturday first thing",
            "--date sat --to 10:00",
            on(&[SATURDAY]).hours((0, 0), (10, 0)),
        ),
        (
            "court 1 or 2 on saturday for 90?",
            "--date sat --duration 90 --court 1 --court 2",
            on(&[SATURDAY]).minutes(90).courts(&[
                "Padel Court 1",
                "Padel Court 2",
                "Padel 1",
                "Padel 2",
            ]),
        ),
        (
            "sat, one 90 minute booking",
            "--date sat --activity 'Padel 90 Mins'",
            on(&[SATURDAY]).activities(&["PADEL90"]),
        ),
        (
            "100 minutes on saturday",
            "--date sat --duration 100",
            on(&[SATURDAY]).minutes(100),
        ),
        (
            "saturday at 17:00 at the padel centre, 1h",
            "--date sat --at 17:00 --duration 60 --site 'padel centre'",
            on(&[SATURDAY])
                .at(17, 0)
                .minutes(60)
                .activities(&PADEL_CENTRE),
        ),
        (
            "sunday afternoon, two hours",
            "--date sun --from 12:00 --to 18:00 --duration 120",
            on(&[SUNDAY]).hours((12, 0), (18, 0)).minutes(120),
        ),
        (
            "sunday evening then?",
            "--date sun --from 18:00",
            evening(on(&[SUNDAY])),
        ),
        (
            "an hour at ten on sunday",
            "--date sun --at 10:00 --duration 60",
            on(&[SUNDAY]).at(10, 0).minutes(60),
        ),
        (
            "four hours on sunday for a tournament",
            "--date sun --duration 240",
            on(&[SUNDAY]).minutes(240),
        ),
        (
            "next monday evening",
            "--date next-mon --from 18:00",
            evening(on(&["2026-11-30"])),
        ),
        ("saturday week?", "--date sat+1w", on(&["2026-12-05"])),
        ("in three days", "--date +3", on(&[THURSDAY])),
        (
            "is 1 december open",
            "--date 2026-12-01",
            on(&["2026-12-01"]),
        ),
        (
            "2 dec at six",
            "--date 2026-12-02 --at 18:00",
            on(&["2026-12-02"]).at(18, 0),
        ),
        (
            "thursday or friday evening",
            "--date thu --days 2 --from 18:00",
            evening(on(&[THURSDAY, FRIDAY])),
        ),
        (
            "an hour at lunch on a weekday",
            "--weekday mon,tue,wed,thu,fri --from 12:00 --to 14:00 --duration 60",
            on(&[MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY])
                .hours((12, 0), (14, 0))
                .minutes(60),
        ),
        (
            "tue or thu at seven",
            "--weekday tue,thu --at 19:00",
            on(&[TUESDAY, THURSDAY]).at(19, 0),
        ),
        (
            "the next two saturday mornings",
            "--weekday sat --days 14 --to 12:00",
            on(&[SATURDAY, "2026-12-05"]).hours((0, 0), (12, 0)),
        ),
        (
            "this weekend 90 min at the padel centre",
            "--weekday sat,sun --duration 90 --site 'padel centre'",
            on(&[SATURDAY, SUNDAY])
                .minutes(90)
                .activities(&PADEL_CENTRE),
        ),
    ];
    first.into_iter().chain(second).collect()
}

#[test]
fn forty_more_questions_are_one_command_each() {
    let chat = Chat::open();
    let questions = questions();
    assert_eq!(questions.len(), 40);
    let mut with_courts = 0;
    for (question, options, wish) in &questions {
        let days = chat.free(options, wish);
        assert_eq!(days.len(), wish.dates.len(), "{question}");
        with_courts += usize::from(days.iter().any(|day| !day.items.is_empty()));
    }
    assert!(with_courts > 30, "{with_courts}");
}
