//! Attributes, errors and flags in fuser's words.

use crate::tree::{Attr, Kind, Set};
use fuser::{Errno, FileAttr, FileType, Generation, INodeNo, ReplyAttr, ReplyEmpty, ReplyEntry, TimeOrNow};
use rustix::fs::OFlags;
use std::time::{Duration, SystemTime};

/// How long the kernel keeps what it was told: until it is told otherwise.
pub(super) const KEPT: Duration = Duration::from_secs(365 * 24 * 3600);
/// A number that means "no inode", for a name that means nothing.
pub(super) const NOTHING: u64 = 0;

pub(super) fn errno(error: rustix::io::Errno) -> Errno {
    Errno::from_i32(error.raw_os_error())
}

pub(super) fn kind(kind: Kind) -> FileType {
    match kind {
        Kind::Directory => FileType::Directory,
        Kind::Symlink => FileType::Symlink,
        Kind::Fifo => FileType::NamedPipe,
        Kind::Socket => FileType::Socket,
        Kind::CharacterDevice => FileType::CharDevice,
        Kind::BlockDevice => FileType::BlockDevice,
        _ => FileType::RegularFile,
    }
}

pub(super) fn shown(attr: &Attr) -> FileAttr {
    FileAttr {
        ino: INodeNo(attr.ino),
        size: attr.size,
        blocks: attr.blocks,
        atime: attr.accessed,
        mtime: attr.modified,
        ctime: attr.changed,
        crtime: SystemTime::UNIX_EPOCH,
        kind: kind(attr.kind),
        perm: attr.perm,
        nlink: attr.links,
        uid: attr.user,
        gid: attr.group,
        rdev: attr.device,
        blksize: 4096,
        flags: 0,
    }
}

/// A name that means nothing, which the kernel may keep as such.
pub(super) fn nothing() -> FileAttr {
    FileAttr {
        ino: INodeNo(NOTHING),
        size: 0,
        blocks: 0,
        atime: SystemTime::UNIX_EPOCH,
        mtime: SystemTime::UNIX_EPOCH,
        ctime: SystemTime::UNIX_EPOCH,
        crtime: SystemTime::UNIX_EPOCH,
        kind: FileType::RegularFile,
        perm: 0,
        nlink: 0,
        uid: 0,
        gid: 0,
        rdev: 0,
        blksize: 4096,
        flags: 0,
    }
}

pub(super) fn set(time: TimeOrNow) -> Set {
    match time {
        TimeOrNow::Now => Set::Now,
        TimeOrNow::SpecificTime(time) => Set::To(time),
    }
}

pub(super) fn flags(flags: i32) -> OFlags {
    OFlags::from_bits_retain(flags.cast_unsigned())
}

pub(super) fn answer(reply: ReplyEmpty, result: Result<(), rustix::io::Errno>) {
    match result {
        Ok(()) => reply.ok(),
        Err(error) => reply.error(errno(error)),
    }
}

pub(super) fn entry(reply: ReplyEntry, result: Result<Attr, rustix::io::Errno>) {
    match result {
        Ok(attr) => reply.entry(&KEPT, &shown(&attr), Generation(0)),
        Err(error) => reply.error(errno(error)),
    }
}

pub(super) fn attributes(reply: ReplyAttr, result: Result<Attr, rustix::io::Errno>) {
    match result {
        Ok(attr) => reply.attr(&KEPT, &shown(&attr)),
        Err(error) => reply.error(errno(error)),
    }
}
