//! Ignored files of the user's own checkout, brought along into a session's scratch: `.env`, `node_modules`, a build folder to begin from.
//!
//! A folder is seen as a view of a seed where the machine has those; else, as files are, it is copied: as clones that share their blocks
//! where the file system can do that, else byte by byte. Times, modes and links are kept, so that build tools take what is brought for
//! what it is. What is there already stays.

use super::seeds::{see, see_again};
use crate::client::{Failure, Store};
use acetate_types::{ErrorKind, Problem};
use rustix::fs::{AtFlags, CWD, Timespec, Timestamps};
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

/// The file in a checkout that says, in the form of `.gitignore`, which of its ignored files each session has. Other tools that make a
/// folder for an agent read it too.
const LISTED: &str = ".worktreeinclude";

/// Brings these paths of the checkout into a session's scratch, and those that the checkout lists.
///
/// # Errors
/// `checkout_missing`, `bring_not_ignored` for what the session has anyway, and disk errors.
pub fn bring(store: &Store, scratch: &Path, paths: &[PathBuf]) -> Result<(), Failure> {
    see_again(store, scratch);
    each(store, paths, |from, path| {
        let whole = from.symlink_metadata().is_ok_and(|meta| meta.is_dir());
        if whole && see(store, scratch, from, path)? { Ok(()) } else { take(from, &scratch.join("files"), path) }
    })
}

/// Brings them into a folder.
///
/// # Errors
/// As for [`bring`].
pub fn bring_into(store: &Store, folder: &Path, paths: &[PathBuf]) -> Result<(), Failure> {
    each(store, paths, |from, path| take(from, folder, path))
}

fn each(store: &Store, paths: &[PathBuf], bring: impl Fn(&Path, &Path) -> Result<(), Failure>) -> Result<(), Failure> {
    let checkout = store.git_dir.parent().filter(|_| store.git_dir.file_name().is_some_and(|name| name == ".git"));
    let Some(checkout) = checkout else {
        return match paths {
            [] => Ok(()),
            _ => Err(Problem::new(ErrorKind::Invalid, "checkout_missing", "the repository has no checkout to bring files from").into()),
        };
    };
    let mut whole: Vec<PathBuf> = paths.iter().map(|path| path.components().filter(|part| *part != Component::CurDir).collect()).collect();
    for path in &whole {
        if path.components().any(|part| !matches!(part, Component::Normal(_))) || path.starts_with(".git") || path.as_os_str().is_empty() {
            return Err(Failure::usage(format!("{} is not a path within the checkout", path.display())));
        }
        if !git(checkout, &["check-ignore", "-q", "--"]).arg(path).status()?.success() {
            let message = format!("{} is not ignored: what a session has of it is what was landed", path.display());
            return Err(Failure::from(Problem::new(ErrorKind::Conflict, "bring_not_ignored", message)).hint("commit it, or ignore it"));
        }
    }
    whole.extend(listed(checkout)?);
    // What is below a folder that is brought comes with it.
    whole.sort();
    whole.dedup_by(|below, above| below.starts_with(above));
    whole.iter().try_for_each(|path| bring(&checkout.join(path), path))
}

/// The ignored files that the checkout lists; of a folder that is named whole, the folder.
fn listed(checkout: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !checkout.join(LISTED).is_file() {
        return Ok(Vec::new());
    }
    let exclude = format!("--exclude-from={LISTED}");
    let list = ["ls-files", "-z", "--others", "--ignored", &exclude];
    let whole = said(git(checkout, &[&list[..], &["--directory"]].concat()), Vec::new())?;
    let mut found = ignored(checkout, whole.clone())?;
    // Of a folder that is not ignored itself, what is ignored in it.
    let open: Vec<&OsStr> = words(&whole).filter(|path| path.ends_with(b"/")).map(OsStr::from_bytes).collect();
    let open: Vec<&OsStr> = open.into_iter().filter(|path| !found.contains(&PathBuf::from(path))).collect();
    if !open.is_empty() {
        let mut each = git(checkout, &[&list[..], &["--"]].concat());
        each.args(open).env("GIT_LITERAL_PATHSPECS", "1");
        found.extend(ignored(checkout, said(each, Vec::new())?)?);
    }
    found.retain(|path| !path.starts_with(".git"));
    Ok(found)
}

/// Those of the paths that are ignored.
fn ignored(checkout: &Path, paths: Vec<u8>) -> Result<Vec<PathBuf>, Failure> {
    let ignored = said(git(checkout, &["check-ignore", "-z", "--stdin"]), paths)?;
    Ok(words(&ignored).map(|path| PathBuf::from(OsStr::from_bytes(path.strip_suffix(b"/").unwrap_or(path)))).collect())
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == 0).filter(|path| !path.is_empty())
}

/// What a `git` says, given this; `check-ignore` ends with 1 where it has nothing to say.
fn said(mut git: Command, input: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let mut child = git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take();
    // One that does not read all of it says why itself.
    let writer = std::thread::spawn(move || stdin.as_mut().map(|stdin| stdin.write_all(&input)));
    let output = child.wait_with_output()?;
    drop(writer.join());
    match output.status.code() {
        Some(0 | 1) => Ok(output.stdout),
        _ => Err(Failure::unexpected(format!("git: {}", String::from_utf8_lossy(&output.stderr).trim()))),
    }
}

fn git(checkout: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.args(["-c", "core.fsmonitor=false"]).args(args).current_dir(checkout).stdin(Stdio::null()).stderr(Stdio::null());
    // Where this runs from a hook of Git's, another repository may be meant.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE"] {
        command.env_remove(name);
    }
    command
}

/// Copies to a place below a folder; a link on the way to it is not followed.
fn take(from: &Path, root: &Path, path: &Path) -> Result<(), Failure> {
    let mut to = root.to_owned();
    for part in path.parent().unwrap_or(Path::new("")) {
        to.push(part);
        make_dir(&to)?;
    }
    to.extend(path.file_name());
    copy(from, &to)
}

/// Makes a directory; one that is there may be no link to another.
fn make_dir(path: &Path) -> Result<(), Failure> {
    match fs::create_dir(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(Failure::file(path, &error)),
        Err(_) if path.symlink_metadata().is_ok_and(|meta| meta.is_dir()) => Ok(()),
        Err(error) => Err(Failure::file(path, &error)),
    }
}

/// Copies a file, a link, or a folder with all in it.
///
/// # Errors
/// Disk errors.
pub fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::file(from, &error);
    let meta = fs::symlink_metadata(from).map_err(failed)?;
    if meta.is_dir() {
        make_dir(to)?;
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
