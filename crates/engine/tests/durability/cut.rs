//! Power cuts: what a run's system calls would have left on disk had the power gone at a moment, and what the store makes of that.
//!
//! The model. A child runs under `strace` with whole contents. Its calls are replayed on a model of the disk that keeps, of each file and
//! each folder, what was synced and what was not. A cut takes everything that was synced and, by seed, nothing, everything, a
//! prefix or any subset of the rest: of a file's writes (each of them whole or torn at 512 bytes), and of a folder's entries. Files and folders
//! are independent, as POSIX allows and journaling file systems do not. A rename is atomic. Limits: shared memory (`-shm`) is lost and
//! rebuilt; what was there before the child began counts as synced; devices that lie about syncs are not modelled.

use crate::child::{session_values, values};
use crate::common::{Random, Task, open, path, repository, seed, setting, workspace};
use crate::kill::{Model, open_with_catalog};
use crate::trace::{self, Call};
use acetate_testing::GitRepo;
use acetate_types::ObjectFormat;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

const CLIENTS: usize = 3;
const SECTOR: usize = 512;

#[derive(Default, Clone)]
struct File {
    synced: Vec<u8>,
    pending: Vec<Change>,
    len: usize,
}

#[derive(Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Len(usize),
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write(at, data) => {
                if content.len() < at + data.len() {
                    content.resize(at + data.len(), 0);
                }
                content[*at..at + data.len()].copy_from_slice(data);
            }
            Self::Len(len) => content.resize(*len, 0),
        }
    }
}

#[derive(Clone)]
enum Entry {
    Add(String, usize),
    Folder(String),
    Remove(String),
    Rename(String, String, usize),
}

/// The disk: names and files as synced, as seen, and what lies between.
#[derive(Default)]
struct Disk {
    files: Vec<File>,
    seen: BTreeMap<String, usize>,
    synced: BTreeMap<String, usize>,
    folders: BTreeSet<String>,
    pending: BTreeMap<String, Vec<Entry>>,
}

fn parent(path: &str) -> String {
    path.rsplit_once('/').map_or(String::new(), |(dir, _)| dir.to_owned())
}

impl Disk {
    fn load(dir: &Path) -> Self {
        let mut disk = Self::default();
        disk.load_folder(dir);
        disk
    }

    fn load_folder(&mut self, dir: &Path) {
        self.folders.insert(dir.to_string_lossy().into_owned());
        for entry in std::fs::read_dir(dir).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                self.load_folder(&path);
            } else {
                let synced = std::fs::read(&path).expect("a file");
                let name = path.to_string_lossy().into_owned();
                self.seen.insert(name.clone(), self.files.len());
                self.synced.insert(name, self.files.len());
                self.files.push(File { len: synced.len(), synced, pending: Vec::new() });
            }
        }
    }

    fn entry(&mut self, dir: &str, entry: Entry) {
        self.pending.entry(dir.to_owned()).or_default().push(entry);
    }

    fn change(&mut self, path: &str, change: Change) {
        let Some(file) = self.seen.get(path).copied() else { return };
        let file = &mut self.files[file];
        match &change {
            Change::Write(at, data) => file.len = file.len.max(at + data.len()),
            Change::Len(len) => file.len = *len,
        }
        file.pending.push(change);
    }

    fn remove(&mut self, path: &str) {
        if self.seen.remove(path).is_some() {
            self.entry(&parent(path), Entry::Remove(path.to_owned()));
        }
    }

    /// Takes in a call that has returned.
    fn take(&mut self, call: &Call, root: &str) {
        if !call.ok() {
            return;
        }
        let named = |n| {
            let name = trace::text(&call.args, n).unwrap_or_default();
            if name.starts_with('/') { name } else { format!("{}/{name}", trace::in_brackets(&call.args)) }
        };
        let number = |n: usize| call.args.rsplit(", ").nth(n).and_then(|text| text.parse::<usize>().ok()).expect("a number");
        let file = call.file();
        let ours = file.starts_with(root);
        match call.name.as_str() {
            "open" | "openat" | "creat" => {
                let name = named(0);
                if !name.starts_with(root) || !call.args.contains("O_CREAT") && !call.args.contains("O_TRUNC") {
                    return;
                }
                if !self.seen.contains_key(&name) {
                    self.seen.insert(name.clone(), self.files.len());
                    self.entry(&parent(&name), Entry::Add(name.clone(), self.files.len()));
                    self.files.push(File::default());
                }
                if call.args.contains("O_TRUNC") {
                    self.change(&name, Change::Len(0));
                }
            }
            // Nobody here writes at the start of a file that has something.
            "write" if ours => {
                if let Some(at) = self.seen.get(&file).map(|file| self.files[*file].len) {
                    self.change(&file, Change::Write(at, trace::bytes(&call.args, 0).expect("contents")));
                }
            }
            "pwrite64" if ours => self.change(&file, Change::Write(number(0), trace::bytes(&call.args, 0).expect("contents"))),
            "ftruncate" if ours => self.change(&file, Change::Len(number(0))),
            "fallocate" if ours => {
                let len = number(0) + number(1);
                if self.seen.get(&file).is_some_and(|file| self.files[*file].len < len) {
                    self.change(&file, Change::Len(len));
                }
            }
            "fsync" | "fdatasync" if ours => {
                if let Some(file) = self.seen.get(&file).copied() {
                    let File { synced, pending, .. } = &mut self.files[file];
                    pending.drain(..).for_each(|change| change.apply(synced));
                } else {
                    let pending = self.pending.remove(&file).unwrap_or_default();
                    pending.iter().for_each(|entry| enter(entry, &mut self.synced, &mut self.folders));
                }
            }
            // Of the whole file system.
            "syncfs" | "sync" => {
                for File { synced, pending, .. } in &mut self.files {
                    pending.drain(..).for_each(|change| change.apply(synced));
                }
                for entries in std::mem::take(&mut self.pending).values() {
                    entries.iter().for_each(|entry| enter(entry, &mut self.synced, &mut self.folders));
                }
            }
            "mkdir" | "mkdirat" if named(0).starts_with(root) => {
                let name = named(0);
                self.entry(&parent(&name), Entry::Folder(name.clone()));
            }
            "rename" | "renameat" | "renameat2" if named(0).starts_with(root) => {
                let (from, to) = (named(0), named(1));
                if let Some(file) = self.seen.remove(&from) {
                    self.seen.insert(to.clone(), file);
                    let dir = parent(&to);
                    if parent(&from) == dir {
                        self.entry(&dir, Entry::Rename(from, to, file));
                    } else {
                        self.entry(&parent(&from), Entry::Remove(from));
                        self.entry(&dir, Entry::Add(to, file));
                    }
                }
            }
            "link" | "linkat" if named(0).starts_with(root) => {
                if let Some(file) = self.seen.get(&named(0)).copied() {
                    self.seen.insert(named(1), file);
                    self.entry(&parent(&named(1)), Entry::Add(named(1), file));
                }
            }
            "unlink" | "unlinkat" if named(0).starts_with(root) => self.remove(&named(0)),
            "writev" | "pwritev" | "pwritev2" | "copy_file_range" | "sendfile" | "truncate" | "msync" if ours => {
                panic!("{} is not modelled: {}", call.name, call.args.chars().take(200).collect::<String>())
            }
            _ => {}
        }
    }

    /// Writes what a power cut leaves.
    fn cut(&self, root: &str, to: &Path, random: &mut Random) {
        let (mut names, mut folders) = (self.synced.clone(), self.folders.clone());
        for entries in self.pending.values() {
            for entry in some(entries, random) {
                enter(entry, &mut names, &mut folders);
            }
        }
        let _ = std::fs::remove_dir_all(to);
        std::fs::create_dir_all(to).expect("a folder");
        let inside = |name: &str| to.join(name.strip_prefix(root).unwrap_or(name).trim_start_matches('/'));
        // Sorted: a folder comes before what is in it, and is there only if the one above it is.
        for folder in &folders {
            let _ = std::fs::create_dir(inside(folder));
        }
        let mut contents: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
        for (name, file) in &names {
            if name.ends_with("-shm") {
                continue;
            }
            let content = contents.entry(*file).or_insert_with(|| {
                let mut content = self.files[*file].synced.clone();
                for change in some(&self.files[*file].pending, random) {
                    match change {
                        Change::Write(at, data) if random.below(4) == 0 => {
                            let whole = random.below(1 + data.len() as u64 / SECTOR as u64) as usize * SECTOR;
                            Change::Write(*at, data[..whole].to_vec()).apply(&mut content);
                        }
                        change => change.apply(&mut content),
                    }
                }
                content
            });
            // Without its folder it is not there.
            if let Ok(written) = std::fs::File::create(inside(name)) {
                let end = content.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
                written.write_all_at(&content[..end], 0).and_then(|()| written.set_len(content.len() as u64)).expect("written");
            }
        }
    }
}

fn enter(entry: &Entry, names: &mut BTreeMap<String, usize>, folders: &mut BTreeSet<String>) {
    match entry {
        Entry::Add(name, file) => drop(names.insert(name.clone(), *file)),
        Entry::Folder(name) => drop(folders.insert(name.clone())),
        Entry::Remove(name) => drop(names.remove(name)),
        Entry::Rename(from, to, file) => {
            names.remove(from);
            names.insert(to.clone(), *file);
        }
    }
}

/// What of a list of unsynced things is there all the same.
fn some<'a, T>(all: &'a [T], random: &mut Random) -> Vec<&'a T> {
    match random.below(5) {
        0 | 1 => Vec::new(),
        2 => all.iter().collect(),
        3 => all.iter().take(random.below(all.len() as u64 + 1) as usize).collect(),
        _ => all.iter().filter(|_| random.below(2) == 0).collect(),
    }
}

/// What one client did, and when.
#[derive(Default)]
struct History {
    /// What it showed after each of its edits, from the start.
    states: Vec<BTreeMap<String, String>>,
    /// Line and state of edits that were answered, and of syncs, commits and landings that were.
    answered: Vec<(usize, usize)>,
    durable: Vec<(usize, usize)>,
    /// Line and id of sessions that were opened; those that a commit or landing has recorded; those that were on their way to be closed.
    sessions: Vec<(usize, String)>,
    recorded: Vec<(usize, String)>,
    closing: Vec<(usize, String)>,
}

impl History {
    fn take(&mut self, line: usize, words: &[&str]) {
        let last = self.states.len() - 1;
        match words {
            ["try", _, key, value] => {
                let mut next = self.states[last].clone();
                next.insert((*key).to_owned(), (*value).to_owned());
                self.states.push(next);
            }
            ["ok", ..] => self.answered.push((line, last)),
            ["persist", _] => self.durable.push((line, last)),
            ["commit", _, id, ..] | ["land", _, id, ..] => {
                self.durable.push((line, last));
                self.recorded.push((line, (*id).to_owned()));
            }
            ["session", _, id] => self.sessions.push((line, (*id).to_owned())),
            ["closing", _] => self.closing.extend(self.sessions.last().map(|(_, id)| (line, id.clone()))),
            _ => {}
        }
    }
}

/// Opens an image and holds it against what was said before line `at`, with the journal synced for what was said before `synced`.
fn check(repo: &GitRepo, histories: &[History], facts: &[(usize, String)], at: usize, synced: usize) {
    let (engine, catalog) = open_with_catalog(repo.path());
    for (number, history) in histories.iter().enumerate() {
        let before = |list: &[(usize, usize)], line: usize| list.iter().filter(|(said, _)| *said < line).map(|(_, state)| *state).max();
        let least = before(&history.answered, synced).max(before(&history.durable, at)).unwrap_or(0);
        let Some((opened, id)) = history.sessions.iter().rfind(|(said, _)| *said < at) else { continue };
        let session = engine.session(&engine.owner(), &id.parse().expect("an id"));
        let shown = match session {
            Ok(session) => {
                session.resume().expect("resumed");
                session_values(&session, number)
            }
            Err(error) => {
                let recorded = history.recorded.iter().any(|(said, known)| *said < at && known == id);
                let closing = history.closing.iter().any(|(said, known)| *said < at && known == id);
                assert!(closing || !recorded && *opened >= synced, "client {number} lost its session: {error}");
                let own = workspace(&engine);
                values(number, |at| own.read(None, &path(at)).ok().map(|file| String::from_utf8_lossy(&file.content.0).into_owned()))
            }
        };
        let found = history.states[least..].contains(&shown);
        if !found {
            let own = facts.iter().filter(|(said, fact)| *said < at && fact.split(' ').nth(1) == Some(&number.to_string()));
            own.for_each(|(said, fact)| println!("{said}: {fact}"));
            println!("the journal was synced for what was said before {synced}");
        }
        assert!(found, "client {number} shows {shown:?}, which is older than {:?}, or never was", history.states[least]);
    }
    let mut model = Model::new(0);
    for (said, fact) in facts {
        if *said < at && !["try", "ok", "session", "closing", "closed"].iter().any(|word| fact.starts_with(word)) {
            model.take(&format!("@{fact}"));
        }
    }
    model.check_durable(engine, catalog, repo);
}

#[test]
fn power_cuts_lose_nothing_that_was_durable() {
    if !trace::available() {
        return;
    }
    let seed = seed();
    let mut random = Random(seed);
    let repo = repository(ObjectFormat::Sha1, CLIENTS);
    open(repo.path()).shutdown();
    let root = repo.path().to_string_lossy().into_owned();
    let mut disk = Disk::load(repo.path());
    let mut task = Task::new("work", repo.path(), random.next());
    (task.clients, task.steps) = (CLIENTS, setting("ACETATE_STEPS", 40));
    let calls = trace::run(&task, &repo.beside("trace"), true);
    let mut histories: Vec<History> =
        (0..CLIENTS).map(|_| History { states: vec![[("shared.txt".to_owned(), "0".to_owned())].into()], ..History::default() }).collect();
    let mut facts: Vec<(usize, String)> = calls.iter().filter_map(|call| Some((call.began, call.says()?))).collect();
    facts.sort();
    for (line, fact) in &facts {
        let words: Vec<&str> = fact.split(' ').collect();
        assert_ne!(words[0], "bad", "{fact}");
        if ["try", "ok", "persist", "session", "closing", "commit", "land"].contains(&words[0]) {
            histories[words[1].parse::<usize>().expect("a client")].take(*line, &words);
        }
    }
    let cuts: BTreeSet<usize> = (0..setting("ACETATE_CUTS", 60)).map(|_| random.below(calls.len() as u64) as usize).collect();
    let image = GitRepo::bare(ObjectFormat::Sha1);
    let (mut segment, mut synced) = (None::<(String, usize)>, 0);
    for (number, call) in calls.iter().enumerate() {
        if call.is_sync() && call.ok() && call.file().contains("/acetate/journal/") {
            segment = Some((call.file(), call.began));
        }
        disk.take(call, &root);
        // A segment's first sync is complete when its name is durable too.
        if let Some((name, began)) = &segment
            && disk.synced.contains_key(name)
        {
            synced = *began;
        }
        if cuts.contains(&number) {
            println!("cut after call {number} of {}: {}", calls.len(), call.name);
            disk.cut(&root, image.path(), &mut random);
            check(&image, &histories, &facts, call.ended, synced);
        }
    }
    assert!(histories.iter().map(|history| history.durable.len()).sum::<usize>() > 6, "there was work");
}
