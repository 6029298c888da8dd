//! Whether the store can be written: healthy, or read-only with a reason.
//!
//! Invariant: after a failed write or sync no later write is answered before one has succeeded again from the start.

use crate::EngineError;
use acetate_types::ErrorKind;
use parking_lot::Mutex;

/// The store's health. The lock is held only to copy the reason in or out.
#[derive(Debug, Default)]
pub(crate) struct Health(Mutex<Option<String>>);

impl Health {
    /// Why the store is read-only, if it is.
    pub(crate) fn reason(&self) -> Option<String> {
        self.0.lock().clone()
    }

    /// A write failed: from now on the store is read-only.
    pub(crate) fn fail(&self, error: &EngineError) {
        tracing::error!(%error, code = error.code(), "the store is read-only now");
        *self.0.lock() = Some(error.to_string());
    }

    /// A write went through again.
    pub(crate) fn mend(&self) {
        let mut reason = self.0.lock();
        if reason.take().is_some() {
            tracing::info!("the store can be written again");
        }
    }

    /// The error that writes are answered with while the store is read-only.
    pub(crate) fn error(reason: &str) -> EngineError {
        EngineError::new(ErrorKind::Unavailable, "store_read_only", format!("the store is read-only: {reason}"))
            .hint("make room or mend the disk; reads go on, and writing resumes by itself once it works again")
    }
}
