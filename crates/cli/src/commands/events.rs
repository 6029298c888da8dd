//! `acetate events`: the workspace's durable facts in order, once or as they happen.

use super::Context;
use super::workspace_view::branch;
use crate::args;
use crate::client::{Exit, Failure, Request};
use crate::output::{BOLD, DIM, line, paint};
use acetate_engine::api::{Event, EventPage};

/// How long one question of `--follow` waits, in seconds; the next follows at once.
const WAIT: u64 = 30;

/// Shows events. With `--follow` it asks again from the last number on, so that none is missed or repeated.
pub fn events(context: &mut Context, args: &args::Events) -> Result<Exit, Failure> {
    let address = context.workspace(None)?;
    let wait = if args.follow { WAIT.min(context.global.timeout.unwrap_or(WAIT)) } else { 0 };
    let mut after = args.after;
    let mut left = args.limit.unwrap_or(usize::MAX);
    while left > 0 {
        let request = Request::get(format!("{address}/events")).query("after", after.to_string()).query("wait", wait.to_string());
        let request = request.maybe("path", args.path.as_ref().map(|path| path.as_bytes())).maybe("symbol", args.symbol.as_ref());
        let page: EventPage = context.ask(request.query("limit", left.min(1000).to_string()))?.parse()?;
        // What a filter leaves out is passed over, a page at a time.
        if page.next <= after && !args.follow {
            break;
        }
        for event in page.events.iter().take(left) {
            show(context, event)?;
        }
        left = left.saturating_sub(page.events.len());
        after = page.next.max(after);
    }
    Ok(Exit::Ok)
}

fn show(context: &mut Context, event: &Event) -> Result<(), Failure> {
    if context.out.json() {
        return context.out.document(event);
    }
    let mut text = format!("{} {} {}", paint(BOLD, event.number), paint(DIM, event.at), line(&event.kind));
    for name in ["version", "branch", "agent", "intent", "name"] {
        match event.data.get(name) {
            Some(serde_json::Value::String(value)) => text.push_str(&format!("  {}", branch(value))),
            Some(serde_json::Value::Number(value)) => text.push_str(&format!("  v{value}")),
            _ => {}
        }
    }
    context.out.line(text)
}
