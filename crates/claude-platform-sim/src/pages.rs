//! Lists in pages: `limit`, `page`, `order`, `next_page`.

use serde_json::{Value, json};

use crate::{
    answer::{Answer, Refusal, Reply},
    request::Request,
};

/// Items on a page: when the client names no limit, and the most that it may name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    usual: usize,
    most: usize,
}

/// Documented for agents, vaults, credentials and deployments; assumed for environments and
/// sessions.
pub(crate) const UP_TO_100: Limits = Limits {
    usual: 20,
    most: 100,
};

/// Documented for skills, files and runs; assumed for events.
pub(crate) const UP_TO_1000: Limits = Limits {
    usual: 20,
    most: 1000,
};

/// Documented for the resources of a session.
pub(crate) const ALL_OF_1000: Limits = Limits {
    usual: 1000,
    most: 1000,
};

/// The direction of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Oldest first.
    Ascending,
    Descending,
}

impl Order {
    /// The order that a request asks for.
    pub(crate) fn read(request: &Request, usual: Self) -> Result<Self, Refusal> {
        match request.query("order") {
            None => Ok(usual),
            Some("asc") => Ok(Self::Ascending),
            Some("desc") => Ok(Self::Descending),
            Some(other) => Err(Refusal::invalid(format!(
                "order: `{other}` is not `asc` or `desc`"
            ))),
        }
    }

    fn letter(self) -> char {
        match self {
            Self::Ascending => 'a',
            Self::Descending => 'd',
        }
    }
}

/// A piece of a list, and the cursors to its neighbours.
#[derive(Debug)]
pub(crate) struct Page {
    data: Vec<Value>,
    next: Option<String>,
    previous: Option<String>,
}

impl Page {
    /// Cuts the page that a request asks for out of items that are in that order: at most as many
    /// as the limits say, and never more than `cap`.
    ///
    /// The cursor is a position, so that an item that comes or goes meanwhile shifts the rest, as
    /// it may in reality. It is bound to its order, as documented.
    pub(crate) fn cut(
        mut items: Vec<Value>,
        request: &Request,
        order: Order,
        limits: Limits,
        cap: usize,
    ) -> Result<Self, Refusal> {
        let most = limits.most;
        let limit = match request.query("limit") {
            None => limits.usual,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=most).contains(limit))
                .ok_or_else(|| Refusal::invalid(format!("limit: must be between 1 and {most}")))?,
        };
        let limit = limit.min(cap);
        let prefix = format!("page_{}", order.letter());
        let start = match request.query("page") {
            None => 0,
            Some(text) => text
                .strip_prefix(&prefix)
                .and_then(|position| usize::from_str_radix(position, 16).ok())
                .filter(|position| *position <= items.len())
                .ok_or_else(|| Refusal::invalid("page: not a cursor of this list and order"))?,
        };
        let end = items.len().min(start + limit);
        let next = (end < items.len()).then(|| format!("{prefix}{end:08x}"));
        let previous = (start > 0).then(|| format!("{prefix}{:08x}", start.saturating_sub(limit)));
        Ok(Self {
            data: items.drain(start..end).collect(),
            next,
            previous,
        })
    }

    pub(crate) fn answer(self) -> Answer {
        Answer::json(&json!({"data": self.data, "next_page": self.next}))
    }

    /// With `prev_page`, which only the list of sessions has.
    pub(crate) fn answer_both_ways(self) -> Answer {
        Answer::json(&json!({
            "data": self.data, "next_page": self.next, "prev_page": self.previous,
        }))
    }
}

/// A page of items in the one order that their list has.
pub(crate) fn page(items: Vec<Value>, request: &Request, limits: Limits, cap: usize) -> Reply {
    Page::cut(items, request, Order::Descending, limits, cap).map(Page::answer)
}
