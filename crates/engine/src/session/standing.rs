//! Where a session stands: part of every answer about it, so it must cost next to nothing.

use super::cell::SessionCell;
use crate::api::{Event, Notice, Standing};
use crate::store::Store;
use crate::symbols::with_symbols;
use crate::workspace::Head;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Events that one answer repeats at most.
const SHOWN: usize = 20;

/// The standing of a session. Events up to `seen` count as known from now on. What others do is only told, and then counts as told, where
/// `whole` says so.
pub(super) fn standing(store: &Store, cell: &SessionCell, seen: Option<u64>, whole: bool) -> Standing {
    let base = cell.state.lock().base.clone();
    let head = cell.workspace.line(&cell.branch).map_or_else(|| Arc::new(base.clone()), |line| line.head.load_full());
    let known = Standing { behind: behind(&base, &head), base: base.base(), head: head.base(), notices: Vec::new(), events: Vec::new() };
    if !whole {
        return known;
    }
    if let Some(seen) = seen {
        cell.seen.fetch_max(seen.min(cell.workspace.feed.last()), Ordering::AcqRel);
    }
    let mut notices: Vec<Notice> = super::overlaps::new_overlaps(store, cell).into_iter().map(Notice::Overlap).collect();
    notices.append(&mut cell.inbox.lock());
    Standing { notices, events: unseen(store, cell), ..known }
}

/// How many landings the head is ahead.
pub(crate) fn behind(base: &Head, head: &Head) -> u64 {
    if base.commit == head.commit { 0 } else { head.position.saturating_sub(base.position) }
}

/// Durable events after the last one that the caller named, without those that the session itself caused.
fn unseen(store: &Store, cell: &SessionCell) -> Vec<Event> {
    let seen = cell.seen.load(Ordering::Acquire);
    let feed = &cell.workspace.feed;
    if feed.last() <= seen {
        return Vec::new();
    }
    let own = |event: &Event| event.data.get("session").and_then(serde_json::Value::as_str) == Some(cell.id.as_str());
    let (last, events): (Option<u64>, Vec<Event>) = match feed.since(seen) {
        Some(events) => (
            events.last().map(|event| event.number),
            events.iter().filter(|event| !own(event)).take(SHOWN).map(|event| (**event).clone()).collect(),
        ),
        None => match store.catalog.events(&cell.workspace.id, seen, 200) {
            Ok(events) => (
                events.last().map(|event| event.number),
                events.into_iter().map(crate::workspace::event).filter(|event| !own(event)).take(SHOWN).collect(),
            ),
            Err(error) => {
                // A standing is advice beside an answer; what was asked is answered all the same.
                tracing::warn!(%error, "unseen events can't be read");
                (None, Vec::new())
            }
        },
    };
    // Answers about sessions are made on the way of writes: nothing is parsed for them.
    let events: Vec<Event> = events.into_iter().map(|event| with_symbols(store, event, &mut 0)).collect();
    // Only what was looked at counts as known: the feed may have grown meanwhile, or reach further than one look.
    if events.is_empty()
        && let Some(last) = last
    {
        cell.seen.fetch_max(last, Ordering::AcqRel);
    }
    events
}
