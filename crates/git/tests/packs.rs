//! Packs appear whole and durable, or not at all; and nobody's upkeep takes objects away.

mod common;

use acetate_git::{Disk, ObjectBatch, OpenOptions, RealDisk, Repository, WriteError};
use acetate_testing::GitRepo;
use acetate_types::{ObjectError, ObjectFormat, ObjectId, Objects};
use bytes::Bytes;
use common::{FORMATS, MINUTE, batch_of, open};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// The real disk, whose n-th step fails; it keeps a list of the steps.
#[derive(Debug, Default)]
struct Failing {
    fail_at: AtomicUsize,
    steps: Mutex<Vec<&'static str>>,
}

impl Failing {
    fn step(&self, name: &'static str) -> io::Result<()> {
        let mut steps = self.steps.lock().expect("not poisoned");
        steps.push(name);
        if steps.len() == self.fail_at.load(Ordering::SeqCst) {
            return Err(io::Error::from(if name == "create" { io::ErrorKind::StorageFull } else { io::ErrorKind::Other }));
        }
        Ok(())
    }
}

impl Disk for Failing {
    fn create(&self, path: &Path, data: &[u8]) -> io::Result<File> {
        // A full disk leaves a part of the file behind.
        self.step("create").inspect_err(|_| drop(std::fs::write(path, &data[..data.len() / 2])))?;
        RealDisk.create(path, data)
    }
    fn sync_file(&self, file: &File) -> io::Result<()> {
        self.step("sync")?;
        RealDisk.sync_file(file)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step("rename")?;
        RealDisk.rename(from, to)
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step("link")?;
        RealDisk.link(from, to)
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.step("sync")?;
        RealDisk.sync_dir(path)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }
}

/// `git fsck --strict` finds nothing but that no branch is born.
fn check_sound(repo: &GitRepo) {
    let said = repo.fsck();
    assert!(said.lines().all(|line| line.starts_with("notice: ")), "{said}");
}

fn files_of(repository: &Repository) -> Vec<String> {
    let dir = repository.git_dir().join("objects/pack");
    let mut names: Vec<_> =
        std::fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

#[test]
fn every_failing_step_leaves_nothing_behind() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let disk = Arc::new(Failing::default());
    let repository = Repository::open(repo.path(), &OpenOptions { disk: Arc::clone(&disk) as _, ..OpenOptions::default() }).expect("opens");
    let (first, before) = batch_of(repository.format(), &[], "before", &[("a", b"1")]);
    repository.write_pack(&[&first]).expect("written").release().expect("released");
    let files = files_of(&repository);
    let (batch, commit) = batch_of(repository.format(), &[before], "after", &[("a", b"2")]);
    let mut failures = 0;
    loop {
        disk.steps.lock().expect("not poisoned").clear();
        disk.fail_at.store(failures + 1, Ordering::SeqCst);
        match repository.write_pack(&[&batch]) {
            Ok(kept) => {
                kept.release().expect("released");
                break;
            }
            Err(error) => {
                let full = disk.steps.lock().expect("not poisoned").last() == Some(&"create");
                assert_eq!(matches!(error, WriteError::DiskFull { .. }), full, "{error}");
            }
        }
        if disk.steps.lock().expect("not poisoned").last() == Some(&"link") {
            unreachable!("without hard links the keep is written instead");
        }
        assert_eq!(files_of(&repository), files, "after failing step {}", failures + 1);
        assert!(matches!(repository.commit(&commit), Err(ObjectError::Missing(_))));
        assert_eq!(repository.commit(&before).expect("still there").message, "before");
        check_sound(&repo);
        failures += 1;
        if failures + 1 == 5 {
            // The fifth step is the link, whose failure is survived.
            failures += 1;
        }
    }
    assert_eq!(failures, 8, "create, create, sync, sync, link, rename, rename, sync");
    disk.fail_at.store(0, Ordering::SeqCst);
    for count in [1, 300] {
        disk.steps.lock().expect("not poisoned").clear();
        let mut batch = ObjectBatch::new(repository.format());
        for at in 0..count {
            batch.blob(Bytes::from(format!("{count} {at}")));
        }
        repository.write_pack(&[&batch]).expect("written").release().expect("released");
        assert_eq!(disk.steps.lock().expect("not poisoned").iter().filter(|step| **step == "sync").count(), 3, "whatever the size");
    }
}

#[test]
fn without_hard_links_packs_are_kept_all_the_same() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let disk = Arc::new(Failing::default());
    disk.fail_at.store(5, Ordering::SeqCst);
    let repository = Repository::open(repo.path(), &OpenOptions { disk, ..OpenOptions::default() }).expect("opens");
    let (batch, _) = batch_of(repository.format(), &[], "m", &[("a", b"1")]);
    let kept = repository.write_pack(&[&batch]).expect("written");
    let stale = repository.kept_packs().expect("listed");
    assert_eq!(stale.iter().map(|keep| keep.name()).collect::<Vec<_>>(), [kept.name()]);
}

#[test]
fn groups_of_all_sizes_are_valid_packs() {
    for format in FORMATS {
        let repo = GitRepo::bare(format);
        let repository = open(&repo);
        let kept = repository.write_pack(&[]).expect("an empty group");
        kept.release().expect("released");
        let mut small = ObjectBatch::new(format);
        let mut large = ObjectBatch::new(format);
        let mut want = Vec::new();
        for size in [0usize, 1, 15, 16, 2047, 2048, 65_534, 65_535, 65_536, 200_000] {
            let data = Bytes::from((0..size).map(|at| (at * at / 7) as u8).collect::<Vec<_>>());
            want.push((small.blob(data.clone()), data.clone()));
            large.blob(data);
        }
        let data = Bytes::from("compressible ".repeat(200_000));
        want.push((large.blob(data.clone()), data));
        // Small packs are stored, large ones deflated: both with the same objects, and one of both.
        for batches in [&[&small][..], &[&large], &[&small, &large]] {
            repository.write_pack(batches).expect("written").release().expect("released");
        }
        let fresh = open(&repo);
        for (id, data) in want {
            assert_eq!(fresh.blob(&id).expect("a blob"), data);
        }
        check_sound(&repo);
        for entry in files_of(&repository).iter().filter(|name| name.ends_with(".idx")) {
            repo.git(&["verify-pack", &format!("objects/pack/{entry}")]);
        }
    }
}

#[test]
fn gc_takes_nothing_from_a_kept_pack() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let repository = open(&repo);
    let (batch, commit) = batch_of(repository.format(), &[], "m", &[("a", b"1"), ("b", b"2")]);
    let kept = repository.write_pack(&[&batch]).expect("written");
    // The same objects again: a second pack of another name, so that releasing one does not free the other.
    let again = repository.write_pack(&[&batch]).expect("written");
    assert_ne!(kept.name(), again.name());
    again.release().expect("released");
    repo.git(&["gc", "-q", "--prune=now"]);
    repo.git(&["update-ref", "refs/heads/main", &commit.to_hex()]);
    check_sound(&repo);
    kept.release().expect("released");
    repo.git(&["gc", "-q", "--prune=now"]);
    check_sound(&repo);
    assert_eq!(open(&repo).commit(&commit).expect("there").message, "m");
    assert!(repository.kept_packs().expect("listed").is_empty());
}

#[test]
fn foreign_keeps_are_left_alone() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let repository = open(&repo);
    let (batch, _) = batch_of(repository.format(), &[], "m", &[("a", b"1")]);
    let kept = repository.write_pack(&[&batch]).expect("written");
    let name = kept.name().to_owned();
    drop(kept);
    let dir = repository.git_dir().join("objects/pack");
    std::fs::write(dir.join("pack-1234.keep"), "receive-pack 12 on host").expect("written");
    let stale = repository.kept_packs().expect("listed");
    assert_eq!(stale.iter().map(|keep| keep.name().to_owned()).collect::<Vec<_>>(), [name]);
    for keep in stale {
        keep.release().expect("released");
    }
    assert!(repository.kept_packs().expect("listed").is_empty());
    assert!(dir.join("pack-1234.keep").exists());
}

#[test]
fn recovery_mends_or_drops_what_a_crash_left() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let repository = open(&repo);
    let dir = repository.git_dir().join("objects/pack");
    let write = |text: &str| {
        let (batch, commit) = batch_of(repository.format(), &[], text, &[("a", text.as_bytes())]);
        let kept = repository.write_pack(&[&batch]).expect("written");
        (kept.name().to_owned(), commit)
    };
    let (whole, whole_commit) = write("whole");
    let (no_index, no_index_commit) = write("no index");
    let (bad_index, bad_index_commit) = write("bad index");
    let (bad_pack, bad_pack_commit) = write("bad pack");
    let (no_pack, _) = write("no pack");
    let file = |name: &str, extension: &str| dir.join(format!("{name}.{extension}"));
    let damage = |path: &Path| {
        let mut data = std::fs::read(path).expect("read");
        let at = data.len() / 2;
        data[at] ^= 1;
        std::fs::remove_file(path).expect("removed");
        std::fs::write(path, data).expect("written");
    };
    std::fs::remove_file(file(&no_index, "idx")).expect("removed");
    damage(&file(&bad_index, "idx"));
    damage(&file(&bad_pack, "pack"));
    std::fs::remove_file(file(&no_pack, "pack")).expect("removed");
    std::fs::write(dir.join("acetate-tmp-1-2-pack"), "half").expect("written");
    let incoming = repository.git_dir().join("objects/acetate-incoming-x");
    std::fs::create_dir_all(incoming.join("pack")).expect("made");
    std::fs::write(incoming.join("pack/tmp_pack_x"), "half").expect("written");
    let repository = open(&repo);
    let done = repository.recover().expect("recovered");
    let mut rebuilt = vec![no_index.clone(), bad_index.clone()];
    rebuilt.sort();
    assert_eq!(done.rebuilt, rebuilt);
    assert_eq!(done.dropped, [bad_pack]);
    assert_eq!(done.removed, 3);
    assert!(!incoming.exists());
    for commit in [whole_commit, no_index_commit, bad_index_commit] {
        repository.commit(&commit).expect("there");
    }
    assert!(repository.commit(&bad_pack_commit).is_err());
    check_sound(&repo);
    let mut kept: Vec<_> = repository.kept_packs().expect("listed").iter().map(|keep| keep.name().to_owned()).collect();
    kept.sort();
    let mut want = vec![whole, no_index, bad_index];
    want.sort();
    assert_eq!(kept, want);
    assert_eq!(repository.recover().expect("nothing to do"), acetate_git::Recovered::default());
}

#[test]
fn what_was_missing_is_found_once_it_is_there() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let borrower = repo.beside("borrower");
    repo.git(&["clone", "-q", "--bare", "--shared", repo.path().to_str().expect("UTF-8"), borrower.to_str().expect("UTF-8")]);
    let options = OpenOptions { cache_bytes: 0, ..OpenOptions::default() };
    let readers = [repo.path(), &borrower].map(|path| Repository::open(path, &options).expect("opens"));
    let writer = open(&repo);
    for round in 0..12 {
        let text = round.to_string();
        let (batch, commit) = batch_of(writer.format(), &[], &text, &[("f", text.as_bytes())]);
        let blob = ObjectBatch::new(writer.format()).blob(Bytes::from(format!("loose {round}")));
        for reader in &readers {
            // Twice, so that the second answer may come from what the first one learnt.
            for _ in 0..2 {
                assert_eq!(reader.kind(&commit).expect("readable"), None);
                assert!(matches!(reader.commit(&commit), Err(ObjectError::Missing(_))));
                assert_eq!(reader.kind(&blob).expect("readable"), None);
            }
        }
        if round % 2 == 0 {
            // Long enough for the folder's time to be believed.
            std::thread::sleep(std::time::Duration::from_millis(120));
            assert_eq!(readers[0].kind(&commit).expect("readable"), None);
        }
        writer.write_pack(&[&batch]).expect("written").release().expect("released");
        repo.git_in(&["hash-object", "-w", "--stdin"], format!("loose {round}").as_bytes());
        for reader in &readers {
            assert_eq!(reader.commit(&commit).expect("found").message, text);
            assert_eq!(reader.blob(&blob).expect("found"), format!("loose {round}"));
        }
    }
}

/// Many packs, then upkeep by the real `git` under the readers' feet.
#[test]
fn reads_succeed_with_500_packs_and_while_git_repacks_them() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let writer = open(&repo);
    // No cache: every read goes to disk.
    let options = OpenOptions { cache_bytes: 0, ..OpenOptions::default() };
    let reader = Repository::open(repo.path(), &options).expect("opens");
    let mut commits: Vec<ObjectId> = Vec::new();
    for at in 0..500 {
        let text = format!("{at}");
        let parents: Vec<_> = commits.last().copied().into_iter().collect();
        let (batch, commit) = batch_of(writer.format(), &parents, &text, &[("a", text.as_bytes()), ("b", b"same")]);
        writer.write_pack(&[&batch]).expect("written").release().expect("released");
        if at % 50 == 0 {
            assert_eq!(reader.commit(&commit).expect("seen at once").message, text);
        }
        commits.push(commit);
    }
    repo.git(&["update-ref", "refs/heads/main", &commits[499].to_hex()]);
    assert_eq!(writer.pack_count().expect("counted"), 500);
    let (batch, _) = batch_of(writer.format(), &[], "kept", &[("a", b"kept")]);
    let kept = writer.write_pack(&[&batch]).expect("written");
    assert_eq!(writer.pack_count().expect("counted"), 500, "a kept pack is nothing to roll up");
    kept.release().expect("released");
    let stop = AtomicBool::new(false);
    let reads = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for start in 0..2 {
            let (reader, commits, stop, reads) = (reader.clone(), &commits, &stop, &reads);
            scope.spawn(move || {
                let mut at = start * 250;
                while !stop.load(Ordering::Relaxed) || reads.load(Ordering::Relaxed) < 2000 {
                    let commit = reader.commit(&commits[at]).expect("a commit");
                    let tree = reader.tree(&commit.tree).expect("a tree");
                    let id = tree.get(b"a").expect("an entry").id;
                    assert_eq!(reader.blob(&id).expect("a blob"), at.to_string());
                    at = (at + 1) % commits.len();
                    reads.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for round in 0..2 {
            repo.git(&["repack", "-q", "--geometric=2", "-d"]);
            repo.git(&["repack", "-adq"]);
            if round == 0 {
                repo.git(&["repack", "-adfq", "--write-midx"]);
            }
        }
        repo.git(&["gc", "-q", "--prune=now"]);
        writer.geometric_repack(MINUTE, || true).expect("repacked");
        stop.store(true, Ordering::Relaxed);
    });
    check_sound(&repo);
}

#[test]
fn more_packs_than_a_store_had_room_for_are_read() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let repository = open(&repo);
    let dir = repository.git_dir().join("objects/pack");
    // One pack under many names: only the number of indexes matters.
    let (batch, _) = batch_of(repository.format(), &[], "m", &[("a", b"1")]);
    let kept = repository.write_pack(&[&batch]).expect("written");
    assert!(repository.kind(&ObjectId::null(repository.format())).expect("readable").is_none(), "the folder was read");
    for at in 0..4200 {
        for extension in ["pack", "idx"] {
            let from = dir.join(format!("{}.{extension}", kept.name()));
            std::fs::hard_link(from, dir.join(format!("pack-{at:040x}.{extension}"))).expect("linked");
        }
    }
    let (late, commit) = batch_of(repository.format(), &[], "late", &[("b", b"2")]);
    let kept = open(&repo).write_pack(&[&late]).expect("written");
    assert_eq!(repository.commit(&commit).expect("found").message, "late");
    assert_eq!(repository.kind(&commit).expect("found").map(|kind| kind.as_str()), Some("commit"));
    drop(kept);
}

#[test]
fn rolling_up_compresses_what_groups_stored() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let repository = open(&repo);
    let mut parents = Vec::new();
    for group in 0..8 {
        let text = (0..2_000).map(|line| format!("{group} line {line}\n")).collect::<String>();
        let (batch, commit) = batch_of(repository.format(), &parents, "m", &[(&format!("f{group}"), text.as_bytes())]);
        repository.write_pack(&[&batch]).expect("written").release().expect("released");
        parents = vec![commit];
    }
    repo.git(&["update-ref", "refs/heads/main", &parents[0].to_hex()]);
    let before = repository.pack_stats().expect("counted");
    repository.geometric_repack(MINUTE, || true).expect("repacked");
    let after = repository.pack_stats().expect("counted");
    assert_eq!(after.packs, 1);
    assert!(after.pack_bytes * 3 < before.pack_bytes, "{before:?} {after:?}");
    check_sound(&repo);
}
