//! `merge-driver`: Git asks for the merge of one file.

use super::file::styled;
use super::how::How;
use super::local;
use super::texts::{Conflicts, Texts};
use crate::args;
use crate::client::Failure;
use crate::output::{Output, clean, path};
use acetate_merge::Labels;
use std::borrow::Cow;
use std::ffi::OsStr;

/// There are conflicts, with markers in the result.
const CONFLICT: u8 = 1;

/// Merges and gives the exit code.
///
/// # Errors
/// When a file can't be read or written. What can't be merged by its text is a conflict that leaves ours, as with Git.
pub fn merge_driver(out: &mut Output, args: &args::MergeDriver) -> Result<u8, Failure> {
    let file = local::repo_path(&args.path);
    let labels = Labels {
        base: label(args.base_label.as_deref(), "base"),
        ours: label(args.our_label.as_deref(), "ours"),
        theirs: label(args.their_label.as_deref(), "theirs"),
    };
    let mut how = How {
        style: None,
        favor: None,
        marker_size: usize::from(args.marker_size),
        labels,
        same_symbol: args.same_symbol.into(),
        algorithm: None,
    };
    let read = || -> Result<Texts, Failure> {
        let (base, ours, theirs) = (local::read(&args.base)?, local::read(&args.ours)?, local::read(&args.theirs)?);
        Ok(Texts { path: file.clone(), base: Some(base), ours, theirs })
    };
    let merged = match read().and_then(|texts| styled(&texts, &mut how)) {
        Ok(merged) => merged,
        Err(Failure::Problem(problem)) if matches!(&*problem.code, "merge_binary" | "merge_too_large") => {
            out.warn(&format!("{}; ours stays", problem.message));
            return Ok(CONFLICT);
        }
        Err(failure) => return Err(failure),
    };
    local::replace(&args.ours, &merged.text)?;
    if let Conflicts::Symbols(conflict) = &merged.conflicts {
        for question in &conflict.questions {
            let symbol = question.symbol.as_deref().map(|symbol| format!(" {}:", clean(symbol))).unwrap_or_default();
            out.note(format_args!("{}:{symbol} {}", path(&file), clean(&question.why)));
        }
    }
    Ok(if merged.count == 0 { 0 } else { CONFLICT })
}

/// A label as Git filled it in. A Git that does not know a placeholder leaves it as it is.
fn label(given: Option<&OsStr>, otherwise: &str) -> String {
    let given = given.map(OsStr::to_string_lossy).filter(|label| !label.is_empty() && !matches!(&**label, "%S" | "%X" | "%Y"));
    given.map_or_else(|| otherwise.to_owned(), Cow::into_owned)
}
