//! JSON, and JSON with comments and trailing commas.
//!
//! An object that stands on one line stays on one line; so an empty one that was filled looks different from one that was made.

mod document;
mod earlier;
mod insert;
mod plain;
mod write;

pub use earlier::earlier;
pub use insert::{fresh, insert, made, replace};
pub use plain::plain;
pub use write::{Style, quoted, value};
