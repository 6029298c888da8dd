//! Reading and watching a workspace's events.

use super::Workspace;
use crate::EngineError;
use crate::api::{Event, EventPage, Timestamp};
use crate::store::page;
use acetate_catalog::EventRecord;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Events of one page at most.
const PAGE: usize = 1000;

/// A recorded event as doors show it.
pub(crate) fn event(record: EventRecord) -> Event {
    Event { number: record.number, workspace: record.workspace, kind: record.kind, at: Timestamp(record.at), data: record.payload }
}

impl Workspace {
    pub(super) fn events_after(&self, after: u64, limit: Option<usize>) -> Result<EventPage, EngineError> {
        let limit = page(limit, PAGE, PAGE)?;
        let events: Vec<Event> = match self.state.feed.since(after) {
            Some(events) => events.iter().take(limit).map(|event| (**event).clone()).collect(),
            None => self.store.catalog.events(&self.state.id, after, limit)?.into_iter().map(event).collect(),
        };
        let next = events.last().map_or(after, |event| event.number);
        Ok(EventPage { events, next })
    }

    pub(super) fn watch_after(&self, after: u64, limit: Option<usize>, wait: Duration) -> Result<EventPage, EngineError> {
        let until = Instant::now() + wait.min(Duration::from_secs(60));
        loop {
            self.store.check_open()?;
            let page = self.events_after(after, limit)?;
            let left = until.saturating_duration_since(Instant::now());
            if !page.events.is_empty() || left.is_zero() || self.store.closing.load(Ordering::Acquire) {
                return Ok(page);
            }
            self.state.feed.wait(after, left);
        }
    }
}
