//! A simulated AWS region over HTTP: DynamoDB, SSM's Parameter Store and Lambda, for tests and the
//! demo of `padel-slack`.
//!
//! It is written from AWS's documentation and from what was measured of it, and shares no type with
//! the bridge, so that a misunderstanding on one side shows on the other. It must never grow a
//! shortcut that only the bridge would know.
//!
//! - [`Region`] is a running region: [`Region::builder`] says what it is like, dropping it stops it
//!   and fails the test when a handler panicked.
//! - [`Fault`] is everything that can go wrong with a call of a service, in one grammar for tests,
//!   flags and the control endpoint.
//! - A request comes from `sim_server` (connections, journal, the grammar of faults) to `server`,
//!   then through `gate` (`signature`: who calls; `policy`: whether they may) to `dynamodb`, `ssm`
//!   or `lambda`, which starts the functions' programs, asks them over the Runtime API, and freezes
//!   and kills them. [`Mishap`] is what can go wrong with asynchronous invocations.
//! - `template`: a CloudFormation template, made into a region with its rights and no others.
#![allow(
    missing_docs,
    reason = "a test tool: what a name says is not said twice"
)]

mod answer;
mod builder;
mod control;
mod dynamodb;
mod fault;
mod gate;
mod lambda;
mod policy;
mod region;
mod server;
mod service;
mod setup;
mod signature;
mod sim;
mod ssm;
mod template;

pub use builder::Builder;
pub use control::CONTROL_HELP;
pub use dynamodb::Capacity;
pub use fault::{ErrorName, Fault};
pub use gate::UsedPermission;
pub use lambda::{Front, Function, Invocation, Mishap};
pub use policy::{Policy, PolicyError};
pub use region::Region;
pub use setup::{ACCOUNT, ADMIN_KEY_ID, ADMIN_SECRET, Credentials, DEFAULT_REGION};
pub use sim_server::{At, Call, Certificate, Order};
pub use template::{Stack, TemplateError};
