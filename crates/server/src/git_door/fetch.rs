//! Fetching: `git upload-pack` between the client's request and its answer, both streamed and bounded in time.

use super::feed::{Asked, feed};
use super::inflate::Encoding;
use super::process::{Upload, UploadPack};
use super::refusal::Refusal;
use super::request::{GitCall, GitWorkspace, Service, protocol};
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
use futures::StreamExt as _;
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::process::{ChildStderr, ChildStdout};
use tokio::time::{Instant, timeout, timeout_at};

/// Bytes that are read from `git` at a time.
const CHUNK: usize = 64 << 10;
/// Bytes of what `git` says to standard error that the log keeps.
const WORDS: u64 = 4 << 10;
/// What `upload-pack` says about a request that breaks the protocol.
const COMPLAINTS: [&str; 8] = [
    "protocol error",
    "hung up unexpectedly",
    "git upload-pack: expected",
    "invalid shallow line",
    "unexpected line",
    "expected flush",
    "no command requested",
    "unknown capability",
];

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
    let limit = call.0.door.limits.fetch_bytes;
    let held = read_body(&parts.headers, body, &call.0.door, limit).await?;
    let asked = Asked::new(held, encoding, limit);
    run(call, workspace, protocol(&parts.headers), Some(asked), Vec::new(), "application/x-git-upload-pack-result").await
}

/// Runs `upload-pack` and streams what it says after `prefix`. Without a request it advertises.
async fn run(
    GitCall(call): GitCall,
    GitWorkspace(name): GitWorkspace,
    protocol: Option<&'static str>,
    asked: Option<Asked>,
    prefix: Vec<u8>,
    media: &'static str,
) -> Result<Response, Refusal> {
    let place = call.door.enter_git().await?;
    let advertise = asked.is_none();
    let (dir, namespace) = call
        .run(move |engine, access| -> Result<(PathBuf, Option<String>), EngineError> {
            let namespace = engine.workspace(access, &name)?.git_namespace()?;
            // Where the disk takes nothing any more, reading goes on with what it has.
            if advertise && let Err(error) = engine.project_refs() {
                tracing::warn!(%error, "refs are served as they are on disk");
            }
            Ok((engine.git_dir().to_owned(), namespace))
        })
        .await?;
    let times = Times { whole: call.door.limits.git_timeout, ending: call.door.limits.stall_timeout };
    let upload = Upload { dir: &dir, namespace: namespace.as_deref(), protocol, advertise };
    let body = stream(upload, asked, prefix, times, place).await?;
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, max-age=0, must-revalidate"));
    Ok(response)
}

/// How long an `upload-pack` may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// From its start to its last byte.
    pub(super) whole: Duration,
    /// From its last byte to its end.
    pub(super) ending: Duration,
}

/// Runs `upload-pack` and gives what it says after `prefix`. `place` is held as long as it runs.
pub(super) async fn stream(
    upload: Upload<'_>,
    asked: Option<Asked>,
    prefix: Vec<u8>,
    times: Times,
    place: impl Send + 'static,
) -> Result<Body, Refusal> {
    let mut process = upload.spawn().map_err(|error| {
        Failure::new(ErrorKind::Unavailable, "git_missing", format!("git can't be started: {error}"))
            .hint("install git 2.39 or newer on the server")
    })?;
    let streams = (process.child.stdin.take(), process.child.stdout.take(), process.child.stderr.take());
    let (Some(stdin), Some(stdout), Some(stderr)) = streams else { return Err(Failure::internal("git has no pipes").into()) };
    // Beside reading, for git may begin to answer before it has read everything. Both tasks end with the process.
    let mut feeding = tokio::spawn(feed(stdin, asked));
    let listening = tokio::spawn(listen(stderr));
    let mut answer = Answer { process, stdout, until: Instant::now() + times.whole, ending: times.ending };
    let first = answer.next().await;
    // Where git has said nothing so far, what it was asked may be why.
    if !matches!(first, Ok(Some(_)))
        && let Ok(Ok(Err(failure))) = timeout(times.ending, &mut feeding).await
    {
        return Err(failure.into());
    }
    let first = match first {
        Ok(first) => first,
        Err(error) => {
            let words = timeout(times.ending, listening).await.ok().and_then(Result::ok).unwrap_or_default();
            return Err(failed(&error, &words).into());
        }
    };
    // A request without wants is answered by nothing at all.
    let mut begin = BytesMut::from(&prefix[..]);
    let answer = first.map(|first| {
        begin.extend_from_slice(&first);
        (answer, place)
    });
    let rest = futures::stream::unfold(answer, |answer| async move {
        let (mut answer, place) = answer?;
        match answer.next().await {
            Ok(Some(chunk)) => Some((Ok(chunk), Some((answer, place)))),
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    });
    let begin = futures::stream::iter((!begin.is_empty()).then(|| Ok(begin.freeze())));
    Ok(Body::from_stream(begin.chain(rest)))
}

/// The first words that `git` says to standard error, which also go to the log.
async fn listen(mut stderr: ChildStderr) -> String {
    let mut words = Vec::new();
    drop((&mut stderr).take(WORDS).read_to_end(&mut words).await);
    let words = String::from_utf8_lossy(&words).into_owned();
    if !words.is_empty() {
        tracing::debug!(words = %words.escape_debug(), "git upload-pack");
    }
    // Read on, so that git is never kept waiting by what nobody keeps.
    tokio::spawn(async move { tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await.ok() });
    words
}

/// What a `git` that ended before it said anything comes to: a request that is none is the client's to mend.
fn failed(error: &std::io::Error, words: &str) -> Failure {
    if COMPLAINTS.iter().any(|complaint| words.contains(complaint)) {
        return Failure::invalid("git_request_invalid", "the body is no request that git upload-pack understands");
    }
    Failure::new(ErrorKind::Unavailable, "git_failed", error.to_string())
}

/// What `upload-pack` still has to say. Dropped by a client that left, it takes the process with it.
struct Answer {
    process: UploadPack,
    stdout: ChildStdout,
    until: Instant,
    ending: Duration,
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
        let ended = timeout(self.ending, self.process.wait()).await.map_err(|_| late())?;
        // What went wrong was said within the protocol, or will show as a truncated answer.
        if ended? { Ok(None) } else { Err(std::io::Error::other("git upload-pack failed")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use acetate_testing::GitRepo;
    use acetate_types::ObjectFormat;

    #[tokio::test]
    async fn time_is_bounded() {
        let repo = GitRepo::bare(ObjectFormat::Sha1);
        // Waits for a request, which never comes: its standard input stays open.
        let mut process = Upload { dir: repo.path(), namespace: None, protocol: None, advertise: false }.spawn().expect("git");
        let stdout = process.child.stdout.take().expect("a pipe");
        let until = Instant::now() + Duration::from_millis(50);
        let mut answer = Answer { process, stdout, until, ending: Duration::from_secs(10) };
        assert_eq!(answer.next().await.expect_err("too late").kind(), std::io::ErrorKind::TimedOut);
    }
}
