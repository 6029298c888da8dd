//! Bringing sessions back: from the catalog what their last turn left, from the journal what came after.

use super::carry::{Carried, carry_over};
use super::cell::{PendingConflicts, Phase, SessionCell, SessionState, Tip};
use super::record::{BaseRecord, EditRecord, OpenRecord, Path, Record, SnapshotRecord, text_hash};
use crate::EngineError;
use crate::api::Resolution;
use crate::landing::Conflicts;
use crate::store::Store;
use crate::workspace::{Head, WorkspaceState};
use acetate_catalog::{SessionRecord, SessionState as RecordState};
use acetate_merge::SameSymbol;
use acetate_overlay::{Overlay, OverlayError};
use acetate_types::{ErrorKind, FileMode, ObjectId, SessionId};
use bytes::{Bytes, BytesMut};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a replay made of a session.
pub(crate) enum Replayed {
    /// It is back.
    Back(Arc<SessionCell>),
    /// It had only memory, and that is gone.
    Lost,
    /// There is nothing to bring back.
    Gone,
}

fn damaged(why: impl std::fmt::Display) -> EngineError {
    EngineError::new(ErrorKind::Internal, "journal_damaged", format!("the journal can't be replayed: {why}"))
        .hint("restore a backup, or move the store's acetate/journal folder away to give up unsaved edits")
}

/// Reads one record.
pub(crate) fn decode(payload: &Bytes) -> Result<Record, EngineError> {
    postcard::from_bytes(payload).map_err(damaged)
}

/// Brings back a session that the catalog knows.
pub(crate) fn from_catalog(
    store: &Store,
    workspace: &Arc<WorkspaceState>,
    record: &SessionRecord,
    records: &[(u64, Record)],
) -> Result<Replayed, EngineError> {
    if !record.state.is_open() {
        return Ok(Replayed::Gone);
    }
    let base = head_of(
        store,
        workspace,
        &record.branch.0,
        (!record.base_commit.is_null()).then_some(record.base_commit),
        record.base_tree,
        record.base_version,
    )?;
    let tip = record.tip_commit.zip(record.tip_tree).map(|(commit, tree)| Tip { commit, tree });
    let paused = paused(record);
    let later: Vec<&(u64, Record)> = records.iter().filter(|(seq, _)| *seq > record.applied_seq).collect();
    // An edit that was answered while a pause was on its way ends the pause.
    let phase = if record.state == RecordState::Paused && later.is_empty() { Phase::Paused } else { Phase::Active };
    let saved = paused.map_or_else(|| tip.map_or(base.tree, |tip| tip.tree), |paused| paused.tree);
    let mut overlay = if phase == Phase::Paused { Overlay::new(base.tree) } else { Overlay::from_trees(&store.repo, base.tree, saved)? };
    super::moves::hint_json(&mut overlay, &record.moves);
    let mut unsaved = paused.is_some();
    let mut seq = record.applied_seq;
    let mut state_base = base;
    let mut state_tip = tip;
    let mut moved = false;
    // Edits that come before a snapshot on this base would be taken for some of the base before.
    let mut rebased = record.landed.is_some();
    if let Some((last, _)) = later.last() {
        seq = *last;
        let was = overlay.clone();
        // The newest snapshot says everything up to it.
        let newest = later.iter().rposition(|(_, record)| matches!(record, Record::Snapshot(_))).unwrap_or(0);
        let from = later.get(newest..).unwrap_or_default();
        let stands_on = match from.first() {
            Some((_, Record::Snapshot(snapshot))) => Some(snapshot.base.tree.get().map_err(damaged)?),
            _ => None,
        };
        let edits = from.iter().map(|(_, record)| record);
        rebased &= stands_on != Some(state_base.tree);
        match &record.landed {
            // The base moved, and what was written meanwhile had not been carried over yet: do it now.
            Some(landed) if stands_on != Some(state_base.tree) => {
                let (old_base, old_tree) = landed_from(landed)?;
                let before = Overlay::from_trees(&store.repo, old_base.1, old_tree)?;
                let now = replay(store, before.clone(), edits)?;
                moved = true;
                match carry_over(store, &before, &now, &overlay)? {
                    Carried::Nothing => {}
                    Carried::Over(carried) => overlay = carried,
                    Carried::Conflict(_) => {
                        overlay = now;
                        state_base = head_of(store, workspace, &record.branch.0, old_base.0, old_base.1, old_base.2)?;
                        state_tip = None;
                    }
                }
            }
            _ => overlay = replay(store, overlay, edits)?,
        }
        unsaved |= state_base.tree != was.base_tree() || !overlay.diff_since(&store.repo, &was)?.is_empty();
    }
    let state = SessionState {
        phase,
        base: state_base,
        overlay,
        tip: state_tip,
        turn: record.turn,
        seq,
        saved_seq: record.applied_seq,
        unsaved,
        conflicts: pending(store, workspace, record)?.map(Box::new),
        recorded: true,
        entered: BTreeSet::new(),
        ending: false,
        paused,
        rebased,
        parked: Vec::new(),
    };
    let cell = SessionCell::of_record(store, workspace, record, state);
    if moved {
        told(store, &cell);
    }
    Ok(Replayed::Back(Arc::new(cell)))
}

/// What was carried over at a start is journaled as it stands now, so that nothing depends on the old base any more. A journal that takes
/// nothing at the moment is no reason to keep the store closed: the next edit says it then.
fn told(store: &Store, cell: &SessionCell) {
    let mut state = cell.state.lock();
    let (base, overlay) = (state.base.clone(), state.overlay.clone());
    match store.append_snapshot(cell, &mut state, (&base, &overlay), None) {
        Ok(()) => state.rebased = false,
        Err(error) => tracing::warn!(session = %cell.id, %error, "carried edits are journaled with the next one"),
    }
}

/// Brings back a session that only the journal knows.
pub(crate) fn from_journal(
    store: &Store,
    workspace: &Arc<WorkspaceState>,
    id: &SessionId,
    open: &OpenRecord,
    records: &[(u64, Record)],
) -> Result<Replayed, EngineError> {
    if records.iter().any(|(_, record)| *record == Record::Close) {
        return Ok(Replayed::Gone);
    }
    if open.memory {
        return Ok(Replayed::Lost);
    }
    let base = base_of(store, workspace, open.branch.as_bytes(), &open.base)?;
    let start = records.iter().rposition(|(_, record)| matches!(record, Record::Snapshot(_))).unwrap_or(0);
    let overlay = replay(store, Overlay::new(base.tree), records.get(start..).unwrap_or_default().iter().map(|(_, record)| record))?;
    let seq = records.last().map_or(0, |(seq, _)| *seq);
    let state = SessionState {
        phase: Phase::Active,
        unsaved: !overlay.is_clean(),
        base,
        overlay,
        tip: None,
        turn: 0,
        seq,
        saved_seq: 0,
        conflicts: None,
        recorded: false,
        entered: BTreeSet::new(),
        ending: false,
        paused: None,
        rebased: false,
        parked: Vec::new(),
    };
    Ok(Replayed::Back(Arc::new(SessionCell::of_open(store, workspace, id, open, state))))
}

/// The head that a base was, with its place in the branch's history as far as that is known.
fn head_of(
    store: &Store,
    workspace: &WorkspaceState,
    branch: &[u8],
    commit: Option<ObjectId>,
    tree: ObjectId,
    version: Option<u64>,
) -> Result<Head, EngineError> {
    let mut position = Head::START;
    if let Ok(name) = std::str::from_utf8(branch)
        && let Some(line) = workspace.line(name)
    {
        let head = line.head.load();
        position = head.position;
        // In small pages: most sessions stand near their head, and there may be very many of both sessions and versions.
        let (mut before, mut page) = (None, if head.commit == commit { 0 } else { 32 });
        while page > 0 {
            let later = store.catalog.versions(&workspace.id, Some(branch), before, page)?;
            let ahead = later.iter().take_while(|landed| Some(landed.number) > version && Some(landed.commit) != commit).count();
            position = position.saturating_sub(ahead as u64);
            before = later.last().map(|last| last.number);
            page = if ahead < page || head.position - position >= 10_000 { 0 } else { page.saturating_mul(4).min(2048) };
        }
    }
    Ok(Head { commit, tree, version, position })
}

/// The conflicts that waited, with the place of the head they were computed against in the branch's history.
fn pending(store: &Store, workspace: &WorkspaceState, record: &SessionRecord) -> Result<Option<PendingConflicts>, EngineError> {
    let Some(mut pending) = PendingConflicts::from_json(&record.conflicts) else { return Ok(None) };
    let Head { commit, tree, version, .. } = pending.against;
    pending.against = head_of(store, workspace, &record.branch.0, commit, tree, version)?;
    Ok(Some(pending))
}

fn base_of(store: &Store, workspace: &WorkspaceState, branch: &[u8], base: &BaseRecord) -> Result<Head, EngineError> {
    let commit = base.commit.as_ref().map(super::record::Id::get).transpose().map_err(damaged)?;
    head_of(store, workspace, branch, commit, base.tree.get().map_err(damaged)?, base.version)
}

fn paused(record: &SessionRecord) -> Option<Tip> {
    let id = |name: &str| record.extra.get(name).and_then(serde_json::Value::as_str).and_then(|id| id.parse().ok());
    Some(Tip { commit: id("paused_commit")?, tree: id("paused_tree")? })
}

type OldBase = (Option<ObjectId>, ObjectId, Option<u64>);

fn landed_from(landed: &serde_json::Value) -> Result<(OldBase, ObjectId), EngineError> {
    let id = |name: &str| landed.get(name).and_then(serde_json::Value::as_str).and_then(|id| id.parse::<ObjectId>().ok());
    let missing = || damaged("a session's record lacks what it stood on");
    let commit = id("base_commit").filter(|commit| !commit.is_null());
    let version = landed.get("base_version").and_then(serde_json::Value::as_u64);
    Ok(((commit, id("base_tree").ok_or_else(missing)?, version), id("tree").ok_or_else(missing)?))
}

/// Applies records in order.
fn replay<'a>(store: &Store, mut overlay: Overlay, records: impl Iterator<Item = &'a Record>) -> Result<Overlay, EngineError> {
    for record in records {
        match record {
            Record::Open(_) | Record::Close => {}
            Record::Edits(edits) => {
                for edit in edits {
                    apply(store, &mut overlay, edit)?;
                }
            }
            Record::Snapshot(SnapshotRecord { base, edits }) => {
                overlay = Overlay::new(base.tree.get().map_err(damaged)?);
                for edit in edits {
                    apply(store, &mut overlay, edit)?;
                }
            }
        }
    }
    Ok(overlay)
}

/// Applies one edit.
pub(super) fn apply(store: &Store, overlay: &mut Overlay, edit: &EditRecord) -> Result<(), EngineError> {
    let repo = &store.repo;
    let path = |path: &Path| path.get().map_err(damaged);
    match edit {
        EditRecord::Write { path: at, mode, text } => drop(overlay.write(repo, &path(at)?, mode.map(Into::into), text.clone())?),
        EditRecord::Splice { path: at, before, ranges } => {
            let at = path(at)?;
            let old = overlay.read(repo, &at)?;
            if text_hash(&old) != *before {
                return Err(damaged(format!("{at} is not the text that was edited")));
            }
            let mut text = BytesMut::with_capacity(old.len());
            let mut done = 0;
            for range in ranges {
                let from = usize::try_from(range.at).map_err(damaged)?;
                let to = from
                    .checked_add(usize::try_from(range.removed).map_err(damaged)?)
                    .filter(|to| *to <= old.len())
                    .ok_or_else(|| damaged("a range lies outside its text"))?;
                text.extend_from_slice(old.get(done..from).ok_or_else(|| damaged("ranges are out of order"))?);
                text.extend_from_slice(&range.inserted);
                done = to;
            }
            text.extend_from_slice(old.get(done..).unwrap_or_default());
            // A link's target may be spliced as any text; to be written again it needs its mode.
            let mode = overlay.file(repo, &at)?.mode();
            drop(overlay.write(repo, &at, (!mode.is_file()).then_some(mode), text.freeze())?);
        }
        EditRecord::Part { path: at, size, at: from, removed, zeros, inserted } => {
            let at = path(at)?;
            if overlay.file(repo, &at)?.size(repo)? != *size {
                return Err(damaged(format!("{at} is not the text that was edited")));
            }
            let number = |number: &u64| usize::try_from(*number).map_err(damaged);
            // A damaged number must not ask for more memory than any file has.
            if *zeros > store.options.limits.stream_bytes {
                return Err(damaged(format!("{at} would be larger than files are")));
            }
            drop(overlay.write_part(repo, &at, (number(from)?, number(removed)?), number(zeros)?, inserted)?);
        }
        EditRecord::Object { path: at, mode, id } => {
            drop(overlay.put_object(repo, &path(at)?, FileMode::from(*mode), id.get().map_err(damaged)?)?)
        }
        EditRecord::Tree { path: at, id } => overlay.put_tree(repo, &path(at)?, id.get().map_err(damaged)?)?,
        // What a turn has saved comes back as a tree, and trees hold no empty directories: an edit that met one meets nothing now.
        EditRecord::Remove { path: at } => hollow(overlay.remove(repo, &path(at)?).map(drop))?,
        EditRecord::Rename { from, to, replace } => hollow(overlay.rename(repo, &path(from)?, &path(to)?, *replace).map(drop))?,
        EditRecord::SetMode { path: at, mode } => drop(overlay.set_mode(repo, &path(at)?, FileMode::from(*mode))?),
        EditRecord::Directory { path: at } => hollow(overlay.make_directory(repo, &path(at)?))?,
        EditRecord::Moved { from, to } => overlay.hint_move(acetate_overlay::Move { from: path(from)?, to: path(to)? }),
    }
    Ok(())
}

/// The outcome of an edit that may concern an empty directory only. Files are not affected: each comes back with a text of its own.
fn hollow(edit: Result<(), OverlayError>) -> Result<(), EngineError> {
    match edit {
        Ok(()) | Err(OverlayError::NotFound(_) | OverlayError::Exists(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

impl PendingConflicts {
    /// For the session's record.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "commit": self.against.commit, "tree": self.against.tree, "version": self.against.version, "position": self.against.position,
            "conflicts": self.conflicts.listed, "open": self.conflicts.open, "same_symbol": self.same_symbol,
            "resolutions": self.resolutions,
        })
    }

    /// New conflicts in place of those of a record; resolutions given before stay as long as their texts are the same.
    pub(crate) fn renewed(before: &serde_json::Value, conflicts: Conflicts, against: Head, same_symbol: SameSymbol) -> Self {
        Self { against, conflicts, same_symbol, resolutions: Self::resolutions_of(before) }
    }

    /// The resolutions in a record.
    pub(crate) fn resolutions_of(record: &serde_json::Value) -> Vec<Resolution> {
        Self::from_json(record).map(|pending| pending.resolutions).unwrap_or_default()
    }

    fn from_json(value: &serde_json::Value) -> Option<Self> {
        let id = |name: &str| value.get(name).and_then(serde_json::Value::as_str).and_then(|id| id.parse().ok());
        Some(Self {
            against: Head {
                commit: id("commit"),
                tree: id("tree")?,
                version: value.get("version").and_then(serde_json::Value::as_u64),
                position: Head::START,
            },
            conflicts: Conflicts {
                listed: serde_json::from_value(value.get("conflicts")?.clone()).ok()?,
                open: value.get("open").and_then(serde_json::Value::as_u64).unwrap_or_default(),
            },
            same_symbol: value.get("same_symbol").and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default(),
            resolutions: serde_json::from_value(value.get("resolutions")?.clone()).ok()?,
        })
    }
}
