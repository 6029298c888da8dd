//! Files of people: read within bounds, replaced whole or not at all.
//!
//! Invariant: a file is only written over, or deleted, while it holds what was read.

use crate::client::Failure;
use acetate_agents::MAX_BYTES;
use acetate_types::{ErrorKind, Problem};
use std::fs::{File, Permissions};
use std::io::{ErrorKind as Io, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// As many links in a row as Linux follows.
const MAX_LINKS: usize = 40;

/// The file that a path names in the end, which need not exist. People keep their settings elsewhere and link to them.
///
/// # Errors
/// When links lead round in a circle.
pub fn real(path: &Path) -> Result<PathBuf, Failure> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match std::fs::read_link(&path) {
            Ok(target) => path = path.parent().map_or_else(|| target.clone(), |folder| folder.join(&target)),
            Err(_) => return Ok(path),
        }
    }
    Err(Failure::file(&path, &std::io::Error::other("too many links")))
}

/// The text of a file; none if there is no file.
///
/// # Errors
/// When it can't be read, is too large, or is no text.
pub fn read(path: &Path) -> Result<Option<String>, Failure> {
    let failed = |error: std::io::Error| Failure::file(path, &error);
    // Looked at before it is opened: opening a pipe waits for somebody who writes.
    match path.metadata() {
        Ok(found) if !found.is_file() => return Err(failed(std::io::Error::other("is no file"))),
        _ => {}
    }
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), Io::NotFound | Io::NotADirectory) => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(failed(std::io::Error::other("is no file")));
    }
    let mut data = Vec::new();
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut data).map_err(failed)?;
    if data.len() > MAX_BYTES {
        let message = format!("{}: larger than {MAX_BYTES} bytes", path.display());
        let problem = Problem::new(ErrorKind::Limit, "config_too_large", message);
        return Err(Failure::from(problem).hint("put in by hand what `--print` shows"));
    }
    let not_text = |_| {
        let message = format!("{}: is not UTF-8", path.display());
        Failure::from(Problem::new(ErrorKind::Invalid, "config_not_utf8", message)).hint("save it as UTF-8")
    };
    String::from_utf8(data).map(Some).map_err(not_text)
}

/// Puts `text` in the place of `before`; the folders that had to be made for it, the outermost first.
///
/// # Errors
/// When the file changed meanwhile, or of the operating system.
pub fn write(path: &Path, before: Option<&str>, text: &str) -> Result<Vec<PathBuf>, Failure> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let missing = folder.ancestors().take_while(|folder| !folder.exists()).map(Path::to_owned);
    let mut made: Vec<PathBuf> = missing.collect();
    made.reverse();
    let wrote = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        // A new file gets what the umask leaves, as if the tool had made it.
        let permissions = if before.is_some() { path.metadata()?.permissions() } else { Permissions::from_mode(0o666) };
        if permissions.readonly() {
            return Err(std::io::Error::new(Io::PermissionDenied, "is not to be written to (its mode says so)"));
        }
        let mut file = tempfile::Builder::new().prefix(".acetate-agent-").permissions(permissions.clone()).tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        if before.is_some() {
            file.as_file().set_permissions(permissions)?;
        }
        file.as_file().sync_all()?;
        if before.is_some() {
            file.persist(path)?
        } else {
            file.persist_noclobber(path)?
        };
        Ok(())
    };
    unchanged(path, before)?;
    wrote().map_err(|error| Failure::file(path, &error))?;
    Ok(made)
}

/// Deletes the file, and of the folders those that are empty then.
///
/// # Errors
/// When the file changed meanwhile, or of the operating system.
pub fn delete(path: &Path, before: &str, folders: &[PathBuf]) -> Result<(), Failure> {
    unchanged(path, Some(before))?;
    std::fs::remove_file(path).map_err(|error| Failure::file(path, &error))?;
    for folder in folders.iter().rev() {
        // A folder that holds something else stays.
        if std::fs::remove_dir(folder).is_err() {
            break;
        }
    }
    Ok(())
}

fn unchanged(path: &Path, before: Option<&str>) -> Result<(), Failure> {
    if read(path)?.as_deref() == before {
        return Ok(());
    }
    let message = format!("{}: changed while it was edited", path.display());
    Err(Failure::from(Problem::new(ErrorKind::Stale, "config_changed", message)).hint("run it again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_modes_and_folders_stay() {
        let place = tempfile::tempdir().expect("a folder");
        let (kept, link) = (place.path().join("kept.json"), place.path().join("link.json"));
        std::os::unix::fs::symlink("kept.json", &link).expect("a link");
        assert_eq!(read(&link), Ok(None));
        let path = real(&link).expect("a file");
        write(&path, None, "{}").expect("it is written");
        std::fs::set_permissions(&kept, Permissions::from_mode(0o640)).expect("a mode");
        write(&path, Some("{}"), "{ }").expect("it is written");
        assert_eq!(kept.metadata().expect("a file").permissions().mode() & 0o777, 0o640);
        assert!(link.is_symlink());
        assert_eq!(read(&link), Ok(Some("{ }".to_owned())));
        assert_eq!(write(&path, Some("{}"), "x").expect_err("it changed").code(), "config_changed");
    }

    #[test]
    fn folders_that_were_made_go_again() {
        let place = tempfile::tempdir().expect("a folder");
        let path = place.path().join("a/b/c.json");
        let made = write(&path, None, "x").expect("it is written");
        assert_eq!(made, [place.path().join("a"), place.path().join("a/b")]);
        std::fs::write(place.path().join("a/other"), "").expect("a file");
        delete(&path, "x", &made).expect("it is deleted");
        assert!(place.path().join("a/other").exists() && !place.path().join("a/b").exists());
    }

    #[test]
    fn what_is_no_text() {
        let place = tempfile::tempdir().expect("a folder");
        let path = place.path().join("x");
        std::fs::write(&path, b"\xff").expect("a file");
        assert_eq!(read(&path).expect_err("no text").code(), "config_not_utf8");
        std::fs::write(&path, vec![b' '; MAX_BYTES + 1]).expect("a file");
        assert_eq!(read(&path).expect_err("too large").code(), "config_too_large");
        assert!(read(place.path()).is_err());
    }
}
