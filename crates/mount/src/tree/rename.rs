//! Moving names: within the session, within the scratch, and files from one to the other.

use super::look::{Found, check_name, tracked};
use super::{Answer, Tree};
use crate::errno;
use crate::nodes::Place;
use crate::rules::Rules;
use acetate_engine::View;
use rustix::fs::{FileType, OFlags, RenameFlags};
use rustix::io::Errno;
use std::sync::atomic::Ordering;

/// One name of a directory.
#[derive(Clone, Copy)]
struct Name<'a> {
    parent: u64,
    name: &'a [u8],
    path: &'a [u8],
}

impl Tree {
    pub(crate) fn rename(&self, from: (u64, &[u8]), to: (u64, &[u8]), flags: RenameFlags) -> Answer<()> {
        check_name(to.1)?;
        let (from_path, to_path) = {
            let nodes = self.nodes.lock();
            (nodes.path_in(from.0, from.1)?, nodes.path_in(to.0, to.1)?)
        };
        let from = Name { parent: from.0, name: from.1, path: &from_path };
        let to = Name { parent: to.0, name: to.1, path: &to_path };
        let view = self.view()?;
        let source = self.find(&view, from.path)?.ok_or(Errno::NOENT)?;
        let target = self.find(&view, to.path)?;
        if flags.contains(RenameFlags::EXCHANGE) {
            return self.exchange(&view, from, to, &source, &target.ok_or(Errno::NOENT)?);
        }
        if target.is_some() && flags.contains(RenameFlags::NOREPLACE) {
            return Err(Errno::EXIST);
        }
        if !flags.difference(RenameFlags::NOREPLACE).is_empty() {
            return Err(Errno::INVAL);
        }
        if from.path == to.path {
            return Ok(());
        }
        match &target {
            Some(target) if target.is_dir() && !source.is_dir() => return Err(Errno::ISDIR),
            Some(target) if !target.is_dir() && source.is_dir() => return Err(Errno::NOTDIR),
            Some(target) if target.is_dir() && !self.is_empty(to.path)? => return Err(Errno::NOTEMPTY),
            _ => {}
        }
        let place = match &target {
            Some(target) if !source.is_dir() => target.place(),
            _ => self.place_of(&view, to.path, source.is_dir())?,
        };
        if source.is_dir() {
            self.move_dir(&view, from, to, &source, target.as_ref(), place)?;
        } else {
            self.move_file(&view, from, to, &source, target.as_ref(), place)?;
        }
        if source.is_dir() || Rules::is_rules(from.path) || Rules::is_rules(to.path) {
            self.rules.forget();
            self.unignored.store(true, Ordering::Release);
        }
        self.note(from.path);
        self.note(to.path);
        self.notice(to.path);
        self.touch_parent(from.path)?;
        self.touch_parent(to.path)
    }

    fn move_dir(&self, view: &View, from: Name<'_>, to: Name<'_>, source: &Found, target: Option<&Found>, place: Place) -> Answer<()> {
        let moved = self.move_dir_between(from, to, source, target, place);
        // Also where it failed half-way.
        self.scratch.reshaped();
        self.note_folder(view, from.path);
        self.note_folder(&*self.view()?, to.path);
        moved
    }

    fn move_dir_between(&self, from: Name<'_>, to: Name<'_>, source: &Found, target: Option<&Found>, place: Place) -> Answer<()> {
        if matches!(source, Found::File(_)) {
            // A submodule: only Git moves those.
            return Err(Errno::XDEV);
        }
        if to.path.strip_prefix(from.path).is_some_and(|rest| rest.starts_with(b"/")) {
            return Err(Errno::INVAL);
        }
        if target.is_some() {
            // It is empty; what is left of it on either side would be in the way.
            self.remove_empty(to.path)?;
        }
        match (source.place(), place) {
            (Place::Scratch, Place::Scratch) => {
                self.scratch.make_above(to.path)?;
                self.scratch.rename(from.path, to.path, RenameFlags::empty())?;
            }
            (Place::Scratch, Place::Tracked) => self.dir_in(from.path, to.path)?,
            (Place::Tracked, Place::Scratch) => self.dir_out(from.path, to.path)?,
            (Place::Tracked, Place::Tracked) => {
                let (old, new) = (tracked(from.path).ok_or(Errno::INVAL)?, tracked(to.path).ok_or(Errno::INVAL)?);
                self.session.move_over(&old, &new, true).map_err(|error| errno::of(&error))?;
                if self.scratch.stat(from.path)?.is_some() {
                    self.scratch.make_above(to.path)?;
                    self.scratch.rename(from.path, to.path, RenameFlags::empty())?;
                    self.rules.forget();
                    // What is not ignored under the new name is the session's; what is open there waits for the turn's end.
                    if !self.nodes.lock().any_open_below(from.path)
                        && let Err(error) = self.copy_in(to.path)
                    {
                        tracing::debug!(%error, "files that are no longer ignored wait for the turn's end");
                    }
                }
                let edits = self.view()?.edits();
                self.times.lock().rename(from.path, to.path, edits);
                self.made.lock().rename(from.path, to.path);
            }
        }
        self.renamed(from, to, place);
        Ok(())
    }

    fn renamed(&self, from: Name<'_>, to: Name<'_>, place: Place) {
        let mut nodes = self.nodes.lock();
        nodes.unname(to.parent, to.name);
        nodes.rename((from.parent, from.name), (to.parent, to.name), place);
    }

    fn move_file(&self, view: &View, from: Name<'_>, to: Name<'_>, source: &Found, target: Option<&Found>, place: Place) -> Answer<()> {
        // Somebody may have looked the name up and be about to open what it meant until now.
        let replaced = self.nodes.lock().child(to.parent, to.name);
        let mut kept = None;
        let mut file = None;
        match (replaced, target) {
            (Some(ino), Some(Found::File(target))) => {
                kept = Some((ino, self.orphaned(view, to.path, target)?));
            }
            (Some(ino), Some(Found::Scratch(stat))) if FileType::from_raw_mode(stat.st_mode).is_file() => {
                kept = self.kept_on_disk(to.parent, to.name, to.path)?;
                let opened = self.scratch.open_file(to.path, OFlags::RDWR, 0);
                file = opened.or_else(|_| self.scratch.open_file(to.path, OFlags::RDONLY, 0)).ok().map(|file| (ino, file));
            }
            _ => {}
        }
        match (source, place) {
            (Found::File(_), Place::Tracked) => {
                let (old, new) = (tracked(from.path).ok_or(Errno::INVAL)?, tracked(to.path).ok_or(Errno::INVAL)?);
                self.session.move_over(&old, &new, true).map_err(|error| errno::of(&error))?;
                let edits = self.view()?.edits();
                self.times.lock().rename(from.path, to.path, edits);
                self.made.lock().rename(from.path, to.path);
            }
            (Found::Scratch(_), Place::Scratch) => {
                self.scratch.make_above(to.path)?;
                self.scratch.rename(from.path, to.path, RenameFlags::empty())?;
            }
            (Found::Scratch(_), Place::Tracked) => self.take_in(from, to)?,
            (Found::File(_), Place::Scratch) => self.put_out(view, from, to, source)?,
            (Found::Directory, _) => return Err(Errno::ISDIR),
        }
        self.keep(kept);
        if let Some((ino, file)) = file {
            self.nodes.lock().keep_file(ino, file);
        }
        self.renamed(from, to, place);
        Ok(())
    }

    /// A scratch file becomes the session's.
    fn take_in(&self, from: Name<'_>, to: Name<'_>) -> Answer<()> {
        let open = {
            let nodes = self.nodes.lock();
            nodes.child(from.parent, from.name).is_some_and(|ino| nodes.get(ino).is_ok_and(|node| node.opens() > node.plain()))
        };
        if open {
            // What is written through the open file would be written to the scratch.
            return Err(Errno::XDEV);
        }
        if self.scratch.stat(from.path)?.is_some_and(|stat| stat.st_nlink > 1) {
            // Its other names stay the scratch's.
            return Err(Errno::XDEV);
        }
        // Git has no other kinds.
        let (mode, content) = self.read_in(from.path)?.ok_or(Errno::XDEV)?;
        let path = tracked(to.path).ok_or(Errno::INVAL)?;
        self.session.put_file(&path, mode, content).map_err(|error| errno::of(&error))?;
        self.made.lock().insert(to.path);
        self.noted(to.path, true)?;
        self.scratch.unlink(from.path)
    }

    /// A file of the session goes to the scratch.
    fn put_out(&self, view: &View, from: Name<'_>, to: Name<'_>, source: &Found) -> Answer<()> {
        let Found::File(file) = source else { return Err(Errno::XDEV) };
        let path = tracked(from.path).ok_or(Errno::INVAL)?;
        let aside = [to.path, b".acetate-moving"].concat();
        self.scratch.make_above(to.path)?;
        self.write_out(view, file, &aside)?;
        self.scratch.rename(&aside, to.path, RenameFlags::empty())?;
        self.session.remove_file(&path).map_err(|error| errno::of(&error))?;
        self.times.lock().forget(from.path);
        Ok(())
    }

    /// The ignored files of folders that change places go with them.
    fn exchange_counterparts(&self, from: &[u8], to: &[u8]) -> Answer<()> {
        let (old, new, flags) = match (self.scratch.stat(from)?.is_some(), self.scratch.stat(to)?.is_some()) {
            (false, false) => return Ok(()),
            (true, true) => (from, to, RenameFlags::EXCHANGE),
            (true, false) => (from, to, RenameFlags::empty()),
            (false, true) => (to, from, RenameFlags::empty()),
        };
        self.scratch.make_above(new)?;
        self.scratch.rename(old, new, flags)
    }

    fn exchange(&self, view: &View, from: Name<'_>, to: Name<'_>, source: &Found, target: &Found) -> Answer<()> {
        match (source, target) {
            (Found::Scratch(_), Found::Scratch(_)) => self.scratch.rename(from.path, to.path, RenameFlags::EXCHANGE)?,
            (Found::File(_) | Found::Directory, Found::File(_) | Found::Directory) => {
                let (one, other) = (tracked(from.path).ok_or(Errno::INVAL)?, tracked(to.path).ok_or(Errno::INVAL)?);
                self.session.exchange(&one, &other).map_err(|error| errno::of(&error))?;
                if let Err(error) = self.exchange_counterparts(from.path, to.path) {
                    self.session.exchange(&one, &other).map_err(|error| errno::of(&error))?;
                    return Err(error);
                }
                let edits = self.view()?.edits();
                let mut times = self.times.lock();
                // A name that nothing has.
                let aside = b"\0";
                times.rename(from.path, aside, edits);
                times.rename(to.path, from.path, edits);
                times.rename(aside, to.path, edits);
            }
            // From the session to the scratch and back in one step: tools then do it in three.
            _ => return Err(Errno::INVAL),
        }
        if source.is_dir() || target.is_dir() || Rules::is_rules(from.path) || Rules::is_rules(to.path) {
            self.rules.forget();
            self.unignored.store(true, Ordering::Release);
        }
        self.notice(from.path);
        self.notice(to.path);
        self.scratch.reshaped();
        self.nodes.lock().exchange((from.parent, from.name), (to.parent, to.name));
        let now = self.view()?;
        for view in [view, &*now] {
            self.note_folder(view, from.path);
            self.note_folder(view, to.path);
        }
        self.touch_parent(from.path)?;
        self.touch_parent(to.path)
    }
}
