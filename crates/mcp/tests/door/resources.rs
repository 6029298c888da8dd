//! Resources of a session.

use super::client::{Era, World};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_session_holds_can_be_read() {
    let world = World::new(&[("a b.py", "def f():\n    return 1\n")]);
    let mut client = world.client("t").await;
    let id = client.done("session_open", json!({})).await.data["session_id"].clone();
    let id = id.as_str().expect("an id");
    client.done("edit", json!({ "file_path": "a b.py", "old_string": "1", "new_string": "2" })).await;
    for (place, expect) in [("files/a%20b.py", "return 2"), ("symbols/a%20b.py", "\"f\""), ("diff", "+    return 2"), ("conflicts", "[]")] {
        let uri = format!("acetate://{id}/{place}");
        let read = client.ask("resources/read", json!({ "uri": uri })).await.expect("a resource");
        assert!(read["contents"][0]["text"].as_str().is_some_and(|text| text.contains(expect)), "{uri}: {read}");
    }
    let listed = client.ask("resources/list", json!({})).await.expect("a list");
    assert_eq!(listed["resources"].as_array().map(Vec::len), Some(2));
}

async fn check_missing(era: Era, code: i64) {
    let world = World::new(&[("a", "x\n")]);
    let owner = world.engine.owner();
    let mut client = world.connect("t", era, None, json!({}), move || Ok(owner.clone())).await;
    let id = client.done("session_open", json!({})).await.data["session_id"].clone();
    let id = id.as_str().expect("an id");
    for uri in [
        format!("acetate://{id}/files/nothing"),
        format!("acetate://{id}/other"),
        "acetate://s_0000000000000000/diff".into(),
        "file:///etc/passwd".into(),
        String::new(),
    ] {
        let error: Value = client.ask("resources/read", json!({ "uri": uri })).await.expect_err("not there");
        assert_eq!((&error["code"], &error["data"]["uri"]), (&json!(code), &json!(uri)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_one_is_said_as_each_version_says_it() {
    check_missing(Era::Handshake, -32002).await;
    check_missing(Era::Stateless, -32602).await;
}
