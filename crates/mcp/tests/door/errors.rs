//! What is refused, and that nobody learns more than they may.

use super::client::{Client, Era, World};
use acetate_engine::api::{CreateToken, OpenSession, Right, WriteFile};
use acetate_types::{FileMode, Text};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_does_not_fit_shows_what_would() {
    let world = World::new(&[("a.py", "def f():\n    return 1\n\ndef g():\n    return 1\n")]);
    let mut client = world.client("t").await;
    let said = client
        .refused("edit", json!({ "file_path": "a.py", "old_string": "def f:\n    return 1", "new_string": "x" }), "text_not_found")
        .await;
    assert!(said.text.contains("     1\tdef f():\n     2\t    return 1"), "{}", said.text);
    let said = client.refused("edit", json!({ "file_path": "a.py", "old_string": "return 1", "new_string": "x" }), "text_not_unique").await;
    assert!(said.text.contains("     2\t    return 1\n     5\t    return 1"), "{}", said.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_arguments_can_be_mended() {
    let world = World::new(&[("a", "x\n")]);
    let mut client = world.client("t").await;
    for (tool, arguments) in [
        ("read", json!({ "file_path": "a", "ofset": 3 })),
        ("read", json!({ "file_path": 7 })),
        ("read", json!({ "file_path": "/etc/passwd" })),
        ("read", json!({ "file_path": "../a" })),
        ("write", json!({ "file_path": ".git/config", "content": "" })),
        ("edit", json!({ "file_path": "a" })),
        ("resolve", json!({ "file_path": "a", "take": "mine" })),
        ("symbols", json!({})),
        ("session_open", json!({ "session_id": "s_0123456789abcdef", "branch": "main" })),
    ] {
        let said = client.call(tool, arguments.clone()).await;
        assert_eq!(said.code(), "arguments_invalid", "{tool} {arguments}");
    }
    assert_eq!(client.done("status", json!({})).await.data["changed"], json!(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_not_overwritten_as_if_it_were_a_file() {
    let world = World::new(&[("a", "x\n")]);
    let mut client = world.client("t").await;
    let id = client.done("session_open", json!({})).await.data["session_id"].clone();
    let id = id.as_str().and_then(|id| id.parse().ok()).expect("an id");
    let session = world.engine.session(&world.engine.owner(), &id).expect("there");
    let (path, content) = ("link".parse().expect("a path"), Text(bytes::Bytes::from_static(b"a")));
    session.write(WriteFile { path, content, mode: Some(FileMode::Symlink), expect: None }).expect("a link");
    let said = client.done("read", json!({ "file_path": "link" })).await;
    assert_eq!(said.data["files"][0]["link"], json!("a"));
    client.refused("write", json!({ "file_path": "link", "content": "text\n" }), "not_a_file").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_are_counted_as_they_were_listed() {
    let world = World::new(&[("a", "1 2 3\n"), ("b", "x\n")]);
    let mut client = world.client("t").await;
    let edit = |file: &str, old: &str| json!({ "file_path": file, "old_string": old, "new_string": "y" });
    let said = client.call("multi_edit", json!({ "edits": [edit("a", "1"), edit("a", "2"), edit("b", "nothing")] })).await;
    assert_eq!((said.code(), &said.data["error"]["details"]["edit"]), ("text_not_found", &json!(2)), "{said:?}");
    assert!(said.text.contains("b: edit 2: "), "{}", said.text);
    client.refused("multi_edit", json!({ "edits": [] }), "arguments_invalid").await;
}

/// The same answer, word for word, whatever the reason.
async fn check_gone(client: &mut Client, id: &str) {
    let said = client.refused("read", json!({ "file_path": "a", "session_id": id }), "session_not_found").await;
    assert_eq!(
        said.text,
        "session_not_found: there is no such session (it expired, was closed, or its id is wrong)\nNext: call session_open and pass the session_id it answers"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_session_is_always_the_same_answer() {
    let world = World::new(&[("a", "x\n")]);
    let mut client = world.client("t").await;
    let closed = client.done("session_open", json!({})).await.data["session_id"].clone();
    let closed = closed.as_str().expect("an id");
    client.done("session_close", json!({ "session_id": closed })).await;
    for id in [closed, "s_0000000000000000", "nonsense", "", "w_0123456789abcdef"] {
        check_gone(&mut client, id).await;
    }
    // A session of a workspace that a token does not reach.
    let engine = world.engine.clone();
    let owner = engine.owner();
    let own = client.done("session_open", json!({})).await.data["session_id"].clone();
    let other = acetate_engine::api::CreateWorkspace { name: Some("other".into()), ..Default::default() };
    engine.create_workspace(&owner, other, None, &|_| ()).expect("made");
    let create = CreateToken { workspace: Some("other".into()), rights: vec![Right::Read, Right::Write], label: None, ttl: None };
    let token = engine.create_token(&owner, &create).expect("a token").token;
    let access = engine.authorize(&token).expect("known");
    let mut stranger = world.connect("x", Era::Stateless, None, json!({}), move || Ok(access.clone())).await;
    check_gone(&mut stranger, own.as_str().expect("an id")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sessions_token_works_in_its_session_alone() {
    let world = World::new(&[("a", "x\n")]);
    let engine = world.engine.clone();
    let workspace = engine.workspaces(&engine.owner(), None, None).expect("listed").workspaces.remove(0);
    let open = || OpenSession { agent: "a".into(), ..OpenSession::default() };
    let handle = engine.workspace(&engine.owner(), workspace.id.as_str()).expect("there");
    let (mine, other) = (handle.open_session(open()).expect("opened"), handle.open_session(open()).expect("opened"));
    let access = engine.authorize(&mine.token).expect("known");
    let mut client = world.connect("x", Era::Handshake, None, json!({}), move || Ok(access.clone())).await;
    client.done("write", json!({ "file_path": "b", "content": "y\n" })).await;
    let said = client.done("status", json!({})).await;
    assert_eq!(said.data["session_id"], json!(mine.id.as_str()));
    check_gone(&mut client, other.id.as_str()).await;
    client.call("session_open", json!({})).await.code();
    let listed = client.ask("resources/list", json!({})).await.expect("a list");
    assert_eq!(listed["resources"].as_array().map(Vec::len), Some(2), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ended_ends_at_once() {
    let world = World::new(&[("a", "x\n")]);
    let engine = world.engine.clone();
    let create = CreateToken { workspace: None, rights: vec![Right::Read, Right::Write], label: None, ttl: None };
    let made = engine.create_token(&engine.owner(), &create).expect("a token");
    let access = engine.authorize(&made.token).expect("known");
    let own = engine.clone();
    let mut client = world.connect("x", Era::Handshake, None, json!({}), move || own.renew(&access)).await;
    client.done("write", json!({ "file_path": "b", "content": "y\n" })).await;
    assert_eq!(client.call("submit", json!({})).await.code(), "right_missing");
    engine.revoke_token(&engine.owner(), &made.id).expect("revoked");
    assert_eq!(client.call("read", json!({ "file_path": "a" })).await.code(), "token_unknown");
}
