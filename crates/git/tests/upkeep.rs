//! Upkeep keeps everything and finds what is wrong.

mod common;

use acetate_git::Severity;
use acetate_testing::GitRepo;
use acetate_types::{ObjectFormat, ObjectId};
use common::{FORMATS, MINUTE, batch_of, open};

#[test]
fn small_packs_roll_up_and_kept_ones_stay() {
    for format in FORMATS {
        let repo = GitRepo::bare(format);
        let repository = open(&repo);
        let mut commits: Vec<ObjectId> = Vec::new();
        for at in 0..40 {
            let text = at.to_string();
            let parents: Vec<_> = commits.last().copied().into_iter().collect();
            let (batch, commit) = batch_of(format, &parents, &text, &[("f", text.as_bytes())]);
            repository.write_pack(&[&batch]).expect("written").release().expect("released");
            commits.push(commit);
        }
        let (batch, last) = batch_of(format, &[commits[39]], "kept", &[("f", b"kept")]);
        let kept = repository.write_pack(&[&batch]).expect("written");
        repo.git(&["update-ref", "refs/heads/main", &commits[39].to_hex()]);
        let before = repository.pack_stats().expect("counted");
        assert_eq!((before.packs, before.kept, before.loose), (41, 1, 0));
        // No ref names these: they stay all the same.
        let (orphan, unreachable) = batch_of(format, &[], "orphan", &[("f", b"orphan")]);
        repository.write_pack(&[&orphan]).expect("written").release().expect("released");
        repo.git_in(&["hash-object", "-w", "--stdin"], b"loose");
        assert_eq!(repository.pack_stats().expect("counted").loose, 1);
        repository.geometric_repack(MINUTE, || true).expect("repacked");
        assert!(repository.pack_count().expect("counted") <= 3);
        let after = repository.pack_stats().expect("counted");
        assert!(after.pack_bytes < before.pack_bytes && after.kept == 1);
        repo.git(&["update-ref", "refs/heads/main", &last.to_hex()]);
        kept.release().expect("released");
        let fresh = open(&repo);
        for commit in commits.iter().chain([&last, &unreachable]) {
            fresh.commit(commit).expect("there");
        }
        repository.write_commit_graph(MINUTE).expect("written");
        assert_eq!(fresh.first_parents(&last, 100).expect("walked").len(), 41);
        assert_eq!(repository.fsck(true, MINUTE).expect("checked"), []);
    }
}

#[test]
fn a_repack_that_is_called_off_ends_and_changes_nothing() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let repository = open(&repo);
    for seed in 1..=2u64 {
        // Numbers without a pattern take Git long enough to deflate that it is asked in between.
        let mut state = seed;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .take(32 << 20)
        .collect();
        let (batch, _) = batch_of(ObjectFormat::Sha1, &[], &format!("noise {seed}"), &[("f", &noise)]);
        repository.write_pack(&[&batch]).expect("written").release().expect("released");
    }
    let before = repository.pack_stats().expect("counted");
    let ended = repository.geometric_repack(MINUTE, || false);
    assert!(matches!(ended, Err(acetate_git::GitError::CalledOff { .. })), "{ended:?}");
    assert_eq!(repository.pack_stats().expect("counted"), before);
    let found = repository.fsck(true, MINUTE).expect("checked");
    assert!(found.iter().all(|finding| finding.severity == Severity::Warning), "{found:?}");
}

#[test]
fn damage_is_found() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let commit = repo.fast_commit("main", [("f", "100644", Some("x"))]);
    let repository = open(&repo);
    assert_eq!(repository.fsck(true, MINUTE).expect("checked"), []);
    let missing = repository.commit(&commit).expect("a commit").tree;
    let (batch, broken) = batch_of(ObjectFormat::Sha1, &[commit, missing], "parent is a tree", &[("f", b"y")]);
    repository.write_pack(&[&batch]).expect("written").release().expect("released");
    repo.git_in(&["update-ref", "--stdin"], format!("create refs/heads/broken {broken}\n").as_bytes());
    let found = repository.fsck(true, MINUTE).expect("checked");
    assert!(found.iter().any(|finding| finding.severity == Severity::Error), "{found:?}");
}
