//! Updates that delete refs, made by `git update-ref`.
//!
//! gix reads `packed-refs` before it takes that file's lock, and writes what it read without the deleted names: refs that a
//! `git pack-refs` packed in between would be lost, and with them what only they reach. `git` locks first. An update that deletes
//! nothing writes no packed refs, and stays in this process.

use super::{LOCK_WAIT, RefError};
use crate::{Expected, GitError, RefUpdate, Repository};
use acetate_types::ObjectId;
use std::time::Duration;

/// The longest that one update may take.
const TIMEOUT: Duration = Duration::from_secs(60);

impl Repository {
    /// All updates in one transaction of `git`. The names and ids were checked.
    pub(super) fn update_by_git(&self, updates: &[&RefUpdate]) -> Result<(), RefError> {
        let Some(first) = updates.first() else { return Ok(()) };
        let message = first.message.replace(['\n', '\r', '\0'], " ");
        let wait = LOCK_WAIT.as_millis();
        let git = self
            .git("update-ref")
            .settings([format!("core.filesRefLockTimeout={wait}"), format!("core.packedRefsTimeout={wait}")])
            .settings(["user.name=Acetate", "user.email=acetate@localhost"])
            .args(["--no-deref", "-z", "--stdin", "-m"])
            .arg(if message.is_empty() { "acetate" } else { &message })
            .input(instructions(updates))
            .timeout(TIMEOUT);
        git.output().map(drop).map_err(|error| match error {
            GitError::Failed { message, .. } if message.contains(".lock") => RefError::Locked { name: first.name.clone() },
            error => RefError::Io { name: first.name.clone(), why: error.to_string() },
        })
    }
}

/// The input of `git update-ref -z --stdin`, as its manual describes it.
fn instructions(updates: &[&RefUpdate]) -> Vec<u8> {
    let mut text = String::new();
    for update in updates {
        let old = match &update.expected {
            Expected::Any => String::new(),
            Expected::Absent => update.new.map_or_else(String::new, |new| ObjectId::null(new.format()).to_hex()),
            Expected::At(old) => old.to_hex(),
        };
        match &update.new {
            Some(new) => text.push_str(&format!("update {}\0{}\0{old}\0", update.name, new.to_hex())),
            None => text.push_str(&format!("delete {}\0{old}\0", update.name)),
        }
    }
    text.into_bytes()
}
