//! Ctrl-C and other signals, in every phase: also while a file is read, somebody types, or a reader
//! of the output stalls.
//!
//! A thread of its own ends the process, because what blocks cannot look for a signal. It holds no
//! file.

use std::sync::{Mutex, MutexGuard, PoisonError};

#[cfg(unix)]
pub(crate) use unix::give_way;
#[cfg(unix)]
pub use unix::{guard_terminal, watch};

/// Held while a file is written, and from a signal to the end.
static WRITING: Mutex<()> = Mutex::new(());

/// No signal ends the process while what this returns is kept: a file is written whole or not at
/// all, and no draft stays.
pub(crate) fn postpone() -> MutexGuard<'static, ()> {
    give_way();
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Nothing to do here: the system ends the process.
#[cfg(not(unix))]
pub fn watch() {}

/// Nothing to do here: the system ends the process.
#[cfg(not(unix))]
pub fn guard_terminal() {}

/// Nothing to do here: the system ends the process.
#[cfg(not(unix))]
pub(crate) fn give_way() {}

#[cfg(unix)]
mod unix {
    use std::{
        sync::{
            MutexGuard, OnceLock, TryLockError,
            atomic::{AtomicBool, AtomicUsize, Ordering},
        },
        thread,
        time::Duration,
    };

    use diagnostic::ErrorCode as _;
    use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
    use signal_hook::{
        consts::{SIGABRT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXFSZ},
        flag, low_level,
    };

    use super::WRITING;
    use crate::{
        ending::{end_now, write_if_ready},
        error::{Code, Error},
        limits,
    };

    /// How often the thread looks: nobody notices so short a wait.
    const LOOK: Duration = Duration::from_millis(20);
    /// How long a disk may take for a small file until it is left as it is.
    const DISK: Duration = Duration::from_secs(1);
    /// The thread needs little: where memory is bounded, the usual two megabytes may be too much.
    const STACK: usize = 128 * 1024;

    /// The last signal that came, or 0.
    static CAUGHT: AtomicUsize = AtomicUsize::new(0);
    /// Whether the next Ctrl-C ends the process without a word.
    static AT_ONCE: AtomicBool = AtomicBool::new(false);
    /// Whether a file was to grow beyond `ulimit -f`. The write says so: only its signal has to be
    /// taken.
    static TOO_LARGE: AtomicBool = AtomicBool::new(false);
    /// Memory that is used up is no crash: the standard library has said so by then.
    static ALWAYS: AtomicBool = AtomicBool::new(true);
    /// Whether the thread is there.
    static WATCHED: AtomicBool = AtomicBool::new(false);
    /// How the terminal was before the first question.
    static TERMINAL: OnceLock<Termios> = OnceLock::new();

    /// From now on Ctrl-C ends the process with 130, and a file that may not grow is an error of
    /// the write.
    ///
    /// Where the machine allows no thread, Ctrl-C ends the process without a word.
    pub fn watch() {
        let _ = flag::register(SIGXFSZ, &TOO_LARGE);
        let _ = flag::register_conditional_shutdown(SIGABRT, Code::Internal.exit().into(), &ALWAYS);
        let watcher = thread::Builder::new()
            .name("signals".to_owned())
            .stack_size(STACK);
        // A thread that meets a lack of memory crashes, and can say nothing of it.
        let watched = limits::probe_memory().and_then(|()| {
            watcher.spawn(|| {
                loop {
                    match CAUGHT.load(Ordering::SeqCst) {
                        0 => thread::sleep(LOOK),
                        signal => end(i32::try_from(signal).unwrap_or(SIGINT)),
                    }
                }
            })
        });
        WATCHED.store(watched.is_ok(), Ordering::SeqCst);
        AT_ONCE.store(watched.is_err(), Ordering::SeqCst);
        let _ =
            flag::register_conditional_shutdown(SIGINT, Code::Interrupted.exit().into(), &AT_ONCE);
        catch(SIGINT);
    }

    /// From now on any signal that ends the process leaves the terminal as it is now. For
    /// questions: elsewhere the other signals stay as the caller has set them, such as ignored by
    /// `nohup`.
    pub fn guard_terminal() {
        let Ok(before) = tcgetattr(rustix::stdio::stdin()) else {
            return;
        };
        if WATCHED.load(Ordering::SeqCst) && TERMINAL.set(before).is_ok() {
            [SIGHUP, SIGTERM, SIGQUIT].into_iter().for_each(catch);
        }
    }

    /// Goes no further where a signal has come: between it and the end nothing is answered and no
    /// file is written.
    pub(crate) fn give_way() {
        while CAUGHT.load(Ordering::SeqCst) != 0 {
            thread::sleep(LOOK);
        }
    }

    fn catch(signal: i32) {
        let _ = flag::register_usize(signal, &CAUGHT, usize::try_from(signal).unwrap_or_default());
    }

    /// Waits until nothing is being written, if that does not take a disk too long.
    fn finish_writes() -> Option<MutexGuard<'static, ()>> {
        (0..DISK.as_millis() / LOOK.as_millis()).find_map(|_| match WRITING.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => {
                thread::sleep(LOOK);
                None
            }
        })
    }

    fn end(signal: i32) -> ! {
        if let Some(before) = TERMINAL.get() {
            let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, before);
            // The question's line ends here.
            write_if_ready(b"\n");
        }
        AT_ONCE.store(true, Ordering::SeqCst);
        let _finished = finish_writes();
        if signal != SIGINT {
            let _ = low_level::emulate_default_handler(signal);
        }
        end_now(&Error::new(
            Code::Interrupted,
            "interrupted",
            "run it again",
        ))
    }
}
