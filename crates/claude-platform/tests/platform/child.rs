//! A process of its own, for what is read from the process's environment: AWS's chain and
//! `SSL_CERT_FILE`.

use std::process::{Command, Output};

use claude_platform::{Client, Settings};

/// Reads a skill twice with exactly these variables.
pub(crate) async fn run(variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "child::child", "--ignored", "--nocapture"])
        .env_clear();
    command.envs(variables.iter().copied());
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

pub(crate) fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test]
#[ignore = "run by others in an environment of its own"]
#[expect(
    clippy::disallowed_methods,
    reason = "this process has an environment made for it"
)]
async fn child() {
    let (settings, _) = Settings::from_env(&|name| std::env::var(name).ok(), false)
        .await
        .unwrap();
    let client = Client::new(settings).unwrap();
    client.get_skill("skill_1").await.unwrap();
    client.get_skill("skill_1").await.unwrap();
}
