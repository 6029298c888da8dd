//! Ignored files of the user's own checkout, brought along into a session's scratch: `.env`, `node_modules`, a build folder to begin from.
//!
//! They are copied: as clones that share their blocks where the file system can do that, else byte by byte. Times, modes and links are kept,
//! so that build tools take what is brought for what it is. What is there already stays.

use crate::client::{Failure, Store};
use acetate_types::{ErrorKind, Problem};
use rustix::fs::{AtFlags, CWD, Timespec, Timestamps};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

/// Copies these paths of the checkout into a scratch.
///
/// # Errors
/// `checkout_missing`, `bring_not_ignored` for what the session has anyway, and disk errors.
pub fn bring(store: &Store, scratch: &Path, paths: &[PathBuf]) -> Result<(), Failure> {
    bring_into(store, &scratch.join("files"), paths)
}

/// The same into a folder.
///
/// # Errors
/// As for [`bring`].
pub fn bring_into(store: &Store, folder: &Path, paths: &[PathBuf]) -> Result<(), Failure> {
    if paths.is_empty() {
        return Ok(());
    }
    let checkout = store.git_dir.parent().filter(|_| store.git_dir.file_name().is_some_and(|name| name == ".git"));
    let checkout = checkout.ok_or_else(|| {
        Failure::from(Problem::new(ErrorKind::Invalid, "checkout_missing", "the repository has no checkout to bring files from"))
    })?;
    for path in paths {
        if path.components().any(|part| !matches!(part, Component::Normal(_))) || path.starts_with(".git") {
            return Err(Failure::usage(format!("{} is not a path within the checkout", path.display())));
        }
        let ignored = Command::new("git")
            .args(["-c", "core.fsmonitor=false", "check-ignore", "-q", "--"])
            .arg(path)
            .current_dir(checkout)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if !ignored.success() {
            let message = format!("{} is not ignored: what a session has of it is what was landed", path.display());
            return Err(Failure::from(Problem::new(ErrorKind::Conflict, "bring_not_ignored", message)).hint("commit it, or ignore it"));
        }
        let (from, to) = (checkout.join(path), folder.join(path));
        if let Some(above) = to.parent() {
            fs::create_dir_all(above).map_err(|error| Failure::file(above, &error))?;
        }
        copy(&from, &to)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::file(from, &error);
    let meta = fs::symlink_metadata(from).map_err(failed)?;
    if meta.is_dir() {
        match fs::create_dir(to) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(Failure::file(to, &error)),
            _ => {}
        }
        for entry in fs::read_dir(from).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        fs::set_permissions(to, meta.permissions()).map_err(|error| Failure::file(to, &error))?;
    } else if to.symlink_metadata().is_ok() {
        return Ok(());
    } else if meta.is_symlink() {
        std::os::unix::fs::symlink(fs::read_link(from).map_err(failed)?, to).map_err(|error| Failure::file(to, &error))?;
    } else if meta.is_file() {
        fs::copy(from, to).map_err(failed)?;
    } else {
        // Pipes and sockets belong to whoever made them.
        return Ok(());
    }
    let times = Timestamps {
        last_access: Timespec { tv_sec: meta.atime(), tv_nsec: meta.atime_nsec() },
        last_modification: Timespec { tv_sec: meta.mtime(), tv_nsec: meta.mtime_nsec() },
    };
    rustix::fs::utimensat(CWD, to, &times, AtFlags::SYMLINK_NOFOLLOW).map_err(|error| Failure::file(to, &error.into()))
}
