//! Submissions that take longer than a client waits.

use super::client::{Era, World};
use acetate_engine::Points;
use acetate_mcp::McpLimits;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Holds the engine's work up while it is shut.
#[derive(Default)]
struct Gate(AtomicBool);

impl Points for Gate {
    fn hit(&self, _: &'static str) {
        while self.0.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

fn world() -> (World, Arc<Gate>) {
    let gate = Arc::new(Gate::default());
    let limits = McpLimits { wait: Duration::from_millis(100), ..McpLimits::default() };
    let points = gate.clone();
    (World::with(&[("a", "x\n")], limits, |options| options.points = points), gate)
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_asked_for_by_an_id() {
    let (world, gate) = world();
    let mut client = world.client("t").await;
    client.done("write", json!({ "file_path": "b", "content": "y\n" })).await;
    gate.0.store(true, Ordering::SeqCst);
    let said = client.done("submit", json!({})).await;
    assert_eq!(said.data["result"], json!("pending"));
    let again = json!({ "submission_id": said.data["submission_id"] });
    let said = client.done("submit", again.clone()).await;
    assert_eq!(said.data["result"], json!("pending"), "not yet");
    gate.0.store(false, Ordering::SeqCst);
    loop {
        let said = client.done("submit", again.clone()).await;
        if said.data["result"] != json!("pending") {
            assert_eq!(said.data["result"], json!("landed"));
            break;
        }
    }
    client.refused("submit", again, "submission_not_found").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_knows_tasks_gets_one() {
    let (world, gate) = world();
    let owner = world.engine.owner();
    let tasks = json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } });
    let mut client = world.connect("t", Era::Stateless, None, tasks, move || Ok(owner.clone())).await;
    client.done("write", json!({ "file_path": "b", "content": "y\n" })).await;
    gate.0.store(true, Ordering::SeqCst);
    let task = client.raw("submit", json!({})).await;
    assert_eq!((&task["resultType"], &task["status"]), (&json!("task"), &json!("working")), "{task}");
    let get = json!({ "taskId": task["taskId"] });
    assert_eq!(client.ask("tasks/get", get.clone()).await.expect("a task")["status"], json!("working"));
    gate.0.store(false, Ordering::SeqCst);
    loop {
        let task = client.ask("tasks/get", get.clone()).await.expect("a task");
        if task["status"] == json!("completed") {
            assert_eq!(task["result"]["structuredContent"]["result"], json!("landed"), "{task}");
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    client.ask("tasks/get", json!({ "taskId": "p_0000000000000000" })).await.expect_err("no such task");
}
