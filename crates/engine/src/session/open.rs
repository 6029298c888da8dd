//! Opening sessions: reads nothing but the head, journals one record.

use super::Session;
use super::cell::{Phase, SessionCell, SessionState, TokenHash, turn_ref};
use super::large::Parked;
use super::purpose::Purpose;
use super::record::{BaseRecord, OpenRecord, Record};
use super::snapshot::{INLINE, Snapshot, snapshot};
use super::turn::ref_writes;
use crate::api::{Durability, OpenSession, Opened};
use crate::pipeline::RefMove;
use crate::store::{Begun, Once, Store};
use crate::workspace::{Head, WorkspaceState};
use crate::{EngineError, Idempotency};
use acetate_catalog::{Batch, SessionState as RecordState, Write};
use acetate_overlay::Overlay;
use acetate_types::{ObjectId, SessionId, WorkspaceId};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64};

/// What a session is opened with, resolved and checked.
pub(crate) struct OpenParts {
    pub(crate) branch: Arc<str>,
    pub(crate) base: Head,
    pub(crate) overlay: Overlay,
    pub(crate) owner: Arc<str>,
    /// What holds contents that the overlay names: packs, and commits that a ref of the session's own keeps from now on.
    pub(crate) parked: Vec<Arc<Parked>>,
    pub(crate) reached: Vec<ObjectId>,
    /// See [`SessionCell::opener`].
    pub(crate) opener: Option<TokenHash>,
    pub(crate) purpose: Purpose,
}

/// The hash under which a token is kept.
pub(crate) fn token_hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

/// A fresh token.
pub(crate) fn new_token(store: &Store) -> String {
    format!("act_{}", URL_SAFE_NO_PAD.encode(store.random::<32>()))
}

/// The token of a request that may be repeated: the same for the same request as long as the store stays open, so that a repeat can be
/// answered without the token being stored anywhere.
pub(crate) fn repeatable_token(store: &Store, caller: &str, workspace: Option<&WorkspaceId>, asked: &Idempotency) -> String {
    let mut hash = Sha256::new();
    hash.update(store.secret);
    for part in [caller.as_bytes(), workspace.map_or("", WorkspaceId::as_str).as_bytes(), asked.key.as_bytes(), &asked.body_hash] {
        // Each with its length, so that the parts can't run into each other.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    format!("act_{}", URL_SAFE_NO_PAD.encode(hash.finalize()))
}

/// The answer to a repeat whose first answer held a token that can't be given again.
pub(crate) fn shown_once(hint: String) -> EngineError {
    EngineError::new(
        acetate_types::ErrorKind::Conflict,
        "token_shown_once",
        "this request was answered before, and the token in that answer can't be shown again",
    )
    .hint(hint)
}

/// Opens a session: known to the journal and to memory when it returns.
pub(crate) fn open(
    store: &Arc<Store>,
    workspace: &Arc<WorkspaceState>,
    open: OpenSession,
    parts: OpenParts,
) -> Result<Opened, EngineError> {
    make(store, workspace, open, parts, new_token(store))
}

/// The same, safe to repeat with the same key. Only then is the catalog written to: the key with the answer, without the token.
pub(crate) fn open_once(
    store: &Arc<Store>,
    workspace: &Arc<WorkspaceState>,
    request: OpenSession,
    parts: impl FnOnce(&OpenSession) -> Result<OpenParts, EngineError>,
    caller: &str,
    once: Option<&Idempotency>,
) -> Result<Opened, EngineError> {
    let Some(asked) = once else {
        let parts = parts(&request)?;
        return open(store, workspace, request, parts);
    };
    let token = repeatable_token(store, caller, Some(&workspace.id), asked);
    let once = match Once::begin::<Opened>(store, caller, Some(&workspace.id), Some(asked))? {
        Begun::Again(answer) => {
            let there = store.session_tokens.pin().get(&token_hash(&token)) == Some(&answer.id);
            return if there {
                Ok(Opened { token, ..answer })
            } else {
                Err(shown_once(format!("close session {} if it is still there, and open another with a fresh key", answer.id)))
            };
        }
        Begun::New(once) => once,
    };
    let parts = parts(&request)?;
    let opened = make(store, workspace, request, parts, token)?;
    if let Some(once) = once {
        // After a crash before this the session is there, empty, and expires; a repeat opens another.
        let write = once.write(&Opened { token: String::new(), ..opened.clone() })?;
        if let Err(error) = store.pipeline.commit(Vec::new(), acetate_catalog::Batch { writes: vec![write] }, Vec::new(), None) {
            // A repeat opens another with this very token: nobody may be left who has it too.
            let made = store.sessions.pin().get(&opened.id).map(Arc::clone);
            if let Some(cell) = made {
                drop(store.append(&cell, &Record::Close));
                super::close::forget(store, &cell);
            }
            return Err(error);
        }
    }
    Ok(opened)
}

fn make(
    store: &Arc<Store>,
    workspace: &Arc<WorkspaceState>,
    open: OpenSession,
    parts: OpenParts,
    token: String,
) -> Result<Opened, EngineError> {
    store.check_open()?;
    super::write::workspace_there(workspace)?;
    let limits = &store.options.limits;
    // Those that rest take no room; they are counted out only where that decides.
    let active = || store.sessions.pin().values().filter(|cell| cell.state.lock().phase == Phase::Active).count();
    if store.sessions.len() >= limits.sessions && active() >= limits.sessions {
        return Err(EngineError::limit("sessions_limit", format!("{} sessions are open, as many as this store takes", limits.sessions))
            .hint("close sessions that are done, or raise the limit"));
    }
    if open.agent.trim().is_empty() || open.agent.len() > 200 || open.agent.contains('\0') {
        return Err(EngineError::invalid("agent_invalid", "an agent's name has 1 to 200 bytes and no NUL"));
    }
    if open.intent.as_ref().is_some_and(|intent| intent.len() > 2000 || intent.contains('\0')) {
        return Err(EngineError::invalid("intent_invalid", "an intent has at most 2,000 bytes and no NUL"));
    }
    let ttl = open.ttl.map_or(limits.default_ttl, std::time::Duration::from_secs);
    if ttl > limits.session_ttl || ttl.is_zero() {
        return Err(EngineError::invalid("ttl_invalid", format!("a session's ttl is 1 to {} seconds", limits.session_ttl.as_secs())));
    }
    let now = store.now();
    let id = SessionId::from_random(store.random());
    let cell = SessionCell {
        id: id.clone(),
        workspace: Arc::clone(workspace),
        branch: Arc::clone(&parts.branch),
        agent: open.agent.into(),
        intent: open.intent.filter(|intent| !intent.trim().is_empty()).map(Into::into),
        owner: parts.owner,
        durability: open.durability,
        token_hash: token_hash(&token),
        opener: parts.opener,
        purpose: parts.purpose,
        created: now,
        ttl_ms: i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX),
        touched: AtomicI64::new(now.0),
        seen: AtomicU64::new(workspace.feed.last()),
        gate: Mutex::new(()),
        state: Mutex::new(SessionState {
            phase: Phase::Active,
            unsaved: !parts.overlay.is_clean(),
            overlay: parts.overlay,
            base: parts.base.clone(),
            tip: None,
            turn: 0,
            seq: 0,
            saved_seq: 0,
            conflicts: None,
            recorded: false,
            entered: BTreeSet::new(),
            ending: false,
            paused: None,
            rebased: false,
            parked: parts.parked,
        }),
        hot: AtomicBool::new(false),
        inbox: Mutex::new(Vec::new()),
        watched: Mutex::default(),
        edits: std::sync::atomic::AtomicU64::new(0),
        watcher: Mutex::new(None),
    };
    // A memory session is journaled too, so that after a restart it answers as lost and not as unknown.
    let opening = Record::Open(Box::new(open_record(&cell, BaseRecord::from(&parts.base))));
    {
        let mut state = cell.state.lock();
        if state.overlay.is_clean() || open.durability == Durability::Memory {
            state.seq = store.append(&cell, &opening)?;
        } else {
            let overlay = state.overlay.clone();
            store.append_snapshot(&cell, &mut state, (&parts.base, &overlay), Some(&opening))?;
        }
    }
    // What a memory session names it names for as long as this process lives.
    if !(parts.reached.is_empty() && cell.purpose.is_plain())
        && open.durability == Durability::Journal
        && let Err(error) = reach(store, &cell, &parts.reached)
    {
        // Nobody learns of it: a start must not bring it back either.
        store.append(&cell, &Record::Close)?;
        return Err(error);
    }
    let opened = Opened {
        id: id.clone(),
        token,
        workspace: workspace.id.clone(),
        branch: parts.branch.to_string(),
        base: parts.base.base(),
        expires: cell.expires(),
    };
    let cell = Arc::new(cell);
    store.session_tokens.pin().insert(cell.token_hash, id.clone());
    store.sessions.pin().insert(id, Arc::clone(&cell));
    // The deletion of the workspace looks for its sessions after it has said that it goes: it saw this one, or this sees that.
    if let Err(error) = super::write::workspace_there(workspace) {
        Session::new(Arc::clone(store), cell, crate::Access::engine()).close(true)?;
        return Err(error);
    }
    Ok(opened)
}

/// Keeps commits for a session: what its overlay names must not go with the session that it was taken from.
fn reach(store: &Store, cell: &SessionCell, commits: &[ObjectId]) -> Result<(), EngineError> {
    let refs: Vec<RefMove> = commits
        .iter()
        .map(|commit| RefMove {
            workspace: Arc::clone(&cell.workspace),
            name: turn_ref(&cell.id, 0, *commit),
            target: Some(*commit),
            message: "acetate: fork".to_owned(),
        })
        .collect();
    let mut state = cell.state.lock();
    let mut writes = Batch { writes: vec![Write::PutSession(Box::new(cell.record(&state, RecordState::Active)))] };
    writes.writes.extend(ref_writes(&refs));
    store.pipeline.commit(Vec::new(), writes, refs, None)?;
    state.recorded = true;
    Ok(())
}

fn open_record(cell: &SessionCell, base: BaseRecord) -> OpenRecord {
    OpenRecord {
        workspace: cell.workspace.id.to_string(),
        branch: cell.branch.to_string(),
        agent: cell.agent.to_string(),
        intent: cell.intent.as_deref().map(ToOwned::to_owned),
        owner: cell.owner.to_string(),
        memory: cell.durability == Durability::Memory,
        token_hash: cell.token_hash,
        opener: cell.opener,
        created: cell.created.0,
        ttl_ms: cell.ttl_ms,
        base,
    }
}

impl From<&Head> for BaseRecord {
    fn from(head: &Head) -> Self {
        Self { commit: head.commit.as_ref().map(Into::into), tree: (&head.tree).into(), version: head.version }
    }
}

impl Store {
    /// Appends a record of a session to the journal; gives its number.
    pub(crate) fn append(&self, cell: &SessionCell, record: &Record) -> Result<u64, EngineError> {
        Ok(self.journal.append(cell.stream(), &[&encode(record)?])?.0)
    }

    /// Appends the whole of an overlay on `base`, behind `opening` in one write if there is one: both or none. On success the session's
    /// newest number is the snapshot's.
    pub(super) fn append_snapshot(
        &self,
        cell: &SessionCell,
        state: &mut SessionState,
        on: (&Head, &Overlay),
        opening: Option<&Record>,
    ) -> Result<(), EngineError> {
        self.append_snapshot_within(cell, state, on, opening, INLINE)
    }

    /// The same with at most so many bytes of contents in the journal.
    fn append_snapshot_within(
        &self,
        cell: &SessionCell,
        state: &mut SessionState,
        (base, overlay): (&Head, &Overlay),
        opening: Option<&Record>,
        inline: usize,
    ) -> Result<(), EngineError> {
        let Snapshot { record, kept } = snapshot(self, base, overlay, inline)?;
        let bytes = [opening.map(encode).transpose()?, Some(encode(&record)?)];
        let records: Vec<_> = bytes.iter().flatten().map(|bytes| (cell.stream(), &bytes[..])).collect();
        match self.journal.append_many(&records) {
            Ok(seq) => {
                state.seq = seq.0;
                // A replay begins with the newest snapshot: nobody needs what the ones before put aside.
                let (before, parked) = std::mem::take(&mut state.parked).into_iter().partition(|parked| parked.snapshot);
                state.parked = parked;
                self.let_go(before);
                state.parked.extend(kept.map(|pack| Arc::new(Parked::of_snapshot(pack))));
                Ok(())
            }
            Err(error) => {
                if let Some(kept) = kept
                    && let Err(error) = kept.release()
                {
                    tracing::debug!(%error, "a pack that nothing names stays");
                }
                Err(error.into())
            }
        }
    }
}

/// Says a session anew at the end of the journal, so that no older segment is needed for it. What is under way is left alone: the next
/// round comes. Gives whether it was said.
pub(crate) fn renew(store: &Store, cell: &SessionCell, inline: usize) -> Result<bool, EngineError> {
    let Some(_gate) = cell.gate.try_lock() else { return Ok(false) };
    let opening = {
        let state = cell.state.lock();
        if state.phase != Phase::Active || state.ending {
            return Ok(false);
        }
        (!state.recorded).then(|| (cell.record(&state, RecordState::Active), BaseRecord::from(&state.base)))
    };
    let first = match (cell.durability, opening) {
        (Durability::Memory, None) => cell.state.lock().seq + 1,
        // Its opening is all that the journal has of it.
        (Durability::Memory, Some((_, base))) => {
            let seq = store.append(cell, &Record::Open(Box::new(open_record(cell, base))))?;
            cell.state.lock().seq = seq;
            seq
        }
        (Durability::Journal, opening) => {
            // What it was opened with goes with the old segments; from here on the catalog knows it.
            if let Some((record, _)) = opening {
                store.pipeline.commit(Vec::new(), Batch { writes: vec![Write::PutSession(Box::new(record))] }, Vec::new(), None)?;
            }
            let mut state = cell.state.lock();
            state.recorded = true;
            let (base, overlay) = (state.base.clone(), state.overlay.clone());
            store.append_snapshot_within(cell, &mut state, (&base, &overlay), None, inline)?;
            state.rebased = false;
            state.seq
        }
    };
    store.journal.release(cell.stream(), acetate_journal::Seq(first.saturating_sub(1)));
    Ok(true)
}

fn encode(record: &Record) -> Result<Vec<u8>, EngineError> {
    postcard::to_stdvec(record).map_err(|error| EngineError::new(acetate_types::ErrorKind::Internal, "journal_encode", error.to_string()))
}
