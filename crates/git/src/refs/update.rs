//! Moving refs by compare-and-swap, and putting them on stable storage.

use super::{LOCK_WAIT, chain, check_branch, full_name, io_error, is_not_found};
use crate::odb::foreign_id;
use crate::{Expected, RefError, RefTarget, RefUpdate, Repository};
use acetate_types::ObjectId;
use gix::lock::acquire::Fail;
use gix::refs::transaction::{Change, LogChange, PreviousValue, RefEdit, RefLog};
use gix::refs::{Target, file};
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Refs from which on the whole file system is synced.
const FILE_SYSTEM_FROM: usize = 32;

impl Repository {
    /// Makes `HEAD` name another branch (without `refs/heads/`), which need not exist.
    ///
    /// # Errors
    /// A bad name, a lock, a disk error.
    pub fn set_default_branch(&self, branch: &str) -> Result<(), RefError> {
        check_branch(branch)?;
        let target = Target::Symbolic(full_name(&format!("refs/heads/{branch}"))?);
        let edit = RefEdit::update(full_name("HEAD")?, target, PreviousValue::Any, "default branch");
        let store = self.ref_store();
        let transaction = prepared(&store, vec![edit], "HEAD")?;
        self.sync_lock("HEAD")?;
        transaction.commit(log_identity().to_ref(&mut Default::default())).map_err(|error| io_error("HEAD", &error))?;
        Ok(())
    }

    /// Makes a ref name another ref, which need not exist; does nothing if it does so already.
    ///
    /// # Errors
    /// A bad name, a lock, a disk error.
    pub fn set_symbolic_ref(&self, name: &str, target: &str) -> Result<(), RefError> {
        if self.read_ref(name)? == Some(RefTarget::Symbolic(target.to_owned())) {
            return Ok(());
        }
        let edit = RefEdit::update(full_name(name)?, Target::Symbolic(full_name(target)?), PreviousValue::Any, "acetate: default branch");
        let store = self.ref_store();
        let transaction = prepared(&store, vec![edit], name)?;
        self.sync_lock(name)?;
        transaction.commit(log_identity().to_ref(&mut Default::default())).map_err(|error| io_error(name, &error))?;
        Ok(())
    }

    /// Moves refs, all or none: every lock is held and every expectation checked before the first ref changes. Symbolic refs
    /// are not followed; one that is named is replaced.
    ///
    /// # Errors
    /// See [`RefError`]. With [`RefError::Moved`] nothing has changed. An I/O error while refs change one by one may leave the
    /// first of them changed.
    pub fn update_refs(&self, updates: &[RefUpdate]) -> Result<(), RefError> {
        let Some(first) = updates.first() else { return Ok(()) };
        let edits = updates.iter().map(|update| self.edit(update)).collect::<Result<Vec<_>, _>>()?;
        let names: BTreeSet<&str> = updates.iter().map(|update| update.name.as_str()).collect();
        self.check_clashes(updates, &names)?;
        if edits.iter().flatten().any(|edit| matches!(edit.change, Change::Delete { .. })) {
            let due = updates.iter().zip(&edits).filter(|(_, edit)| edit.is_some()).map(|(update, _)| update);
            // What needs no edit is checked by nobody else.
            self.check_expected(updates)?;
            return self.update_by_git(&due.collect::<Vec<_>>()).or_else(|error| self.check_expected(updates).and(Err(error)));
        }
        let edits: Vec<_> = edits.into_iter().flatten().collect();
        let started = Instant::now();
        loop {
            let store = self.ref_store();
            let transaction = match prepared(&store, edits.clone(), &first.name) {
                Ok(transaction) => transaction,
                Err(error) => {
                    // Which expectation failed is told by the refs themselves.
                    self.check_expected(updates)?;
                    // None did: while Git packs refs, one can be gone from its file and not yet be in the packed ones that were read, or be there as
                    // it was before.
                    if matches!(&error, RefError::Io { why, .. } if CHANGED.iter().any(|said| why.contains(said)))
                        && started.elapsed() < LOCK_WAIT
                    {
                        std::thread::yield_now();
                        continue;
                    }
                    return Err(error);
                }
            };
            self.check_expected(updates)?;
            let set: Vec<&str> = updates.iter().filter(|update| update.new.is_some()).map(|update| update.name.as_str()).collect();
            if set.len() > FILE_SYSTEM_FROM {
                self.sync_file_system()?
            } else {
                set.iter().try_for_each(|name| self.sync_lock(name))?
            }
            transaction.commit(log_identity().to_ref(&mut Default::default())).map_err(|error| io_error(&first.name, &error))?;
            return Ok(());
        }
    }

    /// Puts refs that exist as files, and the folders above them, on stable storage.
    ///
    /// # Errors
    /// A bad name, a disk error.
    pub fn sync_refs(&self, names: &[&str]) -> Result<(), RefError> {
        if names.len() > FILE_SYSTEM_FROM {
            return self.sync_file_system();
        }
        let mut dirs = BTreeSet::new();
        let root = &self.shared.common_dir;
        let sync = |name: &str, path: &Path| match File::open(path) {
            Ok(file) => file.sync_all().map_err(|error| io_error(name, &error)),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(()),
            Err(error) => Err(io_error(name, &error)),
        };
        for name in names {
            full_name(name)?;
            let path = if *name == "HEAD" { self.shared.own_dir.join(name) } else { root.join(name) };
            sync(name, &path)?;
            dirs.extend(path.ancestors().skip(1).take_while(|dir| dir.starts_with(root)).map(Path::to_owned));
        }
        // A deleted ref may have been in the packed file, which is new then.
        sync("packed-refs", &root.join("packed-refs"))?;
        dirs.iter().try_for_each(|dir: &PathBuf| sync("refs", dir))
    }

    /// One sync of the whole file system, which is cheaper than one for each of many files.
    fn sync_file_system(&self) -> Result<(), RefError> {
        let root = File::open(&self.shared.common_dir).map_err(|error| io_error("refs", &error))?;
        rustix::fs::syncfs(&root).map_err(|error| io_error("refs", &io::Error::from(error)))
    }

    /// Syncs the new value of a ref that is prepared and about to be renamed into place: else a power cut could leave an empty file there,
    /// and Git a broken ref. (What Git's `core.fsync=reference` does.)
    fn sync_lock(&self, name: &str) -> Result<(), RefError> {
        let root = if name == "HEAD" { &self.shared.own_dir } else { &self.shared.common_dir };
        match File::open(root.join(format!("{name}.lock"))) {
            Ok(file) => file.sync_data().map_err(|error| io_error(name, &error)),
            // It names that already.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(io_error(name, &error)),
        }
    }

    fn edit(&self, update: &RefUpdate) -> Result<Option<RefEdit>, RefError> {
        let name = full_name(&update.name)?;
        if !update.name.starts_with("refs/") {
            return Err(RefError::Name(update.name.clone()));
        }
        let id = |id: &ObjectId| {
            if id.format() == self.shared.format && !id.is_null() {
                foreign_id(id).map_err(|why| RefError::Io { name: update.name.clone(), why })
            } else {
                Err(RefError::Id { name: update.name.clone(), id: *id })
            }
        };
        let expected = match &update.expected {
            Expected::Any => PreviousValue::Any,
            Expected::Absent => PreviousValue::MustNotExist,
            Expected::At(old) => PreviousValue::MustExistAndMatch(Target::Object(id(old)?)),
        };
        let change = match &update.new {
            Some(new) => Change::Update {
                log: LogChange {
                    mode: RefLog::AndReference,
                    force_create_reflog: false,
                    message: update.message.replace(['\n', '\r', '\0'], " ").into(),
                },
                expected,
                new: Target::Object(id(new)?),
            },
            // Nothing to lock: gix has no word for "must not be there" in a deletion, and would trip over a folder of that name.
            None if update.expected == Expected::Absent => return Ok(None),
            None if update.expected == Expected::Any && self.read_ref(&update.name)?.is_none() => return Ok(None),
            None => Change::Delete { expected, log: RefLog::AndReference },
        };
        Ok(Some(RefEdit { change, name, deref: false }))
    }

    /// What every ref names now against what it should.
    fn check_expected(&self, updates: &[RefUpdate]) -> Result<(), RefError> {
        for update in updates {
            let found = match update.expected {
                Expected::Any => continue,
                _ => self.read_ref(&update.name)?,
            };
            let holds = match update.expected {
                Expected::Any => true,
                Expected::Absent => found.is_none(),
                Expected::At(id) => found == Some(RefTarget::Id(id)),
            };
            if !holds {
                return Err(RefError::Moved { name: update.name.clone(), found });
            }
        }
        Ok(())
    }

    /// Refuses a ref below or above another one, of the repository or of the same update, even one that the update deletes:
    /// a file can't become a folder in one step.
    fn check_clashes(&self, updates: &[RefUpdate], names: &BTreeSet<&str>) -> Result<(), RefError> {
        if names.len() < updates.len() {
            let name = updates[0].name.clone();
            return Err(RefError::Clash { other: name.clone(), name });
        }
        // What is deleted is in the way only if it is there, which is looked up.
        let made: BTreeSet<&str> = updates.iter().filter(|update| update.new.is_some()).map(|update| update.name.as_str()).collect();
        for update in updates.iter().filter(|update| update.new.is_some()) {
            let name = update.name.as_str();
            // A ref that is there has passed this check when it was made.
            if self.read_ref(name).is_ok_and(|found| found.is_some()) {
                continue;
            }
            let clash = |other: &str| Err(RefError::Clash { name: name.to_owned(), other: other.to_owned() });
            for above in name.match_indices('/').skip(1).filter_map(|(slash, _)| name.get(..slash)) {
                if made.contains(above) || matches!(self.read_ref(above), Ok(Some(_))) {
                    return clash(above);
                }
            }
            let below = format!("{name}/");
            if let Some(other) = made.range(below.as_str()..).next().filter(|other| other.starts_with(&below)) {
                return clash(other);
            }
            if let Some((other, _)) = self.refs(&below)?.first() {
                return clash(other);
            }
        }
        Ok(())
    }
}

/// What gix says of a ref that is not what was expected, or not there.
const CHANGED: [&str; 2] = ["Expected reference content", "must exist with content"];

/// A transaction with all its locks.
fn prepared<'s>(store: &'s file::Store, edits: Vec<RefEdit>, name: &str) -> Result<file::Transaction<'s, 's>, RefError> {
    let wait = Fail::AfterDurationWithBackoff(LOCK_WAIT);
    let started = Instant::now();
    loop {
        match store.transaction().prepare(edits.clone(), wait, wait) {
            Ok(transaction) => return Ok(transaction),
            Err(error) => {
                let text = chain(&error);
                if text.contains("lock for resource") || text.contains("lock could not be obtained") {
                    return Err(RefError::Locked { name: name.to_owned() });
                }
                // A folder that another process emptied and removed between our making it and our lock.
                if started.elapsed() < LOCK_WAIT && is_not_found(&error) && !text.contains("must exist") {
                    std::thread::yield_now();
                    continue;
                }
                return Err(RefError::Io { name: name.to_owned(), why: text });
            }
        }
    }
}

fn log_identity() -> gix::actor::Signature {
    gix::actor::Signature { name: "Acetate".into(), email: "acetate@localhost".into(), time: gix::date::Time::now_utc() }
}
