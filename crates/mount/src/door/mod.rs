//! The way in: a Unix socket beside the store, over which folders that were mounted come to the daemon.
//!
//! Only the store's owner is heard: the kernel says who is at the other end. A conversation is one request, a line of JSON, and its
//! answer; to mount, the descriptor follows when the daemon says that it is ready for it.

mod ask;
mod excludes;
mod listen;
mod words;

pub use ask::{Held, hold_session, list, mount_session, wait_gone};
pub use excludes::global as global_excludes;
pub use listen::{Mounts, socket_beside};
pub use words::MountInfo;
