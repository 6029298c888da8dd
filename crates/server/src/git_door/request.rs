//! What every request of a Git client has: who calls, which workspace, which service, which version of the protocol.

use crate::call::{Call, Schemes};
use crate::door::Door;
use crate::input::percent_decoded;
use crate::problem::Failure;
use acetate_types::ErrorKind;
use axum::extract::FromRequestParts;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use std::sync::Arc;

use super::refusal::Refusal;

/// A caller of the Git door; also takes `Basic` authorisation.
pub(super) struct GitCall(pub(super) Call);

impl FromRequestParts<Arc<Door>> for GitCall {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Refusal> {
        Ok(Self(Call::authorize(parts, door, Schemes::BearerAndBasic).await?))
    }
}

/// The name or id of a workspace: `/git/{workspace}.git/…`.
pub(super) struct GitWorkspace(pub(super) String);

impl<S: Sync> FromRequestParts<S> for GitWorkspace {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        workspace(parts.uri.path())
            .map(Self)
            .ok_or_else(|| Failure::new(ErrorKind::NotFound, "workspace_not_found", "there is no such workspace").into())
    }
}

fn workspace(path: &str) -> Option<String> {
    let raw = path.split('/').nth(2)?.strip_suffix(".git")?;
    let name = String::from_utf8(percent_decoded(raw)?).ok()?;
    (!name.is_empty()).then_some(name)
}

/// One of Git's two services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    /// Fetching.
    UploadPack,
    /// Pushing.
    ReceivePack,
}

impl Service {
    /// The service that `info/refs` is asked for. The dumb protocol asks for none and is refused.
    pub(super) fn of_query(query: Option<&str>) -> Result<Self, Refusal> {
        match query {
            Some("service=git-upload-pack") => Ok(Self::UploadPack),
            Some("service=git-receive-pack") => Ok(Self::ReceivePack),
            None | Some("") => Err(Failure::new(ErrorKind::Denied, "git_dumb_protocol", "only Git's smart HTTP protocol is served")
                .hint("use Git 1.6.6 or newer")
                .into()),
            Some(_) => Err(Failure::new(ErrorKind::Denied, "git_service_unknown", "there is no such service").into()),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::UploadPack => "git-upload-pack",
            Self::ReceivePack => "git-receive-pack",
        }
    }

    /// Refuses a body that does not say it is this service's: a form on some page can't say so.
    pub(super) fn check_content_type(self, headers: &HeaderMap) -> Result<(), Refusal> {
        let expect = format!("application/x-{}-request", self.name());
        if headers.get(CONTENT_TYPE).is_some_and(|found| found == expect.as_str()) {
            return Ok(());
        }
        Err(Failure::invalid("content_type", format!("the body must be {expect}")).status(StatusCode::UNSUPPORTED_MEDIA_TYPE).into())
    }
}

/// The version of the protocol that a client asks for, exactly as Git writes it; anything else counts as not asked for.
pub(super) fn protocol(headers: &HeaderMap) -> Option<&'static str> {
    let asked = headers.get("git-protocol")?;
    ["version=0", "version=1", "version=2"].into_iter().find(|known| asked == *known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn workspaces_in_paths() {
        for (path, expect) in [
            ("/git/project.git/info/refs", Some("project")),
            ("/git/a.b.git/info/refs", Some("a.b")),
            ("/git/a%20b.git/info/refs", Some("a b")),
            ("/git/project/info/refs", None),
            ("/git/.git/info/refs", None),
            ("/git/%ff.git/info/refs", None),
        ] {
            assert_eq!(workspace(path).as_deref(), expect, "{path}");
        }
    }

    #[test]
    fn versions_are_taken_only_as_git_writes_them() {
        for (asked, expect) in [
            ("version=2", Some("version=2")),
            ("version=0", Some("version=0")),
            ("version=3", None),
            ("version=2:x=1", None),
            ("version=2 ", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("git-protocol", HeaderValue::from_str(asked).expect("a header"));
            assert_eq!(protocol(&headers), expect, "{asked:?}");
        }
        assert_eq!(protocol(&HeaderMap::new()), None);
    }

    #[test]
    fn services() {
        assert_eq!(Service::of_query(Some("service=git-upload-pack")).ok(), Some(Service::UploadPack));
        assert_eq!(Service::of_query(Some("service=git-receive-pack")).ok(), Some(Service::ReceivePack));
        for refused in [None, Some(""), Some("service=git-upload-archive"), Some("service=git-upload-pack&x=1")] {
            assert!(Service::of_query(refused).is_err(), "{refused:?}");
        }
    }
}
