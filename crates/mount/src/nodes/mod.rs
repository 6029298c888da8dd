//! The inodes that the kernel knows.

mod inodes;
mod table;

pub(crate) use inodes::{Node, Nodes, Place, ROOT};
