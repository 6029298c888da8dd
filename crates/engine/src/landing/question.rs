//! What there is to decide in a merge, question by question, each with a key that stays the same as long as the question does.
//!
//! A conflict about where files are, or about a file that is not merged by its text, is one question. A text's merge has as many as its
//! [`acetate_merge::FileConflict`] says: each is answered for itself, with a part of the file; or the whole file is settled at once.

use super::conflicts::side_id;
use acetate_merge::{Conflict, ConflictHunk, ConflictKind, FileConflict, FilePiece, Pick, Question};
use acetate_types::{ObjectFormat, ObjectId, RepoPath};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

/// Something to decide.
pub(crate) struct Asked<'a> {
    /// The conflict it is part of.
    pub(crate) conflict: &'a Conflict,
    /// The place of its question in the conflict's text; `None` for a conflict that is decided whole.
    place: Option<usize>,
    /// What a resolution of it is kept by.
    pub(crate) key: String,
    /// What a resolution of its whole conflict is kept by.
    pub(crate) whole: String,
    /// Whether it has a resolution.
    pub(crate) resolved: bool,
}

/// The text's merge, where that is all a conflict is about: its questions can be answered one by one.
pub(crate) fn parted(conflict: &Conflict) -> Option<&FileConflict> {
    let by_text = matches!(conflict.kind, ConflictKind::BothChanged | ConflictKind::AddedDifferently);
    conflict.text.as_deref().filter(|text| by_text && !text.questions.is_empty())
}

/// All that there is to decide, in the order of the conflicts.
pub(crate) fn asked(conflicts: &[Conflict], format: ObjectFormat) -> Vec<Asked<'_>> {
    let mut all = Vec::with_capacity(conflicts.len());
    for conflict in conflicts {
        let whole = whole_key(&conflict.path, &sides(conflict));
        match parted(conflict) {
            None => all.push(Asked { conflict, place: None, key: whole.clone(), whole, resolved: false }),
            Some(text) => all.extend(text.questions.iter().enumerate().map(|(place, question)| Asked {
                conflict,
                place: Some(place),
                key: part_key(conflict, text, place, question, format),
                whole: whole.clone(),
                resolved: false,
            })),
        }
    }
    all
}

impl<'a> Asked<'a> {
    /// Its question, with its place in the conflict's text.
    pub(crate) fn question(&self) -> Option<(usize, &'a Question)> {
        let place = self.place?;
        Some((place, self.conflict.text.as_ref()?.questions.get(place)?))
    }

    /// The symbol it is about.
    pub(crate) fn symbol(&self) -> Option<&'a str> {
        self.question().and_then(|(_, question)| question.symbol.as_deref())
    }

    /// Its kind. What lines alone could not merge is of the kind of the whole conflict.
    pub(crate) fn kind(&self) -> ConflictKind {
        self.own().map_or(self.conflict.kind, |question| question.kind)
    }

    /// What happened, in a sentence.
    pub(crate) fn why(&self) -> &'a str {
        self.own().map_or(&self.conflict.why, |question| &question.why)
    }

    /// Its places in the three texts.
    pub(crate) fn hunks(&self) -> &'a [ConflictHunk] {
        self.question().map_or(&self.conflict.hunks, |(_, question)| &question.hunks)
    }

    /// What one side has at each of its places; `None` for a conflict that is decided whole.
    pub(crate) fn parts(&self, pick: Pick<'_>) -> Option<Vec<Bytes>> {
        let (place, _) = self.question()?;
        let text = self.conflict.text.as_ref()?;
        let parts = text.pieces.iter().filter_map(|piece| match piece {
            FilePiece::Open(open) if open.question == place => Some(match pick {
                Pick::Base => open.base.clone(),
                Pick::Ours => open.ours.clone(),
                _ => open.theirs.clone(),
            }),
            _ => None,
        });
        Some(parts.collect())
    }

    fn own(&self) -> Option<&'a Question> {
        let by_lines = self.conflict.text.as_ref().is_some_and(|text| text.lines.is_some());
        self.question().map(|(_, question)| question).filter(|_| !by_lines)
    }
}

/// The ids of a conflict's three files.
fn sides(conflict: &Conflict) -> [Option<ObjectId>; 3] {
    [&conflict.base, &conflict.ours, &conflict.theirs].map(|side| side.as_ref().map(side_id))
}

/// What the resolution of a whole path is kept by: the path and the three files.
pub(crate) fn whole_key(path: &RepoPath, sides: &[Option<ObjectId>; 3]) -> String {
    let mut hash = Sha256::new();
    field(&mut hash, b"whole");
    field(&mut hash, path.as_bytes());
    for side in sides {
        field(&mut hash, side.as_ref().map_or(&[][..], ObjectId::as_bytes));
    }
    short(hash)
}

/// What the resolution of a part is kept by: its symbol, its kind, its three texts and its proposal.
fn part_key(conflict: &Conflict, text: &FileConflict, place: usize, question: &Question, format: ObjectFormat) -> String {
    let mut hash = Sha256::new();
    field(&mut hash, b"part");
    field(&mut hash, conflict.path.as_bytes());
    field(&mut hash, question.kind.as_str().as_bytes());
    field(&mut hash, question.symbol.as_deref().unwrap_or_default().as_bytes());
    for pick in [Pick::Base, Pick::Ours, Pick::Theirs, Pick::Proposal].into_iter().take(3 + usize::from(question.proposal.is_some())) {
        field(&mut hash, acetate_git::blob_id(format, &text.part(place, pick)).as_bytes());
    }
    short(hash)
}

fn field(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

fn short(hash: Sha256) -> String {
    hex::encode(hash.finalize().get(..12).unwrap_or_default())
}
