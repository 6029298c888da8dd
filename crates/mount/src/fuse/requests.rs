//! The kernel's requests, one call of the tree each.

use super::answers::{self, ANSWER, is_ours};
use super::open::{Fuse, Handle};
use super::shown::{KEPT, answer, attributes, entry, errno, flags, kind, nothing, set, shown};
use crate::tree::{Change, DOTS, Stale};
use fuser::{
    Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo, InitFlags, KernelConfig, LockOwner, OpenFlags,
    RenameFlags, ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory, ReplyDirectoryPlus, ReplyEmpty, ReplyEntry, ReplyLseek, ReplyOpen,
    ReplyStatfs, ReplyWrite, Request, TimeOrNow, WriteFlags,
};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

/// Bytes of one write, at most: what the kernel sends in one request.
const WRITE: u32 = 1 << 20;
/// How a tracked file is opened: the kernel keeps its pages.
const TRACKED: FopenFlags = FopenFlags::FOPEN_KEEP_CACHE.union(FopenFlags::FOPEN_NOFLUSH);

impl Filesystem for Fuse {
    fn init(&mut self, _: &Request, config: &mut KernelConfig) -> io::Result<()> {
        for wanted in [
            InitFlags::FUSE_PARALLEL_DIROPS,
            InitFlags::FUSE_DO_READDIRPLUS,
            InitFlags::FUSE_READDIRPLUS_AUTO,
            InitFlags::FUSE_EXPLICIT_INVAL_DATA,
            InitFlags::FUSE_CACHE_SYMLINKS,
            InitFlags::FUSE_ATOMIC_O_TRUNC,
            InitFlags::FUSE_HANDLE_KILLPRIV_V2,
            InitFlags::FUSE_ASYNC_DIO,
        ] {
            // What a kernel can't do makes it slower, not wrong.
            let _ = config.add_capabilities(wanted);
        }
        if config.add_capabilities(InitFlags::FUSE_PASSTHROUGH).is_ok() && config.set_max_stack_depth(2).is_ok() {
            self.passes_through.store(true, Ordering::Relaxed);
        }
        let _ = config.set_max_write(WRITE);
        let _ = config.set_max_readahead(WRITE);
        Ok(())
    }

    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let names = self.tree.reading();
        if let Some(ino) = self.asked(parent, name.as_bytes()) {
            // It is asked anew each time.
            return reply.entry(&Duration::ZERO, &answers::attr(ino), Generation(0));
        }
        let looked_up = |reply: ReplyEntry, found| match found {
            Ok(Some(attr)) => reply.entry(&KEPT, &shown(&attr), Generation(0)),
            Ok(None) => reply.entry(&KEPT, &nothing(), Generation(0)),
            Err(error) => reply.error(errno(error)),
        };
        if name == "index" && self.tree.is_git_dir(parent.0) {
            // It may have to be made.
            drop(names);
            return self.apart(move |tree| {
                tree.prepare_index();
                let _names = tree.reading();
                looked_up(reply, tree.lookup(parent.0, b"index"));
            });
        }
        looked_up(reply, self.tree.lookup(parent.0, name.as_bytes()));
    }

    fn forget(&self, _: &Request, ino: INodeNo, times: u64) {
        if is_ours(ino) {
            return self.unasked(ino, times);
        }
        self.tree.forget(ino.0, times);
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        if is_ours(ino) {
            return reply.attr(&KEPT, &answers::attr(ino));
        }
        let _names = self.tree.reading();
        attributes(reply, self.tree.attr(ino.0));
    }

    fn setattr(
        &self,
        _: &Request,
        ino: INodeNo,
        mode: Option<u32>,
        user: Option<u32>,
        group: Option<u32>,
        size: Option<u64>,
        accessed: Option<TimeOrNow>,
        modified: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<fuser::BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let _names = self.tree.reading();
        let change = Change { mode, user, group, size, accessed: accessed.map(set), modified: modified.map(set) };
        attributes(reply, self.tree.set(ino.0, &change));
    }

    fn readlink(&self, _: &Request, ino: INodeNo, reply: ReplyData) {
        let _names = self.tree.reading();
        match self.tree.read_link(ino.0) {
            Ok(target) => reply.data(&target),
            Err(error) => reply.error(errno(error)),
        }
    }

    fn mknod(&self, _: &Request, parent: INodeNo, name: &OsStr, mode: u32, _: u32, device: u32, reply: ReplyEntry) {
        let _names = self.tree.changing();
        entry(reply, self.tree.make_node(parent.0, name.as_bytes(), mode, device));
    }

    fn mkdir(&self, _: &Request, parent: INodeNo, name: &OsStr, mode: u32, _: u32, reply: ReplyEntry) {
        let _names = self.tree.changing();
        entry(reply, self.tree.make_dir(parent.0, name.as_bytes(), mode));
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let _names = self.tree.changing();
        answer(reply, self.tree.unlink(parent.0, name.as_bytes()));
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let _names = self.tree.changing();
        answer(reply, self.tree.remove_dir(parent.0, name.as_bytes()));
    }

    fn symlink(&self, _: &Request, parent: INodeNo, name: &OsStr, target: &Path, reply: ReplyEntry) {
        let _names = self.tree.changing();
        entry(reply, self.tree.make_link(parent.0, name.as_bytes(), target.as_os_str().as_bytes()));
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        newparent: INodeNo,
        newname: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        let _names = self.tree.changing();
        let flags = rustix::fs::RenameFlags::from_bits_retain(flags.bits());
        answer(reply, self.tree.rename((parent.0, name.as_bytes()), (newparent.0, newname.as_bytes()), flags));
    }

    fn link(&self, _: &Request, ino: INodeNo, newparent: INodeNo, newname: &OsStr, reply: ReplyEntry) {
        let _names = self.tree.changing();
        entry(reply, self.tree.hard_link(ino.0, newparent.0, newname.as_bytes()));
    }

    fn open(&self, _: &Request, ino: INodeNo, open: OpenFlags, reply: ReplyOpen) {
        let _names = self.tree.reading();
        if is_ours(ino) {
            return match self.answer(ino) {
                Some(handle) => reply.opened(FileHandle(handle), ANSWER),
                None => reply.error(Errno::ESTALE),
            };
        }
        match self.tree.open(ino.0, flags(open.0)) {
            Ok(opened) => match self.backing(&opened, |file| reply.open_backing(file)) {
                Some(backing) => {
                    let handle = self.enter(Handle(opened, Some(Arc::clone(&backing))));
                    reply.opened_passthrough(handle, FopenFlags::FOPEN_NOFLUSH, &backing);
                }
                None => reply.opened(self.enter(Handle(opened, None)), TRACKED),
            },
            Err(error) => reply.error(errno(error)),
        }
    }

    fn read(
        &self,
        _: &Request,
        ino: INodeNo,
        handle: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        if is_ours(ino) {
            return self.read_answer(handle.0, offset, size, |part| reply.data(part));
        }
        let _names = self.tree.reading();
        let handle = match self.handle(handle) {
            Ok(handle) => handle,
            Err(error) => return reply.error(error),
        };
        let Handle(opened, _) = &*handle;
        let mut reply = Some(reply);
        let read = self.tree.read(opened, offset, size as usize, |data| {
            if let Some(reply) = reply.take() {
                reply.data(data);
            }
        });
        if let (Err(error), Some(reply)) = (read, reply) {
            reply.error(errno(error));
        }
    }

    fn write(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let _names = self.tree.reading();
        let handle = match self.handle(handle) {
            Ok(handle) => handle,
            Err(error) => return reply.error(error),
        };
        let Handle(opened, _) = &*handle;
        match self.tree.write(opened, offset, data) {
            Ok(elsewhere) => {
                if elsewhere {
                    // Not by this thread: the kernel holds the file until it has its answer.
                    let _ = self.later.send(Stale::Node(opened.ino));
                }
                reply.written(u32::try_from(data.len()).unwrap_or(0));
            }
            Err(error) => reply.error(errno(error)),
        }
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        // Nothing is held back; the kernel need not ask again.
        reply.error(Errno::ENOSYS);
    }

    fn release(&self, _: &Request, ino: INodeNo, handle: FileHandle, _: OpenFlags, _: Option<LockOwner>, _: bool, reply: ReplyEmpty) {
        if is_ours(ino) {
            self.drop_answer(handle.0);
            return reply.ok();
        }
        let handle = self.handles.write().remove(&handle.0);
        if let Some(Handle(opened, backing)) = handle.as_deref() {
            let mut backings = self.backings.lock();
            // The last one takes the entry with it, before its number may become another file's.
            if backing.is_some() && self.tree.opens(opened.ino) <= 1 {
                backings.remove(&opened.ino);
            }
            self.tree.release(opened);
        }
        reply.ok();
    }

    fn fsync(&self, _: &Request, _: INodeNo, handle: FileHandle, data_only: bool, reply: ReplyEmpty) {
        let handle = match self.handle(handle) {
            Ok(handle) => handle,
            Err(error) => return reply.error(error),
        };
        self.apart(move |tree| answer(reply, tree.sync(&handle.0, data_only)));
    }

    fn opendir(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        // Nothing is kept for who reads a directory; the kernel need not ask again.
        reply.error(Errno::ENOSYS);
    }

    fn readdir(&self, _: &Request, ino: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let _names = self.tree.reading();
        let full = (offset < 1 && reply.add(ino, 1, FileType::Directory, "."))
            || (offset < DOTS && reply.add(INodeNo(self.tree.above(ino.0)), DOTS, FileType::Directory, ".."));
        let read = if full {
            Ok(())
        } else {
            self.tree.read_dir(ino.0, offset.max(DOTS), false, |entry, _| {
                let number = INodeNo(self.tree.number(ino.0, &entry.name));
                !reply.add(number, entry.place, kind(entry.kind), OsStr::from_bytes(&entry.name))
            })
        };
        match read {
            Ok(()) => reply.ok(),
            Err(error) => reply.error(errno(error)),
        }
    }

    fn readdirplus(&self, _: &Request, ino: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectoryPlus) {
        let _names = self.tree.reading();
        let mut dot = |number: u64, place: u64, name: &str| {
            // No lookup: of these the kernel only takes the name, the number and the kind.
            let attr = FileAttr { ino: INodeNo(number), kind: FileType::Directory, ..nothing() };
            offset < place && reply.add(INodeNo(number), place, name, &KEPT, &attr, Generation(0))
        };
        let full = dot(ino.0, 1, ".") || dot(self.tree.above(ino.0), DOTS, "..");
        let read = if full {
            Ok(())
        } else {
            self.tree.read_dir(ino.0, offset.max(DOTS), true, |entry, attr| {
                let Some(attr) = attr else { return true };
                let name = OsStr::from_bytes(&entry.name);
                !reply.add(INodeNo(attr.ino), entry.place, name, &KEPT, &shown(&attr), Generation(0))
            })
        };
        match read {
            Ok(()) => reply.ok(),
            Err(error) => reply.error(errno(error)),
        }
    }

    fn fsyncdir(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        self.apart(move |tree| answer(reply, tree.sync_dir(ino.0)));
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        match self.tree.space() {
            Ok(space) => {
                let block = u32::try_from(space.f_bsize).unwrap_or(4096);
                let part = u32::try_from(space.f_frsize).unwrap_or(4096);
                reply.statfs(space.f_blocks, space.f_bfree, space.f_bavail, space.f_files, space.f_ffree, block, 255, part);
            }
            Err(error) => reply.error(errno(error)),
        }
    }

    fn create(&self, _: &Request, parent: INodeNo, name: &OsStr, mode: u32, _: u32, open: i32, reply: ReplyCreate) {
        let _names = self.tree.changing();
        match self.tree.create(parent.0, name.as_bytes(), mode, flags(open)) {
            Ok((attr, opened)) => match self.backing(&opened, |file| reply.open_backing(file)) {
                Some(backing) => {
                    let handle = self.enter(Handle(opened, Some(Arc::clone(&backing))));
                    reply.created_passthrough(&KEPT, &shown(&attr), Generation(0), handle, FopenFlags::FOPEN_NOFLUSH, &backing);
                }
                None => reply.created(&KEPT, &shown(&attr), Generation(0), self.enter(Handle(opened, None)), TRACKED),
            },
            Err(error) => reply.error(errno(error)),
        }
    }

    fn fallocate(&self, _: &Request, _: INodeNo, handle: FileHandle, offset: u64, length: u64, mode: i32, reply: ReplyEmpty) {
        let _names = self.tree.reading();
        let handle = match self.handle(handle) {
            Ok(handle) => handle,
            Err(error) => return reply.error(error),
        };
        let Handle(opened, _) = &*handle;
        answer(reply, self.tree.allocate(opened, offset, length, mode.cast_unsigned()));
    }

    // What there is not here; the kernel need not ask again, and nothing is logged.
    fn getxattr(&self, _: &Request, _: INodeNo, _: &OsStr, _: u32, reply: fuser::ReplyXattr) {
        reply.error(Errno::ENOSYS);
    }

    fn listxattr(&self, _: &Request, _: INodeNo, _: u32, reply: fuser::ReplyXattr) {
        reply.error(Errno::ENOSYS);
    }

    fn setxattr(&self, _: &Request, _: INodeNo, _: &OsStr, _: &[u8], _: i32, _: u32, reply: ReplyEmpty) {
        reply.error(Errno::ENOSYS);
    }

    fn removexattr(&self, _: &Request, _: INodeNo, _: &OsStr, reply: ReplyEmpty) {
        reply.error(Errno::ENOSYS);
    }

    fn poll(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        _: fuser::PollNotifier,
        _: fuser::PollEvents,
        _: fuser::PollFlags,
        reply: fuser::ReplyPoll,
    ) {
        reply.error(Errno::ENOSYS);
    }

    fn ioctl(&self, _: &Request, _: INodeNo, _: FileHandle, _: fuser::IoctlFlags, _: u32, _: &[u8], _: u32, reply: fuser::ReplyIoctl) {
        reply.error(Errno::ENOTTY);
    }

    fn copy_file_range(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        _: u64,
        _: INodeNo,
        _: FileHandle,
        _: u64,
        _: u64,
        _: fuser::CopyFileRangeFlags,
        reply: ReplyWrite,
    ) {
        reply.error(Errno::ENOSYS);
    }

    fn lseek(&self, _: &Request, _: INodeNo, handle: FileHandle, offset: i64, whence: i32, reply: ReplyLseek) {
        let _names = self.tree.reading();
        let handle = match self.handle(handle) {
            Ok(handle) => handle,
            Err(error) => return reply.error(error),
        };
        let Handle(opened, _) = &*handle;
        let Ok(at) = u64::try_from(offset) else { return reply.error(Errno::ENXIO) };
        // SEEK_HOLE of Linux; the kernel asks for nothing but that and SEEK_DATA.
        match self.tree.seek(opened, at, whence == 4) {
            Ok(found) => reply.offset(found.cast_signed()),
            Err(error) => reply.error(errno(error)),
        }
    }
}
