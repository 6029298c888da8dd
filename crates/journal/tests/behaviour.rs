//! What a caller relies on: bounds, removal of segments, shared syncs, failure and recovery.

use acetate_journal::faults::{Fault, FaultStorage};
use acetate_journal::{Failure, Journal, JournalError, MemoryStorage, Options, Seq, State, Storage, StreamId};
use acetate_types::{Classify, ErrorKind};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

fn options() -> Options {
    Options { segment_bytes: 1024, sync_interval: None, ..Options::default() }
}

fn open(storage: &(impl Storage + Clone + 'static), options: Options) -> (Journal, Vec<(u64, String)>) {
    let (journal, replay) = Journal::open(Arc::new(storage.clone()), options).expect("open");
    let text = |r: acetate_journal::Record| (r.seq.0, String::from_utf8_lossy(&r.payload).into_owned());
    (journal, replay.map(|r| text(r.expect("read"))).collect())
}

const A: StreamId = StreamId([1; 16]);
const B: StreamId = StreamId([2; 16]);

#[test]
fn records_come_back_in_order_with_their_streams() {
    let storage = MemoryStorage::new();
    let (journal, _) = open(&storage, options());
    assert_eq!(journal.append(A, &[b"a", b"", b"b"]).expect("append"), Seq(1));
    assert_eq!(journal.append_many(&[(B, b"c"), (A, b"")]).expect("append"), Seq(3));
    assert_eq!(journal.append_many(&[]).expect("nothing"), Seq(3));
    assert_eq!((journal.last_seq(), journal.synced_seq()), (Seq(3), Seq(0)));
    journal.sync().expect("sync");
    assert_eq!(journal.synced_seq(), Seq(3));
    drop(journal);
    let (_, replay) = Journal::open(Arc::new(storage), options()).expect("open");
    let records: Vec<_> = replay.map(|r| r.expect("read")).collect();
    assert_eq!(records.iter().map(|r| r.stream).collect::<Vec<_>>(), [A, B, A]);
    assert_eq!(records.iter().map(|r| &r.payload[..]).collect::<Vec<_>>(), [&b"ab"[..], b"c", b""]);
}

#[test]
fn a_replay_is_not_disturbed_by_what_happens_after() {
    let storage = MemoryStorage::new();
    let (journal, _) = open(&storage, options());
    for _ in 0..40 {
        journal.append(A, &[&[7; 100]]).expect("append");
    }
    drop(journal);
    let (journal, replay) = Journal::open(Arc::new(storage), options()).expect("open");
    journal.release(A, journal.last_seq());
    journal.append(B, &[b"new"]).expect("append");
    journal.tend().expect("tend");
    assert_eq!(replay.filter(|r| r.is_ok()).count(), 40);
}

#[test]
fn bounds_are_kept_and_named() {
    let small = Options { max_record_bytes: 2000, max_total_bytes: 4096, ..options() };
    let (journal, _) = open(&MemoryStorage::new(), small);
    let code = |e: JournalError| (e.problem().kind, e.problem().code.into_owned());
    assert_eq!(code(journal.append(A, &[&[0; 2001]]).expect_err("large")), (ErrorKind::Limit, "record_too_large".into()));
    assert!(matches!(journal.append_many(&[(A, &[0; 1500]), (B, &[0; 1500])]), Err(JournalError::TooLarge { .. })));
    journal.append(A, &[&[0; 2000]]).expect("larger than a segment");
    let full = loop {
        if let Err(e) = journal.append(B, &[&[0; 500]]) {
            break e;
        }
    };
    assert_eq!(code(full), (ErrorKind::Limit, "journal_full".into()));
    assert!(matches!(journal.state(), State::Healthy));
    let stats = journal.stats();
    assert!(stats.bytes <= stats.max_bytes, "{stats:?}");
    // A full journal gets out of that by releasing.
    journal.release(A, journal.last_seq());
    journal.tend().expect("tend");
    journal.append(B, &[&[0; 500]]).expect("room again");

    for bad in [
        Options { segment_bytes: 10, ..options() },
        Options { max_record_bytes: u64::MAX, ..options() },
        Options { max_total_bytes: 1000, ..options() },
        Options { floor: Seq(u64::MAX), ..options() },
    ] {
        assert!(matches!(Journal::open(Arc::new(MemoryStorage::new()), bad), Err(JournalError::Options(_))));
    }
}

#[test]
fn segments_nobody_needs_are_removed_and_those_who_keep_the_rest_are_named() {
    let storage = MemoryStorage::new();
    let (journal, _) = open(&storage, options());
    let kept = journal.append(A, &[b"needed"]).expect("append");
    for _ in 0..100 {
        journal.append(B, &[&[1; 100]]).expect("append");
    }
    let before = journal.stats();
    assert!(before.segments > 10);
    journal.release(B, journal.last_seq());
    journal.tend().expect("tend");
    let after = journal.stats();
    assert_eq!((after.segments, storage.list().expect("list").len()), (2, 2), "the one with A's record, and the active one");
    assert!(after.bytes < before.bytes && after.live_bytes < before.live_bytes);
    let pinned = journal.pinned(10);
    assert_eq!(pinned.iter().flat_map(|p| &p.streams).map(|s| (s.stream, s.last)).collect::<Vec<_>>(), [(A, kept)]);
    journal.release(A, Seq(kept.0 - 1));
    assert_eq!(journal.pinned(10), pinned, "not yet");
    drop(journal);
    let (journal, replayed) = open(&storage, options());
    assert_eq!(replayed[0], (kept.0, "needed".to_owned()), "a removed middle is no damage");
    journal.release(A, journal.last_seq());
    journal.release(B, journal.last_seq());
    journal.append(B, &[b"x"]).expect("append");
    journal.tend().expect("tend");
    assert_eq!((journal.stats().segments, journal.pinned(10).len()), (1, 0));
}

#[test]
fn numbers_up_to_the_floor_are_not_used_again() {
    let storage = MemoryStorage::new();
    let (journal, _) = open(&storage, options());
    journal.append(A, &[b"1"]).expect("append");
    drop(journal);
    let (journal, _) = open(&storage, Options { floor: Seq(500), ..options() });
    assert_eq!(journal.append(A, &[b"2"]).expect("append"), Seq(501));
    drop(journal);
    let (_, replayed) = open(&storage, options());
    assert_eq!(replayed, [(1, "1".to_owned()), (501, "2".to_owned())]);
}

#[test]
fn those_who_wait_share_a_sync() {
    #[derive(Debug, Clone)]
    struct Slow(FaultStorage);
    #[derive(Debug)]
    struct SlowFile(Arc<dyn acetate_journal::StoredFile>);
    impl Storage for Slow {
        fn list(&self) -> std::io::Result<Vec<String>> {
            self.0.list()
        }
        fn create(&self, name: &str, len: u64) -> std::io::Result<Arc<dyn acetate_journal::StoredFile>> {
            Ok(Arc::new(SlowFile(self.0.create(name, len)?)))
        }
        fn open(&self, name: &str) -> std::io::Result<Arc<dyn acetate_journal::StoredFile>> {
            self.0.open(name)
        }
        fn remove(&self, name: &str) -> std::io::Result<()> {
            self.0.remove(name)
        }
        fn rename(&self, from: &str, to: &str) -> std::io::Result<()> {
            self.0.rename(from, to)
        }
        fn sync_dir(&self) -> std::io::Result<()> {
            self.0.sync_dir()
        }
    }
    impl acetate_journal::StoredFile for SlowFile {
        fn size(&self) -> std::io::Result<u64> {
            self.0.size()
        }
        fn read_at(&self, buf: &mut [u8], offset: u64) -> std::io::Result<usize> {
            self.0.read_at(buf, offset)
        }
        fn write_at(&self, data: &[u8], offset: u64) -> std::io::Result<()> {
            self.0.write_at(data, offset)
        }
        fn set_len(&self, len: u64) -> std::io::Result<()> {
            self.0.set_len(len)
        }
        fn sync_data(&self) -> std::io::Result<()> {
            std::thread::sleep(Duration::from_millis(30));
            self.0.sync_data()
        }
    }

    let storage = Slow(FaultStorage::new(0));
    let (journal, _) = open(&storage, Options { segment_bytes: 1 << 20, ..options() });
    let barrier = Barrier::new(16);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                let seq = journal.append(A, &[b"x"]).expect("append");
                barrier.wait();
                journal.sync().expect("sync");
                assert!(journal.synced_seq() >= seq);
            });
        }
    });
    // All were appended before the first sync began, so one covers them; whoever came while it ran found it done.
    assert_eq!(storage.0.counts().0, 1);
}

#[test]
fn a_full_disk_refuses_and_recovers_when_there_is_room() {
    let storage = FaultStorage::new(5);
    let (journal, _) = open(&storage, options());
    journal.append(A, &[b"before"]).expect("append");
    storage.set_full(true);
    let error = journal.append(A, &[&[1; 1000]]).expect_err("no room for a segment");
    assert_eq!((error.problem().kind, error.problem().code.as_ref()), (ErrorKind::Unavailable, "disk_full"));
    assert!(journal.append(A, &[b"small"]).is_err(), "refused until it recovers");
    journal.sync().expect("what is there can still be synced");
    assert!(journal.try_recover().is_err());
    storage.set_full(false);
    journal.try_recover().expect("room");
    assert!(matches!(journal.state(), State::Healthy));
    journal.append(A, &[b"after"]).expect("append");
    drop(journal);
    assert_eq!(open(&storage, options()).1, [(1, "before".to_owned()), (2, "after".to_owned())]);
}

#[test]
fn a_failed_write_leaves_nothing_of_itself() {
    for seed in 0..50 {
        let storage = FaultStorage::new(seed);
        let (journal, _) = open(&storage, options());
        journal.append(A, &[b"before"]).expect("append");
        storage.fail(1, if seed % 2 == 0 { Fault::Full } else { Fault::Device });
        journal.append(A, &[b"refused"]).expect_err("fails");
        if seed % 3 == 0 {
            journal.try_recover().expect("healthy again");
            journal.append(A, &[b"after"]).expect("append");
        }
        drop(journal);
        let texts: Vec<String> = open(&storage, options()).1.into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, if seed % 3 == 0 { vec!["before", "after"] } else { vec!["before"] });
    }
}

#[test]
fn a_failed_sync_is_not_believed_later() {
    for seed in 0..50 {
        let storage = FaultStorage::new(seed);
        let (journal, _) = open(&storage, options());
        journal.append(A, &[b"safe"]).expect("append");
        journal.sync().expect("sync");
        journal.append(A, &[b"in danger"]).expect("append");
        storage.fail(1, Fault::Device);
        assert!(matches!(journal.sync(), Err(JournalError::Failed(Failure::Sync(_)))));
        assert!(matches!(journal.sync(), Err(JournalError::Failed(_))), "the file would say yes by now");
        assert_eq!(journal.synced_seq(), Seq(1));
        let both = [(1, "safe".to_owned()), (2, "in danger".to_owned())];
        if seed % 2 == 0 {
            journal.try_recover().expect("copied");
            assert_eq!(journal.synced_seq(), Seq(2));
        } else {
            // The process's successor knows nothing of the failure, and must not believe the page cache either.
            drop(journal);
            assert_eq!(open(&storage, options()).1, both);
        }
        assert_eq!(open(&storage.crash(seed), options()).1, both);
    }
}

#[test]
fn the_thread_syncs_and_rests() {
    let storage = FaultStorage::new(0);
    let (journal, _) =
        open(&storage, Options { sync_interval: Some(Duration::from_millis(2)), segment_bytes: 1 << 16, ..Options::default() });
    let seq = journal.append(A, &[b"x"]).expect("append");
    let wait = |what: &dyn Fn() -> bool| {
        let patience = Instant::now() + Duration::from_secs(20);
        while !what() {
            assert!(Instant::now() < patience, "nothing happened");
            std::thread::sleep(Duration::from_millis(1));
        }
    };
    wait(&|| journal.synced_seq() >= seq);
    // A note in the log follows, and is synced; then there is nothing to do.
    wait(&|| journal.synced_seq() > seq);
    assert_eq!(journal.last_seq(), Seq(seq.0 + 1));
}

#[test]
fn many_threads_append_in_one_order() {
    let storage = MemoryStorage::new();
    let (journal, _) = open(&storage, Options { sync_interval: Some(Duration::from_millis(1)), ..options() });
    std::thread::scope(|scope| {
        for thread in 0..4u8 {
            let journal = &journal;
            scope.spawn(move || {
                let stream = StreamId([thread; 16]);
                for n in 0..300u32 {
                    let seq = journal.append(stream, &[&n.to_le_bytes()]).expect("append");
                    if n % 50 == 0 {
                        journal.sync().expect("sync");
                        assert!(journal.synced_seq() >= seq);
                    }
                }
            });
        }
    });
    drop(journal);
    let (_, replay) = Journal::open(Arc::new(storage), options()).expect("open");
    let mut next = [0u32; 4];
    for record in replay.map(|r| r.expect("read")) {
        let place = &mut next[usize::from(record.stream.0[0])];
        assert_eq!(record.payload[..], place.to_le_bytes());
        *place += 1;
    }
    assert_eq!(next, [300; 4]);
}
