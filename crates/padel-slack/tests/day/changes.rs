//! What an operator changes while people ask: every secret that can be changed here, the skill, and the
//! end. docs/operating.md promises that no question is lost.

use claude_platform_sim::DEFAULT_API_KEY;
use slack_sim::DEFAULT_SIGNING_SECRET;

use crate::stage::{CHANNEL, SECOND_KEY, Stage};

const QUESTION: &str = "Is a court free on Saturday?";
const BOOKINGS: &str = "When do I play next?";
const NEW_SECRET: &str = "another-signing-secret-012345678";

#[tokio::test(flavor = "multi_thread")]
async fn secrets_change_and_no_question_is_lost() {
    let Some(mut stage) = Stage::start().await else {
        return;
    };
    stage.ask("boris", QUESTION, None).await;
    // Slack signs with the new secret before the bridge knows it, and delivers again.
    stage.workspace.rotate_signing_secret(NEW_SECRET);
    let early = stage.workspace.type_message("boris", CHANNEL, QUESTION);
    while !stage.lines().contains("\"event\":\"rejected\"") {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let both = format!("{NEW_SECRET},{DEFAULT_SIGNING_SECRET}");
    stage.restart(&both, DEFAULT_API_KEY).await;
    stage.workspace.advance(std::time::Duration::from_secs(61));
    let answers = stage
        .workspace
        .wait_for_answers(CHANNEL, &early, 1, crate::stage::WITHIN)
        .await;
    assert_eq!(answers.len(), 1, "{}", stage.lines());
    // The platform's key.
    stage.restart(NEW_SECRET, SECOND_KEY).await;
    let (thread, _) = stage.ask("anna", BOOKINGS, None).await;
    // The member's password; a wrong one is told.
    stage.write_password("wrong");
    let said = stage.run_ops("rotate --execute");
    assert!(
        said.contains("running sessions get the new credentials soon"),
        "{said}"
    );
    // The skill keeps the session of the old one for as long as that lasts.
    let (_, told) = stage.ask("anna", "Did I play last week?", None).await;
    assert!(told.contains("rejected the e-mail and password"), "{told}");
    stage.write_password(gladstone_sim::DEFAULT_MEMBER.1);
    stage.run_ops("rotate --execute");
    let (_, told) = stage.ask("anna", BOOKINGS, Some(&thread)).await;
    assert!(told.contains("upcoming booking"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_follows_the_pinned_skill() {
    let Some(stage) = Stage::start().await else {
        return;
    };
    let (thread, _) = stage.ask("boris", QUESTION, None).await;
    let new = stage.publish("# newer\n");
    let old = stage.skill_versions()[0].clone();
    stage.run_ops(&format!("pin --version {new} --execute"));
    stage.ask("boris", QUESTION, Some(&thread)).await;
    stage.run_ops("rollback --execute");
    stage.ask("boris", QUESTION, Some(&thread)).await;
    assert_eq!(stage.skill_versions(), [old.clone(), new, old]);
    // The end: what is asked after it gets a sentence.
    stage.run_ops("down --execute");
    let (_, told) = stage.ask("boris", QUESTION, None).await;
    assert!(told.contains("not set up correctly"), "{told}");
}
