//! Going back: the files of an earlier point become the newest version. Nothing is lost by it; it is undone like any landing.

use super::land::{Foreign, land_foreign};
use super::{Head, Workspace, branch_name};
use crate::api::{Restore, Right, Timestamp, VersionInfo};
use crate::landing::{agent_commit, commit_message};
use crate::store::{Begun, Once};
use crate::{EngineError, Idempotency};
use acetate_git::ObjectBatch;
use acetate_types::ErrorKind;
use serde_json::json;
use std::sync::Arc;

/// How often it is tried again on a head that moved meanwhile.
const ATTEMPTS: usize = 20;

impl Workspace {
    pub(super) fn restore_point(&self, restore: &Restore, once: Option<&Idempotency>) -> Result<VersionInfo, EngineError> {
        self.need(Right::Land)?;
        let once = match Once::begin::<VersionInfo>(&self.store, &self.access.actor, Some(&self.state.id), once)? {
            Begun::Again(answer) => return Ok(answer),
            Begun::New(once) => once,
        };
        self.store.check_message(restore.message.as_deref())?;
        let branch = restore.branch.as_deref().map_or_else(|| Ok(self.state.default_branch()), branch_name)?;
        let line =
            self.state.line(&branch).ok_or_else(|| EngineError::not_found("branch_not_found", format!("there is no branch {branch}")))?;
        self.state.check_stopped(&branch)?;
        let point = self.point(Some(&restore.at))?;
        let subject = restore.message.clone().unwrap_or_else(|| format!("Restore {}", shown(&restore.at)));
        for _ in 0..ATTEMPTS {
            let head: Head = (**line.head.load()).clone();
            if head.tree == point.tree {
                return Err(EngineError::new(ErrorKind::Conflict, "restore_nothing", "the head has exactly these files already"));
            }
            let now = self.store.now();
            let restored = point.commit.map(|commit| commit.to_hex()).unwrap_or_default();
            let message = commit_message(&subject, &[("Acetate-Restores", &restored)]);
            let commit = agent_commit(&self.access.actor, now, point.tree, head.commit.into_iter().collect(), message);
            let mut objects = ObjectBatch::new(self.store.repo.format());
            let id = objects.commit(&commit);
            let number = self.state.numbering.lock().next;
            let answer = VersionInfo {
                version: number,
                commit: id,
                branch: branch.clone(),
                kind: "restore".to_owned(),
                session: None,
                agent: None,
                intent: None,
                message: String::from_utf8_lossy(commit.subject()).into_owned(),
                at: Timestamp(now.0),
            };
            let foreign = Foreign {
                commit: id,
                tree: point.tree,
                kind: "restore",
                actor: &self.access.actor,
                agent: "",
                author: self.access.actor.clone(),
                message: bytes::Bytes::copy_from_slice(commit.subject()),
                objects: vec![Arc::new(objects)],
                undoes: None,
                refs: Vec::new(),
                once: once.clone().map(|once| (once, json!(answer))),
            };
            match land_foreign(&self.store, &self.state, &line, &head, foreign) {
                Ok(head) => return Ok(VersionInfo { version: head.version.unwrap_or(number), ..answer }),
                Err(error) if error.code() == "branch_moved" => {}
                Err(error) => return Err(error),
            }
        }
        Err(EngineError::new(ErrorKind::Stale, "branch_moved", format!("{branch} moves all the time")).hint("try again in a moment"))
    }
}

/// A point as people read it.
fn shown(at: &str) -> &str {
    at.strip_prefix("refs/tags/").or_else(|| at.strip_prefix("refs/heads/")).unwrap_or(at)
}
