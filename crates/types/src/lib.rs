//! The words every layer of Acetate shares.
//!
//! Object ids, repository paths, file modes, trees, the reading of objects, and the few public kinds of error. Nothing here
//! touches a disk, a clock or a random source, and nothing knows what a session is.
//!
//! Invariant: a [`RepoPath`] is never absolute, never climbs, and no component of it folds to `.git` on any platform.
//! Invariant: an [`ObjectId`] names its hash function; ids of different formats are never equal.

#![deny(missing_docs)]

mod error;
mod id;
mod mode;
mod name;
mod objects;
mod path;
mod text;
mod tree;

pub use error::{Classify, ErrorKind, Problem};
pub use id::{IdError, ObjectFormat, ObjectId};
pub use mode::{EntryKind, FileMode};
pub use name::{NameError, SessionId, WorkspaceId};
pub use objects::{MemoryObjects, ObjectError, Objects};
pub use path::{PathError, PathWarning, RepoPath};
pub use text::{Text, TextError};
pub use tree::{EntryRef, Tree, TreeEntry, TreeError};
