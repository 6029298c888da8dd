//! The store as a whole: opening it, finding workspaces and sessions, tokens, backup, upkeep.

mod backup;
mod handle;
mod retention;
mod tokens;
mod upkeep;

pub use handle::{BackupReport, Engine};
