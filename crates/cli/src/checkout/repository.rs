//! The `.git` of a checked-out folder: as a mounted session's, with an index that knows the files on disk.

use super::shown::list;
use crate::client::{Client, Failure, Request, Store, encode_segment};
use acetate_engine::api::SessionInfo;
use acetate_git::CheckedOut;
use acetate_mount::{Borrowing, OwnRepository, Record};
use acetate_types::{ObjectFormat, ObjectId};
use serde_json::Value;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// The repository in a folder, of a session.
pub struct Repository<'a> {
    pub store: &'a Store,
    pub root: &'a Path,
    pub format: ObjectFormat,
}

impl Repository<'_> {
    fn dir(&self) -> PathBuf {
        self.root.join(".git")
    }

    /// Makes it, as yet without a commit.
    ///
    /// # Errors
    /// The disk's.
    pub fn make(&self, info: &SessionInfo) -> Result<(), Failure> {
        let dir = self.dir();
        let own = OwnRepository { store: &self.store.git_dir, dir: &dir, session: info.id.as_str() };
        let made = || -> std::io::Result<()> {
            if own.begin()? {
                let (name, email) = acetate_engine::agent_identity(&info.agent);
                let exclude = std::fs::read(self.store.git_dir.join("info/exclude")).unwrap_or_default();
                own.configure(&name, &email, self.format, &exclude)?;
            }
            own.show(&info.branch, None, b"")
        };
        made().map_err(|error| Failure::file(&dir, &error))
    }

    /// The message of a commit that was made in the folder since the last time, if one was.
    pub fn committed(&self, record: &Record) -> Option<String> {
        let borrowing = Borrowing { store: self.store.git_dir.clone(), own: self.dir() };
        let commit = borrowing.current()?;
        (record.shown != Some(commit) && !borrowing.in_store(&commit)).then(|| borrowing.message(&commit)).flatten()
    }

    /// Has it show the session's head, unless it does.
    ///
    /// # Errors
    /// Those of asking, and the disk's.
    pub fn follow(&self, client: &mut Client, info: &SessionInfo, record: &mut Record) -> Result<(), Failure> {
        let head = info.tip.or(info.base.commit);
        let Some(commit) = head.filter(|_| record.shown != head) else { return Ok(()) };
        let dir = self.dir();
        let workspace = format!("/v1/workspaces/{}", encode_segment(info.workspace.as_str()));
        let packed = packed_refs(client, &workspace)?;
        let own = OwnRepository { store: &self.store.git_dir, dir: &dir, session: info.id.as_str() };
        own.show(&info.branch, Some(&commit), packed.as_bytes()).map_err(|error| Failure::file(&dir, &error))?;
        let mut files = Vec::new();
        for (path, mode, id) in list(client, &workspace, Some(&commit.to_hex()))? {
            let Some(id) = id else { continue };
            let here = record.files.get(&path).filter(|known| known.id == id && known.mode == mode);
            let meta = here.and_then(|_| self.root.join(OsStr::from_bytes(path.as_bytes())).symlink_metadata().ok());
            files.push(CheckedOut::new(path.as_bytes().to_vec(), mode, id, meta.as_ref()));
        }
        acetate_git::write_index(&dir.join("index"), self.format, files).map_err(|error| Failure::file(&dir, &error))?;
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
