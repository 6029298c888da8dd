//! The store: the one object database, catalog and journal that all workspaces and sessions share, and how it comes up again.

mod health;
mod listings;
mod open;
mod rebuild;
mod recover;
mod refs;
mod room;
mod shared;

pub(crate) use health::Health;
pub(crate) use open::open;
pub(crate) use rebuild::LOST;
pub(crate) use recover::{catch_up, keep as make_known, load as load_workspace};
pub(crate) use refs::{IN_PLACE, KEEP, disk_name, keep_ref, project_head, served_ref, served_refs, session_ref};
/// How the names of bundles that are on their way in or out begin, in the store's own folder.
pub(crate) const BUNDLE: &str = "bundle-";

pub(crate) use shared::{Begun, Once, Store, page};
