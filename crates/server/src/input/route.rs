//! The parts of a path: names and ids that do not parse answer as absent, file paths are percent-encoded bytes.
//!
//! Read from the raw target, for the router's own decoding insists on UTF-8, which file names need not be.

use crate::problem::Failure;
use acetate_types::{ErrorKind, RepoPath, SessionId};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// The name or id of a workspace: `/v1/workspaces/{w}/…`.
pub(crate) struct WorkspaceName(pub(crate) String);
/// The id of a session: `/v1/sessions/{s}/…`.
pub(crate) struct SessionName(pub(crate) SessionId);
/// The third part of any other path: `/v1/submissions/{id}`.
pub(crate) struct Third(pub(crate) String);
/// What follows `/files/` or `/conflicts/`: the path of what may be there already. See [`FilePath::fresh`].
pub(crate) struct FilePath(pub(crate) RepoPath);

impl<S: Sync> FromRequestParts<S> for WorkspaceName {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        third(parts.uri.path())
            .map(Self)
            .ok_or_else(|| Failure::new(ErrorKind::NotFound, "workspace_not_found", "there is no such workspace"))
    }
}

impl<S: Sync> FromRequestParts<S> for SessionName {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        third(parts.uri.path())
            .and_then(|text| text.parse().ok())
            .map(Self)
            .ok_or_else(|| Failure::new(ErrorKind::NotFound, "session_not_found", "there is no such session"))
    }
}

impl<S: Sync> FromRequestParts<S> for Third {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        third(parts.uri.path()).map(Self).ok_or_else(|| Failure::new(ErrorKind::NotFound, "not_found", "there is no such thing"))
    }
}

impl<S: Sync> FromRequestParts<S> for FilePath {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        file_path(parts.uri.path()).map(Self)
    }
}

impl FilePath {
    /// The same as a path that may be made: everything that folds to `.git` is refused here already.
    pub(crate) fn fresh(self) -> Result<RepoPath, Failure> {
        RepoPath::new(self.0.to_bytes()).map_err(|error| Failure::invalid(error.code(), error.to_string()))
    }
}

fn third(path: &str) -> Option<String> {
    let raw = path.split('/').nth(3)?;
    String::from_utf8(percent_decoded(raw)?).ok()
}

fn file_path(path: &str) -> Result<RepoPath, Failure> {
    // "", "v1", "sessions", id, "files", and all the rest.
    let raw = path.splitn(6, '/').nth(5).unwrap_or_default();
    let bytes = percent_decoded(raw).ok_or_else(|| {
        Failure::invalid("path_encoding", "a `%` in the path is not followed by two hexadecimal digits").hint("encode a `%` as `%25`")
    })?;
    RepoPath::existing(bytes).map_err(|error| Failure::invalid(error.code(), error.to_string()))
}

/// Percent-encoded bytes, `None` where a `%` is not followed by two digits.
pub(crate) fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let raw = text.as_bytes();
    let digits = |at: usize| raw.get(at).is_some_and(u8::is_ascii_hexdigit);
    let whole = raw.iter().enumerate().all(|(at, byte)| *byte != b'%' || (digits(at + 1) && digits(at + 2)));
    whole.then(|| percent_encoding::percent_decode(raw).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expect: Result<&[u8], &str>) {
        let found = file_path(path);
        let found = found.as_ref().map(RepoPath::as_bytes).map_err(|failure| &*failure.problem().code);
        assert_eq!(found, expect, "{path}");
    }

    #[test]
    fn file_paths_are_percent_encoded_bytes() {
        check("/v1/sessions/s/files/a/b%20c", Ok(b"a/b c"));
        check("/v1/sessions/s/files/a%2Fb+c", Ok(b"a/b+c"));
        check("/v1/sessions/s/files/%FF%fe", Ok(b"\xff\xfe"));
        check("/v1/sessions/s/files/files/x", Ok(b"files/x"));
        check("/v1/sessions/s/files/%zz", Err("path_encoding"));
        check("/v1/sessions/s/files/a%2", Err("path_encoding"));
        check("/v1/sessions/s/files/", Err("path_empty"));
        check("/v1/sessions/s/files//etc", Err("path_absolute"));
        check("/v1/sessions/s/files/%2e%2e/x", Err("path_relative"));
        check("/v1/sessions/s/files/a%00", Err("path_nul"));
        // Reading what the base has is the engine's to allow; making it is refused.
        let there = file_path("/v1/sessions/s/files/.git/config").expect("a path");
        assert_eq!(FilePath(there).fresh().expect_err("refused").problem().code, "path_dot_git");
    }

    #[test]
    fn names_are_the_third_part() {
        assert_eq!(third("/v1/workspaces/a%20b/files/x").as_deref(), Some("a b"));
        assert_eq!(third("/v1/workspaces/%ff"), None);
        assert_eq!(third("/v1/workspaces"), None);
    }
}
