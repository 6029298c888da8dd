//! What was used: processor time, memory, disk.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Processor seconds (user and system) of this process with its ended children, and of these running processes.
///
/// Threads of the named processes that ended meanwhile are not counted; the kernel keeps no per-thread account of them.
pub fn cpu_seconds(running: &[u32]) -> f64 {
    rusage_seconds(libc::RUSAGE_SELF) + rusage_seconds(libc::RUSAGE_CHILDREN) + running.iter().map(|pid| task_seconds(*pid)).sum::<f64>()
}

fn rusage_seconds(who: libc::c_int) -> f64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the pointer is to a whole `rusage`, which the call fills; an all-zero one is valid, should the call fail.
    let usage = unsafe {
        libc::getrusage(who, usage.as_mut_ptr());
        usage.assume_init()
    };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

/// The scheduler's account in nanoseconds, which is finer than the clock ticks of `stat`.
fn task_seconds(pid: u32) -> f64 {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return 0.0 };
    let nanoseconds = tasks.flatten().filter_map(|task| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_ascii_whitespace().next()?.parse::<u64>().ok()
    });
    nanoseconds.sum::<u64>() as f64 / 1e9
}

/// Bytes of anonymous memory that this process holds in RAM: what it allocated, without mapped packs.
pub fn anonymous_bytes() -> u64 {
    kilobytes("/proc/self/status", "RssAnon:") * 1024
}

/// Bytes of kernel caches of objects (inodes, directory entries, …), machine-wide.
pub fn slab_bytes() -> u64 {
    kilobytes("/proc/meminfo", "Slab:") * 1024
}

/// A value of a `name: value kB` file of the kernel; 0 where there is none.
fn kilobytes(file: &str, name: &str) -> u64 {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line[name.len()..].split_ascii_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Bytes on disk of a folder and everything in it, as blocks; a file with several links counts once.
pub fn disk_bytes(folder: &Path) -> u64 {
    let mut seen = std::collections::HashSet::new();
    let mut waiting = vec![folder.to_owned()];
    let mut blocks = 0;
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let Ok(data) = entry.metadata() else { continue };
            if data.nlink() < 2 || data.is_dir() || seen.insert((data.dev(), data.ino())) {
                blocks += data.blocks();
            }
            if data.is_dir() {
                waiting.push(entry.path());
            }
        }
    }
    blocks * 512
}
