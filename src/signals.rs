//! Ctrl-C and other signals, in every phase: also while padel reads a file, somebody types, or a
//! reader of the output stalls.
//!
//! A thread of its own ends the process, because what blocks cannot look for a signal. It must not
//! hold a file.

use std::sync::{Mutex, MutexGuard, PoisonError};

#[cfg(unix)]
pub(crate) use unix::wait_for_end;
#[cfg(unix)]
pub use unix::{guard_terminal, watch_signals};

/// Held while a file is written, and from a signal to the end.
static WRITING: Mutex<()> = Mutex::new(());

/// Keeps signals from ending the process while the returned guard lives: a file is written whole or
/// not at all, and no draft stays.
pub(crate) fn postpone_signals() -> MutexGuard<'static, ()> {
    wait_for_end();
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Nothing to do here: the system ends the process.
#[cfg(not(unix))]
pub fn watch_signals() {}

/// Nothing to do here: the system ends the process.
#[cfg(not(unix))]
pub fn guard_terminal() {}

/// Nothing to do here: the system ends the process.
#[cfg(not(unix))]
pub(crate) fn wait_for_end() {}

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

    /// The thread's pause between two looks: nobody notices so short a wait.
    const PAUSE: Duration = Duration::from_millis(20);
    /// The longest that a small file may take: then the disk is stuck, and the file is left as it is.
    const WRITE_TIME: Duration = Duration::from_secs(1);
    /// The thread needs little: where memory is bounded, the usual two megabytes may be too much.
    const STACK: usize = 128 * 1024;

    /// The last signal that came, or 0.
    static CAUGHT: AtomicUsize = AtomicUsize::new(0);
    /// Set where the next Ctrl-C ends the process without a word.
    static AT_ONCE: AtomicBool = AtomicBool::new(false);
    /// Set where a file grew beyond `ulimit -f`. The write returns an error, so nobody reads this; only
    /// the signal must be taken.
    static TOO_LARGE: AtomicBool = AtomicBool::new(false);
    /// Always set: the standard library aborts when memory is used up, and has said so by then.
    static ALWAYS: AtomicBool = AtomicBool::new(true);
    /// Set while the thread runs.
    static WATCHED: AtomicBool = AtomicBool::new(false);
    /// The terminal's state before the first question.
    static TERMINAL: OnceLock<Termios> = OnceLock::new();

    /// Makes Ctrl-C end the process with 130, and a file that may not grow an error of the write.
    ///
    /// Where the machine allows no thread, Ctrl-C ends the process without a word.
    pub fn watch_signals() {
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
                        0 => thread::sleep(PAUSE),
                        signal => end_by(i32::try_from(signal).unwrap_or(SIGINT)),
                    }
                }
            })
        });
        WATCHED.store(watched.is_ok(), Ordering::SeqCst);
        AT_ONCE.store(watched.is_err(), Ordering::SeqCst);
        let _ =
            flag::register_conditional_shutdown(SIGINT, Code::Interrupted.exit().into(), &AT_ONCE);
        catch_signal(SIGINT);
    }

    /// Makes every signal that ends the process restore the terminal first. Only for questions:
    /// elsewhere the other signals stay as the caller set them, such as ignored by `nohup`.
    pub fn guard_terminal() {
        let Ok(before) = tcgetattr(rustix::stdio::stdin()) else {
            return;
        };
        if WATCHED.load(Ordering::SeqCst) && TERMINAL.set(before).is_ok() {
            [SIGHUP, SIGTERM, SIGQUIT]
                .into_iter()
                .for_each(catch_signal);
        }
    }

    /// Waits for the end of the process where a signal has come: until then nothing is answered and
    /// no file is written.
    pub(crate) fn wait_for_end() {
        while CAUGHT.load(Ordering::SeqCst) != 0 {
            thread::sleep(PAUSE);
        }
    }

    fn catch_signal(signal: i32) {
        let _ = flag::register_usize(signal, &CAUGHT, usize::try_from(signal).unwrap_or_default());
    }

    /// Waits until no file is being written, for a while at most.
    fn await_writes() -> Option<MutexGuard<'static, ()>> {
        (0..WRITE_TIME.as_millis() / PAUSE.as_millis()).find_map(|_| match WRITING.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => {
                thread::sleep(PAUSE);
                None
            }
        })
    }

    fn end_by(signal: i32) -> ! {
        if let Some(before) = TERMINAL.get() {
            let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, before);
            // The question's line ends here.
            write_if_ready(b"\n");
        }
        AT_ONCE.store(true, Ordering::SeqCst);
        let _finished = await_writes();
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
