//! A look that posts and keeps nothing: for an operator who wants to know what would be posted, and
//! whether the club can be asked at all.

use chrono::{DateTime, Utc};
use padel::{
    commands::Observed,
    courts::watch::WatchState,
    error::Code,
    output::watch::{Wording, write_message},
};

use super::{WatchError, announcement::make_announcement, wishes::WishList};

/// What a look would post.
#[derive(Debug, Default)]
pub struct Preview {
    /// Number of games that are free now.
    pub free: usize,
    /// Channels and texts.
    pub posts: Vec<(String, String)>,
    /// Why there was no look, or why it failed.
    pub obstacle: Option<String>,
}

/// Looks at the club, from this state on.
///
/// # Errors
///
/// As [`WatchError`] says. That the club does not answer is none: see [`Preview::obstacle`].
pub async fn preview(
    wishes: &WishList,
    mut state: WatchState,
    now: DateTime<Utc>,
) -> Result<Preview, WatchError> {
    let obstacle = |obstacle: String| Preview {
        obstacle: Some(obstacle),
        ..Preview::default()
    };
    let look = match wishes.observe(&mut state, now).await? {
        Observed::Over => return Ok(obstacle("every wish is over".to_owned())),
        Observed::Soon(_) => {
            return Ok(obstacle(
                "the last look was less than a minute ago".to_owned(),
            ));
        }
        Observed::Waiting { error, .. } => return Ok(obstacle(error.message)),
        Observed::Looked(look) => look,
    };
    if let Some(failed) = &look.failure {
        let message = failed.error.message.clone();
        return Ok(obstacle(match failed.error.code {
            Code::LoginRequired => format!(
                "{message}; the bridge has no member's password: let `padel watch` post with \
                    `padel-slack post` instead"
            ),
            _ => message,
        }));
    }
    let posts = wishes.targets.iter().filter_map(|target| {
        let due = state.list_due(&target.name, &look.news);
        let text = make_announcement(&write_message(&due, &look.place, Wording::Slack));
        (!due.is_empty()).then(|| (target.channel.clone(), text))
    });
    Ok(Preview {
        free: state.count_free(&look.asked),
        posts: posts.collect(),
        obstacle: None,
    })
}
