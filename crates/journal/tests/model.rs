//! Random lives of a journal against a plain list: appends, syncs, releases, faults, deaths of the process, power cuts, reopenings.

use acetate_journal::faults::{Fault, FaultStorage};
use acetate_journal::{Ending, Journal, JournalError, Options, Record, Seq, State, StreamId};
use bytes::Bytes;
use proptest::prelude::*;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

#[derive(Debug, Clone)]
enum Op {
    Append(u8, usize),
    Batch(Vec<(u8, usize)>),
    Sync,
    Tend,
    Release(u8, u8),
    Recover,
    Death(Keep),
    PowerCut(u64, Keep),
    Fail(u64, bool),
    FailFrom(u64, bool),
    Full,
    Heal,
}

/// Whether the caller still knows the last number after reopening.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Keep {
    Floor,
    Nothing,
}

#[derive(Default)]
struct Model {
    /// What was acknowledged and must come back.
    acked: BTreeMap<u64, (StreamId, Vec<u8>)>,
    /// What was answered with an error; may come back, where the device failed so that it could not be taken back.
    refused: Vec<(StreamId, Vec<u8>)>,
    /// What was released; may come back, and counts again from then on.
    released: BTreeMap<u64, (StreamId, Vec<u8>)>,
    synced: u64,
    greatest: u64,
    counter: u64,
    /// Whether there was a power cut: nothing else may leave readable records beyond an unreadable one.
    cut: bool,
}

struct Life {
    storage: FaultStorage,
    journal: Option<Journal>,
    model: Model,
    segment: u64,
}

fn stream(n: u8) -> StreamId {
    StreamId::from(u128::from(n % 4) + 1)
}

impl Model {
    fn payload(&mut self, len: usize) -> Vec<u8> {
        self.counter += 1;
        // Ends in zeros half of the time: the case in which a record cut short looks whole.
        let mut payload = self.counter.to_le_bytes().repeat(len / 8 + 1);
        payload.truncate(len);
        if self.counter.is_multiple_of(2) {
            let half = len / 2;
            payload[half..].fill(0);
        }
        payload
    }

    fn replayed(&mut self, records: Vec<Record>, ending: &Ending, power_cut: bool) {
        self.cut |= power_cut;
        let mut before = 0;
        let mut got: HashSet<u64> = HashSet::new();
        let mut found = BTreeMap::new();
        let mut reached = 0;
        for Record { seq: Seq(seq), stream, payload } in records {
            assert!(seq > before, "{seq} after {before}");
            before = seq;
            let it = (stream, payload.to_vec());
            if self.acked.get(&seq) == Some(&it) || self.released.get(&seq) == Some(&it) {
                got.insert(seq);
                reached = seq;
            } else {
                assert!(self.refused.contains(&it), "{seq} of {stream:?} was never appended");
            }
            found.insert(seq, it);
        }
        let must = if power_cut { reached.max(self.synced) } else { u64::MAX };
        for seq in self.acked.range(..=must).map(|(seq, _)| seq) {
            assert!(got.contains(seq), "{seq} is lost; synced {}, reached {reached}, {ending:?}", self.synced);
        }
        match ending {
            // Reported again until a new segment voids what lies beyond.
            Ending::Damaged(damage) => assert!(self.cut && !damage.lost_synced, "{damage:?}"),
            Ending::Torn { .. } | Ending::Clean => {}
            other => panic!("{other:?}"),
        }
        // What a live process no longer saw, a power cut may still bring back: no removal and no cut is durable by itself.
        self.released.retain(|seq, _| !found.contains_key(seq));
        self.acked = found;
    }
}

impl Life {
    fn new(seed: u64, segment: u64) -> Self {
        let mut life = Self { storage: FaultStorage::new(seed), journal: None, model: Model::default(), segment };
        life.open(Keep::Nothing, false);
        life
    }

    fn open(&mut self, keep: Keep, power_cut: bool) {
        let floor = Seq(if keep == Keep::Floor { self.model.greatest } else { 0 });
        let options = Options { segment_bytes: self.segment, sync_interval: None, floor, salt: 7, ..Options::default() };
        let (journal, replay) = match Journal::open(Arc::new(self.storage.clone()), options.clone()) {
            Ok(opened) => opened,
            Err(e) => {
                assert!(matches!(e, JournalError::Io { .. }), "{e:?}");
                self.storage.heal();
                Journal::open(Arc::new(self.storage.clone()), options).expect("healthy")
            }
        };
        let ending = replay.ending().clone();
        let records: Vec<Record> = replay.collect::<Result<_, _>>().expect("replay");
        self.model.replayed(records, &ending, power_cut);
        if matches!(journal.state(), State::Healthy) {
            assert_eq!(journal.synced_seq(), journal.last_seq());
        }
        if keep == Keep::Nothing {
            self.model.greatest = self.model.acked.keys().next_back().copied().unwrap_or(0);
        }
        self.model.synced = self.model.synced.min(journal.last_seq().0);
        self.journal = Some(journal);
    }

    fn append(&mut self, records: &[(u8, usize)]) {
        let records: Vec<(StreamId, Vec<u8>)> = records.iter().map(|(s, len)| (stream(*s), self.model.payload(*len))).collect();
        let journal = self.journal.as_ref().expect("open");
        let answer = match records.as_slice() {
            [(stream, payload)] => {
                let (a, b) = payload.split_at(payload.len() / 3);
                journal.append(*stream, &[a, b])
            }
            many => journal.append_many(&many.iter().map(|(s, p)| (*s, p.as_slice())).collect::<Vec<_>>()),
        };
        match answer {
            Ok(Seq(last)) => {
                assert_eq!(journal.last_seq(), Seq(last));
                for (seq, record) in (last + 1 - records.len() as u64..).zip(records) {
                    assert!(seq > self.model.greatest, "{seq} again");
                    self.model.greatest = seq;
                    self.model.acked.insert(seq, record);
                }
            }
            Err(JournalError::Failed(_)) => {
                assert!(matches!(journal.state(), State::Failed(_)));
                self.model.refused.extend(records);
            }
            Err(e) => panic!("{e}"),
        }
    }

    fn step(&mut self, op: &Op) {
        let kind = |full: &bool| if *full { Fault::Full } else { Fault::Device };
        match op {
            Op::Append(stream, len) => self.append(&[(*stream, *len)]),
            Op::Batch(records) => self.append(records),
            Op::Fail(n, full) => self.storage.fail(*n, kind(full)),
            Op::FailFrom(n, full) => self.storage.fail_from(*n, kind(full)),
            Op::Full => self.storage.set_full(true),
            Op::Heal => self.storage.heal(),
            Op::Death(keep) => {
                self.journal = None;
                self.open(*keep, false);
            }
            Op::PowerCut(seed, keep) => {
                self.storage = self.storage.crash(*seed);
                self.journal = None;
                self.open(*keep, true);
            }
            Op::Release(who, part) => {
                let all: Vec<u64> = self.model.acked.iter().filter(|(_, (s, _))| *s == stream(*who)).map(|(seq, _)| *seq).collect();
                let upto = all.get(all.len() * usize::from(*part) / 256).copied().unwrap_or(0);
                self.journal.as_ref().expect("open").release(stream(*who), Seq(upto));
                for seq in all.into_iter().filter(|seq| *seq <= upto) {
                    let record = self.model.acked.remove(&seq).expect("listed");
                    self.model.released.insert(seq, record);
                }
            }
            Op::Sync => {
                let journal = self.journal.as_ref().expect("open");
                let last = journal.last_seq();
                if journal.sync().is_ok() {
                    assert!(journal.synced_seq() >= last);
                }
            }
            Op::Tend => {
                // The answer is the state's, which the appends look at.
                let _ = self.journal.as_ref().expect("open").tend();
            }
            Op::Recover => {
                let journal = self.journal.as_ref().expect("open");
                let healthy = journal.try_recover().is_ok();
                assert_eq!(healthy, matches!(journal.state(), State::Healthy));
            }
        }
        let journal = self.journal.as_ref().expect("open");
        self.model.synced = self.model.synced.max(journal.synced_seq().0);
        // Marks take numbers too.
        self.model.greatest = self.model.greatest.max(self.model.acked.keys().next_back().copied().unwrap_or(0));
    }
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let len = prop_oneof![3 => 0usize..80, 1 => 0usize..1500];
    let keep = prop_oneof![Just(Keep::Floor), Just(Keep::Nothing)];
    let op = prop_oneof![
        24 => (any::<u8>(), len.clone()).prop_map(|(s, n)| Op::Append(s, n)),
        4 => prop::collection::vec((any::<u8>(), len), 2..6).prop_map(Op::Batch),
        8 => Just(Op::Sync),
        4 => Just(Op::Tend),
        8 => (any::<u8>(), any::<u8>()).prop_map(|(s, n)| Op::Release(s, n)),
        4 => Just(Op::Recover),
        5 => keep.clone().prop_map(Op::Death),
        5 => (any::<u64>(), keep).prop_map(|(seed, keep)| Op::PowerCut(seed, keep)),
        3 => (1u64..12, any::<bool>()).prop_map(|(n, full)| Op::Fail(n, full)),
        2 => (1u64..12, any::<bool>()).prop_map(|(n, full)| Op::FailFrom(n, full)),
        1 => Just(Op::Full),
        5 => Just(Op::Heal),
    ];
    prop::collection::vec(op, 1..70)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_iters: 200_000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_promised_is_lost_and_nothing_is_half_there(seed in any::<u64>(), segment in 256u64..4096, ops in ops()) {
        let mut life = Life::new(seed, segment);
        for op in &ops {
            life.step(op);
        }
        // Whatever happened, a healed device takes appends again, and a power cut after a sync loses nothing.
        life.storage.heal();
        life.step(&Op::Recover);
        life.append(&[(1, 10)]);
        life.step(&Op::Sync);
        assert!(life.journal.as_ref().expect("open").synced_seq().0 >= life.model.greatest);
        life.step(&Op::PowerCut(seed, Keep::Nothing));
    }

    #[test]
    fn any_bytes_can_be_opened(files in prop::collection::vec((0u64..5, prop::collection::vec(any::<u8>(), 0..600)), 0..4)) {
        use acetate_journal::{MemoryStorage, Storage};
        let storage = MemoryStorage::new();
        for (number, bytes) in files {
            if let Ok(file) = storage.create(&format!("{number:016x}.seg"), 0) {
                file.write_at(&bytes, 0).expect("memory");
            }
        }
        let options = Options { segment_bytes: 1024, sync_interval: None, ..Options::default() };
        let (journal, replay) = Journal::open(Arc::new(storage.clone()), options.clone()).expect("opens");
        prop_assert_eq!(replay.count(), 0);
        journal.append(stream(0), &[b"after"]).expect("works");
        drop(journal);
        let (_, replay) = Journal::open(Arc::new(storage), options).expect("opens");
        let payloads: Vec<Bytes> = replay.map(|r| r.expect("read").payload).collect();
        prop_assert_eq!(payloads, vec![Bytes::from_static(b"after")]);
    }
}
