//! Where a command works in a session: its mounted folder, or a real tree where nothing can be mounted.

use super::attach::Attached;
use super::bring::bring;
use super::one::Plan;
use crate::checkout::{Side, Tree};
use crate::client::{Client, Failure, Request, encode_segment};
use acetate_engine::api::CommitTurn;
use std::path::{Path, PathBuf};

/// Such a folder, until it is let go of.
pub enum Place {
    /// Mounted; boxed, for it is the larger one.
    Mounted(Box<Attached>),
    /// Checked out.
    Tree(Box<Tree>, PathBuf),
}

impl Place {
    /// Makes it.
    ///
    /// # Errors
    /// Those of mounting or checking out.
    pub fn new(plan: &Plan, session: &str, number: u32, client: &mut Client) -> Result<Self, Failure> {
        let folder = plan.root.join(number.to_string());
        if let Some(socket) = &plan.socket {
            let attached = Attached::new(socket, session, &folder)?;
            bring(&plan.store, &attached.info().scratch, &plan.bring)?;
            return Ok(Self::Mounted(Box::new(attached)));
        }
        let folder = super::attach::prepare(&folder)?;
        let address = format!("/v1/sessions/{}", encode_segment(session));
        let (tree, carried) = Tree::make(client, &address, &plan.store, &folder, &plan.bring)?;
        match carried.conflicts.first() {
            Some(failed) => Err(Failure::unexpected(format!("{} can't be checked out: {}", failed.shown, failed.what))),
            None => Ok(Self::Tree(Box::new(tree), folder)),
        }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        match self {
            Self::Mounted(attached) => attached.folder(),
            Self::Tree(_, folder) => folder,
        }
    }

    /// The folder for what is kept of the command beside the session's files.
    pub fn aside(&self, plan: &Plan, session: &str) -> PathBuf {
        match self {
            Self::Mounted(attached) => attached.info().scratch.clone(),
            Self::Tree(..) => plan.store.state_dir().join("scratch").join(session),
        }
    }

    /// Has the session have what the command left. What other doors changed meanwhile at the same paths stays in a turn of its own.
    ///
    /// # Errors
    /// Those of asking, and the disk's.
    pub fn carry(&self, client: &mut Client, address: &str) -> Result<(), Failure> {
        let Self::Tree(tree, _) = self else { return Ok(()) };
        let mut carried = tree.carry(client, None, false)?;
        if !carried.conflicts.is_empty() {
            let commit = CommitTurn { message: Some("Before what a command left at the same paths".to_owned()) };
            client.ask(Request::post(format!("{address}/commit"), &commit)?)?;
            carried = tree.carry(client, Some(Side::Folder), false)?;
        }
        match carried.conflicts.iter().chain(&carried.skipped).next() {
            Some(left) => Err(Failure::unexpected(format!("{} can't be carried into the session: {}", left.shown, left.what))),
            None => Ok(()),
        }
    }

    /// Leaves a real tree where it is, with what was not carried; gives where.
    pub fn keep(self) -> Option<PathBuf> {
        match self {
            Self::Mounted(_) => None,
            Self::Tree(_, folder) => Some(folder),
        }
    }

    /// Takes the folder away.
    pub fn detach(&mut self) {
        match self {
            Self::Mounted(attached) => attached.detach(),
            Self::Tree(_, folder) => drop(remove_all(folder)),
        }
    }
}

/// Removes a tree; directories that nobody may write to are made such that one may.
fn remove_all(folder: &Path) -> std::io::Result<()> {
    if std::fs::remove_dir_all(folder).is_ok() {
        return Ok(());
    }
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700))?;
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    std::fs::remove_dir_all(folder)
}
