//! Branches.

use super::names::branch_name;
use super::state::Head;
use super::{Line, Workspace};
use crate::api::{BranchInfo, CreateBranch, Right};
use crate::pipeline::RefMove;
use crate::store::{Begun, Once, keep_ref};
use crate::{EngineError, Idempotency};
use acetate_catalog::{Batch, EventDraft, Expected, OperationDraft, Write};
use acetate_types::{ErrorKind, ObjectId, Text};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// How long looking for worktrees may take.
const LOOK: Duration = Duration::from_secs(60);

impl Workspace {
    fn show_branch(&self, line: &Line) -> BranchInfo {
        BranchInfo { name: line.name.to_string(), head: line.head.load().base(), default: *line.name == *self.state.default_branch() }
    }

    pub(super) fn all_branches(&self) -> Vec<BranchInfo> {
        let mut branches: Vec<BranchInfo> = self.state.lines.pin().values().map(|line| self.show_branch(line)).collect();
        branches.sort_by(|a, b| a.name.cmp(&b.name));
        branches
    }

    pub(super) fn add_branch(&self, create: &CreateBranch, once: Option<&Idempotency>) -> Result<BranchInfo, EngineError> {
        self.need(Right::Land)?;
        let once = match Once::begin::<BranchInfo>(&self.store, &self.access.actor, Some(&self.state.id), once)? {
            Begun::Again(answer) => return Ok(answer),
            Begun::New(once) => once,
        };
        let name = branch_name(&create.name)?;
        if self.state.line(&name).is_some() {
            return Err(EngineError::new(ErrorKind::Conflict, "branch_exists", format!("{name} exists already")));
        }
        let head = self.point(create.at.as_deref())?;
        self.start_branch(name, head, once)
    }

    /// Makes a branch at a state, which need not be part of the workspace yet.
    pub(super) fn start_branch(&self, name: String, head: Head, once: Option<Once>) -> Result<BranchInfo, EngineError> {
        let exists = || EngineError::new(ErrorKind::Conflict, "branch_exists", format!("{name} exists already"));
        self.check_free(&name, "branch_exists")?;
        let head = Head { position: Head::START, ..head };
        let Some(commit) = head.commit else {
            return Err(EngineError::invalid("branch_unborn", "there is no commit to start a branch from").hint("land something first"));
        };
        let answer = BranchInfo { name: name.clone(), head: head.base(), default: false };
        let mut writes = Batch::default();
        writes.push(Write::MoveRef {
            workspace: self.state.id.clone(),
            name: Text(name.clone().into()),
            expected: Expected::Absent,
            target: Some(commit),
        });
        self.note(&mut writes, "branch_created", json!({}), json!({ "branch": name, "commit": commit, "version": head.version }));
        if let Some(once) = &once {
            writes.push(once.write(&answer)?);
        }
        let refs = vec![RefMove {
            workspace: Arc::clone(&self.state),
            name: name.clone(),
            target: Some(commit),
            message: "acetate: branch".to_owned(),
        }];
        let published = (Arc::clone(&self.state), name.clone());
        let publish = Box::new(move |_: &acetate_catalog::Applied| drop(published.0.add_line(&published.1, head)));
        self.store
            .pipeline
            .commit(Vec::new(), writes, refs, Some(publish))
            .map_err(|error| if error.code() == "ref_moved" { exists() } else { error })?;
        Ok(answer)
    }

    pub(super) fn remove_branch(&self, name: &str, once: Option<&Idempotency>) -> Result<(), EngineError> {
        self.need(Right::Land)?;
        let once = match Once::begin::<()>(&self.store, &self.access.actor, Some(&self.state.id), once)? {
            Begun::Again(()) => return Ok(()),
            Begun::New(once) => once,
        };
        let name = branch_name(name)?;
        let line =
            self.state.line(&name).ok_or_else(|| EngineError::not_found("branch_not_found", format!("there is no branch {name}")))?;
        if name == self.state.default_branch() {
            return Err(EngineError::new(ErrorKind::Conflict, "branch_default", "the default branch can't be deleted")
                .hint("make another branch the default first"));
        }
        let head = line.head.load_full();
        let Some(commit) = head.commit else { return Ok(()) };
        self.check_not_checked_out(&name)?;
        self.drop_branch(&name, commit, &head, once.as_ref())
    }

    /// Refuses a name that another ref on disk excludes: one that somebody made in the repository that is served in place.
    pub(super) fn check_free(&self, name: &str, exists: &'static str) -> Result<(), EngineError> {
        if !self.state.in_place() || self.meets(name)?.is_none() {
            return Ok(());
        }
        // It may be one that is about to go.
        self.store.pipeline.settle()?;
        match self.meets(name)? {
            None => Ok(()),
            Some(other) if other == name => {
                Err(EngineError::new(ErrorKind::Conflict, exists, format!("{name} exists already on disk")).hint("choose another name"))
            }
            Some(other) => Err(EngineError::new(ErrorKind::Conflict, "ref_clash", format!("{name} can't be made beside {other}"))
                .hint("choose another name")),
        }
    }

    /// A ref on disk beside which this one can't be made.
    fn meets(&self, name: &str) -> Result<Option<String>, EngineError> {
        let repo = &self.store.repo;
        let above = name.match_indices('/').skip(2).filter_map(|(slash, _)| name.get(..slash));
        for other in above.chain([name]) {
            if repo.read_ref(other)?.is_some() {
                return Ok(Some(other.to_owned()));
            }
        }
        Ok(repo.refs(&format!("{name}/"))?.into_iter().next().map(|(other, _)| other))
    }

    /// Refuses to let a branch go on which somebody stands.
    pub(super) fn check_not_checked_out(&self, name: &str) -> Result<(), EngineError> {
        if self.state.in_place() && self.store.repo.is_checked_out(name, LOOK)? {
            return Err(EngineError::new(ErrorKind::Conflict, "branch_checked_out", format!("{name} is checked out"))
                .hint("switch that worktree to another branch first"));
        }
        Ok(())
    }

    /// Deletes a branch whose tip is this; the tip is kept.
    pub(super) fn drop_branch(&self, name: &str, commit: ObjectId, head: &Head, once: Option<&Once>) -> Result<(), EngineError> {
        let name = name.to_owned();
        let keep = keep_ref(self.state.id.as_str(), &format!("{commit}"));
        let mut writes = Batch::default();
        writes.push(Write::MoveRef {
            workspace: self.state.id.clone(),
            name: Text(name.clone().into()),
            expected: Expected::At(commit),
            target: None,
        });
        writes.push(Write::MoveRef {
            workspace: self.state.id.clone(),
            name: Text(keep.clone().into()),
            expected: Expected::Any,
            target: Some(commit),
        });
        self.note(&mut writes, "branch_deleted", json!({ "branch": name, "commit": commit, "version": head.version }), json!({}));
        if let Some(once) = once {
            writes.push(once.write(&())?);
        }
        let message = "acetate: delete branch".to_owned();
        let refs = vec![
            RefMove { workspace: Arc::clone(&self.state), name: keep, target: Some(commit), message: message.clone() },
            RefMove { workspace: Arc::clone(&self.state), name: name.clone(), target: None, message },
        ];
        let published = (Arc::clone(&self.state), name.clone());
        let publish = Box::new(move |_: &acetate_catalog::Applied| {
            published.0.lines.pin().remove(published.1.as_str());
        });
        self.store.pipeline.commit(Vec::new(), writes, refs, Some(publish))?;
        Ok(())
    }

    /// An operation and the event that tells of it.
    pub(super) fn note(&self, writes: &mut Batch, kind: &str, before: serde_json::Value, after: serde_json::Value) {
        let at = self.store.now().0;
        let payload = if after.as_object().is_some_and(|after| !after.is_empty()) { after.clone() } else { before.clone() };
        writes.push(Write::AddOperation(OperationDraft {
            workspace: self.state.id.clone(),
            kind: kind.into(),
            actor: self.access.actor.clone(),
            at,
            before,
            after,
            undoes: None,
            detail: serde_json::Value::Null,
        }));
        writes.push(Write::AddEvent(EventDraft { workspace: self.state.id.clone(), kind: kind.into(), at, payload }));
    }
}
