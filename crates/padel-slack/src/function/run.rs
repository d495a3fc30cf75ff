//! The process: which of the two functions it is, and Lambda's events, one after the other.

use std::sync::Arc;

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

use super::{
    accept::Accept,
    answer::{Answer, Variables},
    units::Pace,
};
use crate::{
    clock::Clock,
    log::{Entry, Level, Log},
    settings::{SettingsError, invalid},
};

/// The variable that says which function this is.
const FUNCTION: &str = "PADEL_FUNCTION";

/// One of the functions.
pub enum Function {
    /// Answers Slack.
    Accept(Box<Accept>),
    /// Answers questions.
    Answer(Box<Answer>),
}

impl Function {
    /// Reads the settings.
    ///
    /// # Errors
    ///
    /// Settings that are missing or wrong.
    pub fn new(variables: Variables, clock: Clock, log: Log) -> Result<Self, SettingsError> {
        match variables(FUNCTION).as_deref() {
            Some("accept") => {
                let accept = Accept::new(&*variables, clock, log)?;
                Ok(Self::Accept(Box::new(accept)))
            }
            Some("answer") => {
                let answer = Answer::new(variables, Pace::default(), clock, log)?;
                Ok(Self::Answer(Box::new(answer)))
            }
            Some(_) => Err(invalid(FUNCTION, "is neither `accept` nor `answer`")),
            None => Err(SettingsError::Missing(vec![FUNCTION])),
        }
    }

    async fn prepare(&self) {
        match self {
            Self::Accept(accept) => accept.prepare().await,
            Self::Answer(answer) => answer.prepare().await,
        }
    }

    async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, lambda_runtime::Error> {
        let LambdaEvent { payload, context } = event;
        match self {
            // On the heap: as one value they would be large, and deeper than the compiler looks.
            Self::Accept(accept) => Ok(Box::pin(accept.handle(&payload)).await),
            Self::Answer(answer) => {
                Box::pin(answer.handle(payload, context.deadline)).await?;
                Ok(Value::Null)
            }
        }
    }
}

/// Handles events until Lambda ends the process.
///
/// # Errors
///
/// Settings that cannot work: Lambda reports that the start failed, and each invocation with it.
/// The Runtime API cannot be reached.
pub async fn run(
    variables: Variables,
    clock: Clock,
    log: Log,
) -> Result<(), lambda_runtime::Error> {
    let function = match Function::new(variables, clock, Arc::clone(&log)) {
        Ok(function) => function,
        Err(error) => {
            log(&Entry::new(Level::Error, "settings").with("reason", error.to_string()));
            return Err(error.into());
        }
    };
    function.prepare().await;
    let function = &function;
    lambda_runtime::run(service_fn(async |event| function.handle(event).await)).await
}
