//! Models.

use claude_platform_sim::Platform;

use crate::client::{get, ids};

#[test]
fn a_model_is_known_or_404() {
    let platform = Platform::builder().start();
    let model = get(&platform, "/v1/models/claude-sonnet-5-5").ok();
    assert_eq!(
        (&model["type"], &model["id"]),
        (&"model".into(), &"claude-sonnet-5-5".into())
    );
    assert!(
        get(&platform, "/v1/models/claude-sonnet-9")
            .refused(404)
            .contains("claude-sonnet-9")
    );
    let list = get(&platform, "/v1/models?limit=5").ok();
    assert_eq!(ids(&list).len(), 5);
    assert!(list["next_page"].is_string());
}
