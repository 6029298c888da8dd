//! Events of a workspace: a stream that can be taken up again at any number, or a page that may be waited for.
//!
//! A watcher's thread waits in short slices, so that one who left frees its place soon. Filters drop events, never numbers: the next
//! number to ask from moves on past what was dropped.

use crate::call::{Call, json_response, to_json};
use crate::door::Door;
use crate::input::{Query, WorkspaceName};
use crate::problem::Failure;
use acetate_engine::api::{EventFilter, EventPage};
use acetate_engine::{Access, EngineError};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event as SseEvent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt as _};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::OwnedSemaphorePermit;

/// The longest a thread waits at a time.
const SLICE: Duration = Duration::from_secs(3);
/// The longest `wait`, in seconds.
const LONGEST: u64 = 60;
/// Most events of one page, unless fewer are asked for.
const PAGE: usize = 500;

/// Durable events after a number: as server-sent events (`id` is the number, taken up again through `Last-Event-ID`), or as a JSON page with
/// `wait`.
#[utoipa::path(get, path = "/v1/workspaces/{w}/events", tag = "events",
    params(("w" = String, Path, description = "Id or name"), ("after" = Option<u64>, Query, description = "Only events after this number; all without"),
        ("wait" = Option<u64>, Query, description = "Answer a JSON page, after at most so many seconds (60 at most)"),
        ("limit" = Option<usize>, Query, description = "At most so many, with `wait`"),
        ("path" = Option<String>, Query, description = "Only events that name this path or one below it"),
        ("symbol" = Option<String>, Query, description = "Only landings that changed this symbol or one in it; with `path`, in that file"),
        ("Last-Event-ID" = Option<u64>, Header, description = "Go on after this number")),
    responses((status = 200, content((EventPage = "application/json"), (String = "text/event-stream")))))]
pub(super) async fn events(call: Call, WorkspaceName(w): WorkspaceName, mut query: Query, headers: HeaderMap) -> Result<Response, Failure> {
    let after: Option<u64> = query.number("after")?;
    let wait: Option<u64> = query.number("wait")?;
    let limit: Option<usize> = query.number("limit")?;
    let path = query.path("path")?;
    let symbol = query.text("symbol")?;
    query.done()?;
    let resumed = match headers.get("last-event-id").map(|value| value.to_str().ok().and_then(|value| value.trim().parse().ok())) {
        Some(None) => return Err(Failure::invalid("query_invalid", "the value of Last-Event-ID can't be read")),
        Some(Some(number)) => Some(number),
        None => None,
    };
    let mut feed = Feed {
        workspace: w,
        after: resumed.or(after).unwrap_or(0),
        limit: limit.unwrap_or(PAGE).min(PAGE),
        filter: EventFilter { path, symbol },
    };
    match wait {
        Some(wait) if wait > LONGEST => Err(Failure::invalid("query_invalid", format!("wait is at most {LONGEST} seconds"))),
        // Without waiting it is a call like any other.
        Some(0) => {
            let page = call.run(move |engine, access| feed.read(engine, access, Duration::ZERO)).await?;
            page_response(&page)
        }
        Some(wait) => {
            let place = call.door.watch()?;
            let page = waited(&call, feed, Duration::from_secs(wait), place).await?;
            page_response(&page)
        }
        None => {
            let place = call.door.watch()?;
            feed.limit = PAGE;
            // The first look happens here, so that an unknown workspace is a problem and not a broken stream.
            let (first, feed, place) = look(call.door.clone(), call.access.clone(), feed, Duration::ZERO, place).await?;
            let stream = watched(call, first, feed, place);
            let alive = KeepAlive::new().interval(Duration::from_secs(15)).text("still here");
            Ok(Sse::new(stream).keep_alive(alive).into_response())
        }
    }
}

/// What a watcher follows.
struct Feed {
    workspace: String,
    after: u64,
    limit: usize,
    filter: EventFilter,
}

impl Feed {
    /// The next page, waited for so long; moves on past it.
    fn read(&mut self, engine: &acetate_engine::Engine, access: &Access, wait: Duration) -> Result<EventPage, EngineError> {
        // Asked anew each time: the token may have ended meanwhile, and its rights with it.
        let workspace = engine.workspace(&engine.renew(access)?, &self.workspace)?;
        let page = workspace.watch_for(self.after, Some(self.limit), &self.filter, wait)?;
        self.after = page.next;
        Ok(page)
    }
}

/// One look of a watcher, in a thread of its own. The place goes with it, so that it is taken as long as the thread waits.
async fn look(
    door: Arc<Door>,
    access: Access,
    mut feed: Feed,
    wait: Duration,
    place: OwnedSemaphorePermit,
) -> Result<(EventPage, Feed, OwnedSemaphorePermit), Failure> {
    crate::call::joined(tokio::task::spawn_blocking(move || {
        let page = feed.read(&door.engine, &access, wait)?;
        Ok((page, feed, place))
    }))
    .await
}

async fn waited(call: &Call, mut feed: Feed, wait: Duration, mut place: OwnedSemaphorePermit) -> Result<EventPage, Failure> {
    let until = Instant::now() + wait;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let page;
        (page, feed, place) = look(call.door.clone(), call.access.clone(), feed, left.min(SLICE), place).await?;
        if !page.events.is_empty() || left.is_zero() || call.door.stopping.is_cancelled() {
            return Ok(page);
        }
    }
}

fn page_response(page: &EventPage) -> Result<Response, Failure> {
    Ok(json_response(StatusCode::OK, to_json(page)?))
}

/// The stream of events; ends when the server does, or when the engine no longer answers this caller.
fn watched(
    call: Call,
    first: EventPage,
    feed: Feed,
    place: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<SseEvent, Infallible>> + Send {
    let stopping = call.door.stopping.clone();
    let rest = futures::stream::unfold(Some((feed, place)), move |state| {
        let (door, access) = (call.door.clone(), call.access.clone());
        async move {
            let (feed, place) = state?;
            match look(door, access, feed, SLICE, place).await {
                Ok((page, feed, place)) => Some((page, Some((feed, place)))),
                Err(_) => None,
            }
        }
    });
    let stop = async move { stopping.cancelled().await };
    futures::stream::once(async { first })
        .chain(rest)
        .flat_map(|page| futures::stream::iter(page.events))
        .filter_map(|event| async move {
            // Plain data: writing it does not fail; if it did, the client would meet a gap and ask for it.
            SseEvent::default().id(event.number.to_string()).json_data(&event).ok().map(Ok)
        })
        .take_until(Box::pin(stop))
}
