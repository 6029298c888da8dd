//! What of a mount changed since when, as Git asks it: a program that Git runs answers with the paths that it has to look at, so that
//! `git status` need not look at every file.
//!
//! A question names the mark that an earlier answer gave. Invariant: whatever changed, and whoever could not know yet when that mark was
//! given, is in the answer. So a path is noted after the change took effect and before whoever made it is answered, and what was noted
//! shortly before a mark counts as changed after it: the kernel may not yet have shown it to Git. More than that does no harm; a path
//! too many costs one look.
//!
//! Deliberately missing: what changed. Git looks for itself.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, Instant};

/// What was noted so long before a mark is told again: far longer than anything is on its way.
const GRACE: Duration = Duration::from_secs(5);
/// Most paths that are remembered; beyond, everything counts as changed.
const MOST: usize = 100_000;
/// Most bytes of all of them.
const MOST_BYTES: usize = 16 << 20;

/// Paths that changed, each with when it did last.
#[derive(Debug)]
pub(crate) struct Changes {
    /// Tells this table from others: what it does not remember, marks of others stand for.
    id: u64,
    begun: Instant,
    paths: HashMap<Box<[u8]>, Duration>,
    /// Bytes of those.
    bytes: usize,
    /// Files on disk that are open for writing, and how often: what is written to them does not come by here.
    writing: HashMap<u64, u32>,
}

impl Changes {
    pub(crate) fn new() -> Self {
        let id = RandomState::new().hash_one(0);
        Self { id, begun: Instant::now(), paths: HashMap::new(), bytes: 0, writing: HashMap::new() }
    }

    /// A path changed, or all below it.
    pub(crate) fn note(&mut self, path: &[u8]) {
        let now = self.begun.elapsed();
        if let Some(known) = self.paths.get_mut(path) {
            *known = now;
            return;
        }
        if self.paths.len() >= MOST || self.bytes + path.len() > MOST_BYTES {
            self.forget();
        }
        self.bytes += path.len();
        self.paths.insert(path.into(), now);
    }

    /// Everything may have changed: all marks given so far mean nothing any more.
    pub(crate) fn forget(&mut self) {
        *self = Self { writing: std::mem::take(&mut self.writing), ..Self::new() };
    }

    /// A file on disk is opened for writing.
    pub(crate) fn opened(&mut self, ino: u64) {
        *self.writing.entry(ino).or_insert(0) += 1;
    }

    /// It is closed again; what it was called was noted before.
    pub(crate) fn closed(&mut self, ino: u64) {
        if let Some(count) = self.writing.get_mut(&ino) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.writing.remove(&ino);
            }
        }
    }

    /// The files on disk that are open for writing.
    pub(crate) fn writing(&self) -> Vec<u64> {
        self.writing.keys().copied().collect()
    }

    /// A mark that stands for now.
    pub(crate) fn mark(&self) -> String {
        format!("{:016x}.{}", self.id, self.begun.elapsed().as_millis())
    }

    /// What changed since a mark; `None` when everything may have.
    pub(crate) fn since(&self, mark: &str) -> Option<Vec<&[u8]>> {
        let (id, at) = mark.split_once('.')?;
        if u64::from_str_radix(id, 16).ok()? != self.id {
            return None;
        }
        let from = Duration::from_millis(at.parse().ok()?).saturating_sub(GRACE);
        Some(self.paths.iter().filter(|(_, changed)| **changed >= from).map(|(path, _)| &**path).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_shortly_before_a_mark_or_after_it_is_told() {
        let mut changes = Changes::new();
        changes.note(b"old");
        changes.begun -= GRACE * 2;
        changes.note(b"just now");
        let mark = changes.mark();
        assert_eq!(changes.since(&mark), Some(vec![&b"just now"[..]]));
        changes.note(b"old");
        changes.note(b"new");
        let mut told = changes.since(&mark).expect("its own mark");
        told.sort_unstable();
        assert_eq!(told, [&b"just now"[..], b"new", b"old"]);
        for unknown in ["", "1732900000000000000", "builtin:fake", "x.y", &Changes::new().mark(), &mark.replace('.', "")] {
            assert_eq!(changes.since(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn beyond_its_bound_everything_may_have_changed() {
        let mut changes = Changes::new();
        let mark = changes.mark();
        changes.opened(7);
        for number in 0..=MOST {
            changes.note(number.to_string().as_bytes());
        }
        assert_eq!(changes.since(&mark), None);
        assert_eq!(changes.since(&changes.mark()).map(|told| told.len()), Some(1));
        let mark = changes.mark();
        for number in 0..MOST_BYTES / 4000 {
            changes.note(format!("{number}{}", "x".repeat(4000)).as_bytes());
        }
        assert_eq!(changes.since(&mark), None);
        assert!(changes.bytes <= MOST_BYTES);
        assert_eq!(changes.writing(), [7]);
        changes.closed(7);
        assert!(changes.writing().is_empty());
    }
}
