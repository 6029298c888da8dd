//! Bodies that are too large to be held in memory: written to a file of the store's own folder as they come in.
//!
//! Invariant: the file goes when the call is over, whatever becomes of it; memory holds one chunk of it.

use super::body::Held;
use super::once::Once;
use crate::door::Door;
use crate::problem::Failure;
use acetate_engine::{EngineError, Idempotency};
use acetate_types::ErrorKind;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use sha2::{Digest as _, Sha256};
use std::io::{Seek as _, Write as _};
use std::sync::Arc;
use std::time::Duration;
use tempfile::NamedTempFile;

/// How long the next part of a body may take.
const STALL: Duration = Duration::from_secs(60);
/// Bodies up to so many bytes are not worth a file.
const HELD: u64 = 4 << 20;
/// Parts are gathered to about so many bytes before they are written.
const CHUNK: usize = 1 << 20;

/// A body in a file, and the key that makes the call safe to repeat.
pub(crate) struct Spooled {
    file: NamedTempFile,
    pub(crate) once: Option<Idempotency>,
}

impl Spooled {
    /// Where it is.
    pub(crate) fn path(&self) -> Result<String, EngineError> {
        let path = self.file.path().to_str().map(str::to_owned);
        path.ok_or_else(|| EngineError::new(ErrorKind::Internal, "internal", "the store's folder has a name that is no text"))
    }

    /// Its bytes from the beginning on, and how many.
    pub(crate) fn content(&mut self) -> Result<(&mut std::fs::File, u64), EngineError> {
        let unread = |error| EngineError::new(ErrorKind::Unavailable, "body_unreadable", format!("the body can't be read back: {error}"));
        let file = self.file.as_file_mut();
        file.rewind().map_err(unread)?;
        let size = file.metadata().map_err(unread)?.len();
        Ok((file, size))
    }

    /// A name for what is made of it, where the caller gives none.
    pub(crate) fn fresh_name(&self) -> String {
        let name = self.file.path().file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.trim_start_matches('.').to_owned()
    }
}

/// A body that has not been read: its caller is looked at first.
pub(crate) struct Pending(Request);

impl FromRequest<Arc<Door>> for Pending {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Arc<Door>) -> Result<Self, Failure> {
        Ok(Self(request))
    }
}

impl Pending {
    /// The body, if it is known to be small: held in memory.
    pub(crate) async fn held(self, door: &Door) -> Result<Result<Held, Self>, Failure> {
        let small = announced(self.0.headers()).is_some_and(|length| length <= HELD);
        if !small {
            return Ok(Err(self));
        }
        let (parts, body) = self.0.into_parts();
        super::body::refuse_encoded(&parts.headers)?;
        super::body::read_body(&parts.headers, body, door, door.limits.file_bytes).await.map(Ok)
    }

    /// Reads the body, at most `limit` bytes of it, into a file.
    pub(crate) async fn spool(self, door: &Door, limit: u64) -> Result<Spooled, Failure> {
        let (parts, mut body) = self.0.into_parts();
        super::body::refuse_encoded(&parts.headers)?;
        if announced(&parts.headers).is_some_and(|length| length > limit) {
            return Err(too_large(limit));
        }
        let engine = door.engine.clone();
        let mut file = off(move || Ok(engine.inbox()?)).await?;
        let (mut hash, mut total, mut waiting) = (Sha256::new(), 0u64, Vec::with_capacity(CHUNK));
        loop {
            let next = tokio::time::timeout(STALL, body.frame()).await.map_err(|_| {
                Failure::new(ErrorKind::Unavailable, "body_timeout", "the body took too long to arrive").status(StatusCode::REQUEST_TIMEOUT)
            })?;
            let part = match next {
                None => None,
                Some(frame) => {
                    let broken = |_| Failure::invalid("body_truncated", "the body ended before its time").hint("send it again, whole");
                    let Ok(part) = frame.map_err(broken)?.into_data() else { continue };
                    total += part.len() as u64;
                    if total > limit {
                        return Err(too_large(limit));
                    }
                    hash.update(&part);
                    waiting.extend_from_slice(&part);
                    Some(())
                }
            };
            if waiting.len() >= CHUNK || part.is_none() {
                let chunk = std::mem::replace(&mut waiting, Vec::with_capacity(CHUNK));
                file = off(move || {
                    file.write_all(&chunk).map_err(|error| {
                        let message = format!("the body can't be kept: {error}");
                        EngineError::new(ErrorKind::Unavailable, "import_failed", message)
                    })?;
                    Ok(file)
                })
                .await?;
            }
            if part.is_none() {
                break;
            }
        }
        let once = Once::of(&parts.method, &parts.uri, &parts.headers, &hash.finalize())?;
        Ok(Spooled { file, once })
    }
}

/// How long the body is by its own word.
fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Disk work, off the async threads.
async fn off<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(Failure::internal("the call ended in a fault of the server")))
}

fn too_large(limit: u64) -> Failure {
    Failure::new(ErrorKind::Limit, "body_too_large", format!("the body is over {limit} bytes"))
}
