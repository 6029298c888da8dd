//! The Git object database: cached trees and blobs, packs, refs, history, bundles, checkouts, and the `git` subprocess.
//!
//! The only crate that names gix; no type of gix appears in its public API. Objects are read in process, new objects are written
//! as one pack per group of commits ([`Repository::write_pack`]), refs go through Git's files backend, and whatever Git does better
//! (upkeep, bundles, serving its protocol, checkouts) is done by the `git` binary through [`process`].
//!
//! Invariant: nothing becomes visible half. A pack and its index appear whole and durable, or not at all.
//! Invariant: caches hold only what can't change: objects by id.
//! Deliberately missing: sessions, namespaces' meaning, time, and any configuration of the machine or the user.

#![deny(missing_docs)]

mod batch;
mod bundle;
mod cache;
mod checkout;
mod commit;
mod disk;
mod error;
mod fetch;
mod history;
mod index_file;
mod ingest;
mod keep;
mod large;
mod locks;
mod log;
mod loose;
mod message;
mod mirror;
mod odb;
mod open;
mod pack;
pub mod process;
mod read;
mod recover;
mod refs;
mod serve;
mod staged;
mod tag;
mod upkeep;
mod write;

pub use batch::{ObjectBatch, blob_id};
pub use bundle::{BundleRefs, OpenBundle};
pub use checkout::{Advance, Dirty};
pub use commit::{Commit, CommitError, Signature};
pub use disk::{Disk, RealDisk};
pub use error::{OpenError, WriteError};
pub use fetch::{FetchRequest, FetchedRef, Source, SourceError};
pub use history::AheadBehind;
pub use index_file::{CheckedOut, index_of, read_index};
pub use keep::{KeptPack, StaleKeep};
pub use log::BlamedLines;
pub use message::Trailer;
pub use open::{OpenOptions, Repository};
pub use process::GitError;
pub use read::ObjectKind;
pub use recover::Recovered;
pub use refs::{Expected, RefError, RefTarget, RefUpdate, check_ref_name};
pub use serve::{ReceiveOptions, UploadOptions};
pub use tag::{Tag, TagError};
pub use upkeep::{Finding, PackStats, Severity};
