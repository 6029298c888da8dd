//! An index as Git would have it right after a checkout, without reading a file.
//!
//! Format: <https://git-scm.com/docs/index-format>, version 2, with the cached trees, and with what Git otherwise finds out by looking at
//! everything: that no file is other than its entry, and that there are no other files. Entries of files that the session changed have no
//! times, so that Git looks at those.

use super::ewah;
use super::untracked::{self, Around, Folder};
use crate::rules::Rules;
use crate::times::Times;
use acetate_engine::{EngineError, Step, View};
use acetate_types::{FileMode, ObjectFormat, ObjectId};
use parking_lot::Mutex;
use sha1::Digest as _;
use std::collections::HashSet;
use std::io::{self, BufWriter, Write};
use std::time::SystemTime;

/// Bytes that are written at once.
const BUFFER: usize = 128 << 10;

/// What the index says besides the tree.
pub(super) struct Known<'a> {
    pub(super) times: &'a Mutex<Times>,
    /// The mark from which on changes are told.
    pub(super) mark: String,
    /// Directories in which something may be that is not in the tree; the root's path is empty.
    pub(super) mixed: HashSet<Vec<u8>>,
    pub(super) around: Around,
}

/// Writes the index of a tree.
pub(super) fn write(view: &View, tree: &ObjectId, known: &Known<'_>, out: impl Write) -> Result<(), EngineError> {
    let format = tree.format();
    let mut count = 0u32;
    let mut folders = vec![Folder::new(b"", *tree)];
    let mut open = vec![0usize];
    // Twice: how many entries there are is said first. The second time everything is at hand.
    view.walk(tree, &mut |step| match step {
        Step::Enter { name, id } => {
            let new = folders.len();
            if let Some(above) = open.last().and_then(|at| folders.get_mut(*at)) {
                above.folders.push(new);
            }
            open.push(new);
            folders.push(Folder::new(name, id));
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
    view.walk(tree, &mut |step| {
        if let Step::File { path, mode, id, size } = step {
            let time = (!is_below(path, &changed)).then(|| known.times.lock().get(path).modified);
            if time.is_none() || mode == FileMode::Submodule {
                to_look_at.push(at);
            }
            at += 1;
            text.clear();
            entry(&mut text, path, mode, &id, size, time);
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
    let time = |path: &[u8]| (!mixed.contains(path)).then(|| known.times.lock().get(path).modified);
    out.extension(b"UNTR", &untracked::extension(format, &mut folders, &known.around, time));
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

fn entry(text: &mut Vec<u8>, path: &[u8], mode: FileMode, id: &ObjectId, size: u64, time: Option<SystemTime>) {
    let start = text.len();
    let since = time.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok()).unwrap_or_default();
    let mode = match mode {
        FileMode::Regular => 0o100_644u32,
        FileMode::Executable => 0o100_755,
        FileMode::Symlink => 0o120_000,
        FileMode::Submodule => 0o160_000,
    };
    let (seconds, nanos) = (u32::try_from(since.as_secs()).unwrap_or(0), since.subsec_nanos());
    // Git keeps the size modulo 2^32.
    let size = if time.is_some() { (size & u64::from(u32::MAX)) as u32 } else { 0 };
    for number in [seconds, nanos, seconds, nanos, 0, 0, mode, 0, 0, size] {
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
