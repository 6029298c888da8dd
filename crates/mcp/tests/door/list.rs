//! What is listed, in both lifecycles.

use super::client::{Era, World};
use serde_json::json;

async fn check(era: Era) -> String {
    let world = World::new(&[("a", "x\n")]);
    let owner = world.engine.owner();
    let mut client = world.connect("t", era, None, json!({}), move || Ok(owner.clone())).await;
    let tools = client.ask("tools/list", json!({})).await.expect("a list");
    let prompts = client.ask("prompts/list", json!({})).await.expect("a list");
    let templates = client.ask("resources/templates/list", json!({})).await.expect("a list");
    assert_eq!((prompts["prompts"].as_array().map(Vec::len), templates["resourceTemplates"].as_array().map(Vec::len)), (Some(1), Some(4)));
    client.done("read", json!({ "file_path": "a" })).await;
    tools["tools"].to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tools_are_the_same_for_everybody() {
    let tools = check(Era::Handshake).await;
    assert_eq!(tools, check(Era::Stateless).await);
    // Larger lists cost every conversation.
    assert_kept(&tools);
    assert!(tools.len() < 12_000, "{}", tools.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_said_so() {
    let world = World::new(&[("a", "x\n")]);
    let mut client = world.client("t").await;
    let error = client.ask("tools/call", json!({ "name": "rm_rf", "arguments": {} })).await.expect_err("no such tool");
    assert_eq!(error["code"], json!(-32602));
    client.ask("prompts/get", json!({ "name": "nothing" })).await.expect_err("no such prompt");
    let prompt =
        client.ask("prompts/get", json!({ "name": "work_in_a_session", "arguments": { "task": "say hello" } })).await.expect("a prompt");
    assert!(prompt["messages"][0]["content"]["text"].as_str().is_some_and(|text| text.ends_with("say hello")), "{prompt}");
}

/// The list as it is documented. `UPDATE=1` writes it anew: whoever changes what agents see does so on purpose.
fn assert_kept(tools: &str) {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/mcp-tools.json");
    let tools: serde_json::Value = serde_json::from_str(tools).expect("JSON");
    let text = format!("{}\n", serde_json::to_string_pretty(&tools).expect("written"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &text).expect("written");
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == text, "docs/reference/mcp-tools.json is not what is listed; UPDATE=1 writes it");
}
