//! `edit`, `multi_edit`, `write`, `delete`, `move`.

use crate::arguments::Path;
use crate::outcome::{Outcome, one_line};
use acetate_engine::api::{Batch, BatchEdit, FileType, MoveFile, StringEdit, WriteFile, Written};
use acetate_engine::{EngineError, Session};
use acetate_types::{Classify as _, ErrorKind, RepoPath, Text};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Edit {
    file_path: Path,
    old_string: String,
    new_string: String,
    #[serde(default)]
    replace_all: bool,
    expect: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MultiEdit {
    file_path: Option<Path>,
    edits: Vec<OneEdit>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OneEdit {
    file_path: Option<Path>,
    old_string: String,
    new_string: String,
    #[serde(default)]
    replace_all: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Write {
    file_path: Path,
    content: String,
    expect: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delete {
    file_path: Path,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Move {
    from: Path,
    to: Path,
    #[serde(default)]
    replace: bool,
}

fn string_edit(old: String, new: String, all: bool) -> StringEdit {
    StringEdit { old: Text(old.into()), new: Text(new.into()), all }
}

fn shown(path: &RepoPath) -> String {
    one_line(&path.to_lossy())
}

/// A warning goes with the text and the data of what was written.
fn warned(mut data: Value, mut text: String, written: &Written) -> Outcome {
    if let Some(warning) = &written.warning {
        data["warning"] = warning.as_str().into();
        text.push_str(&format!("\nWarning: {warning}"));
    }
    Outcome::new(data, text)
}

/// Replaces one text.
pub(super) fn edit(session: &Session, asked: Edit) -> Result<Outcome, EngineError> {
    let path = asked.file_path.0;
    let edits = [string_edit(asked.old_string, asked.new_string, asked.replace_all)];
    let edited = session.edit(&path, &edits, asked.expect.as_deref()).map_err(of_one)?;
    let places = if edited.replacements == 1 { "1 place".to_owned() } else { format!("{} places", edited.replacements) };
    let text = format!("edited {} in {places}", shown(&path));
    let data =
        json!({ "file_path": path, "revision": edited.written.etag.clone().unwrap_or_default(), "replacements": edited.replacements });
    Ok(warned(data, text, &edited.written))
}

/// An error of a call with a single edit, which needs no number, in the words of this tool's arguments.
fn of_one(error: EngineError) -> EngineError {
    let mut problem = error.problem();
    problem.message = problem.message.replacen(": edit 0: ", ": ", 1);
    match error.code() {
        "text_not_unique" => problem.hint = Some("add lines around old_string until it is unique, or pass replace_all: true".to_owned()),
        "text_unchanged" => problem.hint = Some("correct new_string, or leave the edit out".to_owned()),
        "text_empty" => problem.hint = Some("name the text to replace, or use write for the whole file".to_owned()),
        _ => {}
    }
    EngineError::from(problem)
}

/// An error that counts the edits as the caller listed them, from 0: not by file, and then within it.
fn counted_as_given(error: EngineError, lengths: &[usize]) -> EngineError {
    let mut problem = error.problem();
    let of = |name: &str| problem.details.as_ref().and_then(|details| usize::try_from(details[name].as_u64()?).ok());
    let (step, edit) = (of("step"), of("edit"));
    if let Some(step) = step {
        let before: usize = lengths.iter().take(step).sum();
        let at = before + edit.unwrap_or(0);
        problem.message = problem.message.replacen(&format!("step {step}: "), "", 1);
        if let Some(edit) = edit {
            problem.message = problem.message.replacen(&format!("edit {edit}: "), &format!("edit {at}: "), 1);
        }
        if let Some(details) = problem.details.as_deref_mut().and_then(serde_json::Value::as_object_mut) {
            details.remove("step");
            details.insert("edit".to_owned(), at.into());
        }
    }
    EngineError::from(problem)
}

/// Replaces several texts, all or none.
pub(super) fn multi_edit(session: &Session, asked: MultiEdit) -> Result<Outcome, EngineError> {
    let count = asked.edits.len();
    if count == 0 {
        return Err(EngineError::invalid("arguments_invalid", "there are no edits").hint("give at least one edit"));
    }
    let common = asked.file_path.map(|path| path.0);
    // Edits of one file that follow each other are one step, so that an error counts them as the caller does within a file.
    let mut steps: Vec<(RepoPath, Vec<StringEdit>)> = Vec::new();
    for (at, edit) in asked.edits.into_iter().enumerate() {
        let path = edit.file_path.map(|path| path.0).or_else(|| common.clone()).ok_or_else(|| {
            EngineError::invalid("arguments_invalid", format!("edit {at} names no file"))
                .hint("give it a file_path, or one for all of them")
        })?;
        let edit = string_edit(edit.old_string, edit.new_string, edit.replace_all);
        match steps.last_mut() {
            Some((last, edits)) if *last == path => edits.push(edit),
            _ => steps.push((path, vec![edit])),
        }
    }
    let lengths: Vec<usize> = steps.iter().map(|(_, edits)| edits.len()).collect();
    let edits = steps.into_iter().map(|(path, edits)| BatchEdit::Edit { path, edits, expect: None }).collect();
    let written = session.batch(&Batch { edits }).map_err(|error| counted_as_given(error, &lengths))?;
    // A file that was edited in several steps is told once, as it is in the end.
    let mut files: Vec<(RepoPath, String)> = Vec::new();
    for one in written {
        let revision = one.etag.unwrap_or_default();
        match files.iter_mut().find(|(path, _)| *path == one.path) {
            Some((_, known)) => *known = revision,
            None => files.push((one.path, revision)),
        }
    }
    let names: Vec<_> = files.iter().map(|(path, _)| shown(path)).collect();
    let text = format!("made {count} edits in {}", names.join(", "));
    let files: Vec<Value> = files.iter().map(|(path, revision)| json!({ "file_path": path, "revision": revision })).collect();
    Ok(Outcome::new(json!({ "files": files, "edits": count }), text))
}

/// Writes a file whole.
pub(super) fn write(session: &Session, asked: Write) -> Result<Outcome, EngineError> {
    let path = asked.file_path.0;
    let bytes = asked.content.len();
    // Written as it is, a link would point to the text.
    if session.stat(&path).is_ok_and(|found| found.info.file_type == FileType::Symlink) {
        return Err(EngineError::new(ErrorKind::Conflict, "not_a_file", format!("{} is a symbolic link", shown(&path)))
            .hint("read shows what it points to: write that file, or delete the link first"));
    }
    let write = WriteFile { path: path.clone(), content: Text(asked.content.into()), mode: None, expect: asked.expect };
    let written = session.write(write)?;
    let text = format!("{} {} ({bytes} bytes)", if written.created { "created" } else { "wrote" }, shown(&path));
    let data = json!({ "file_path": path, "revision": written.etag.clone().unwrap_or_default(), "created": written.created, "size": written.size });
    Ok(warned(data, text, &written))
}

/// Deletes a file or a folder.
pub(super) fn delete(session: &Session, asked: &Delete) -> Result<Outcome, EngineError> {
    let path = &asked.file_path.0;
    session.delete(path, None)?;
    Ok(Outcome::new(json!({ "file_path": path }), format!("deleted {}", shown(path))))
}

/// Moves a file or a folder.
pub(super) fn rename(session: &Session, asked: Move) -> Result<Outcome, EngineError> {
    let moved = MoveFile { from: asked.from.0, to: asked.to.0, replace: asked.replace };
    let written = session.rename(&moved)?;
    let text = format!("moved {} to {}", shown(&moved.from), shown(&moved.to));
    let mut data = json!({ "from": moved.from, "to": moved.to });
    if let Some(revision) = &written.etag {
        data["revision"] = revision.as_str().into();
    }
    Ok(warned(data, text, &written))
}
