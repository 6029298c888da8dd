//! What has to be carried where: decided from what both had, what the folder has, and what the session shows. Touches nothing.
//!
//! Invariant: a path that only one side changed goes to the other; one that both changed alike is left; one that both changed differently
//! is a conflict, unless the caller said whose is taken.

use super::shown::Entry;
use acetate_mount::{Record, Recorded, Scan, Stamp};
use acetate_types::RepoPath;
use std::collections::{BTreeMap, BTreeSet};

/// Whose version is taken where both changed a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Folder,
    Session,
}

/// What is to be done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Paths whose content in the folder, if there is one, goes to the session, with the session's id of now.
    pub to_session: BTreeMap<RepoPath, Option<Entry>>,
    /// Paths whose content in the session, if there is one, goes to the folder, over what has this stamp.
    pub to_folder: BTreeMap<RepoPath, (Option<Entry>, Option<Stamp>)>,
    /// Both have the same; the record is to say so.
    pub same: BTreeMap<RepoPath, Option<Recorded>>,
    /// What is left on both sides, and why.
    pub conflicts: BTreeMap<RepoPath, &'static str>,
}

/// Decides.
pub fn plan(record: &Record, scan: &Scan, shown: &BTreeMap<RepoPath, Entry>, take: Option<Side>) -> Plan {
    let mut plan = Plan::default();
    let paths: BTreeSet<&RepoPath> = record.files.keys().chain(scan.changed.keys()).chain(shown.keys()).collect();
    for path in paths {
        let known = record.files.get(path);
        let before = known.map(|known| Entry { mode: known.mode, id: known.id });
        let session = shown.get(path).copied();
        let local = scan.changed.get(path);
        let here = match local {
            Some(local) => Some(Entry { mode: local.mode, id: local.id }),
            None if scan.gone.contains(path) => None,
            None => before,
        };
        let stamp = local.map(|local| local.stamp).or_else(|| scan.touched.get(path).copied());
        let stamp = stamp.or_else(|| known.and_then(|known| known.stamp).filter(|_| here.is_some()));
        let (theirs, ours) = (session != before, here != before);
        if here == session {
            if theirs || stamp != known.and_then(|known| known.stamp) {
                plan.same.insert(path.clone(), here.map(|entry| Recorded { mode: entry.mode, id: entry.id, stamp }));
            }
        } else if ours && theirs && take.is_none() {
            plan.conflicts.insert(path.clone(), "both sides changed it");
        } else if ours && !(theirs && take == Some(Side::Session)) {
            plan.to_session.insert(path.clone(), session);
        } else {
            plan.to_folder.insert(path.clone(), (session, stamp));
        }
    }
    untangle(&mut plan, record, scan, shown, take);
    plan
}

/// Where one side has a file and the other has files below that name, both can't have both.
fn untangle(plan: &mut Plan, record: &Record, scan: &Scan, shown: &BTreeMap<RepoPath, Entry>, take: Option<Side>) {
    let here = |path: &RepoPath| scan.changed.contains_key(path) || record.files.contains_key(path) && !scan.gone.contains(path);
    let above = |path: &RepoPath| std::iter::successors(path.parent(), RepoPath::parent).collect::<Vec<_>>();
    let moved: BTreeSet<RepoPath> = plan.to_session.keys().chain(plan.to_folder.keys()).chain(plan.conflicts.keys()).cloned().collect();
    // A path of the folder, and one of the session that excludes it.
    let mut pairs = Vec::new();
    for path in &moved {
        for above in above(path) {
            if here(path) && shown.contains_key(&above) {
                pairs.push((path.clone(), above.clone()));
            }
            if shown.contains_key(path) && here(&above) {
                pairs.push((above, path.clone()));
            }
        }
    }
    for (folder, session) in pairs {
        let goes_here = plan.to_folder.get(&folder).is_some_and(|(entry, _)| entry.is_none());
        let goes_there = plan.to_session.contains_key(&session) && !here(&session);
        if goes_here || goes_there {
            continue;
        }
        match take {
            None => {
                for path in [folder, session] {
                    plan.to_session.remove(&path);
                    plan.to_folder.remove(&path);
                    plan.conflicts.entry(path).or_insert("a file on one side, a directory on the other");
                }
            }
            Some(Side::Folder) => {
                plan.to_folder.remove(&session);
                let entry = shown.get(&session).copied();
                plan.to_session.insert(session, entry);
            }
            Some(Side::Session) => {
                plan.to_session.remove(&folder);
                let local = scan.changed.get(&folder).map(|local| local.stamp).or_else(|| scan.touched.get(&folder).copied());
                let stamp = local.or_else(|| record.files.get(&folder).and_then(|known| known.stamp));
                plan.to_folder.insert(folder, (None, stamp));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use acetate_mount::Local;
    use acetate_types::{FileMode, ObjectId};

    fn id(letter: char) -> ObjectId {
        letter.to_string().repeat(40).parse().expect("an id")
    }

    fn stamp(number: u64) -> Stamp {
        Stamp { size: number, modified: 1, changed: 1, inode: number }
    }

    /// One path, by letters: what both had, what the folder has (`-` nothing), what the session shows.
    fn check(before: char, here: char, session: char, take: Option<Side>, expect: &str) {
        let path = RepoPath::new("a").expect("a path");
        let mut record = Record::new("s");
        let mut scan = Scan::default();
        let mut shown = BTreeMap::new();
        if before != '-' {
            record.files.insert(path.clone(), Recorded { mode: FileMode::Regular, id: id(before), stamp: Some(stamp(1)) });
        }
        match here {
            _ if here == before => {}
            '-' => drop(scan.gone.insert(path.clone())),
            _ => drop(scan.changed.insert(path.clone(), Local { mode: FileMode::Regular, id: id(here), stamp: stamp(2) })),
        }
        if session != '-' {
            shown.insert(path.clone(), Entry { mode: FileMode::Regular, id: id(session) });
        }
        let plan = plan(&record, &scan, &shown, take);
        let said = [
            (!plan.to_session.is_empty(), "to session"),
            (!plan.to_folder.is_empty(), "to folder"),
            (!plan.same.is_empty(), "same"),
            (!plan.conflicts.is_empty(), "conflict"),
        ];
        let said: Vec<&str> = said.into_iter().filter(|(so, _)| *so).map(|(_, name)| name).collect();
        assert_eq!(said.join(", "), expect, "{before}{here}{session} {take:?}");
        if let Some((_, over)) = plan.to_folder.get(&path) {
            let there = if here == '-' { None } else { Some(stamp(if here == before { 1 } else { 2 })) };
            assert_eq!(*over, there, "what is written over");
        }
    }

    #[test]
    fn every_way_in_which_two_sides_can_differ() {
        for (states, expect) in [
            ("aaa", ""),
            ("---", ""),
            ("aba", "to session"),
            ("a-a", "to session"),
            ("-b-", "to session"),
            ("aab", "to folder"),
            ("aa-", "to folder"),
            ("--b", "to folder"),
            ("abb", "same"),
            ("a--", "same"),
            ("-bb", "same"),
            ("abc", "conflict"),
            ("ab-", "conflict"),
            ("a-b", "conflict"),
            ("-bc", "conflict"),
        ] {
            let [before, here, session] = states.chars().collect::<Vec<_>>()[..] else { panic!("three letters") };
            check(before, here, session, None, expect);
            if expect == "conflict" {
                check(before, here, session, Some(Side::Folder), "to session");
                check(before, here, session, Some(Side::Session), "to folder");
            }
        }
    }
}
