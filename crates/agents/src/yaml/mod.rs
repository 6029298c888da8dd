//! YAML. A new entry goes directly below its parent's line: where a block mapping ends need not be known then.

mod earlier;
mod insert;
mod plain;
mod tree;
mod write;

pub use earlier::earlier;
pub use insert::{fresh, insert, replace};
pub use plain::plain;
