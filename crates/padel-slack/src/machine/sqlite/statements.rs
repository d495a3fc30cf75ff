//! The operations of the ledger as statements, each inside one transaction.

use rusqlite::{OptionalExtension as _, Row, Transaction, params};

use crate::{
    ledger::{Closing, Lease, Millis, OpenQuestion, RateLimit, Recorded, Stage, Taken},
    question::{Access, Question, Thread},
};

/// The states that are not closed.
const OPEN: &str = "state IN ('accepted', 'begun', 'asked')";

type Result<T> = rusqlite::Result<T>;

pub(crate) fn record(
    file: &Transaction<'_>,
    question: &Question,
    limit: RateLimit,
    now: Millis,
) -> Result<Recorded> {
    let find = "SELECT 1 FROM question WHERE key = ?1";
    let is_known = file
        .query_row(find, [&question.key], |_| Ok(()))
        .optional()?;
    if is_known.is_some() {
        return Ok(Recorded::Known);
    }
    let begins = now - now.rem_euclid(limit.window.max(1));
    let count: u32 = file.query_row(
        "INSERT INTO rate (channel, user, begins, questions) VALUES (?1, ?2, ?3, 1)
         ON CONFLICT DO UPDATE SET questions = questions + 1 RETURNING questions",
        params![question.thread.channel, question.user, begins],
        |row| row.get(0),
    )?;
    let recorded = match count.checked_sub(limit.questions) {
        None | Some(0) => Recorded::New,
        Some(1) => Recorded::OverLimit,
        Some(_) => Recorded::Dropped,
    };
    let is_dropped = recorded == Recorded::Dropped;
    file.execute(
        "INSERT INTO question (key, channel, thread_ts, ts, user, access, text, files, accepted_at,
            over_limit, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            question.key,
            question.thread.channel,
            question.thread.ts,
            question.ts,
            question.user,
            question.access.name(),
            if is_dropped {
                ""
            } else {
                question.text.as_str()
            },
            i64::try_from(question.files).unwrap_or(i64::MAX),
            now,
            recorded == Recorded::OverLimit,
            if is_dropped { "dropped" } else { "accepted" },
        ],
    )?;
    file.execute(
        "INSERT OR IGNORE INTO thread (channel, ts) VALUES (?1, ?2)",
        params![question.thread.channel, question.thread.ts],
    )?;
    Ok(recorded)
}

pub(crate) fn claim(
    file: &Transaction<'_>,
    thread: &Thread,
    lease: &Lease,
    now: Millis,
) -> Result<bool> {
    let count = file.execute(
        "UPDATE thread SET holder = ?3, until = ?4
         WHERE channel = ?1 AND ts = ?2 AND (holder IS NULL OR until < ?5)",
        params![thread.channel, thread.ts, lease.holder, lease.until, now],
    )?;
    Ok(count == 1)
}

/// Changes the lease that `holder` has, or ends it.
pub(crate) fn set_lease(
    file: &Transaction<'_>,
    thread: &Thread,
    holder: &str,
    lease: Option<&Lease>,
) -> Result<bool> {
    let count = file.execute(
        "UPDATE thread SET holder = ?4, until = ?5
         WHERE channel = ?1 AND ts = ?2 AND holder = ?3",
        params![
            thread.channel,
            thread.ts,
            holder,
            lease.map(|lease| &lease.holder),
            lease.map(|lease| lease.until),
        ],
    )?;
    Ok(count == 1)
}

pub(crate) fn find_next(file: &Transaction<'_>, thread: &Thread) -> Result<Option<OpenQuestion>> {
    // A message's time has the same number of digits for the next two centuries, so that the order
    // of the texts is that of the times.
    let select = format!(
        "SELECT question.*, owner_session, courts_session FROM question
         JOIN thread ON thread.channel = question.channel AND thread.ts = thread_ts
         WHERE question.channel = ?1 AND thread_ts = ?2 AND {OPEN}
         ORDER BY state = 'accepted', question.ts, question.rowid LIMIT 1"
    );
    let place = params![thread.channel, thread.ts];
    let found = file.query_row(&select, place, read_question).optional()?;
    let Some(mut found) = found else {
        return Ok(None);
    };
    let mut posts = file.prepare(
        "SELECT post_ts FROM question
         WHERE channel = ?1 AND thread_ts = ?2 AND post_ts IS NOT NULL ORDER BY post_ts",
    )?;
    found.posts = posts
        .query_map(place, |row| row.get(0))?
        .collect::<Result<_>>()?;
    Ok(Some(found))
}

fn read_question(row: &Row<'_>) -> Result<OpenQuestion> {
    let state: String = row.get("state")?;
    let access: String = row.get("access")?;
    let access = Access::from_name(&access);
    let stage = match state.as_str() {
        "accepted" => Stage::Accepted,
        "begun" => Stage::Begun,
        _ => Stage::Asked {
            session: row.get("session")?,
            at: row.get("asked_at")?,
        },
    };
    Ok(OpenQuestion {
        question: Question {
            key: row.get("key")?,
            thread: Thread {
                channel: row.get("channel")?,
                ts: row.get("thread_ts")?,
            },
            ts: row.get("ts")?,
            user: row.get("user")?,
            access,
            text: row.get("text")?,
            files: usize::try_from(row.get::<_, i64>("files")?).unwrap_or(0),
        },
        accepted_at: row.get("accepted_at")?,
        is_over_limit: row.get("over_limit")?,
        stage,
        session: row.get(session_column(access))?,
        posts: Vec::new(),
    })
}

const fn session_column(access: Access) -> &'static str {
    match access {
        Access::Owner => "owner_session",
        Access::Courts => "courts_session",
    }
}

/// Changes a question in one of the states `from`, if `holder` has the lease of its thread.
fn change(
    file: &Transaction<'_>,
    question: &Question,
    holder: &str,
    from: &str,
    set: &str,
    values: &[&dyn rusqlite::ToSql],
) -> Result<bool> {
    let update = format!(
        "UPDATE question SET {set} WHERE key = ?1 AND {from} AND EXISTS (
            SELECT 1 FROM thread
            WHERE thread.channel = question.channel AND thread.ts = thread_ts AND holder = ?2)"
    );
    let first: [&dyn rusqlite::ToSql; 2] = [&question.key, &holder];
    let count = file.execute(&update, &*[&first, values].concat())?;
    Ok(count == 1)
}

pub(crate) fn begin(file: &Transaction<'_>, question: &Question, holder: &str) -> Result<bool> {
    let from = "state = 'accepted'";
    change(file, question, holder, from, "state = 'begun'", &[])
}

/// Finds a thread's next question, and begins it if it is accepted.
pub(crate) fn begin_next(file: &Transaction<'_>, thread: &Thread, holder: &str) -> Result<Taken> {
    let Some(open) = find_next(file, thread)? else {
        return Ok(Taken::Nothing);
    };
    if open.stage == Stage::Accepted && !begin(file, &open.question, holder)? {
        return Ok(Taken::Busy);
    }
    Ok(Taken::Question(Box::new(open)))
}

pub(crate) fn note_asked(
    file: &Transaction<'_>,
    question: &Question,
    holder: &str,
    session: &str,
    now: Millis,
) -> Result<bool> {
    let set = "state = 'asked', session = ?3, asked_at = ?4";
    let from = "state = 'begun'";
    let is_changed = change(file, question, holder, from, set, &[&session, &now])?;
    if is_changed {
        set_session(file, question, Some(session))?;
    }
    Ok(is_changed)
}

pub(crate) fn close(
    file: &Transaction<'_>,
    question: &Question,
    holder: &str,
    closing: &Closing,
) -> Result<bool> {
    // Nothing was posted for a question that was only accepted.
    let from = "state IN ('begun', 'asked')";
    let state = if closing.failure.is_some() {
        "failed"
    } else {
        "answered"
    };
    let set = "state = ?3, failure = ?4, post_ts = ?5, text = ''";
    let values: [&dyn rusqlite::ToSql; 3] = [&state, &closing.failure, &closing.post];
    let is_changed = change(file, question, holder, from, set, &values)?;
    if is_changed && closing.ends_session {
        set_session(file, question, None)?;
    }
    Ok(is_changed)
}

fn set_session(file: &Transaction<'_>, question: &Question, session: Option<&str>) -> Result<()> {
    let column = session_column(question.access);
    file.execute(
        &format!("UPDATE thread SET {column} = ?3 WHERE channel = ?1 AND ts = ?2"),
        params![question.thread.channel, question.thread.ts, session],
    )?;
    Ok(())
}

pub(crate) fn find_waiting(
    file: &Transaction<'_>,
    accepted_before: Millis,
    now: Millis,
) -> Result<Vec<Thread>> {
    let mut select = file.prepare(&format!(
        "SELECT question.channel, thread_ts FROM question
         JOIN thread ON thread.channel = question.channel AND thread.ts = thread_ts
         WHERE {OPEN} AND accepted_at < ?1 AND (holder IS NULL OR until < ?2)
         GROUP BY question.channel, thread_ts ORDER BY min(accepted_at)"
    ))?;
    let read = |row: &Row<'_>| {
        Ok(Thread {
            channel: row.get(0)?,
            ts: row.get(1)?,
        })
    };
    select.query_map([accepted_before, now], read)?.collect()
}

pub(crate) fn forget(file: &Transaction<'_>, accepted_before: Millis) -> Result<()> {
    file.execute(
        &format!("DELETE FROM question WHERE accepted_at < ?1 AND NOT {OPEN}"),
        [accepted_before],
    )?;
    file.execute("DELETE FROM rate WHERE begins < ?1", [accepted_before])?;
    file.execute(
        "DELETE FROM thread WHERE holder IS NULL AND NOT EXISTS (
            SELECT 1 FROM question
            WHERE question.channel = thread.channel AND thread_ts = thread.ts)",
        [],
    )?;
    Ok(())
}
