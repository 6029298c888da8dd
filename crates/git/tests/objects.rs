//! Objects written here are Git's, and Git's are read here.

mod common;

use acetate_git::{Commit, ObjectBatch, ObjectKind, OpenOptions, Repository, Tag};
use acetate_testing::GitRepo;
use acetate_types::{EntryKind, FileMode, ObjectError, ObjectFormat, ObjectId, Objects, RepoPath, Tree, TreeEntry};
use bytes::Bytes;
use common::{FORMATS, batch_of, file, open, who};
use proptest::prelude::*;

fn path(text: &str) -> RepoPath {
    text.parse().expect("a path")
}

/// Everything of a repository whose files are known, read through this crate.
fn check_readable(repository: &Repository, repo: &GitRepo) {
    let head = repo.id("HEAD");
    let commit = repository.commit(&head).expect("the head");
    assert_eq!(commit.to_bytes(), repo.git_in(&["cat-file", "commit", "HEAD"], b""));
    for line in repo.git(&["ls-tree", "-r", "-t", "-z", "HEAD"]).split('\0').filter(|line| !line.is_empty()) {
        let (meta, name) = line.split_once('\t').expect("a line of ls-tree");
        let words: Vec<_> = meta.split(' ').collect();
        let id: ObjectId = words[2].parse().expect("an id");
        let entry = repository.entry_at(&commit.tree, &path(name)).expect("readable").expect("there");
        assert_eq!(entry.id, id, "{name}");
        if words[1] == "tree" {
            assert_eq!(repository.kind(&id).expect("readable"), Some(ObjectKind::Tree));
            assert_eq!(repository.tree(&id).expect("a tree").to_bytes(), repo.git_in(&["cat-file", "tree", words[2]], b""));
        } else {
            let data = repo.git_in(&["cat-file", "blob", words[2]], b"");
            assert_eq!(repository.blob_size(&id).expect("a size"), data.len() as u64);
            let mut copied = Vec::new();
            assert_eq!(repository.copy_blob(&id, &mut copied).expect("a copy"), data.len() as u64);
            assert_eq!(copied, data);
            assert_eq!(repository.blob(&id).expect("a blob"), data);
            assert_eq!(repository.kind(&id).expect("readable"), Some(ObjectKind::Blob));
        }
    }
    assert_eq!(repository.entry_at(&commit.tree, &path("no/such/path")).expect("readable"), None);
}

fn sample(format: ObjectFormat) -> GitRepo {
    let repo = GitRepo::new(format);
    for round in 0..3 {
        repo.write("a/b/c.txt", format!("{}{round}\n", "line\n".repeat(200)));
        repo.write("a/x", format!("{round}"));
        repo.write("empty", "");
        repo.write("a.b", "between `a` and `a/`");
        repo.commit(&format!("round {round}\n\nBody\n\nReviewed-by: Bob <b@x>\n"));
    }
    repo
}

#[test]
fn loose_packed_and_borrowed_objects_are_read() {
    for format in FORMATS {
        let repo = sample(format);
        check_readable(&open(&repo), &repo);
        repo.git(&["repack", "-adfq", "--depth=50"]);
        check_readable(&open(&repo), &repo);
        repo.git(&["repack", "-adq", "--write-midx"]);
        check_readable(&open(&repo), &repo);
        let borrower = repo.beside("borrower");
        repo.git(&["clone", "-q", "--bare", "--shared", repo.path().to_str().expect("UTF-8"), borrower.to_str().expect("UTF-8")]);
        let borrower = Repository::open(&borrower, &OpenOptions::default()).expect("opens");
        check_readable(&borrower, &repo);
    }
}

#[test]
fn what_is_written_is_what_git_would_have_written() {
    for format in FORMATS {
        let repo = GitRepo::bare(format);
        let repository = open(&repo);
        let mut batch = ObjectBatch::new(format);
        let blob = batch.blob(Bytes::from_static(b"hello\n"));
        assert_eq!(blob.to_hex().as_bytes(), repo.git_in(&["hash-object", "--stdin"], b"hello\n").trim_ascii());
        let link = batch.blob(Bytes::from_static(b"hello.txt"));
        let inner = batch.tree(Tree::new(vec![file("x", blob)]));
        let entry = |name: &'static str, kind, id| TreeEntry { name: Bytes::from_static(name.as_bytes()), kind, id };
        let tree = batch.tree(Tree::new(vec![
            entry("run", EntryKind::File(FileMode::Executable), blob),
            entry("a", EntryKind::Tree, inner),
            entry("a.b", EntryKind::File(FileMode::Regular), blob),
            entry("a-b", EntryKind::File(FileMode::Symlink), link),
            entry("\u{e9}", EntryKind::File(FileMode::Regular), blob),
        ]));
        let first = Commit {
            tree,
            parents: vec![],
            author: who("Ada <Love>\nlace"),
            committer: who(" Bob "),
            extra: Bytes::from_static(b"encoding ISO-8859-1\n"),
            message: Bytes::from_static(b"Subject\n\nBody\n\nAcetate-Session: s_1\n"),
        };
        let root = batch.commit(&first);
        let second = batch.commit(&Commit { parents: vec![root], extra: Bytes::new(), ..first.clone() });
        let tag = batch.tag(&Tag {
            target: second,
            kind: ObjectKind::Commit,
            name: Bytes::from_static(b"v1"),
            tagger: Some(who("Ada")),
            message: Bytes::from_static(b"one\n"),
        });
        let kept = repository.write_pack(&[&batch]).expect("written");
        let line = |mode: &str, kind: &str, id: ObjectId, name: &str| format!("{mode} {kind} {id}\t{name}\n");
        let listing = [
            line("100755", "blob", blob, "run"),
            line("040000", "tree", inner, "a"),
            line("100644", "blob", blob, "a.b"),
            line("120000", "blob", link, "a-b"),
            line("100644", "blob", blob, "\u{e9}"),
        ];
        assert_eq!(tree.to_hex().as_bytes(), repo.git_in(&["mktree"], listing.concat().as_bytes()).trim_ascii());
        repo.git(&["update-ref", "refs/heads/main", &second.to_hex()]);
        repo.git(&["update-ref", "refs/tags/v1", &tag.to_hex()]);
        kept.release().expect("released");
        assert_eq!(repo.fsck(), "");
        assert_eq!(
            repo.git(&["log", "--format=%an|%ae|%ad|%cn|%s", "--date=raw", "-1"]),
            "Ada Lovelace|ada@example.com|1700000000 +0100|Bob|Subject"
        );
        assert_eq!(repo.git(&["log", "-1", "--format=%(trailers:key=Acetate-Session,valueonly)"]).trim(), "s_1");
        assert_eq!(repo.git(&["cat-file", "-p", "main:a/x"]), "hello");
        for id in [blob, tree, root, second, tag] {
            assert_eq!(
                repository.kind(&id).expect("readable").map(ObjectKind::as_str),
                Some(repo.git(&["cat-file", "-t", &id.to_hex()]).as_str())
            );
        }
        assert_eq!(repository.tag(&tag).expect("a tag").target, second);
        assert_eq!(repository.peel(&tag).expect("peeled"), (second, ObjectKind::Commit));
        // A second opening reads from disk what the first one had in its cache.
        assert_eq!(open(&repo).commit(&root).expect("a commit").extra, first.extra);
    }
}

#[test]
fn missing_mistyped_and_large_objects_are_told_apart() {
    let repo = sample(ObjectFormat::Sha1);
    let options = OpenOptions { max_blob_bytes: 100, ..OpenOptions::default() };
    let repository = Repository::open(repo.path(), &options).expect("opens");
    let absent: ObjectId = "00000000000000000000000000000000000000ff".parse().expect("an id");
    assert!(matches!(repository.blob(&absent), Err(ObjectError::Missing(id)) if id == absent));
    assert!(matches!(repository.tree(&absent), Err(ObjectError::Missing(_))));
    assert!(matches!(repository.blob_size(&absent), Err(ObjectError::Missing(_))));
    assert_eq!(repository.kind(&absent).expect("readable"), None);
    let foreign = ObjectId::null(ObjectFormat::Sha256);
    assert_eq!(repository.kind(&foreign).expect("readable"), None);
    assert!(matches!(repository.blob(&foreign), Err(ObjectError::Missing(_))));
    let head = repo.id("HEAD");
    assert!(matches!(repository.blob(&head), Err(ObjectError::Damaged { .. })));
    assert!(matches!(repository.tree(&head), Err(ObjectError::Damaged { .. })));
    assert!(matches!(repository.commit(&repo.id("HEAD^{tree}")), Err(ObjectError::Damaged { .. })));
    let large = repo.id("HEAD:a/b/c.txt");
    for _ in 0..2 {
        assert!(matches!(repository.blob(&large), Err(ObjectError::TooLarge { size: 1002, limit: 100, .. })));
        repo.git(&["repack", "-adq"]);
    }
    let mut copied = Vec::new();
    assert_eq!(repository.copy_blob(&large, &mut copied).expect("streamed"), 1002);
    assert_eq!(copied, repo.git_in(&["cat-file", "blob", &large.to_hex()], b""));
    assert_eq!(repository.tree(&ObjectId::empty_tree(ObjectFormat::Sha1)).expect("always there").len(), 0);
    assert_eq!(repository.kind(&ObjectId::empty_tree(ObjectFormat::Sha1)).expect("always there"), Some(ObjectKind::Tree));
}

#[test]
fn staged_objects_are_seen_by_every_clone_and_counted() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let repository = open(&repo);
    let (one, commit) = batch_of(repository.format(), &[], "one", &[("shared", b"same"), ("a", b"1")]);
    let (two, _) = batch_of(repository.format(), &[], "two", &[("shared", b"same"), ("a", b"2")]);
    let shared = repository.clone();
    let same = ObjectBatch::new(repository.format()).blob(Bytes::from_static(b"same"));
    repository.stage(&one).expect("staged");
    repository.stage(&two).expect("staged");
    assert_eq!(shared.commit(&commit).expect("visible").message, "one");
    assert_eq!(shared.blob(&same).expect("visible"), "same");
    assert_eq!(shared.blob_size(&same).expect("visible"), 4);
    repository.unstage(&one);
    assert!(matches!(shared.commit(&commit), Err(ObjectError::Missing(_))));
    assert_eq!(shared.blob(&same).expect("staged by the other still"), "same");
    repository.unstage(&two);
    assert_eq!(shared.kind(&same).expect("readable"), None);
    let foreign = ObjectBatch::new(ObjectFormat::Sha256);
    assert!(repository.stage(&foreign).is_err());
    let mut mixed = ObjectBatch::new(ObjectFormat::Sha1);
    mixed.merge(foreign);
    assert!(repository.write_pack(&[&mixed]).is_err());
}

#[test]
fn the_cache_stays_within_its_bound() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let files: Vec<_> = (0..400).map(|at| (format!("f{at}"), "100644", Some(format!("{at}").repeat(700)))).collect();
    let commit = repo.fast_commit("main", files);
    let repository = Repository::open(repo.path(), &OpenOptions { cache_bytes: 1 << 20, ..OpenOptions::default() }).expect("opens");
    let tree = repository.commit(&commit).expect("a commit").tree;
    for _ in 0..2 {
        for entry in repository.tree(&tree).expect("a tree").entries() {
            repository.blob(&entry.id).expect("a blob");
            assert!(repository.cached_bytes() <= 1 << 20);
        }
    }
    assert!(repository.cached_bytes() > 1 << 18, "it caches at all");
}

fn check_commit(text: &[u8]) {
    let data = Bytes::copy_from_slice(text);
    assert_eq!(Commit::parse(ObjectFormat::Sha1, &data).expect("a commit").to_bytes(), text);
}

#[test]
fn commits_round_trip_byte_for_byte() {
    let tree = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n";
    let parent = "parent 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n";
    let people = "author A <a@b> 1 +0000\ncommitter C D <> 1700000000 -0530\n";
    for text in [
        format!("{tree}{people}\nm"),
        format!("{tree}{parent}{parent}{people}\n\nblank first line\n\n"),
        format!("{tree}{parent}{people}gpgsig -----BEGIN\n abc\n \n def\n -----END\nencoding latin1\n\nm\n"),
        format!("{tree}{people}\n"),
        format!("{tree}author  <a@b> 1 +0000\ncommitter x <y> 5 +1400\n\nempty name"),
    ] {
        check_commit(text.as_bytes());
    }
    for bad in ["", "tree x\n", "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@b> 1 +0000\n\n", "parent x"] {
        assert!(Commit::parse(ObjectFormat::Sha1, &Bytes::copy_from_slice(bad.as_bytes())).is_err(), "{bad}");
    }
}

fn check_trailers(message: &str) {
    let text = format!("tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\n{message}");
    let commit = Commit::parse(ObjectFormat::Sha1, &text.into()).expect("a commit");
    let own: Vec<_> =
        commit.trailers().map(|one| format!("{}: {}", String::from_utf8_lossy(&one.key), String::from_utf8_lossy(&one.value))).collect();
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let git = repo.git_in(&["interpret-trailers", "--parse", "--no-divider"], message.as_bytes());
    assert_eq!(own.join("\n"), String::from_utf8_lossy(&git).trim_end(), "{message:?}");
}

#[test]
fn trailers_are_those_of_git() {
    for message in [
        "s\n\nA: 1\nB-c:2\n",
        "s\n\nbody\n\nA: 1\n  more\nB: 2\n\n",
        "A: 1\n",
        "s\n\nbody\n",
        "",
        "s\n\nA: 1\n\nnot one\n",
        "s\n\nKey: a: b\nKey: c",
        "s\nA: 1\n",
    ] {
        check_trailers(message);
    }
}

proptest! {
    #![proptest_config(common::cases(200))]
    #[test]
    fn no_bytes_make_the_parsers_panic(data in proptest::collection::vec(any::<u8>(), 0..300), cut in 0usize..400) {
        let data = Bytes::from(data);
        let _ = Commit::parse(ObjectFormat::Sha1, &data);
        let _ = Tag::parse(ObjectFormat::Sha256, &data);
        let (batch, id) = batch_of(ObjectFormat::Sha1, &[], "m\n\nA: b\n", &[("x", &data)]);
        prop_assert!(batch.contains(&id));
        let whole = Commit {
            tree: id, parents: vec![id], author: who("A"), committer: who("B"), extra: Bytes::new(), message: data.clone(),
        }.to_bytes();
        let part = Bytes::copy_from_slice(&whole[..cut.min(whole.len())]);
        if let Ok(commit) = Commit::parse(ObjectFormat::Sha1, &part) {
            let _ = commit.trailers().count();
        }
        prop_assert_eq!(Commit::parse(ObjectFormat::Sha1, &whole.clone().into()).expect("a commit").to_bytes(), whole);
    }
}
