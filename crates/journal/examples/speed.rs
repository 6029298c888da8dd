//! What an append, a sync and an opening cost in a folder: `speed [FOLDER]`. Medians of seven runs; the folder should be on the disk in question.

use acetate_journal::{DirStorage, Journal, JournalError, Options, Record, StreamId};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const RUNS: usize = 7;

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn open(path: &Path, interval: Option<Duration>) -> Result<(Journal, Duration, usize), JournalError> {
    let start = Instant::now();
    let options = Options { sync_interval: interval, max_total_bytes: 4 << 30, ..Options::default() };
    let (journal, replay) = Journal::open(Arc::new(DirStorage::open(path)?), options)?;
    let records: Vec<Record> = replay.collect::<Result<_, _>>()?;
    Ok((journal, start.elapsed(), records.len()))
}

fn report(what: &str, each: Duration, count: u32) {
    println!("{what:<58} {:>10.2} µs", each.as_secs_f64() * 1e6 / f64::from(count));
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).map_or_else(std::env::temp_dir, Into::into);
    let dir = tempfile::tempdir_in(folder)?;
    let path = dir.path().join("journal");
    let (journal, ..) = open(&path, None)?;
    let stream = StreamId::from(1);
    for size in [100usize, 4 << 10, 64 << 10] {
        let payload = vec![7; size];
        let count = (20_000_000 / (size as u32 + 1000)).max(1);
        let mut times = Vec::new();
        let mut slowest = Duration::ZERO;
        for _ in 0..RUNS {
            let start = Instant::now();
            for _ in 0..count {
                let one = Instant::now();
                journal.append(stream, &[&payload])?;
                slowest = slowest.max(one.elapsed());
            }
            times.push(start.elapsed());
            journal.release(stream, journal.last_seq());
            journal.tend()?;
        }
        report(&format!("append {size} bytes (slowest {} µs)", slowest.as_micros()), median(times), count);
    }

    let batch: Vec<(StreamId, &[u8])> = (0..50).map(|_| (stream, &[1u8; 100][..])).collect();
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        for _ in 0..1000 {
            journal.append_many(&batch)?;
        }
        times.push(start.elapsed());
    }
    report("append 50 records of 100 bytes in one call", median(times), 1000);

    let times = (0..200).map(|_| {
        journal.append(stream, &[&[1; 100]])?;
        let start = Instant::now();
        journal.sync()?;
        Ok(start.elapsed())
    });
    report("sync after one append", median(times.collect::<Result<_, JournalError>>()?), 1);

    // Syncs without a pause beside the appends: how long does an append wait for one?
    let stop = AtomicBool::new(false);
    let mut times = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut going = true;
            while going {
                going = journal.sync().is_ok() && !stop.load(Ordering::Acquire);
            }
        });
        for _ in 0..20_000 {
            let one = Instant::now();
            if journal.append(stream, &[&[1; 100]]).is_err() {
                break;
            }
            times.push(one.elapsed());
        }
        stop.store(true, Ordering::Release);
    });
    times.sort_unstable();
    for share in [0.5, 0.99, 0.999] {
        let at = (times.len() as f64 * share) as usize;
        report(&format!("append 100 bytes beside syncs, {share} of them within"), times.get(at).copied().unwrap_or_default(), 1);
    }

    let bytes = journal.stats().bytes;
    drop(journal);
    let (_, time, records) = open(&path, None)?;
    println!("open and replay {records} records in {} MB {:>29.1} ms", bytes >> 20, time.as_secs_f64() * 1e3);
    Ok(())
}
