//! What a mounted session promises, through the kernel's own calls, with a plain folder and the other doors as witnesses.

mod common;
mod doors;
mod git;
mod git_status;
mod hostile;
mod like_a_folder;
mod open_files;
mod posix;
mod random_io;
mod without_root;
