//! `acetate migrate`: exported sessions with embedded files become workspaces.
//!
//! | module | is |
//! | --- | --- |
//! | `record` | one exported snapshot, checked: its paths and the bytes of its files |
//! | `input` | the export, JSON or JSON Lines, read one record at a time and put in order |
//! | `target` | the workspace of one exported session: what of it is there already |
//! | `run`, `report` | the way through all of them, and what is said of it |
//!
//! Invariants: a snapshot lands whole or not at all; a second run finds what the first one landed and does nothing to it; what can't be taken is
//! named with its reason, and nothing of it is there afterwards. Memory holds one snapshot, whatever the export's size.
//!
//! Deliberately missing: guessing what a broken record means.

mod input;
mod record;
mod report;
mod run;
mod target;

pub use run::migrate;
