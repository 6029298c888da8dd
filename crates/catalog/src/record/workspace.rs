//! The store itself, its workspaces, their refs and versions.

use acetate_types::{ObjectFormat, ObjectId, SessionId, Text, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a new store is called; fixed when its catalog is created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreIdentity {
    /// The store's own id, unique among all stores.
    pub id: String,
    /// The hash function of its object database.
    pub format: ObjectFormat,
    /// When it was created.
    pub created: i64,
}

/// The store as its catalog knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreRecord {
    /// The store's own id.
    pub id: String,
    /// The hash function of its object database.
    pub format: ObjectFormat,
    /// The version of the catalog's schema; the same for every implementation.
    pub schema_version: u32,
    /// When it was created.
    pub created: i64,
}

/// Where a fork left its parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForkPoint {
    /// The workspace that was forked.
    pub workspace: WorkspaceId,
    /// Its version at the fork; the fork's own versions number on from here.
    pub version: u64,
    /// The commit of that version.
    pub commit: ObjectId,
}

/// A workspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkspaceRecord {
    /// Never changes and is never reused.
    pub id: WorkspaceId,
    /// Unique among the workspaces that are not deleted.
    pub name: String,
    /// For people; may be empty.
    pub description: String,
    /// The full ref of the default branch, for example `refs/heads/main`.
    pub default_branch: Text,
    /// When it was created. Fixed.
    pub created: i64,
    /// When it was deleted, if it is waiting to be purged.
    pub deleted: Option<i64>,
    /// Where it was forked from. Fixed; the parent can't be purged as long as this exists.
    pub parent: Option<ForkPoint>,
    /// Whether it is the workspace of the repository's own refs.
    pub in_place: bool,
    /// Free-form settings.
    pub settings: Value,
    /// Its first own version is this plus one: 0, or the version of the fork point. Fixed.
    pub version_base: u64,
}

/// A live ref of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefRecord {
    /// The full name, for example `refs/heads/main`.
    pub name: Text,
    /// What it names: the truth.
    pub target: ObjectId,
    /// What was last written to the Git ref on disk: the projection.
    pub projected: Option<ObjectId>,
}

/// A ref whose projection on disk differs from the truth, a removed one included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingRef {
    /// Whose ref it is.
    pub workspace: WorkspaceId,
    /// The full name.
    pub name: Text,
    /// What it should name; `None` once it is removed.
    pub target: Option<ObjectId>,
    /// What was last written to disk; `None` where nothing was.
    pub projected: Option<ObjectId>,
}

/// A landed state of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRecord {
    /// Whose version it is.
    pub workspace: WorkspaceId,
    /// `v1` is 1; without gaps from the workspace's `version_base` on.
    pub number: u64,
    /// The commit it names.
    pub commit: ObjectId,
    /// That commit's tree.
    pub tree: ObjectId,
    /// The full ref of the branch it landed on.
    pub branch: Text,
    /// The commit it followed.
    pub parent: Option<ObjectId>,
    /// How it came to be: `import`, `land`, `push`, `undo`, `merge`, `fork`, …
    pub kind: String,
    /// The session that landed it.
    pub session: Option<SessionId>,
    /// The agent that landed it; may be empty.
    pub agent: String,
    /// What it was for; may be empty.
    pub intent: String,
    /// The author as the commit names it.
    pub author: Text,
    /// The first line of the commit's message.
    pub message: Text,
    /// When it landed.
    pub at: i64,
}
