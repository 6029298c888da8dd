//! Pushes: what a Git client sends, landed.
//!
//! A fast-forward of a branch lands unchanged as one version, else it is refused as stale. A push to `refs/for/<branch>` is a
//! submission: rebased and merged like a session's. Tags become checkpoints. Nothing of a push is visible before its pack has been
//! checked in quarantine.

use super::land::{Foreign, land_foreign};
use super::names::{branch_name, checkpoint_name};
use super::point::unborn;
use super::{AdvertisedRef, Head, PushCommand, PushReport, Workspace};
use crate::EngineError;
use crate::api::{OpenSession, Right, SubmissionOutcome, Submit};
use crate::pipeline::RefMove;
use crate::session::{OpenParts, Purpose, Session, open};
use acetate_catalog::{Batch, Expected, Write};
use acetate_git::ObjectKind;
use acetate_overlay::Overlay;
use acetate_types::{FileMode, ObjectId, RepoPath, Text};
use bytes::Bytes;
use serde_json::json;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

/// How long checking a pushed pack may take.
const TIME: Duration = Duration::from_secs(1800);
/// Most commands of one push.
const COMMANDS: usize = 1000;

impl Workspace {
    /// Durable branches and checkpoints, by name.
    pub(super) fn advertised(&self) -> Result<Vec<AdvertisedRef>, EngineError> {
        let mut all = Vec::new();
        let mut after: Option<Bytes> = None;
        loop {
            let page = self.store.catalog.references(&self.state.id, b"refs/", after.as_deref(), 1000)?;
            let Some(last) = page.last() else { return Ok(all) };
            after = Some(last.name.0.clone());
            for record in page {
                let name = record.name.0;
                if !(name.starts_with(b"refs/heads/") || name.starts_with(b"refs/tags/")) {
                    continue;
                }
                let peeled = if name.starts_with(b"refs/tags/") {
                    Some(self.store.repo.peel(&record.target)?.0).filter(|id| *id != record.target)
                } else {
                    None
                };
                all.push(AdvertisedRef { name, target: record.target, peeled });
            }
        }
    }

    pub(super) fn take_push(&self, commands: &[PushCommand], pack: Option<&mut (dyn Read + Send)>) -> Result<Vec<PushReport>, EngineError> {
        self.need(Right::Land)?;
        self.store.check_open()?;
        if commands.len() > COMMANDS {
            return Err(EngineError::limit("push_too_many_refs", format!("a push moves at most {COMMANDS} refs")));
        }
        let tips: Vec<ObjectId> = commands.iter().filter_map(|command| command.new).collect();
        let kept = match pack {
            Some(pack) if !tips.is_empty() => {
                Some(self.store.repo.ingest(pack, self.store.options.limits.import_bytes, &tips, TIME).map_err(|error| {
                    use acetate_types::Classify as _;
                    let mut problem = error.problem();
                    problem.code = "pack_rejected".into();
                    EngineError::from(problem)
                })?)
            }
            _ => {
                // Objects that are here may still lack what they stand on: `git gc` takes them one by one.
                let known: Vec<ObjectId> =
                    tips.into_iter().filter(|tip| self.store.repo.kind(tip).is_ok_and(|kind| kind.is_some())).collect();
                if !known.is_empty() {
                    self.store.repo.check_complete(&known, TIME).map_err(|error| {
                        EngineError::invalid("object_missing", format!("not everything is here that the push stands on: {error}"))
                            .hint("push again from a repository that has it all")
                    })?;
                }
                None
            }
        };
        let reports = commands
            .iter()
            .map(|command| PushReport { name: command.name.clone(), result: self.command(command).map_err(|error| error.to_string()) })
            .collect();
        if let Some(kept) = kept {
            // Refs reach what landed once the projector has been there; what was refused is for `git gc`.
            self.store.pipeline.project(crate::pipeline::Projection::Refs { refs: Vec::new(), written: Vec::new(), kept: Some(kept) });
        }
        Ok(reports)
    }

    fn command(&self, command: &PushCommand) -> Result<String, EngineError> {
        let name =
            std::str::from_utf8(&command.name).map_err(|_| EngineError::invalid("ref_name_invalid", "the ref's name is not UTF-8"))?;
        if let Some(new) = &command.new
            && self.store.repo.kind(new)?.is_none()
        {
            return Err(EngineError::invalid("object_missing", "the pushed object is missing"));
        }
        if let Some(branch) = name.strip_prefix("refs/for/") {
            return self.push_for(branch, command);
        }
        if name.starts_with("refs/tags/") {
            return self.push_tag(name, command);
        }
        if name.starts_with("refs/heads/") {
            return self.push_branch(&branch_name(name)?, command);
        }
        Err(EngineError::invalid("ref_not_pushable", "only branches, tags and refs/for/<branch> can be pushed"))
    }

    fn push_branch(&self, name: &str, command: &PushCommand) -> Result<String, EngineError> {
        let stale = || {
            EngineError::new(
                acetate_types::ErrorKind::Stale,
                "stale",
                "stale: fetch first, or push to refs/for/<branch> to have it rebased",
            )
        };
        let Some(new) = command.new else {
            if self.state.line(name).is_some_and(|line| line.head.load().commit != command.old) {
                return Err(stale());
            }
            self.remove_branch(name, None)?;
            return Ok("deleted; its tip is kept".to_owned());
        };
        if self.store.repo.kind(&new)? != Some(ObjectKind::Commit) {
            return Err(EngineError::invalid("not_a_commit", "a branch names a commit"));
        }
        self.state.check_stopped(name)?;
        let Some(line) = self.state.line(name) else {
            if command.old.is_some() {
                return Err(stale());
            }
            let point = self.state.commit_point(&self.store, &new)?;
            let default = self.state.default_head(&self.store);
            if default.commit.is_some() {
                self.check_paths(default.tree, point.tree)?;
            }
            self.start_branch(name.to_owned(), point, None)?;
            return Ok(format!("created {name}"));
        };
        let head: Head = (**line.head.load()).clone();
        if head.commit != command.old {
            return Err(stale());
        }
        if head.commit == Some(new) {
            return Ok("up to date".to_owned());
        }
        if let Some(old) = &head.commit
            && !self.store.repo.is_ancestor(old, &new)?
        {
            return Err(EngineError::new(
                acetate_types::ErrorKind::Stale,
                "not_fast_forward",
                "not a fast-forward: push to refs/for/<branch> to have it rebased",
            ));
        }
        let commit = self.store.repo.commit(&new)?;
        // A first push is an import: what it has may stay.
        if head.commit.is_some() {
            self.check_paths(head.tree, commit.tree)?;
        }
        let foreign = Foreign {
            commit: new,
            tree: commit.tree,
            kind: "push",
            actor: &self.access.actor,
            agent: "",
            author: format!("{} <{}>", String::from_utf8_lossy(&commit.author.name), String::from_utf8_lossy(&commit.author.email)),
            message: Bytes::copy_from_slice(commit.subject()),
            objects: Vec::new(),
            undoes: None,
            refs: Vec::new(),
            once: None,
        };
        let landed = land_foreign(&self.store, &self.state, &line, &head, foreign)?;
        Ok(format!("landed as v{}", landed.version.unwrap_or_default()))
    }

    /// Refuses what a session may not write either, as far as the base has not the like already.
    fn check_paths(&self, base: ObjectId, tree: ObjectId) -> Result<(), EngineError> {
        let portable = self.state.flag("portable_paths");
        for change in Overlay::from_trees(&self.store.repo, base, tree)?.changes(&self.store.repo)? {
            let Some(file) = &change.after else { continue };
            let refused = |error: acetate_types::PathError| {
                use acetate_types::Classify as _;
                let mut problem = EngineError::from(error).problem();
                problem.message = format!("{}: {}", change.path, problem.message);
                EngineError::from(problem)
            };
            if file.mode() == FileMode::Symlink && change.before.is_none_or(|(mode, _)| mode != FileMode::Symlink) {
                change.path.check_symlink().map_err(refused)?;
            }
            if change.before.is_some() {
                continue;
            }
            RepoPath::new(change.path.to_bytes()).map_err(refused)?;
            if let Some(warning) = change.path.portability().filter(|_| portable) {
                return Err(refused(acetate_types::PathError::NotPortable(warning)));
            }
        }
        Ok(())
    }

    /// A submission: a session on the merge base with the pushed tree, submitted and ended.
    fn push_for(&self, branch: &str, command: &PushCommand) -> Result<String, EngineError> {
        let Some(new) = command.new else { return Err(EngineError::invalid("ref_not_pushable", "refs/for/ holds nothing to delete")) };
        let name = branch_name(branch)?;
        let line =
            self.state.line(&name).ok_or_else(|| EngineError::not_found("branch_not_found", format!("there is no branch {name}")))?;
        let pushed = self.store.repo.commit(&new).map_err(|_| EngineError::invalid("not_a_commit", "a submission is a commit"))?;
        let head = line.head.load_full();
        let base = match head.commit {
            None => unborn(&self.store),
            Some(head_commit) => {
                let base = self.store.repo.merge_bases(&head_commit, &new)?.first().copied();
                let base =
                    base.ok_or_else(|| EngineError::invalid("unrelated_history", "the pushed commit shares no history with the branch"))?;
                if base == head_commit {
                    (*head).clone()
                } else {
                    Head { position: head.position, ..self.state.commit_point(&self.store, &base)? }
                }
            }
        };
        self.check_paths(base.tree, pushed.tree)?;
        let overlay = Overlay::from_trees(&self.store.repo, base.tree, pushed.tree)?;
        let agent: String = String::from_utf8_lossy(&pushed.author.name).chars().take(60).collect();
        let request = OpenSession {
            agent: if agent.trim().is_empty() { "git push".to_owned() } else { agent },
            intent: Some(format!("push to refs/for/{branch}")),
            ..OpenSession::default()
        };
        let parts = OpenParts {
            branch: Arc::clone(&line.name),
            base,
            overlay,
            owner: self.access.actor.as_str().into(),
            opener: self.access.token,
            purpose: Purpose::default(),
            parked: Vec::new(),
            reached: Vec::new(),
        };
        let opened = open(&self.store, &self.state, OpenSession { durability: crate::api::Durability::Memory, ..request }, parts)?;
        let cell = self.store.sessions.pin().get(&opened.id).map(Arc::clone).ok_or_else(|| crate::session::gone(&opened.id))?;
        let session = Session::new(Arc::clone(&self.store), cell, self.access.clone());
        let message = String::from_utf8_lossy(&pushed.message).into_owned();
        let submission = session.submit(Submit { message: Some(message), ..Submit::default() }, None);
        let closed = session.close(true);
        let submission = submission?;
        closed?;
        match submission.outcome {
            SubmissionOutcome::Landed { version, .. } => Ok(format!("landed as v{}", version.unwrap_or_default())),
            SubmissionOutcome::Conflict { conflicts, .. } => {
                let paths: Vec<String> = conflicts
                    .iter()
                    .take(5)
                    .map(|conflict| match &conflict.symbol {
                        Some(symbol) => format!("{} {symbol} ({})", conflict.path, conflict.kind),
                        None => format!("{} ({})", conflict.path, conflict.kind),
                    })
                    .collect();
                Err(EngineError::new(acetate_types::ErrorKind::Conflict, "conflict", format!("conflict: {}", paths.join(", "))))
            }
            SubmissionOutcome::Rejected { checks } => {
                Err(EngineError::new(acetate_types::ErrorKind::Conflict, "rejected", format!("rejected: {}", checks.join(", "))))
            }
        }
    }

    fn push_tag(&self, name: &str, command: &PushCommand) -> Result<String, EngineError> {
        let name = checkpoint_name(name)?;
        if let Some(new) = &command.new {
            if self.store.repo.peel(new)?.1 != ObjectKind::Commit {
                return Err(EngineError::invalid("not_a_commit", "a checkpoint names a commit"));
            }
            self.check_free(&name, "checkpoint_exists")?;
        }
        let mut writes = Batch::default();
        let kind = if command.new.is_some() { "checkpoint_created" } else { "checkpoint_deleted" };
        let expected = command.old.map_or(Expected::Absent, Expected::At);
        if command.old.is_some() && command.new.is_some() {
            return Err(EngineError::new(
                acetate_types::ErrorKind::Conflict,
                "checkpoint_exists",
                "a checkpoint is not moved; delete it first, or choose another name",
            ));
        }
        writes.push(Write::MoveRef { workspace: self.state.id.clone(), name: Text(name.clone().into()), expected, target: command.new });
        let mut refs = Vec::new();
        if let (Some(old), None) = (command.old, command.new) {
            let keep = crate::store::keep_ref(self.state.id.as_str(), &old.to_hex());
            writes.push(Write::MoveRef {
                workspace: self.state.id.clone(),
                name: Text(keep.clone().into()),
                expected: Expected::Any,
                target: Some(old),
            });
            refs.push(RefMove {
                workspace: Arc::clone(&self.state),
                name: keep,
                target: Some(old),
                message: "acetate: delete tag".to_owned(),
            });
        }
        self.note(&mut writes, kind, json!({ "ref": name, "tag": command.old }), json!({ "ref": name, "tag": command.new }));
        refs.push(RefMove {
            workspace: Arc::clone(&self.state),
            name: name.clone(),
            target: command.new,
            message: "acetate: push".to_owned(),
        });
        self.store.pipeline.commit(Vec::new(), writes, refs, None)?;
        Ok(if command.new.is_some() { format!("created {name}") } else { format!("deleted {name}") })
    }
}
