//! What is remembered of each edited file, so that it comes back byte for byte: in `$XDG_STATE_HOME/acetate/agents/`, one file each.
//!
//! A receipt is a help, never needed: without one the entry alone is taken out.

use super::file;
use crate::client::Failure;
use acetate_agents::{Surroundings, Undo};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// What was done to a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Receipt {
    file: PathBuf,
    /// The way back.
    pub undo: Undo,
    /// The folders that were made for it.
    pub folders: Vec<PathBuf>,
}

/// Where the receipts are.
pub struct Receipts(PathBuf);

impl Receipts {
    /// Those of the caller.
    pub fn of(around: &Surroundings) -> Self {
        let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        Self(state.unwrap_or_else(|| around.home.join(".local/state")).join("acetate/agents"))
    }

    fn path(&self, file: &Path) -> PathBuf {
        let name: String = Sha256::digest(file.as_os_str().as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        self.0.join(format!("{name}.json"))
    }

    /// That of a file, if it still tells of this text.
    pub fn fitting(&self, file: &Path, text: &str) -> Option<Receipt> {
        let kept = std::fs::read(self.path(file)).ok()?;
        let receipt: Receipt = serde_json::from_slice(&kept).ok()?;
        (receipt.file == file && receipt.undo.fits(text)).then_some(receipt)
    }

    /// Remembers how to come back from `after`. An earlier edit that stands in `before` is remembered with it.
    ///
    /// # Errors
    /// Of the operating system.
    pub fn keep(&self, file: &Path, before: Option<&str>, after: &str, folders: Vec<PathBuf>) -> Result<(), Failure> {
        let earlier = before.and_then(|text| Some((self.fitting(file, text)?, text)));
        let receipt = match earlier.and_then(|(receipt, text)| Some((receipt.undo.apply(text).ok()?, receipt.folders))) {
            Some((first, folders)) => Receipt { file: file.to_owned(), undo: Undo::between(first.as_deref(), after), folders },
            None => Receipt { file: file.to_owned(), undo: Undo::between(before, after), folders },
        };
        let failed = |error: std::io::Error| Failure::file(&self.0, &error);
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0).map_err(failed)?;
        let text = serde_json::to_string(&receipt).map_err(|error| Failure::unexpected(error.to_string()))?;
        let path = self.path(file);
        file::write(&path, file::read(&path)?.as_deref(), &text)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(failed)
    }

    /// Forgets a file. That nothing was known of it is no failure.
    pub fn forget(&self, file: &Path) {
        drop(std::fs::remove_file(self.path(file)));
    }
}
