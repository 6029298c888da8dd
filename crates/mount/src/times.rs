//! Times and permissions of tracked files, which neither Git nor the session keeps.
//!
//! A file that nobody changed has one fixed time, that of the session's opening. Whatever changes a path's content, also back to what it
//! was, makes its time now: build tools compare times. They are written to a log beside the scratch files, with the number of the
//! session's last edit, so that a mount made later shows the same times; where the session was edited in between, or stands on another
//! base, what differs counts as changed then.
//!
//! Deliberately missing: syncs. A log that a power cut shortened makes files look newer than they are, never older.

use acetate_engine::View;
use acetate_types::{ObjectId, RepoPath};
use rustix::time::{ClockId, clock_gettime};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// What is known of one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) modified: SystemTime,
    /// When anything of it changed.
    pub(crate) changed: SystemTime,
    /// Permissions, where somebody set them; a file's right to be executed is the session's.
    pub(crate) perm: Option<u16>,
}

impl Stamp {
    /// The permissions of a file. Whether it is executable is the session's word, also where another door changed it.
    pub(crate) fn file_perm(&self, executable: bool) -> u16 {
        let set = self.perm.filter(|set| (set & 0o100 != 0) == executable);
        set.unwrap_or(if executable { 0o755 } else { 0o644 })
    }
}

/// Times of a mount.
#[derive(Debug)]
pub(crate) struct Times {
    fixed: SystemTime,
    stamps: HashMap<Vec<u8>, Stamp>,
    log: File,
}

/// Now, by the clock that file systems use.
pub(crate) fn now() -> SystemTime {
    let now = clock_gettime(ClockId::RealtimeCoarse);
    let since = Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), u32::try_from(now.tv_nsec).unwrap_or(0));
    SystemTime::UNIX_EPOCH + since
}

impl Times {
    /// Reads the log and makes it anew. `fixed` is the time of what nobody changed.
    pub(crate) fn open(path: &Path, view: &View, fixed: SystemTime) -> io::Result<Self> {
        let mut known = Known::default();
        match File::open(path) {
            Ok(file) => known.read(file)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let log = OpenOptions::new().create(true).append(true).open(path)?;
        log.set_len(0)?;
        let mut times = Self { fixed, stamps: known.stamps, log };
        let base = view.base_tree();
        let now = now();
        let mut changed: Vec<RepoPath> = Vec::new();
        let unknown = |error: &dyn std::fmt::Display| tracing::warn!(%error, "files may look newer than they are");
        match known.base {
            Some(before) if before != base => match view.differs_from(&before) {
                Ok(paths) => changed.extend(paths),
                Err(error) => {
                    // Nothing tells what moved with the base: everything did.
                    unknown(&error);
                    times.fixed = now;
                }
            },
            _ => {}
        }
        if known.base.is_none() || known.edits != view.edits() || view.edits() == 0 {
            match view.changed() {
                Ok(paths) => changed.extend(paths),
                Err(error) => unknown(&error),
            }
        }
        let new = Stamp { modified: now, changed: now, perm: None };
        for path in changed {
            times.stamps.insert(path.as_bytes().to_vec(), new);
            // Nothing tells which of the directories above came with it, so that a name is new in the one above that.
            for above in std::iter::successors(path.parent(), RepoPath::parent) {
                times.stamps.insert(above.as_bytes().to_vec(), new);
            }
            times.stamps.insert(Vec::new(), new);
        }
        let mut text = format!("base {base}\n").into_bytes();
        let fixed = times.fixed.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        text.extend(format!("fixed {} {}\n", fixed.as_secs(), fixed.subsec_nanos()).bytes());
        for (path, stamp) in &times.stamps {
            line(&mut text, path, stamp, view.edits());
        }
        times.log.write_all(&text)?;
        if let Some(fixed) = known.fixed.filter(|_| known.base == Some(base)) {
            times.fixed = fixed;
        }
        Ok(times)
    }

    pub(crate) fn get(&self, path: &[u8]) -> Stamp {
        self.stamps.get(path).copied().unwrap_or(Stamp { modified: self.fixed, changed: self.fixed, perm: None })
    }

    /// Changes what is known of a path, and notes it after edit number `edits`.
    pub(crate) fn set(&mut self, path: &[u8], edits: u64, change: impl FnOnce(&mut Stamp)) {
        let mut stamp = self.get(path);
        change(&mut stamp);
        self.stamps.insert(path.to_vec(), stamp);
        let mut text = Vec::new();
        line(&mut text, path, &stamp, edits);
        self.append(&text);
    }

    /// The content changed, or for a directory its names did.
    pub(crate) fn touch(&mut self, path: &[u8], edits: u64) {
        let now = now();
        self.set(path, edits, |stamp| (stamp.modified, stamp.changed) = (now, now));
    }

    /// Nothing is there any more.
    pub(crate) fn forget(&mut self, path: &[u8]) {
        self.stamps.remove(path);
    }

    /// Nothing is there any more, nor below.
    pub(crate) fn forget_below(&mut self, path: &[u8]) {
        self.stamps.retain(|known, _| !known.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/")));
    }

    /// What was at one path is at another, with all below it.
    pub(crate) fn rename(&mut self, from: &[u8], to: &[u8], edits: u64) {
        let below = |path: &[u8]| path.strip_prefix(from).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"));
        let moved: Vec<Vec<u8>> = self.stamps.keys().filter(|path| below(path)).cloned().collect();
        let at = Stamp { changed: now(), ..self.get(from) };
        self.stamps.insert(to.to_vec(), at);
        let mut text = Vec::new();
        line(&mut text, to, &at, edits);
        for path in moved {
            let Some(stamp) = self.stamps.remove(&path) else { continue };
            if path == from {
                continue;
            }
            let path = [to, path.get(from.len()..).unwrap_or_default()].concat();
            line(&mut text, &path, &stamp, edits);
            self.stamps.insert(path, stamp);
        }
        self.append(&text);
    }

    /// The base is another one now.
    pub(crate) fn based(&mut self, tree: &ObjectId) {
        self.append(format!("base {tree}\n").as_bytes());
    }

    fn append(&mut self, text: &[u8]) {
        if let Err(error) = self.log.write_all(text) {
            tracing::debug!(%error, "times are not kept");
        }
    }
}

fn line(text: &mut Vec<u8>, path: &[u8], stamp: &Stamp, edits: u64) {
    let parts = |time: SystemTime| {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        format!("{} {}", since.as_secs(), since.subsec_nanos())
    };
    let perm = stamp.perm.map_or("-".to_owned(), |perm| format!("{perm:o}"));
    let line = format!("at {edits} {} {} {perm} {}\n", parts(stamp.modified), parts(stamp.changed), hex::encode(path));
    text.extend_from_slice(line.as_bytes());
}

/// What a log says.
#[derive(Default)]
struct Known {
    base: Option<ObjectId>,
    fixed: Option<SystemTime>,
    edits: u64,
    stamps: HashMap<Vec<u8>, Stamp>,
}

impl Known {
    /// Reads what can be read: a line that a crash cut short ends it.
    fn read(&mut self, file: File) -> io::Result<()> {
        for line in BufReader::new(file).lines() {
            if self.line(&line?).is_none() {
                self.edits = u64::MAX;
                break;
            }
        }
        Ok(())
    }

    fn line(&mut self, line: &str) -> Option<()> {
        let mut words = line.split(' ');
        match words.next()? {
            "base" => self.base = Some(words.next()?.parse().ok()?),
            "fixed" => self.fixed = Some(time(&mut words)?),
            "at" => {
                self.edits = words.next()?.parse().ok()?;
                let (modified, changed) = (time(&mut words)?, time(&mut words)?);
                let perm = words.next()?;
                let perm = if perm == "-" { None } else { Some(u16::from_str_radix(perm, 8).ok()?) };
                self.stamps.insert(hex::decode(words.next()?).ok()?, Stamp { modified, changed, perm });
            }
            _ => return None,
        }
        Some(())
    }
}

fn time<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<SystemTime> {
    let (seconds, nanos) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanos))
}
