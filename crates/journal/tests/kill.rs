//! A real process, a real directory, and SIGKILL at any moment: what the process said it appended is there.

use acetate_journal::{DirStorage, Ending, Journal, Options, Record, Seq, StreamId};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const FOLDER: &str = "ACETATE_JOURNAL_KILL_TEST";
const THREADS: u128 = 2;

fn options() -> Options {
    Options { segment_bytes: 64 << 10, sync_interval: Some(Duration::from_millis(5)), max_total_bytes: 4 << 30, ..Options::default() }
}

fn open(path: &Path) -> (Journal, Vec<Record>) {
    let (journal, replay) = Journal::open(Arc::new(DirStorage::open(path).expect("folder")), options()).expect("open");
    assert!(matches!(replay.ending(), Ending::Clean | Ending::Torn { .. }), "{:?}", replay.ending());
    (journal, replay.collect::<Result<_, _>>().expect("replay"))
}

fn payload(stream: u128, n: u64) -> Vec<u8> {
    let len = (n.wrapping_mul(2_654_435_761) >> 7) % 400;
    (0..len).map(|i| (i as u8) ^ (n as u8) ^ (stream as u8)).chain(n.to_le_bytes()).collect()
}

/// Not a test by itself: the child of the one below, which names the folder.
#[test]
fn child() {
    let Some(path) = std::env::var_os(FOLDER) else { return };
    let (journal, records) = open(Path::new(&path));
    std::thread::scope(|scope| {
        for stream in 1..=THREADS {
            let start = records.iter().filter(|r| r.stream == StreamId::from(stream)).count() as u64;
            let journal = &journal;
            scope.spawn(move || {
                for n in start.. {
                    let bytes = payload(stream, n);
                    let (a, b) = bytes.split_at(bytes.len() / 2);
                    let Seq(seq) = journal.append(StreamId::from(stream), &[a, b]).expect("append");
                    // One line, one write: a line that arrived is a promise.
                    std::io::stderr().write_all(format!("ack {stream} {n} {seq}\n").as_bytes()).expect("pipe");
                }
            });
        }
    });
}

#[test]
fn a_killed_process_loses_nothing_it_acknowledged() {
    let dir = tempfile::tempdir().expect("tempdir");
    let path = dir.path().join("journal");
    let mut total = 0;
    for round in 0..24u64 {
        let mut child = Command::new(std::env::current_exe().expect("itself"))
            .args(["--exact", "child", "--nocapture"])
            .env(FOLDER, &path)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("child");
        let mut lines = BufReader::new(child.stderr.take().expect("piped"));
        let mut acked = Vec::new();
        let mut line = String::new();
        // Some rounds end with the first promise, or while opening; most in the midst of work.
        let until = [1, 40, 300, 7][round as usize % 4] + round;
        while lines.read_line(&mut line).expect("utf-8") > 0 {
            acked.push(std::mem::take(&mut line));
            if acked.len() as u64 == until {
                child.kill().expect("kill");
            }
        }
        child.wait().expect("gone");
        let (journal, records) = open(&path);
        for stream in 1..=THREADS {
            let own: Vec<&Record> = records.iter().filter(|r| r.stream == StreamId::from(stream)).collect();
            for (n, record) in (0..).zip(&own) {
                assert_eq!(record.payload, payload(stream, n), "round {round}: in order, whole, without a gap");
            }
        }
        for ack in acked.iter().filter_map(|line| line.strip_suffix('\n')?.strip_prefix("ack ")) {
            let numbers: Vec<u64> = ack.split(' ').map(|n| n.parse().expect("number")).collect();
            let [stream, n, seq] = numbers[..] else { panic!("{ack}") };
            // Numbers increase, so the record is found by its own.
            let found = records.binary_search_by_key(&Seq(seq), |r| r.seq).ok().and_then(|at| records.get(at));
            let expected = Some((StreamId::from(u128::from(stream)), payload(u128::from(stream), n)));
            assert_eq!(found.map(|r| (r.stream, r.payload.to_vec())), expected, "round {round}: {ack} is lost");
            total += 1;
        }
        // Keeps the log short: what the next round's processes find is what this one left.
        drop(journal);
    }
    assert!(total > 24 * 40, "the children worked: {total}");
}
