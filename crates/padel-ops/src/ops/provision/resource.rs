//! The kinds of things on the platform, and all that they have in common: an id, our metadata, an
//! end. The platform lists by neither name nor metadata, so ours are found by paging through all
//! (documented).

use claude_platform::{Agent, Deployment, Environment, Kind, Vault};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{
    context::StepContext,
    deploy::{Difference, OWNER_KEY, Shape, compare, update_body},
    error::{Code, Error, from_platform},
    ops::{
        creation::{WAITS, explain_failure},
        skills::check_id,
    },
};

/// The kinds of things that a deployment has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Part {
    Environment,
    Vault,
    Credentials,
    File,
    Skill,
    Agent,
    Schedule,
    Session,
}

impl Part {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Vault => "vault",
            Self::Credentials => "credentials",
            Self::File => "file",
            Self::Skill => "skill",
            Self::Agent => "agent",
            Self::Schedule => "schedule",
            Self::Session => "session",
        }
    }
}

/// A thing with metadata.
pub(super) trait Resource {
    const PART: Part;
    fn id(&self) -> &str;
    fn metadata(&self) -> &Map<String, Value>;
    fn is_archived(&self) -> bool;

    /// Returns whether it is of the deployment of this name.
    fn is_of(&self, deployment: &str) -> bool {
        let owner = self.metadata().get(OWNER_KEY).and_then(Value::as_str);
        owner == Some(deployment)
    }
}

macro_rules! resource {
    ($type:ty, $part:ident) => {
        impl Resource for $type {
            const PART: Part = Part::$part;

            fn id(&self) -> &str {
                &self.id
            }

            fn metadata(&self) -> &Map<String, Value> {
                &self.metadata
            }

            fn is_archived(&self) -> bool {
                self.archived_at.is_some()
            }
        }
    };
}

resource!(Environment, Environment);
resource!(Vault, Vault);
resource!(Agent, Agent);
resource!(Deployment, Schedule);

type PlatformResult<T> = Result<T, claude_platform::Error>;

/// Finds a deployment's thing: the one that the lock names, else the one that its metadata names.
///
/// # Errors
///
/// `conflict` when the lock names one that is not marked as this deployment's, or one that is
/// archived, unless `passes_archived`.
pub(super) async fn find<T: Resource>(
    deployment: &str,
    locked: Option<&str>,
    passes_archived: bool,
    get: impl AsyncFn(&str) -> PlatformResult<T>,
    list: impl AsyncFn() -> PlatformResult<Vec<T>>,
    context: &StepContext<'_>,
) -> Result<Option<T>, Error> {
    if let Some(id) = locked {
        match get(id).await {
            // A lock may come from a merge or from somebody else's change.
            Ok(found) if !found.is_of(deployment) => {
                return Err(explain_foreign(T::PART, id, deployment));
            }
            Ok(found) if found.is_archived() && !passes_archived => {
                return Err(explain_archived(T::PART, id, context));
            }
            Ok(found) if !found.is_archived() => return Ok(Some(found)),
            Ok(_) => {}
            Err(error) if error.kind == Kind::NotFound => {}
            Err(error) => return Err(from_platform(error)),
        }
    }
    let all = list().await.map_err(from_platform)?;
    let mut ours = pick_ours(all, deployment);
    if ours.len() > 1 {
        let what = T::PART.name();
        let ids: Vec<String> = ours.iter().map(|it| printable::line(it.id(), 80)).collect();
        context.log.warning(&format!(
            "{} {what}s are of the deployment `{deployment}`: {}; the first is used, and `down` \
             takes all away",
            ids.len(),
            ids.join(", ")
        ));
    }
    let first = if ours.is_empty() {
        None
    } else {
        Some(ours.swap_remove(0))
    };
    if let Some(found) = &first {
        check_id(found.id())?;
    }
    Ok(first)
}

/// Returns those of the deployment, in an order that every run sees.
pub(super) fn pick_ours<T: Resource>(all: Vec<T>, deployment: &str) -> Vec<T> {
    let ours = all.into_iter();
    let mut ours: Vec<T> = ours
        .filter(|it| it.is_of(deployment) && !it.is_archived())
        .collect();
    ours.sort_by(|one, other| one.id().cmp(other.id()));
    ours
}

/// Picks the first of the ones that [`pick_ours`] picks.
pub(super) fn pick_first<T: Resource>(all: Vec<T>, deployment: &str) -> Option<T> {
    pick_ours(all, deployment).into_iter().next()
}

fn explain_foreign(part: Part, id: &str, deployment: &str) -> Error {
    let message = format!(
        "the {} `{id}` that the lock names is not marked as the deployment `{deployment}`'s",
        part.name()
    );
    let hint = format!(
        "take the lock back from version control; if the {} is yours, write \
         `{OWNER_KEY}`: `{deployment}` into its metadata",
        part.name()
    );
    Error::new(Code::Conflict, message, hint)
}

fn explain_archived(part: Part, id: &str, context: &StepContext<'_>) -> Error {
    let message = format!(
        "the {} `{id}` that the lock names is archived, and what is archived cannot be used again",
        part.name()
    );
    let hint = format!(
        "to make everything again, run {} and then {}",
        context.hint_command("down --execute"),
        context.hint_command("up --execute")
    );
    Error::new(Code::Conflict, message, hint)
}

/// Makes `found` agree with `desired`: sends the parts that differ, and reads again after a
/// conflict or a lost answer. Gives the thing as it is then, and what was changed.
pub(super) async fn mend<T>(
    shape: Shape,
    desired: &Value,
    mut found: T,
    describe: impl Fn(&T) -> Value,
    send: impl AsyncFn(&T, Map<String, Value>) -> PlatformResult<T>,
    read: impl AsyncFn() -> PlatformResult<T>,
    context: &StepContext<'_>,
) -> Result<(T, Vec<Difference>), Error> {
    let mut failed = None;
    let mut mended = Vec::new();
    for wait in WAITS {
        let differences = compare(shape, desired, &describe(&found));
        if differences.is_empty() {
            return Ok((found, mended));
        }
        let sent = send(&found, update_body(desired, &differences)).await;
        mended = differences;
        match sent {
            Ok(answer) => {
                for left in compare(shape, desired, &describe(&answer)) {
                    let kept = format!("the platform did not take over {left}");
                    context.log.warning(&kept);
                }
                return Ok((answer, mended));
            }
            Err(error) if error.kind == Kind::Conflict || error.may_have_happened() => {
                let wait = context.wait_after(&error, wait)?;
                let progress = format!("{error}; reading again what came of it");
                context.log.progress(&progress);
                tokio::time::sleep(wait).await;
                found = read().await.map_err(from_platform)?;
                failed = Some(error);
            }
            Err(error) => return Err(from_platform(error)),
        }
    }
    if compare(shape, desired, &describe(&found)).is_empty() {
        return Ok((found, mended));
    }
    Err(explain_failure(failed, "the change was not made"))
}

/// Takes a field of a body, as the type that the client wants.
pub(super) fn take<T: DeserializeOwned>(body: &mut Map<String, Value>, field: &str) -> Option<T> {
    serde_json::from_value(body.remove(field)?).ok()
}
