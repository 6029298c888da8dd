//! The landers: threads that take a line in hand and work it off.

use super::conflicts::{Conflicts, conflict_infos};
use super::merge::{MergedTree, merge_onto};
use super::submission::{Landed, Landing, Outcome};
use super::write::{agent_commit, commit_message};
use crate::EngineError;
use crate::api::{Notice, Person};
use crate::pipeline::{Guard, Publish, RefMove, Reply, Request};
use crate::session::{PendingConflicts, ref_writes};
use crate::store::Store;
use crate::workspace::{Head, Line, WorkspaceState};
use acetate_catalog::{Batch, EventDraft, OperationDraft, SubmissionRecord, VersionRecord, Write};
use acetate_git::ObjectBatch;
use acetate_types::{ErrorKind, RepoPath, SessionId, Text};
use crossbeam_channel::{Receiver, Sender, unbounded};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a lander receives.
pub(crate) enum Work {
    /// A line that somebody joined.
    Line(Arc<WorkspaceState>, Arc<Line>),
    /// The store closes; one for each thread.
    Stop,
}

/// The way into the landing lines.
pub(crate) struct Lander(Sender<Work>);

impl Lander {
    /// The lander, and what its threads receive. Unbounded is right: a line is sent only while it is not in hand.
    pub(crate) fn new() -> (Self, Receiver<Work>) {
        let (sender, receiver) = unbounded();
        (Self(sender), receiver)
    }

    /// Joins a branch's line.
    ///
    /// # Errors
    /// When the line is full.
    pub(crate) fn join(
        &self,
        workspace: &Arc<WorkspaceState>,
        line: &Arc<Line>,
        landing: Landing,
        limit: usize,
    ) -> Result<(), EngineError> {
        let mut state = line.state.lock();
        if state.queue.len() >= limit {
            return Err(EngineError::limit("line_full", format!("{} submissions wait for this branch already", state.queue.len()))
                .hint("try again in a moment"));
        }
        state.queue.push_back(landing);
        let schedule = !std::mem::replace(&mut state.scheduled, true);
        drop(state);
        if schedule {
            let _ = self.0.send(Work::Line(Arc::clone(workspace), Arc::clone(line)));
        }
        Ok(())
    }

    /// Ends so many threads once they have done what was sent before.
    pub(crate) fn stop(&self, threads: usize) {
        for _ in 0..threads {
            let _ = self.0.send(Work::Stop);
        }
    }
}

/// Takes lines in hand until the store closes.
pub(crate) fn run(store: &Arc<Store>, work: &Receiver<Work>) {
    while let Ok(Work::Line(workspace, line)) = work.recv() {
        loop {
            let landing = {
                let mut state = line.state.lock();
                match state.queue.pop_front() {
                    Some(landing) => landing,
                    None => {
                        state.scheduled = false;
                        break;
                    }
                }
            };
            land(store, &workspace, &line, landing);
        }
    }
}

/// Merges one submission onto the tip and sends it to the pipeline. Answers itself only where nothing is to be made durable.
fn land(store: &Arc<Store>, workspace: &Arc<WorkspaceState>, line: &Arc<Line>, landing: Landing) {
    loop {
        let epoch = workspace.numbering.lock().epoch;
        let tip = line.state.lock().tip.clone();
        match prepare(store, workspace, &line.name, &tip, &landing) {
            Err(error) => {
                let _ = landing.reply.send(Err(error));
                return;
            }
            Ok(prepared) => {
                if send(store, workspace, line, &tip, epoch, &landing, prepared) {
                    return;
                }
                // Something that this stood on failed meanwhile: once more, on what is durable now.
            }
        }
    }
}

enum Prepared {
    /// With the files that it changes.
    Merged(Box<MergedTree>, Vec<RepoPath>),
    Nothing,
    Conflicts(Conflicts),
}

fn prepare(
    store: &Arc<Store>,
    workspace: &Arc<WorkspaceState>,
    branch: &str,
    tip: &Head,
    landing: &Landing,
) -> Result<Prepared, EngineError> {
    workspace.check_stopped(branch)?;
    let merged = match merge_onto(store, &landing.base.tree, &tip.tree, &landing.tree, &landing.moves, landing.same_symbol)? {
        Ok(merged) => merged,
        Err(merge) => {
            let person = Person {
                name: landing.session.agent.to_string(),
                intent: landing.session.intent.as_deref().map(ToOwned::to_owned),
                session: Some(landing.session.id.clone()),
                version: None,
            };
            let resolutions = PendingConflicts::resolutions_of(&landing.record.conflicts);
            let conflicts = &merge.conflicts;
            return conflict_infos(store, workspace, &landing.base, tip, &person, conflicts, &resolutions).map(Prepared::Conflicts);
        }
    };
    // A merge that changes nothing is recorded all the same, once.
    let merges = landing.session.purpose.merges.filter(|_| merged.tree == tip.tree);
    let is_new = match merges.zip(tip.commit) {
        Some((merges, tip)) => !store.repo.is_ancestor(&merges, &tip)?,
        None => false,
    };
    if merged.tree == tip.tree && !is_new {
        return Ok(Prepared::Nothing);
    }
    let files = merged.files(store, &tip.tree)?;
    Ok(Prepared::Merged(Box::new(merged), files))
}

/// What goes to the pipeline.
struct Made {
    objects: Vec<Arc<ObjectBatch>>,
    writes: Batch,
    refs: Vec<RefMove>,
    outcome: Outcome,
    /// The head it makes, if it makes one.
    head: Option<Head>,
    /// Files that it changes, a bounded number of them.
    paths: Vec<RepoPath>,
}

/// Shows the new head, and tells the sessions that edit what has landed.
fn publish(
    store: &Arc<Store>,
    workspace: &Arc<WorkspaceState>,
    line: &Arc<Line>,
    landing: &Landing,
    head: Head,
    paths: Vec<RepoPath>,
) -> Publish {
    let (store, workspace, line, own) = (Arc::clone(store), Arc::clone(workspace), Arc::clone(line), landing.session.id.clone());
    Box::new(move |_| {
        let version = head.version.unwrap_or_default();
        if let Some(commit) = head.commit {
            store.landed.want(commit);
        }
        line.head.store(Arc::new(head));
        tell_editors(&store, &workspace, &line, Some(&own), version, paths);
    })
}

/// Tells the sessions that edit what has landed that the head moved under them.
pub(crate) fn tell_editors(
    store: &Store,
    workspace: &WorkspaceState,
    line: &Line,
    own: Option<&SessionId>,
    version: u64,
    paths: Vec<RepoPath>,
) {
    let mut met: BTreeMap<SessionId, Vec<RepoPath>> = BTreeMap::new();
    for path in paths {
        for session in workspace.live.editors(&path) {
            met.entry(session).or_default().push(path.clone());
        }
    }
    if let Some(own) = own {
        met.remove(own);
    }
    let sessions = store.sessions.pin();
    for (session, mut paths) in met {
        if let Some(cell) = sessions.get(&session).filter(|cell| cell.branch == line.name) {
            paths.truncate(20);
            store.landed.will_merge(session.clone(), paths.clone());
            cell.notice(Notice::HeadMoved { version, paths });
        }
    }
}

/// Numbers the version and hands it to the pipeline, both under the numbering lock. `false` if it has to be prepared again.
fn send(
    store: &Arc<Store>,
    workspace: &Arc<WorkspaceState>,
    line: &Arc<Line>,
    tip: &Head,
    epoch: u64,
    landing: &Landing,
    prepared: Prepared,
) -> bool {
    store.point("landing.before_send");
    let mut numbering = workspace.numbering.lock();
    if numbering.epoch != epoch || line.state.lock().tip != *tip {
        return false;
    }
    let made = match make(store, workspace, line, tip, numbering.next, landing, prepared) {
        Ok(made) => made,
        Err(error) => {
            let _ = landing.reply.send(Err(error));
            return true;
        }
    };
    let (reply, end) = Reply::pair();
    let publish = made.head.clone().map(|head| publish(store, workspace, line, landing, head, made.paths));
    let guard = Some(Guard { workspace: Arc::clone(workspace), epoch });
    store.pipeline.send(Request { objects: made.objects, writes: made.writes, refs: made.refs, guard, publish, reply });
    if let Some(head) = made.head {
        line.state.lock().tip = head;
        numbering.next += 1;
    }
    drop(numbering);
    store.point("landing.after_send");
    let _ = landing.reply.send(Ok((made.outcome, end)));
    true
}

/// Makes the commit, the records and the refs. Pure of I/O: only hashing happens under the numbering lock.
fn make(
    store: &Store,
    workspace: &Arc<WorkspaceState>,
    line: &Line,
    tip: &Head,
    number: u64,
    landing: &Landing,
    prepared: Prepared,
) -> Result<Made, EngineError> {
    let mut writes = Batch { writes: landing.turn_event.iter().cloned().map(Write::AddEvent).collect() };
    let mut refs = landing.refs.clone();
    let mut objects = vec![Arc::clone(&landing.objects)];
    let mut touched = Vec::new();
    let (outcome, head) = match prepared {
        // Also conflicts and "nothing to land" wait until the head they were computed against is durable.
        Prepared::Conflicts(conflicts) => {
            writes.writes.extend(stands(workspace, &line.name, tip));
            writes.writes.extend(ref_writes(&refs));
            let mut record = landing.record.clone();
            record.conflicts = PendingConflicts::renewed(&record.conflicts, conflicts.clone(), tip.clone(), landing.same_symbol).to_json();
            writes.push(Write::PutSession(record));
            (Outcome::Conflict { conflicts, against: tip.clone() }, None)
        }
        Prepared::Nothing => {
            writes.writes.extend(stands(workspace, &line.name, tip));
            stand_on(&mut writes, &mut refs, workspace, landing, tip);
            (Outcome::Landed(Landed { head: tip.clone(), unchanged: true, paths: 0, findings: Vec::new() }), None)
        }
        Prepared::Merged(merged, files) => {
            let MergedTree { tree, objects: mut batch, count, findings, .. } = *merged;
            let now = store.now();
            let turn = landing.turn.to_string();
            let version = format!("v{number}");
            let trailers = [
                ("Acetate-Version", version.as_str()),
                ("Acetate-Session", landing.session.id.as_str()),
                ("Acetate-Agent", &landing.session.agent),
                ("Acetate-Turn", turn.as_str()),
                ("Acetate-Intent", landing.session.intent.as_deref().unwrap_or_default()),
            ];
            let message = commit_message(&landing.message, &trailers);
            let merges = landing.session.purpose.merges;
            let parents = tip.commit.into_iter().chain(merges).collect();
            let commit = agent_commit(&landing.session.agent, now, tree, parents, message);
            let author = format!("{} <{}>", String::from_utf8_lossy(&commit.author.name), String::from_utf8_lossy(&commit.author.email));
            let subject = Text(commit.message.slice_ref(commit.subject()));
            let id = batch.commit(&commit);
            store.repo.stage(&batch)?;
            objects.push(Arc::new(batch));
            let head = Head { commit: Some(id), tree, version: Some(number), position: tip.position + 1 };
            let intent = landing.session.intent.as_deref().unwrap_or_default().to_owned();
            let shown: Vec<_> = files.iter().take(20).collect();
            let count = count.max(files.len() as u64);
            writes.push(move_ref(workspace, &line.name, tip, id));
            writes.push(Write::AddVersion(VersionRecord {
                workspace: workspace.id.clone(),
                number,
                commit: id,
                tree,
                branch: Text(line.name.as_bytes().to_vec().into()),
                parent: tip.commit,
                kind: if merges.is_some() { "merge" } else { "landing" }.into(),
                session: Some(landing.session.id.clone()),
                agent: landing.session.agent.to_string(),
                intent,
                author: Text(author.into()),
                message: subject,
                at: now.0,
            }));
            writes.push(Write::AddOperation(OperationDraft {
                workspace: workspace.id.clone(),
                kind: "land".into(),
                actor: landing.actor.clone(),
                at: now.0,
                before: json!({ "branch": &*line.name, "commit": tip.commit, "version": tip.version }),
                after: json!({ "branch": &*line.name, "commit": id, "version": number }),
                undoes: None,
                detail: json!({ "session": landing.session.id, "submission": landing.id, "paths": count }),
            }));
            writes.push(Write::AddEvent(EventDraft {
                workspace: workspace.id.clone(),
                kind: "landed".into(),
                at: now.0,
                payload: json!({
                    "version": number, "commit": id, "branch": &*line.name, "session": landing.session.id, "agent": &*landing.session.agent,
                    "intent": landing.session.intent, "paths": shown, "path_count": count,
                }),
            }));
            stand_on(&mut writes, &mut refs, workspace, landing, &head);
            refs.push(RefMove {
                workspace: Arc::clone(workspace),
                name: line.name.to_string(),
                target: Some(id),
                message: format!("acetate: land {version}"),
            });
            touched = files;
            (Outcome::Landed(Landed { head: head.clone(), unchanged: false, paths: count, findings }), Some(head))
        }
    };
    record_answer(store, workspace, landing, &outcome, &mut writes)?;
    Ok(Made { objects, writes, refs, outcome, head, paths: touched })
}

/// The branch moves from the tip to the new commit.
fn move_ref(workspace: &WorkspaceState, branch: &str, tip: &Head, target: acetate_types::ObjectId) -> Write {
    Write::MoveRef {
        workspace: workspace.id.clone(),
        name: Text(branch.as_bytes().to_vec().into()),
        expected: tip.commit.map_or(acetate_catalog::Expected::Absent, acetate_catalog::Expected::At),
        target: Some(target),
    }
}

/// Holds the branch to be where it is: an answer that was computed against a tip which never became durable is void.
fn stands(workspace: &WorkspaceState, branch: &str, tip: &Head) -> Option<Write> {
    tip.commit.map(|commit| move_ref(workspace, branch, tip, commit))
}

/// The session stands on `head` from now on; its turn commits are kept by a ref of their own.
fn stand_on(writes: &mut Batch, refs: &mut Vec<RefMove>, workspace: &Arc<WorkspaceState>, landing: &Landing, head: &Head) {
    let (record, moves) = crate::session::stand_on(workspace, &landing.record, head);
    // They say what becomes of the same refs that the turn moved.
    refs.retain(|turn| !moves.iter().any(|moved| moved.name == turn.name));
    refs.extend(moves);
    writes.writes.extend(ref_writes(refs));
    writes.push(Write::PutSession(Box::new(record)));
}

/// The submission's record, and the answer for a repeated call.
fn record_answer(
    store: &Store,
    workspace: &WorkspaceState,
    landing: &Landing,
    outcome: &Outcome,
    writes: &mut Batch,
) -> Result<(), EngineError> {
    let answer = outcome.submission(landing);
    let now = store.now().0;
    writes.push(Write::PutSubmission(SubmissionRecord {
        id: landing.id.clone(),
        workspace: workspace.id.clone(),
        session: landing.session.id.clone(),
        state: outcome.state().into(),
        answer: serde_json::to_value(&answer)
            .map_err(|error| EngineError::new(ErrorKind::Internal, "submission_answer", error.to_string()))?,
        created: now,
        finished: Some(now),
    }));
    if let Some(once) = &landing.once {
        writes.push(once.write(&answer)?);
    }
    Ok(())
}
