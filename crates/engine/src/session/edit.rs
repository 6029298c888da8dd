//! Exact replacements of text, as coding agents know them.

use super::record::Range;
use super::write::Edits;
use crate::EngineError;
use crate::api::{BatchEdit, Edited, StringEdit, Written};
use crate::text::{Candidate, EditError, EditLimits, StringEdit as TextEdit, apply_edits};
use acetate_types::{ErrorKind, RepoPath, Text};
use bytes::Bytes;
use serde_json::json;

impl Edits<'_> {
    /// Replaces texts in a file, all or none. A missing file counts as empty for an edit whose old text is empty.
    pub(super) fn edit(&mut self, path: &RepoPath, edits: &[StringEdit], limits: &crate::Limits) -> Result<Edited, EngineError> {
        if edits.is_empty() {
            return Err(EngineError::invalid("edits_empty", "there is nothing to replace"));
        }
        let creates = edits.first().is_some_and(|edit| edit.old.0.is_empty());
        let before = match self.text(path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == ErrorKind::NotFound && creates => None,
            Err(error) => return Err(error),
        };
        let edits: Vec<TextEdit> =
            edits.iter().map(|edit| TextEdit { old: edit.old.0.clone(), new: edit.new.0.clone(), all: edit.all }).collect();
        let bounds = EditLimits {
            max_edits: limits.batch_edits,
            max_text: usize::try_from(limits.file_bytes).unwrap_or(usize::MAX),
            ..EditLimits::default()
        };
        let text = before.clone().unwrap_or_default();
        let edited = apply_edits(&text, &edits, &bounds).map_err(|error| problem(path, &error))?;
        let replacements = edited.spans.len();
        let ranges = edited.pieces().map(|(span, inserted)| Range { at: span.at as u64, removed: span.removed as u64, inserted }).collect();
        let written = match before {
            Some(before) => self.splice(path, &before, edited.text.clone(), ranges)?,
            None => self.write(path, None, edited.text.clone())?,
        };
        Ok(Edited { written, replacements })
    }

    /// One step of a batch.
    pub(super) fn step(&mut self, step: &BatchEdit, limits: &crate::Limits) -> Result<Written, EngineError> {
        match step {
            BatchEdit::Write { path, content, mode, expect } => {
                self.expect(path, expect.as_deref())?;
                self.write(path, *mode, content.0.clone())
            }
            BatchEdit::Edit { path, edits, expect } => {
                self.expect(path, expect.as_deref())?;
                self.edit(path, edits, limits).map(|edited| edited.written)
            }
            BatchEdit::Delete { path } => self.delete(path),
            BatchEdit::Move { from, to, replace } => self.rename(from, to, *replace),
            BatchEdit::Mode { path, mode } => self.set_mode(path, *mode),
            BatchEdit::Directory { path } => self.directory(path),
        }
    }
}

/// An edit error as doors show it: what a model can mend, with what it needs for that.
fn problem(path: &RepoPath, error: &EditError) -> EngineError {
    let message = format!("{path}: {error}");
    match error {
        EditError::NotFound { index, closest, .. } => EngineError::new(ErrorKind::Invalid, "text_not_found", message)
            .hint("read the file again and copy the old text exactly, white space included")
            .details(json!({ "path": path, "edit": index, "closest": closest.as_deref().map(candidate) })),
        EditError::NotUnique { index, matches, total } => {
            let matches: Vec<_> = matches.iter().map(|found| json!({ "line": found.line, "text": text(&found.text) })).collect();
            EngineError::new(ErrorKind::Invalid, "text_not_unique", message)
                .hint("add lines around the old text until it is unique, or replace all")
                .details(json!({ "path": path, "edit": index, "total": total, "matches": matches }))
        }
        EditError::NoChange { index } => EngineError::invalid("text_unchanged", message).details(json!({ "path": path, "edit": index })),
        EditError::EmptyOld { index } => EngineError::invalid("text_empty", message)
            .hint("name the text to replace, or write the whole file")
            .details(json!({ "path": path, "edit": index })),
        EditError::TooLarge { index, .. } => EngineError::limit("edit_too_large", message).details(json!({ "path": path, "edit": index })),
    }
}

fn candidate(candidate: &Candidate) -> serde_json::Value {
    json!({
        "lines": [candidate.lines.0, candidate.lines.1], "text": text(&candidate.text), "similarity": candidate.similarity,
        "differs": candidate.differs.as_str(),
    })
}

fn text(bytes: &Bytes) -> Text {
    Text(bytes.clone())
}
