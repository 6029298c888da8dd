//! Workspaces: branches, versions, checkpoints, forks, operations, events, pushes, and the following of a repository served in place.

mod branches;
mod bundle;
mod bundled;
mod checkpoints;
mod create;
mod deleted;
mod events;
mod feed;
mod filter;
pub(crate) mod follow;
mod fork;
mod handle;
mod history;
mod land;
mod live;
mod merge;
mod names;
mod point;
mod push;
mod restore;
mod settings;
mod state;
pub(crate) mod tags;
mod template;
mod trace;
mod undo;
mod working;

pub(crate) use bundle::bundle_commits;
pub(crate) use create::{clear_imports, create, default_branch};
pub(crate) use deleted::{deleted, purge, undelete};
pub(crate) use events::event;
pub use handle::{AdvertisedRef, BundleFile, PushCommand, PushReport, Workspace};
pub(crate) use history::change;
pub(crate) use names::{branch_name, checkpoint_name, name_from};
pub(crate) use point::unborn;
pub(crate) use state::{Head, Line, WorkspaceState};
