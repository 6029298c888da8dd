//! A few new objects as files of their own: what plain Git makes, for results that nobody may ever name.
//!
//! `git unpack-objects` writes them, synced, and leaves out what is there already.

use crate::{ObjectBatch, Repository, WriteError, pack};

impl Repository {
    /// Writes the objects of a batch as loose objects, which Git's own upkeep collects or prunes. For one merge whose result somebody may
    /// commit; what Acetate commits goes through [`Repository::write_pack`].
    ///
    /// # Errors
    /// See [`WriteError`].
    pub fn write_loose(&self, batch: &ObjectBatch) -> Result<(), WriteError> {
        batch.check(self.format())?;
        if batch.is_empty() {
            return Ok(());
        }
        let objects: Vec<_> = batch.objects().collect();
        let packed = pack::encode(self.format(), &objects)?;
        let git = self.git("unpack-objects").arg("-q").input(packed.pack);
        git.output().map(drop).map_err(|error| WriteError::io("writing objects", std::io::Error::other(error)))
    }
}
