//! A session as a real tree on disk, where nothing can be mounted: what a folder has, how it is written, and what it was like when it and
//! the session were last the same.
//!
//! Invariant: nothing outside the folder is reached, whatever links are in it. Invariant: what changed in the folder since it was looked
//! at is not overwritten. Deliberately missing: the session; whoever carries changes between the two asks a daemon for it.

mod folder;
mod record;
mod scan;

pub use folder::{CheckoutError, Folder};
pub use record::{Record, Recorded, Stamp};
pub use scan::{Local, Scan, Skipped};
