//! `merge-file`: three files become one.

use super::how::How;
use super::shown::ShownMerge;
use super::texts::{Merged, Texts};
use super::{batch, local, object, settings};
use crate::args;
use crate::client::Failure;
use crate::output::Output;
use acetate_merge::Labels;
use serde::Serialize;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

/// Git's exit codes count conflicts up to here.
const MOST: usize = 127;

#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    merge: ShownMerge,
    /// The object that was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'a str>,
}

/// Merges and gives the exit code.
///
/// # Errors
/// When a file can't be read, merged or written.
pub fn merge_file(out: &mut Output, args: &args::MergeFile) -> Result<u8, Failure> {
    if args.labels.len() > 3 {
        return Err(Failure::usage("more than three labels").hint("-L is for CURRENT, BASE and OTHER, in this order"));
    }
    let (Some(current), Some(base), Some(other)) = (&args.current, &args.base, &args.other) else {
        return batch::batch(args);
    };
    let mut how = How::of(&args.how, labels(args, [current, base, other]));
    let read = |name: &OsString| if args.object_id { object::read(name) } else { local::read(name.as_ref()) };
    let texts = Texts {
        path: local::repo_path(args.path.as_deref().unwrap_or_else(|| file_of(current, args.object_id))),
        base: Some(read(base)?),
        ours: read(current)?,
        theirs: read(other)?,
    };
    let merged = styled(&texts, &mut how)?;
    let mut object = None;
    if args.object_id && !args.print {
        object = Some(object::write(&merged.text)?);
    } else if !args.print {
        local::replace(current.as_ref(), &merged.text)?;
    }
    if out.json() {
        out.document(&Written { merge: ShownMerge::of(&texts, &merged), object: object.as_deref() })?;
    } else if args.print {
        out.bytes(&merged.text)?;
    } else if let Some(id) = object {
        out.line(id)?;
    }
    Ok(u8::try_from(merged.count.min(MOST)).unwrap_or(u8::MAX))
}

/// Merges; where there are conflicts and nobody said how they are written down, Git's settings are asked.
///
/// # Errors
/// See [`Texts::merge`].
pub fn styled(texts: &Texts, how: &mut How) -> Result<Merged, Failure> {
    let merged = texts.merge(how)?;
    if merged.count == 0 || how.style.is_some() {
        return Ok(merged);
    }
    how.style = settings::conflict_style();
    if how.style.is_none() { Ok(merged) } else { Ok(texts.merge(how)?) }
}

/// The labels: as given, else the names.
fn labels(args: &args::MergeFile, names: [&OsString; 3]) -> Labels {
    let label = |at: usize| args.labels.get(at).unwrap_or(names[at]).to_string_lossy().into_owned();
    Labels { ours: label(0), base: label(1), theirs: label(2) }
}

/// The file that a name stands for: of a blob, what comes behind the colon.
fn file_of(name: &OsStr, object: bool) -> &OsStr {
    let bytes = name.as_bytes();
    match bytes.iter().position(|byte| *byte == b':') {
        Some(at) if object => OsStr::from_bytes(bytes.get(at + 1..).unwrap_or_default()),
        _ => name,
    }
}
