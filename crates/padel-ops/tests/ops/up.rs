//! `up`: whatever goes wrong at whichever request, the same command again ends with one of each.

use serde_json::json;

use crate::declared::{UP, assert_whole, credentials, declare, sort_things, stage};

#[test]
fn up_makes_what_is_declared_and_then_only_reads() {
    for kind in ["file", "vault"] {
        let stage = stage(&declare(&credentials(kind)));
        let before = stage.calls().len();
        let plan = stage.fine("up").stdout;
        stage.only_reads_after(before);
        assert!(
            plan.contains("nothing was changed: add --execute"),
            "{plan}"
        );

        let said = stage.fine(UP).stdout;
        assert_whole(&stage, kind);
        let (ours, _) = sort_things(&stage);
        let agent = ours.agents[0]["id"].as_str().unwrap();
        assert!(
            said.contains(&format!("PADEL_AGENT_ID={agent}\n")),
            "{said}"
        );
        assert!(said.contains("PADEL_SLACK_OWNERS=U0123456789\n"), "{said}");
        assert!(said.contains("left to do by hand:"), "{said}");
        assert_eq!(
            ours.environments[0]["config"]["networking"],
            json!({
                "type": "limited",
                "allowed_hosts": ["127.0.0.1"],
                "allow_mcp_servers": false,
                "allow_package_managers": false,
            })
        );

        let before = stage.calls().len();
        let again = stage.fine(UP).stdout;
        stage.only_reads_after(before);
        assert!(again.contains("agent: keep"), "{again}");
    }
}

#[test]
fn courts_only_needs_neither_file_nor_vault() {
    let stage = stage(&declare(""));
    stage.fine(UP);
    assert_whole(&stage, "courts only");
}
