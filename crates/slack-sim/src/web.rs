//! The Web API: from a request to `/api/METHOD` to its answer.

mod answer;
mod apps;
mod arguments;
mod auth;
mod chat;
mod conversations;
mod gate;
mod methods;
mod paging;
mod reactions;

use serde_json::json;

pub(crate) use answer::{Answer, Refusal};
pub(crate) use arguments::Call;

use crate::sim::Sim;
use arguments::Arguments;

/// Calls a method of the Web API.
pub(crate) fn call_method(sim: &Sim, call: &Call) -> Answer {
    let Some(method) = methods::find_method(&call.method) else {
        let refusal = Refusal::new("unknown_method").with("req_method", json!(call.method));
        return refusal.into_answer();
    };
    let mut identified = None;
    let answered = Arguments::read(call).and_then(|arguments| {
        let caller = gate::identify_caller(sim, &arguments)?;
        identified = Some(caller);
        gate::admit_call(sim, method, caller)?;
        (method.handler)(sim, &caller, &arguments)
    });
    let mut answer = match answered {
        Ok(body) => Answer::success(body),
        Err(refusal) => refusal.into_answer(),
    };
    answer.note_warning(call.charset_warning());
    if let Some(caller) = identified {
        answer.note_scopes(&caller.scope_list(sim), method.scope);
    }
    answer
}
