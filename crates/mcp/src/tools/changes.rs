//! `diff`, `commit`, `sync`, `checkpoint`.

use super::call::Call;
use super::conflicts::conflicted;
use crate::arguments::Path;
use crate::outcome::{Outcome, counted};
use acetate_engine::api::{CheckpointSession, CommitTurn, SyncOutcome};
use acetate_engine::{DiffOptions, EngineError, Session};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Diff {
    file_path: Option<Path>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Commit {
    message: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Checkpoint {
    name: String,
    message: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// What changed since the base.
pub(super) fn diff(call: &Call, session: &Session, asked: Diff) -> Result<Outcome, EngineError> {
    let paths = asked.file_path.into_iter().map(|path| path.0).collect();
    let options = DiffOptions { hunks: false, patch: true, symbols: false, context: 3, paths };
    let diff = session.diff(&options)?;
    let patch = diff.patch.map(|patch| String::from_utf8_lossy(&patch.0).into_owned()).unwrap_or_default();
    let (patch, cut) = whole_lines(&patch, call.shared.limits.page_chars);
    let truncated = cut || diff.truncated;
    let files: Vec<Value> = diff.files.iter().map(|file| json!({ "path": file.path, "change": file.change, "from": file.from })).collect();
    let mut text = if patch.is_empty() { "no changes".to_owned() } else { patch.to_owned() };
    if truncated {
        text.push_str("\n(the patch is longer than one answer; name a file_path, or read the file)");
    }
    Ok(Outcome::new(json!({ "files": files, "patch": patch, "truncated": truncated }), text))
}

/// The lines that fit whole, and whether some were left out.
fn whole_lines(text: &str, most: usize) -> (&str, bool) {
    if text.len() <= most {
        return (text, false);
    }
    let end = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= most).last().unwrap_or(0);
    let end = text[..end].rfind('\n').map_or(0, |at| at + 1);
    (&text[..end], true)
}

/// Ends the turn.
pub(super) fn commit(session: &Session, asked: Commit) -> Result<Outcome, EngineError> {
    let made = session.commit(CommitTurn { message: asked.message }, None)?;
    let text = if made.changed {
        format!("turn {} is recorded with {}; submit lands it", made.turn, counted(made.paths, "changed path"))
    } else {
        "nothing has changed since the last turn".to_owned()
    };
    let data = json!({ "turn": made.turn, "changed": made.changed, "paths": made.paths, "commit": made.commit });
    Ok(Outcome::new(data, text))
}

/// Rebases onto the head.
pub(super) fn sync(call: &Call, session: &Session, _: Nothing) -> Result<Outcome, EngineError> {
    match session.sync(acetate_engine::api::Sync::default(), None)? {
        SyncOutcome::Synced { moved, findings } => {
            let text = match moved {
                0 => "the session stands on the head already".to_owned(),
                moved => format!("the session moved {} on and stands on the head now", counted(moved, "version")),
            };
            Ok(Outcome::new(json!({ "result": "synced", "moved": moved, "findings": findings }), text))
        }
        SyncOutcome::Conflict { conflicts, open, against } => Ok(conflicted(&conflicts, open, &against, call.shared.limits.page_chars)),
    }
}

/// Names the present state.
pub(super) fn checkpoint(session: &Session, asked: Checkpoint) -> Result<Outcome, EngineError> {
    let made = session.checkpoint(&CheckpointSession { name: asked.name, message: asked.message }, None)?;
    let commit = made.commit.to_hex();
    Ok(Outcome::new(json!({ "name": made.name, "commit": commit }), format!("checkpoint {} names {commit}", made.name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_are_shown() {
        assert_eq!(whole_lines("ab\ncd\n", 9), ("ab\ncd\n", false));
        assert_eq!(whole_lines("ab\ncd\n", 4), ("ab\n", true));
        assert_eq!(whole_lines("äb\ncd\n", 1), ("", true));
    }
}
