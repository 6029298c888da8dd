//! Every byte flipped, every length cut: what opens is a prefix, and a loss of what was safe is reported.

use acetate_journal::{Ending, Journal, MemoryStorage, Options, Seq, Storage, StreamId};
use std::collections::BTreeMap;
use std::sync::Arc;

type Files = BTreeMap<String, Vec<u8>>;

fn options() -> Options {
    Options { segment_bytes: 512, sync_interval: None, salt: 3, ..Options::default() }
}

fn read(storage: &MemoryStorage) -> Files {
    let name = |name: String| {
        let file = storage.open(&name).expect("open");
        let mut bytes = vec![0; file.size().expect("size") as usize];
        file.read_at(&mut bytes, 0).expect("read");
        (name, bytes)
    };
    storage.list().expect("list").into_iter().map(name).collect()
}

fn write(files: &Files) -> MemoryStorage {
    let storage = MemoryStorage::new();
    for (name, bytes) in files {
        storage.create(name, 0).expect("create").write_at(bytes, 0).expect("write");
    }
    storage
}

/// Payloads end in other bytes than zeros, so that no cut leaves a record whole.
fn payload(n: u64) -> Vec<u8> {
    vec![n as u8 + 1; 20 + n as usize * 7]
}

const RECORDS: u64 = 12;

/// A log of several segments; `tended`: the log itself says that all of it is safe.
fn sample(tended: bool) -> Files {
    let storage = MemoryStorage::new();
    let (journal, _) = Journal::open(Arc::new(storage.clone()), options()).expect("open");
    for n in 0..RECORDS {
        journal.append(StreamId::from(u128::from(n % 3)), &[&payload(n)]).expect("append");
    }
    if tended {
        journal.tend().expect("tend");
    }
    read(&storage)
}

/// Opens, and checks that a prefix comes back, that the log goes on, and that it opens cleanly with the new record after.
fn check(files: &Files, case: &str) -> (usize, Ending) {
    let storage = write(files);
    let (journal, replay) = Journal::open(Arc::new(storage.clone()), options()).unwrap_or_else(|e| panic!("{case}: {e}"));
    let ending = replay.ending().clone();
    let records: Vec<_> = replay.collect::<Result<_, _>>().unwrap_or_else(|e| panic!("{case}: {e}"));
    for (n, record) in (0..).zip(&records) {
        assert_eq!((record.seq, &record.payload[..]), (Seq(n + 1), &payload(n)[..]), "{case}");
    }
    let seq = journal.append(StreamId::from(9), &[b"new"]).unwrap_or_else(|e| panic!("{case}: {e}"));
    drop(journal);
    let (_, replay) = Journal::open(Arc::new(storage), options()).unwrap_or_else(|e| panic!("{case}: {e}"));
    assert_eq!(replay.ending(), &Ending::Clean, "{case}");
    let after: Vec<_> = replay.collect::<Result<_, _>>().unwrap_or_else(|e| panic!("{case}: {e}"));
    assert_eq!(after.len(), records.len() + 1, "{case}");
    assert_eq!(after.last().map(|r| r.seq), Some(seq), "{case}");
    (records.len(), ending)
}

fn lost_synced(ending: &Ending) -> bool {
    matches!(ending, Ending::Damaged(damage) if damage.lost_synced)
}

fn all_flips(tended: bool) {
    let files = sample(tended);
    assert!(files.len() > 3, "several segments");
    assert_eq!(check(&files, "untouched"), (RECORDS as usize, Ending::Clean));
    for (name, bytes) in &files {
        for at in 0..bytes.len() {
            let case = format!("{name} {at}");
            let mut changed = files.clone();
            changed.get_mut(name).expect("listed")[at] ^= 0x41;
            let (kept, ending) = check(&changed, &case);
            if kept < RECORDS as usize {
                assert_ne!(ending, Ending::Clean, "{case}: {kept}");
                // With the last header the proof itself is gone; the loss is reported all the same.
                let proof = Some(name) != files.keys().next_back() || at >= 64;
                let reported = if proof { lost_synced(&ending) } else { matches!(ending, Ending::Damaged(_)) };
                assert!(!tended || reported, "{case}: {kept} {ending:?}");
            }
        }
    }
}

#[test]
fn any_flipped_byte_leaves_a_prefix() {
    all_flips(false);
}

#[test]
fn any_flipped_byte_of_a_tended_log_is_reported_as_a_loss_of_what_was_safe() {
    all_flips(true);
}

#[test]
fn any_truncation_leaves_a_prefix() {
    for tended in [false, true] {
        let files = sample(tended);
        let last = files.keys().next_back().cloned().expect("some");
        for (name, bytes) in &files {
            for len in 0..bytes.len() {
                let case = format!("{name} cut to {len}, tended {tended}");
                let mut changed = files.clone();
                changed.get_mut(name).expect("listed").truncate(len);
                let (kept, ending) = check(&changed, &case);
                // The newest segment may have been cut between two records, which looks like an end.
                if kept < RECORDS as usize && name != &last {
                    assert!(matches!(ending, Ending::Damaged(_)), "{case}: {ending:?}");
                }
            }
        }
    }
}

#[test]
fn any_missing_segment_leaves_a_prefix() {
    for tended in [false, true] {
        let files = sample(tended);
        for name in files.keys() {
            let mut changed = files.clone();
            changed.remove(name);
            if !tended {
                // No `synced` covers the gap: nobody may have removed it.
                check(&changed, name);
            }
        }
    }
}

#[test]
fn what_lies_behind_damage_is_set_aside() {
    let mut files = sample(true);
    let (second, bytes) = files.iter_mut().nth(1).expect("several");
    bytes[100] ^= 1;
    let (second, count) = (second.clone(), files.len());
    let storage = write(&files);
    let (_, replay) = Journal::open(Arc::new(storage.clone()), options()).expect("open");
    let Ending::Damaged(damage) = replay.ending().clone() else { panic!("{:?}", replay.ending()) };
    assert_eq!((damage.segment.as_str(), damage.lost_synced, damage.set_aside.len()), (second.as_str(), true, count - 2));
    let names = storage.list().expect("list");
    for name in &damage.set_aside {
        let before = &files[&name.replace(".damaged", ".seg")];
        assert!(names.contains(name));
        assert_eq!(&read(&storage)[name], before, "unchanged");
    }
    assert_eq!(replay.last().map(|r| r.expect("read").seq), Some(damage.last));
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let mut files = sample(true);
    let bytes = files.values_mut().next().expect("some");
    bytes[7] = b'2';
    let sum = crc32c::crc32c(&bytes[..60]);
    bytes[60..64].copy_from_slice(&sum.to_le_bytes());
    let storage = write(&files);
    let error = Journal::open(Arc::new(storage.clone()), options()).map(|_| ()).expect_err("refused");
    assert!(error.to_string().contains("unknown format"), "{error}");
    assert_eq!(read(&storage), files);
}
