//! Directories that move between the session and the scratch: tools make a folder under a name of the moment and rename it when it is
//! ready, and only one of the two names is ignored.
//!
//! Invariant: whatever fails on the way, every file is still seen at its old or its new place.

use super::look::{Found, tracked};
use super::make::too_deep;
use super::{Answer, Tree};
use crate::errno;
use acetate_engine::View;
use acetate_types::{EntryKind, FileMode};
use bytes::Bytes;
use rustix::fs::{FileType, OFlags, RenameFlags};
use rustix::io::Errno;
use std::io::{Read as _, Write as _};

/// Most entries of such a directory; a larger one is moved by who asked, file by file, as between two disks.
const MOST: usize = 20_000;

fn io(error: &std::io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}

fn joined(path: &[u8], name: &[u8]) -> Vec<u8> {
    [path, b"/", name].concat()
}

impl Tree {
    /// The content of a file of the session, as a scratch file.
    pub(super) fn write_out(&self, view: &View, file: &acetate_engine::FileNode, to: &[u8]) -> Answer<()> {
        let content = view.content(file).map_err(|error| errno::of(&error))?;
        if file.mode() == FileMode::Symlink {
            return self.scratch.symlink(to, &content);
        }
        let mode = if file.mode() == FileMode::Executable { 0o755 } else { 0o644 };
        let mut out = self.scratch.open_file(to, OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC, mode)?;
        out.write_all(&content).map_err(|error| io(&error))
    }

    /// The mode and content of a scratch file, as the session's; none for what Git has no word for.
    pub(super) fn read_in(&self, path: &[u8]) -> Answer<Option<(FileMode, Bytes)>> {
        let stat = self.scratch.stat(path)?.ok_or(Errno::NOENT)?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Symlink => Ok(Some((FileMode::Symlink, self.scratch.read_link(path)?.into()))),
            FileType::RegularFile => {
                let mut content = Vec::new();
                self.scratch.open_file(path, OFlags::RDONLY, 0)?.read_to_end(&mut content).map_err(|error| io(&error))?;
                let mode = if stat.st_mode & 0o100 == 0 { FileMode::Regular } else { FileMode::Executable };
                Ok(Some((mode, content.into())))
            }
            _ => Ok(None),
        }
    }

    /// A directory of the session becomes the scratch's.
    pub(super) fn dir_out(&self, from: &[u8], to: &[u8]) -> Answer<()> {
        let view = self.view()?;
        let mut left = MOST;
        self.scratch.make_above(to)?;
        if self.scratch.stat(from)?.is_some() {
            self.scratch.rename(from, to, RenameFlags::empty())?;
        }
        let copied = self.copy_out(&view, from, to, &mut left);
        if let Err(error) = copied {
            // What was copied would be seen twice.
            self.scratch.remove_tree(to);
            return Err(error);
        }
        let path = tracked(from).ok_or(Errno::INVAL)?;
        self.session.remove_tree(&path).map_err(|error| errno::of(&error))?;
        self.times.lock().forget_below(from);
        Ok(())
    }

    fn copy_out(&self, view: &View, from: &[u8], to: &[u8], left: &mut usize) -> Answer<()> {
        match self.scratch.make_dir(to, 0o755) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error),
        }
        let listed = view.list(tracked(from).as_ref()).map_err(|error| errno::of(&error))?;
        *left = left.checked_sub(listed.len()).ok_or(Errno::XDEV)?;
        for listed in listed {
            let (from, to) = (joined(from, &listed.name), joined(to, &listed.name));
            match (listed.kind, self.find(view, &from)?) {
                (EntryKind::Tree, _) => self.copy_out(view, &from, &to, left)?,
                (_, Some(Found::File(file))) => self.write_out(view, &file, &to)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// A directory of the scratch becomes the session's, but for what is ignored there too.
    pub(super) fn dir_in(&self, from: &[u8], to: &[u8]) -> Answer<()> {
        if self.nodes.lock().any_open_below(from) {
            // What is written through an open file would be written to the scratch.
            return Err(Errno::XDEV);
        }
        let mut left = MOST;
        self.count(from, to, &mut left)?;
        self.scratch.make_above(to)?;
        self.scratch.rename(from, to, RenameFlags::empty())?;
        self.copy_in(to)
    }

    /// Whether what is below one path can be below another, as far as that is known beforehand.
    fn count(&self, from: &[u8], to: &[u8], left: &mut usize) -> Answer<()> {
        let mut open = vec![from.to_vec()];
        while let Some(path) = open.pop() {
            for listed in self.scratch.list(&path)? {
                *left = left.checked_sub(1).ok_or(Errno::XDEV)?;
                let below = joined(&path, &listed.name);
                if too_deep(&[to, below.get(from.len()..).unwrap_or_default()].concat()) {
                    return Err(Errno::NAMETOOLONG);
                }
                if listed.kind.is_dir() {
                    open.push(below);
                }
            }
        }
        Ok(())
    }

    pub(super) fn copy_in(&self, path: &[u8]) -> Answer<()> {
        let ignored = self.rules.ignored(&*self.view()?, path, true);
        let mut open = vec![(path.to_vec(), ignored)];
        while let Some((path, ignored)) = open.pop() {
            self.copy_one_in(&path, ignored, &mut open)?;
        }
        Ok(())
    }

    /// One directory, which is ignored or not; those in it are still to come.
    fn copy_one_in(&self, path: &[u8], ignored: bool, open: &mut Vec<(Vec<u8>, bool)>) -> Answer<()> {
        let view = self.view()?;
        let repo = tracked(path).ok_or(Errno::INVAL)?;
        if !matches!(self.find(&view, path)?, Some(Found::Directory)) {
            self.session.make_directory(&repo).map_err(|error| errno::of(&error))?;
            self.noted(path, false)?;
        }
        for listed in self.scratch.list(path)? {
            let path = joined(path, &listed.name);
            let Some(repo) = tracked(&path) else { continue };
            let ignored = ignored || self.rules.says(&*self.view()?, &path, listed.kind.is_dir());
            if ignored && !self.view()?.base_has(&repo).map_err(|error| errno::of(&error))? {
                continue;
            }
            if listed.kind.is_dir() {
                open.push((path, ignored));
            } else if let Some((mode, content)) = self.read_in(&path)? {
                self.session.put_file(&repo, mode, content).map_err(|error| errno::of(&error))?;
                self.noted(&path, false)?;
                self.scratch.unlink(&path)?;
            }
        }
        Ok(())
    }
}
