//! All agents at once, a thread and a connection each.

use super::agent::{Scene, Work, work};
use super::live::Live;
use super::plan::AgentPlan;
use crate::client::{Client, Failure};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

/// Lets all agents work and gives what came of each, in their order, and how long it took altogether.
pub fn together(
    client: &Client,
    workspace: &str,
    branch: &str,
    plans: &[AgentPlan],
    stop: &AtomicBool,
    shown: bool,
) -> (Vec<Work>, Duration) {
    let live = Live::new(plans.iter().map(|plan| plan.name.as_str()), shown);
    let opened = Barrier::new(plans.len());
    let scene = Scene { workspace, branch, opened: &opened, stop, live: &live };
    // Connections are made before the clock runs: an agent keeps its own for its whole life.
    let clients: Vec<Result<Client, Failure>> = plans.iter().map(|_| client.another()).collect();
    let from = Instant::now();
    let works = std::thread::scope(|scope| {
        let scene = &scene;
        let threads: Vec<_> = plans
            .iter()
            .zip(clients)
            .enumerate()
            .map(|(number, (plan, client))| scope.spawn(move || work(scene, number, plan, client)))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| lost())).collect()
    });
    (works, from.elapsed())
}

fn lost() -> Work {
    Work { failure: Some(Failure::unexpected("the agent's thread ended early")), ..Work::default() }
}

/// A flag that an interrupt sets, so that the demo cleans up behind itself.
pub fn interrupt_flag() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let seen = flag.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // Without it an interrupt simply ends the process, and the sessions end by themselves.
        if let Ok(runtime) = runtime
            && runtime.block_on(tokio::signal::ctrl_c()).is_ok()
        {
            seen.store(true, Ordering::Relaxed);
        }
    });
    flag
}
