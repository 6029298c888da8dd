//! An index as Git would have it right after a checkout, without reading a file.
//!
//! Format: <https://git-scm.com/docs/index-format>, version 2, with the cached trees. Entries of files that the session changed have no
//! times, so that Git looks at those.

use crate::times::Times;
use acetate_engine::{EngineError, Step, View};
use acetate_types::{FileMode, ObjectFormat, ObjectId};
use parking_lot::Mutex;
use std::collections::HashSet;
use std::time::SystemTime;

/// One directory of the cached trees.
struct Cached {
    name: Vec<u8>,
    id: ObjectId,
    entries: u64,
    children: u64,
}

/// The index of a tree.
pub(super) fn of(view: &View, tree: &ObjectId, times: &Mutex<Times>) -> Result<Vec<u8>, EngineError> {
    let mut text = b"DIRC\0\0\0\x02\0\0\0\0".to_vec();
    let mut count = 0u32;
    let mut trees = vec![Cached { name: Vec::new(), id: *tree, entries: 0, children: 0 }];
    let mut open = vec![0usize];
    let changed: HashSet<Vec<u8>> = view.changed()?.into_iter().map(|path| path.as_bytes().to_vec()).collect();
    view.walk(tree, &mut |step| match step {
        Step::Enter { name, id } => {
            if let Some(above) = open.last().and_then(|at| trees.get_mut(*at)) {
                above.children += 1;
            }
            open.push(trees.len());
            trees.push(Cached { name: name.to_vec(), id, entries: 0, children: 0 });
        }
        Step::Leave => drop(open.pop()),
        Step::File { path, mode, id, size } => {
            count += 1;
            for at in &open {
                if let Some(tree) = trees.get_mut(*at) {
                    tree.entries += 1;
                }
            }
            let time = (!changed.contains(path)).then(|| times.lock().get(path).modified);
            entry(&mut text, path, mode, &id, size, time);
        }
    })?;
    if let Some(place) = text.get_mut(8..12) {
        place.copy_from_slice(&count.to_be_bytes());
    }
    let mut cached = Vec::new();
    for tree in &trees {
        cached.extend_from_slice(&tree.name);
        cached.extend_from_slice(format!("\0{} {}\n", tree.entries, tree.children).as_bytes());
        cached.extend_from_slice(tree.id.as_bytes());
    }
    text.extend_from_slice(b"TREE");
    text.extend_from_slice(&u32::try_from(cached.len()).unwrap_or(u32::MAX).to_be_bytes());
    text.extend_from_slice(&cached);
    sum(&mut text, tree.format());
    Ok(text)
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

fn sum(text: &mut Vec<u8>, format: ObjectFormat) {
    match format {
        ObjectFormat::Sha1 => {
            let sum = <sha1::Sha1 as sha1::Digest>::digest(&*text);
            text.extend_from_slice(&sum);
        }
        ObjectFormat::Sha256 => {
            let sum = <sha2::Sha256 as sha2::Digest>::digest(&*text);
            text.extend_from_slice(&sum);
        }
    }
}
