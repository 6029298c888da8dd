//! Locks that a killed process left do not keep refs from moving after the next start.

use acetate_git::{Expected, OpenOptions, RefUpdate, Repository};
use acetate_testing::GitRepo;
use acetate_types::ObjectFormat;

#[test]
fn abandoned_locks_are_removed_at_start() {
    let repo = GitRepo::new(ObjectFormat::Sha1);
    repo.write("a", "a");
    let id = repo.commit("first");
    repo.git(&["pack-refs", "--all"]);
    let repository = Repository::open(repo.path(), &OpenOptions::default()).expect("open");
    let dir = repository.git_dir();
    std::fs::create_dir_all(dir.join("refs/acetate/x")).expect("a folder");
    for lock in ["refs/acetate/x/y.lock", "refs/heads/main.lock", "packed-refs.lock"] {
        std::fs::write(dir.join(lock), "").expect("a lock");
    }
    std::fs::write(dir.join("index.lock"), "").expect("a lock");
    let update = |name: &str, new| RefUpdate { name: name.to_owned(), expected: Expected::Any, new, message: String::new() };
    let moved = || repository.update_refs(&[update("refs/acetate/x/y", Some(id)), update("refs/heads/main", None)]);
    moved().expect_err("locked");
    assert_eq!(repository.recover().expect("recovered").removed, 3);
    moved().expect("free");
    assert!(dir.join("index.lock").exists(), "an index may be locked for long, by somebody with an editor open");
}

#[test]
fn a_lock_that_changes_hands_is_left_alone() {
    let repo = GitRepo::new(ObjectFormat::Sha1);
    repo.write("a", "a");
    repo.commit("first");
    let repository = Repository::open(repo.path(), &OpenOptions::default()).expect("open");
    let lock = repository.git_dir().join("refs/heads/main.lock");
    std::fs::write(&lock, "").expect("a lock");
    std::thread::scope(|scope| {
        let busy = scope.spawn(|| {
            for round in 0..40 {
                std::thread::sleep(std::time::Duration::from_millis(50));
                std::fs::write(&lock, format!("{round}")).expect("a lock");
            }
        });
        assert_eq!(repository.recover().expect("recovered").removed, 0);
        assert!(lock.exists());
        busy.join().expect("joined");
    });
}
