//! Sessions as real trees: `checkout` and `sync-dir`, for machines on which nothing can be mounted.
//!
//! Both are clients like any other: the tree is written from what the daemon answers, and what changes in it is carried back by the same
//! calls that other doors make. [`carry`] decides, and touches nothing.

mod carry;
mod command;
mod fetch;
mod repository;
mod send;
mod shown;
mod tree;

pub use carry::Side;
pub use command::{checkout, sync_dir};
pub use tree::Tree;
