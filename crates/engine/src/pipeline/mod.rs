//! The commit pipeline: everything that must be durable goes through here, in groups with a fixed number of syncs.
//!
//! One thread takes all that wait at a moment, writes ONE pack, runs ONE catalog transaction, publishes, answers. A second thread brings
//! the refs on disk up to date afterwards and then releases the pack's `.keep` (DESIGN.md §4).
//!
//! Invariant: no caller is answered, and no reader sees a new head, before pack, index, directory and transaction are synced.
//! Invariant: requests take effect in the order in which they were sent.

mod commit;
mod project;
mod request;

pub(crate) use commit::run;
pub(crate) use project::{Projection, RefMove, run as run_projector};
pub(crate) use request::{Guard, Message, Pipeline, Publish, Reply, Request, closed};
