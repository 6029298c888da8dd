//! The tools, one module for what belongs together.
mod call;
mod changes;
mod conflicts;
mod edit;
mod find;
mod lines;
mod list_of;
mod open;
mod read;
mod status;
mod submit;
mod table;
mod watch;

pub(crate) use call::{Call, run};
pub(crate) use conflicts::conflict;
pub use list_of::list;
