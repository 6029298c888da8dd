//! Coding tools' configuration files as text: the MCP server `acetate` put in, found, and taken out again.
//!
//! Text in, text out. Nothing here knows disks, environments, HTTP or terminals: a door reads a file, hands its text over and writes the
//! answer. Which file it is says [`location`], from the [`Surroundings`] that the door saw.
//!
//! - [`add`], [`remove`], [`present`], [`snippet`]: the entry in a tool's file;
//! - [`Undo`]: what brings a file back byte for byte;
//! - [`add_hooks`], [`remove_hooks`], [`hooks_present`], [`hooks_snippet`]: Claude Code's hooks for worktrees, in another file of its own;
//! - [`skill`], [`skill_location`]: the instructions for models, as a `SKILL.md`.
//!
//! Invariants:
//! - Invariant: of a text that is edited, no byte is changed but those of the entry: comments, order, indentation, line ends, a
//!   byte-order mark stay (`splice`).
//! - Invariant: no edit leaves this crate that a second parser did not read as "what was there before, and the entry" (`verify`).
//! - Invariant: adding what is there answers [`Edited::Same`]; taking out what [`add`] put in gives the text of before, as far as a
//!   text alone can tell it; [`Undo`] covers the rest.
//!
//! Deliberately missing: entries under other names, several at once, remote servers, hooks for other events, and every other setting of a
//! tool.

#![deny(missing_docs)]

mod edit;
mod edited;
mod entry;
mod error;
mod flow;
mod format;
mod hooks;
mod json;
mod layout;
mod location;
mod place_error;
mod plain;
mod shape;
mod skill;
mod splice;
mod surroundings;
mod toml;
mod tool;
mod undo;
mod verify;
mod yaml;

pub use edit::{add, present, remove, snippet};
pub use edited::Edited;
pub use entry::{Clash, Entry, NAME, Present};
pub use error::{ConfigError, MAX_BYTES};
pub use hooks::{HookSeen, Hooks, HooksPresent, add_hooks, hooks_files, hooks_location, hooks_present, hooks_snippet, remove_hooks};
pub use location::{Location, location};
pub use place_error::PlaceError;
pub use skill::{skill, skill_location};
pub use surroundings::{Platform, Surroundings};
pub use tool::{Scope, Tool};
pub use undo::Undo;
