//! JSON, and JSON with comments and trailing commas.
//!
//! An object that stands on one line stays on one line; so an empty one that was filled looks different from one that was made.

mod container;
mod document;
mod earlier;
mod insert;
mod plain;
mod write;

pub use container::{Container, unit};
pub use document::{Document, member, member_object, range};
pub use earlier::{along, earlier};
pub use insert::{fresh, insert, made, replace, top, top_in};
pub use plain::plain;
pub use write::{Style, member as member_text, quoted, value};
