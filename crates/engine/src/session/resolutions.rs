//! From conflicts and what was said about each to the edits that settle them.

use crate::EngineError;
use crate::api::{Resolution, Resolve, Take};
use crate::landing::{Asked, asked, parted};
use acetate_merge::{Conflict, Edit, FileConflict, MergedContent, MergedEntry, Pick, TreeMerge};
use acetate_types::{ErrorKind, FileMode, ObjectFormat, RepoPath};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Turns conflicts that have a resolution into edits; gives how many questions are left. A resolution of a whole path counts before those
/// of its parts: whoever gives one takes back the others.
///
/// # Errors
/// `resolutions_contradict`, when two of them would need different things at one path, or a file where another needs a directory.
pub(super) fn settle(merge: &mut TreeMerge, resolutions: &[Resolution], format: ObjectFormat) -> Result<usize, EngineError> {
    let known: HashMap<(&RepoPath, &str), &Resolve> =
        resolutions.iter().map(|known| ((&known.resolve.path, known.key.as_str()), &known.resolve)).collect();
    let mut open = 0;
    let mut settled = Settled::default();
    let all = asked(&merge.conflicts, format);
    for questions in all.chunk_by(|a, b| std::ptr::eq(a.conflict, b.conflict)) {
        let Some(Asked { conflict, whole, .. }) = questions.first() else { continue };
        if let Some(resolve) = known.get(&(&conflict.path, whole.as_str())) {
            match (resolve.take, parted(conflict)) {
                (Take::Proposal, Some(text)) => match proposed(text) {
                    Some(text) => settled.put_text(conflict, text)?,
                    None => open += questions.len(),
                },
                _ => settled.add(conflict, resolve)?,
            }
            continue;
        }
        let answers: Vec<Option<&Resolve>> =
            questions.iter().map(|asked| known.get(&(&conflict.path, asked.key.as_str())).copied()).collect();
        match (answers.iter().filter(|answer| answer.is_none()).count(), parted(conflict)) {
            (0, Some(text)) => settled.put_text(conflict, composed(text, &answers))?,
            (left, _) => open += left,
        }
    }
    settled.check(&merge.edits)?;
    if open == 0 {
        merge.conflicts.clear();
        merge.edits = settled.edits(std::mem::take(&mut merge.edits));
    }
    Ok(open)
}

/// A text's merge with every proposal taken, if every question has one.
fn proposed(text: &FileConflict) -> Option<Bytes> {
    text.questions.iter().all(|question| question.proposal.is_some()).then(|| text.text(|_| Pick::Proposal).into())
}

/// A text's merge with an answer to each question.
fn composed(text: &FileConflict, answers: &[Option<&Resolve>]) -> Bytes {
    let pick = |question: usize| match answers.get(question).copied().flatten() {
        Some(resolve) => match (resolve.take, &resolve.text) {
            (Take::Head, _) => Pick::Ours,
            (Take::Session, _) => Pick::Theirs,
            (Take::Proposal, _) => Pick::Proposal,
            (Take::Text, Some(text)) => Pick::Text(&text.0),
            (Take::Text, None) | (Take::Delete, _) => Pick::Text(b""),
        },
        // Each question was found to have one.
        None => Pick::Theirs,
    };
    text.text(pick).into()
}

/// What a resolution wants at a path: to put something there, or that it stays as the head has it.
struct Claim {
    entry: Option<MergedEntry>,
    puts: bool,
    /// The path of the conflict that it settles.
    of: RepoPath,
}

/// What the resolutions so far come to.
#[derive(Default)]
struct Settled {
    claims: BTreeMap<RepoPath, Claim>,
    removals: BTreeSet<RepoPath>,
}

impl Settled {
    fn add(&mut self, conflict: &Conflict, resolve: &Resolve) -> Result<(), EngineError> {
        let settle = &conflict.settle;
        match resolve.take {
            // Paths in conflict are as the head has them.
            Take::Head => {
                self.edits_of(conflict, &settle.ours)?;
                let ours = conflict.ours.as_ref().filter(|side| side.text.is_none());
                for path in &settle.keeps {
                    let entry =
                        ours.filter(|side| side.path == *path).map(|side| MergedEntry::File { mode: side.mode, content: side.content() });
                    if !settle.ours.iter().any(|edit| edit.path == *path) {
                        self.claim(path, Claim { entry, puts: false, of: conflict.path.clone() })?;
                    }
                }
            }
            Take::Session => {
                self.edits_of(conflict, &settle.shared)?;
                self.edits_of(conflict, &settle.theirs)?;
            }
            Take::Delete => {
                self.edits_of(conflict, &settle.shared)?;
                self.removals.extend(conflict.ours.iter().map(|side| &side.path).filter(|path| **path == settle.place).cloned());
            }
            Take::Proposal | Take::Text => {
                let text = match resolve.take {
                    Take::Text => resolve.text.as_ref().map(|text| text.0.clone()),
                    _ => conflict.proposal.as_ref().map(|proposal| proposal.text.0.clone()),
                };
                self.put_text(conflict, text.unwrap_or_default())?;
            }
        }
        Ok(())
    }

    /// A text takes the place of both.
    fn put_text(&mut self, conflict: &Conflict, text: Bytes) -> Result<(), EngineError> {
        let settle = &conflict.settle;
        let elsewhere = |edit: &&Edit| edit.entry.is_none() || !edit.path.starts_with(&settle.place);
        self.edits_of(conflict, settle.shared.iter().filter(elsewhere))?;
        let entry = MergedEntry::File { mode: text_mode(conflict), content: MergedContent::Bytes(text) };
        self.edits_of(conflict, &[Edit { path: settle.place.clone(), entry: Some(entry) }])
    }

    fn edits_of<'a>(&mut self, conflict: &Conflict, edits: impl IntoIterator<Item = &'a Edit>) -> Result<(), EngineError> {
        for edit in edits {
            match &edit.entry {
                None => drop(self.removals.insert(edit.path.clone())),
                entry => self.claim(&edit.path, Claim { entry: entry.clone(), puts: true, of: conflict.path.clone() })?,
            }
        }
        Ok(())
    }

    fn claim(&mut self, path: &RepoPath, claim: Claim) -> Result<(), EngineError> {
        match self.claims.get(path) {
            Some(known) if known.entry != claim.entry && (known.puts || claim.puts) => Err(contradict(&known.of, &claim.of, path)),
            Some(_) => Ok(()),
            None => {
                self.claims.insert(path.clone(), claim);
                Ok(())
            }
        }
    }

    /// No file can be where something is below it.
    fn check(&self, edits: &[Edit]) -> Result<(), EngineError> {
        let above =
            |path: &RepoPath| std::iter::successors(path.parent(), RepoPath::parent).find_map(|above| self.claims.get_key_value(&above));
        for (path, claim) in &self.claims {
            if let Some((file, other)) = above(path) {
                return Err(contradict(&other.of, &claim.of, file));
            }
        }
        for edit in edits.iter().filter(|edit| edit.entry.is_some()) {
            if let Some((file, claim)) = above(&edit.path).filter(|(_, claim)| claim.puts) {
                return Err(EngineError::new(
                    ErrorKind::Conflict,
                    "path_is_directory",
                    format!("{} can't be a file as {} asks, for the merge puts {} there", file, claim.of, edit.path),
                )
                .hint("take the other side, or move the file in the session and resolve then"));
            }
        }
        Ok(())
    }

    /// The merge's edits with those that settle its conflicts, removals first.
    fn edits(mut self, decided: Vec<Edit>) -> Vec<Edit> {
        let mut puts: BTreeMap<RepoPath, Option<MergedEntry>> = BTreeMap::new();
        for edit in decided {
            match edit.entry {
                None => drop(self.removals.insert(edit.path)),
                entry => drop(puts.insert(edit.path, entry)),
            }
        }
        self.removals.retain(|path| !self.claims.contains_key(path));
        puts.extend(self.claims.into_iter().filter(|(_, claim)| claim.puts).map(|(path, claim)| (path, claim.entry)));
        let removals = self.removals.into_iter().map(|path| Edit { path, entry: None });
        removals.chain(puts.into_iter().map(|(path, entry)| Edit { path, entry })).collect()
    }
}

fn contradict(one: &RepoPath, other: &RepoPath, at: &RepoPath) -> EngineError {
    let message = format!("the resolutions of {one} and {other} contradict each other: both need {at}, for different things");
    EngineError::new(ErrorKind::Conflict, "resolutions_contradict", message)
        .hint("take the same side for both, or resolve the other one anew first")
}

/// A text given for links on both sides is where the link points; a file is executable if the side that changed its mode has it so.
fn text_mode(conflict: &Conflict) -> FileMode {
    if let [Some(base), Some(ours), Some(theirs)] = [&conflict.base, &conflict.ours, &conflict.theirs]
        && [base, ours, theirs].into_iter().all(|side| side.mode.is_file())
    {
        return if theirs.mode == base.mode { ours.mode } else { theirs.mode };
    }
    let mut modes = [&conflict.theirs, &conflict.ours].into_iter().flatten().map(|side| side.mode).peekable();
    if modes.peek().is_some() && modes.clone().all(|mode| mode == FileMode::Symlink) {
        return FileMode::Symlink;
    }
    modes.chain(conflict.base.iter().map(|side| side.mode)).find(|mode| mode.is_file()).unwrap_or(FileMode::Regular)
}
