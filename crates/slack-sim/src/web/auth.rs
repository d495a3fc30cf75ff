//! `auth.test`: whose token it is.

use serde_json::json;

use super::{answer::Reply, arguments::Arguments, gate::Caller, methods::Token};
use crate::{
    setup::{APP, BOT, BOT_USER, TEAM},
    sim::Sim,
};

#[expect(clippy::unnecessary_wraps, reason = "a method's handler")]
pub(super) fn test(sim: &Sim, caller: &Caller, _: &Arguments) -> Reply {
    // Assumed: what an app-level token is told.
    if caller.token == Token::App {
        return Ok(json!({"app_name": sim.setup.bot_name, "app_id": APP}));
    }
    Ok(json!({
        "url": "https://simulated.slack.com/",
        "team": "Simulated",
        "user": sim.setup.bot_name,
        "team_id": TEAM,
        "user_id": BOT_USER,
        "bot_id": BOT,
        "is_enterprise_install": false,
    }))
}
