//! The operation log, and undoing by a further operation.

use super::Workspace;
use super::land::{Foreign, land_foreign};
use super::state::Head;
use crate::api::{OperationInfo, OperationPage, Right, Timestamp, Undo};
use crate::landing::{agent_commit, apply, commit_message, merge};
use crate::pipeline::RefMove;
use crate::store::{Begun, Once, keep_ref, page};
use crate::{EngineError, Idempotency};
use acetate_catalog::{Batch, EventDraft, Expected, OperationDraft, OperationRecord, Write};
use acetate_merge::SameSymbol;
use acetate_types::{ErrorKind, ObjectId, Text};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;

fn show(operation: OperationRecord) -> OperationInfo {
    OperationInfo {
        number: operation.number,
        kind: operation.kind,
        actor: operation.actor,
        at: Timestamp(operation.at),
        before: operation.before,
        after: operation.after,
        undoes: operation.undoes,
    }
}

fn id(value: &Value, field: &str) -> Option<ObjectId> {
    value.get(field)?.as_str()?.parse().ok()
}

fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field)?.as_str().map(str::to_owned)
}

impl Workspace {
    pub(super) fn operation_page(&self, before: Option<u64>, limit: Option<usize>) -> Result<OperationPage, EngineError> {
        let limit = page(limit, 100, 500)?;
        let mut operations: Vec<OperationInfo> =
            self.store.catalog.operations(&self.state.id, before, limit + 1)?.into_iter().map(show).collect();
        let more = operations.len() > limit;
        operations.truncate(limit);
        let next = operations.last().map(|last| last.number).filter(|_| more);
        Ok(OperationPage { operations, next })
    }

    pub(super) fn undo_operation(&self, undo: &Undo, once: Option<&Idempotency>) -> Result<OperationInfo, EngineError> {
        self.need(Right::Admin)?;
        let once = match Once::begin::<OperationInfo>(&self.store, &self.access.actor, Some(&self.state.id), once)? {
            // The number was not known yet when the answer was stored with its effect.
            Begun::Again(answer) => return self.undoing(answer.undoes.unwrap_or_default(), &answer.after),
            Begun::New(once) => once,
        };
        let operation = self.operation_to_undo(undo)?;
        let not_undoable = || {
            EngineError::invalid("operation_not_undoable", format!("operation {} ({}) can't be undone", operation.number, operation.kind))
        };
        match operation.kind.as_str() {
            "undo" if operation.detail.get("settings") == Some(&Value::Bool(true)) => self.set_back(&operation, once)?,
            // Undoing what moved a ref back moves it again.
            "undo" if text(&operation.detail, "ref").is_some() => {
                let name = text(&operation.detail, "ref").ok_or_else(not_undoable)?;
                let target = |side: &Value| id(side, "tag").or_else(|| id(side, "commit"));
                self.move_back(&operation, &name, target(&operation.after), target(&operation.before), once)?;
            }
            "land" | "push" | "merge" | "undo" | "restore" => self.undo_landing(&operation, once)?,
            "branch_created" => {
                let name = text(&operation.after, "branch").ok_or_else(not_undoable)?;
                self.move_back(&operation, &name, id(&operation.after, "commit"), None, once)?;
            }
            "branch_deleted" => {
                let name = text(&operation.before, "branch").ok_or_else(not_undoable)?;
                self.move_back(&operation, &name, None, id(&operation.before, "commit"), once)?;
            }
            "checkpoint_created" => {
                let name = text(&operation.after, "ref").ok_or_else(not_undoable)?;
                self.move_back(&operation, &name, id(&operation.after, "tag"), None, once)?;
            }
            "checkpoint_deleted" => {
                let name = text(&operation.before, "ref").ok_or_else(not_undoable)?;
                self.move_back(&operation, &name, None, id(&operation.before, "tag"), once)?;
            }
            "workspace_updated" => self.set_back(&operation, once)?,
            _ => return Err(not_undoable().hint("landings, pushes, restores, undos, branches, checkpoints and settings can")),
        }
        self.undoing(operation.number, &Value::Null)
    }

    /// The newest operation that undid another one; the one with this outcome, where that is known.
    fn undoing(&self, number: u64, after: &Value) -> Result<OperationInfo, EngineError> {
        let wanted = |done: &OperationRecord| {
            let same = |field: &str| after.get(field).is_none_or(|value| done.after.get(field) == Some(value));
            done.undoes == Some(number) && same("commit") && same("branch") && same("ref")
        };
        let mut before = None;
        loop {
            let page = self.store.catalog.operations(&self.state.id, before, 200)?;
            let Some(last) = page.last() else {
                return Err(EngineError::not_found("operation_not_found", format!("operation {number} was not undone")));
            };
            before = Some(last.number);
            if let Some(found) = page.into_iter().find(wanted) {
                return Ok(show(found));
            }
        }
    }

    /// The operation that is named, or the newest that stands: not undone, or redone since, and no undoing itself.
    fn operation_to_undo(&self, undo: &Undo) -> Result<OperationRecord, EngineError> {
        let missing = || EngineError::not_found("operation_not_found", "there is no such operation to undo");
        if let Some(number) = undo.operation {
            return self.store.catalog.operation(&self.state.id, number)?.ok_or_else(missing);
        }
        // From the newest on: an undoing that was itself undone undoes nothing.
        let mut undone: HashSet<u64> = HashSet::new();
        for operation in self.store.catalog.operations(&self.state.id, None, 500)? {
            if undone.contains(&operation.number) {
                continue;
            }
            match operation.undoes {
                Some(number) => drop(undone.insert(number)),
                None => return Ok(operation),
            }
        }
        Err(missing())
    }

    /// Lands the inverse of a landing: what it changed is taken back by a merge, what came later stays. Adds a version.
    fn undo_landing(&self, operation: &OperationRecord, once: Option<Once>) -> Result<(), EngineError> {
        let store = &self.store;
        let damaged = || EngineError::new(ErrorKind::Internal, "operation_damaged", "the operation's record is incomplete");
        let branch = text(&operation.after, "branch").ok_or_else(damaged)?;
        let done = id(&operation.after, "commit").ok_or_else(damaged)?;
        let line =
            self.state.line(&branch).ok_or_else(|| EngineError::not_found("branch_not_found", format!("the branch {branch} is gone")))?;
        let after = store.repo.commit(&done)?;
        let before = match id(&operation.before, "commit") {
            Some(before) => store.repo.commit(&before)?.tree,
            None => ObjectId::empty_tree(store.repo.format()),
        };
        let head: Head = (**line.head.load()).clone();
        let merged = merge(store, [&after.tree, &head.tree, &before], Vec::new(), SameSymbol::Merge)?;
        if !merged.is_clean() {
            let paths: Vec<_> = merged.conflicts.iter().take(20).map(|conflict| &conflict.path).collect();
            return Err(EngineError::new(ErrorKind::Conflict, "undo_conflict", "later work stands on what would be undone")
                .hint("undo the later work first, or change it in a session")
                .details(json!({ "paths": paths })));
        }
        let merged = apply(store, &head.tree, merged)?;
        if merged.tree == head.tree {
            return Err(EngineError::new(ErrorKind::Conflict, "undo_nothing", "nothing of the operation is left to undo"));
        }
        let mut objects = merged.objects;
        let now = store.now();
        let subject = String::from_utf8_lossy(after.subject()).into_owned();
        let message = commit_message(
            &format!("Undo \"{subject}\"\n\nThis undoes operation {} (commit {done}).", operation.number),
            &[("Acetate-Undoes", &done.to_hex())],
        );
        let commit = agent_commit(&self.access.actor, now, merged.tree, head.commit.into_iter().collect(), message.clone());
        let id = objects.commit(&commit);
        let answer = json!({
            "number": 0, "kind": "undo", "actor": self.access.actor, "at": now, "before": { "branch": branch, "commit": head.commit, "version": head.version },
            "after": { "branch": branch, "commit": id }, "undoes": operation.number,
        });
        let foreign = Foreign {
            commit: id,
            tree: merged.tree,
            kind: "undo",
            actor: &self.access.actor,
            agent: "",
            author: self.access.actor.clone(),
            message: bytes::Bytes::copy_from_slice(commit.subject()),
            objects: vec![Arc::new(objects)],
            undoes: Some(operation.number),
            refs: Vec::new(),
            once: once.map(|once| (once, answer)),
        };
        land_foreign(store, &self.state, &line, &head, foreign).map(|_| ())
    }

    /// What an undo that lands nothing says of itself: the operation, the event with `told`, and the answer for its key.
    pub(super) fn undone(
        &self,
        operation: &OperationRecord,
        [before, after]: [serde_json::Value; 2],
        detail: serde_json::Value,
        mut told: serde_json::Value,
        once: Option<Once>,
    ) -> Result<Batch, EngineError> {
        let (workspace, at) = (&self.state.id, self.store.now().0);
        told["operation"] = operation.number.into();
        let mut writes = Batch::default();
        if let Some(once) = once {
            let answer = json!({
                "number": 0, "kind": "undo", "actor": self.access.actor, "at": crate::api::Timestamp(at), "before": before, "after": after,
                "undoes": operation.number,
            });
            writes.push(once.write(&answer)?);
        }
        writes.push(Write::AddOperation(OperationDraft {
            workspace: workspace.clone(),
            kind: "undo".into(),
            actor: self.access.actor.clone(),
            at,
            before,
            after,
            undoes: Some(operation.number),
            detail,
        }));
        writes.push(Write::AddEvent(EventDraft { workspace: workspace.clone(), kind: "undone".into(), at, payload: told }));
        Ok(writes)
    }

    /// Puts a ref back to what it was, if it still is what the operation made it.
    fn move_back(
        &self,
        operation: &OperationRecord,
        name: &str,
        now: Option<ObjectId>,
        back: Option<ObjectId>,
        once: Option<Once>,
    ) -> Result<(), EngineError> {
        if back.is_none() && name == self.state.default_branch() {
            return Err(EngineError::new(ErrorKind::Conflict, "branch_default", "the default branch can't be deleted")
                .hint("make another branch the default first"));
        }
        if back.is_none() && name.starts_with("refs/heads/") {
            self.check_not_checked_out(name)?;
        }
        if let Some(back) = &back
            && self.store.repo.kind(back)?.is_none()
        {
            return Err(EngineError::not_found("object_missing", format!("{back}, which {name} named, is not there any more")));
        }
        let mut writes = Batch::default();
        let message = || "acetate: undo".to_owned();
        let mut refs = Vec::new();
        if let (Some(now), None) = (now, back) {
            // What goes can be had back by undoing this.
            let keep = keep_ref(self.state.id.as_str(), &now.to_hex());
            writes.push(Write::MoveRef {
                workspace: self.state.id.clone(),
                name: Text(keep.clone().into()),
                expected: Expected::Any,
                target: Some(now),
            });
            refs.push(RefMove { workspace: Arc::clone(&self.state), name: keep, target: Some(now), message: message() });
        }
        writes.push(Write::MoveRef {
            workspace: self.state.id.clone(),
            name: Text(name.to_owned().into()),
            expected: now.map_or(Expected::Absent, Expected::At),
            target: back,
        });
        let [before, after] = [operation.after.clone(), operation.before.clone()];
        writes
            .writes
            .extend(self.undone(operation, [before, after], json!({ "ref": name }), json!({ "ref": name, "commit": back }), once)?.writes);
        let head = match back.filter(|_| name.starts_with("refs/heads/")) {
            Some(commit) => Some(self.state.commit_point(&self.store, &commit)?),
            None => None,
        };
        refs.push(RefMove { workspace: Arc::clone(&self.state), name: name.to_owned(), target: back, message: message() });
        let published = (Arc::clone(&self.state), name.to_owned());
        let publish = Box::new(move |_: &acetate_catalog::Applied| match head {
            Some(head) => drop(published.0.add_line(&published.1, head)),
            None => drop(published.0.lines.pin().remove(published.1.as_str()).map(Arc::clone)),
        });
        self.store.pipeline.commit(Vec::new(), writes, refs, Some(publish)).map_err(|error| {
            if error.code() == "ref_moved" {
                EngineError::new(ErrorKind::Conflict, "undo_conflict", format!("{name} has moved since"))
            } else {
                error
            }
        })?;
        Ok(())
    }
}
