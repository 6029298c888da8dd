//! A workspace in memory: its record, its landing lines, its feed of events, and who edits what.
//!
//! Invariant: [`Line::head`] only ever shows durable heads. What is on its way is in [`LineState::tip`], for the landing line alone.

use super::feed::Feed;
use super::glance::Glanced;
use super::live::LiveEdits;
use crate::EngineError;
use crate::api::Base;
use crate::landing::Landing;
use acetate_catalog::WorkspaceRecord;
use acetate_types::{ErrorKind, ObjectId, SessionId, WorkspaceId};
use arc_swap::ArcSwap;
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A landed state of a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// The commit; `None` for a branch without commits.
    pub(crate) commit: Option<ObjectId>,
    /// Its tree, the empty tree without a commit.
    pub(crate) tree: ObjectId,
    /// Its version, if it is one.
    pub(crate) version: Option<u64>,
    /// How many landings the branch had before it, counted from an arbitrary start; differences say how far a session is behind.
    pub(crate) position: u64,
}

impl Head {
    /// Where positions start, so that bases older than the daemon still have one.
    pub(crate) const START: u64 = 1 << 32;

    /// What doors show.
    pub(crate) fn base(&self) -> Base {
        Base { version: self.version, commit: self.commit }
    }

    /// The commit id for the catalog, where the null id stands for "none".
    pub(crate) fn commit_or_null(&self) -> ObjectId {
        self.commit.unwrap_or(ObjectId::null(self.tree.format()))
    }
}

/// The landing line of one branch.
pub(crate) struct Line {
    /// The branch's full name.
    pub(crate) name: Arc<str>,
    /// The newest durable head.
    pub(crate) head: ArcSwap<Head>,
    /// The line itself. Held only to look at it or change it, never while merging or writing.
    pub(crate) state: Mutex<LineState>,
    /// What was seen of the branch on disk, where that is served in place.
    pub(crate) glanced: Glanced,
}

/// Who waits in a landing line, and what it stands on.
pub(crate) struct LineState {
    /// The newest head, durable or not.
    pub(crate) tip: Head,
    /// Submissions that wait.
    pub(crate) queue: VecDeque<Landing>,
    /// Whether a lander has the line in hand.
    pub(crate) scheduled: bool,
}

impl Line {
    pub(crate) fn new(name: &str, head: Head) -> Self {
        Self {
            name: name.into(),
            head: ArcSwap::from_pointee(head.clone()),
            state: Mutex::new(LineState { tip: head, queue: VecDeque::new(), scheduled: false }),
            glanced: Glanced::default(),
        }
    }
}

/// Numbers of versions as they are given out. Locked while a version is numbered and handed to the pipeline, so that numbers and landing
/// order agree; nothing under the lock waits for anything.
#[derive(Debug)]
pub(crate) struct Numbering {
    /// The next version.
    pub(crate) next: u64,
    /// Counts failures: what was prepared under an earlier count stands on a head that never became durable.
    pub(crate) epoch: u64,
}

/// Sentences about branches: one each, gone when it no longer holds.
#[derive(Default)]
pub(crate) struct Notes(Mutex<BTreeMap<String, String>>);

impl Notes {
    /// Says something of a branch; whether it is new.
    pub(crate) fn set(&self, branch: &str, text: String) -> bool {
        let mut notes = self.0.lock();
        if notes.get(branch) == Some(&text) {
            return false;
        }
        notes.insert(branch.to_owned(), text);
        true
    }

    /// Nothing is to be said of a branch any more.
    pub(crate) fn clear(&self, branch: &str) {
        self.0.lock().remove(branch);
    }

    /// Forgets what is said of branches that are not there any more.
    pub(crate) fn retain(&self, there: impl Fn(&str) -> bool) {
        self.0.lock().retain(|branch, _| there(branch));
    }

    /// What is said of a branch.
    pub(crate) fn of(&self, branch: &str) -> Option<String> {
        self.0.lock().get(branch).cloned()
    }

    /// What is said of the first branch of which anything is.
    pub(crate) fn first(&self) -> Option<String> {
        self.0.lock().values().next().cloned()
    }
}

/// What to do about a damaged branch.
const DAMAGED: &str = "bring the object back from a backup or a clone and start again, or move the branch to a commit that is whole";

/// A workspace in memory.
pub(crate) struct WorkspaceState {
    pub(crate) id: WorkspaceId,
    pub(crate) record: ArcSwap<WorkspaceRecord>,
    pub(crate) lines: papaya::HashMap<Arc<str>, Arc<Line>>,
    pub(crate) numbering: Mutex<Numbering>,
    pub(crate) feed: Feed,
    pub(crate) live: LiveEdits,
    /// Branches on which nothing lands at the moment, and why: on disk they went elsewhere (DESIGN.md §5).
    pub(crate) diverged: Notes,
    /// Held while a branch on disk is moved, checkout included: the landing and the follower never do that at once. Nothing else waits for it.
    pub(crate) projecting: Mutex<()>,
    /// Which branches lag behind on disk, and the paths of the checkout that block them.
    pub(crate) lagging: Notes,
    /// Refs that can't be written to disk or taken in from there, by their names on disk.
    pub(crate) aside: Notes,
    /// Branches whose heads can't be read: nothing opens or lands there.
    pub(crate) damaged: Notes,
    /// The session that is used where a caller names only the workspace. Held for a moment: sessions end while another is being opened.
    pub(crate) working: Mutex<Option<SessionId>>,
    /// Held while the working session is opened, so that there is one. Taken before all others, and by nothing else.
    pub(crate) opening_working: Mutex<()>,
    /// Held while the record is changed, writing included: each change is made on what the one before it made. Readers never wait for it.
    pub(crate) changing: Mutex<()>,
    /// It is being deleted: nothing opens, wakes or is written any more, so that what its sessions have is at rest when it goes.
    pub(crate) going: AtomicBool,
    /// What Acetate last put into a branch or tag on disk, or found there as it should be; the catalog is told later, and only then synced.
    pub(crate) on_disk: Mutex<HashMap<String, ObjectId>>,
}

impl WorkspaceState {
    pub(crate) fn new(record: WorkspaceRecord, next_version: u64, last_event: u64) -> Self {
        Self {
            id: record.id.clone(),
            record: ArcSwap::from_pointee(record),
            lines: papaya::HashMap::new(),
            numbering: Mutex::new(Numbering { next: next_version, epoch: 0 }),
            feed: Feed::new(last_event),
            live: LiveEdits::default(),
            diverged: Notes::default(),
            projecting: Mutex::new(()),
            lagging: Notes::default(),
            aside: Notes::default(),
            damaged: Notes::default(),
            working: Mutex::default(),
            opening_working: Mutex::default(),
            changing: Mutex::default(),
            going: AtomicBool::new(false),
            on_disk: Mutex::default(),
        }
    }

    /// Whether this is the repository that is served in place.
    pub(crate) fn in_place(&self) -> bool {
        self.record.load().in_place
    }

    /// The full name of the default branch.
    pub(crate) fn default_branch(&self) -> String {
        String::from_utf8_lossy(&self.record.load().default_branch.0).into_owned()
    }

    /// The line of a branch, by full name.
    pub(crate) fn line(&self, name: &str) -> Option<Arc<Line>> {
        self.lines.pin().get(name).map(Arc::clone)
    }

    /// Refuses a branch on which nothing lands at the moment.
    pub(crate) fn check_stopped(&self, branch: &str) -> Result<(), EngineError> {
        if let Some(why) = self.damaged.of(branch) {
            return Err(EngineError::new(ErrorKind::Unavailable, "branch_damaged", why).hint(DAMAGED));
        }
        match self.diverged.of(branch) {
            Some(why) => Err(EngineError::new(ErrorKind::Conflict, "branch_diverged", format!("nothing lands at the moment: {why}"))),
            None => Ok(()),
        }
    }

    /// Adds a line, or gives the one that is there.
    pub(crate) fn add_line(&self, name: &str, head: Head) -> Arc<Line> {
        let line = Arc::new(Line::new(name, head));
        Arc::clone(self.lines.pin().get_or_insert(Arc::clone(&line.name), line))
    }

    /// A session has ended.
    pub(crate) fn not_working(&self, session: &SessionId) {
        let mut working = self.working.lock();
        if working.as_ref() == Some(session) {
            *working = None;
        }
    }

    /// A setting that is a flag.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.record.load().settings.get(name).and_then(serde_json::Value::as_bool).unwrap_or(false)
    }
}
