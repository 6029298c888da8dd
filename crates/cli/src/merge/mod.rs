//! The commands that merge for plain Git. They ask no daemon and open no store: files in, files out, exit codes as Git's.

mod attributes;
mod batch;
mod driver;
mod file;
mod git;
mod how;
mod local;
mod object;
mod run;
mod settings;
mod setup;
mod shown;
mod texts;
mod tree;

pub use run::{USAGE, is_git_like, run};
pub use setup::setup;
