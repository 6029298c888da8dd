//! Making files, directories and links.

use super::look::{check_name, tracked};
use super::{Answer, Attr, Kind, Opened, Tree};
use crate::errno;
use crate::nodes::Place;
use crate::rules::Rules;
use acetate_types::FileMode;
use bytes::Bytes;
use rustix::fs::OFlags;
use rustix::io::Errno;
use std::sync::atomic::Ordering;

/// Most names of a path: as many as the session's own paths have.
pub(super) const DEEPEST: usize = 512;

/// Whether a path has more names than that.
pub(super) fn too_deep(path: &[u8]) -> bool {
    path.iter().filter(|byte| **byte == b'/').count() >= DEEPEST
}

impl Tree {
    fn new_path(&self, parent: u64, name: &[u8]) -> Answer<Vec<u8>> {
        check_name(name)?;
        let path = self.nodes.lock().path_in(parent, name)?;
        if too_deep(&path) {
            return Err(Errno::NAMETOOLONG);
        }
        // What the path may be is checked before anything is made of it.
        match acetate_types::RepoPath::new(path.clone()) {
            Err(acetate_types::PathError::TooLong) => Err(Errno::NAMETOOLONG),
            _ => Ok(path),
        }
    }

    /// Something at a path was made, changed or removed through this mount.
    pub(super) fn noted(&self, path: &[u8], names: bool) -> Answer<()> {
        self.note(path);
        let edits = self.view()?.edits();
        let mut times = self.times.lock();
        times.touch(path, edits);
        if names {
            times.touch(parent_of(path), edits);
        }
        drop(times);
        if Rules::is_rules(path) {
            self.rules.forget();
            self.unignored.store(true, Ordering::Release);
        }
        Ok(())
    }

    /// The names of a directory changed in the scratch: its time there says so, if it has one there.
    pub(super) fn noted_names(&self, path: &[u8]) -> Answer<()> {
        self.note_on_disk(path)?;
        let edits = self.view()?.edits();
        self.times.lock().touch(parent_of(path), edits);
        Ok(())
    }

    /// Makes a file and opens it, or opens the one that is there.
    pub(crate) fn create(&self, parent: u64, name: &[u8], mode: u32, flags: OFlags) -> Answer<(Attr, Opened)> {
        let path = self.new_path(parent, name)?;
        let view = self.view()?;
        if self.find(&view, &path)?.is_some() {
            if flags.contains(OFlags::EXCL) {
                return Err(Errno::EXIST);
            }
            let attr = self.give_new(parent, name, &path)?;
            let opened = self.open(attr.ino, flags & !OFlags::CREATE).inspect_err(|_| self.forget(attr.ino, 1))?;
            // It may have been cut.
            return Ok((self.attr(attr.ino)?, opened));
        }
        match self.place_of(&view, &path, false)? {
            Place::Tracked => {
                let repo = tracked(&path).ok_or(Errno::INVAL)?;
                let kind = if mode & 0o100 == 0 { FileMode::Regular } else { FileMode::Executable };
                match self.session.make_file(&repo, kind, Bytes::new()).map_err(|error| errno::of(&error)) {
                    Ok(()) => {}
                    // Another door was quicker, and nobody asked for a file of one's own.
                    Err(Errno::EXIST) if !flags.contains(OFlags::EXCL) => {}
                    Err(error) => return Err(error),
                }
                self.made.lock().insert(&path);
                self.noted(&path, true)?;
                self.note_perm(&path, mode)?;
                let attr = self.give_new(parent, name, &path)?;
                let opened = self.open(attr.ino, flags & !(OFlags::CREATE | OFlags::EXCL | OFlags::TRUNC));
                Ok((attr, opened.inspect_err(|_| self.forget(attr.ino, 1))?))
            }
            Place::Scratch => {
                self.scratch.make_above(&path)?;
                let file = self.scratch.open_file(&path, readable(flags) | OFlags::CREATE, mode & 0o7777)?;
                self.noted_names(&path)?;
                let attr = self.give_new(parent, name, &path)?;
                Ok((attr, self.opened_on_disk(attr.ino, file, flags)))
            }
        }
    }

    /// Permissions that are not those that Git would give are remembered.
    fn note_perm(&self, path: &[u8], mode: u32) -> Answer<()> {
        let perm = u16::try_from(mode & 0o7777).unwrap_or(0o644);
        if ![0o644, 0o755].contains(&perm) {
            let edits = self.view()?.edits();
            self.times.lock().set(path, edits, |stamp| stamp.perm = Some(perm));
        }
        Ok(())
    }

    pub(crate) fn make_node(&self, parent: u64, name: &[u8], mode: u32, device: u32) -> Answer<Attr> {
        let kind = Kind::from_raw_mode(mode);
        if kind == Kind::RegularFile || kind == Kind::Unknown {
            let (attr, opened) = self.create(parent, name, mode, OFlags::RDWR | OFlags::EXCL)?;
            self.release(&opened);
            return Ok(attr);
        }
        let path = self.new_path(parent, name)?;
        if self.find(&*self.view()?, &path)?.is_some() {
            return Err(Errno::EXIST);
        }
        // Git has no pipes and sockets: they are nobody else's.
        self.scratch.make_above(&path)?;
        self.scratch.make_node(&path, kind, mode & 0o7777, device.into())?;
        self.noted_names(&path)?;
        self.give_new(parent, name, &path)
    }

    pub(crate) fn make_dir(&self, parent: u64, name: &[u8], mode: u32) -> Answer<Attr> {
        let path = self.new_path(parent, name)?;
        let view = self.view()?;
        if self.find(&view, &path)?.is_some() {
            return Err(Errno::EXIST);
        }
        match self.place_of(&view, &path, true)? {
            Place::Tracked => {
                let repo = tracked(&path).ok_or(Errno::INVAL)?;
                self.session.make_directory(&repo).map_err(|error| errno::of(&error))?;
                self.noted(&path, true)?;
                self.note_perm(&path, mode)?;
            }
            Place::Scratch => {
                self.scratch.make_above(&path)?;
                self.scratch.make_dir(&path, mode & 0o7777)?;
                self.noted_names(&path)?;
            }
        }
        self.give_new(parent, name, &path)
    }

    pub(crate) fn make_link(&self, parent: u64, name: &[u8], target: &[u8]) -> Answer<Attr> {
        let path = self.new_path(parent, name)?;
        let view = self.view()?;
        if self.find(&view, &path)?.is_some() {
            return Err(Errno::EXIST);
        }
        match self.place_of(&view, &path, false)? {
            Place::Tracked => {
                let repo = tracked(&path).ok_or(Errno::INVAL)?;
                let target = Bytes::copy_from_slice(target);
                self.session.make_file(&repo, FileMode::Symlink, target).map_err(|error| errno::of(&error))?;
                self.made.lock().insert(&path);
                self.noted(&path, true)?;
            }
            Place::Scratch => {
                self.scratch.make_above(&path)?;
                self.scratch.symlink(&path, target)?;
                self.noted_names(&path)?;
            }
        }
        self.give_new(parent, name, &path)
    }

    /// A further name of a scratch file; tracked files have one.
    pub(crate) fn hard_link(&self, ino: u64, parent: u64, name: &[u8]) -> Answer<Attr> {
        let path = self.new_path(parent, name)?;
        let from = self.nodes.lock().path(ino)?;
        let view = self.view()?;
        let place = self.find(&view, &from)?.ok_or(Errno::NOENT)?.place();
        if self.find(&view, &path)?.is_some() {
            return Err(Errno::EXIST);
        }
        if place == Place::Tracked || self.place_of(&view, &path, false)? == Place::Tracked {
            return Err(Errno::PERM);
        }
        self.scratch.make_above(&path)?;
        self.scratch.link(&from, &path)?;
        self.noted_names(&path)?;
        let stat = self.scratch.stat(&path)?.ok_or(Errno::NOENT)?;
        let mut nodes = self.nodes.lock();
        nodes.link(ino, stat.st_ino, parent, name);
        nodes.given(ino);
        drop(nodes);
        self.attr(ino).inspect_err(|_| self.forget(ino, 1))
    }
}

/// The directory of a path.
pub(super) fn parent_of(path: &[u8]) -> &[u8] {
    path.iter().rposition(|byte| *byte == b'/').and_then(|at| path.get(..at)).unwrap_or_default()
}

/// What a scratch file is opened with: the kernel reads pages of files that are only written to.
pub(super) fn readable(flags: OFlags) -> OFlags {
    let access = if flags.contains(OFlags::WRONLY) || flags.contains(OFlags::RDWR) { OFlags::RDWR } else { OFlags::RDONLY };
    access | (flags & (OFlags::TRUNC | OFlags::EXCL))
}
