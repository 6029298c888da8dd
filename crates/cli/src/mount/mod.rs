//! Sessions as folders: `mount`, `unmount`, `run`, `shell`, `open`.
//!
//! The folder is mounted by the command, in its own namespace and with the caller's rights; the daemon serves it.

mod attach;
mod bring;
mod check;
mod child;
mod command;
mod door;
mod hook;
mod one;
mod place;
mod run;
mod seeds;
mod shell;

pub use attach::prepare;
pub use bring::bring_into;
pub use check::{check, way};
pub use command::{guard, mount, unmount};
pub use door::{Folders, serve_mounts};
pub use hook::hook;
pub use run::run;
pub use shell::{open, shell};
