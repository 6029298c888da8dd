//! The four calls, the same for all formats: bounds, then the format's edit, then the look back.
//!
//! How taking out finds its way back: a format names the texts that may have been there before; the one that gives the present text
//! again when the entry is added to it is the answer. So the way back needs no rules of its own that could differ from the way there.

use crate::format::{Earlier, Format, chomp};
use crate::layout::Body;
use crate::plain::Plain;
use crate::shape::{self, Fields};
use crate::splice::apply;
use crate::verify::verify;
use crate::{Clash, ConfigError, Edited, Entry, MAX_BYTES, Present, Tool};

/// Puts the entry into a file's text; `existing` is none where there is no file.
///
/// An entry that runs the same counts as ours, whatever else it says (`env`, `disabled`).
///
/// # Errors
/// See [`ConfigError`].
pub fn add(tool: Tool, existing: Option<&str>, entry: &Entry, clash: Clash) -> Result<Edited, ConfigError> {
    let (format, parent, fields) = (shape::format(tool), shape::parent(tool), shape::fields(tool, entry));
    let Some(existing) = existing else {
        let text = format.fresh(parent, &fields);
        verify(format, parent, &Plain::Null, &text, Some(&fields))?;
        return Ok(Edited::Text(text));
    };
    let body = Body::of(existing)?;
    let before = format.plain(body.text)?;
    let splices = match before.entry(parent) {
        None => format.insert(body.text, parent, &fields)?,
        Some(found) => match (shape::read(tool, found), clash) {
            (Present::Command(there), _) if there.covers(entry) => return Ok(Edited::Same),
            (_, Clash::Replace) => format.replace(body.text, parent, &fields)?,
            (there, Clash::Refuse) => return Err(differs(&there)),
        },
    };
    let text = apply(body.text, splices);
    verify(format, parent, &before, &text, Some(&fields))?;
    let whole = [body.mark, &text].concat();
    // What could not be read again could not be taken out again.
    if whole.len() > MAX_BYTES { Err(ConfigError::TooLarge { size: whole.len() }) } else { Ok(Edited::Text(whole)) }
}

fn differs(there: &Present) -> ConfigError {
    let what = match there {
        Present::Command(entry) => format!("runs `{}` or with another environment", entry.line()),
        Present::Other => "is of another kind".to_owned(),
    };
    ConfigError::EntryDiffers { what }
}

/// Takes the entry out of a file's text, whoever wrote it.
///
/// # Errors
/// See [`ConfigError`].
pub fn remove(tool: Tool, existing: &str) -> Result<Edited, ConfigError> {
    let (format, parent) = (shape::format(tool), shape::parent(tool));
    let body = Body::of(existing)?;
    let before = format.plain(body.text)?;
    let Some(found) = before.entry(parent) else { return Ok(Edited::Same) };
    let earlier = format.earlier(body.text, parent)?;
    if let Some(ours) = as_written(tool, found) {
        if body.mark.is_empty() && body.text == format.fresh(parent, &ours) {
            return Ok(Edited::Gone);
        }
        if let Some(text) = exactly(format, parent, &ours, body.text, &earlier) {
            verify(format, parent, &before, text, None)?;
            return Ok(Edited::Text([body.mark, text].concat()));
        }
    }
    let mut failed = ConfigError::Unfaithful { what: "no text without the entry was found".to_owned() };
    for text in &earlier.close {
        match verify(format, parent, &before, text, None) {
            Ok(()) => return Ok(Edited::Text([body.mark, text].concat())),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// The fields, if the entry is one that [`add`] writes.
fn as_written(tool: Tool, found: &Plain) -> Option<Fields> {
    let Present::Command(entry) = shape::read(tool, found) else { return None };
    let fields = shape::fields(tool, &entry);
    (Plain::of(&fields) == *found).then_some(fields)
}

/// The text that gives `text` again when the entry is added.
fn exactly<'a>(format: Format, parent: &str, ours: &Fields, text: &str, earlier: &'a Earlier) -> Option<&'a str> {
    let gives = |candidate: &&String| format.insert(candidate, parent, ours).is_ok_and(|splices| apply(candidate, splices) == text);
    earlier.exact.iter().find(gives).map(String::as_str)
}

/// What a file's text holds under our name.
///
/// # Errors
/// See [`ConfigError`].
pub fn present(tool: Tool, existing: &str) -> Result<Option<Present>, ConfigError> {
    let read = shape::format(tool).plain(Body::of(existing)?.text)?;
    Ok(read.entry(shape::parent(tool)).map(|entry| shape::read(tool, entry)))
}

/// What is to be in the tool's file, for people who write it themselves; without a last line end.
pub fn snippet(tool: Tool, entry: &Entry) -> String {
    chomp(&shape::format(tool).fresh(shape::parent(tool), &shape::fields(tool, entry))).to_owned()
}
