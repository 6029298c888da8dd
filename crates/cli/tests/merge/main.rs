//! The commands that merge for plain Git, held against the real `git`.

mod batch;
mod driver;
mod file;
mod folder;
mod setup;
mod tree;
