//! What names on the command line stand for.

use crate::client::Failure;
use crate::merge::git::git;
use acetate_types::{ErrorKind, ObjectId, Problem};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// The objects that these names stand for, each peeled to a commit or a tree.
///
/// # Errors
/// `revision_not_found`.
pub fn resolve(git_dir: Option<&Path>, names: &[(&OsStr, &str)]) -> Result<Vec<ObjectId>, Failure> {
    let missing = |name: &OsStr, kind: &str| {
        Failure::not_found("revision_not_found", format!("{} is no {kind}", name.to_string_lossy()))
            .hint("name a branch, a tag or a commit, as for `git rev-parse`")
    };
    let mut asked = Vec::new();
    for (name, kind) in names {
        if name.as_bytes().contains(&b'\n') || name.is_empty() {
            return Err(missing(name, kind));
        }
        asked.extend_from_slice(name.as_bytes());
        asked.extend_from_slice(format!("^{{{kind}}}\n").as_bytes());
    }
    let mut args: Vec<OsString> = Vec::new();
    if let Some(git_dir) = git_dir {
        let mut option = OsString::from("--git-dir=");
        option.push(git_dir);
        args.push(option);
    }
    args.extend(["cat-file", "--batch-check=%(objectname) %(objecttype)"].map(OsString::from));
    let answers = git(&args, &asked)?;
    let answers = String::from_utf8_lossy(&answers);
    let mut lines = answers.lines();
    let mut found = Vec::new();
    for (name, kind) in names {
        let line = lines.next().unwrap_or_default();
        let id = line.strip_suffix(kind).and_then(|id| id.trim_end().parse::<ObjectId>().ok());
        found.push(id.ok_or_else(|| missing(name, kind))?);
    }
    Ok(found)
}

/// Branches without a common ancestor.
pub fn unrelated() -> Failure {
    Failure::from(Problem::new(ErrorKind::Invalid, "unrelated_histories", "refusing to merge unrelated histories"))
        .hint("--allow-unrelated-histories merges them as if from nothing")
}
