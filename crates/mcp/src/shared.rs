//! What all connections of this door share.

use crate::limits::McpLimits;
use crate::pending::Pending;
use crate::shown::Shown;
use acetate_engine::{Engine, EngineError, OsRandom, Random};
use acetate_types::ErrorKind;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The engine, the bounds, and what is remembered of sessions.
pub struct Shared {
    pub(crate) engine: Engine,
    pub(crate) limits: McpLimits,
    pub(crate) shown: Shown,
    pub(crate) pending: Pending,
    pub(crate) random: Arc<dyn Random>,
    calls: Arc<Semaphore>,
    watchers: Arc<Semaphore>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    /// What the handlers of one server share.
    pub fn new(engine: Engine, limits: McpLimits) -> Arc<Self> {
        Arc::new(Self {
            shown: Shown::new(limits.remembered),
            pending: Pending::new(limits.pending),
            random: Arc::new(OsRandom),
            calls: Arc::new(Semaphore::new(limits.calls.clamp(1, Semaphore::MAX_PERMITS))),
            watchers: Arc::new(Semaphore::new(limits.watchers.clamp(1, Semaphore::MAX_PERMITS))),
            engine,
            limits,
        })
    }

    /// A place among the calls into the engine; waits for one.
    pub(crate) async fn enter(&self) -> Result<OwnedSemaphorePermit, EngineError> {
        match tokio::time::timeout(self.limits.wait, self.calls.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(EngineError::new(ErrorKind::Unavailable, "server_busy", "too many calls are under way").hint("try again in a moment")),
        }
    }

    /// A place among those that wait for events, at once or not at all.
    pub(crate) fn watch(&self) -> Result<OwnedSemaphorePermit, EngineError> {
        self.watchers.clone().try_acquire_owned().map_err(|_| {
            EngineError::limit("watchers_limit", format!("{} calls of watch are waiting already", self.limits.watchers))
                .hint("call watch with wait: 0 instead")
        })
    }
}

/// The one answer for a session that is not there, was ended, or belongs to somebody else: which of them is nobody's business.
pub(crate) fn gone() -> EngineError {
    EngineError::not_found("session_not_found", "there is no such session (it expired, was closed, or its id is wrong)")
        .hint("call session_open and pass the session_id it answers")
}

/// Makes errors of sessions that can't be used the one answer, and next steps those that this door has.
pub(crate) fn one_answer(error: EngineError) -> EngineError {
    match error.code() {
        "session_not_found" | "session_closed" => gone(),
        "session_paused" => error.hint("call session_open with its session_id to go on in it"),
        "session_unsubmitted" => error.hint("submit first, or pass discard: true (its branch is kept for 30 days)"),
        "path_exists" => error.hint("choose another name, or pass replace: true where the tool has it; a folder is deleted first"),
        "not_a_directory" => error.hint("a file has that name, or one on the way: read it, or choose another path"),
        "workspace_not_found" => error.hint("leave workspace out for the repository's own, or ask a person for its name"),
        "right_missing" => error.hint("the token in use does not allow this; ask a person for one that does"),
        "pattern_invalid" if error.to_string().contains("line end") => error.hint("pass multiline: true to search across lines"),
        _ => error,
    }
}
