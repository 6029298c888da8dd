//! Checkpoints: annotated tags.

use super::Workspace;
use super::names::checkpoint_name;
use crate::api::{CheckpointInfo, CreateCheckpoint, Right};
use crate::landing::own_signature;
use crate::pipeline::RefMove;
use crate::store::{Begun, Once};
use crate::{EngineError, Idempotency};
use acetate_catalog::{Batch, Expected, RefRecord, Write};
use acetate_git::{ObjectBatch, ObjectKind, Tag};
use acetate_types::{ErrorKind, Text};
use bytes::Bytes;
use serde_json::json;
use std::sync::Arc;

impl Workspace {
    pub(super) fn all_checkpoints(&self) -> Result<Vec<CheckpointInfo>, EngineError> {
        let mut all = Vec::new();
        let mut after: Option<Bytes> = None;
        loop {
            let page = self.store.catalog.references(&self.state.id, b"refs/tags/", after.as_deref(), 1000)?;
            let Some(last) = page.last() else { return Ok(all) };
            after = Some(last.name.0.clone());
            for record in &page {
                all.extend(self.show_checkpoint(record)?);
            }
        }
    }

    /// A tag as a checkpoint; tags of trees and blobs are none.
    fn show_checkpoint(&self, record: &RefRecord) -> Result<Option<CheckpointInfo>, EngineError> {
        let (commit, kind) = self.store.repo.peel(&record.target)?;
        if kind != ObjectKind::Commit {
            return Ok(None);
        }
        let message = if commit == record.target { None } else { Some(Text(self.store.repo.tag(&record.target)?.message)) };
        let name = String::from_utf8_lossy(record.name.0.strip_prefix(b"refs/tags/").unwrap_or(&record.name.0)).into_owned();
        let version = self.store.catalog.version_of(&self.state.id, &commit)?.map(|version| version.number);
        Ok(Some(CheckpointInfo { name, commit, version, tag: record.target, message }))
    }

    pub(super) fn add_checkpoint(&self, create: &CreateCheckpoint, once: Option<&Idempotency>) -> Result<CheckpointInfo, EngineError> {
        self.need(Right::Land)?;
        self.name_point(create, once)
    }

    /// Names a point, for a caller whose rights were looked at.
    pub(crate) fn name_point(&self, create: &CreateCheckpoint, once: Option<&Idempotency>) -> Result<CheckpointInfo, EngineError> {
        let once = match Once::begin::<CheckpointInfo>(&self.store, &self.access.actor, Some(&self.state.id), once)? {
            Begun::Again(answer) => return Ok(answer),
            Begun::New(once) => once,
        };
        self.store.check_message(create.message.as_deref())?;
        let full = checkpoint_name(&create.name)?;
        let name = full.strip_prefix("refs/tags/").unwrap_or(&full).to_owned();
        let head = self.point(create.at.as_deref())?;
        let Some(commit) = head.commit else {
            return Err(EngineError::invalid("checkpoint_unborn", "there is no commit to name").hint("land something first"));
        };
        self.check_free(&full, "checkpoint_exists")?;
        let message = create.message.as_deref().map(str::trim).filter(|message| !message.is_empty()).unwrap_or(&name);
        let tag = Tag {
            target: commit,
            kind: ObjectKind::Commit,
            name: Bytes::from(name.clone()),
            tagger: Some(own_signature(self.store.now())),
            message: Bytes::from(format!("{message}\n")),
        };
        let mut objects = ObjectBatch::new(self.store.repo.format());
        let id = objects.tag(&tag);
        let answer = CheckpointInfo { name: name.clone(), commit, version: head.version, tag: id, message: Some(Text(tag.message)) };
        let mut writes = Batch::default();
        writes.push(Write::MoveRef {
            workspace: self.state.id.clone(),
            name: Text(full.clone().into()),
            expected: Expected::Absent,
            target: Some(id),
        });
        self.note(
            &mut writes,
            "checkpoint_created",
            json!({}),
            json!({ "ref": full, "tag": id, "commit": commit, "version": head.version, "name": name }),
        );
        if let Some(once) = &once {
            writes.push(once.write(&answer)?);
        }
        self.store.repo.stage(&objects)?;
        let refs = vec![RefMove {
            workspace: Arc::clone(&self.state),
            name: full.clone(),
            target: Some(id),
            message: "acetate: checkpoint".to_owned(),
        }];
        self.store.pipeline.commit(vec![Arc::new(objects)], writes, refs, None).map_err(|error| {
            if error.code() == "ref_moved" {
                EngineError::new(ErrorKind::Conflict, "checkpoint_exists", format!("{full} exists already")).hint("choose another name")
            } else {
                error
            }
        })?;
        Ok(answer)
    }
}
