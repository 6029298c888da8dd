//! The `.git` of a checked-out folder: as a mounted session's, with an index that knows the files on disk.

use super::shown::list;
use crate::client::{Client, Failure, Request, Store, encode_segment};
use acetate_engine::api::SessionInfo;
use acetate_git::CheckedOut;
use acetate_mount::{OwnRepository, Record, Stamp};
use acetate_types::{ObjectFormat, ObjectId, RepoPath};
use serde_json::Value;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// The repository in a folder, of a session.
pub struct Repository {
    own: OwnRepository,
    exclude: Vec<u8>,
    root: PathBuf,
    format: ObjectFormat,
}

/// A commit that was made in the folder.
pub struct Committed {
    pub commit: ObjectId,
    pub message: String,
    /// What it has and the one before had not: also what is ignored.
    pub added: BTreeSet<RepoPath>,
}

impl Repository {
    /// The one in this folder.
    ///
    /// # Errors
    /// When the folder can't be opened.
    pub fn of(root: &Path, store: &Store, session: &str, format: ObjectFormat) -> Result<Self, Failure> {
        let repository = OwnRepository::of(root, &store.git_dir, session).map_err(|error| Failure::file(root, &error))?;
        // As a mounted session has them: of several patterns that match the last one counts.
        let own = std::fs::read(store.git_dir.join("info/exclude")).unwrap_or_default();
        let exclude = [acetate_mount::global_excludes().as_bytes(), b"\n", &own].concat();
        Ok(Self { own: repository, exclude, root: root.to_owned(), format })
    }

    /// Makes it, as yet without a commit.
    ///
    /// # Errors
    /// The disk's.
    pub fn make(&self, info: &SessionInfo) -> Result<(), Failure> {
        let made = || -> std::io::Result<()> {
            if self.own.begin()? {
                let (name, email) = acetate_engine::agent_identity(&info.agent);
                self.own.configure(&name, &email, self.format, &self.exclude, None)?;
            }
            self.own.show(&info.branch, None, b"")
        };
        made().map_err(|error| Failure::file(&self.root, &error))
    }

    /// The commit that was made in the folder since the last time, if one was.
    pub fn committed(&self, record: &Record) -> Option<Committed> {
        let commit = self.own.current()?;
        if record.shown == Some(commit) || record.taken == Some(commit) || !self.own.borrows_only_here() || self.own.in_store(&commit) {
            return None;
        }
        let message = self.own.message(&commit)?;
        let before = record.taken.or(record.shown);
        let added = before.map(|before| self.own.added(&before, &commit)).unwrap_or_default();
        Some(Committed { commit, message, added: added.into_iter().filter_map(|path| RepoPath::new(path).ok()).collect() })
    }

    /// Has it show the session's head, unless it does.
    ///
    /// # Errors
    /// Those of asking, and the disk's.
    pub fn follow(&self, client: &mut Client, info: &SessionInfo, record: &mut Record) -> Result<(), Failure> {
        let head = info.tip.or(info.base.commit);
        let Some(commit) = head.filter(|_| record.shown != head) else { return Ok(()) };
        let disk = |error: std::io::Error| Failure::file(&self.root, &error);
        let workspace = format!("/v1/workspaces/{}", encode_segment(info.workspace.as_str()));
        let packed = packed_refs(client, &workspace)?;
        self.own.show(&info.branch, Some(&commit), packed.as_bytes()).map_err(disk)?;
        let mut files = Vec::new();
        for (path, mode, id) in list(client, &workspace, Some(&commit.to_hex()))? {
            let Some(id) = id else { continue };
            // Only what is on disk as it was when it was looked at: of all else Git has to find out itself.
            let here = record.files.get(&path).filter(|known| known.id == id && known.mode == mode);
            let meta = here.and_then(|known| {
                let meta = self.root.join(OsStr::from_bytes(path.as_bytes())).symlink_metadata().ok()?;
                (known.stamp == Some(Stamp::of(&meta))).then_some(meta)
            });
            files.push(CheckedOut::new(path.as_bytes().to_vec(), mode, id, meta.as_ref()));
        }
        let index = acetate_git::index_of(self.format, files).map_err(disk)?;
        self.own.put_index(&index).map_err(disk)?;
        record.shown = Some(commit);
        Ok(())
    }
}

fn packed_refs(client: &mut Client, workspace: &str) -> Result<String, Failure> {
    let branches = client.ask(Request::get(format!("{workspace}/branches")))?.value()?;
    let checkpoints = client.ask(Request::get(format!("{workspace}/checkpoints")))?.value()?;
    let mut refs: Vec<(String, String, Option<String>)> = Vec::new();
    let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().filter(|text| text.parse::<ObjectId>().is_ok()).map(str::to_owned);
    for branch in items(&branches["branches"]) {
        if let (Some(name), Some(commit)) = (branch["name"].as_str(), text(&branch["head"]["commit"])) {
            refs.push((name.to_owned(), commit, None));
        }
    }
    for point in items(&checkpoints["checkpoints"]) {
        if let (Some(name), Some(commit), Some(tag)) = (point["name"].as_str(), text(&point["commit"]), text(&point["tag"])) {
            let peeled = (tag != commit).then_some(commit);
            refs.push((format!("refs/tags/{name}"), tag, peeled));
        }
    }
    refs.retain(|(name, _, _)| acetate_git::check_ref_name(name).is_ok());
    refs.sort();
    let mut packed = "# pack-refs with: peeled fully-peeled sorted \n".to_owned();
    for (name, id, peeled) in refs {
        let _ = writeln!(packed, "{id} {name}");
        if let Some(peeled) = peeled {
            let _ = writeln!(packed, "^{peeled}");
        }
    }
    Ok(packed)
}
