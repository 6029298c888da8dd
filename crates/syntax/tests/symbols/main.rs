//! Symbols of a file: their paths, what became of them, where they are named.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../kit/mod.rs"]
mod kit;

mod cache;
mod changes;
mod lists;
mod mentions;
mod paths;
