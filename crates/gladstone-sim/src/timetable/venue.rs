//! The club "Riverside": two sites, their courts and what can be booked on them.

use chrono::{Datelike, NaiveDate, Weekday};

/// Sites and activities, in the order of the catalogue.
#[derive(Debug)]
pub(crate) struct Venue {
    pub(crate) activities: Vec<Activity>,
}

/// A place with opening hours and a booking window of its own.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) postcode: &'static str,
    /// The window opens at local midnight, so many local days ahead.
    pub(crate) window_days: u64,
    weekdays: Hours,
    weekend: Hours,
}

/// Opening hours, in minutes after local midnight.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hours {
    pub(crate) open: u32,
    pub(crate) close: u32,
}

/// A physical court.
#[derive(Debug, Clone)]
pub(crate) struct Court {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// Activities of a kind.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
}

/// Something that can be booked, of one length, over courts that other activities may share.
#[derive(Debug)]
pub(crate) struct Activity {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: &'static str,
    pub(crate) comments: &'static str,
    pub(crate) image_url: Option<&'static str>,
    pub(crate) site: &'static Site,
    pub(crate) group: &'static Group,
    /// Playing time.
    pub(crate) minutes: u32,
    /// From one start to the next.
    pub(crate) every: u32,
    pub(crate) web_bookable: bool,
    courts: Vec<Court>,
    /// Number of courts that it takes at once.
    pub(crate) together: usize,
}

/// Padel, on the hour; at weekends a quarter to.
static UB: Site = Site {
    id: "UB",
    name: "Riverside Padel Centre",
    postcode: "RV1 4PC",
    window_days: 7,
    weekdays: Hours {
        open: 7 * 60,
        close: 22 * 60,
    },
    weekend: Hours {
        open: 8 * 60 + 45,
        close: 20 * 60 + 45,
    },
};

/// A leisure centre with a number for an id, zero-padded in the ids of its activities.
static FOURTEEN: Site = Site {
    id: "14",
    name: "Riverside  Leisure Centre",
    postcode: "RV2 0LC",
    window_days: 8,
    weekdays: Hours {
        open: 9 * 60,
        close: 22 * 60,
    },
    weekend: Hours {
        open: 9 * 60,
        close: 18 * 60,
    },
};

static PADEL: Group = Group {
    id: "PADEL",
    name: "Padel",
};
static RACKETS: Group = Group {
    id: "RACKET",
    name: "Racket Sports",
};
static HALL: Group = Group {
    id: "SPHALL",
    name: "Sports Hall",
};

impl Site {
    /// Every site of the club.
    pub(crate) fn all() -> [&'static Self; 2] {
        [&UB, &FOURTEEN]
    }

    /// Opening hours on a day.
    pub(crate) fn hours(&self, date: NaiveDate) -> Hours {
        match date.weekday() {
            Weekday::Sat | Weekday::Sun => self.weekend,
            _ => self.weekdays,
        }
    }
}

impl Group {
    /// Every group of activities.
    pub(crate) fn all() -> [&'static Self; 3] {
        [&PADEL, &RACKETS, &HALL]
    }
}

impl Activity {
    /// The courts that a slot is listed for: each alone, or a set at once.
    pub(crate) fn court_sets(&self) -> impl Iterator<Item = &[Court]> {
        self.courts.chunks(self.together)
    }

    fn new(
        site: &'static Site,
        group: &'static Group,
        id: &str,
        name: &str,
        courts: &[Court],
        minutes: u32,
    ) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            description: "",
            comments: "",
            image_url: None,
            site,
            group,
            minutes,
            every: minutes,
            web_bookable: true,
            courts: courts.to_vec(),
            together: 1,
        }
    }
}

impl Venue {
    /// A club with that many padel courts at `UB`, and that many padel activities over them.
    pub(crate) fn new(courts: usize, padel: usize) -> Self {
        let mut activities = padel_centre(&numbered_courts("PC", "Padel Court", courts), padel);
        activities.extend(leisure_centre());
        Self { activities }
    }
}

fn padel_centre(courts: &[Court], count: usize) -> Vec<Activity> {
    let activity =
        |id: &str, name: &str, minutes| Activity::new(&UB, &PADEL, id, name, courts, minutes);
    let mut padel = vec![
        activity("PADEL30", "Padel  30 Mins", 30),
        Activity {
            description: "One hour of padel, rackets for hire at reception",
            comments: "Please leave the court on time.\r\nNon-marking shoes only.",
            image_url: Some("https://images.invalid/padel.jpg"),
            ..activity("PADEL60", "Padel 60 Mins", 60)
        },
        activity("PADEL90", "Padel 90 Mins", 90),
    ];
    padel.extend((4..=count).map(|n| {
        activity(
            &format!("PADELX{n}"),
            &format!("Padel 60 Mins Scheme {n}"),
            60,
        )
    }));
    padel.truncate(count);
    padel.push(Activity {
        web_bookable: false,
        ..activity("PADELBLK", "Padel Block Booking", 60)
    });
    padel
}

fn leisure_centre() -> [Activity; 4] {
    let hall = numbered_courts("014SPH0", "Sports Hall Court", 4);
    let tennis = numbered_courts("014PAD0", "Padel", 2);
    [
        Activity {
            every: 60,
            ..at_fourteen(&RACKETS, "014A001015", "Padel Tennis", &tennis, 55)
        },
        at_fourteen(&HALL, "014A200101", "Badminton 40 Mins", &hall, 40),
        Activity {
            description: "Badminton",
            ..at_fourteen(&HALL, "014A200102", "Badminton 60 Mins", &hall, 60)
        },
        Activity {
            together: 4,
            ..at_fourteen(&HALL, "014A300001", "Sports Hall  Full", &hall, 60)
        },
    ]
}

/// Sets of courts as leisure centres have them: names with `&`, and sets whose courts' names
/// together are very long.
pub(super) fn activities_over_sets() -> [Activity; 3] {
    let hall = numbered_courts("014SPH0", "Sports Hall Court", 4);
    let netball = numbered_courts("014NET0", "Netball Centre Court", 10);
    [
        Activity {
            together: 2,
            ..at_fourteen(&HALL, "014A300002", "Basketball Half Court 1&2", &hall, 60)
        },
        Activity {
            together: 5,
            ..at_fourteen(&HALL, "014A300003", "Netball & Basketball", &netball, 60)
        },
        at_fourteen(
            &HALL,
            "014A300004",
            "Shooting Practice <Netball>",
            &netball,
            60,
        ),
    ]
}

fn at_fourteen(
    group: &'static Group,
    id: &str,
    name: &str,
    courts: &[Court],
    minutes: u32,
) -> Activity {
    Activity::new(&FOURTEEN, group, id, name, courts, minutes)
}

fn numbered_courts(id: &str, name: &str, count: usize) -> Vec<Court> {
    (1..=count)
        .map(|n| Court {
            id: format!("{id}{n}"),
            name: format!("{name} {n}"),
        })
        .collect()
}
