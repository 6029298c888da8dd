//! What a bundle says of the workspace it was made of, in a ref of its own: a commit with one file, `workspace.json`. Git takes it for a ref
//! like any other, and leaves it alone.
//!
//! Invariant: it is text from outside. Only settings that are known are taken, each as if somebody had set it; whatever can't be read is
//! passed over.

use super::{Workspace, settings};
use crate::api::{Retention, SameSymbol};
use crate::landing::own_signature;
use crate::store::Store;
use crate::{EngineError, api::Timestamp};
use acetate_catalog::{Batch, WorkspaceRecord};
use acetate_git::{Commit, ObjectBatch};
use acetate_types::{EntryKind, FileMode, ObjectId, Objects as _, Text, Tree, TreeEntry};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The ref.
pub(super) const SETTINGS_REF: &str = "refs/acetate/workspace";
const FILE: &[u8] = b"workspace.json";
/// Longer files are passed over, in bytes.
const MOST: u64 = 64 << 10;

/// The settings that travel.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct BundledSettings {
    name: String,
    description: String,
    default_branch: String,
    portable_paths: Option<bool>,
    same_symbol: Option<SameSymbol>,
    retention: Option<Retention>,
    max_file_bytes: Option<u64>,
}

impl BundledSettings {
    /// From the commit that the ref names.
    pub(super) fn read(store: &Store, commit: &ObjectId) -> Option<Self> {
        let (commit, _) = store.repo.peel(commit).ok()?;
        let tree = store.repo.tree(&store.repo.commit(&commit).ok()?.tree).ok()?;
        let file = tree.get(FILE)?;
        if store.repo.blob_size(&file.id).ok()? > MOST {
            return None;
        }
        serde_json::from_slice(&store.repo.blob(&file.id).ok()?).ok()
    }

    /// Sets a new workspace as these say, as far as they make sense there.
    pub(super) fn apply(self, record: &mut WorkspaceRecord, description: bool, refs: &[(String, ObjectId)]) {
        if description && self.description.len() <= 10_000 && !self.description.contains('\0') {
            record.description = self.description;
        }
        if self.default_branch.starts_with("refs/heads/") && refs.iter().any(|(name, _)| *name == self.default_branch) {
            record.default_branch = Text(self.default_branch.into());
        }
        settings::set_known(record, self.portable_paths, self.same_symbol, self.retention, self.max_file_bytes);
    }
}

impl Workspace {
    /// The commit that says how this workspace is set, durable. The same settings are the same commit.
    pub(super) fn settings_commit(&self) -> Result<ObjectId, EngineError> {
        let record = self.state.record.load();
        let said = BundledSettings {
            name: record.name.clone(),
            description: record.description.clone(),
            default_branch: self.state.default_branch(),
            portable_paths: Some(self.state.flag("portable_paths")).filter(|set| *set),
            same_symbol: Some(self.state.same_symbol()),
            retention: self.state.retention(),
            max_file_bytes: self.state.max_file_bytes(),
        };
        let text = serde_json::to_vec_pretty(&said)
            .map_err(|error| EngineError::new(acetate_types::ErrorKind::Internal, "internal", error.to_string()))?;
        let mut objects = ObjectBatch::new(self.store.repo.format());
        let file = TreeEntry { name: Bytes::from_static(FILE), kind: EntryKind::File(FileMode::Regular), id: objects.blob(text.into()) };
        let tree = objects.tree(Tree::new(vec![file]));
        let signature = own_signature(Timestamp(record.created));
        let message = Bytes::from_static(b"The workspace's settings\n");
        let commit = Commit { tree, parents: Vec::new(), author: signature.clone(), committer: signature, extra: Bytes::new(), message };
        let id = objects.commit(&commit);
        if self.store.repo.kind(&id)?.is_none() {
            self.store.repo.stage(&objects)?;
            self.store.pipeline.commit(vec![Arc::new(objects)], Batch::default(), Vec::new(), None)?;
        }
        Ok(id)
    }
}
