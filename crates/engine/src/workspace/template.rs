//! Templates: a workspace, or a point of it, that others are made from in one call, with a session in the new one if asked for.
//!
//! The new workspace has the template's history as a fork has its parent's, or a history of its own that begins with the template's files.

use super::create::{Origin, make, record};
use super::names::check_name;
use super::settings::setting;
use super::{Workspace, WorkspaceState};
use crate::api::{CreateWorkspace, Fork, TemplateHistory, TemplateInfo, TemplateMark, Timestamp, WorkspaceInfo};
use crate::landing::{commit_message, own_signature};
use crate::store::{Begun, Once};
use crate::{EngineError, Idempotency};
use acetate_catalog::WorkspaceRecord;
use acetate_git::{Commit, ObjectBatch};
use acetate_types::{ErrorKind, ObjectId, WorkspaceId};
use bytes::Bytes;
use serde_json::{Value, json};

/// The setting that marks a template.
pub(super) const TEMPLATE: &str = "template";

impl WorkspaceState {
    /// What the workspace is a template of, if it is one.
    pub(super) fn template(&self) -> Option<TemplateInfo> {
        setting(&self.record.load(), TEMPLATE)
    }
}

impl Workspace {
    /// The mark as it is kept: a point is resolved now, so that it stays what it is.
    pub(super) fn template_mark(&self, mark: &TemplateMark) -> Result<Value, EngineError> {
        let TemplateMark::Marked(asked) = mark else { return Ok(Value::Null) };
        let commit = match &asked.at {
            None => None,
            Some(at) => {
                let unborn = || EngineError::invalid("template_unborn", "a template's point needs a commit");
                Some(self.point(Some(at))?.commit.ok_or_else(unborn)?)
            }
        };
        Ok(json!(TemplateInfo { at: asked.at.clone(), commit, history: asked.history.unwrap_or_default() }))
    }

    /// Makes a workspace from this one.
    pub(super) fn instance(&self, create: &CreateWorkspace, once: Option<&Idempotency>) -> Result<WorkspaceInfo, EngineError> {
        let Some(template) = self.state.template() else {
            let name = self.state.record.load().name.clone();
            return Err(
                EngineError::invalid("not_a_template", format!("workspace {name:?} is no template")).hint("mark it first, or fork it")
            );
        };
        let at = template.commit.map(|commit| commit.to_hex());
        match create.history.unwrap_or(template.history) {
            TemplateHistory::Template => {
                let fork = Fork { name: create.name.clone(), at };
                self.fork_off(&fork, once)
            }
            TemplateHistory::Own => self.begin_anew(create, at.as_deref(), once),
        }
    }

    /// A workspace whose first commit has the files of this one.
    fn begin_anew(&self, create: &CreateWorkspace, at: Option<&str>, once: Option<&Idempotency>) -> Result<WorkspaceInfo, EngineError> {
        let store = &self.store;
        let once = match Once::begin::<WorkspaceInfo>(store, &self.access.actor, None, once)? {
            Begun::Again(answer) => return Ok(answer),
            Begun::New(once) => once,
        };
        store.check_open()?;
        let id = WorkspaceId::from_random(store.random());
        let own = self.state.record.load().name.clone();
        let name = create.name.clone().unwrap_or_else(|| format!("{own}-{}", &id.as_str()[2..8]));
        check_name(&name)?;
        if store.catalog.workspace_named(&name)?.is_some() {
            return Err(EngineError::new(ErrorKind::Conflict, "name_taken", format!("there is a workspace {name:?} already"))
                .hint("choose another name"));
        }
        let branch = self.state.default_branch();
        let mut record: WorkspaceRecord = record(store, id, name, create, &branch);
        record.settings = inherited(&self.state.record.load().settings);
        let point = self.point(at)?;
        if point.commit.is_none() {
            return make(store, &self.access, record, Origin::Imported(&[]), "workspace_created", once);
        }
        let mut objects = ObjectBatch::new(store.repo.format());
        let refs = [(branch, objects.commit(&first_commit(store.now(), &point.tree, &own)))];
        make(store, &self.access, record, Origin::Begun(&refs, objects), "workspace_created", once)
    }
}

/// The settings that a workspace made from another begins with: all but what is about that one alone.
pub(super) fn inherited(settings: &Value) -> Value {
    let mut settings = settings.clone();
    if let Some(settings) = settings.as_object_mut() {
        settings.remove(TEMPLATE);
    }
    settings
}

/// A commit without parents.
fn first_commit(now: Timestamp, tree: &ObjectId, template: &str) -> Commit {
    let signature = own_signature(now);
    let message = commit_message(&format!("Start from {template}"), &[("Acetate-Template", template)]);
    Commit { tree: *tree, parents: Vec::new(), author: signature.clone(), committer: signature, extra: Bytes::new(), message }
}
