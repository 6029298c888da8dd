//! What became of the symbols of a file.
//!
//! [`pairs`](pair) lays two outlines over each other from the outside in; [`renames`](rename) adds what unique evidence tells;
//! [`order`] finds what changed places among its own; `compare` says what all that comes to.

mod compare;
mod lines;
mod order;
mod pair;
mod rename;

pub use compare::{ChangeKind, SymbolChange, changes};
