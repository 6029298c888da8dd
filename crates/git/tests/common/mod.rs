//! What the integration tests share.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use acetate_git::{Commit, ObjectBatch, OpenOptions, Repository, Signature};
use acetate_testing::GitRepo;
use acetate_types::{EntryKind, FileMode, ObjectFormat, ObjectId, Tree, TreeEntry};
use bytes::Bytes;
use std::time::Duration;

pub const FORMATS: [ObjectFormat; 2] = [ObjectFormat::Sha1, ObjectFormat::Sha256];
pub const MINUTE: Duration = Duration::from_secs(60);

pub fn open(repo: &GitRepo) -> Repository {
    Repository::open(repo.path(), &OpenOptions::default()).expect("a repository that opens")
}

pub fn who(name: &str) -> Signature {
    Signature {
        name: Bytes::copy_from_slice(name.as_bytes()),
        email: Bytes::from_static(b"ada@example.com"),
        seconds: 1_700_000_000,
        offset_minutes: 60,
    }
}

pub fn file(name: &str, id: ObjectId) -> TreeEntry {
    TreeEntry { name: Bytes::copy_from_slice(name.as_bytes()), kind: EntryKind::File(FileMode::Regular), id }
}

/// A batch of one commit with these files, all in one directory.
pub fn batch_of(format: ObjectFormat, parents: &[ObjectId], message: &str, files: &[(&str, &[u8])]) -> (ObjectBatch, ObjectId) {
    let mut batch = ObjectBatch::new(format);
    let entries = files.iter().map(|(name, data)| file(name, batch.blob(Bytes::copy_from_slice(data)))).collect();
    let tree = batch.tree(Tree::new(entries));
    let commit = Commit {
        tree,
        parents: parents.to_vec(),
        author: who("Ada"),
        committer: who("Ada"),
        extra: Bytes::new(),
        message: Bytes::copy_from_slice(message.as_bytes()),
    };
    let id = batch.commit(&commit);
    (batch, id)
}

/// This many cases, or as many as `PROPTEST_CASES` says.
pub fn cases(few: u32) -> proptest::test_runner::Config {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(few);
    proptest::test_runner::Config { cases, failure_persistence: None, ..proptest::test_runner::Config::default() }
}
