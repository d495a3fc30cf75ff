//! `bootstrap`: the bridge as Lambda starts it. The environment, the clock and the log come in here.

use std::{collections::HashMap, io::Write as _, process::ExitCode, sync::Arc};

#[cfg(feature = "no-unwinder")]
use no_unwinder as _;
use padel_slack::{clock::machine_clock, function::run::run, log::make_log};
use tokio::runtime::Builder;

fn main() -> ExitCode {
    let clock = machine_clock();
    let log = make_log(Arc::clone(&clock));
    let variables = read_variables();
    let variables = Arc::new(move |name: &str| variables.get(name).cloned());
    let outcome = Builder::new_current_thread().enable_all().build();
    let outcome = outcome.map_err(Into::into);
    match outcome.and_then(|runtime| runtime.block_on(run(variables, clock, log))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // With stderr closed there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// The one look at the environment. What is empty counts as not there.
fn read_variables() -> HashMap<String, String> {
    std::env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(_, value)| !value.trim().is_empty())
        .collect()
}
