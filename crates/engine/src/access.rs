//! Who calls, and what they may do: tokens, scopes, rights.
//!
//! Invariant: what a caller may not see answers exactly as if it were absent.

use crate::EngineError;
use crate::api::{Right, Timestamp};
use crate::session::TokenHash;
use acetate_types::{ErrorKind, SessionId, WorkspaceId};

/// What a token reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The whole store.
    Store,
    /// One workspace and its sessions.
    Workspace(WorkspaceId),
    /// One session; its workspace can be read through it.
    Session {
        /// The session.
        session: SessionId,
        /// Its workspace.
        workspace: WorkspaceId,
    },
}

/// What a token gives that somebody else made and a door has checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// Whom it was made for, for the operation log.
    pub subject: String,
    /// What it allows.
    pub rights: Vec<Right>,
    /// The workspace that it is for, by id or name; without it the whole store.
    pub workspace: Option<String>,
    /// When it ends.
    pub expires: Timestamp,
}

/// A caller, authorised once per call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// What it reaches.
    pub scope: Scope,
    /// What it may do there, sorted.
    pub rights: Vec<Right>,
    /// Who it is, for the operation log and for idempotency: `owner`, `token:<label>#<id>`, `session:<id>`.
    pub actor: String,
    /// The hash of the token it came with; the owner has none.
    pub(crate) token: Option<TokenHash>,
}

impl Access {
    /// Everything: an embedding program, or the owner on the Unix socket.
    pub(crate) fn owner() -> Self {
        Self {
            scope: Scope::Store,
            rights: vec![Right::Read, Right::Write, Right::Land, Right::Admin],
            actor: "owner".to_owned(),
            token: None,
        }
    }

    /// The engine itself: expiry, following, upkeep.
    pub(crate) fn engine() -> Self {
        Self { actor: "acetate".to_owned(), ..Self::owner() }
    }

    /// Whether the caller has this right (within its scope).
    pub fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }

    /// Refuses a caller without this right.
    pub(crate) fn need(&self, right: Right) -> Result<(), EngineError> {
        if self.may(right) {
            return Ok(());
        }
        Err(EngineError::new(ErrorKind::Denied, "right_missing", format!("this token lacks the right `{}`", right.as_str()))
            .hint("use a token that has it; `acetate token create` makes one"))
    }

    /// Refuses a caller whose scope is not the whole store.
    pub(crate) fn need_store(&self, right: Right) -> Result<(), EngineError> {
        if self.scope != Scope::Store {
            return Err(EngineError::new(ErrorKind::Denied, "scope_too_small", "this call needs a token for the whole store"));
        }
        self.need(right)
    }

    /// Whether the caller's scope covers this workspace as a whole (a session's scope does not).
    pub fn covers_workspace(&self, id: &WorkspaceId) -> bool {
        match &self.scope {
            Scope::Store => true,
            Scope::Workspace(workspace) => workspace == id,
            Scope::Session { .. } => false,
        }
    }

    /// Whether the caller may know of this workspace.
    pub fn sees_workspace(&self, id: &WorkspaceId) -> bool {
        match &self.scope {
            Scope::Session { workspace, .. } => workspace == id,
            _ => self.covers_workspace(id),
        }
    }

    /// Whether the caller may know of this session.
    pub fn sees_session(&self, id: &SessionId, workspace: &WorkspaceId) -> bool {
        match &self.scope {
            Scope::Session { session, .. } => session == id,
            _ => self.covers_workspace(workspace),
        }
    }
}
