//! The languages' tables, a file each, and what is made of a table once.

mod compiled;
mod rust;

use crate::Profile;
pub(crate) use compiled::{Compiled, Flag, key_of, ruled};
pub(crate) use rust::RUST;

/// All profiles, one a language.
pub(crate) static PROFILES: &[&Profile] = &[&RUST];
