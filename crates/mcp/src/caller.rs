//! Who calls, asked anew for every call.

use acetate_engine::{Access, EngineError};
use acetate_types::{ErrorKind, SessionId};
use parking_lot::Mutex;
use rmcp::RoleServer;
use rmcp::service::RequestContext;
use std::sync::Arc;

/// Says what the other end of a connection may do now; asked for each call, so that a revoked token ends at once. Blocks.
pub type Authorize = Arc<dyn Fn() -> Result<Access, EngineError> + Send + Sync>;

/// A connection that one process has to itself, as on stdio: it has one caller, and a session of its own.
pub struct Link {
    authorize: Authorize,
    /// The workspace that the process works on where it names none.
    pub(crate) workspace: Option<String>,
    /// The session of calls that name none. Held while it is opened, so that two calls at once open one.
    pub(crate) session: Mutex<Option<SessionId>>,
    /// The session that was opened because a call named none.
    pub(crate) made: Mutex<Option<SessionId>>,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").finish_non_exhaustive()
    }
}

impl Link {
    /// The session of calls that name none; nothing while one is being opened.
    pub(crate) fn own(&self) -> Option<Option<SessionId>> {
        Some(self.session.try_lock()?.clone())
    }

    /// The session that was opened because a call named none.
    pub(crate) fn made(&self) -> Option<SessionId> {
        self.made.lock().clone()
    }

    /// What its caller may do now.
    pub(crate) fn access(&self) -> Result<Access, EngineError> {
        (self.authorize)()
    }

    /// A connection whose caller is known by `authorize`, with the workspace and the session that it begins with.
    pub fn new(authorize: Authorize, workspace: Option<String>, session: Option<SessionId>) -> Arc<Self> {
        Arc::new(Self { authorize, workspace, session: Mutex::new(session), made: Mutex::default() })
    }
}

/// Where the right of one call comes from.
#[derive(Clone)]
pub(crate) enum Caller {
    /// The connection's own.
    Link(Arc<Link>),
    /// The HTTP request's.
    Request(Access),
}

impl Caller {
    /// The caller of a request: of its connection, else as the HTTP door found it.
    pub(crate) fn of(link: Option<&Arc<Link>>, context: &RequestContext<RoleServer>) -> Result<Self, EngineError> {
        if let Some(link) = link {
            return Ok(Self::Link(link.clone()));
        }
        let access = context.extensions.get::<http::request::Parts>().and_then(|parts| parts.extensions.get::<Access>());
        access.cloned().map(Self::Request).ok_or_else(|| EngineError::new(ErrorKind::Denied, "token_missing", "a token is needed here"))
    }

    /// What it may do. May read the catalog.
    pub(crate) fn access(&self) -> Result<Access, EngineError> {
        match self {
            Self::Link(link) => link.access(),
            Self::Request(access) => Ok(access.clone()),
        }
    }

    /// The connection, where one process has it to itself.
    pub(crate) fn link(&self) -> Option<&Arc<Link>> {
        match self {
            Self::Link(link) => Some(link),
            Self::Request(_) => None,
        }
    }
}
