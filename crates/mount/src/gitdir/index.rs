//! An index as Git would have it right after a checkout, without reading a file.
//!
//! Format: <https://git-scm.com/docs/index-format>, version 2, with the cached trees, and with what Git otherwise finds out by looking at
//! everything: that no file is other than its entry, and that there are no other files. Entries of files that the session changed have no
//! times, so that Git looks at those.

use super::ewah;
use super::untracked::{self, Around, Folder};
use crate::nodes::ROOT;
use crate::owner::Owner;
use crate::rules::Rules;
use crate::times::{Stamp, Times};
use acetate_engine::{EngineError, Step, View};
use acetate_types::{FileMode, ObjectFormat, ObjectId};
use parking_lot::Mutex;
use sha1::Digest as _;
use std::collections::HashSet;
use std::io::{self, BufWriter, Write};
use std::time::SystemTime;

/// Most entries of a tree that an index is made of, and most of them that are directories: beyond, Git makes its own.
const MOST: (usize, usize) = (10_000_000, 500_000);
/// Bytes that are written at once.
const BUFFER: usize = 128 << 10;

/// What the index says besides the tree.
pub(crate) struct Known<'a> {
    pub(crate) times: &'a Mutex<Times>,
    /// The number that a name in a directory has, by the directory's number.
    pub(crate) number: &'a dyn Fn(u64, &[u8]) -> u64,
    /// Whose everything is shown to be.
    pub(crate) owner: Owner,
    /// The mark from which on changes are told.
    pub(crate) mark: String,
    /// Directories in which something may be that is not in the tree; the root's path is empty.
    pub(crate) mixed: HashSet<Vec<u8>>,
}

/// Writes the index of a tree.
pub(super) fn write(view: &View, tree: &ObjectId, known: &Known<'_>, around: &Around, out: impl Write) -> Result<(), EngineError> {
    let format = tree.format();
    let mut count = 0u32;
    let mut folders = vec![Folder::new(b"", *tree, ROOT)];
    let mut open = vec![0usize];
    // Twice: how many entries there are is said first. The second time everything is at hand.
    view.walk(tree, MOST, &mut |step| match step {
        Step::Enter { name, id } => {
            let new = folders.len();
            let above = open.last().and_then(|at| folders.get(*at)).map_or(ROOT, |folder| folder.ino);
            let ino = (known.number)(above, name);
            if let Some(above) = open.last().and_then(|at| folders.get_mut(*at)) {
                above.folders.push(new);
            }
            open.push(new);
            folders.push(Folder::new(name, id, ino));
        }
        Step::Leave => drop(open.pop()),
        Step::File { path, mode, id, .. } => {
            count += 1;
            for at in &open {
                if let Some(folder) = folders.get_mut(*at) {
                    folder.entries += 1;
                }
            }
            if Rules::is_rules(path)
                && mode.is_file()
                && let Some(folder) = open.last().and_then(|at| folders.get_mut(*at))
            {
                folder.rules = Some(id);
            }
        }
    })?;
    let mut out = Summed::new(out, format);
    out.put(b"DIRC\0\0\0\x02");
    out.put(&count.to_be_bytes());
    let changed: HashSet<Vec<u8>> = view.changed_from(tree)?.into_iter().map(|path| path.as_bytes().to_vec()).collect();
    let (mut at, mut to_look_at, mut text) = (0, Vec::new(), Vec::new());
    let (mut inside, mut entered) = (vec![ROOT], 0);
    view.walk(tree, MOST, &mut |step| match step {
        Step::Enter { .. } => {
            // In the order of the first time.
            entered += 1;
            inside.push(folders.get(entered).map_or(ROOT, |folder| folder.ino));
        }
        Step::Leave => drop(inside.pop()),
        Step::File { path, mode, id, size } => {
            let stamp = (!is_below(path, &changed)).then(|| known.times.lock().get(path));
            if stamp.is_none() || mode == FileMode::Submodule {
                to_look_at.push(at);
            }
            at += 1;
            let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
            let ino = (known.number)(inside.last().copied().unwrap_or(ROOT), name);
            text.clear();
            entry(&mut text, (path, mode, &id), stamp.map(|stamp| Seen::new(&stamp, ino, known.owner, size)));
            out.put(&text);
        }
    })?;
    let mut cached = Vec::new();
    for folder in &folders {
        cached.extend_from_slice(&folder.name);
        cached.extend_from_slice(format!("\0{} {}\n", folder.entries, folder.folders.len()).as_bytes());
        cached.extend_from_slice(folder.id.as_bytes());
    }
    out.extension(b"TREE", &cached);
    let mut mixed: HashSet<&[u8]> = known.mixed.iter().map(Vec::as_slice).collect();
    for path in &changed {
        mixed.extend(above(path));
    }
    let seen = |path: &[u8], ino| (!mixed.contains(path)).then(|| Seen::new(&known.times.lock().get(path), ino, known.owner, 0));
    out.extension(b"UNTR", &untracked::extension(format, &mut folders, around, seen));
    let bits = ewah::bitmap(at, to_look_at);
    let mut monitor = 2u32.to_be_bytes().to_vec();
    monitor.extend_from_slice(known.mark.as_bytes());
    monitor.push(0);
    monitor.extend_from_slice(&u32::try_from(bits.len()).unwrap_or(u32::MAX).to_be_bytes());
    monitor.extend_from_slice(&bits);
    out.extension(b"FSMN", &monitor);
    out.end().map_err(|error| super::unusable(&error))
}

/// The directories above a path, the root's empty path included.
pub(super) fn above(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
    std::iter::once(0).chain(ends).filter_map(|end| path.get(..end))
}

/// Whether a path is one of these, or below one.
fn is_below(path: &[u8], of: &HashSet<Vec<u8>>) -> bool {
    !of.is_empty() && (of.contains(path) || above(path).skip(1).any(|above| of.contains(above)))
}

/// An output with a checksum at its end.
struct Summed<W: Write> {
    out: BufWriter<W>,
    sum: Sum,
    failed: Option<io::Error>,
}

enum Sum {
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
}

impl<W: Write> Summed<W> {
    fn new(out: W, format: ObjectFormat) -> Self {
        let sum = match format {
            ObjectFormat::Sha1 => Sum::Sha1(sha1::Sha1::default()),
            ObjectFormat::Sha256 => Sum::Sha256(sha2::Sha256::default()),
        };
        Self { out: BufWriter::with_capacity(BUFFER, out), sum, failed: None }
    }

    /// Writes; what fails is said at the end.
    fn put(&mut self, text: &[u8]) {
        match &mut self.sum {
            Sum::Sha1(sum) => sum.update(text),
            Sum::Sha256(sum) => sum.update(text),
        }
        if self.failed.is_none() {
            self.failed = self.out.write_all(text).err();
        }
    }

    fn extension(&mut self, name: &[u8; 4], text: &[u8]) {
        self.put(name);
        self.put(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
        self.put(text);
    }

    fn end(mut self) -> io::Result<()> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        match self.sum {
            Sum::Sha1(sum) => self.out.write_all(&sum.finalize())?,
            Sum::Sha256(sum) => self.out.write_all(&sum.finalize())?,
        }
        self.out.flush()
    }
}

/// What stat(2) shows of a file, as far as Git keeps it; all its numbers are cut to 32 bits.
pub(super) struct Seen {
    changed: (u32, u32),
    modified: (u32, u32),
    ino: u32,
    owner: Owner,
    size: u32,
}

impl Seen {
    fn new(stamp: &Stamp, ino: u64, owner: Owner, size: u64) -> Self {
        let cut = |number: u64| (number & u64::from(u32::MAX)) as u32;
        let parts = |time: SystemTime| {
            let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            (cut(since.as_secs()), since.subsec_nanos())
        };
        Self { changed: parts(stamp.changed), modified: parts(stamp.modified), ino: cut(ino), owner, size: cut(size) }
    }

    /// Both times; device and number.
    pub(super) fn head(&self) -> [u32; 6] {
        [self.changed.0, self.changed.1, self.modified.0, self.modified.1, 0, self.ino]
    }

    /// Owner, group, size.
    pub(super) fn tail(&self) -> [u32; 3] {
        [self.owner.user, self.owner.group, self.size]
    }
}

fn entry(text: &mut Vec<u8>, (path, mode, id): (&[u8], FileMode, &ObjectId), seen: Option<Seen>) {
    let start = text.len();
    let mode = match mode {
        FileMode::Regular => 0o100_644u32,
        FileMode::Executable => 0o100_755,
        FileMode::Symlink => 0o120_000,
        FileMode::Submodule => 0o160_000,
    };
    let (head, tail) = seen.map_or(([0; 6], [0; 3]), |seen| (seen.head(), seen.tail()));
    for number in head.into_iter().chain([mode]).chain(tail) {
        text.extend_from_slice(&number.to_be_bytes());
    }
    text.extend_from_slice(id.as_bytes());
    let length = u16::try_from(path.len().min(0xfff)).unwrap_or(0xfff);
    text.extend_from_slice(&length.to_be_bytes());
    text.extend_from_slice(path);
    // One to eight zeros, so that an entry's length is a multiple of eight.
    let length = text.len() - start;
    text.resize(start + (length + 8) / 8 * 8, 0);
}
