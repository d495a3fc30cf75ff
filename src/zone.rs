//! The club's time zone, compiled in or from one of the system's zone files. Reads no file itself.

use std::fmt;

use chrono::{
    DateTime, FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta,
    TimeZone, Utc,
};
use chrono_tz::Tz;

/// A time zone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Zone(Rules);

#[derive(Clone, Copy)]
enum Rules {
    Compiled(Tz),
    /// Never freed, as compiled ones are not: a zone is copied into every local time.
    System(&'static System),
}

/// A zone of the system.
struct System {
    name: String,
    rules: tz::TimeZone,
}

/// A zone's offset from UTC at a certain time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ZoneOffset {
    zone: Zone,
    fixed: FixedOffset,
}

impl Zone {
    /// UTC.
    pub const UTC: Self = Self::compiled(Tz::UTC);

    /// Wraps a zone that is compiled in.
    #[must_use]
    pub const fn compiled(zone: Tz) -> Self {
        Self(Rules::Compiled(zone))
    }

    /// Reads a zone file of the system (TZif, RFC 9636). `None` where it is not one.
    #[must_use]
    pub fn from_tzif(name: &str, bytes: &[u8]) -> Option<Self> {
        let rules = tz::TimeZone::from_tz_data(bytes).ok()?;
        Some(Self(Rules::System(Box::leak(Box::new(System {
            name: name.to_owned(),
            rules,
        })))))
    }

    /// Returns the name, such as `Europe/London`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            Rules::Compiled(zone) => zone.name(),
            Rules::System(system) => &system.name,
        }
    }

    /// Returns the first instant of a local day, also where the clocks skip midnight.
    #[must_use]
    pub fn day_start(self, date: NaiveDate) -> Option<DateTime<Utc>> {
        let start = date.and_time(NaiveTime::MIN);
        let candidates = [start, shifted(start, TimeDelta::hours(1))];
        candidates
            .iter()
            .find_map(|time| self.from_local_datetime(time).earliest())
            .map(|time| time.to_utc())
    }

    fn with_offset(self, fixed: FixedOffset) -> ZoneOffset {
        ZoneOffset { zone: self, fixed }
    }
}

impl System {
    /// Returns the offset at a time in UTC. Files without a rule for the years to come end with
    /// their last one.
    fn offset_at(&self, utc: NaiveDateTime) -> FixedOffset {
        let at = utc.and_utc().timestamp();
        let kind = self.rules.find_local_time_type(at).ok().or_else(|| {
            let rules = self.rules.as_ref();
            let last = rules.transitions().last()?;
            rules.local_time_types().get(last.local_time_type_index())
        });
        let seconds = kind.map_or(0, tz::LocalTimeType::ut_offset);
        FixedOffset::east_opt(seconds).unwrap_or_else(|| Utc.fix())
    }

    /// Returns the offsets that clocks may have had when they showed `local`: none in a gap, two
    /// where they were put back.
    fn offsets_of_local(&self, local: NaiveDateTime) -> MappedLocalTime<FixedOffset> {
        // No zone is a day away from UTC, and none changes twice in two days.
        let candidates = [-1, 1].map(|days| {
            let offset = self.offset_at(shifted(local, TimeDelta::days(days)));
            let utc = shifted(local, -TimeDelta::seconds(offset.local_minus_utc().into()));
            (utc, offset, self.offset_at(utc) == offset)
        });
        match candidates {
            [(_, one, true), (_, other, true)] if one == other => MappedLocalTime::Single(one),
            [(before, one, true), (after, other, true)] if before < after => {
                MappedLocalTime::Ambiguous(one, other)
            }
            [(_, one, true), (_, other, true)] => MappedLocalTime::Ambiguous(other, one),
            [(_, only, true), _] | [_, (_, only, true)] => MappedLocalTime::Single(only),
            _ => MappedLocalTime::None,
        }
    }
}

/// Shifts a time, as far as the calendar goes.
fn shifted(time: NaiveDateTime, by: TimeDelta) -> NaiveDateTime {
    time.checked_add_signed(by).unwrap_or(time)
}

impl TimeZone for Zone {
    type Offset = ZoneOffset;

    fn from_offset(offset: &ZoneOffset) -> Self {
        offset.zone
    }

    fn offset_from_local_date(&self, local: &NaiveDate) -> MappedLocalTime<ZoneOffset> {
        self.offset_from_local_datetime(&local.and_time(NaiveTime::MIN))
    }

    fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> MappedLocalTime<ZoneOffset> {
        match self.0 {
            Rules::Compiled(zone) => zone
                .offset_from_local_datetime(local)
                .map(|offset| offset.fix()),
            Rules::System(system) => system.offsets_of_local(*local),
        }
        .map(|fixed| self.with_offset(fixed))
    }

    fn offset_from_utc_date(&self, utc: &NaiveDate) -> ZoneOffset {
        self.offset_from_utc_datetime(&utc.and_time(NaiveTime::MIN))
    }

    fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> ZoneOffset {
        self.with_offset(match self.0 {
            Rules::Compiled(zone) => zone.offset_from_utc_datetime(utc).fix(),
            Rules::System(system) => system.offset_at(*utc),
        })
    }
}

impl Offset for ZoneOffset {
    fn fix(&self) -> FixedOffset {
        self.fixed
    }
}

impl PartialEq for Rules {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Compiled(one), Self::Compiled(other)) => one == other,
            (Self::System(one), Self::System(other)) => std::ptr::eq(*one, *other),
            _ => false,
        }
    }
}

impl Eq for Rules {}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for ZoneOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.fixed, f)
    }
}

impl fmt::Display for ZoneOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.fixed, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A zone file that holds nothing but a rule.
    fn tzif(rule: &str) -> Vec<u8> {
        let block = |version: u8| {
            let mut block = [b"TZif".as_slice(), &[version], &[0; 15]].concat();
            for count in [0_u32, 0, 0, 0, 1, 4] {
                block.extend(count.to_be_bytes());
            }
            block.extend([0; 6]);
            block.extend(b"LMT\0");
            block
        };
        [block(b'2'), block(b'2'), format!("\n{rule}\n").into_bytes()].concat()
    }

    /// Zones that are known both ways, by the rules that they have had since 2008.
    const PAIRS: [(Tz, &str); 5] = [
        (chrono_tz::Europe::London, "GMT0BST,M3.5.0/1,M10.5.0"),
        (chrono_tz::Europe::Dublin, "IST-1GMT0,M10.5.0,M3.5.0/1"),
        (chrono_tz::Australia::Sydney, "AEST-10AEDT,M10.1.0,M4.1.0/3"),
        (chrono_tz::Pacific::Auckland, "NZST-12NZDT,M9.5.0,M4.1.0/3"),
        (chrono_tz::Australia::Darwin, "ACST-9:30"),
    ];

    fn assert_same(zone: Tz, system: Zone, time: NaiveDateTime) {
        let (here, there) = (
            zone.from_utc_datetime(&time),
            system.from_utc_datetime(&time),
        );
        assert_eq!(
            here.naive_local(),
            there.naive_local(),
            "{zone} at {time} UTC"
        );
        let utc = |time: MappedLocalTime<DateTime<Utc>>| time;
        let here = utc(zone.from_local_datetime(&time).map(|time| time.to_utc()));
        assert_eq!(
            here,
            utc(system.from_local_datetime(&time).map(|time| time.to_utc())),
            "{zone} at {time}"
        );
    }

    proptest! {
        #[test]
        fn a_zone_file_says_what_the_compiled_zone_says(pair in 0..PAIRS.len(), minutes in 0..15_000_000_i64) {
            let (zone, rule) = PAIRS[pair];
            let system = Zone::from_tzif("System", &tzif(rule)).unwrap();
            let start = NaiveDate::from_ymd_opt(2009, 1, 1).unwrap().and_time(NaiveTime::MIN);
            assert_same(zone, system, start + TimeDelta::minutes(minutes));
        }

        #[test]
        fn no_bytes_upset_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0..120_usize) {
            let mut file = tzif("GMT0BST,M3.5.0/1,M10.5.0");
            file.truncate(cut);
            for bytes in [bytes, file] {
                if let Some(zone) = Zone::from_tzif("X", &bytes) {
                    let _ = zone.from_utc_datetime(&NaiveDateTime::MIN);
                    let _ = zone.from_local_datetime(&NaiveDateTime::MAX);
                }
            }
        }
    }

    #[test]
    fn each_minute_of_both_clock_changes_is_right() {
        for (zone, rule) in PAIRS {
            let system = Zone::from_tzif("System", &tzif(rule)).unwrap();
            for day in [
                "2026-03-28",
                "2026-10-24",
                "2026-04-04",
                "2026-10-03",
                "2026-09-26",
            ] {
                let start = day.parse::<NaiveDate>().unwrap().and_time(NaiveTime::MIN);
                (0..2 * 24 * 60).for_each(|minute| {
                    assert_same(zone, system, start + TimeDelta::minutes(minute));
                });
            }
        }
    }
}
