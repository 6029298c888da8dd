//! Conflicts as doors show them: one for each question, with its texts, bounded, and who made the head's side.

use super::authors::last_authors;
use super::question::{Asked, asked};
use crate::EngineError;
use crate::api::{ConflictInfo, ConflictSide, LineSpan, Person, ProposalInfo, Resolution};
use crate::store::Store;
use crate::workspace::{Head, WorkspaceState};
use acetate_merge::{Conflict, ConflictHunk, LineRange, Pick, Side};
use acetate_types::{FileMode, ObjectId, Objects as _, RepoPath, Text};
use bytes::Bytes;
use std::collections::HashSet;

/// Most conflicts of one answer.
const LISTED: usize = 1000;
/// Most bytes of one text shown in a conflict.
const SHOWN: usize = 16 << 10;
/// Most bytes of all texts of an answer; sides past it say what they are, not what they hold.
const TEXTS: usize = 1 << 20;

/// Conflicts, as many as an answer has, and how many are open in all.
#[derive(Debug, Clone)]
pub(crate) struct Conflicts {
    pub(crate) listed: Vec<ConflictInfo>,
    pub(crate) open: u64,
}

/// Conflicts of what was made on `base` with `head`, as doors show them. Those that have a resolution are marked; where there are more
/// than an answer lists, the open ones come first.
pub(crate) fn conflict_infos(
    store: &Store,
    workspace: &WorkspaceState,
    base: &Head,
    head: &Head,
    session_author: &Person,
    conflicts: &[Conflict],
    resolutions: &[Resolution],
) -> Result<Conflicts, EngineError> {
    let known: HashSet<(&RepoPath, &str)> = resolutions.iter().map(|known| (&known.resolve.path, known.key.as_str())).collect();
    let mut all = asked(conflicts, store.repo.format());
    for asked in &mut all {
        let answered = |key: &str| known.contains(&(&asked.conflict.path, key));
        asked.resolved = answered(&asked.key) || answered(&asked.whole);
    }
    let open = all.iter().filter(|asked| !asked.resolved).count() as u64;
    if all.len() > LISTED {
        all.sort_by_key(|asked| asked.resolved);
        all.truncate(LISTED);
    }
    let paths = all.iter().map(|asked| asked.conflict.ours.as_ref().map_or(&asked.conflict.path, |side| &side.path));
    let authors = last_authors(store, workspace, base, head, &paths.collect::<Vec<_>>())?;
    let mut room = Room { left: TEXTS };
    let mut listed = Vec::with_capacity(all.len());
    for (asked, head_author) in all.iter().zip(authors) {
        let conflict = asked.conflict;
        let mut side =
            |side: &Option<Side>, pick, range| side.as_ref().map(|side| show(store, asked, side, pick, range, &mut room)).transpose();
        listed.push(ConflictInfo {
            id: asked.key.clone(),
            path: conflict.path.clone(),
            symbol: asked.symbol().map(ToOwned::to_owned),
            kind: asked.kind().as_str().to_owned(),
            why: in_words_of_sides(asked.why()),
            base: side(&conflict.base, Pick::Base, |hunk| hunk.base)?,
            head: side(&conflict.ours, Pick::Ours, |hunk| hunk.ours)?,
            session: side(&conflict.theirs, Pick::Theirs, |hunk| hunk.theirs)?,
            head_author,
            session_author: Some(session_author.clone()),
            proposal: proposal(asked, &mut room),
            resolved: asked.resolved,
        });
    }
    Ok(Conflicts { listed, open })
}

/// The blob of a side, also where the merge made its text and nobody stored it.
pub(crate) fn side_id(side: &Side) -> ObjectId {
    side.text.as_ref().map_or(side.id, |text| acetate_git::blob_id(side.id.format(), text))
}

/// What is left for texts in an answer, in bytes.
struct Room {
    left: usize,
}

impl Room {
    /// As much of a text as is shown, and whether that is all of it.
    fn clip(&mut self, text: Bytes) -> (Text, bool) {
        let most = text.len().min(SHOWN).min(self.left);
        self.left -= most;
        (Text(text.slice(..most)), most == text.len())
    }
}

fn proposal(asked: &Asked<'_>, room: &mut Room) -> Option<ProposalInfo> {
    let (why, text) = match asked.question() {
        Some((place, question)) => (question.proposal.clone()?, asked.conflict.text.as_ref()?.part(place, Pick::Proposal).into()),
        None => asked.conflict.proposal.as_ref().map(|proposal| (proposal.why.clone(), proposal.text.0.clone()))?,
    };
    let size = text.len() as u64;
    let (text, whole) = room.clip(text);
    Some(ProposalInfo { why, text, size: (!whole).then_some(size) })
}

fn show(
    store: &Store,
    asked: &Asked<'_>,
    side: &Side,
    pick: Pick<'_>,
    range: fn(&ConflictHunk) -> LineRange,
    room: &mut Room,
) -> Result<ConflictSide, EngineError> {
    let mut shown = ConflictSide {
        path: side.path.clone(),
        mode: side.mode.as_str().to_owned(),
        id: side_id(side),
        places: Vec::new(),
        texts: Vec::new(),
        size: None,
    };
    if side.mode == FileMode::Submodule {
        return Ok(shown);
    }
    let size = side.text.as_ref().map_or_else(|| store.repo.blob_size(&side.id), |text| Ok(text.len() as u64))?;
    let hunks = asked.hunks();
    shown.places =
        hunks.iter().map(range).map(|range| LineSpan { start: u64::from(range.start) + 1, lines: u64::from(range.len) }).collect();
    if let Some(parts) = asked.parts(pick) {
        for part in parts {
            let (text, whole) = room.clip(part);
            shown.texts.push(text);
            shown.size = shown.size.or((!whole).then_some(size));
        }
        return Ok(shown);
    }
    if room.left == 0 || size > store.options.limits.file_bytes {
        shown.size = Some(size);
        return Ok(shown);
    }
    let text = side.text.as_ref().map_or_else(|| store.repo.blob(&side.id), |text| Ok(text.clone()))?;
    let mut clip = |text: Bytes| {
        let (text, whole) = room.clip(text);
        shown.texts.push(text);
        shown.size = shown.size.or((!whole).then_some(size));
    };
    if hunks.is_empty() {
        if !acetate_merge::files::is_binary(&text) {
            clip(text);
        }
        return Ok(shown);
    }
    // Starts of lines, so that each place can be cut out.
    let mut starts = vec![0];
    starts.extend(memchr::memchr_iter(b'\n', &text).map(|at| at + 1));
    let at = |line: u32| starts.get(line as usize).copied().unwrap_or(text.len());
    for range in hunks.iter().map(range) {
        clip(text.slice(at(range.start)..at(range.end()).max(at(range.start))));
    }
    Ok(shown)
}

/// A reason in the words of sessions: what the merge calls ours is the head's side here, and theirs the session's.
fn in_words_of_sides(why: &str) -> String {
    let named = |word: &str| {
        let bare = word.trim_end_matches([',', ';', ':', '.']);
        let side = match bare {
            "ours" => "the head",
            "theirs" => "the session",
            _ => return word.to_owned(),
        };
        format!("{side}{}", &word[bare.len()..])
    };
    why.split(' ').map(named).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::in_words_of_sides;

    #[test]
    fn sides_are_named_as_callers_know_them() {
        let check = |why: &str, expect: &str| assert_eq!(in_words_of_sides(why), expect);
        check("theirs changed a.txt, ours deleted it", "the session changed a.txt, the head deleted it");
        check("ours renamed a to ours.txt, theirs to b", "the head renamed a to ours.txt, the session to b");
        check("both sides changed it", "both sides changed it");
    }
}
