//! The seam between trees and texts: how the three contents of one file become one.
//!
//! The tree merge decides *that* a file has to be merged (both sides changed its content) and asks a [`FileMerge`] *how*. [`LineFiles`]
//! merges by lines; a merge by symbols implements the same trait and falls back to it.
//!
//! What can't be decided is a [`FileConflict`]: the result piece by piece, and the [`Question`]s that its open pieces wait for.
//!
//! Contents are the bytes as stored: no filters, no end-of-line conversion, no merge drivers of `.gitattributes`.

mod conflict;
mod merge;

pub use conflict::{FileConflict, FilePiece, Open, Pick, Question};
pub use merge::{FileInput, FileMerge, FileMerged, LineFiles, is_binary};
