//! Contents: opening, reading, writing, syncing.

use super::look::{Found, tracked};
use super::make::readable;
use super::{Answer, Tree};
use crate::errno;
use crate::orphan::Orphan;
use acetate_types::{FileMode, ObjectId};
use bytes::Bytes;
use parking_lot::Mutex;
use rustix::fs::{FallocateFlags, OFlags, SeekFrom, StatVfs};
use rustix::io::Errno;
use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::sync::Arc;

/// The largest content of a tracked file that was deleted while it is open, in bytes: it is kept in memory.
pub(super) const LARGEST_GONE: usize = 256 << 20;

/// An open file.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) ino: u64,
    /// The file on disk, of a scratch file.
    pub(crate) file: Option<Arc<File>>,
    /// Whether everything is written behind the end.
    append: bool,
    /// Whether a file on disk may be written to by it.
    writes: bool,
    /// The content that was read last of a tracked file, with its blob: large ones are not in the shared caches for long.
    read: Mutex<Option<(ObjectId, Bytes)>>,
}

fn part(content: &[u8], at: u64, size: usize) -> &[u8] {
    let from = usize::try_from(at).unwrap_or(usize::MAX).min(content.len());
    content.get(from..from.saturating_add(size).min(content.len())).unwrap_or_default()
}

impl Tree {
    pub(crate) fn open(&self, ino: u64, flags: OFlags) -> Answer<Opened> {
        if self.nodes.lock().get(ino)?.gone {
            return self.open_gone(ino, flags);
        }
        let (path, found) = self.found(ino)?;
        match found.ok_or(Errno::STALE)? {
            Found::Scratch(_) => {
                let file = match self.scratch.open_file(&path, readable(flags), 0) {
                    // A file that may not be read is still written to.
                    Err(Errno::ACCESS) if flags.contains(OFlags::WRONLY) => {
                        self.scratch.open_file(&path, OFlags::WRONLY | (flags & OFlags::TRUNC), 0)?
                    }
                    opened => opened?,
                };
                Ok(self.opened_on_disk(ino, file, flags))
            }
            Found::File(file) if file.mode().is_file() => {
                if flags.contains(OFlags::TRUNC) {
                    let repo = tracked(&path).ok_or(Errno::INVAL)?;
                    self.session.truncate(&repo, 0).map_err(|error| errno::of(&error))?;
                    self.noted(&path, false)?;
                }
                self.nodes.lock().opened(ino, None);
                Ok(Opened { ino, file: None, append: flags.contains(OFlags::APPEND), writes: false, read: Mutex::new(None) })
            }
            _ => Err(Errno::ISDIR),
        }
    }

    /// What has no name any more, and was looked up before that.
    fn open_gone(&self, ino: u64, flags: OFlags) -> Answer<Opened> {
        let (orphan, file) = {
            let nodes = self.nodes.lock();
            (nodes.orphan(ino), nodes.open_file(ino))
        };
        if let Some(orphan) = orphan {
            if flags.contains(OFlags::TRUNC) {
                let mut orphan = orphan.lock();
                orphan.clear();
                orphan.touch();
            }
            self.nodes.lock().opened(ino, None);
            return Ok(Opened { ino, file: None, append: flags.contains(OFlags::APPEND), writes: false, read: Mutex::new(None) });
        }
        let file = file.ok_or(Errno::STALE)?;
        // A descriptor of its own, by the one that is there.
        let name = format!("/proc/self/fd/{}", file.as_raw_fd());
        let again = rustix::fs::open(name, readable(flags) | OFlags::CLOEXEC, rustix::fs::Mode::empty())?;
        Ok(self.opened_on_disk(ino, File::from(again), flags))
    }

    pub(super) fn opened_on_disk(&self, ino: u64, file: File, flags: OFlags) -> Opened {
        let file = Arc::new(file);
        self.nodes.lock().opened(ino, Some(&file));
        let writes = flags.intersects(OFlags::WRONLY | OFlags::RDWR | OFlags::TRUNC);
        if writes {
            self.note_writer(ino);
        }
        Opened { ino, file: Some(file), append: false, writes, read: Mutex::new(None) }
    }

    pub(crate) fn release(&self, opened: &Opened) {
        if opened.writes {
            self.note_written(opened.ino);
        }
        self.nodes.lock().released(opened.ino, opened.file.is_none());
    }

    /// Where an open tracked file is now: its content in memory, if it has no name any more, else its path.
    fn whereabouts(&self, ino: u64) -> Answer<Whereabouts> {
        if let Some(orphan) = self.nodes.lock().orphan(ino) {
            return Ok(Whereabouts::Gone(orphan));
        }
        let (path, found) = self.found(ino)?;
        Ok(match found.ok_or(Errno::STALE)? {
            Found::Scratch(_) => Whereabouts::OnDisk(path),
            found => Whereabouts::At(path, found),
        })
    }

    /// Reads up to `size` bytes.
    pub(crate) fn read(&self, opened: &Opened, at: u64, size: usize, with: impl FnOnce(&[u8])) -> Answer<()> {
        if let Some(file) = &opened.file {
            return read_file(file, at, size, with);
        }
        match self.whereabouts(opened.ino)? {
            Whereabouts::Gone(content) => with(part(&content.lock(), at, size)),
            Whereabouts::OnDisk(path) => {
                let file = self.scratch.open_file(&path, OFlags::RDONLY, 0)?;
                return read_file(&file, at, size, with);
            }
            Whereabouts::At(_, found) => {
                let Found::File(file) = found else { return Err(Errno::STALE) };
                let view = self.view()?;
                if let Some(part) = usize::try_from(at).ok().and_then(|at| view.part(&file, at, size)) {
                    with(&part);
                    return Ok(());
                }
                let known = opened.read.lock().as_ref().filter(|(id, _)| Some(*id) == file.id()).map(|(_, content)| content.clone());
                let content = match known {
                    Some(content) => content,
                    None => {
                        let content = view.content(&file).map_err(|error| errno::of(&error))?;
                        *opened.read.lock() = file.id().map(|id| (id, content.clone()));
                        content
                    }
                };
                with(part(&content, at, size));
            }
        }
        Ok(())
    }

    /// Writes; all or nothing. Gives whether it was written elsewhere than the kernel thought, which has to drop what it keeps then.
    pub(crate) fn write(&self, opened: &Opened, at: u64, data: &[u8]) -> Answer<bool> {
        if let Some(file) = &opened.file {
            return write_file(file, at, data).map(|()| false);
        }
        match self.whereabouts(opened.ino)? {
            Whereabouts::Gone(content) => {
                let from = usize::try_from(at).map_err(|_| Errno::FBIG)?;
                let end = from.checked_add(data.len()).filter(|end| *end <= LARGEST_GONE).ok_or(Errno::FBIG)?;
                let mut content = content.lock();
                if content.len() < end {
                    content.resize(end, 0);
                }
                if let Some(place) = content.get_mut(from..end) {
                    place.copy_from_slice(data);
                }
                content.touch();
                Ok(false)
            }
            Whereabouts::OnDisk(path) => {
                let written = write_file(&self.scratch.open_file(&path, OFlags::WRONLY, 0)?, at, data);
                self.note_names(opened.ino);
                written.map(|()| false)
            }
            Whereabouts::At(path, _) => {
                let repo = tracked(&path).ok_or(Errno::INVAL)?;
                let place = if opened.append {
                    // Another door may have changed the size since the kernel was told.
                    self.session.append(&repo, data).map_err(|error| errno::of(&error))?
                } else {
                    self.session.write_at(&repo, at, data).map_err(|error| errno::of(&error))?;
                    at
                };
                self.noted(&path, false)?;
                Ok(place != at)
            }
        }
    }

    /// Puts what was written on stable storage.
    pub(crate) fn sync(&self, opened: &Opened, data_only: bool) -> Answer<()> {
        match &opened.file {
            Some(file) if data_only => rustix::fs::fdatasync(file),
            Some(file) => rustix::fs::fsync(file),
            None => self.session.persist().map_err(|error| errno::of(&error)),
        }
    }

    /// The same for the names of a directory.
    pub(crate) fn sync_dir(&self, ino: u64) -> Answer<()> {
        let path = {
            let nodes = self.nodes.lock();
            if nodes.get(ino)?.gone { None } else { Some(nodes.path(ino)?) }
        };
        match path.map(|path| self.scratch.sync_dir(&path)) {
            None | Some(Ok(()) | Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP)) => {}
            Some(Err(error)) => return Err(error),
        }
        self.session.persist().map_err(|error| errno::of(&error))
    }

    /// Makes room, as fallocate(2) does.
    pub(crate) fn allocate(&self, opened: &Opened, at: u64, size: u64, mode: u32) -> Answer<()> {
        let flags = FallocateFlags::from_bits_retain(mode);
        if let Some(file) = &opened.file {
            return rustix::fs::fallocate(file, flags, at, size);
        }
        if !flags.is_empty() && flags != FallocateFlags::KEEP_SIZE {
            return Err(Errno::OPNOTSUPP);
        }
        if flags.contains(FallocateFlags::KEEP_SIZE) {
            return Ok(());
        }
        let end = at.checked_add(size).ok_or(Errno::FBIG)?;
        let now = self.attr(opened.ino)?.size;
        if end > now {
            self.set(opened.ino, &super::Change { size: Some(end), ..super::Change::default() })?;
        }
        Ok(())
    }

    /// Finds data or a hole, as lseek(2) does.
    pub(crate) fn seek(&self, opened: &Opened, at: u64, hole: bool) -> Answer<u64> {
        if let Some(file) = &opened.file {
            return rustix::fs::seek(file, if hole { SeekFrom::Hole(at) } else { SeekFrom::Data(at) });
        }
        let size = self.attr(opened.ino)?.size;
        match () {
            () if at >= size => Err(Errno::NXIO),
            () if hole => Ok(size),
            () => Ok(at),
        }
    }

    pub(crate) fn read_link(&self, ino: u64) -> Answer<Vec<u8>> {
        let (path, found) = self.found(ino)?;
        match found.ok_or(Errno::NOENT)? {
            Found::Scratch(_) => self.scratch.read_link(&path),
            Found::File(file) if file.mode() == FileMode::Symlink => {
                Ok(self.view()?.content(&file).map_err(|error| errno::of(&error))?.to_vec())
            }
            _ => Err(Errno::INVAL),
        }
    }

    pub(crate) fn space(&self) -> Answer<StatVfs> {
        self.scratch.space()
    }
}

enum Whereabouts {
    At(Vec<u8>, Found),
    OnDisk(Vec<u8>),
    Gone(Arc<Mutex<Orphan>>),
}

fn read_file(file: &File, at: u64, size: usize, with: impl FnOnce(&[u8])) -> Answer<()> {
    let mut buffer = vec![0; size];
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match rustix::io::pread(file, rest, at + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    with(buffer.get(..filled).unwrap_or_default());
    Ok(())
}

fn write_file(file: &File, mut at: u64, mut data: &[u8]) -> Answer<()> {
    while !data.is_empty() {
        match rustix::io::pwrite(file, data, at) {
            Ok(count) => {
                data = data.get(count..).unwrap_or_default();
                at += count as u64;
            }
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
