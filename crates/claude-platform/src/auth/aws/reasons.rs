//! Why a place gave no credentials, in the words of AWS's own crates, less what says nothing or may
//! hold secrets.

use std::error::Error;

use crate::text;

/// The most characters: a sentence names the place before it.
const LIMIT: usize = 250;
/// Words that wrap every failure alike.
const WRAPPERS: [&str; 10] = [
    "the credential provider was not enabled",
    "an error occurred while loading credentials",
    "the credentials provider was not properly configured",
    "unexpected credentials error",
    "service error",
    "dispatch failure",
    "response error",
    "io error",
    "timeout",
    "user error",
];

/// The reasons from the outermost to the innermost, without what is in `secrets`.
pub(super) fn describe_error(error: &(dyn Error + 'static), secrets: &[&str]) -> String {
    let mut reasons: Vec<String> = Vec::new();
    for reason in list_reasons(error) {
        // What a program writes there is for its own user, and may hold anything.
        let reason = reason.split("Stderr:").next().unwrap_or_default();
        // The whole request, as a programmer would see it.
        let reason = reason
            .split(" to request `")
            .next()
            .unwrap_or_default()
            .trim_end_matches([' ', '.'])
            .to_owned();
        let is_known = WRAPPERS.contains(&reason.as_str())
            || reasons.iter().any(|known| known.contains(&reason));
        if !reason.is_empty() && !is_known {
            reasons.push(reason);
        }
    }
    let all = reasons.join(": ");
    let mut told = text::line(&all, all.len());
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        told = told.replace(secret, "[its value]");
    }
    if told.is_empty() {
        "no reason was given".to_owned()
    } else {
        text::line(&told, LIMIT)
    }
}

/// Returns the innermost reason of an error, which says most.
pub(super) fn last_reason(error: &(dyn Error + 'static), limit: usize) -> String {
    text::line(&list_reasons(error).last().unwrap_or_default(), limit)
}

/// Returns what an error says, and each of its reasons.
fn list_reasons<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = String> + 'a {
    std::iter::successors(Some(error), |error| (**error).source()).map(ToString::to_string)
}

#[cfg(test)]
mod tests {
    use aws_credential_types::provider::error::CredentialsError;

    use super::*;

    #[test]
    fn wrappers_standard_error_and_secrets_are_left_out() {
        let told = |error: CredentialsError| describe_error(&error, &["hush"]);
        let process = "Error retrieving credentials: external process exited with code 1. Stderr: \
            my password";
        assert_eq!(
            told(CredentialsError::provider_error(
                CredentialsError::provider_error(process)
            )),
            "Error retrieving credentials: external process exited with code 1"
        );
        assert_eq!(
            told(CredentialsError::invalid_configuration(
                "hush\u{1b}[2J is\nwrong"
            )),
            "[its value] is wrong"
        );
        assert_eq!(
            told(CredentialsError::not_loaded_no_source()),
            "no reason was given"
        );
        assert!(
            told(CredentialsError::unhandled("x".repeat(9000)))
                .chars()
                .count()
                <= LIMIT
        );
    }
}
