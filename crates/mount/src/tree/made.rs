//! What was made in the folder since the last turn: it belongs to the session only as long as the rules do not name it. Tools make caches
//! that way, with a `.gitignore` inside that names everything in them, themselves included, and is written last.
//!
//! What other doors write is theirs to decide, and what a turn has is tracked from then on, as in Git. Deliberately missing: keeping the
//! names over an unmounting; they are the session's then.

use super::attr::spec;
use super::look::{Found, tracked};
use super::told::Stale;
use super::{Answer, Set, Tree};
use crate::errno;
use rustix::fs::RenameFlags;
use std::collections::BTreeSet;

/// Paths of the session that were made here and are in no turn yet.
#[derive(Debug, Default)]
pub(super) struct Made(BTreeSet<Vec<u8>>);

impl Made {
    pub(super) fn insert(&mut self, path: &[u8]) {
        self.0.insert(path.to_vec());
    }

    pub(super) fn remove(&mut self, path: &[u8]) {
        self.0.remove(path);
    }

    /// What was at one path is at another, with all below it; what was there is gone.
    pub(super) fn rename(&mut self, from: &[u8], to: &[u8]) {
        self.0.remove(to);
        if self.0.remove(from) {
            self.0.insert(to.to_vec());
        }
        let (first, behind) = ([from, b"/"].concat(), [from, b"0"].concat());
        let below: Vec<Vec<u8>> = self.0.range(first..behind).cloned().collect();
        for path in below {
            self.0.remove(&path);
            self.0.insert([to, path.get(from.len()..).unwrap_or_default()].concat());
        }
    }
}

impl Tree {
    /// A turn ends: what was made since the last one and is ignored by now goes to the scratch, if `rules` says that they changed; the
    /// rest is the session's from now on. Gives what the kernel has to drop.
    pub(super) fn put_ignored(&self, rules: bool) -> Vec<Stale> {
        let made = std::mem::take(&mut *self.made.lock()).0;
        let mut stale = Vec::new();
        for path in made.into_iter().filter(|_| rules) {
            match self.put_one(&path) {
                Ok(true) => stale.extend(self.name_of(&path)),
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "a file that is ignored by now stays in the session"),
            }
        }
        stale
    }

    fn put_one(&self, path: &[u8]) -> Answer<bool> {
        let view = self.view()?;
        let (Some(repo), Some(Found::File(file))) = (tracked(path), self.find(&view, path)?) else { return Ok(false) };
        if !self.rules.ignored(&*view, path, false) || view.base_has(&repo).map_err(|error| errno::of(&error))? {
            return Ok(false);
        }
        let aside = [path, b".acetate-moving"].concat();
        self.scratch.make_above(path)?;
        self.write_out(&view, &file, &aside)?;
        // It did not change: nobody has to build it anew.
        let stamp = self.times.lock().get(path);
        let time = spec(Some(Set::To(stamp.modified)));
        self.scratch.set_times(&aside, time, time)?;
        if let Some(perm) = stamp.perm.filter(|_| file.mode().is_file()) {
            self.scratch.set_mode(&aside, perm.into())?;
        }
        self.scratch.rename(&aside, path, RenameFlags::empty())?;
        self.session.remove_file(&repo).map_err(|error| errno::of(&error))?;
        self.times.lock().forget(path);
        self.note(path);
        Ok(true)
    }
}
