//! Landing what others made: commits that a push, an import or somebody at the checkout brought. They keep their parents.

use super::{Head, Line, WorkspaceState};
use crate::EngineError;
use crate::landing::tell_editors;
use crate::pipeline::{Guard, RefMove, Reply, Request};
use crate::store::{Once, Store};
use acetate_catalog::{Applied, Batch, EventDraft, Expected, OperationDraft, VersionRecord, Write};
use acetate_git::ObjectBatch;
use acetate_overlay::Overlay;
use acetate_types::{ObjectId, RepoPath, Text};
use serde_json::json;
use std::sync::Arc;

/// A commit that becomes the head of a branch as it is.
pub(crate) struct Foreign<'a> {
    pub(crate) commit: ObjectId,
    pub(crate) tree: ObjectId,
    /// `push`, `import`, `merge`, `undo`, `fork`.
    pub(crate) kind: &'static str,
    pub(crate) actor: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) author: String,
    pub(crate) message: bytes::Bytes,
    /// New objects that the commit needs.
    pub(crate) objects: Vec<Arc<ObjectBatch>>,
    /// The operation that this one undoes.
    pub(crate) undoes: Option<u64>,
    /// More refs that move in the same step.
    pub(crate) refs: Vec<RefMove>,
    /// An answer to keep; its `version`, where it has one, becomes the number that the landing is given.
    pub(crate) once: Option<(Once, serde_json::Value)>,
}

/// Makes a commit the head of a branch, as one version. The head must still be `expected`, durable or not.
///
/// # Errors
/// `branch_moved` when it is not.
pub(crate) fn land_foreign(
    store: &Arc<Store>,
    workspace: &Arc<WorkspaceState>,
    line: &Arc<Line>,
    expected: &Head,
    foreign: Foreign<'_>,
) -> Result<Head, EngineError> {
    let moved = || {
        EngineError::new(acetate_types::ErrorKind::Stale, "branch_moved", format!("{} has moved", line.name))
            .hint("look at the new head, then try again")
    };
    for batch in &foreign.objects {
        store.repo.stage(batch)?;
    }
    let unstage = |objects: &[Arc<ObjectBatch>]| objects.iter().for_each(|batch| store.repo.unstage(batch));
    let (paths, count) = changed_paths(store, &expected.tree, &foreign.tree).inspect_err(|_| unstage(&foreign.objects))?;
    let (end, head) = {
        let mut numbering = workspace.numbering.lock();
        let mut state = line.state.lock();
        if state.tip.commit != expected.commit {
            unstage(&foreign.objects);
            return Err(moved());
        }
        let number = numbering.next;
        let head = Head { commit: Some(foreign.commit), tree: foreign.tree, version: Some(number), position: state.tip.position + 1 };
        let now = store.now().0;
        let branch = Text(line.name.as_bytes().to_vec().into());
        let mut writes = Batch::default();
        writes.push(Write::MoveRef {
            workspace: workspace.id.clone(),
            name: branch.clone(),
            expected: expected.commit.map_or(Expected::Absent, Expected::At),
            target: Some(foreign.commit),
        });
        writes.push(Write::AddVersion(VersionRecord {
            workspace: workspace.id.clone(),
            number,
            commit: foreign.commit,
            tree: foreign.tree,
            branch,
            parent: expected.commit,
            kind: foreign.kind.into(),
            session: None,
            agent: foreign.agent.to_owned(),
            intent: String::new(),
            author: Text(foreign.author.into()),
            message: Text(foreign.message),
            at: now,
        }));
        writes.push(Write::AddOperation(OperationDraft {
            workspace: workspace.id.clone(),
            kind: foreign.kind.into(),
            actor: foreign.actor.to_owned(),
            at: now,
            before: json!({ "branch": &*line.name, "commit": expected.commit, "version": expected.version }),
            after: json!({ "branch": &*line.name, "commit": foreign.commit, "version": number }),
            undoes: foreign.undoes,
            detail: serde_json::Value::Null,
        }));
        writes.push(Write::AddEvent(EventDraft {
            workspace: workspace.id.clone(),
            kind: if foreign.kind == "undo" { "undone" } else { "landed" }.into(),
            at: now,
            payload: json!({
                "version": number, "commit": foreign.commit, "branch": &*line.name, "how": foreign.kind, "agent": foreign.agent,
                "paths": paths.iter().take(20).collect::<Vec<_>>(), "path_count": count,
            }),
        }));
        for moved in &foreign.refs {
            let name = Text(moved.name.clone().into());
            writes.push(Write::MoveRef { workspace: workspace.id.clone(), name, expected: Expected::Any, target: moved.target });
        }
        if let Some((once, mut answer)) = foreign.once {
            if let Some(version) = answer.get_mut("version") {
                *version = json!(number);
            }
            match once.write(&answer) {
                Ok(write) => writes.push(write),
                Err(error) => {
                    unstage(&foreign.objects);
                    return Err(error);
                }
            }
        }
        let mut refs = foreign.refs;
        refs.push(RefMove {
            workspace: Arc::clone(workspace),
            name: line.name.to_string(),
            target: Some(foreign.commit),
            message: format!("acetate: {} v{number}", foreign.kind),
        });
        let (reply, end) = Reply::pair();
        let published = (Arc::clone(store), Arc::clone(workspace), Arc::clone(line), head.clone());
        let publish = Box::new(move |_: &Applied| {
            let (store, workspace, line, head) = published;
            line.head.store(Arc::new(head.clone()));
            tell_editors(&store, &workspace, &line, None, head.version.unwrap_or_default(), paths);
        });
        let guard = Some(Guard { workspace: Arc::clone(workspace), epoch: numbering.epoch });
        store.pipeline.send(Request { objects: foreign.objects, writes, refs, guard, publish: Some(publish), reply });
        state.tip = head.clone();
        numbering.next += 1;
        (end, head)
    };
    end.wait()?;
    Ok(head)
}

/// Paths that events and notices of one landing are about, at most.
const TOLD: usize = 1000;

/// The files in which two trees differ, a bounded number of them, and how many there are.
fn changed_paths(store: &Store, before: &ObjectId, after: &ObjectId) -> Result<(Vec<RepoPath>, u64), EngineError> {
    // What stood there before can't be read: nobody knows what changed.
    if before.is_null() {
        return Ok((Vec::new(), 0));
    }
    let changes = Overlay::from_trees(&store.repo, *before, *after)?.changes(&store.repo)?;
    let count = changes.len() as u64;
    Ok((changes.into_iter().take(TOLD).map(|change| change.path).collect(), count))
}
