//! Whatever the platform answers, reading it does not panic, and an entry of an agent's skills comes out as it went in.
#![no_main]

use claude_platform::{Agent, Event, File, Session, Skill, SkillEntry, SkillVersion};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for event in serde_json::from_slice::<Vec<Event>>(bytes).unwrap_or_default() {
        let _ = (event.id(), event.text(), event.tool_name(), event.tool_input(), event.tool_use_id());
        let _ = (event.is_error(), event.stop_reason());
    }
    let _ = serde_json::from_slice::<Agent>(bytes);
    let _ = serde_json::from_slice::<(Skill, SkillVersion, Session, File)>(bytes);
    if let Ok(entry) = serde_json::from_slice::<SkillEntry>(bytes) {
        let _ = (entry.kind(), entry.skill_id(), entry.version());
        let again = serde_json::from_slice(&serde_json::to_vec(&entry).expect("an entry")).expect("the same entry");
        assert_eq!(entry, again);
    }
});
