//! gix's object store: packs, loose objects, alternates.
//!
//! One store is shared; each reader borrows a handle (with its own delta cache) from a small pool for one call, so that readers
//! never wait for each other's I/O. A handle knows the packs that were there when the store last looked. An object that it does not
//! find is looked for again only if a pack folder has changed since, so that asking for what is not there costs no listing of
//! packs: first by letting the store look, then, where that fails too (more packs appeared than the store has slots for, or a
//! pack vanished while it was being opened), by opening the store anew.
//!
//! Invariant: replacement refs are ignored; an id always means the object that hashes to it.

use acetate_types::{ObjectFormat, ObjectId};
use gix::odb::pack::cache::lru::MemoryCappedHashmap;
use parking_lot::{Mutex, RwLock};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Most handles kept for reuse.
const POOL: usize = 16;
/// Bytes of decoded delta bases that each handle keeps.
const DELTA_BASES: usize = 4 << 20;
/// Fewest indexes a store has room for. Every commit group adds one until upkeep rolls them up; a slot takes under 100 bytes.
const MIN_SLOTS: usize = 4096;

/// A folder whose time of change is younger than this may change again without showing it: file systems count time in ticks.
const TICK: Duration = Duration::from_millis(100);

/// gix's kinds of object in this crate's words.
pub(crate) type Kind = crate::ObjectKind;

struct Shared {
    number: u64,
    store: Arc<gix::odb::Store>,
    /// The pack folders as they were before the store last looked; `None` if they may have changed unnoticed since.
    seen: Option<Vec<Option<SystemTime>>>,
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
        Ok(Self {
            objects,
            format,
            alloc_limit,
            shared: RwLock::new(Shared { number: 0, store, seen: None }),
            idle: Mutex::new(Vec::new()),
        })
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
        shared.seen = None;
        drop(shared);
        self.idle.lock().clear();
        Ok(())
    }

    /// Reads, and looks again where that is worth it; `must_be` if the caller takes it for a fault that the object is not there.
    fn retrying<T>(
        &self,
        must_be: bool,
        read: impl Fn(&gix::odb::HandleArc) -> Result<Option<T>, gix::Error>,
    ) -> Result<Option<T>, String> {
        match self.with_handle(&read) {
            Ok(Some(found)) => return Ok(Some(found)),
            // A limit is not cured by looking again.
            Err(error) if over_limit(&error) => return Err(TOO_LARGE.to_owned()),
            Ok(None) | Err(_) => {}
        }
        let now = self.folders();
        let (number, store, seen) = {
            let shared = self.shared.read();
            (shared.number, Arc::clone(&shared.store), shared.seen.clone())
        };
        if let Some(seen) = seen
            && seen == now
        {
            // Once more, for what another reader has let the store see meanwhile; a loose object is always looked for.
            return self.with_handle(&read).map_err(|error| chain(&error));
        }
        let looked = read(&handle_of(&store, true));
        let (found, renewed) = match looked {
            Ok(Some(found)) => return Ok(Some(found)),
            Ok(None) if !must_be => (Ok(None), None),
            // The store may lack what it had no room for, or what vanished and came again under its eyes.
            looked => {
                let fresh = Arc::new(store_at(&self.objects, self.format, self.alloc_limit).map_err(|error| error.to_string())?);
                let found = read(&handle_of(&fresh, true));
                let better = looked.is_err() || matches!(found, Ok(Some(_)));
                (found, better.then_some(fresh))
            }
        };
        let mut shared = self.shared.write();
        let mut current = shared.number == number;
        if let Some(fresh) = renewed {
            shared.number += 1;
            shared.store = fresh;
            shared.seen = None;
            current = true;
        }
        if current && found.is_ok() {
            // The store has seen everything that was there at `now`.
            let settled = |time: &Option<SystemTime>| time.is_none_or(|time| time.elapsed().is_ok_and(|age| age > TICK));
            shared.seen = now.iter().all(settled).then_some(now);
        }
        drop(shared);
        found.map_err(|error| chain(&error))
    }

    /// When the pack folders, of alternates too, and the list of alternates changed last.
    fn folders(&self) -> Vec<Option<SystemTime>> {
        let changed = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
        let mut times = vec![changed(&self.objects.join("pack")), changed(&self.objects.join("info/alternates"))];
        if times.iter().skip(1).any(Option::is_some)
            && let Ok(current) = std::env::current_dir()
            && let Ok(alternates) = gix::odb::alternate::resolve(self.objects.clone(), &current)
        {
            times.extend(alternates.iter().map(|path| changed(&path.join("pack"))));
        }
        times
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
                None => break handle_of(&store, false),
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

fn handle_of(store: &Arc<gix::odb::Store>, look_again: bool) -> gix::odb::HandleArc {
    let mut handle = store.to_cache_arc();
    if !look_again {
        handle.refresh_never();
    }
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
