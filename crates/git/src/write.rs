//! Making new objects visible, then durable.
//!
//! Every object of a group is written, also one that is on disk already: what is there may be unreachable, and a `git gc` of
//! somebody else may be about to prune it. The order is: pack and index written under temporary names, both synced; `.keep`
//! made; pack renamed, then index renamed, which is the moment Git sees the objects; directory synced. Where a step fails,
//! what was made is removed again, index first.

use crate::read::cacheable;
use crate::{KeptPack, ObjectBatch, Repository, WriteError, keep, pack};
use acetate_types::ObjectId;
use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// Temporary files of ours in the pack folder begin with this. Not `tmp_`, which `git prune` removes while we write.
pub(crate) const TEMPORARY: &str = "acetate-tmp-";

impl Repository {
    /// Makes the objects readable for every clone of this repository, before they are durable. Counted per id.
    ///
    /// # Errors
    /// A batch of another hash function, or one that holds an attack on the hash; nothing is staged then.
    pub fn stage(&self, batch: &ObjectBatch) -> Result<(), WriteError> {
        batch.check(self.shared.format)?;
        self.shared.staged.add(batch);
        Ok(())
    }

    /// Takes back one [`Repository::stage`] of these objects.
    pub fn unstage(&self, batch: &ObjectBatch) {
        self.shared.staged.remove(batch);
    }

    /// Writes all objects of all batches, each once, as one durable pack with a `.keep`. Three syncs, whatever the size. The objects
    /// are readable, here and by Git, when this returns. An empty set makes a pack without objects.
    ///
    /// # Errors
    /// See [`WriteError`]; nothing of the group is visible on disk then, and the repository is as readable as before.
    pub fn write_pack(&self, batches: &[&ObjectBatch]) -> Result<KeptPack, WriteError> {
        let shared = &*self.shared;
        for batch in batches {
            batch.check(shared.format)?;
        }
        let mut seen = HashSet::new();
        let objects: Vec<_> = batches.iter().flat_map(|batch| batch.objects()).filter(|(id, _)| seen.insert(*id)).collect();
        let packed = pack::encode(shared.format, &objects)?;
        let name = self.place(&packed)?;
        for (id, object) in objects {
            if let Some(object) = cacheable(object) {
                shared.cache.insert(id, object);
            }
        }
        Ok(KeptPack::new(self.clone(), name))
    }

    fn place(&self, packed: &pack::Packed) -> Result<String, WriteError> {
        self.place_with(|path| {
            let file = self.shared.disk.create(path, &packed.pack).map_err(|error| WriteError::io("writing a pack", error))?;
            Ok((file, pack::Single { index: packed.index.clone(), checksum: packed.checksum }))
        })
    }

    /// Puts a pack that `write` writes at a path, and its index, where Git looks for them. All of it or nothing, and durable.
    pub(crate) fn place_with(&self, write: impl FnOnce(&Path) -> Result<(File, pack::Single), WriteError>) -> Result<String, WriteError> {
        let shared = &*self.shared;
        let dir = self.pack_dir();
        let number = shared.counter.fetch_add(1, Ordering::Relaxed);
        let temporary = |what: &str| dir.join(format!("{TEMPORARY}{}-{number}-{what}", std::process::id()));
        let mut made = Made { disk: &*shared.disk, paths: Vec::new() };
        let (pack, index) = (temporary("pack"), temporary("idx"));
        let done = self.steps(write, &dir, &pack, &index, &mut made);
        if done.is_ok() {
            made.paths.clear();
        }
        done
    }

    fn steps(
        &self,
        write: impl FnOnce(&Path) -> Result<(File, pack::Single), WriteError>,
        dir: &Path,
        pack: &Path,
        index: &Path,
        made: &mut Made<'_>,
    ) -> Result<String, WriteError> {
        let disk = &*self.shared.disk;
        let fail = |step| move |error| WriteError::io(step, error);
        made.paths.push(pack.to_owned());
        let (pack_file, packed) = write(pack)?;
        let name = self.fresh_name(&packed.checksum)?;
        made.paths.push(index.to_owned());
        let index_file = disk.create(index, &packed.index).map_err(fail("writing a pack's index"))?;
        disk.sync_file(&pack_file).map_err(fail("syncing a pack"))?;
        disk.sync_file(&index_file).map_err(fail("syncing a pack's index"))?;
        let keep = keep::path(dir, &name);
        made.paths.push(keep.clone());
        keep::create(disk, &self.shared.common_dir, &keep).map_err(fail("keeping a pack"))?;
        let to = dir.join(format!("{name}.pack"));
        made.paths.push(to.clone());
        disk.rename(pack, &to).map_err(fail("placing a pack"))?;
        let to = dir.join(format!("{name}.idx"));
        made.paths.push(to.clone());
        disk.rename(index, &to).map_err(fail("placing a pack's index"))?;
        disk.sync_dir(dir).map_err(fail("syncing the pack folder"))?;
        Ok(name)
    }

    pub(crate) fn pack_dir(&self) -> PathBuf {
        self.shared.odb.path().join("pack")
    }

    /// A name that no pack had before. The same objects may come again while a `git repack` that saw the first pack is about to
    /// remove it by name; so a name is never used twice.
    pub(crate) fn fresh_name(&self, checksum: &ObjectId) -> Result<String, WriteError> {
        let shared = &*self.shared;
        let dir = self.pack_dir();
        loop {
            let number = shared.counter.fetch_add(1, Ordering::Relaxed);
            let mut seed = checksum.as_bytes().to_vec();
            seed.extend_from_slice(&shared.salt.to_le_bytes());
            seed.extend_from_slice(&number.to_le_bytes());
            let name = format!("pack-{}", pack::checksum(shared.format, &seed)?);
            if !dir.join(format!("{name}.pack")).exists() && !keep::path(&dir, &name).exists() {
                return Ok(name);
            }
        }
    }
}

/// Files that are removed again, the last first, unless all went well.
struct Made<'a> {
    disk: &'a dyn crate::Disk,
    paths: Vec<PathBuf>,
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        for path in self.paths.drain(..).rev() {
            if let Err(error) = self.disk.remove(&path) {
                tracing::warn!(path = %path.display(), %error, "what a failed write made could not be removed");
            }
        }
    }
}
