//! One process at a time: a lock that the system lets go when its process ends, or where the file
//! system has no locks (some network and shared drives), a file that only one process can make.

use std::{
    fs::{self, File, TryLockError},
    io::{Error, ErrorKind, Read as _, Result, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

/// So much longer than it may take at most is a process given before its file counts as left
/// behind.
const GRACE: Duration = Duration::from_secs(5);
/// Time for a process whose file does not say how much it needs: it ended between making the file and
/// writing it.
const UNSAID: Duration = Duration::from_secs(60);

/// The turn of this process, until it is dropped.
pub(crate) enum Turn {
    /// Nothing can be locked or made: the cache cannot be written.
    Unguarded,
    /// A lock of the system.
    Locked { _file: File },
    /// A file of our own, and what stands in it.
    Made { path: PathBuf, mark: String },
}

impl Turn {
    /// Takes the turn if nobody has it; `None` where another process has. `path` is the file to
    /// lock, `longest` the time after which this process has ended for certain.
    pub(crate) fn take(path: &Path, longest: Duration) -> Option<Self> {
        Self::take_with(File::try_lock, path, longest)
    }

    fn take_with(
        lock: impl Fn(&File) -> std::result::Result<(), TryLockError>,
        path: &Path,
        longest: Duration,
    ) -> Option<Self> {
        let Ok(file) = private_file()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
        else {
            return Some(Self::Unguarded);
        };
        match lock(&file) {
            Ok(()) => Some(Self::Locked { _file: file }),
            Err(TryLockError::WouldBlock) => None,
            Err(TryLockError::Error(_)) => match make_file(&path.with_extension("turn"), longest) {
                Ok(turn) => turn,
                Err(_) => Some(Self::Unguarded),
            },
        }
    }

    /// An error where another process has taken the turn away: this one was thought to have ended.
    pub(crate) fn check_held(&self) -> Result<()> {
        match self {
            Self::Made { path, mark } if read_mark(path).as_ref() != Some(mark) => Err(Error::new(
                ErrorKind::TimedOut,
                "another call of padel has taken over",
            )),
            _ => Ok(()),
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Self::Made { path, .. } = &*self
            && self.check_held().is_ok()
        {
            let _ = fs::remove_file(path);
        }
    }
}

/// Makes the file, or clears it away for the next attempt where it was left behind.
fn make_file(path: &Path, longest: Duration) -> Result<Option<Turn>> {
    let mark = format!("{} {:016x}", longest.as_secs(), fastrand::u64(..));
    match private_file().create_new(true).write(true).open(path) {
        Ok(mut file) => match file.write_all(mark.as_bytes()) {
            Ok(()) => Ok(Some(Turn::Made {
                path: path.to_owned(),
                mark,
            })),
            Err(error) => {
                let _ = fs::remove_file(path);
                Err(error)
            }
        },
        Err(error) if error.kind() == ErrorKind::AlreadyExists => clear_away(path).map(|()| None),
        Err(error) => Err(error),
    }
}

/// Removes the file of a process that has ended without removing it.
fn clear_away(path: &Path) -> Result<()> {
    let (Some(seen), Some(dir)) = (read_mark(path), path.parent()) else {
        return Ok(());
    };
    let longest = seen
        .split(' ')
        .next()
        .and_then(|seconds| seconds.parse().ok())
        .map_or(UNSAID, Duration::from_secs);
    // Times of one file system: its clock may be a server's.
    let now = tempfile::NamedTempFile::new_in(dir)?
        .as_file()
        .metadata()?
        .modified()?;
    let Ok(made) = fs::metadata(path).and_then(|about| about.modified()) else {
        return Ok(());
    };
    if now
        .duration_since(made)
        .is_ok_and(|age| age > longest + GRACE)
    {
        // Of several that see this, one moves the file; the others may move the next one, and must
        // put it back. Whose file was away for a moment sees it in `check`, or has sent its request
        // before anybody else could look.
        let aside = path.with_extension(format!("{:016x}", fastrand::u64(..)));
        if fs::rename(path, &aside).is_ok() {
            if read_mark(&aside).as_ref() != Some(&seen) {
                let _ = fs::hard_link(&aside, path);
            }
            fs::remove_file(aside)?;
        }
    }
    Ok(())
}

fn read_mark(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path)
        .ok()?
        .take(100)
        .read_to_string(&mut text)
        .ok()?;
    Some(text)
}

fn private_file() -> fs::OpenOptions {
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        thread,
    };

    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    /// A file system without locks.
    fn take(path: &Path, longest: Duration) -> Option<Turn> {
        Turn::take_with(
            |_| Err(TryLockError::Error(ErrorKind::Unsupported.into())),
            path,
            longest,
        )
    }

    fn age(path: &Path, by: Duration) {
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(file.metadata().unwrap().modified().unwrap() - by)
            .unwrap();
    }

    #[test]
    fn without_locks_one_has_the_turn_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("member.lock");
        let (holders, turns) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..10 {
                scope.spawn(|| {
                    let turn = loop {
                        match take(&path, LONG) {
                            Some(turn) => break turn,
                            None => thread::sleep(Duration::from_millis(1)),
                        }
                    };
                    assert!(matches!(turn, Turn::Made { .. }));
                    assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0);
                    thread::sleep(Duration::from_millis(2));
                    turn.check_held().unwrap();
                    turns.fetch_add(1, Ordering::SeqCst);
                    holders.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        assert_eq!(turns.load(Ordering::SeqCst), 10);
        assert_eq!(
            fs::read_dir(dir.path()).unwrap().count(),
            1,
            "the file to lock is all that stays"
        );
    }

    #[test]
    fn a_turn_that_was_left_behind_ends() {
        let dir = tempfile::tempdir().unwrap();
        let (path, made) = (
            dir.path().join("member.lock"),
            dir.path().join("member.turn"),
        );
        let left = take(&path, LONG).unwrap();
        age(&made, LONG);
        assert!(take(&path, LONG).is_none(), "it may still be at it");
        age(&made, GRACE + Duration::from_secs(1));
        assert!(take(&path, LONG).is_none() && !made.exists());
        left.check_held().unwrap_err();
        let next = take(&path, LONG).unwrap();
        drop(left);
        next.check_held().unwrap();
        fs::write(&made, "").unwrap();
        age(&made, UNSAID);
        assert!(take(&path, LONG).is_none() && made.exists());
        age(&made, GRACE + Duration::from_secs(1));
        assert!(take(&path, LONG).is_none() && take(&path, LONG).is_some());
    }

    #[test]
    fn a_lock_of_the_system_needs_no_file_of_ours() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("member.lock");
        let turn = Turn::take(&path, LONG).unwrap();
        assert!(matches!(turn, Turn::Locked { .. }) && Turn::take(&path, LONG).is_none());
        drop(turn);
        assert!(Turn::take(&path, LONG).is_some());
        assert!(matches!(
            Turn::take(&dir.path().join("no/dir"), LONG),
            Some(Turn::Unguarded)
        ));
    }
}
