//! A profile's `credential_process`, run here: AWS's own runner keeps all that a program prints,
//! and tells of its standard error, which may hold secrets.

use std::{
    process::{ExitStatus, Stdio},
    time::{Duration, SystemTime},
};

use aws_credential_types::Credentials;
use aws_smithy_types::date_time::{DateTime, Format};
use serde::Deserialize;
use tokio::{io::AsyncReadExt as _, process::Command, time::timeout};

use crate::clock;

/// A person may have to touch a key for it.
const TIME: Duration = Duration::from_secs(60);
const OUTPUT_LIMIT: u64 = 64 * 1024;

/// The command's output, as AWS documents it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Printed {
    version: u32,
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    /// RFC 3339; without one they do not end.
    expiration: Option<String>,
}

/// The credentials that the command prints.
///
/// # Errors
///
/// The end of a sentence that says what is wrong. It repeats nothing that was printed.
pub(super) async fn run_command(command: &str) -> Result<Credentials, String> {
    let (status, output) = match timeout(TIME, read_output(command)).await {
        Ok(outcome) => outcome.map_err(|error| format!("cannot be run: {error}"))?,
        Err(_) => return Err(format!("did not end within {} s", TIME.as_secs())),
    };
    if output.len() as u64 > OUTPUT_LIMIT {
        return Err(format!("prints more than {} KiB", OUTPUT_LIMIT >> 10));
    }
    if !status.success() {
        return Err(format!("failed ({status})"));
    }
    let printed: Printed = serde_json::from_slice(&output)
        .map_err(|_| "prints no JSON with Version, AccessKeyId and SecretAccessKey".to_owned())?;
    if printed.version != 1 {
        return Err(format!(
            "prints version {} of its format, where 1 is known",
            printed.version
        ));
    }
    let expiry = printed.expiration.as_deref().map(read_time).transpose()?;
    if expiry.is_some_and(|expiry| expiry <= clock::now()) {
        return Err("prints credentials that have expired".to_owned());
    }
    let Printed {
        access_key_id,
        secret_access_key,
        session_token,
        ..
    } = printed;
    Ok(Credentials::new(
        access_key_id,
        secret_access_key,
        session_token,
        expiry,
        "credential_process",
    ))
}

/// Runs it as AWS's tools do, and ends it when it prints too much.
async fn read_output(command: &str) -> std::io::Result<(ExitStatus, Vec<u8>)> {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut output = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout
            .take(OUTPUT_LIMIT + 1)
            .read_to_end(&mut output)
            .await?;
    }
    if output.len() as u64 > OUTPUT_LIMIT {
        child.start_kill()?;
    }
    Ok((child.wait().await?, output))
}

fn read_time(text: &str) -> Result<SystemTime, String> {
    let time = DateTime::from_str(text, Format::DateTimeWithOffset).ok();
    time.and_then(|time| time.try_into().ok())
        .ok_or_else(|| "prints an Expiration that is no time".to_owned())
}
