//! One file of a tool changed, and the way back remembered; the same for every kind of file.

use super::file;
use super::receipt::Receipts;
use crate::client::Failure;
use crate::output::Output;
use acetate_agents::{ConfigError, Edited, Surroundings};
use acetate_types::Classify as _;
use std::path::Path;

/// Writes what came of an edit that puts something in; whether anything changed.
///
/// # Errors
/// When the file can't be written.
pub fn put(out: &mut Output, around: &Surroundings, path: &Path, before: Option<&str>, edited: Edited) -> Result<bool, Failure> {
    let Edited::Text(text) = edited else { return Ok(false) };
    let folders = file::write(path, before, &text)?;
    // What is meant is in; only the exact way back is not remembered.
    if let Err(Failure::Problem(problem)) = Receipts::of(around).keep(path, before, &text, folders) {
        out.warn(&format!("how to undo it exactly is not remembered: {}", problem.message));
    }
    Ok(true)
}

/// Brings a file back to what it was; where that is not known any more, takes out by `without` what is ours. Whether anything changed.
///
/// # Errors
/// When the file can't be read, edited or written.
pub fn take(around: &Surroundings, path: &Path, without: impl Fn(&str) -> Result<Edited, ConfigError>) -> Result<bool, Failure> {
    let Some(before) = file::read(path)? else { return Ok(false) };
    let receipts = Receipts::of(around);
    let receipt = receipts.fitting(path, &before);
    let folders = receipt.as_ref().map(|receipt| receipt.folders.clone()).unwrap_or_default();
    let edited = match receipt.and_then(|receipt| receipt.undo.apply(&before).ok()) {
        Some(earlier) => earlier.map_or(Edited::Gone, Edited::Text),
        None => without(&before).map_err(|error| failure(path, &error))?,
    };
    match edited {
        Edited::Same => return Ok(false),
        Edited::Text(text) => file::write(path, Some(&before), &text).map(drop)?,
        Edited::Gone => file::delete(path, &before, &folders)?,
    }
    receipts.forget(path);
    Ok(true)
}

/// The same with the file's name.
pub fn failure(path: &Path, error: &ConfigError) -> Failure {
    let mut problem = error.problem();
    problem.message = format!("{}: {}", path.display(), problem.message);
    problem.into()
}
