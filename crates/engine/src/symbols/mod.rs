//! Symbols of files: what a file has, what a change did to them, which of them sessions edit right now.
//!
//! All of it is made from texts when somebody asks, never on the way of a write or a landing; outlines are kept by blob id and shared.
//!
//! Invariant: what is parsed in one call is bounded in files and bytes; what is past the bound is left out, and the answer can tell.

mod changed;
mod edited;
mod find;
mod landed;
mod outlined;

pub(crate) use changed::{Budget, add_to_diffs, add_to_statuses};
pub(crate) use edited::{Edited, common, edited, is_inside};
pub(crate) use find::symbols_of;
pub(crate) use landed::{LandedSymbols, Warm, run_warmer, with_symbols};
