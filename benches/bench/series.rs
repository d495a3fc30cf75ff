//! What all runs of one contender took, and the line-up in which contenders take turns.

use std::{path::Path, time::Duration};

use crate::child::{Program, Taken};

/// All runs of one contender.
#[derive(Default)]
pub(crate) struct Series(Vec<Taken>);

impl Series {
    /// Half of the runs were faster.
    pub(crate) fn median(&self) -> Duration {
        self.sorted()[self.0.len() / 2]
    }

    /// One run in ten was faster: what is left when the machine has nothing else to do.
    pub(crate) fn tenth(&self) -> Duration {
        self.sorted()[self.0.len() / 10]
    }

    /// The most memory that any run took.
    pub(crate) fn peak(&self) -> u64 {
        self.0.iter().map(|run| run.peak).max().unwrap_or(0)
    }

    fn sorted(&self) -> Vec<Duration> {
        let mut times: Vec<Duration> = self.0.iter().map(|run| run.time).collect();
        times.sort_unstable();
        times
    }
}

/// Lets all take turns, A B C A B C …, so that a busy moment of the machine hits them alike.
///
/// `before` and `after` are called around each run with the contender's name, outside the measured
/// time.
pub(crate) fn race(
    programs: &[(&'static str, Program)],
    rounds: usize,
    before: impl Fn(),
    mut after: impl FnMut(&str),
) -> Vec<(&'static str, Series)> {
    let mut all: Vec<_> = programs
        .iter()
        .map(|(name, _)| (*name, Series::default()))
        .collect();
    for _ in 0..rounds {
        for ((name, program), (_, series)) in programs.iter().zip(&mut all) {
            before();
            series.0.push(program.run(Path::new("/dev/null")));
            after(name);
        }
    }
    all
}
