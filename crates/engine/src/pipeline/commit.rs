//! The pipeline's thread.

use super::project::{self, Projection};
use super::request::{Message, Request, retry};
use crate::EngineError;
use crate::api::{Event, Timestamp};
use crate::store::{Health, Store};
use acetate_catalog::{Applied, Batch, Write};
use acetate_git::{KeptPack, ObjectBatch};
use acetate_types::ObjectId;
use crossbeam_channel::Receiver;
use std::sync::Arc;

/// Bounds of one group: enough to drown the cost of the syncs, small enough to fit in memory.
const GROUP_REQUESTS: usize = 8192;
const GROUP_BYTES: u64 = 256 << 20;

/// Takes requests until the store closes.
pub(crate) fn run(store: &Arc<Store>, requests: &Receiver<Message>) {
    while let Ok(Message::Request(first)) = requests.recv() {
        let mut bytes = size(&first);
        let mut group = vec![first];
        let mut stop = false;
        while group.len() < GROUP_REQUESTS && bytes < GROUP_BYTES {
            match requests.try_recv() {
                Ok(Message::Request(next)) => {
                    bytes += size(&next);
                    group.push(next);
                }
                Ok(Message::Stop) => {
                    stop = true;
                    break;
                }
                Err(_) => break,
            }
        }
        commit(store, group);
        if stop {
            break;
        }
    }
}

fn size(request: &Request) -> u64 {
    request.objects.iter().map(|batch| batch.bytes()).sum()
}

/// Makes one group durable and answers it.
fn commit(store: &Arc<Store>, group: Vec<Request>) {
    // What stands on something that failed is void; its senders try again on what is durable.
    let (mut group, void): (Vec<Request>, Vec<Request>) = group
        .into_iter()
        .partition(|request| request.guard.as_ref().is_none_or(|guard| guard.workspace.numbering.lock().epoch == guard.epoch));
    for request in void {
        unstage(store, &request);
        let _ = request.reply.send(Err(retry()));
    }
    if group.is_empty() {
        return;
    }
    let written = write(store, &mut group);
    for request in &group {
        unstage(store, request);
    }
    match written {
        Ok((kept, applied)) => {
            store.health.mend();
            publish(store, group, kept, applied);
        }
        Err(error) => {
            store.health.fail(&error);
            for request in &group {
                reset(store, request);
            }
            for request in group {
                let _ = request.reply.send(Err(error_for_callers(&error)));
            }
        }
    }
}

fn error_for_callers(error: &EngineError) -> EngineError {
    if error.kind() == acetate_types::ErrorKind::Unavailable { error.clone() } else { Health::error(&error.to_string()) }
}

type Written = (Option<KeptPack>, Vec<Result<Applied, acetate_catalog::Rejected>>);

/// The pack, then the transaction: nothing is visible before the second is durable.
fn write(store: &Arc<Store>, group: &mut [Request]) -> Result<Written, EngineError> {
    let objects: Vec<&ObjectBatch> =
        group.iter().flat_map(|request| &request.objects).filter(|batch| !batch.is_empty()).map(|batch| &**batch).collect();
    store.point("pipeline.before_pack");
    let kept = if objects.is_empty() { None } else { Some(store.repo.write_pack(&objects)?) };
    store.point("pipeline.after_pack");
    let batches: Vec<Batch> =
        group.iter_mut().map(|request| Batch { writes: remember_deletions(store, std::mem::take(&mut request.writes.writes)) }).collect();
    let applied = store.catalog.apply(&batches);
    store.point("pipeline.after_catalog");
    for (request, batch) in group.iter_mut().zip(batches) {
        request.writes = batch;
    }
    match applied {
        Ok(applied) => Ok((kept, applied)),
        Err(error) => {
            // Nothing refers to the pack; without its keep file the next `git gc` takes it.
            if let Some(kept) = kept
                && !error.in_doubt()
                && let Err(error) = kept.release()
            {
                tracing::warn!(%error, "a pack that nothing refers to stays");
            }
            Err(error.into())
        }
    }
}

/// A ref that goes may be on disk although the catalog was not told so yet (that comes late). Before it is deleted it is noted as being on
/// disk, with an unknown value: so the deletion stays pending until it was done there, also over a crash. The follower does this for the
/// branches of a repository that is served in place.
fn remember_deletions(store: &Store, writes: Vec<Write>) -> Vec<Write> {
    if !writes.iter().any(|write| matches!(write, Write::MoveRef { target: None, .. })) {
        return writes;
    }
    let unknown = ObjectId::null(store.repo.format());
    let mut all = Vec::with_capacity(writes.len() + 1);
    for write in writes {
        if let Write::MoveRef { workspace, name, target: None, .. } = &write
            && !(name.0.starts_with(b"refs/heads/") && store.workspaces.pin().get(workspace).is_some_and(|known| known.in_place()))
        {
            all.push(Write::Projected { workspace: workspace.clone(), name: name.clone(), target: Some(unknown) });
        }
        all.push(write);
    }
    all
}

fn unstage(store: &Arc<Store>, request: &Request) {
    for batch in &request.objects {
        store.repo.unstage(batch);
    }
}

/// Makes the group visible, brings in-place branches to disk, hands the other refs to the projector, and answers.
fn publish(store: &Arc<Store>, group: Vec<Request>, kept: Option<KeptPack>, applied: Vec<Result<Applied, acetate_catalog::Rejected>>) {
    let mut answers = Vec::with_capacity(group.len());
    let mut refs = Vec::new();
    for (mut request, applied) in group.into_iter().zip(applied) {
        match applied {
            Ok(applied) => {
                if let Some(publish) = request.publish.take() {
                    publish(&applied);
                }
                feed(store, &request.writes, &applied);
                refs.append(&mut request.refs);
                answers.push((request.reply, Ok(applied)));
            }
            Err(rejected) => {
                reset(store, &request);
                // A guarded request was right when it was made: somebody else (a push, an import) moved what it stands on.
                let answer = if request.guard.is_some() && moved(&rejected) { retry() } else { rejected.into() };
                answers.push((request.reply, Err(answer)));
            }
        }
    }
    store.point("pipeline.after_publish");
    let (refs, written) = project::in_place(store, refs);
    // Before the answers: who was answered and then waits for the refs (`Projection::Barrier`) waits for these too.
    if !refs.is_empty() || !written.is_empty() || kept.is_some() {
        store.pipeline.project(Projection::Refs { refs, written, kept });
    }
    store.point("pipeline.before_reply");
    for (reply, answer) in answers {
        let _ = reply.send(answer);
    }
    store.point("pipeline.after_reply");
}

fn moved(rejected: &acetate_catalog::Rejected) -> bool {
    matches!(rejected, acetate_catalog::Rejected::RefMoved { .. } | acetate_catalog::Rejected::VersionTaken { .. })
}

/// Puts the events of a durable batch into their workspaces' feeds.
fn feed(store: &Arc<Store>, writes: &Batch, applied: &Applied) {
    let drafts = writes.writes.iter().filter_map(|write| match write {
        Write::AddEvent(draft) => Some(draft),
        _ => None,
    });
    let workspaces = store.workspaces.pin();
    for (draft, number) in drafts.zip(&applied.events) {
        if let Some(workspace) = workspaces.get(&draft.workspace) {
            workspace.feed.push([Event {
                number: *number,
                workspace: draft.workspace.clone(),
                kind: draft.kind.clone(),
                at: Timestamp(draft.at),
                data: draft.payload.clone(),
            }]);
        }
    }
}

/// What stood on a failed request is void: numbers and tips go back to what is durable.
fn reset(store: &Arc<Store>, request: &Request) {
    let Some(guard) = &request.guard else { return };
    let workspace = &guard.workspace;
    let last = match store.catalog.last_version(&workspace.id) {
        Ok(last) => last.map(|version| version.number),
        Err(error) => {
            tracing::error!(%error, "the last version can't be read; numbering goes on from memory");
            None
        }
    };
    let mut numbering = workspace.numbering.lock();
    if numbering.epoch != guard.epoch {
        return;
    }
    numbering.epoch += 1;
    if let Some(last) = last {
        numbering.next = last + 1;
    } else {
        numbering.next = workspace.record.load().version_base + 1;
    }
    for line in workspace.lines.pin().values() {
        let mut state = line.state.lock();
        state.tip = (**line.head.load()).clone();
    }
}
