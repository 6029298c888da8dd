//! A session's files as a file system shows them: directories with all in them, contents in parts.

use super::handle::Session;
use crate::EngineError;
use crate::store::Store;
use acetate_overlay::{Entry, FileView, Overlay};
use acetate_types::{EntryKind, FileMode, ObjectId, Objects as _, RepoPath};
use bytes::Bytes;
use std::sync::Arc;

/// A session's files at one moment; later edits do not touch it. Costs nothing to make.
#[derive(Clone)]
pub struct View {
    store: Arc<Store>,
    overlay: Overlay,
    edits: u64,
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("base", &self.overlay.base_tree()).finish_non_exhaustive()
    }
}

/// What is at a path.
#[derive(Debug, Clone)]
pub enum Node {
    /// A directory.
    Directory,
    /// A file, link or submodule.
    File(FileNode),
}

/// A file, link or submodule.
#[derive(Debug, Clone)]
pub struct FileNode(FileView);

impl FileNode {
    /// Its mode.
    pub fn mode(&self) -> FileMode {
        self.0.mode()
    }

    /// The size in bytes, where it is known without asking for it.
    pub fn known_size(&self) -> Option<u64> {
        self.0.known_size()
    }

    /// The blob with its content, where that is stored; two with one id have the same content.
    pub fn id(&self) -> Option<ObjectId> {
        self.0.id()
    }
}

impl From<Entry> for Node {
    fn from(entry: Entry) -> Self {
        match entry {
            Entry::Directory(_) => Self::Directory,
            Entry::File(file) => Self::File(FileNode(file)),
        }
    }
}

/// One directory of a [`View`], taken hold of: looking up a name in it costs the same at any depth.
#[derive(Clone)]
pub struct Directory {
    store: Arc<Store>,
    names: acetate_overlay::Directory,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Directory").finish_non_exhaustive()
    }
}

impl Directory {
    /// What is at a name. A file's size is known then.
    ///
    /// # Errors
    /// An object that can't be read.
    pub fn get(&self, name: &[u8]) -> Result<Option<Node>, EngineError> {
        Ok(self.names.get(&self.store.repo, name)?.map(Node::from))
    }

    /// The directory at a name, `None` if there is none.
    ///
    /// # Errors
    /// An unreadable tree.
    pub fn child(&self, name: &[u8]) -> Result<Option<Self>, EngineError> {
        let child = self.names.child(&self.store.repo, name)?;
        Ok(child.map(|names| Self { store: Arc::clone(&self.store), names }))
    }

    /// All names, in no order.
    ///
    /// # Errors
    /// An unreadable tree.
    pub fn names(&self) -> Result<Vec<Name>, EngineError> {
        Ok(self.names.names(&self.store.repo)?.into_iter().map(|(name, kind)| Name { name, kind }).collect())
    }
}

/// One name of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The name, one path component.
    pub name: Bytes,
    /// What it is.
    pub kind: EntryKind,
}

impl Session {
    /// Its files as they are now. No call of the session's agent: it does not put off the session's end.
    ///
    /// # Errors
    /// `session_paused`, `session_not_found`, `right_missing`.
    pub fn view(&self) -> Result<View, EngineError> {
        self.need(crate::api::Right::Read)?;
        let state = self.cell.state.lock();
        self.active(&state)?;
        Ok(View { store: Arc::clone(&self.store), overlay: state.overlay.clone(), edits: state.seq })
    }

    /// Whether its files are still as a view shows them, with no edit in between. In constant time.
    ///
    /// # Errors
    /// As for `view`.
    pub fn is_at(&self, view: &View) -> Result<bool, EngineError> {
        self.need(crate::api::Right::Read)?;
        let state = self.cell.state.lock();
        self.active(&state)?;
        Ok(state.seq == view.edits && state.overlay.is(&view.overlay))
    }

    /// Notes that its agent is there, as each call of another door does.
    pub fn touch(&self) {
        self.cell.touch(self.store.now());
    }
}

impl View {
    pub(super) fn of(store: &Arc<Store>, overlay: Overlay) -> Self {
        Self { store: Arc::clone(store), overlay, edits: 0 }
    }

    /// The tree that the session stands on.
    pub fn base_tree(&self) -> ObjectId {
        self.overlay.base_tree()
    }

    /// The number of the session's last edit in the journal: while it is the same, and the base is, so are the files. 0 for a session
    /// that is only in memory, and for one that was not edited yet.
    pub fn edits(&self) -> u64 {
        self.edits
    }

    /// What is at a path, if anything.
    ///
    /// # Errors
    /// An unreadable tree.
    pub fn get(&self, path: &RepoPath) -> Result<Option<Node>, EngineError> {
        Ok(self.overlay.get(&self.store.repo, path)?.map(Node::from))
    }

    /// The directory at a path, `None` if there is none; without a path the root.
    ///
    /// # Errors
    /// An unreadable tree.
    pub fn directory(&self, path: Option<&RepoPath>) -> Result<Option<Directory>, EngineError> {
        let names = self.overlay.directory(&self.store.repo, path)?;
        Ok(names.map(|names| Directory { store: Arc::clone(&self.store), names }))
    }

    /// Whether the base has a file at a path, whatever the session did to it.
    ///
    /// # Errors
    /// An unreadable tree.
    pub fn base_has(&self, path: &RepoPath) -> Result<bool, EngineError> {
        let base = Overlay::new(self.overlay.base_tree());
        Ok(matches!(base.get(&self.store.repo, path)?, Some(Entry::File(_))))
    }

    /// All names of a directory, in byte order; `None` is the root.
    ///
    /// # Errors
    /// `path_not_found`, `not_a_directory`, an unreadable tree.
    pub fn list(&self, directory: Option<&RepoPath>) -> Result<Vec<Name>, EngineError> {
        let listed = self.overlay.list(&self.store.repo, directory)?;
        Ok(listed.into_iter().map(|listed| Name { name: listed.name, kind: listed.kind }).collect())
    }

    /// The size in bytes, without reading the content; for a submodule 0.
    ///
    /// # Errors
    /// An object that can't be read.
    pub fn size(&self, file: &FileNode) -> Result<u64, EngineError> {
        Ok(file.0.size(&self.store.repo)?)
    }

    /// The content: a file's bytes, a link's target; empty for a submodule. Shares the caches of all sessions.
    ///
    /// # Errors
    /// An object that can't be read, or is larger than objects may be that are read whole.
    pub fn content(&self, file: &FileNode) -> Result<Bytes, EngineError> {
        Ok(file.0.read(&self.store.repo)?)
    }

    /// At most `size` bytes of the content from `at` on, where they can be had without the rest of it.
    pub fn part(&self, file: &FileNode, at: usize, size: usize) -> Option<Bytes> {
        file.0.part(at, size)
    }

    /// The paths at which the session differs from its base.
    ///
    /// # Errors
    /// An object that can't be read.
    pub fn changed(&self) -> Result<Vec<RepoPath>, EngineError> {
        Ok(self.overlay.changes(&self.store.repo)?.into_iter().map(|change| change.path).collect())
    }

    /// The paths at which the session shows other than a tree has, which need not be its base: files whose mode or content differ, files and
    /// directories that came or went.
    ///
    /// # Errors
    /// An object that can't be read.
    pub fn changed_from(&self, tree: &ObjectId) -> Result<Vec<RepoPath>, EngineError> {
        Ok(self.overlay.diff_since(&self.store.repo, &Overlay::new(*tree))?)
    }

    /// The paths at which another base differs from this session's, where that base is still there.
    ///
    /// # Errors
    /// An object that can't be read.
    pub fn differs_from(&self, tree: &ObjectId) -> Result<Vec<RepoPath>, EngineError> {
        self.store.repo.tree(tree)?;
        let other = Overlay::new(*tree);
        Ok(Overlay::new(self.overlay.base_tree()).diff_since(&self.store.repo, &other)?)
    }
}

/// What Git is to show as checked out in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitHead {
    /// The full name of the session's branch.
    pub branch: String,
    /// The session's newest turn, else its base; none before a branch's first commit.
    pub commit: Option<ObjectId>,
    /// That commit's tree.
    pub tree: ObjectId,
    /// The name that its agent's commits bear.
    pub name: String,
    /// The address that they bear.
    pub email: String,
}

/// One step of a walk through a tree, in the order of an index.
#[derive(Debug)]
pub enum Step<'a> {
    /// A directory begins.
    Enter {
        /// Its name.
        name: &'a [u8],
        /// Its tree.
        id: ObjectId,
    },
    /// A file, link or submodule.
    File {
        /// Its whole path.
        path: &'a [u8],
        /// Its mode.
        mode: FileMode,
        /// Its blob, or a submodule's commit.
        id: ObjectId,
        /// Its size in bytes; 0 for a submodule.
        size: u64,
    },
    /// The directory ends.
    Leave,
}

impl Session {
    /// What Git is to show as checked out.
    ///
    /// # Errors
    /// As for `view`.
    pub fn git_head(&self) -> Result<GitHead, EngineError> {
        self.need(crate::api::Right::Read)?;
        let (commit, tree) = {
            let state = self.cell.state.lock();
            self.active(&state)?;
            (state.tip.map(|tip| tip.commit).or(state.base.commit), state.saved_tree())
        };
        let (name, email) = crate::landing::agent_identity(&self.cell.agent);
        Ok(GitHead { branch: self.cell.branch.to_string(), commit, tree, name, email })
    }
}

impl View {
    /// Walks through a tree with all below it, but for names that no repository may hold, and directories that a file of their name hides.
    /// Costs the whole tree.
    ///
    /// # Errors
    /// `tree_too_large` beyond so many entries, or so many of them directories; an object that can't be read.
    pub fn walk(&self, tree: &ObjectId, most: (usize, usize), each: &mut dyn FnMut(Step<'_>)) -> Result<(), EngineError> {
        let large = || EngineError::limit("tree_too_large", format!("a tree has more than {} entries or {} directories", most.0, most.1));
        let (mut left, mut left_folders) = most;
        let mut path = Vec::new();
        // A stack of its own: trees can be deeper than a thread's stack allows. Each with the entry that comes next, and its path's length.
        let mut open = vec![(self.store.repo.tree(tree)?, 0, 0)];
        while let Some((tree, next, length)) = open.last_mut() {
            let length = *length;
            path.truncate(length);
            let Some(entry) = tree.at(*next) else {
                open.pop();
                if !open.is_empty() {
                    each(Step::Leave);
                }
                continue;
            };
            let number = *next;
            *next += 1;
            left = left.checked_sub(1).ok_or_else(large)?;
            // Without the slash behind it.
            if RepoPath::check_below(length.saturating_sub(1), entry.name).is_err() || tree.find(entry.name) != Some(number) {
                continue;
            }
            path.extend_from_slice(entry.name);
            match entry.kind {
                EntryKind::Tree => {
                    left_folders = left_folders.checked_sub(1).ok_or_else(large)?;
                    each(Step::Enter { name: entry.name, id: entry.id });
                    path.push(b'/');
                    let below = self.store.repo.tree(&entry.id)?;
                    open.push((below, 0, path.len()));
                }
                EntryKind::File(mode) => {
                    let size = match mode {
                        FileMode::Submodule => 0,
                        _ => tree.size_at(number, |id| self.store.repo.blob_size(id))?,
                    };
                    each(Step::File { path: &path, mode, id: entry.id, size });
                }
            }
        }
        Ok(())
    }
}
