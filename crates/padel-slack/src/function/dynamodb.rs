//! The ledger in a DynamoDB table: each thread is one item, with its lease, its sessions and its
//! questions, so that each condition and its change are one write of one item.
//!
//! One message may come as two with times of their own, so as two threads (reported): an item for each
//! message says which of them it is a question of.
//!
//! The key is `id`. The index `open` lists the threads that have open questions, and no others; what
//! it says is looked up in the item itself, for an index lags behind.
//!
//! A write may be carried out and its answer lost. So each one leaves a random token: where the
//! condition does not hold, the token tells whether our own write had made it so.

mod item;
mod record;
mod watching;

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnValue},
};

use self::item::{
    Attributes, ThreadItem, number, parse_thread_id, question_name, session_name, text, thread_id,
};
use super::cloud::describe_failure;
use crate::{
    ledger::{
        Closing, Lease, Ledger, LedgerError, Millis, OpenQuestion, RateLimit, Recorded, Taken,
    },
    question::{Question, Thread},
};

/// The index of threads with open questions.
const INDEX: &str = "open";

/// A ledger in a table; clones share connections.
#[derive(Clone, Debug)]
pub struct DynamoLedger {
    client: Client,
    table: String,
}

/// One write: `#name` stands for the attribute `name`, and `#q` for the question's.
struct Write<'a> {
    id: String,
    /// Assignments, separated by commas; may be empty.
    set: String,
    /// Paths, separated by commas; may be empty.
    remove: &'a str,
    condition: &'a str,
    names: &'a [&'a str],
    /// `#q`, and others that are made of a key.
    keys: Vec<(String, String)>,
    values: Vec<(&'static str, AttributeValue)>,
    /// The question whose item gets the token; none for the thread's.
    question: Option<&'a Question>,
}

impl DynamoLedger {
    /// Uses a table, which has to be there.
    #[must_use]
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    async fn find_item(&self, id: String) -> Result<Option<Attributes>, LedgerError> {
        let reading = self.client.get_item().table_name(&self.table);
        let reading = reading.key("id", AttributeValue::S(id));
        match reading.consistent_read(true).send().await {
            Ok(found) => Ok(found.item),
            Err(error) => Err(LedgerError(describe_failure("GetItem", &error))),
        }
    }

    /// Writes; returns whether the condition held.
    async fn write(&self, write: Write<'_>) -> Result<bool, LedgerError> {
        let written = self.write_returning(write, ReturnValue::None).await?;
        Ok(written.is_some())
    }

    /// Writes; returns the attributes that were asked for, or more, if the condition held.
    async fn write_returning(
        &self,
        write: Write<'_>,
        returned: ReturnValue,
    ) -> Result<Option<Attributes>, LedgerError> {
        let token = format!("{:032x}", fastrand::u128(..));
        let (id, question) = (write.id.clone(), write.question);
        let place = if question.is_some() {
            "#q.#token"
        } else {
            "#token"
        };
        let mut expression = format!("SET {place} = :token");
        for (between, part) in [(", ", write.set.as_str()), (" REMOVE ", write.remove)] {
            if !part.is_empty() {
                expression += &format!("{between}{part}");
            }
        }
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("id", AttributeValue::S(write.id))
            .update_expression(expression)
            .condition_expression(write.condition)
            .expression_attribute_names("#token", "token")
            .expression_attribute_values(":token", text(&token))
            .return_values(returned);
        for name in write.names {
            update = update.expression_attribute_names(format!("#{name}"), *name);
        }
        for (alias, name) in write.keys {
            update = update.expression_attribute_names(alias, name);
        }
        for (name, value) in write.values {
            update = update.expression_attribute_values(name, value);
        }
        match update.send().await {
            Ok(written) => Ok(Some(written.attributes.unwrap_or_default())),
            Err(error) if is_condition(&error) => {
                let item = self.find_item(id).await?.unwrap_or_default();
                let map = question.map_or(Some(&item), |question| {
                    item.get(&question_name(&question.key))?.as_m().ok()
                });
                let is_ours = map.is_some_and(|map| map.get("token") == Some(&text(&token)));
                Ok(is_ours.then_some(item))
            }
            Err(error) => Err(LedgerError(describe_failure("UpdateItem", &error))),
        }
    }

    /// Changes an open question of a thread that `holder` has.
    async fn change(
        &self,
        question: &Question,
        holder: &str,
        (set, remove, condition): (&str, &str, &str),
        names: &[&str],
        mut values: Vec<(&'static str, AttributeValue)>,
    ) -> Result<bool, LedgerError> {
        values.push((":holder", text(holder)));
        self.write(Write {
            id: thread_id(&question.thread),
            set: set.to_owned(),
            remove,
            condition,
            names,
            keys: vec![("#q".to_owned(), question_name(&question.key))],
            values,
            question: Some(question),
        })
        .await
    }
}

impl Ledger for DynamoLedger {
    async fn record(
        &self,
        question: &Question,
        limit: RateLimit,
        now: Millis,
    ) -> Result<Recorded, LedgerError> {
        self.record_question(question, limit, now).await
    }

    async fn claim(
        &self,
        thread: &Thread,
        lease: &Lease,
        now: Millis,
    ) -> Result<bool, LedgerError> {
        self.write(claim(thread, lease, now)).await
    }

    async fn claim_next(
        &self,
        thread: &Thread,
        lease: &Lease,
        now: Millis,
    ) -> Result<Taken, LedgerError> {
        // What the write leaves behind is as fresh as a read, and saves one.
        let claimed = self.write_returning(claim(thread, lease, now), ReturnValue::AllNew);
        let Some(item) = claimed.await? else {
            return Ok(Taken::Busy);
        };
        let found = ThreadItem(&item).find_next(thread);
        self.begin_found(found, &lease.holder).await
    }

    async fn renew(&self, thread: &Thread, lease: &Lease) -> Result<bool, LedgerError> {
        self.write(Write {
            id: thread_id(thread),
            set: "#until = :until".to_owned(),
            remove: "",
            condition: "#holder = :holder",
            names: &["holder", "until"],
            keys: Vec::new(),
            values: vec![
                (":holder", text(&lease.holder)),
                (":until", number(lease.until)),
            ],
            question: None,
        })
        .await
    }

    async fn release(&self, thread: &Thread, holder: &str) -> Result<(), LedgerError> {
        let released = self.write(Write {
            id: thread_id(thread),
            set: String::new(),
            remove: "#holder, #until",
            condition: "#holder = :holder",
            names: &["holder", "until"],
            keys: Vec::new(),
            values: vec![(":holder", text(holder))],
            question: None,
        });
        released.await.map(drop)
    }

    async fn find_next(&self, thread: &Thread) -> Result<Option<OpenQuestion>, LedgerError> {
        let item = self.find_item(thread_id(thread)).await?;
        Ok(item.and_then(|item| ThreadItem(&item).find_next(thread)))
    }

    async fn begin(&self, question: &Question, holder: &str) -> Result<bool, LedgerError> {
        let change = (
            "#q.#state = :begun",
            "",
            "#holder = :holder AND #q.#state = :accepted",
        );
        let values = vec![(":begun", text("begun")), (":accepted", text("accepted"))];
        self.change(question, holder, change, &["holder", "state"], values)
            .await
    }

    async fn note_asked(
        &self,
        question: &Question,
        holder: &str,
        session: &str,
        now: Millis,
    ) -> Result<bool, LedgerError> {
        let threads = session_name(question.access);
        let set = format!(
            "#q.#state = :asked, #q.#session = :session, #q.#asked_at = :now, \
                #{threads} = :session"
        );
        let condition = "#holder = :holder AND #q.#state = :begun";
        let values = vec![
            (":asked", text("asked")),
            (":begun", text("begun")),
            (":session", text(session)),
            (":now", number(now)),
        ];
        let names = ["holder", "state", "session", "asked_at", threads];
        self.change(question, holder, (&set, "", condition), &names, values)
            .await
    }

    async fn close(
        &self,
        question: &Question,
        holder: &str,
        closing: &Closing,
    ) -> Result<bool, LedgerError> {
        let state = if closing.failure.is_some() {
            "failed"
        } else {
            "answered"
        };
        let threads = session_name(question.access);
        // The thread leaves the index with its last open question.
        for is_last in [true, false] {
            let mut names = vec!["holder", "state", "text", "count"];
            let mut values = vec![
                (":state", text(state)),
                (":begun", text("begun")),
                (":asked", text("asked")),
                (":one", number(1)),
            ];
            let mut set = "#q.#state = :state".to_owned();
            let mut remove = "#q.#text".to_owned();
            for (name, value, found) in [
                ("failure", ":failure", closing.failure),
                ("post", ":post", closing.post.as_deref()),
            ] {
                if let Some(found) = found {
                    set += &format!(", #q.#{name} = {value}");
                    names.push(name);
                    values.push((value, text(found)));
                }
            }
            let mut condition =
                "#holder = :holder AND (#q.#state = :begun OR #q.#state = :asked)".to_owned();
            if is_last {
                remove += ", #open, #since, #count";
                names.extend(["open", "since"]);
                condition += " AND #count = :one";
            } else {
                set += ", #count = #count - :one";
                condition += " AND #count > :one";
            }
            if closing.ends_session {
                remove += &format!(", #{threads}");
                names.push(threads);
            }
            let change = (set.as_str(), remove.as_str(), condition.as_str());
            if self
                .change(question, holder, change, &names, values)
                .await?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn find_waiting(
        &self,
        accepted_before: Millis,
        now: Millis,
    ) -> Result<Vec<Thread>, LedgerError> {
        let mut found: Vec<(Millis, Thread)> = Vec::new();
        let mut start: Option<HashMap<String, AttributeValue>> = None;
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(INDEX)
                .key_condition_expression("#open = :open AND #since < :before")
                .expression_attribute_names("#open", "open")
                .expression_attribute_names("#since", "since")
                .expression_attribute_values(":open", text(INDEX))
                .expression_attribute_values(":before", number(accepted_before))
                .set_exclusive_start_key(start.take());
            let page = query.send().await;
            let page = page.map_err(|error| LedgerError(describe_failure("Query", &error)))?;
            for listed in page.items.unwrap_or_default() {
                let id = listed.get("id").and_then(|id| id.as_s().ok());
                let Some(thread) = id.and_then(|id| parse_thread_id(id)) else {
                    continue;
                };
                let item = self
                    .find_item(thread_id(&thread))
                    .await?
                    .unwrap_or_default();
                let waiting = ThreadItem(&item).waits_since(accepted_before, now);
                found.extend(waiting.map(|since| (since, thread)));
            }
            start = page.last_evaluated_key;
            if start.as_ref().is_none_or(HashMap::is_empty) {
                break;
            }
        }
        found.sort_unstable();
        Ok(found.into_iter().map(|(_, thread)| thread).collect())
    }

    /// Nothing: DynamoDB deletes threads and counts that have expired, and the next question of a
    /// thread forgets its old ones.
    async fn forget(&self, _: Millis) -> Result<(), LedgerError> {
        Ok(())
    }
}

fn claim(thread: &Thread, lease: &Lease, now: Millis) -> Write<'static> {
    Write {
        id: thread_id(thread),
        set: "#holder = :holder, #until = :until".to_owned(),
        remove: "",
        condition: "attribute_exists(#id) AND (attribute_not_exists(#holder) OR #until < :now)",
        names: &["id", "holder", "until"],
        keys: Vec::new(),
        values: vec![
            (":holder", text(&lease.holder)),
            (":until", number(lease.until)),
            (":now", number(now)),
        ],
        question: None,
    }
}

fn is_condition(error: &SdkError<UpdateItemError>) -> bool {
    error
        .as_service_error()
        .is_some_and(UpdateItemError::is_conditional_check_failed_exception)
}
