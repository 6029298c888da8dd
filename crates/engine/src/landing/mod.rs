//! The landing line: submissions to one branch, merged one onto the other, made durable together.
//!
//! A submission joins its branch's line and a lander merges each onto the tip, durable or not, and hands it to the pipeline; the group
//! makes the last head durable and answers all (DESIGN.md §4). A hundred submissions at one moment cost one group, not a hundred retries.
//!
//! Invariant: versions are numbered in the order in which they reach the pipeline.
//! Invariant: a landed tree is the merge of the head before it and the change.

mod authors;
mod conflicts;
mod lander;
mod merge;
mod question;
mod submission;
mod write;

pub(crate) use conflicts::{Conflicts, conflict_infos};
pub(crate) use lander::{Lander, Work, run, tell_editors};
pub(crate) use merge::BatchSink;
pub(crate) use merge::{MergedTree, apply, merge, merge_onto};
pub(crate) use question::{Asked, asked, parted, whole_key};
pub(crate) use submission::{Landing, Outcome};
pub use write::agent_identity;
pub(crate) use write::{agent_commit, commit_message, own_signature};
