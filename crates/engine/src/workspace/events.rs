//! Reading and watching a workspace's events.

use super::Workspace;
use crate::EngineError;
use crate::api::{Event, EventFilter, EventPage, Timestamp};
use crate::store::page;
use crate::symbols::with_symbols;
use acetate_catalog::EventRecord;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Landings whose symbols are made for one page at most; those of others are there if they were made before.
pub(crate) const MADE: usize = 64;
/// Events of one page at most.
const PAGE: usize = 1000;

/// A recorded event as doors show it.
pub(crate) fn event(record: EventRecord) -> Event {
    Event { number: record.number, workspace: record.workspace, kind: record.kind, at: Timestamp(record.at), data: record.payload }
}

impl Workspace {
    pub(super) fn events_after(&self, after: u64, limit: Option<usize>, filter: &EventFilter) -> Result<EventPage, EngineError> {
        // Whoever looks for a symbol gets no page that leaves symbols out.
        let most = if filter.symbol.is_some() { MADE } else { PAGE };
        let limit = page(limit, most, most)?;
        let events: Vec<Event> = match self.state.feed.since(after) {
            Some(events) => events.iter().take(limit).map(|event| (**event).clone()).collect(),
            None => self.store.catalog.events(&self.state.id, after, limit)?.into_iter().map(event).collect(),
        };
        let next = events.last().map_or(after, |event| event.number);
        let mut make = MADE;
        let wanted = events.into_iter().filter(|event| filter.may_want(event));
        let events = wanted.map(|event| with_symbols(&self.store, event, &mut make)).filter(|event| filter.wants(event)).collect();
        Ok(EventPage { events, next })
    }

    pub(super) fn watch_after(
        &self,
        after: u64,
        limit: Option<usize>,
        filter: &EventFilter,
        wait: Duration,
    ) -> Result<EventPage, EngineError> {
        let until = Instant::now() + wait.min(Duration::from_secs(60));
        let mut after = after;
        loop {
            self.store.check_open()?;
            let page = self.events_after(after, limit, filter)?;
            let left = until.saturating_duration_since(Instant::now());
            if !page.events.is_empty() || left.is_zero() || self.store.closing.load(Ordering::Acquire) {
                return Ok(page);
            }
            // What the filter left out is not looked at again.
            let idle = page.next == after;
            after = page.next;
            if idle {
                self.state.feed.wait(after, left);
            }
        }
    }
}
