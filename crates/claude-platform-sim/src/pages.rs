//! Lists in pages: `limit`, `page`, `next_page`.

use serde_json::{Value, json};

use crate::{
    answer::{Answer, Refusal, Reply},
    request::Request,
};

/// Items on a page when the client names no limit. Documented.
const DEFAULT_LIMIT: usize = 20;

/// The page that a request asks for: at most `largest` items as documented for that list, and never
/// more than `cap`.
///
/// The cursor is a position, so that an item that comes or goes meanwhile shifts the rest, as it
/// may in reality.
pub(crate) fn page(items: &[Value], request: &Request, largest: usize, cap: usize) -> Reply {
    let limit = match request.query("limit") {
        None => DEFAULT_LIMIT,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=largest).contains(limit))
            .ok_or_else(|| Refusal::invalid(format!("limit: must be between 1 and {largest}")))?,
    };
    let start = match request.query("page") {
        None => 0,
        Some(text) => text
            .strip_prefix("page_")
            .and_then(|position| usize::from_str_radix(position, 16).ok())
            .filter(|position| *position <= items.len())
            .ok_or_else(|| Refusal::invalid("page: not a cursor of this list"))?,
    };
    let end = items.len().min(start + limit.min(cap));
    let next = (end < items.len()).then(|| format!("page_{end:08x}"));
    Ok(Answer::json(
        &json!({"data": items[start..end], "next_page": next}),
    ))
}
