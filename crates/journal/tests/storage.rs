//! One suite for every storage.

use acetate_journal::faults::FaultStorage;
use acetate_journal::{DirStorage, JournalError, MemoryStorage, Storage};
use std::io::ErrorKind;

fn kind<T: std::fmt::Debug>(result: std::io::Result<T>) -> ErrorKind {
    result.expect_err("must fail").kind()
}

fn conforms(storage: &dyn Storage) {
    assert_eq!(storage.list().expect("list"), Vec::<String>::new());
    assert_eq!(kind(storage.open("a")), ErrorKind::NotFound);
    assert_eq!(kind(storage.remove("a")), ErrorKind::NotFound);
    assert_eq!(kind(storage.rename("a", "b")), ErrorKind::NotFound);

    let file = storage.create("a", 1000).expect("create");
    assert_eq!(kind(storage.create("a", 1)), ErrorKind::AlreadyExists);
    assert_eq!(file.size().expect("size"), 1000);
    let mut buf = [1; 16];
    assert_eq!(file.read_at(&mut buf, 992).expect("read"), 8, "only up to the end");
    assert_eq!(buf[..8], [0; 8], "made of zeros");
    assert_eq!(file.read_at(&mut buf, 5000).expect("read"), 0);

    file.write_at(b"hello", 990).expect("write");
    file.write_at(b"beyond", 1000).expect("write");
    assert_eq!(file.size().expect("size"), 1006, "grows");
    file.sync_data().expect("sync");
    storage.sync_dir().expect("sync");

    let again = storage.open("a").expect("open");
    assert_eq!(again.read_at(&mut buf, 990).expect("read"), 16);
    assert_eq!(&buf, b"hello\0\0\0\0\0beyond");
    again.set_len(992).expect("cut");
    again.set_len(1000).expect("extend");
    assert_eq!(file.read_at(&mut buf, 990).expect("read"), 10);
    assert_eq!(buf[..10], *b"he\0\0\0\0\0\0\0\0", "what was cut does not come back");

    storage.create("b", 0).expect("create").write_at(b"b", 0).expect("write");
    storage.rename("a", "b").expect("replaces");
    assert_eq!(storage.list().expect("list"), ["b"]);
    assert_eq!(storage.open("b").expect("open").size().expect("size"), 1000);
    storage.remove("b").expect("remove");
    assert_eq!(storage.list().expect("list"), Vec::<String>::new());
    assert_eq!(file.read_at(&mut buf, 990).expect("read"), 10, "a handle outlives the name");
}

#[test]
fn memory_conforms() {
    conforms(&MemoryStorage::new());
}

#[test]
fn faults_conform_without_faults() {
    conforms(&FaultStorage::new(1));
}

#[test]
fn directory_conforms_and_is_taken_once() {
    let dir = tempfile::tempdir().expect("tempdir");
    let path = dir.path().join("journal");
    let storage = DirStorage::open(&path).expect("open");
    conforms(&storage);
    assert!(matches!(DirStorage::open(&path), Err(JournalError::InUse)));
    drop(storage);
    DirStorage::open(&path).expect("free again");
}

#[test]
fn a_power_cut_keeps_what_was_synced_and_nothing_newer_for_sure() {
    let mut lost = [0; 3];
    for seed in 0..64 {
        let storage = FaultStorage::new(seed);
        let file = storage.create("a", 2048).expect("create");
        file.write_at(&[1; 2048], 0).expect("write");
        file.sync_data().expect("sync");
        storage.sync_dir().expect("sync");
        file.write_at(&[2; 2048], 0).expect("write");
        storage.create("b", 1).expect("create");
        let after = storage.crash(seed);
        let mut buf = [0; 2048];
        assert_eq!(after.open("a").expect("durable").read_at(&mut buf, 0).expect("read"), 2048);
        for sector in buf.chunks(512) {
            assert!(sector == [1; 512] || sector == [2; 512]);
        }
        lost[0] += usize::from(buf[0] == 1);
        lost[1] += usize::from(buf[0] != buf[2047]);
        lost[2] += usize::from(after.open("b").is_err());
    }
    assert!(lost.iter().all(|n| (1..64).contains(n)), "all outcomes are met: {lost:?}");
}
