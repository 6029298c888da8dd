//! Removing names.

use super::look::{Found, tracked};
use super::{Answer, Tree};
use crate::errno;
use crate::orphan::Orphan;
use crate::tree::make::parent_of;
use acetate_engine::{FileNode, View};
use acetate_types::FileMode;
use rustix::io::Errno;

impl Tree {
    pub(crate) fn unlink(&self, parent: u64, name: &[u8]) -> Answer<()> {
        let path = self.nodes.lock().path_in(parent, name)?;
        let view = self.view()?;
        match self.find(&view, &path)?.ok_or(Errno::NOENT)? {
            Found::File(file) if !Found::File(file.clone()).is_dir() => {
                let kept = self.kept(&view, parent, name, &path, &file)?;
                let repo = tracked(&path).ok_or(Errno::INVAL)?;
                self.session.remove_file(&repo).map_err(|error| errno::of(&error))?;
                self.made.lock().remove(&path);
                self.keep(kept);
                self.nodes.lock().unname(parent, name);
                self.noted(&path, true)?;
                self.times.lock().forget(&path);
            }
            Found::Scratch(stat) if !Found::Scratch(stat.clone()).is_dir() => {
                let kept = self.kept_on_disk(parent, name, &path)?;
                self.scratch.unlink(&path)?;
                self.keep(kept);
                self.nodes.lock().unname(parent, name);
                self.noted_names(&path)?;
            }
            _ => return Err(Errno::ISDIR),
        }
        Ok(())
    }

    /// The node of a name that is open as the session's: what it reads has to be kept when the name goes.
    fn open_plainly(&self, parent: u64, name: &[u8]) -> Option<u64> {
        let nodes = self.nodes.lock();
        nodes.child(parent, name).filter(|ino| nodes.get(*ino).is_ok_and(|node| node.plain() > 0))
    }

    /// What has to be kept of a file of the session when its name goes, or is another's.
    pub(super) fn kept(&self, view: &View, parent: u64, name: &[u8], path: &[u8], file: &FileNode) -> Answer<Option<(u64, Orphan)>> {
        let Some(ino) = self.open_plainly(parent, name) else { return Ok(None) };
        Ok(Some((ino, self.orphaned(view, path, file)?)))
    }

    /// A file of the session as it is without its name.
    pub(super) fn orphaned(&self, view: &View, path: &[u8], file: &FileNode) -> Answer<Orphan> {
        let content = view.content(file).map_err(|error| errno::of(&error))?.to_vec();
        Ok(Orphan::new(content, file.mode() == FileMode::Executable, self.times.lock().get(path)))
    }

    /// The same of a scratch file that was the session's when it was opened.
    pub(super) fn kept_on_disk(&self, parent: u64, name: &[u8], path: &[u8]) -> Answer<Option<(u64, Orphan)>> {
        let Some(ino) = self.open_plainly(parent, name) else { return Ok(None) };
        let Some(stat) = self.scratch.stat(path)? else { return Ok(None) };
        Ok(self.read_in(path)?.map(|(mode, content)| {
            let stamp = super::attr::stamp_on_disk(&stat);
            (ino, Orphan::new(content.to_vec(), mode == FileMode::Executable, stamp))
        }))
    }

    /// Keeps it, once the name is gone.
    pub(super) fn keep(&self, kept: Option<(u64, Orphan)>) {
        if let Some((ino, orphan)) = kept {
            self.nodes.lock().keep(ino, orphan);
        }
    }

    pub(crate) fn remove_dir(&self, parent: u64, name: &[u8]) -> Answer<()> {
        let path = self.nodes.lock().path_in(parent, name)?;
        self.remove_empty(&path)?;
        self.nodes.lock().unname(parent, name);
        self.noted_names(&path)?;
        self.rules.forget();
        Ok(())
    }

    /// Removes a directory without names, wherever it is.
    pub(super) fn remove_empty(&self, path: &[u8]) -> Answer<()> {
        let view = self.view()?;
        let found = self.find(&view, path)?.ok_or(Errno::NOENT)?;
        if !found.is_dir() {
            return Err(Errno::NOTDIR);
        }
        if !self.is_empty(path)? {
            return Err(Errno::NOTEMPTY);
        }
        match found {
            Found::Scratch(_) => self.scratch.remove_dir(path)?,
            Found::Directory => {
                let repo = tracked(path).ok_or(Errno::BUSY)?;
                self.session.remove_directory(&repo).map_err(|error| errno::of(&error))?;
                self.drop_counterpart(path)?;
                self.times.lock().forget(path);
            }
            Found::File(_) => {
                let repo = tracked(path).ok_or(Errno::BUSY)?;
                self.session.remove_file(&repo).map_err(|error| errno::of(&error))?;
                self.drop_counterpart(path)?;
            }
        }
        Ok(())
    }

    /// The scratch's side of a directory goes with it.
    pub(super) fn drop_counterpart(&self, path: &[u8]) -> Answer<()> {
        match self.scratch.remove_dir(path) {
            Ok(()) | Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The directory of a path, for its time.
    pub(super) fn touch_parent(&self, path: &[u8]) -> Answer<()> {
        let edits = self.view()?.edits();
        self.times.lock().touch(parent_of(path), edits);
        Ok(())
    }
}
