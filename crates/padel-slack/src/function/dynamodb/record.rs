//! Recording: from a message to a question of its thread, once.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::ReturnValue;

use super::{
    DynamoLedger, INDEX, Write, is_condition,
    item::{
        Attributes, ThreadItem, make_question, message_id, number, question_name, rate_id,
        read_number, text, thread_id,
    },
};
use crate::{
    function::{
        cloud::describe_failure,
        units::{QUESTION_KEPT, THREAD_KEPT, expiry},
    },
    ledger::{LedgerError, Millis, RateLimit, Recorded},
    question::Question,
};

/// Closed questions that one write forgets; an expression holds 4 KB (documented).
const FORGOTTEN: usize = 20;

/// What the item of a message says.
enum Claim {
    /// Nobody has seen it before.
    New,
    /// It is of this thread already; whether it is recorded there is not known.
    Again,
    /// It is a question of another thread.
    Elsewhere,
}

impl DynamoLedger {
    /// Records a question in its thread, unless its message is known.
    pub(super) async fn record_question(
        &self,
        question: &Question,
        limit: RateLimit,
        now: Millis,
    ) -> Result<Recorded, LedgerError> {
        let id = thread_id(&question.thread);
        let item = match self.claim_message(question, now).await? {
            Claim::Elsewhere => return Ok(Recorded::Known),
            // A new message that is in no thread begins its own, of which nothing can be known.
            Claim::New if question.ts == question.thread.ts => Attributes::new(),
            Claim::New | Claim::Again => self.find_item(id.clone()).await?.unwrap_or_default(),
        };
        if item.contains_key(&question_name(&question.key)) {
            return Ok(Recorded::Known);
        }
        if !ThreadItem(&item).has_room() {
            // A write would fail, and Slack's further tries with it. What comes later has room again.
            return Ok(Recorded::Dropped);
        }
        let most = i64::from(limit.questions);
        let recorded = match self.count(question, limit, now).await? {
            Some(count) if count <= most => Recorded::New,
            Some(count) if count == most + 1 => Recorded::OverLimit,
            _ => Recorded::Dropped,
        };
        let mut names = vec!["expires"];
        let mut values = vec![
            (":q", make_question(question, recorded, now)),
            (":expires", number(expiry(now, THREAD_KEPT))),
        ];
        let mut set = "#q = :q, #expires = :expires".to_owned();
        if recorded != Recorded::Dropped {
            set += ", #open = :open, #since = if_not_exists(#since, :now), \
                #count = if_not_exists(#count, :zero) + :one";
            names.extend(["open", "since", "count"]);
            values.extend([
                (":open", text(INDEX)),
                (":now", number(now)),
                (":zero", number(0)),
                (":one", number(1)),
            ]);
        }
        let mut keys = vec![("#q".to_owned(), question_name(&question.key))];
        let old = ThreadItem(&item).list_closed(now - QUESTION_KEPT);
        let mut remove = Vec::new();
        for (index, name) in old.into_iter().take(FORGOTTEN).enumerate() {
            remove.push(format!("#old{index}"));
            keys.push((format!("#old{index}"), name));
        }
        let write = Write {
            id,
            set,
            remove: &remove.join(", "),
            condition: "attribute_not_exists(#q)",
            names: &names,
            keys,
            values,
            question: None,
        };
        let is_new = self.write(write).await?;
        Ok(if is_new { recorded } else { Recorded::Known })
    }

    /// Claims a message for its thread, unless another thread has it. Doing it twice changes nothing.
    async fn claim_message(&self, question: &Question, now: Millis) -> Result<Claim, LedgerError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("id", text(&message_id(&question.key)))
            .update_expression("SET #thread = :thread, #expires = :expires")
            // DynamoDB may take days to delete what has expired.
            .condition_expression(
                "attribute_not_exists(#thread) OR #thread = :thread OR #expires < :now",
            )
            .expression_attribute_names("#thread", "thread")
            .expression_attribute_names("#expires", "expires")
            .expression_attribute_values(":thread", text(&question.thread.to_string()))
            .expression_attribute_values(":expires", number(expiry(now, QUESTION_KEPT)))
            .expression_attribute_values(":now", number(expiry(now, 0)))
            .return_values(ReturnValue::AllOld);
        match update.send().await {
            Ok(updated) if updated.attributes().is_none_or(HashMap::is_empty) => Ok(Claim::New),
            Ok(_) => Ok(Claim::Again),
            Err(error) if is_condition(&error) => Ok(Claim::Elsewhere),
            Err(error) => Err(LedgerError(describe_failure("UpdateItem", &error))),
        }
    }

    /// Counts a question in its window; returns which one it is there, or none when there are too
    /// many to count. The same question counts once.
    async fn count(
        &self,
        question: &Question,
        limit: RateLimit,
        now: Millis,
    ) -> Result<Option<i64>, LedgerError> {
        let begins = now - now.rem_euclid(limit.window.max(1));
        let id = rate_id(&question.thread.channel, &question.user, begins);
        let name = question_name(&question.key);
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("id", text(&id))
            .update_expression(
                "SET #number = if_not_exists(#number, :zero) + :one, \
                    #q = if_not_exists(#number, :zero) + :one, #expires = :expires",
            )
            .condition_expression(
                "attribute_not_exists(#q) AND (attribute_not_exists(#number) OR #number <= :most)",
            )
            .expression_attribute_names("#number", "number")
            .expression_attribute_names("#q", &name)
            .expression_attribute_names("#expires", "expires")
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":most", number(limit.questions.into()))
            .expression_attribute_values(
                ":expires",
                number(expiry(begins + limit.window, QUESTION_KEPT)),
            )
            .return_values(ReturnValue::UpdatedNew);
        let item = match update.send().await {
            Ok(updated) => updated.attributes,
            Err(error) if is_condition(&error) => self.find_item(id).await?,
            Err(error) => return Err(LedgerError(describe_failure("UpdateItem", &error))),
        };
        Ok(item.and_then(|item| read_number(&item, &name)))
    }
}
