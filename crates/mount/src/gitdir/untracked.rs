//! Git's untracked cache: that in no directory there is anything which Git does not track, so that the first `git status` reads none.
//!
//! Format: <https://git-scm.com/docs/index-format>, "Untracked cache". Directories in which something may be that is not in the tree are
//! not valid there, and Git reads those. What does not fit, as another place or other global excludes, makes Git read all of them.

use super::ewah;
use super::index::Seen;
use acetate_types::{ObjectFormat, ObjectId};
use std::path::PathBuf;

/// What `git status` asks for unless told otherwise: other directories as one, without empty ones.
const FLAGS: u32 = 1 << 1 | 1 << 2;

/// One directory of a tree.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) name: Vec<u8>,
    pub(super) id: ObjectId,
    /// The number that it is shown with.
    pub(super) ino: u64,
    /// How many entries of the index are below it.
    pub(super) entries: u64,
    pub(super) folders: Vec<usize>,
    /// Its `.gitignore`.
    pub(super) rules: Option<ObjectId>,
}

impl Folder {
    pub(super) fn new(name: &[u8], id: ObjectId, ino: u64) -> Self {
        Self { name: name.to_vec(), id, ino, entries: 0, folders: Vec::new(), rules: None }
    }
}

/// What Git's answer depends on besides the tree.
pub(super) struct Around {
    /// Where Git sees the work tree.
    pub(super) place: PathBuf,
    /// The text of `info/exclude`; none where there is no such file.
    pub(super) exclude: Option<Vec<u8>>,
    /// The text of the global excludes of whoever mounted; none where there are none.
    pub(super) global: Option<Vec<u8>>,
}

/// Git takes an empty file as it is, and puts a line end behind any other before it looks at it.
fn blob(format: ObjectFormat, text: &[u8]) -> ObjectId {
    if text.is_empty() { acetate_git::blob_id(format, b"") } else { acetate_git::blob_id(format, &[text, b"\n"].concat()) }
}

/// A number in Git's variable width.
fn number(mut value: u64, out: &mut Vec<u8>) {
    let mut digits = vec![(value & 127) as u8];
    while value >> 7 != 0 {
        value = (value >> 7) - 1;
        digits.push(128 | (value & 127) as u8);
    }
    out.extend(digits.iter().rev());
}

/// The extension for these folders, the root first. `seen` gives what is shown of a directory, or nothing where Git has to read it.
pub(super) fn extension(
    format: ObjectFormat,
    folders: &mut [Folder],
    around: &Around,
    mut seen: impl FnMut(&[u8], u64) -> Option<Seen>,
) -> Vec<u8> {
    let mut text = Vec::new();
    let mut ident = b"Location ".to_vec();
    ident.extend_from_slice(std::os::unix::ffi::OsStrExt::as_bytes(around.place.as_os_str()));
    ident.extend_from_slice(b", system Linux\0");
    number(ident.len() as u64, &mut text);
    text.extend_from_slice(&ident);
    // Their contents are compared, whatever stat(2) shows.
    text.extend_from_slice(&[0; 72]);
    text.extend_from_slice(&FLAGS.to_be_bytes());
    for file in [&around.exclude, &around.global] {
        match file {
            Some(file) => text.extend_from_slice(blob(format, file).as_bytes()),
            None => text.resize(text.len() + format.id_len(), 0),
        }
    }
    text.extend_from_slice(b".gitignore\0");
    number(folders.len() as u64, &mut text);
    let (mut valid, mut with_rules) = (Vec::new(), Vec::new());
    let (mut stats, mut rules) = (Vec::new(), Vec::new());
    // Depth first, those of one directory in the order of their bytes. Each with the length of the path above it.
    let mut open = vec![(0, 0)];
    let mut path: Vec<u8> = Vec::new();
    let mut count = 0;
    while let Some((at, above)) = open.pop() {
        path.truncate(above);
        let mut below = folders.get_mut(at).map(|folder| std::mem::take(&mut folder.folders)).unwrap_or_default();
        below.sort_by(|a, b| folders.get(*b).map(|folder| &folder.name).cmp(&folders.get(*a).map(|folder| &folder.name)));
        let Some(folder) = folders.get(at) else { continue };
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(&folder.name);
        number(0, &mut text);
        number(below.len() as u64, &mut text);
        text.extend_from_slice(&folder.name);
        text.push(0);
        if let Some(seen) = seen(&path, folder.ino) {
            valid.push(count);
            for number in seen.head().into_iter().chain(seen.tail()) {
                stats.extend_from_slice(&number.to_be_bytes());
            }
        }
        if let Some(id) = folder.rules {
            with_rules.push(count);
            rules.extend_from_slice(id.as_bytes());
        }
        count += 1;
        open.extend(below.into_iter().map(|below| (below, path.len())));
    }
    text.extend_from_slice(&ewah::bitmap(count, valid));
    text.extend_from_slice(&ewah::bitmap(count, []));
    text.extend_from_slice(&ewah::bitmap(count, with_rules));
    text.extend_from_slice(&stats);
    text.extend_from_slice(&rules);
    text.push(0);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_git_does() {
        // From `encode_varint` in Git.
        for (value, expect) in
            [(0, &[0u8][..]), (127, &[127]), (128, &[128, 0]), (255, &[128, 127]), (16_511, &[255, 127]), (16_512, &[128, 128, 0])]
        {
            let mut out = Vec::new();
            number(value, &mut out);
            assert_eq!(out, expect, "{value}");
        }
    }
}
