//! Git's question what changed: a file below `.git` whose name is the question, and whose content is the answer. It is in no listing.

use super::open::Fuse;
use super::shown::nothing;
use bytes::Bytes;
use fuser::{FileAttr, FileType, FopenFlags, INodeNo};
use parking_lot::Mutex;
use std::collections::HashMap;
use xxhash_rust::xxh3::xxh3_64;

/// What such a name begins with; the mark since when follows.
pub(crate) const QUESTION: &str = "acetate-changed-since-";
/// What their numbers have set, which others have not.
const OURS: u64 = 1 << 63;
/// Most questions that are remembered, and answers that are kept for who reads them.
const MOST: usize = 1_000;
/// Most bytes of all those answers. Who gets none looks at everything.
const MOST_BYTES: usize = 64 << 20;
/// The kernel keeps nothing of an answer.
pub(super) const ANSWER: FopenFlags = FopenFlags::FOPEN_DIRECT_IO.union(FopenFlags::FOPEN_NOFLUSH);

/// Questions that the kernel knows, and answers that are being read.
#[derive(Default)]
pub(super) struct Answers {
    asked: Mutex<HashMap<u64, (String, u64)>>,
    read: Mutex<HashMap<u64, Bytes>>,
}

pub(super) fn is_ours(ino: INodeNo) -> bool {
    ino.0 & OURS != 0
}

pub(super) fn attr(ino: INodeNo) -> FileAttr {
    FileAttr { ino, kind: FileType::RegularFile, perm: 0o444, nlink: 1, ..nothing() }
}

impl Fuse {
    /// The node of a question, if the name is one.
    pub(super) fn asked(&self, parent: INodeNo, name: &[u8]) -> Option<INodeNo> {
        let mark = name.strip_prefix(QUESTION.as_bytes()).filter(|mark| mark.len() <= 64)?;
        let mark = std::str::from_utf8(mark).ok().filter(|_| self.tree.is_git_dir(parent.0))?;
        let ino = xxh3_64(mark.as_bytes()) | OURS;
        let mut asked = self.answers.asked.lock();
        if asked.len() >= MOST && !asked.contains_key(&ino) {
            asked.clear();
        }
        asked.entry(ino).or_insert_with(|| (mark.to_owned(), 0)).1 += 1;
        Some(INodeNo(ino))
    }

    /// The kernel lets go of a question.
    pub(super) fn unasked(&self, ino: INodeNo, times: u64) {
        let mut asked = self.answers.asked.lock();
        if let Some((_, lookups)) = asked.get_mut(&ino.0) {
            *lookups = lookups.saturating_sub(times);
            if *lookups == 0 {
                asked.remove(&ino.0);
            }
        }
    }

    /// Answers a question; gives the handle to read the answer by.
    pub(super) fn answer(&self, ino: INodeNo) -> Option<u64> {
        let mark = self.answers.asked.lock().get(&ino.0).map(|(mark, _)| mark.clone())?;
        let answer = self.tree.changed_since(&mark);
        let handle = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed) | OURS;
        let mut read = self.answers.read.lock();
        if read.len() >= MOST || read.values().map(Bytes::len).sum::<usize>() + answer.len() > MOST_BYTES {
            return None;
        }
        read.insert(handle, answer.into());
        Some(handle)
    }

    /// A part of an answer.
    pub(super) fn read_answer(&self, handle: u64, at: u64, size: u32, with: impl FnOnce(&[u8])) {
        // Not held while the kernel takes it.
        let answer = self.answers.read.lock().get(&handle).cloned().unwrap_or_default();
        let from = usize::try_from(at).unwrap_or(usize::MAX).min(answer.len());
        with(answer.get(from..from.saturating_add(size as usize).min(answer.len())).unwrap_or_default());
    }

    pub(super) fn drop_answer(&self, handle: u64) {
        self.answers.read.lock().remove(&handle);
    }
}
