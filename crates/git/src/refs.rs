//! Refs of Git's files backend: read, listed, moved by compare-and-swap.
//!
//! Git's locks are obeyed: every ref is changed under its `.lock`, `packed-refs` under its own, with a bounded wait. All locks
//! of one update are taken before the first ref changes, and what each ref names is then read again from the disk, so a
//! compare-and-swap never trusts anything older than its lock. Once all are prepared, refs change one after the other; a
//! crash in between leaves the first ones changed, which is as atomic as Git's files backend is.
//!
//! Deliberately missing: reftable, and reflogs in repositories without a checkout (Git's default too).

mod by_git;
mod types;
mod update;

pub use types::{Expected, RefError, RefTarget, RefUpdate};

use crate::Repository;
use crate::odb::{hash_kind, own_id};
use acetate_types::{ObjectFormat, ObjectId};
use gix::refs::{FullName, Target, file, store};
use std::io;
use std::path::Path;
use std::time::Duration;

/// The longest wait for another process's lock (`core.filesRefLockTimeout` and `core.packedRefsTimeout` are 0.1 and 1 s).
const LOCK_WAIT: Duration = Duration::from_secs(2);
/// How often a list of refs is made again while others pack refs.
const LOOKS: usize = 100;
/// Symbolic refs in a row, as in Git.
const SYMBOLIC_DEPTH: usize = 5;

impl Repository {
    /// What a ref names, without following symbolic refs; `None` if there is no such ref. `name` is a full name or `HEAD`.
    ///
    /// # Errors
    /// A bad name, a damaged ref, a disk error.
    pub fn read_ref(&self, name: &str) -> Result<Option<RefTarget>, RefError> {
        let full = full_name(name)?;
        let store = self.ref_store();
        // Loose first, packed afterwards: `git pack-refs` writes the packed one before it removes the loose one.
        if let Some(found) = store.try_find_loose(full.as_ref()).map_err(|error| io_error(name, &error))?
            && found.name == full
        {
            return own_target(name, &found.target).map(Some);
        }
        let Some(packed) = store.open_packed_buffer().map_err(|error| io_error(name, &error))? else { return Ok(None) };
        let found = packed.try_find(full.as_ref()).map_err(|error| io_error(name, &error))?;
        Ok(found.map(|found| RefTarget::Id(own_id(&found.target()))))
    }

    /// The object a ref names after following symbolic refs, `None` if a ref on the way does not exist. Tags are not peeled.
    ///
    /// # Errors
    /// As for [`Repository::read_ref`], or more than five symbolic refs in a row.
    pub fn resolve_ref(&self, name: &str) -> Result<Option<ObjectId>, RefError> {
        let mut at = name.to_owned();
        for _ in 0..=SYMBOLIC_DEPTH {
            match self.read_ref(&at)? {
                None => return Ok(None),
                Some(RefTarget::Id(id)) => return Ok(Some(id)),
                Some(RefTarget::Symbolic(next)) => at = next,
            }
        }
        Err(RefError::Io { name: name.to_owned(), why: "too many symbolic refs in a row".to_owned() })
    }

    /// All refs whose names begin with `prefix` (`refs/`, or deeper, ending in a slash), sorted by name. Broken refs are left out
    /// with a warning in the log.
    ///
    /// # Errors
    /// A bad prefix, a disk error.
    pub fn refs(&self, prefix: &str) -> Result<Vec<(String, RefTarget)>, RefError> {
        let bad = || RefError::Name(prefix.to_owned());
        let dir = prefix.strip_suffix('/').ok_or_else(bad)?;
        if dir != "refs" {
            full_name(dir)?;
        }
        // gix takes the packed refs before the loose ones, and reads a loose one after it has seen its name: one that `git pack-refs` moves
        // meanwhile would be in neither. So both are read again until they stood still.
        let mut looks = 0;
        loop {
            let before = self.packed_stamp()?;
            let (found, vanished) = self.refs_once(prefix)?;
            looks += 1;
            if looks == LOOKS || !vanished && before == self.packed_stamp()? {
                return Ok(found);
            }
        }
    }

    /// The refs, and whether one vanished while it was read.
    fn refs_once(&self, prefix: &str) -> Result<(Vec<(String, RefTarget)>, bool), RefError> {
        let store = self.ref_store();
        let platform = store.iter().map_err(|error| io_error(prefix, &error))?;
        let relative: &gix::path::RelativePath = gix::bstr::BStr::new(prefix).try_into().map_err(|_| RefError::Name(prefix.to_owned()))?;
        let (mut found, mut vanished) = (Vec::new(), false);
        for reference in platform.prefixed(relative).map_err(|error| io_error(prefix, &error))? {
            match reference {
                Ok(reference) => {
                    let name = text(reference.name.as_bstr());
                    let target = own_target(&name, &reference.target)?;
                    found.push((name, target));
                }
                Err(error) if is_not_found(&error) => vanished = true,
                Err(error) => tracing::warn!(prefix, %error, "a ref could not be read"),
            }
        }
        Ok((found, vanished))
    }

    fn packed_stamp(&self) -> Result<u64, RefError> {
        let mut hasher = xxhash_rust::xxh3::Xxh3::new();
        stamp(&self.shared.common_dir.join("packed-refs"), &mut hasher).map_err(|error| io_error("packed-refs", &error))?;
        Ok(hasher.digest())
    }

    /// Changes whenever a ref below `prefix` may have changed on disk, also by others: a hash of the times of the folders that hold loose
    /// refs, and of `packed-refs`. Costs a look at each folder, not at each ref.
    ///
    /// # Errors
    /// A disk error.
    pub fn refs_stamp(&self, prefix: &str) -> Result<u64, RefError> {
        let common = &self.shared.common_dir;
        let mut hasher = xxhash_rust::xxh3::Xxh3::new();
        stamp(&common.join("packed-refs"), &mut hasher).map_err(|error| io_error("packed-refs", &error))?;
        let mut folders = vec![common.join(prefix.trim_end_matches('/'))];
        while let Some(folder) = folders.pop() {
            stamp(&folder, &mut hasher).map_err(|error| io_error(prefix, &error))?;
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for entry in entries.flatten() {
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push(entry.path());
                }
            }
        }
        Ok(hasher.digest())
    }

    /// Changes whenever a loose ref may have changed on disk, also by others. Costs one stat(2); a packed ref has one stamp whatever it names.
    ///
    /// # Errors
    /// A disk error.
    pub fn ref_stamp(&self, name: &str) -> Result<u64, RefError> {
        let mut hasher = xxhash_rust::xxh3::Xxh3::new();
        stamp(&self.shared.common_dir.join(name), &mut hasher).map_err(|error| io_error(name, &error))?;
        Ok(hasher.digest())
    }

    /// What `HEAD` names: of the worktree, if the repository was opened as a linked one.
    ///
    /// # Errors
    /// A damaged `HEAD`.
    pub fn head(&self) -> Result<Option<RefTarget>, RefError> {
        self.read_ref("HEAD")
    }

    /// The branch that `HEAD` names, born or not, without `refs/heads/`; `None` if `HEAD` is detached.
    ///
    /// # Errors
    /// As for [`Repository::head`].
    pub fn default_branch(&self) -> Result<Option<String>, RefError> {
        Ok(match self.head()? {
            Some(RefTarget::Symbolic(name)) => name.strip_prefix("refs/heads/").map(str::to_owned),
            _ => None,
        })
    }

    /// A view of the refs that has read nothing yet: gix tells a new `packed-refs` from an old one by its time only.
    fn ref_store(&self) -> file::Store {
        let shared = &*self.shared;
        store(&shared.own_dir, &shared.common_dir, shared.format, shared.work_tree.is_some())
    }
}

/// The refs of a repository, of a linked worktree if its own folder is another than the common one.
fn store(own_dir: &Path, common_dir: &Path, format: ObjectFormat, logs: bool) -> file::Store {
    let options = store::init::Options {
        write_reflog: if logs { store::WriteReflog::Normal } else { store::WriteReflog::Disable },
        ..Default::default()
    };
    if own_dir == common_dir {
        file::Store::at_opts(own_dir.to_owned(), hash_kind(format), options)
    } else {
        file::Store::for_linked_worktree_opts(own_dir.to_owned(), common_dir.to_owned(), hash_kind(format), options)
    }
}

/// What tells one state of a file or folder from another; nothing for one that is not there.
fn stamp(path: &std::path::Path, hasher: &mut xxhash_rust::xxh3::Xxh3) -> std::io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    match std::fs::symlink_metadata(path) {
        Ok(found) => {
            for number in [found.ino(), found.size(), found.mtime().cast_unsigned(), found.mtime_nsec().cast_unsigned()] {
                hasher.update(&number.to_le_bytes());
            }
            Ok(())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Checks a branch's name without `refs/heads/`.
pub(crate) fn check_branch(branch: &str) -> Result<(), RefError> {
    // What Git refuses for branches beyond what it refuses for refs.
    if branch.starts_with('-') || branch == "HEAD" {
        return Err(RefError::Name(branch.to_owned()));
    }
    full_name(&format!("refs/heads/{branch}")).map(drop)
}

/// Checks a ref's full name as Git does.
///
/// # Errors
/// [`RefError::Name`].
pub fn check_ref_name(name: &str) -> Result<(), RefError> {
    full_name(name).map(drop)
}

/// A valid full name: `HEAD`, or below `refs/` with at least one more component.
pub(crate) fn full_name(name: &str) -> Result<FullName, RefError> {
    let bad = || RefError::Name(name.chars().take(200).collect());
    if name != "HEAD" && !name.starts_with("refs/") || name.len() > 1024 {
        return Err(bad());
    }
    FullName::try_from(name).map_err(|_| bad())
}

fn own_target(name: &str, target: &Target) -> Result<RefTarget, RefError> {
    match target {
        Target::Object(id) => Ok(RefTarget::Id(own_id(id))),
        Target::Symbolic(other) => {
            let other = std::str::from_utf8(other.as_bstr()).map_err(|error| io_error(name, &error))?;
            Ok(RefTarget::Symbolic(other.to_owned()))
        }
    }
}

fn text(name: &gix::bstr::BStr) -> String {
    name.to_string()
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn is_not_found(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut at: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = at {
        if cause.downcast_ref::<io::Error>().is_some_and(|cause| cause.kind() == io::ErrorKind::NotFound) {
            return true;
        }
        at = cause.source();
    }
    false
}

fn io_error(name: &str, error: &(impl std::error::Error + 'static)) -> RefError {
    RefError::Io { name: name.to_owned(), why: chain(error) }
}
