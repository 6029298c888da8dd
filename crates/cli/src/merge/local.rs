//! Files of the caller: read whole within the bounds of merging, replaced whole.

use super::texts::too_large;
use crate::client::Failure;
use acetate_merge::LineLimits;
use acetate_merge::lines::TooLarge;
use acetate_types::RepoPath;
use bytes::Bytes;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// The content of a file.
///
/// # Errors
/// When it can't be read or is larger than what is merged.
pub fn read(path: &Path) -> Result<Bytes, Failure> {
    let most = u64::from(LineLimits::default().max_bytes);
    let mut data = Vec::new();
    let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
    file.take(most + 1).read_to_end(&mut data).map_err(|error| Failure::file(path, &error))?;
    if data.len() as u64 > most {
        return Err(too_large(&repo_path(path.as_os_str()), TooLarge::Bytes).into());
    }
    Ok(data.into())
}

/// Puts a new content in place of a file's, whole or not at all. Its mode stays; a link is followed.
///
/// # Errors
/// Of the operating system.
pub fn replace(path: &Path, data: &[u8]) -> Result<(), Failure> {
    let wrote = || -> std::io::Result<()> {
        let path = path.canonicalize()?;
        let folder = path.parent().unwrap_or(Path::new("/"));
        let mut file = tempfile::Builder::new().prefix(".acetate-merge-").tempfile_in(folder)?;
        file.write_all(data)?;
        file.as_file().set_permissions(path.metadata()?.permissions())?;
        file.persist(&path)?;
        Ok(())
    };
    wrote().map_err(|error| Failure::file(path, &error))
}

/// A name as a path in a repository, as far as it tells the language: the whole of it, or its last part, or some name.
pub fn repo_path(name: &OsStr) -> RepoPath {
    let bytes = name.as_bytes();
    let last = bytes.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    RepoPath::existing(bytes.to_vec())
        .or_else(|_| RepoPath::existing(last.to_vec()))
        .unwrap_or_else(|_| RepoPath::known(Bytes::from_static(b"file")))
}
