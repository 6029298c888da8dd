//! gix's object store: packs, loose objects, alternates.
//!
//! One store is shared; each reader borrows a handle (with its own delta cache) from a small pool for one call, so that readers
//! never wait for each other's I/O. A handle notices new and vanished packs by itself. Where it fails all the same (more packs
//! appeared than the store has slots for, or a pack vanished while its index was being read), the store is opened anew and the read
//! tried once more.
//!
//! Invariant: replacement refs are ignored; an id always means the object that hashes to it.

use acetate_types::{ObjectFormat, ObjectId};
use gix::odb::pack::cache::lru::MemoryCappedHashmap;
use parking_lot::{Mutex, RwLock};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Most handles kept for reuse.
const POOL: usize = 16;
/// Bytes of decoded delta bases that each handle keeps.
const DELTA_BASES: usize = 4 << 20;
/// Fewest indexes a store has room for. Every commit group adds one until upkeep rolls them up; a slot takes under 100 bytes.
const MIN_SLOTS: usize = 4096;

/// gix's kinds of object in this crate's words.
pub(crate) type Kind = crate::ObjectKind;

struct Shared {
    number: u64,
    store: Arc<gix::odb::Store>,
}

/// The object store of one repository.
pub(crate) struct Odb {
    objects: PathBuf,
    format: ObjectFormat,
    alloc_limit: usize,
    shared: RwLock<Shared>,
    idle: Mutex<Vec<(u64, gix::odb::HandleArc)>>,
}

impl Odb {
    /// Opens the store at an `objects` folder. Objects over `alloc_limit` bytes are refused when read whole.
    pub(crate) fn open(objects: PathBuf, format: ObjectFormat, alloc_limit: usize) -> std::io::Result<Self> {
        let store = Arc::new(store_at(&objects, format, alloc_limit)?);
        Ok(Self { objects, format, alloc_limit, shared: RwLock::new(Shared { number: 0, store }), idle: Mutex::new(Vec::new()) })
    }

    /// The `objects` folder.
    pub(crate) fn path(&self) -> &Path {
        &self.objects
    }

    /// The whole object, `None` if there is none.
    pub(crate) fn find(&self, id: &ObjectId) -> Result<Option<(Kind, Vec<u8>)>, String> {
        let id = foreign_id(id)?;
        self.retrying(true, |handle| {
            use gix::objs::Find as _;
            let mut data = Vec::new();
            let kind = handle.try_find(&id, &mut data)?.map(|found| own_kind(found.kind));
            Ok(kind.map(|kind| (kind, data)))
        })
    }

    /// What an object is and its size in bytes, `None` if there is none.
    pub(crate) fn header(&self, id: &ObjectId) -> Result<Option<(Kind, u64)>, String> {
        let id = foreign_id(id)?;
        self.retrying(false, |handle| {
            use gix::odb::Header as _;
            Ok(handle.try_header(&id)?.map(|header| (own_kind(header.kind()), header.size())))
        })
    }

    /// Forgets what is known of the packs on disk, and unmaps those that are gone.
    pub(crate) fn reopen(&self) -> std::io::Result<()> {
        let store = Arc::new(store_at(&self.objects, self.format, self.alloc_limit)?);
        let mut shared = self.shared.write();
        shared.number += 1;
        shared.store = store;
        drop(shared);
        self.idle.lock().clear();
        Ok(())
    }

    fn retrying<T>(
        &self,
        even_if_missing: bool,
        read: impl Fn(&gix::odb::HandleArc) -> Result<Option<T>, gix::Error>,
    ) -> Result<Option<T>, String> {
        let first = self.with_handle(&read);
        match first {
            Ok(Some(found)) => return Ok(Some(found)),
            Ok(None) if !even_if_missing => return Ok(None),
            // A limit is not cured by looking again.
            Err(error) if over_limit(&error) => return Err(TOO_LARGE.to_owned()),
            Ok(None) | Err(_) => {}
        }
        // A store of its own first: a miss must not cost the others what they have loaded.
        let fresh = Arc::new(store_at(&self.objects, self.format, self.alloc_limit).map_err(|error| error.to_string())?);
        let found = read(&handle_of(&fresh));
        if matches!(found, Ok(Some(_))) {
            let mut shared = self.shared.write();
            shared.number += 1;
            shared.store = fresh;
            drop(shared);
            self.idle.lock().clear();
        }
        found.map_err(|error| chain(&error))
    }

    fn with_handle<T>(&self, read: impl FnOnce(&gix::odb::HandleArc) -> Result<T, gix::Error>) -> Result<T, gix::Error> {
        let (number, store) = {
            let shared = self.shared.read();
            (shared.number, Arc::clone(&shared.store))
        };
        let handle = loop {
            match self.idle.lock().pop() {
                Some((of, handle)) if of == number => break handle,
                Some(_) => {}
                None => break handle_of(&store),
            }
        };
        let result = read(&handle);
        if result.is_ok() {
            let mut idle = self.idle.lock();
            if idle.len() < POOL {
                idle.push((number, handle));
            }
        }
        result
    }
}

impl std::fmt::Debug for Odb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Odb").field("objects", &self.objects).finish_non_exhaustive()
    }
}

/// What [`Odb::find`] says of an object over the allocation limit.
pub(crate) const TOO_LARGE: &str = "too large to be read whole";

fn over_limit(error: &gix::Error) -> bool {
    chain(error).contains("limit")
}

fn store_at(objects: &Path, format: ObjectFormat, alloc_limit: usize) -> std::io::Result<gix::odb::Store> {
    let options = gix::odb::store::init::Options {
        slots: gix::odb::store::init::Slots::AsNeededByDiskState { multiplier: 2.0, minimum: MIN_SLOTS },
        alloc_limit_bytes: Some(alloc_limit),
        ..Default::default()
    };
    gix::odb::Store::at_opts(objects.to_owned(), hash_kind(format), &mut std::iter::empty(), options)
}

fn handle_of(store: &Arc<gix::odb::Store>) -> gix::odb::HandleArc {
    let mut handle = store.to_cache_arc();
    handle.set_pack_cache(|| Box::new(MemoryCappedHashmap::new(DELTA_BASES)));
    handle
}

fn chain(error: &gix::Error) -> String {
    use std::error::Error as _;
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

pub(crate) fn hash_kind(format: ObjectFormat) -> gix::hash::Kind {
    match format {
        ObjectFormat::Sha1 => gix::hash::Kind::Sha1,
        ObjectFormat::Sha256 => gix::hash::Kind::Sha256,
    }
}

/// The id in this crate's own type.
pub(crate) fn own_id(id: &gix::hash::oid) -> ObjectId {
    // gix has ids of 20 and 32 bytes, as we do.
    ObjectId::from_bytes(id.as_bytes()).unwrap_or(ObjectId::null(ObjectFormat::Sha1))
}

/// The id in gix's type.
pub(crate) fn foreign_id(id: &ObjectId) -> Result<gix::ObjectId, String> {
    gix::ObjectId::try_from(id.as_bytes()).map_err(|error| error.to_string())
}

fn own_kind(kind: gix::objs::Kind) -> Kind {
    match kind {
        gix::objs::Kind::Blob => Kind::Blob,
        gix::objs::Kind::Tree => Kind::Tree,
        gix::objs::Kind::Commit => Kind::Commit,
        gix::objs::Kind::Tag => Kind::Tag,
    }
}
