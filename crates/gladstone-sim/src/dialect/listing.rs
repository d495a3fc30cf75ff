//! Where bookings are asked for, and how a query says which.

use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};

use crate::{
    diary::Span,
    parameters::Parameters,
    timetable::{instant, local_date},
};

pub(super) enum Listing {
    /// By `dateFrom` and `dateTo`, either absent for an open end.
    Times { paths: [&'static str; 1] },
    /// By the local dates `from` and `to`, both included.
    Dates { paths: [&'static str; 1] },
    /// By a parameter's two words: for those to come, for those gone by.
    Word {
        paths: [&'static str; 1],
        parameter: &'static str,
        words: [&'static str; 2],
    },
    /// By two paths, in that order.
    Paths([&'static str; 2]),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct BookingQuery {
    pub(crate) span: Span,
    pub(crate) latest_first: bool,
}

impl Listing {
    pub(super) fn paths(&self) -> &[&'static str] {
        match self {
            Self::Times { paths } | Self::Dates { paths } | Self::Word { paths, .. } => paths,
            Self::Paths(paths) => paths,
        }
    }

    pub(super) fn read_query(
        &self,
        path: &str,
        parameters: &Parameters,
        now: DateTime<Utc>,
    ) -> Result<BookingQuery, String> {
        match self {
            Self::Times { .. } => Ok(in_order(Span {
                from: parameters.instant("dateFrom")?,
                to: parameters.instant("dateTo")?,
            })),
            Self::Dates { .. } => {
                let from = read_date(parameters, "from")?.map(|from| instant(from, 0));
                let to = read_date(parameters, "to")?;
                let after = to.and_then(|to| to.checked_add_days(Days::new(1)));
                Ok(in_order(Span {
                    from,
                    to: after.map(|after| instant(after, 0) - TimeDelta::seconds(1)),
                }))
            }
            Self::Word {
                parameter,
                words: [upcoming, past],
                ..
            } => match parameters.list(parameter).unwrap_or_default()[..] {
                [word] if word == *upcoming => Ok(in_order(Span::upcoming(now))),
                [word] if word == *past => Ok(latest_first(now)),
                _ => Err(format!("{parameter} must be {upcoming} or {past}.")),
            },
            Self::Paths([upcoming, _]) if path == *upcoming => Ok(in_order(Span::upcoming(now))),
            Self::Paths(_) => Ok(latest_first(now)),
        }
    }

    /// The app's two requests: for those to come, for those gone by.
    pub(super) fn app_targets(&self, now: DateTime<Utc>) -> [String; 2] {
        match self {
            Self::Times { paths: [path] } => {
                let ahead = now + TimeDelta::days(365);
                let ago = now - TimeDelta::days(5 * 365);
                [(now, ahead), (ago, now)].map(|(from, to)| {
                    let [from, to] = [from, to].map(|at| at.format("%Y-%m-%dT%H:%M:%S.000Z"));
                    format!("{path}?dateFrom={from}&dateTo={to}")
                })
            }
            Self::Dates { paths: [path] } => {
                let today = local_date(now);
                let ahead = today + Days::new(90);
                let ago = today - Months::new(48);
                [(today, ahead), (ago, today)]
                    .map(|(from, to)| format!("{path}?from={from}&to={to}"))
            }
            Self::Word {
                paths: [path],
                parameter,
                words,
            } => words.map(|word| format!("{path}?{parameter}={word}")),
            Self::Paths(paths) => paths.map(str::to_owned),
        }
    }
}

fn in_order(span: Span) -> BookingQuery {
    BookingQuery {
        span,
        latest_first: false,
    }
}

fn latest_first(now: DateTime<Utc>) -> BookingQuery {
    BookingQuery {
        span: Span::past(now),
        latest_first: true,
    }
}

fn read_date(parameters: &Parameters, name: &str) -> Result<Option<NaiveDate>, String> {
    match parameters.list(name).unwrap_or_default()[..] {
        [] => Ok(None),
        [text] => {
            let date = text.parse().map(Some);
            date.map_err(|_| format!("{name} must be a date."))
        }
        _ => Err(format!("{name} must be one date.")),
    }
}
