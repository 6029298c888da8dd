//! TOML. A new entry is a table at the end of the file; where servers stand in braces, a member in front.

mod earlier;
mod insert;
mod plain;
mod write;

pub use earlier::earlier;
pub use insert::{fresh, insert, replace};
pub use plain::plain;
