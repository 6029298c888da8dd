//! Merges held against the real Git, and the documented cases one by one.
//!
//! `PROPTEST_CASES` raises the number of random cases, `MERGE_SEED` chooses others; a failure names its seed.

mod common;
mod laws;
mod lines;
mod merge_file;
mod table;
mod trees;
