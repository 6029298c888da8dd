//! `merge-tree`: two branches become one tree, in the repository around.

mod base;
mod names;
mod print;
mod result;
mod run;

pub use run::merge_tree;
