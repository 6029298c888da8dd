//! What a workspace is called and how it is set; what it shows of itself.

use super::glance::glance;
use super::names::{branch_name, check_name};
use super::state::Head;
use super::template::TEMPLATE;
use super::{Workspace, WorkspaceState, follow};
use crate::EngineError;
use crate::api::{
    MarkTemplate, OpenSession, Retention, RetentionChange, Right, SessionInfo, SessionList, TemplateMark, Timestamp, WorkspaceInfo,
    WorkspaceUpdate,
};
use crate::pipeline::RefMove;
use crate::session::session_info;
use crate::store::{Once, Store, project_head};
use acetate_catalog::{Batch, OperationRecord, WorkspaceRecord, Write};
use acetate_merge::SameSymbol;
use acetate_types::{ErrorKind, Text};
use serde::de::DeserializeOwned;
use serde_json::json;
use std::sync::Arc;

/// The setting that says what becomes of a symbol which both sides of a merge changed.
const SAME_SYMBOL: &str = "same_symbol";
/// The setting that says how long what is kept.
const RETENTION: &str = "retention";
/// The setting that bounds files.
const MAX_FILE: &str = "max_file_bytes";

/// A setting in a shape of its own; `None` where it is not set, or was written by a version with another shape.
pub(super) fn setting<T: DeserializeOwned>(record: &WorkspaceRecord, name: &str) -> Option<T> {
    T::deserialize(record.settings.get(name)?).ok()
}

fn set(record: &mut WorkspaceRecord, name: &str, value: serde_json::Value) {
    if !record.settings.is_object() {
        record.settings = json!({});
    }
    if let Some(settings) = record.settings.as_object_mut() {
        match value {
            serde_json::Value::Null => drop(settings.remove(name)),
            value => drop(settings.insert(name.to_owned(), value)),
        }
    }
}

/// Sets what is given.
pub(super) fn set_known(
    record: &mut WorkspaceRecord,
    portable: Option<bool>,
    same_symbol: Option<SameSymbol>,
    retention: Option<Retention>,
    max_file_bytes: Option<u64>,
) {
    if let Some(portable) = portable {
        set(record, "portable_paths", portable.into());
    }
    if let Some(same_symbol) = same_symbol {
        set(record, SAME_SYMBOL, same_symbol.as_str().into());
    }
    if let Some(retention) = retention {
        set(record, RETENTION, json!(retention));
    }
    if let Some(bytes) = max_file_bytes.filter(|bytes| *bytes > 0) {
        set(record, MAX_FILE, bytes.into());
    }
}

impl WorkspaceState {
    /// What becomes of a symbol that both sides of a submission changed, where the submission does not say.
    pub(crate) fn same_symbol(&self) -> SameSymbol {
        setting(&self.record.load(), SAME_SYMBOL).unwrap_or_default()
    }

    /// How long it keeps turns and the branches of ended sessions.
    pub(crate) fn retention(&self) -> Option<Retention> {
        setting(&self.record.load(), RETENTION)
    }

    /// The largest file that may be written, in bytes.
    pub(crate) fn max_file_bytes(&self) -> Option<u64> {
        setting(&self.record.load(), MAX_FILE)
    }

    /// The workspace as doors show it.
    pub(crate) fn show(&self, store: &Store, sessions: u64) -> WorkspaceInfo {
        let record = self.record.load();
        let diverged = self.damaged.first().or_else(|| self.diverged.first());
        let lagging = self.lagging.first().or_else(|| self.aside.first());
        WorkspaceInfo {
            id: self.id.clone(),
            name: record.name.clone(),
            description: Some(record.description.clone()).filter(|text| !text.is_empty()),
            default_branch: self.default_branch(),
            head: self.default_head(store).base(),
            sessions,
            in_place: record.in_place,
            lags: diverged.is_none() && lagging.is_some(),
            diverged: diverged.or(lagging),
            portable_paths: self.flag("portable_paths"),
            same_symbol: self.same_symbol(),
            template: self.template(),
            retention: self.retention(),
            max_file_bytes: self.max_file_bytes(),
            created: Timestamp(record.created),
            deleted: record.deleted.map(Timestamp),
            purged_after: record
                .deleted
                .map(|at| Timestamp(at).plus_millis(i64::try_from(store.options.limits.keep_deleted.as_millis()).unwrap_or(i64::MAX))),
            opened: None,
        }
    }
}

/// What the operation log says of a record.
fn summary(record: &WorkspaceRecord) -> serde_json::Value {
    json!({
        "name": record.name, "description": record.description, "default_branch": record.default_branch, "settings": record.settings,
        "deleted": record.deleted,
    })
}

impl Workspace {
    pub(super) fn show(&self) -> WorkspaceInfo {
        let sessions = self.store.sessions.pin().values().filter(|cell| cell.workspace.id == self.state.id).count() as u64;
        self.state.show(&self.store, sessions)
    }

    pub(super) fn live_sessions(&self) -> SessionList {
        let mut sessions: Vec<SessionInfo> = {
            let cells = self.store.sessions.pin();
            let seen =
                cells.values().filter(|cell| cell.workspace.id == self.state.id && self.access.sees_session(&cell.id, &self.state.id));
            seen.map(|cell| session_info(cell)).collect()
        };
        sessions.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
        SessionList { sessions }
    }

    pub(super) fn change_record(&self, update: &WorkspaceUpdate) -> Result<WorkspaceInfo, EngineError> {
        self.need(Right::Admin)?;
        if self.update_record("workspace_updated", |record| self.apply(update, record))? {
            project_head(&self.store, &self.state)?;
        }
        Ok(self.show())
    }

    fn apply(&self, update: &WorkspaceUpdate, after: &mut WorkspaceRecord) -> Result<(), EngineError> {
        if let Some(name) = &update.name {
            check_name(name)?;
            after.name.clone_from(name);
        }
        if let Some(description) = &update.description {
            self.store.check_message(Some(description))?;
            after.description.clone_from(description);
        }
        if let Some(branch) = &update.default_branch {
            let full = branch_name(branch)?;
            if self.state.line(&full).is_none() {
                return Err(EngineError::not_found("branch_not_found", format!("there is no branch {full}")));
            }
            after.default_branch = Text(full.into());
        }
        set_known(after, update.portable_paths, update.same_symbol, None, None);
        if let Some(mark) = &update.template {
            let mark = match mark {
                TemplateMark::Switch(true) => TemplateMark::Marked(MarkTemplate::default()),
                other => other.clone(),
            };
            set(after, TEMPLATE, self.template_mark(&mark)?);
        }
        match update.retention {
            None => {}
            Some(RetentionChange::Switch(false)) => set(after, RETENTION, serde_json::Value::Null),
            Some(RetentionChange::Switch(true)) => {
                return Err(EngineError::invalid("retention_invalid", "a retention policy says for how many days"));
            }
            Some(RetentionChange::Policy(policy)) => {
                // What is not named stays.
                let known = setting::<Retention>(after, RETENTION).unwrap_or_default();
                let policy = Retention {
                    turns_days: policy.turns_days.or(known.turns_days),
                    branches_days: policy.branches_days.or(known.branches_days),
                };
                set(after, RETENTION, json!(policy));
            }
        }
        match update.max_file_bytes {
            None => {}
            Some(0) => set(after, MAX_FILE, serde_json::Value::Null),
            Some(bytes) => set(after, MAX_FILE, bytes.into()),
        }
        Ok(())
    }

    /// Puts names and settings back to what they were before an operation, those of them that it changed and that nobody changed since.
    pub(super) fn set_back(&self, operation: &OperationRecord, once: Option<Once>) -> Result<(), EngineError> {
        self.put_back(operation, once)?;
        project_head(&self.store, &self.state)
    }

    fn put_back(&self, operation: &OperationRecord, once: Option<Once>) -> Result<(), EngineError> {
        let _changing = self.state.changing.lock();
        let before: WorkspaceRecord = (**self.state.record.load()).clone();
        let (was, made, now) = (&operation.before, &operation.after, summary(&before));
        let changed = |field: &str| was.get(field) != made.get(field);
        for field in ["name", "description", "default_branch", "settings"] {
            if changed(field) && now.get(field) != made.get(field) {
                return Err(EngineError::new(ErrorKind::Conflict, "undo_conflict", format!("the workspace's {field} was changed since"))
                    .hint("undo the later change first"));
            }
        }
        let said = |field: &str| was.get(field).and_then(serde_json::Value::as_str).map(str::to_owned).filter(|_| changed(field));
        let mut after = before.clone();
        if let Some(name) = said("name") {
            check_name(&name)?;
            after.name = name;
        }
        if let Some(description) = said("description") {
            after.description = description;
        }
        if let Some(branch) = said("default_branch") {
            if self.state.line(&branch).is_none() {
                return Err(EngineError::not_found("branch_not_found", format!("the branch {branch} is gone")));
            }
            after.default_branch = Text(branch.into());
        }
        if let Some(settings) = was.get("settings").filter(|_| changed("settings")) {
            after.settings = settings.clone();
        }
        let (old, new) = (summary(&before), summary(&after));
        let writes = self.undone(operation, [old, new], json!({ "settings": true }), json!({}), once)?;
        self.put_record(writes, after)
    }

    /// Changes the record and notes it as an operation; whether anything changed. What two change at once is kept of both.
    pub(super) fn update_record(
        &self,
        kind: &str,
        change: impl FnOnce(&mut WorkspaceRecord) -> Result<(), EngineError>,
    ) -> Result<bool, EngineError> {
        let _changing = self.state.changing.lock();
        let before = self.state.record.load_full();
        let mut after = (*before).clone();
        change(&mut after)?;
        if after == *before {
            return Ok(false);
        }
        let mut writes = Batch::default();
        self.note(&mut writes, kind, summary(&before), summary(&after));
        self.put_record(writes, after)?;
        Ok(true)
    }

    /// Writes the record; shown once it is durable. The caller holds `changing`.
    fn put_record(&self, mut writes: Batch, after: WorkspaceRecord) -> Result<(), EngineError> {
        writes.push(Write::UpdateWorkspace(after.clone()));
        let published = (Arc::clone(&self.state), after);
        let publish = Box::new(move |_: &acetate_catalog::Applied| published.0.record.store(Arc::new(published.1)));
        self.store.pipeline.commit(Vec::new(), writes, Vec::new(), Some(publish))?;
        Ok(())
    }

    /// Resolves what a session stands on.
    pub(super) fn stand(&self, open: &OpenSession) -> Result<(Arc<str>, Head), EngineError> {
        let branch = match &open.branch {
            Some(branch) => branch_name(branch)?,
            None => self.state.default_branch(),
        };
        let line =
            self.state.line(&branch).ok_or_else(|| EngineError::not_found("branch_not_found", format!("there is no branch {branch}")))?;
        if self.state.damaged.of(&branch).is_some() {
            self.state.check_stopped(&branch)?;
        }
        glance(&self.store, &self.state, &line);
        let head = line.head.load_full();
        let base = match &open.at {
            None => (*head).clone(),
            Some(at) => {
                let point = self.point(Some(at))?;
                let behind = head.version.unwrap_or(0).saturating_sub(point.version.unwrap_or(0));
                Head { position: head.position.saturating_sub(behind), ..point }
            }
        };
        Ok((Arc::clone(&line.name), base))
    }

    /// Looks at the branches on disk now.
    pub(super) fn catch_up_now(&self) -> Result<WorkspaceInfo, EngineError> {
        self.need(Right::Land)?;
        if self.state.in_place() {
            follow::look(&self.store, &self.state, false)?;
        }
        Ok(self.show())
    }

    /// A branch that somebody made on disk.
    pub(super) fn adopt_branch(&self, name: &str, head: Head) -> Result<(), EngineError> {
        let Some(commit) = head.commit else { return Ok(()) };
        let text = Text(name.to_owned().into());
        let mut writes = Batch::default();
        writes.push(Write::MoveRef {
            workspace: self.state.id.clone(),
            name: text.clone(),
            expected: acetate_catalog::Expected::Absent,
            target: Some(commit),
        });
        writes.push(Write::Projected { workspace: self.state.id.clone(), name: text, target: Some(commit) });
        self.note(&mut writes, "branch_created", json!({}), json!({ "branch": name, "commit": commit, "version": head.version }));
        let published = (Arc::clone(&self.state), name.to_owned());
        let publish = Box::new(move |_: &acetate_catalog::Applied| drop(published.0.add_line(&published.1, head)));
        let message = "acetate: follow".to_owned();
        let refs = vec![RefMove { workspace: Arc::clone(&self.state), name: name.to_owned(), target: Some(commit), message }];
        self.store.pipeline.commit(Vec::new(), writes, refs, Some(publish))?;
        Ok(())
    }
}
