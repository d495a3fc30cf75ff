//! The share of a processor that a function's memory gives it: 1,769 MB are one whole (documented).
//!
//! Where this process may make control groups, the kernel holds the function to its share. Where it
//! may not, a stand-in does: the process is stopped for the rest of each tenth of a second once its
//! share is over, whether it computed or waited. So it is slower there than on Lambda, never faster.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

/// Memory of one whole processor.
const WHOLE: u32 = 1769;
/// The kernel's period, as Lambda's is measured to be.
const PERIOD_MICROS: u32 = 20_000;
/// The stand-in's period.
const STAND_IN_PERIOD: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(super) enum Quota {
    /// A control group of its own.
    Group(PathBuf),
    /// The stand-in: it holds back while the process works, and is over with the process.
    StandIn {
        works: Arc<AtomicBool>,
        is_over: Arc<AtomicBool>,
    },
}

impl Quota {
    /// Holds a process to its share from now on.
    pub(super) fn start(pid: Pid, memory: u32) -> Self {
        let group = make_group(pid, memory);
        group.map_or_else(|| Self::stand_in(pid, memory), Self::Group)
    }

    fn stand_in(pid: Pid, memory: u32) -> Self {
        let works = Arc::new(AtomicBool::new(false));
        let is_over = Arc::new(AtomicBool::new(false));
        let quota = Self::StandIn {
            works: Arc::clone(&works),
            is_over: Arc::clone(&is_over),
        };
        let share = STAND_IN_PERIOD * memory.min(WHOLE) / WHOLE;
        thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                thread::sleep(share);
                if works.load(Ordering::Relaxed) {
                    let _ = kill_process(pid, Signal::STOP);
                }
                thread::sleep(STAND_IN_PERIOD.saturating_sub(share));
                if works.load(Ordering::Relaxed) {
                    let _ = kill_process(pid, Signal::CONT);
                }
            }
        });
        quota
    }

    /// The process is about to be frozen.
    pub(super) fn pause(&self) {
        if let Self::StandIn { works, .. } = self {
            works.store(false, Ordering::Relaxed);
        }
    }

    /// The process was thawed.
    pub(super) fn resume(&self) {
        if let Self::StandIn { works, .. } = self {
            works.store(true, Ordering::Relaxed);
        }
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        match self {
            // Empty by then, or the kernel keeps it.
            Self::Group(path) => {
                let _ = fs::remove_dir(path);
            }
            Self::StandIn { is_over, .. } => is_over.store(true, Ordering::Relaxed),
        }
    }
}

/// A control group with the share, and the process in it; none where that is not allowed.
fn make_group(pid: Pid, memory: u32) -> Option<PathBuf> {
    let name = format!("aws-sim-{}", pid.as_raw_nonzero());
    let micros = (PERIOD_MICROS * memory.min(WHOLE) / WHOLE)
        .max(1000)
        .to_string();
    let period = PERIOD_MICROS.to_string();
    let both = format!("{micros} {period}");
    let roots: [(&str, &[(&str, &str)]); 2] = [
        (
            "/sys/fs/cgroup/cpu",
            &[
                ("cpu.cfs_period_us", &period),
                ("cpu.cfs_quota_us", &micros),
            ],
        ),
        ("/sys/fs/cgroup", &[("cpu.max", &both)]),
    ];
    let process = pid.as_raw_nonzero().to_string();
    for (root, settings) in roots {
        let path = Path::new(root).join(&name);
        let is_made = fs::create_dir(&path).is_ok()
            && settings
                .iter()
                .chain(&[("cgroup.procs", process.as_str())])
                .all(|(file, value)| fs::write(path.join(file), value).is_ok());
        if is_made {
            return Some(path);
        }
        let _ = fs::remove_dir(&path);
    }
    None
}
