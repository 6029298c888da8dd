//! Fetching: `git upload-pack` between the client's request and its answer, both streamed and bounded in time.

use super::inflate::{Encoding, inflated};
use super::process::{Upload, UploadPack};
use super::refusal::Refusal;
use super::request::{GitCall, GitWorkspace, Service, protocol};
use crate::door::Door;
use crate::input::read_body;
use crate::problem::Failure;
use acetate_engine::EngineError;
use acetate_types::ErrorKind;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::ChildStdout;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout, timeout_at};

/// Bytes that are read from `git` at a time.
const CHUNK: usize = 64 << 10;
/// Bytes of what `git` says to standard error that the log keeps.
const WORDS: u64 = 4 << 10;

/// The refs that a fetch may ask for.
pub(super) async fn advertise(call: GitCall, workspace: GitWorkspace, headers: &HeaderMap) -> Result<Response, Refusal> {
    let protocol = protocol(headers);
    let mut prefix = Vec::new();
    // As git's own http-backend has it: version 2 begins without the service's name.
    if protocol != Some("version=2") {
        super::pkt::write(&mut prefix, b"# service=git-upload-pack\n");
        prefix.extend_from_slice(super::pkt::FLUSH);
    }
    run(call, workspace, protocol, None, prefix, "application/x-git-upload-pack-advertisement").await
}

/// Negotiates and sends the pack.
pub(super) async fn upload_pack(call: GitCall, workspace: GitWorkspace, request: Request) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    Service::UploadPack.check_content_type(&parts.headers)?;
    let encoding = Encoding::of(&parts.headers)?;
    let door = call.0.door.clone();
    let limit = door.limits.fetch_bytes;
    let held = read_body(&parts.headers, body, &door, limit).await?;
    let asked = match encoding {
        Encoding::Plain => held.bytes.clone(),
        Encoding::Gzip => {
            let room = door.hold(limit.min(held.bytes.len().saturating_mul(8)))?;
            let inflating = tokio::task::spawn_blocking(move || {
                let out = inflated(&held.bytes, limit);
                drop(room);
                out
            });
            inflating.await.map_err(|_| Failure::internal("inflating the request failed"))??
        }
    };
    run(call, workspace, protocol(&parts.headers), Some(asked), Vec::new(), "application/x-git-upload-pack-result").await
}

/// Runs `upload-pack` and streams what it says after `prefix`. Without a request it advertises.
async fn run(
    GitCall(call): GitCall,
    GitWorkspace(name): GitWorkspace,
    protocol: Option<&'static str>,
    asked: Option<Bytes>,
    prefix: Vec<u8>,
    media: &'static str,
) -> Result<Response, Refusal> {
    let place = call.door.enter_git().await?;
    let advertise = asked.is_none();
    let (dir, namespace) = call
        .run(move |engine, access| -> Result<(PathBuf, Option<String>), EngineError> {
            let workspace = engine.workspace(access, &name)?;
            if advertise {
                engine.project_refs()?;
            }
            Ok((engine.git_dir().to_owned(), workspace.git_namespace()))
        })
        .await?;
    let upload = Upload { dir: &dir, namespace: namespace.as_deref(), protocol, advertise };
    let mut process = upload.spawn().map_err(|error| {
        Failure::new(ErrorKind::Unavailable, "git_missing", format!("git can't be started: {error}"))
            .hint("install git 2.39 or newer on the server")
    })?;
    let streams = (process.child.stdin.take(), process.child.stdout.take(), process.child.stderr.take());
    let (Some(mut stdin), Some(stdout), Some(mut stderr)) = streams else { return Err(Failure::internal("git has no pipes").into()) };
    // Beside reading, for git may begin to answer before it has read everything. Both tasks end with the process.
    tokio::spawn(async move {
        if let Some(asked) = asked {
            // A git that reads no further has said why to standard error.
            drop(stdin.write_all(&asked).await);
        }
    });
    tokio::spawn(async move {
        let mut words = Vec::new();
        drop((&mut stderr).take(WORDS).read_to_end(&mut words).await);
        if !words.is_empty() {
            tracing::debug!(words = %String::from_utf8_lossy(&words).escape_debug(), "git upload-pack");
        }
        // Read on, so that git is never kept waiting by what nobody keeps.
        drop(tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await);
    });
    let until = Instant::now() + call.door.limits.git_timeout;
    let mut answer = Answer { process, stdout, door: call.door.clone(), until, _place: place };
    let first = answer.next().await.map_err(|error| Failure::new(ErrorKind::Unavailable, "git_failed", error.to_string()))?;
    let Some(first) = first else { return Err(Failure::internal("git had nothing to answer").into()) };
    let mut begin = BytesMut::from(&prefix[..]);
    begin.extend_from_slice(&first);
    let stream = futures::stream::unfold((Some(begin.freeze()), Some(answer)), |(begin, answer)| async move {
        let mut answer = answer?;
        if let Some(begin) = begin {
            return Some((Ok(begin), (None, Some(answer))));
        }
        match answer.next().await {
            Ok(Some(chunk)) => Some((Ok(chunk), (None, Some(answer)))),
            Ok(None) => None,
            Err(error) => Some((Err(error), (None, None))),
        }
    });
    let mut response = Body::from_stream(stream).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, max-age=0, must-revalidate"));
    Ok(response)
}

/// What `upload-pack` still has to say. Dropped by a client that left, it takes the process with it.
struct Answer {
    process: UploadPack,
    stdout: ChildStdout,
    door: Arc<Door>,
    until: Instant,
    _place: OwnedSemaphorePermit,
}

impl Answer {
    /// The next chunk, `None` at a good end.
    async fn next(&mut self) -> std::io::Result<Option<Bytes>> {
        let mut chunk = BytesMut::with_capacity(CHUNK);
        let late = || std::io::Error::new(std::io::ErrorKind::TimedOut, "git took too long");
        let read = timeout_at(self.until, self.stdout.read_buf(&mut chunk)).await.map_err(|_| late())??;
        if read > 0 {
            return Ok(Some(chunk.freeze()));
        }
        let ended = timeout(self.door.limits.stall_timeout, self.process.wait()).await.map_err(|_| late())?;
        // What went wrong was said within the protocol, or will show as a truncated answer.
        if ended? { Ok(None) } else { Err(std::io::Error::other("git upload-pack failed")) }
    }
}
