//! Random reads, writes, cuts and mappings of one file, as fsx does them, against a plain array of bytes; for a file of the session and for
//! an ignored one. `ACETATE_RANDOM_IO` says for how many seconds each; `ACETATE_RANDOM_SEED` from where.

use crate::common::{Mount, at, possible};
use acetate_engine::api::WriteFile;
use rustix::mm::{MapFlags, MsyncFlags, ProtFlags};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// The longest content, in bytes.
const MOST: usize = 256 << 10;

/// Numbers without a pattern, the same for the same seed (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % (most.max(1) as u64)).expect("small")
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| u8::try_from(self.next() >> 56).expect("a byte")).collect()
    }
}

fn open(path: &Path) -> File {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).expect("opened")
}

/// Reads or writes through a shared mapping.
fn mapped(file: &File, from: usize, data: &mut [u8], write: bool) {
    let page = 4096;
    let start = from / page * page;
    let length = from + data.len() - start;
    // SAFETY: the mapping is new and only used here; nobody cuts the file meanwhile.
    unsafe {
        let both = ProtFlags::READ | ProtFlags::WRITE;
        let place = rustix::mm::mmap(std::ptr::null_mut(), length, both, MapFlags::SHARED, file, start as u64).expect("mapped");
        let at = place.cast::<u8>().add(from - start);
        if write {
            std::ptr::copy_nonoverlapping(data.as_ptr(), at, data.len());
            rustix::mm::msync(place, length, MsyncFlags::SYNC).expect("synced");
        } else {
            std::ptr::copy_nonoverlapping(at, data.as_mut_ptr(), data.len());
        }
        rustix::mm::munmap(place, length).expect("unmapped");
    }
}

fn run(mount: &Mount, name: &str, seed: u64, longest: Duration) {
    let path = mount.path(name);
    let mut numbers = Numbers(seed | 1);
    let mut model: Vec<u8> = Vec::new();
    let mut file = open(&path);
    let until = Instant::now() + longest;
    let mut steps = 0u64;
    while Instant::now() < until {
        steps += 1;
        let from = numbers.below(MOST);
        let count = numbers.below(60_000).min(MOST - from);
        let what = numbers.below(12);
        match what {
            0..=2 => {
                let data = numbers.bytes(count);
                file.write_all_at(&data, from as u64).expect("written");
                if model.len() < from + count && count > 0 {
                    model.resize(from + count, 0);
                }
                if count > 0 {
                    model[from..from + count].copy_from_slice(&data);
                }
            }
            3 => {
                file.set_len(from as u64).expect("cut");
                model.resize(from, 0);
            }
            4 if from < model.len() => {
                let mut data = numbers.bytes(count.min(model.len() - from).max(1));
                mapped(&file, from, &mut data, true);
                model[from..from + data.len()].copy_from_slice(&data);
            }
            5 if from < model.len() => {
                let mut data = vec![0; count.min(model.len() - from).max(1)];
                mapped(&file, from, &mut data, false);
                assert_eq!(data, model[from..from + data.len()], "seed {seed}, step {steps}: a mapping");
            }
            6 => {
                let end = (from + count) as u64;
                match rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), from as u64, (count as u64).max(1)) {
                    Ok(()) => model.resize(model.len().max(usize::try_from(end.max(from as u64 + 1)).expect("small")), 0),
                    Err(error) => panic!("seed {seed}, step {steps}: {error}"),
                }
            }
            7 => file = open(&path),
            8 if name == "tracked" => {
                // Another door writes the whole file.
                model = numbers.bytes(count);
                let content = acetate_types::Text(model.clone().into());
                mount.session.write(WriteFile { path: at(name), content, mode: None, expect: None }).expect("written");
            }
            9 => file.sync_data().expect("synced"),
            _ => {
                let mut data = vec![0; count];
                let read = file.read_at(&mut data, from as u64).expect("read");
                let expect = &model[from.min(model.len())..(from + count).min(model.len())];
                assert_eq!(data[..read], *expect, "seed {seed}, step {steps}: a read");
            }
        }
        assert_eq!(file.metadata().expect("there").len(), model.len() as u64, "seed {seed}, step {steps}, action {what}: the size");
        if name == "tracked" && steps.is_multiple_of(16) {
            let seen = mount.session.read(&at(name)).expect("there").content.0;
            assert!(seen == model, "seed {seed}, step {steps}: another door sees something else");
        }
    }
    println!("{name}: {steps} steps from seed {seed}");
}

#[test]
fn random_io_comes_to_what_it_should() {
    if !possible() {
        return;
    }
    let number = |name: &str, else_: u64| std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(else_);
    let longest = Duration::from_secs(number("ACETATE_RANDOM_IO", 3));
    let seed = number("ACETATE_RANDOM_SEED", Instant::now().elapsed().as_nanos() as u64 ^ u64::from(std::process::id()) << 20);
    let mount = Mount::new(&[("tracked", "begin"), (".gitignore", "ignored\n")]);
    std::fs::write(mount.path("tracked"), "").expect("emptied");
    std::thread::scope(|scope| {
        for name in ["tracked", "ignored"] {
            let mount = &mount;
            scope.spawn(move || run(mount, name, seed, longest));
        }
    });
}
