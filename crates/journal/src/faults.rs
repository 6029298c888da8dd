//! A storage for tests that keeps two images of itself: the live one, which a process sees, and the durable one, which a power cut leaves.
//!
//! The durable image is as unkind as POSIX allows: of what no sync covered, each sector of 512 bytes may be from any moment, lengths too, and
//! each entry of the folder may or may not be there. After a failed sync the lost writes count as clean, and a repeated sync succeeds.
//! Everything follows from seeds. Lacks: bit rot (tests change bytes themselves) and slow devices.

use crate::memory::{copy_in, copy_out};
use crate::storage::{Storage, StoredFile};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

const SECTOR: usize = 512;

/// How an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The device reports an error (EIO).
    Device,
    /// No space is left (ENOSPC).
    Full,
}

impl Fault {
    fn error(self) -> io::Error {
        match self {
            Self::Device => io::Error::other("injected device error"),
            Self::Full => io::ErrorKind::StorageFull.into(),
        }
    }
}

/// The storage. Clones share everything; a clone that is opened after a journal was dropped is what the process's successor finds.
#[derive(Debug, Clone)]
pub struct FaultStorage {
    world: Arc<Mutex<World>>,
}

#[derive(Debug, Default)]
struct World {
    random: u64,
    inodes: Vec<Inode>,
    live: BTreeMap<String, usize>,
    durable: BTreeMap<String, usize>,
    pending: Vec<Entry>,
    /// Changing operations so far.
    operations: u64,
    syncs: u64,
    plan: BTreeMap<u64, Fault>,
    dead_from: Option<(u64, Fault)>,
    full: bool,
}

#[derive(Debug, Default, Clone)]
struct Inode {
    live: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Change>,
}

#[derive(Debug, Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Len(usize),
}

#[derive(Debug, Clone)]
enum Entry {
    Create(String, usize),
    Remove(String),
    Rename(String, String),
}

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
fn next(random: &mut u64) -> u64 {
    *random = random.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *random;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number from 0 to `most`; half of the time one of the two ends, where most faults live.
fn pick(random: &mut u64, most: usize) -> usize {
    match next(random) % 4 {
        0 => 0,
        1 => most,
        _ => (next(random) % (most as u64 + 1)) as usize,
    }
}

impl Inode {
    fn apply(content: &mut Vec<u8>, change: &Change) {
        match change {
            Change::Write(at, data) => copy_in(content, data, *at),
            Change::Len(len) => content.resize(*len, 0),
        }
    }

    /// What a power cut would leave.
    fn settle(&self, random: &mut u64) -> Vec<u8> {
        if self.pending.is_empty() {
            return self.durable.clone();
        }
        // One image for each moment would be simplest and far too large; a sector's moments are replayed on the whole file instead,
        // for as many moments as are asked for.
        let image_at = |count: usize| {
            let mut content = self.durable.clone();
            self.pending.iter().take(count).for_each(|change| Self::apply(&mut content, change));
            content
        };
        let moments: Vec<Vec<u8>> = (0..4).map(|_| image_at(pick(random, self.pending.len()))).collect();
        let choose = |random: &mut u64| moments.get((next(random) % 4) as usize);
        let len = choose(random).map_or(0, Vec::len);
        let mut settled = vec![0; len];
        for (at, sector) in settled.chunks_mut(SECTOR).enumerate() {
            if let Some(image) = choose(random) {
                copy_out(image, sector, (at * SECTOR) as u64);
            }
        }
        settled
    }
}

impl World {
    /// Counts an operation; fails if that was planned.
    fn step(&mut self) -> Result<(), Fault> {
        self.operations += 1;
        match self.dead_from {
            Some((from, fault)) if self.operations >= from => Err(fault),
            _ => self.plan.remove(&self.operations).map_or(Ok(()), Err),
        }
    }

    fn change(&mut self, inode: usize, change: Change) {
        if let Some(inode) = self.inodes.get_mut(inode) {
            Inode::apply(&mut inode.live, &change);
            inode.pending.push(change);
        }
    }

    fn apply(entries: &mut BTreeMap<String, usize>, entry: &Entry) {
        match entry {
            Entry::Create(name, inode) => {
                entries.insert(name.clone(), *inode);
            }
            Entry::Remove(name) => {
                entries.remove(name);
            }
            Entry::Rename(from, to) => {
                if let Some(inode) = entries.remove(from) {
                    entries.insert(to.clone(), inode);
                }
            }
        }
    }

    fn enter(&mut self, entry: Entry) {
        Self::apply(&mut self.live, &entry);
        self.pending.push(entry);
    }
}

impl FaultStorage {
    /// An empty storage whose faults follow from `seed`.
    pub fn new(seed: u64) -> Self {
        Self { world: Arc::new(Mutex::new(World { random: seed, ..World::default() })) }
    }

    /// What a power cut now would leave, as a storage of its own. This one goes on as if nothing had happened.
    pub fn crash(&self, seed: u64) -> Self {
        let world = self.world.lock();
        let mut random = seed;
        let mut entries = world.durable.clone();
        for entry in &world.pending {
            if next(&mut random).is_multiple_of(2) {
                World::apply(&mut entries, entry);
            }
        }
        let mut after = World { random: next(&mut random), ..World::default() };
        for (name, inode) in entries {
            let content = world.inodes.get(inode).map(|i| i.settle(&mut random)).unwrap_or_default();
            let number = after.inodes.len();
            after.inodes.push(Inode { live: content.clone(), durable: content, pending: Vec::new() });
            after.live.insert(name.clone(), number);
            after.durable.insert(name, number);
        }
        Self { world: Arc::new(Mutex::new(after)) }
    }

    /// Lets the `n`-th changing operation from now (the next one is 1) fail. A failing write may have written a part.
    pub fn fail(&self, n: u64, fault: Fault) {
        let mut world = self.world.lock();
        let at = world.operations + n;
        world.plan.insert(at, fault);
    }

    /// Lets the `n`-th changing operation from now and all after it fail. The images are then those of a process, or a machine, that
    /// stopped at that operation.
    pub fn fail_from(&self, n: u64, fault: Fault) {
        let mut world = self.world.lock();
        world.dead_from = Some((world.operations + n, fault));
    }

    /// Forgets all planned faults, and lets a dead device work again.
    pub fn heal(&self) {
        let mut world = self.world.lock();
        world.plan.clear();
        world.dead_from = None;
        world.full = false;
    }

    /// While `true`, no file can be made; writes into reserved space go on.
    pub fn set_full(&self, full: bool) {
        self.world.lock().full = full;
    }

    /// How many times files were synced so far, and changing operations in all.
    pub fn counts(&self) -> (u64, u64) {
        let world = self.world.lock();
        (world.syncs, world.operations)
    }
}

fn missing() -> io::Error {
    io::ErrorKind::NotFound.into()
}

fn size_of(len: u64) -> io::Result<usize> {
    usize::try_from(len).map_err(|_| io::ErrorKind::OutOfMemory.into())
}

impl Storage for FaultStorage {
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.world.lock().live.keys().cloned().collect())
    }

    fn create(&self, name: &str, len: u64) -> io::Result<Arc<dyn StoredFile>> {
        let mut world = self.world.lock();
        world.step().map_err(Fault::error)?;
        if world.full {
            return Err(Fault::Full.error());
        }
        if world.live.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let inode = world.inodes.len();
        world.inodes.push(Inode::default());
        world.change(inode, Change::Len(size_of(len)?));
        world.enter(Entry::Create(name.to_owned(), inode));
        Ok(Arc::new(FaultFile { world: Arc::clone(&self.world), inode }))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn StoredFile>> {
        let inode = *self.world.lock().live.get(name).ok_or_else(missing)?;
        Ok(Arc::new(FaultFile { world: Arc::clone(&self.world), inode }))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut world = self.world.lock();
        world.step().map_err(Fault::error)?;
        if !world.live.contains_key(name) {
            return Err(missing());
        }
        world.enter(Entry::Remove(name.to_owned()));
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut world = self.world.lock();
        world.step().map_err(Fault::error)?;
        if !world.live.contains_key(from) {
            return Err(missing());
        }
        world.enter(Entry::Rename(from.to_owned(), to.to_owned()));
        Ok(())
    }

    fn sync_dir(&self) -> io::Result<()> {
        let mut world = self.world.lock();
        world.step().map_err(Fault::error)?;
        world.durable = world.live.clone();
        world.pending.clear();
        Ok(())
    }
}

#[derive(Debug)]
struct FaultFile {
    world: Arc<Mutex<World>>,
    inode: usize,
}

impl StoredFile for FaultFile {
    fn size(&self) -> io::Result<u64> {
        self.world.lock().inodes.get(self.inode).map(|i| i.live.len() as u64).ok_or_else(missing)
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.world.lock().inodes.get(self.inode).map(|i| copy_out(&i.live, buf, offset)).ok_or_else(missing)
    }

    fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()> {
        let mut world = self.world.lock();
        let step = world.step();
        let written = match step {
            Ok(()) => data.len(),
            Err(_) => pick(&mut world.random, data.len()),
        };
        let part = data.get(..written).unwrap_or_default().to_vec();
        world.change(self.inode, Change::Write(size_of(offset)?, part));
        step.map_err(Fault::error)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut world = self.world.lock();
        world.step().map_err(Fault::error)?;
        world.change(self.inode, Change::Len(size_of(len)?));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut guard = self.world.lock();
        let world = &mut *guard;
        world.syncs += 1;
        let step = world.step();
        let inode = world.inodes.get_mut(self.inode).ok_or_else(missing)?;
        match step {
            Ok(()) => {
                for change in std::mem::take(&mut inode.pending) {
                    Inode::apply(&mut inode.durable, &change);
                }
                Ok(())
            }
            Err(fault) => {
                inode.durable = inode.settle(&mut world.random);
                inode.pending.clear();
                Err(fault.error())
            }
        }
    }
}
