//! A session as a real tree: made, and carried both ways in one pass.

use super::carry::{Side, plan};
use super::fetch::{Origin, Wanted, fetch};
use super::repository::{Committed, Repository};
use super::send::send;
use super::shown::Shown;
use crate::client::{Client, Failure, Request, Store};
use crate::output::{bytes_clean, path as shown_path};
use acetate_engine::api::{Answer, CommitTurn, SessionInfo, StoreStatus, TurnCommit};
use acetate_mount::{Folder, Record, Scan};
use acetate_types::{ErrorKind, ObjectFormat, ObjectId, Problem, RepoPath, Text};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What one pass carried.
#[derive(Debug, Default, Serialize)]
pub struct Carried {
    pub session: String,
    pub folder: PathBuf,
    pub to_session: Vec<Told>,
    pub to_folder: Vec<Told>,
    pub conflicts: Vec<Told>,
    pub skipped: Vec<Told>,
    /// The turn that a commit made in the folder became.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn: Option<ObjectId>,
}

/// A path and what is to be said of it.
#[derive(Debug, Serialize)]
pub struct Told {
    pub path: serde_json::Value,
    pub what: String,
    #[serde(skip)]
    pub shown: String,
}

impl Told {
    fn new(path: &RepoPath, what: impl Into<String>) -> Self {
        Self { path: json!(path), what: what.into(), shown: shown_path(path) }
    }
}

/// The tree of a session.
pub struct Tree {
    address: String,
    store: Store,
    folder: Folder,
    format: ObjectFormat,
}

/// The hash function of the store: any of its ids says it, and where there is none yet it is asked for.
fn format_of(client: &mut Client, info: &SessionInfo) -> Result<ObjectFormat, Failure> {
    if let Some(commit) = info.tip.or(info.base.commit) {
        return Ok(commit.format());
    }
    let status: StoreStatus = client.ask(Request::get("/v1"))?.parse()?;
    Ok(status.format)
}

/// The permissions that this process leaves to others. Read, not set and set back: other threads make files meanwhile.
fn mask() -> u32 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("Umask:"));
    mask.and_then(|mask| u32::from_str_radix(mask.trim(), 8).ok()).unwrap_or(0o022)
}

impl Tree {
    /// Writes a session's files into an empty folder.
    ///
    /// # Errors
    /// Those of asking, and the disk's.
    pub fn make(client: &mut Client, address: &str, store: &Store, root: &Path, bring: &[PathBuf]) -> Result<(Self, Carried), Failure> {
        let info: SessionInfo = client.ask(Request::get(address))?.parse()?;
        let format = format_of(client, &info)?;
        Repository::of(root, store, info.id.as_str(), format)?.make(&info)?;
        let folder = folder(root)?;
        let record = Record::new(info.id.as_str());
        // Cut short, it is finished by `sync-dir`.
        record.write(&folder).map_err(|error| Failure::file(root, &error))?;
        let tree = Self { address: address.to_owned(), store: store.clone(), folder, format };
        let carried = tree.pass(client, record, None, false)?;
        crate::mount::bring_into(store, root, bring)?;
        Ok((tree, carried))
    }

    /// Opens one that was made before.
    ///
    /// # Errors
    /// Those of asking, and the disk's.
    pub fn open(client: &mut Client, address: &str, store: &Store, root: &Path) -> Result<Self, Failure> {
        let info: SessionInfo = client.ask(Request::get(address))?.parse()?;
        let folder = folder(root)?;
        let format = format_of(client, &info)?;
        Ok(Self { address: address.to_owned(), store: store.clone(), folder, format })
    }

    /// Carries what changed, both ways.
    ///
    /// # Errors
    /// `checkout_unreadable`, those of asking, and the disk's.
    pub fn carry(&self, client: &mut Client, take: Option<Side>, dry_run: bool) -> Result<Carried, Failure> {
        self.pass(client, record(&self.folder)?, take, dry_run)
    }

    fn pass(&self, client: &mut Client, mut record: Record, take: Option<Side>, dry_run: bool) -> Result<Carried, Failure> {
        let root = self.folder.root().to_owned();
        let disk = |error: std::io::Error| Failure::file(&root, &error);
        let format = self.format;
        let repository = Repository::of(&root, &self.store, &record.session, format)?;
        let committed = repository.committed(&record);
        let mut shown = Shown::of(client, &self.address, format)?;
        // Also what is ignored here, where the session or a commit has it.
        let mut also: BTreeSet<RepoPath> = shown.files.keys().filter(|path| !record.files.contains_key(*path)).cloned().collect();
        also.extend(committed.iter().flat_map(|committed| committed.added.iter().cloned()));
        let scan = Scan::of(&self.folder, &record, &also, &|content| acetate_git::blob_id(format, content)).map_err(disk)?;
        let plan = plan(&record, &scan, &shown.files, take);
        let mut carried = Carried { session: record.session.clone(), folder: root.clone(), ..Carried::default() };
        carried.conflicts = plan.conflicts.iter().map(|(path, why)| Told::new(path, *why)).collect();
        carried.skipped = scan
            .skipped
            .iter()
            .map(|skipped| Told {
                path: json!(Text(skipped.path.clone().into())),
                what: skipped.why.to_owned(),
                shown: bytes_clean(&skipped.path),
            })
            .collect();
        let what = |before: bool, after: bool| match (before, after) {
            (true, true) => "changed",
            (false, _) => "new",
            (true, false) => "deleted",
        };
        if dry_run {
            let here = |path: &RepoPath| scan.changed.contains_key(path);
            carried.to_session = plan.to_session.iter().map(|(path, entry)| Told::new(path, what(entry.is_some(), here(path)))).collect();
            carried.to_folder =
                plan.to_folder.iter().map(|(path, (entry, over))| Told::new(path, what(over.is_some(), entry.is_some()))).collect();
            return Ok(carried);
        }
        for (path, recorded) in plan.same {
            match recorded {
                Some(recorded) => drop(record.files.insert(path, recorded)),
                None => drop(record.files.remove(&path)),
            }
        }
        let sent = send(client, &self.address, &self.folder, &plan.to_session, format)?;
        for (path, recorded) in sent.done {
            let before = plan.to_session.get(&path).is_some_and(Option::is_some);
            carried.to_session.push(Told::new(&path, what(before, recorded.is_some())));
            match recorded {
                Some(recorded) => drop(record.files.insert(path, recorded)),
                None => drop(record.files.remove(&path)),
            }
        }
        carried.conflicts.extend(sent.failed.iter().map(|(path, why)| Told::new(path, why)));
        // Deletions first, so that what takes a place finds it free.
        let mut wanted = Vec::new();
        let fresh = record.files.is_empty();
        for (path, (entry, over)) in plan.to_folder {
            match entry {
                Some(entry) => wanted.push(Wanted { content: shown.contents.remove(&path), path, entry, over }),
                None => match self.folder.remove(&path, over) {
                    Ok(()) => {
                        carried.to_folder.push(Told::new(&path, "deleted"));
                        record.files.remove(&path);
                    }
                    Err(error) => carried.conflicts.push(Told::new(&path, error.to_string())),
                },
            }
        }
        if !wanted.is_empty() {
            self.folder.begin().map_err(disk)?;
            let origin = if fresh { Origin::of(&self.store.git_dir, format) } else { None };
            let fetched = fetch(client, &self.address, &self.folder, wanted, origin.as_ref());
            self.folder.end();
            let fetched = fetched?;
            for (path, recorded) in fetched.written {
                let before = record.files.insert(path.clone(), recorded).is_some();
                carried.to_folder.push(Told::new(&path, what(before, true)));
            }
            carried.conflicts.extend(fetched.failed.iter().map(|(path, why)| Told::new(path, why)));
        }
        carried.to_folder.sort_by(|one, other| one.shown.cmp(&other.shown));
        let mut head_of_turn = None;
        if let Some(Committed { commit, message, .. }) = committed {
            let turn = CommitTurn { message: Some(message).filter(|message| !message.trim().is_empty()) };
            let turn: Answer<TurnCommit> = client.ask(Request::post(format!("{}/commit", self.address), &turn)?)?.parse()?;
            record.taken = Some(commit);
            if turn.body.changed {
                carried.turn = turn.body.commit;
            }
            head_of_turn = turn.body.commit;
        }
        let info: SessionInfo = client.ask(Request::get(&self.address))?.parse()?;
        if head_of_turn.is_some() && head_of_turn == info.tip.or(info.base.commit) {
            // The agent's own commit stays what its repository shows, until the session's head moves for another reason.
            record.shown = head_of_turn;
        }
        repository.follow(client, &info, &mut record)?;
        record.write(&self.folder).map_err(disk)?;
        Ok(carried)
    }
}

/// What is recorded of a folder.
///
/// # Errors
/// `checkout_unreadable`.
pub fn record(folder: &Folder) -> Result<Record, Failure> {
    Record::read(folder).map_err(|error| {
        let message = format!("what is recorded of {} can't be read: {error}", folder.root().display());
        Failure::from(Problem::new(ErrorKind::Invalid, "checkout_unreadable", message))
            .hint("check the session out anew, into another folder")
    })
}

/// Opens a checked-out folder.
///
/// # Errors
/// When it can't be opened.
pub fn folder(root: &Path) -> Result<Folder, Failure> {
    Folder::open(root, mask()).map_err(|error| Failure::file(root, &error))
}
