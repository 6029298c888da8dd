//! The order of system calls: no answer before the syncs that it depends on; a fixed number of syncs whatever the size of a group.

use crate::common::{Task, repository};
use crate::trace::{self, Call};
use acetate_types::ObjectFormat;
use std::collections::BTreeSet;

/// What must be on stable storage before a durable answer: packs, the folder they are in, the catalog's log.
fn counts(path: &str) -> bool {
    path.contains("/objects/pack") || path.ends_with("/catalog.db-wal")
}

/// Files and folders that a thread has changed and not synced since.
#[derive(Default)]
struct Dirty(BTreeSet<String>);

impl Dirty {
    fn take(&mut self, call: &Call) {
        if !call.ok() {
            return;
        }
        match call.name.as_str() {
            "write" | "pwrite64" | "writev" | "pwritev" | "ftruncate" => drop(self.0.insert(call.file())),
            "fsync" | "fdatasync" => drop(self.0.remove(&call.file())),
            "rename" | "renameat" | "renameat2" | "link" | "linkat" => {
                let (from, to) = (trace::text(&call.args, 0).expect("a path"), trace::text(&call.args, 1).expect("a path"));
                for path in [&from, &to] {
                    self.0.extend(path.rsplit_once('/').map(|(dir, _)| dir.to_owned()));
                }
                // What was not synced under its old name is not under the new one.
                if call.name.starts_with("rename") && self.0.remove(&from) {
                    self.0.insert(to);
                }
            }
            _ => {}
        }
    }

    fn unsynced(&self) -> Vec<&String> {
        self.0.iter().filter(|path| counts(path)).collect()
    }
}

/// The thread that writes packs.
fn pipeline(calls: &[Call]) -> u32 {
    let pack = |call: &&Call| call.name.starts_with("rename") && trace::text(&call.args, 1).is_some_and(|to| to.ends_with(".idx"));
    calls.iter().find(pack).expect("a pack was written").thread
}

#[test]
fn no_answer_before_its_syncs() {
    if !trace::available() {
        return;
    }
    let repo = repository(ObjectFormat::Sha1, 1);
    let mut task = Task::new("few", repo.path(), 1);
    task.steps = 4;
    let calls = trace::run(&task, &repo.beside("trace"), false);
    let pipeline = pipeline(&calls);
    let mut dirty = Dirty::default();
    let mut answers = 0;
    let (mut packs, mut indexes, mut folders, mut logs) = (0, 0, 0, 0);
    for call in &calls {
        if let Some(fact) = call.says() {
            if fact.starts_with("durable") {
                answers += 1;
                assert_eq!(dirty.unsynced(), Vec::<&String>::new(), "{fact} was said before this was synced");
                // A commit, a landing, a checkpoint: each is a group of its own here.
                assert_eq!((packs, indexes, folders), (1, 1, 1), "{fact}: pack, index, folder");
                assert!(logs >= 1, "{fact}: the catalog's log");
            }
            (packs, indexes, folders, logs) = (0, 0, 0, 0);
            continue;
        }
        if call.thread != pipeline {
            continue;
        }
        dirty.take(call);
        if call.is_sync() && call.ok() {
            match call.file() {
                file if file.ends_with("-pack") => packs += 1,
                file if file.ends_with("-idx") => indexes += 1,
                file if file.ends_with("/objects/pack") => folders += 1,
                file if file.ends_with("-wal") => logs += 1,
                _ => {}
            }
        }
    }
    assert_eq!(answers, 12);
    released_after_refs(&calls);
}

/// A pack loses its `.keep` only after the refs that were written meanwhile were synced.
fn released_after_refs(calls: &[Call]) {
    let mut unsynced: BTreeSet<String> = BTreeSet::new();
    let mut released = 0;
    for call in calls.iter().filter(|call| call.ok()) {
        match call.name.as_str() {
            "rename" | "renameat" | "renameat2" => {
                let to = trace::text(&call.args, 1).expect("a path");
                // A namespace's `HEAD` names a branch, keeps no object, and is made again at each start.
                if to.contains("/refs/") && !to.ends_with("/HEAD") {
                    unsynced.insert(to);
                }
            }
            "fsync" | "fdatasync" => drop(unsynced.remove(&call.file())),
            "unlink" | "unlinkat" => {
                let path = trace::text(&call.args, 0).unwrap_or_default();
                unsynced.remove(&path);
                if path.ends_with(".keep") {
                    released += 1;
                    assert!(unsynced.is_empty(), "{path} went before {unsynced:?} were synced");
                }
            }
            _ => {}
        }
    }
    assert!(released > 0, "packs were released");
}

/// How often a group of this size made the pipeline sync: packs, indexes, folders, logs; and how many packs there were.
fn group(clients: usize) -> [usize; 5] {
    let repo = repository(ObjectFormat::Sha1, clients);
    let mut task = Task::new("burst", repo.path(), 1);
    task.clients = clients;
    let calls = trace::run(&task, &repo.beside("trace"), false);
    let pipeline = pipeline(&calls);
    let from = calls.iter().position(|call| call.says().is_some()).expect("an answer");
    let own: Vec<&Call> = calls[from..].iter().filter(|call| call.thread == pipeline && call.ok()).collect();
    let syncs = |what: &str| own.iter().filter(|call| call.is_sync() && call.file().ends_with(what)).count();
    let made =
        own.iter().filter(|call| call.name.starts_with("rename") && trace::text(&call.args, 1).is_some_and(|to| to.ends_with(".pack")));
    let made = made.count();
    let landed: Vec<&Call> = calls.iter().filter(|call| call.says().is_some_and(|fact| fact.starts_with("durable land"))).collect();
    assert_eq!(landed.len(), clients);
    // Nobody was answered before the group's log was synced.
    let group_log = own.iter().filter(|call| call.is_sync() && call.file().ends_with("-wal")).nth(1).expect("the second group");
    let first = landed.iter().map(|call| call.began).min().expect("an answer");
    assert!(group_log.ended < first, "an answer before the group was durable");
    [syncs("-pack"), syncs("-idx"), syncs("/objects/pack"), syncs("-wal"), made]
}

#[test]
fn a_group_costs_the_same_whatever_its_size() {
    if !trace::available() {
        return;
    }
    let (one, fifty, hundred) = (group(1), group(50), group(100));
    // The group that held the gate, and the group of all others.
    assert_eq!(one, [2, 2, 2, 2, 2]);
    assert_eq!(fifty, one);
    assert_eq!(hundred, one, "a hundred submissions at one moment are one group");
}
