//! The daemon's side of the binary: what it leaves on disk for the commands to find it, and serving itself.

mod serve;
mod state;
mod token;

pub use serve::serve;
pub use state::{DaemonFile, LOG, private_dir, socket_path};
