//! A session as a folder: a FUSE file system over the engine.
//!
//! Tracked files are the session's own: read through the caches that all sessions share, written by the same calls that other doors make,
//! so that each write(2) is journaled and visible everywhere when it returns. What the repository ignores, and the session's `.git`, are
//! plain files in the session's scratch on disk, at native speed where the kernel can pass file contents through.
//!
//! Invariant: the kernel's copies are dropped before another door's change is answered.
//! Invariant: no lock of this crate is held while the kernel is told something, or while something is synced.
//! Invariant: nothing that a repository holds reaches outside the session's own folder, and none of it is executed.
//!
//! Deliberately missing: hard links of tracked files (Git has none), extended attributes, device nodes.

#![deny(missing_docs)]

mod abandoned;
mod changes;
mod checkout;
mod device;
mod door;
mod errno;
mod fuse;
mod gitdir;
mod mounted;
mod nodes;
mod orphan;
mod owner;
mod rules;
mod scratch;
mod seed;
mod times;
mod tree;
mod watchdog;
mod way;

pub use checkout::{CheckoutError, Folder, Local, Record, Recorded, Scan, Skipped, Stamp};
pub use device::{DeviceError, KIND, mount, mounted, unmount};
pub use door::{Held, MountInfo, Mounts, global_excludes, hold_session, list, mount_session, socket_beside, wait_gone};
pub use gitdir::{MARKER, OwnRepository, Store};
pub use mounted::{MountOptions, Mounted};
pub use owner::Owner;
pub use seed::{Sharing, hide_below as hide_seeds, is_shown as seed_is_shown, show as show_seed};
pub use watchdog::stand_guard;
pub use way::{Way, try_out};
