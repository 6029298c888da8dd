//! Walking three trees at once, looking only at what differs.
//!
//! A subtree that is the same in all three is never entered. One that only one side changed is set aside, and entered only if a rename of
//! that side can matter: if something it deleted was changed by the other side, or if it is unclear where a directory went. Otherwise the
//! changed side's subtree is the result, whole.

use super::entry::{BASE, Entry, Fate, Named, OURS, Paths, THEIRS, bit, file, other};
use super::outcome::MergeError;
use crate::renames::{DirectoryRelevance, Relevance, Source, Target, git_order};
use acetate_types::{EntryKind, ObjectId, Objects, Tree};
use bytes::Bytes;
use std::sync::Arc;

/// Whether it matters where the files of a directory went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    /// No directory above is gone.
    No,
    /// The directory is gone from the other side; if this side added a file to it, it matters.
    IfAddedBy(usize),
    /// It matters.
    Yes,
}

/// A name and what the three trees have under it.
type Names = (Bytes, [Named; 3]);

/// One directory being walked.
struct Frame {
    /// Its path; empty at the root.
    path: Bytes,
    /// What differs, in the order in which Git meets it.
    names: std::vec::IntoIter<Names>,
    question: Question,
}

/// The walk.
pub(super) struct Walk<'a, O> {
    objects: &'a O,
    max_paths: usize,
    paths: Paths,
    /// Per side: entries of subtrees that only that side changed.
    deferred: [Vec<(usize, Question)>; 3],
}

impl<'a, O: Objects> Walk<'a, O> {
    pub fn new(objects: &'a O, max_paths: usize) -> Self {
        Self { objects, max_paths, paths: Paths::default(), deferred: Default::default() }
    }

    /// Walks the trees.
    pub fn run(mut self, roots: [&ObjectId; 3]) -> Result<Paths, MergeError> {
        let root = self.frame(Bytes::new(), &roots.map(|id| Some((EntryKind::Tree, *id))), Question::No)?;
        self.below(root)?;
        for side in [OURS, THEIRS] {
            self.paths.followed[side] = self.paths.gone[side].iter().any(|source| source.relevance != Relevance::Not);
            let deferred = std::mem::take(&mut self.deferred[side]);
            if !self.paths.followed[side] {
                for (place, _) in deferred {
                    let entry = &mut self.paths.entries[place];
                    entry.fate = Fate::Whole(entry.named[side]);
                }
                continue;
            }
            let paths: Vec<Bytes> = deferred.iter().map(|(place, _)| self.paths.entries[*place].path.clone()).collect();
            for next in git_order(&paths) {
                let (place, question) = deferred[next];
                let entry = &mut self.paths.entries[place];
                entry.same &= entry.files();
                let (path, named) = (entry.path.clone(), entry.named);
                let frame = self.frame(path, &named, question)?;
                self.below(frame)?;
            }
        }
        Ok(self.paths)
    }

    /// Visits everything below a directory, depth first. A stack of its own, for trees can be deeper than a thread's stack allows.
    fn below(&mut self, frame: Frame) -> Result<(), MergeError> {
        let mut frames = vec![frame];
        while let Some(frame) = frames.last_mut() {
            let Some((name, named)) = frame.names.next() else {
                frames.pop();
                continue;
            };
            let (dir, question) = (frame.path.clone(), frame.question);
            if let Some(next) = self.visit(&dir, question, &name, named)? {
                frames.push(next);
            }
        }
        Ok(())
    }

    fn frame(&mut self, path: Bytes, named: &[Named; 3], question: Question) -> Result<Frame, MergeError> {
        let mut trees: [Arc<Tree>; 3] = Default::default();
        for (tree, named) in trees.iter_mut().zip(named) {
            if let Some((EntryKind::Tree, id)) = named {
                *tree = self.objects.tree(id)?;
            }
        }
        let (names, kept) = differing(&trees);
        if kept {
            self.paths.kept.insert(path.clone());
        }
        let added_by = |side| names.iter().any(|(_, named)| (0..3).all(|place| file(&named[place]).is_some() == (place == side)));
        let question = match question {
            Question::IfAddedBy(side) if added_by(side) => Question::Yes,
            question => question,
        };
        Ok(Frame { path, names: names.into_iter(), question })
    }

    fn visit(&mut self, dir: &Bytes, question: Question, name: &[u8], named: [Named; 3]) -> Result<Option<Frame>, MergeError> {
        if self.paths.entries.len() >= self.max_paths {
            return Err(MergeError::TooManyPaths { limit: self.max_paths });
        }
        let path: Bytes = if dir.is_empty() { Bytes::copy_from_slice(name) } else { [dir, &b"/"[..], name].concat().into() };
        let mut entry = Entry::new(path, named);
        let equal = |a: usize, b: usize| named[a].is_some() && named[a] == named[b];
        let (ours_kept, theirs_kept, alike) = (equal(BASE, OURS), equal(BASE, THEIRS), equal(OURS, THEIRS));
        if entry.files() == 7 && (ours_kept || theirs_kept || alike) {
            // A file that is everywhere and that at most one side changed can't be part of a rename.
            entry.fate = Fate::File(entry.stages[if ours_kept { THEIRS } else { OURS }].clone());
            self.paths.add(entry);
            return Ok(None);
        }
        entry.same = if ours_kept {
            3
        } else if theirs_kept {
            5
        } else if alike {
            6
        } else {
            0
        };
        let question = self.note_renames(dir, question, &entry);
        let (files, dirs, path) = (entry.files(), entry.dirs, entry.path.clone());
        if dirs == 0 {
            self.paths.add(entry);
            return Ok(None);
        }
        let changed_by = match dirs {
            _ if ours_kept => Some(THEIRS),
            _ if theirs_kept => Some(OURS),
            2 if files == 0 => Some(OURS),
            4 if files == 0 => Some(THEIRS),
            _ => None,
        };
        if let Some(side) = changed_by.filter(|side| question != Question::Yes && !self.paths.followed[*side]) {
            let place = self.paths.add(entry);
            self.deferred[side].push((place, question));
            return Ok(None);
        }
        entry.same &= files;
        self.paths.add(entry);
        Ok(Some(self.frame(path, &named, question)?))
    }

    /// Notes what is gone and what is new, and whether it matters. Gives the question that holds below this path.
    fn note_renames(&mut self, dir: &Bytes, question: Question, entry: &Entry) -> Question {
        let (files, dirs) = (entry.files(), entry.dirs);
        let question = match (question, dirs) {
            (Question::Yes, _) => Question::Yes,
            (_, 3) => Question::IfAddedBy(OURS),
            (_, 5) => Question::IfAddedBy(THEIRS),
            (question, _) => question,
        };
        if matches!(dirs, 1 | 3 | 5) {
            let relevance = if question == Question::Yes { DirectoryRelevance::ForAncestor } else { DirectoryRelevance::Not };
            for side in [OURS, THEIRS].into_iter().filter(|side| dirs & bit(*side) == 0) {
                self.paths.removed[side].insert(entry.path.clone(), relevance);
            }
        }
        for side in [OURS, THEIRS] {
            if question == Question::Yes && files == bit(side) {
                self.paths.removed[other(side)].insert(dir.clone(), DirectoryRelevance::ForSelf);
            }
            match (&entry.stages[BASE], &entry.stages[side]) {
                (Some(base), None) => {
                    let relevance = match question {
                        _ if entry.same & files == 0 => Relevance::Content,
                        Question::Yes => Relevance::Location,
                        _ => Relevance::Not,
                    };
                    self.paths.gone[side].push(Source { path: entry.path.clone(), mode: base.mode, id: base.id, relevance });
                }
                (None, Some(new)) => self.paths.new[side].push(Target { path: entry.path.clone(), mode: new.mode, id: new.id }),
                _ => {}
            }
        }
        question
    }
}

/// The names under which the trees differ, in the order in which Git meets them, and whether there are others.
fn differing(trees: &[Arc<Tree>; 3]) -> (Vec<Names>, bool) {
    // The numbers of the entries that come next.
    let mut at = [0usize; 3];
    let mut names = Vec::new();
    let mut kept = false;
    // Entries taken before their turn, since a file and a directory of one name sort differently.
    let mut ahead: Vec<(usize, Bytes)> = Vec::new();
    loop {
        if ahead.is_empty()
            && let (Some(a), Some(b), Some(c)) = (trees[0].at(at[0]), trees[1].at(at[1]), trees[2].at(at[2]))
            && a == b
            && a == c
        {
            kept = true;
            at = at.map(|at| at + 1);
            continue;
        }
        for (place, at) in at.iter_mut().enumerate() {
            while let Some(next) = trees[place].at(*at)
                && let Some(taken) = ahead.iter().position(|(tree, name)| *tree == place && **name == *next.name)
            {
                ahead.swap_remove(taken);
                *at += 1;
            }
        }
        let next = (0..3).filter_map(|place| trees[place].at(at[place]).map(|entry| (entry.name, place))).min();
        let Some((_, place)) = next else { return (names, kept) };
        let first = trees[place].name_at(at[place]);
        let mut named: [Named; 3] = [None; 3];
        for (place, at) in at.iter_mut().enumerate() {
            match trees[place].at(*at) {
                Some(next) if *next.name == *first => {
                    named[place] = Some((next.kind, next.id));
                    *at += 1;
                }
                Some(_) => {
                    // Only a directory can hide behind longer names, see `git_order` of trees.
                    let found = trees[place].find(&first).filter(|number| *number > *at);
                    if let Some(entry) = found.and_then(|number| trees[place].at(number)) {
                        named[place] = Some((entry.kind, entry.id));
                        ahead.push((place, first.clone()));
                    }
                }
                None => {}
            }
        }
        if named[BASE].is_some() && named[BASE] == named[OURS] && named[BASE] == named[THEIRS] {
            kept = true;
        } else {
            names.push((first, named));
        }
    }
}
