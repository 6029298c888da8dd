//! Attributes: what stat(2) shows, and what may be set.

use super::look::{Found, tracked};
use super::{Answer, Tree};
use crate::errno;
use crate::nodes::Place;
use crate::orphan::Orphan;
use crate::times::{Stamp, now};
use acetate_engine::FileNode;
use acetate_types::FileMode;
use rustix::fs::{FileType, Stat, Timespec, UTIME_NOW, UTIME_OMIT};
use rustix::io::Errno;
use std::time::{Duration, SystemTime};

/// What a node is.
pub(crate) type Kind = FileType;

/// What stat(2) shows of a node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attr {
    pub(crate) ino: u64,
    pub(crate) kind: Kind,
    pub(crate) size: u64,
    pub(crate) blocks: u64,
    pub(crate) perm: u16,
    pub(crate) links: u32,
    pub(crate) user: u32,
    pub(crate) group: u32,
    pub(crate) device: u32,
    pub(crate) accessed: SystemTime,
    pub(crate) modified: SystemTime,
    pub(crate) changed: SystemTime,
}

/// A time that is set.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Set {
    Now,
    To(SystemTime),
}

impl Set {
    fn time(self) -> SystemTime {
        match self {
            Self::Now => now(),
            Self::To(time) => time,
        }
    }
}

/// What is to be set.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Change {
    pub(crate) mode: Option<u32>,
    pub(crate) user: Option<u32>,
    pub(crate) group: Option<u32>,
    pub(crate) size: Option<u64>,
    pub(crate) accessed: Option<Set>,
    pub(crate) modified: Option<Set>,
}

fn time(seconds: i64, nanos: u64) -> SystemTime {
    let nanos = u32::try_from(nanos).unwrap_or(0);
    match u64::try_from(seconds) {
        Ok(seconds) => SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos),
        Err(_) => SystemTime::UNIX_EPOCH - Duration::from_secs(seconds.unsigned_abs()) + Duration::from_nanos(u64::from(nanos)),
    }
}

pub(super) fn spec(set: Option<Set>) -> Timespec {
    match set {
        None => Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        Some(Set::Now) => Timespec { tv_sec: 0, tv_nsec: UTIME_NOW },
        Some(Set::To(time)) => match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => Timespec { tv_sec: since.as_secs().cast_signed(), tv_nsec: since.subsec_nanos().into() },
            Err(before) => {
                let before = before.duration();
                let nanos = i64::from(before.subsec_nanos());
                let seconds = -before.as_secs().cast_signed() - i64::from(nanos > 0);
                Timespec { tv_sec: seconds, tv_nsec: (1_000_000_000 - nanos) % 1_000_000_000 }
            }
        },
    }
}

impl Tree {
    /// The attributes of a node that the kernel holds.
    pub(crate) fn attr(&self, ino: u64) -> Answer<Attr> {
        let (gone, kind) = {
            let nodes = self.nodes.lock();
            let node = nodes.get(ino)?;
            (node.gone, node.kind)
        };
        if gone {
            return self.attr_gone(ino);
        }
        let (path, found) = self.found(ino)?;
        let found = found.ok_or(Errno::STALE)?;
        if found.kind() != kind {
            // Another door put something else there; the kernel is about to be told.
            return Err(Errno::STALE);
        }
        self.attr_of(ino, &path, &found, true)
    }

    /// Of a file without a name, by what keeps it open.
    fn attr_gone(&self, ino: u64) -> Answer<Attr> {
        let (orphan, file) = {
            let nodes = self.nodes.lock();
            (nodes.orphan(ino), nodes.open_file(ino))
        };
        if let Some(orphan) = orphan {
            let orphan = orphan.lock();
            return Ok(Attr { links: 0, ..self.plain(ino, Kind::RegularFile, orphan.perm, orphan.len() as u64, orphan.stamp) });
        }
        match file {
            Some(file) => Ok(on_disk(ino, &self.scratch.stat_file(&file)?)),
            None => {
                let dir = self.nodes.lock().get(ino)?.kind.is_dir();
                if !dir {
                    return Err(Errno::NOENT);
                }
                let stamp = self.times.lock().get(b"");
                Ok(Attr { links: 0, ..self.plain(ino, Kind::Directory, 0o755, 0, stamp) })
            }
        }
    }

    pub(super) fn attr_of(&self, ino: u64, path: &[u8], found: &Found, in_scratch: bool) -> Answer<Attr> {
        let (kind, perm, size) = match found {
            Found::Scratch(stat) => return Ok(on_disk(ino, stat)),
            Found::Directory => (Kind::Directory, 0o755, 0),
            Found::File(file) => {
                let size = self.size_of(file)?;
                match file.mode() {
                    FileMode::Submodule => (Kind::Directory, 0o755, 0),
                    FileMode::Symlink => (Kind::Symlink, 0o777, size),
                    FileMode::Executable => (Kind::RegularFile, 0o755, size),
                    FileMode::Regular => (Kind::RegularFile, 0o644, size),
                }
            }
        };
        let stamp = self.times.lock().get(path);
        let perm = match (stamp.perm, kind) {
            (Some(set), Kind::Directory) => set,
            (_, Kind::RegularFile) => stamp.file_perm(perm & 0o100 != 0),
            _ => perm,
        };
        let mut attr = self.plain(ino, kind, perm, size, stamp);
        if in_scratch
            && matches!(found, Found::Directory)
            && let Some(stat) = self.scratch.stat(if path.is_empty() { b"." } else { path })?
        {
            // Its ignored files are names of it too.
            let theirs = time(stat.st_mtime, stat.st_mtime_nsec);
            attr.modified = attr.modified.max(theirs);
            attr.changed = attr.changed.max(theirs);
        }
        Ok(attr)
    }

    fn size_of(&self, file: &FileNode) -> Answer<u64> {
        match file.known_size() {
            Some(size) => Ok(size),
            None => self.view()?.size(file).map_err(|error| errno::of(&error)),
        }
    }

    fn plain(&self, ino: u64, kind: Kind, perm: u16, size: u64, stamp: Stamp) -> Attr {
        let (user, group) = (self.user, self.group);
        let Stamp { modified, changed, .. } = stamp;
        let links = 1;
        Attr { ino, kind, size, blocks: size.div_ceil(512), perm, links, user, group, device: 0, accessed: modified, modified, changed }
    }

    /// Sets attributes; gives them as they are then.
    pub(crate) fn set(&self, ino: u64, change: &Change) -> Answer<Attr> {
        if self.nodes.lock().get(ino)?.gone {
            return self.set_gone(ino, change);
        }
        let (path, found) = self.found(ino)?;
        let set = match found.ok_or(Errno::NOENT)?.place() {
            Place::Scratch => self.set_on_disk(ino, &path, change),
            Place::Tracked => self.set_tracked(&path, change),
        };
        // Also where only a part was set.
        self.note(&path);
        self.note_names(ino);
        set?;
        self.attr(ino)
    }

    fn set_gone(&self, ino: u64, change: &Change) -> Answer<Attr> {
        let (orphan, file) = {
            let nodes = self.nodes.lock();
            (nodes.orphan(ino), nodes.open_file(ino))
        };
        if let Some(orphan) = &orphan {
            self.check_owner(change)?;
            self.set_orphan(&mut orphan.lock(), change)?;
        }
        if let Some(file) = file {
            if let Some(size) = change.size {
                rustix::fs::ftruncate(&file, size)?;
            }
            if let Some(mode) = change.mode {
                rustix::fs::fchmod(&file, rustix::fs::Mode::from_raw_mode(mode))?;
            }
            if change.accessed.is_some() || change.modified.is_some() {
                let times = rustix::fs::Timestamps { last_access: spec(change.accessed), last_modification: spec(change.modified) };
                rustix::fs::futimens(&file, &times)?;
            }
        }
        self.attr(ino)
    }

    fn set_orphan(&self, orphan: &mut Orphan, change: &Change) -> Answer<()> {
        if let Some(size) = change.size {
            let size = usize::try_from(size).ok().filter(|size| *size <= super::io::LARGEST_GONE).ok_or(Errno::FBIG)?;
            orphan.resize(size, 0);
            orphan.touch();
        }
        if let Some(mode) = change.mode {
            orphan.perm = u16::try_from(mode & 0o7777).unwrap_or(0o644);
        }
        if let Some(modified) = change.modified {
            orphan.stamp.modified = modified.time();
        }
        orphan.stamp.changed = now();
        Ok(())
    }

    /// Git keeps no owners.
    fn check_owner(&self, change: &Change) -> Answer<()> {
        let other = |wanted: Option<u32>, own: u32| wanted.is_some_and(|wanted| wanted != own);
        if other(change.user, self.user) || other(change.group, self.group) { Err(Errno::PERM) } else { Ok(()) }
    }

    fn set_on_disk(&self, ino: u64, path: &[u8], change: &Change) -> Answer<()> {
        if change.user.is_some() || change.group.is_some() {
            self.scratch.set_owner(path, change.user, change.group)?;
        }
        if let Some(size) = change.size {
            match self.scratch.open_file(path, rustix::fs::OFlags::WRONLY, 0) {
                Ok(file) => rustix::fs::ftruncate(&file, size)?,
                // Whoever opened it in time still may.
                Err(error) => {
                    let file = self.nodes.lock().open_file(ino).filter(|_| error == Errno::ACCESS).ok_or(error)?;
                    rustix::fs::ftruncate(&file, size)?;
                }
            }
        }
        if let Some(mode) = change.mode {
            self.scratch.set_mode(path, mode & 0o7777)?;
        }
        if change.accessed.is_some() || change.modified.is_some() {
            self.scratch.set_times(path, spec(change.accessed), spec(change.modified))?;
        }
        Ok(())
    }

    fn set_tracked(&self, path: &[u8], change: &Change) -> Answer<()> {
        self.check_owner(change)?;
        let view = self.view()?;
        let found = self.find(&view, path)?.ok_or(Errno::NOENT)?;
        if let Some(size) = change.size {
            let path = tracked(path).ok_or(Errno::INVAL)?;
            self.session.truncate(&path, size).map_err(|error| errno::of(&error))?;
        }
        if let (Some(mode), Found::File(file)) = (change.mode, &found)
            && file.mode().is_file()
        {
            let wanted = if mode & 0o100 == 0 { FileMode::Regular } else { FileMode::Executable };
            if wanted != file.mode() {
                let path = tracked(path).ok_or(Errno::INVAL)?;
                self.session.set_mode(&path, wanted).map_err(|error| errno::of(&error))?;
            }
        }
        let edits = self.view()?.edits();
        self.times.lock().set(path, edits, |stamp| {
            stamp.changed = now();
            if change.size.is_some() {
                stamp.modified = stamp.changed;
            }
            if let Some(modified) = change.modified {
                stamp.modified = modified.time();
            }
            if let Some(mode) = change.mode {
                stamp.perm = Some(u16::try_from(mode & 0o7777).unwrap_or(0o644));
            }
        });
        Ok(())
    }
}

/// The times and permissions of a scratch file, as one of the session has them.
pub(super) fn stamp_on_disk(stat: &Stat) -> Stamp {
    let Attr { modified, changed, perm, .. } = on_disk(0, stat);
    Stamp { modified, changed, perm: Some(perm) }
}

fn on_disk(ino: u64, stat: &Stat) -> Attr {
    Attr {
        ino,
        kind: Kind::from_raw_mode(stat.st_mode),
        size: u64::try_from(stat.st_size).unwrap_or(0),
        blocks: u64::try_from(stat.st_blocks).unwrap_or(0),
        perm: u16::try_from(stat.st_mode & 0o7777).unwrap_or(0),
        links: u32::try_from(stat.st_nlink).unwrap_or(u32::MAX),
        user: stat.st_uid,
        group: stat.st_gid,
        device: u32::try_from(stat.st_rdev).unwrap_or(0),
        accessed: time(stat.st_atime, stat.st_atime_nsec),
        modified: time(stat.st_mtime, stat.st_mtime_nsec),
        changed: time(stat.st_ctime, stat.st_ctime_nsec),
    }
}
