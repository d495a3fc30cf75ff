//! The file: its rights, its settings, its tables. Knows no question.

use std::{path::Path, time::Duration};

use rusqlite::Connection;

/// The version of the tables, in the file's `user_version`.
const VERSION: i64 = 1;
/// The longest wait for another process's transaction; each takes some milliseconds.
const PATIENCE: Duration = Duration::from_secs(2);

/// Pages of the log at which a commit moves them itself; sweeps do so long before.
const LONGEST_LOG: i64 = 16_384;

/// States are words, so that an operator can read the file.
const TABLES: &str = "
CREATE TABLE question (
    key TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    thread_ts TEXT NOT NULL,
    ts TEXT NOT NULL,
    user TEXT NOT NULL,
    access TEXT NOT NULL,
    text TEXT NOT NULL,
    files INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    over_limit INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('accepted', 'begun', 'asked', 'answered', 'failed', 'dropped')),
    session TEXT,
    asked_at INTEGER,
    failure TEXT,
    post_ts TEXT
) STRICT;
CREATE INDEX question_thread ON question (channel, thread_ts, ts);
CREATE INDEX question_open ON question (accepted_at)
    WHERE state IN ('accepted', 'begun', 'asked');
CREATE TABLE thread (
    channel TEXT NOT NULL,
    ts TEXT NOT NULL,
    holder TEXT,
    until INTEGER,
    owner_session TEXT,
    courts_session TEXT,
    PRIMARY KEY (channel, ts)
) STRICT, WITHOUT ROWID;
CREATE TABLE rate (
    channel TEXT NOT NULL,
    user TEXT NOT NULL,
    begins INTEGER NOT NULL,
    questions INTEGER NOT NULL,
    PRIMARY KEY (channel, user, begins)
) STRICT, WITHOUT ROWID;
";

/// What watching keeps. A release that does not know these tables is not disturbed by them, so they
/// are of the same version.
const WATCH_TABLES: &str = "
CREATE TABLE IF NOT EXISTS look (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    holder TEXT,
    until INTEGER,
    next INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS watched (
    club TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    written_at INTEGER NOT NULL
) STRICT;
";

/// Reason why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// The file or its directory does not let us.
    #[error("the file cannot be made: {0}")]
    File(#[from] std::io::Error),
    /// SQLite's own words.
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A release after this one made its tables.
    #[error("the file has tables of version {0}, which this release does not know")]
    Version(i64),
}

pub(crate) fn open(path: &Path) -> Result<Connection, OpenError> {
    make_private(path)?;
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    // Readers and the writer do not wait for each other.
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "wal_autocheckpoint", LONGEST_LOG)?;
    set_safety(&connection, Safety::Disk)?;
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match version {
        VERSION => {}
        0 => {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
        }
        version => return Err(OpenError::Version(version)),
    }
    transaction.execute_batch(WATCH_TABLES)?;
    transaction.commit()?;
    Ok(connection)
}

/// Moves what is committed from the log into the file, without a wait for transactions or of theirs.
pub(crate) fn checkpoint(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}

/// What a commit outlives from its answer on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Safety {
    /// The end of the process.
    Process,
    /// A power failure, too: what Slack was told to forget is kept here only.
    Disk,
}

/// Sets what the next commits outlive. In a write-ahead log, commits reach the disk in their order.
pub(crate) fn set_safety(connection: &Connection, safety: Safety) -> rusqlite::Result<()> {
    let level = match safety {
        Safety::Process => "normal",
        Safety::Disk => "full",
    };
    connection.pragma_update(None, "synchronous", level)
}

/// Makes the file if it is not there; SQLite's files beside it get the same rights.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
