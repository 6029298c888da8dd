//! Blobs of the repository around, by name.

use super::git::git;
use super::texts::too_large;
use crate::client::Failure;
use acetate_merge::LineLimits;
use acetate_merge::lines::TooLarge;
use acetate_types::{ErrorKind, Problem};
use bytes::Bytes;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

/// A blob's content.
///
/// # Errors
/// When there is no such blob or it is larger than what is merged.
pub fn read(name: &OsStr) -> Result<Bytes, Failure> {
    let shown = name.to_string_lossy();
    if name.as_bytes().contains(&b'\n') {
        return Err(Failure::not_found("object_not_found", format!("there is no blob {shown:?}")));
    }
    let asked = [name.as_bytes(), b"\n"].concat();
    let answer = git(&["cat-file", "--batch-check=%(objecttype) %(objectsize) %(objectname)"], &asked)?;
    let answer = String::from_utf8_lossy(&answer);
    let mut words = answer.split_whitespace();
    match (words.next(), words.next().and_then(|size| size.parse::<u64>().ok()), words.next()) {
        (Some("blob"), Some(size), Some(id)) if size <= u64::from(LineLimits::default().max_bytes) => {
            Ok(git(&["cat-file", "blob", id], b"")?.into())
        }
        (Some("blob"), Some(_), Some(_)) => Err(too_large(&super::local::repo_path(name), TooLarge::Bytes).into()),
        _ => {
            Err(Failure::not_found("object_not_found", format!("there is no blob {shown}"))
                .hint("name a blob, for example `HEAD:src/lib.rs`"))
        }
    }
}

/// Writes a blob and gives its id.
///
/// # Errors
/// When it can't be written.
pub fn write(data: &[u8]) -> Result<String, Failure> {
    if data.is_empty() {
        // Without input `git` would be given none at all.
        let id = git(&["hash-object", "-w", "-t", "blob", "/dev/null"], b"")?;
        return Ok(String::from_utf8_lossy(&id).trim().to_owned());
    }
    let id = git(&["hash-object", "-w", "-t", "blob", "--stdin"], data)?;
    String::from_utf8(id)
        .map(|id| id.trim().to_owned())
        .map_err(|_| Failure::from(Problem::new(ErrorKind::Internal, "git_failed", "git hash-object gave no id")))
}
