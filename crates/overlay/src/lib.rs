//! The copy-on-write layer of a session, as a pure data structure.
//!
//! An [`Overlay`] holds the edits over one tree and shows the two as one: read, write, delete, move, list, compare, and build the
//! trees of a commit. It reads the base through [`acetate_types::Objects`] and hands new objects to a [`Sink`]; it knows nothing of
//! disks, of Git's processes, of time, or of sessions.
//!
//! Invariant: an overlay's cost in time and memory follows what changed and the directories along it, never the repository.
//! Invariant: an edit happens whole or, with an error, not at all.
//!
//! Deliberately missing: rebasing (that is merging), limits and quotas (the caller counts with [`Overlay::memory_bytes`] and
//! [`Overlay::entry_count`]), and checks of names, which [`acetate_types::RepoPath`] has made before.

#![deny(missing_docs)]

mod build;
mod changes;
mod content;
mod delta;
mod directory;
mod edit;
mod error;
mod from_trees;
mod moves;
mod names;
mod node;
mod overlay;
mod parts;
mod put;
mod read;
mod route;
mod settle;
mod view;
mod walk;

pub use build::{Built, Sink};
pub use changes::{Change, ChangedRoot, RootChange};
pub use content::{Entry, FileView};
pub use directory::Directory;
pub use edit::{Removed, Written};
pub use error::OverlayError;
pub use moves::Move;
pub use overlay::{MAX_DEPTH, Overlay};
pub use read::Listed;
pub use settle::Settled;
pub use walk::{Flow, Visit};

#[cfg(test)]
mod tests;
