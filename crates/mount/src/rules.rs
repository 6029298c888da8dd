//! Which paths a repository ignores: those live in the scratch, or are left alone in a checked-out folder.
//!
//! The rules are Git's: the `.gitignore` files of the session as they are now, the nearest first, then the repository's own exclude file,
//! then the global excludes of whoever mounted; what is below an ignored directory is ignored.

use acetate_engine::{Node, View};
use acetate_types::RepoPath;
use bytes::Bytes;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::Arc;

/// The largest file of rules that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// Where files of rules are read.
pub(crate) trait Texts {
    /// What a regular file of at most so many bytes says; `None` where there is no such file.
    fn text(&self, path: &RepoPath, most: u64) -> Option<Bytes>;
}

impl Texts for View {
    fn text(&self, path: &RepoPath, most: u64) -> Option<Bytes> {
        let Ok(Some(Node::File(file))) = self.get(path) else { return None };
        if !file.mode().is_file() || self.size(&file).ok()? > most {
            return None;
        }
        self.content(&file).ok()
    }
}

/// The rules of a session's files.
#[derive(Debug)]
pub(crate) struct Rules {
    exclude: Gitignore,
    /// Per directory what its `.gitignore` says; the lock is held to look at or change the map.
    found: Mutex<HashMap<Vec<u8>, Option<Arc<Gitignore>>>>,
}

fn compile(directory: &[u8], text: &[u8]) -> Gitignore {
    let mut builder = GitignoreBuilder::new(Path::new(OsStr::from_bytes(directory)));
    for line in String::from_utf8_lossy(text).lines() {
        // A line that is no pattern says nothing, as in Git.
        let _ = builder.add_line(None, line);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

impl Rules {
    /// With the patterns of the other files; of several that match the last one counts.
    pub(crate) fn new(exclude: &[u8]) -> Self {
        Self { exclude: compile(b"", exclude), found: Mutex::default() }
    }

    /// Whether a path is one on which rules depend.
    pub(crate) fn is_rules(path: &[u8]) -> bool {
        path == b".gitignore" || path.ends_with(b"/.gitignore")
    }

    /// Files of rules, or directories, changed.
    pub(crate) fn forget(&self) {
        self.found.lock().clear();
    }

    /// Whether a path, or a directory above it, is ignored.
    pub(crate) fn ignored(&self, texts: &impl Texts, path: &[u8], dir: bool) -> bool {
        self.ignored_above(texts, path).is_some() || self.says(texts, path, dir)
    }

    /// The first directory above a path that is ignored.
    pub(crate) fn ignored_above<'p>(&self, texts: &impl Texts, path: &'p [u8]) -> Option<&'p [u8]> {
        let mut ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        ends.find_map(|end| path.get(..end).filter(|above| self.says(texts, above, true)))
    }

    /// Whether a path is ignored, where no directory above it is.
    pub(crate) fn says(&self, texts: &impl Texts, path: &[u8], dir: bool) -> bool {
        let asked = Path::new(OsStr::from_bytes(path));
        let mut above = path;
        while !above.is_empty() {
            above = above.iter().rposition(|byte| *byte == b'/').and_then(|at| above.get(..at)).unwrap_or_default();
            if let Some(rules) = self.of(texts, above) {
                match rules.matched(asked, dir) {
                    Match::Ignore(_) => return true,
                    Match::Whitelist(_) => return false,
                    Match::None => {}
                }
            }
        }
        self.exclude.matched(asked, dir).is_ignore()
    }

    fn of(&self, texts: &impl Texts, directory: &[u8]) -> Option<Arc<Gitignore>> {
        if let Some(known) = self.found.lock().get(directory) {
            return known.clone();
        }
        let path = if directory.is_empty() { b".gitignore".to_vec() } else { [directory, b"/.gitignore"].concat() };
        let text = RepoPath::new(path).ok().and_then(|path| texts.text(&path, LARGEST));
        let rules = text.map(|text| Arc::new(compile(directory, &text)));
        self.found.lock().insert(directory.to_vec(), rules.clone());
        rules
    }
}
