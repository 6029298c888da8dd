//! The `git` binary as a subprocess that sees nothing of the machine but `PATH`.
//!
//! Arguments are an array, never a shell line. The environment is cleared, system and user configuration is not read, hooks and
//! fsmonitor are off, only `file`, `https`, `ssh` and `git` are transports, output is bounded, and the whole process group is
//! killed when the time is over or the run is abandoned. What `git` prints is data: it goes into errors shortened and without
//! control characters.
//!
//! Deliberately missing: parsing of any command's output; each user does its own.

mod error;
mod group;
mod run;

pub use error::GitError;
pub(crate) use error::failed;
pub use run::{Exit, Git, version};
pub(crate) use run::{bare_command, plain};
