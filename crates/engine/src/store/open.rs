//! Opening a store: lock, object database, catalog, journal, then what the last run left.

use super::{Health, Store, listings::Listings, rebuild, recover};
use crate::landing::Lander;
use crate::pipeline::{Message, Pipeline, Projection};
use crate::symbols::LandedSymbols;
use crate::{EngineError, EngineOptions};
use acetate_catalog::{Catalog, SqliteCatalog, SqliteOptions, StoreIdentity, StoreLock};
use acetate_git::{OpenOptions, Repository};
use acetate_journal::{DirStorage, Journal, Options as JournalOptions, Seq, Storage};
use acetate_syntax::{ParseLimits, Syntax};
use acetate_types::ErrorKind;
use crossbeam_channel::Receiver;
use parking_lot::Mutex;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The folder of Acetate's own state within the Git directory.
const STATE: &str = "acetate";
/// The setting that tells a repository served in place from a store of its own.
pub(super) const KIND: &str = "store_kind";

/// What the store's threads receive.
pub(crate) struct Ends {
    pub(crate) requests: Receiver<Message>,
    pub(crate) projections: Receiver<Projection>,
    pub(crate) landings: Receiver<crate::landing::Work>,
    pub(crate) landed: Receiver<crate::symbols::Warm>,
}

/// Opens a store; `start` is called with the threads' ends as soon as the pipeline may be needed.
pub(crate) fn open(
    options: EngineOptions,
    start: impl FnOnce(&Arc<Store>, Ends) -> Result<(), EngineError>,
) -> Result<Arc<Store>, EngineError> {
    let mut git =
        OpenOptions { cache_bytes: options.limits.cache_bytes, max_blob_bytes: options.limits.file_bytes, ..OpenOptions::default() };
    if let Some(disk) = &options.underneath.disk {
        git.disk = Arc::clone(disk);
    }
    let fresh = options.create && is_fresh(&options.path);
    let repo = if fresh { Repository::init(&options.path, options.format, "main", &git)? } else { Repository::open(&options.path, &git)? };
    let state_dir = repo.git_dir().join(STATE);
    let io =
        |what: &'static str| move |error: std::io::Error| EngineError::new(ErrorKind::Unavailable, "store_io", format!("{what}: {error}"));
    make_private(&state_dir).map_err(io("making the store's folder"))?;
    let lock = patiently(|| {
        StoreLock::acquire(&state_dir, options.clock.now().0).map_err(|error| {
            use acetate_types::Classify as _;
            EngineError::from(error.problem())
        })
    })?;
    repo.recover()?;
    let mut random = [0; 16];
    options.random.fill(&mut random);
    let identity = StoreIdentity { id: hex::encode(random), format: repo.format(), created: options.clock.now().0 };
    let path = state_dir.join("catalog.db");
    let sqlite = Arc::new(SqliteCatalog::open_or_create(&path, &SqliteOptions::default(), &identity)?);
    if let Some(given) = &options.underneath.catalog {
        given(&sqlite);
    }
    let catalog: Arc<dyn Catalog> = sqlite;
    options.points.hit("open.after_catalog");
    // What a catalog begins with is written last, so without it the catalog is new, lost, or was cut short when it began.
    if catalog.setting(KIND)?.is_none() {
        let kind = if fresh { "store" } else { "in_place" };
        rebuild::begin(&repo, &catalog, kind, &options)?;
    }
    let floor = recover::floor(&catalog)?;
    options.random.fill(&mut random);
    let salt = u64::from_le_bytes(random.first_chunk().copied().unwrap_or_default());
    let mut secret = [0; 32];
    options.random.fill(&mut secret);
    let storage: Arc<dyn Storage> = match &options.underneath.journal {
        Some(storage) => Arc::clone(storage),
        None => Arc::new(patiently(|| DirStorage::open(state_dir.join("journal")).map_err(EngineError::from))?),
    };
    let (journal, replay) = Journal::open(
        storage,
        JournalOptions { floor: Seq(floor), salt, max_total_bytes: options.limits.journal_bytes, ..JournalOptions::default() },
    )?;
    let (pipeline, requests, projections) = Pipeline::new();
    let (lander, landings) = Lander::new();
    let listings = Listings::new(options.limits.cache_bytes / 4);
    let syntax = Arc::new(Syntax::new(options.limits.cache_bytes / 4, ParseLimits::default()));
    let (landed, wanted) = LandedSymbols::new();
    let store = Arc::new(Store {
        options,
        repo,
        state_dir,
        catalog,
        journal,
        workspaces: papaya::HashMap::new(),
        deleted: papaya::HashMap::new(),
        deleting: Mutex::default(),
        sessions: papaya::HashMap::new(),
        session_tokens: papaya::HashMap::new(),
        tokens: papaya::HashMap::new(),
        secret,
        pipeline,
        lander,
        health: Health::default(),
        listings,
        syntax,
        landed,
        hot: Mutex::new(Vec::new()),
        closing: AtomicBool::new(false),
        in_flight: Arc::default(),
        making_room: Mutex::default(),
        loose_refs: std::sync::atomic::AtomicU64::new(0),
        pruned: std::sync::atomic::AtomicI64::new(0),
        lost: papaya::HashMap::new(),
        lock: Mutex::new(Some(lock)),
    });
    store.point("open.after_journal");
    recover::workspaces(&store)?;
    start(&store, Ends { requests, projections, landings, landed: wanted })?;
    recover::sessions(&store, replay)?;
    store.point("open.after_sessions");
    recover::refs(&store)?;
    store.point("open.after_refs");
    Ok(store)
}

/// Takes a lock that may be held for a moment longer than its holder lives: a child process has it between its fork and its exec.
fn patiently<T>(take: impl Fn() -> Result<T, EngineError>) -> Result<T, EngineError> {
    for _ in 0..25 {
        match take() {
            Err(error) if matches!(error.code(), "store_in_use" | "journal_in_use") => std::thread::sleep(Duration::from_millis(20)),
            other => return other,
        }
    }
    take()
}

/// Whether nothing is at the path, or an empty folder.
fn is_fresh(path: &Path) -> bool {
    match std::fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}

/// Makes a folder that only its owner may enter.
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    if !path.exists() {
        std::fs::DirBuilder::new().mode(0o700).create(path)?;
        std::fs::File::open(path)?.sync_all()?;
        if let Some(parent) = path.parent() {
            std::fs::File::open(parent)?.sync_all()?;
        }
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
}
