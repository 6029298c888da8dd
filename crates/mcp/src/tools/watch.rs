//! `watch`: waits for what others do.
//!
//! It looks a few times a second rather than being woken: what it looks at is in memory, and so that it sees live edits, which are no
//! events, as well as landings.

use super::call::Call;
use crate::arguments::parse;
use crate::awareness::{event, event_line, with_standing};
use crate::outcome::Outcome;
use acetate_engine::EngineError;
use acetate_types::ErrorKind;
use rmcp::model::JsonObject;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// Between two looks.
const TICK: Duration = Duration::from_millis(200);
/// Events of one answer.
const EVENTS: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Watch {
    after: Option<u64>,
    wait: Option<f64>,
}

/// Waits until something happens, or the time is over.
pub(super) async fn watch(call: Call, given: Option<String>, arguments: JsonObject) -> Result<Outcome, EngineError> {
    let asked: Watch = parse(arguments)?;
    let most = call.shared.limits.wait;
    let wait = asked.wait.map_or(most, |seconds| Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(most)).min(most);
    // Who only looks takes no place.
    let _place = if wait.is_zero() { None } else { Some(call.shared.watch()?) };
    let until = Instant::now() + wait;
    loop {
        let (given, after) = (given.clone(), asked.after);
        let last = Instant::now() + TICK >= until;
        if let Some(outcome) = call.clone().alone(move |call| look(call, given.as_deref(), after, last)).await? {
            return Ok(outcome);
        }
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            // Nobody waits for the answer any more.
            () = call.cancelled.cancelled() => {
                return Err(EngineError::new(ErrorKind::Unavailable, "cancelled", "the call was called off"));
            }
        }
    }
}

/// What there is to tell now; nothing, unless it is the last look.
fn look(call: &Call, given: Option<&str>, after: Option<u64>, last: bool) -> Result<Option<Outcome>, EngineError> {
    let session = call.session(given)?;
    let info = session.show()?;
    let workspace = call.shared.engine.workspace(&call.caller.access()?, info.workspace.as_str())?;
    // Read before anything else is looked at, so that nothing can come in between unseen.
    let newest = workspace.last_event()?;
    let events = after.map(|after| workspace.events(after, Some(EVENTS))).transpose()?.map(|page| page.events).unwrap_or_default();
    let outcome = with_standing(&call.shared, &session, Outcome::new(json!({}), ""));
    let standing = &outcome.data["standing"];
    let unseen = standing["events"].as_array().is_some_and(|events| !events.is_empty());
    let told = ["overlaps", "moved"].iter().any(|name| standing.get(*name).is_some());
    let news = !events.is_empty() || told || (unseen && after.is_none());
    if !news && !last {
        return Ok(None);
    }
    let shown: Vec<Value> = match after {
        Some(_) => events.iter().map(event).collect(),
        None => standing["events"].as_array().cloned().unwrap_or_default(),
    };
    let next = shown.last().and_then(|event| event["number"].as_u64()).or(after).unwrap_or(newest).min(newest);
    let mut text = events.iter().map(event_line).collect::<Vec<_>>().join("\n");
    if shown.is_empty() && !told {
        text.push_str("nothing happened");
    }
    text.push_str(&outcome.text);
    let mut data = outcome.data;
    data.insert("events".to_owned(), shown.into());
    data.insert("next".to_owned(), next.into());
    Ok(Some(Outcome { data, text: text.trim().to_owned() }))
}
