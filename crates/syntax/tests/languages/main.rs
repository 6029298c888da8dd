//! Each language's table: what is a symbol, what it is called, what belongs to it.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../kit/mod.rs"]
mod kit;

mod fixtures;
mod grammar;
