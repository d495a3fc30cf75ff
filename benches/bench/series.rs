//! All runs of one contender, and the loop in which contenders take turns.

use std::{path::Path, time::Duration};

use crate::child::{Program, Usage};

/// All runs of one contender.
#[derive(Default)]
pub(crate) struct Series(Vec<Usage>);

impl Series {
    pub(crate) fn median(&self) -> Duration {
        self.sorted_times()[self.0.len() / 2]
    }

    /// The 10th percentile: the time when the machine has nothing else to do.
    pub(crate) fn tenth_percentile(&self) -> Duration {
        self.sorted_times()[self.0.len() / 10]
    }

    /// The most memory of any run, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.0.iter().map(|run| run.peak).max().unwrap_or(0)
    }

    fn sorted_times(&self) -> Vec<Duration> {
        let mut times: Vec<Duration> = self.0.iter().map(|run| run.time).collect();
        times.sort_unstable();
        times
    }
}

/// Runs all in turns, A B C A B C …, so that a busy moment of the machine hits them alike.
///
/// `before` and `after` are called around each run with the contender's name, outside the measured
/// time.
pub(crate) fn run_in_turns(
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
