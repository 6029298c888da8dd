//! Tree merges against the real Git: verdict and result, for random trees with edits, renames, directory renames, deletions, type changes.

use crate::common::{Answer, Case, Ids, Oracle, Random, World, cases, first_seed};
use acetate_merge::{ConflictKind, FindingKind, TreeMerge, TreeOptions, merge_trees};
use acetate_types::FileMode;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};

const NAMES: [&str; 7] = ["a", "b", "c", "main.rs", "mod.rs", "a.txt", "a-b"];
const DIRS: [&str; 8] = ["d", "e", "src", "lib", "d/x", "src/a", "lib/a", "a"];

fn text(random: &mut Random) -> Bytes {
    match random.below(24) {
        0 => Bytes::new(),
        1 => Bytes::from_static(b"bin\0ary"),
        2 => Bytes::from_static(b"short\n"),
        _ => {
            let (kind, lines) = (random.below(9), 3 + random.below(9));
            (0..lines).map(|line| format!("{kind} text {line}\n")).collect::<String>().into()
        }
    }
}

fn edited(random: &mut Random, text: &Bytes) -> Bytes {
    if text.contains(&0) {
        return if random.once_in(2) { Bytes::from_static(b"bin\0other") } else { Bytes::from_static(b"bin\0third") };
    }
    let mut lines: Vec<Vec<u8>> = text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    for _ in 0..1 + random.below(2) {
        let at = random.below(lines.len() + 1);
        let new = format!("new {}\n", random.below(4)).into_bytes();
        match random.below(3) {
            0 if at < lines.len() => drop(lines.remove(at)),
            1 if at < lines.len() => lines[at] = new,
            _ => lines.insert(at, new),
        }
    }
    lines.concat().into()
}

fn mode(random: &mut Random) -> FileMode {
    if random.once_in(12) { FileMode::Executable } else { FileMode::Regular }
}

fn path(random: &mut Random) -> Vec<u8> {
    let name = random.pick(&NAMES);
    match random.below(4) {
        0 => name.as_bytes().to_vec(),
        1 => format!("{}/{}", random.pick(&DIRS), random.pick(&DIRS))
            .into_bytes()
            .into_iter()
            .chain(format!("/{name}").into_bytes())
            .collect(),
        _ => format!("{}/{name}", random.pick(&DIRS)).into_bytes(),
    }
}

fn entry(random: &mut Random) -> (FileMode, Bytes) {
    match random.below(30) {
        0 => (FileMode::Symlink, Bytes::from(format!("target{}", random.below(3)))),
        1 => (FileMode::Submodule, Bytes::from(format!("{:040x}", 1 + random.below(3)))),
        _ => (mode(random), text(random)),
    }
}

/// Puts a file there, and takes away what can't be beside it.
fn put(world: &mut World, path: &[u8], entry: (FileMode, Bytes)) {
    let below = [path, b"/"].concat();
    world.retain(|other, _| !other.starts_with(&below));
    for (at, byte) in path.iter().enumerate() {
        if *byte == b'/' {
            world.remove(&path[..at]);
        }
    }
    world.insert(path.to_vec(), entry);
}

fn directories(world: &World) -> Vec<Vec<u8>> {
    let dirs: BTreeSet<Vec<u8>> = world
        .keys()
        .flat_map(|path| path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| path[..at].to_vec()))
        .collect();
    dirs.into_iter().collect()
}

fn change(random: &mut Random, world: &mut World) {
    let files: Vec<Vec<u8>> = world.keys().cloned().collect();
    let dirs = directories(world);
    let Some(some) = (!files.is_empty()).then(|| random.pick(&files).clone()) else {
        let (path, entry) = (path(random), entry(random));
        return put(world, &path, entry);
    };
    let (kind, data) = world[&some].clone();
    match random.below(20) {
        0..=5 if kind.is_file() => drop(world.insert(some, (kind, edited(random, &data)))),
        6 => {
            let (path, entry) = (path(random), entry(random));
            put(world, &path, entry);
        }
        7 if !dirs.is_empty() => {
            let path = [random.pick(&dirs), &b"/"[..], random.pick(&NAMES).as_bytes()].concat();
            let entry = entry(random);
            put(world, &path, entry);
        }
        8 => drop(world.remove(&some)),
        9 if kind.is_file() => {
            let kind = if kind == FileMode::Regular { FileMode::Executable } else { FileMode::Regular };
            world.insert(some, (kind, data));
        }
        10 => {
            let entry = entry(random);
            world.insert(some, entry);
        }
        11..=13 => {
            let to = if random.once_in(2) { path(random) } else { [&path(random)[..], b"2"].concat() };
            world.remove(&some);
            let data = if kind.is_file() && random.once_in(2) { edited(random, &data) } else { data };
            put(world, &to, (kind, data));
        }
        14..=17 if !dirs.is_empty() => {
            let from = random.pick(&dirs).clone();
            move_directory(random, world, &from);
        }
        18 if !dirs.is_empty() => {
            let from = [random.pick(&dirs), &b"/"[..]].concat();
            world.retain(|path, _| !path.starts_with(&from));
        }
        _ => {
            let (path, entry) = (path(random), entry(random));
            put(world, &path, entry);
        }
    }
}

/// Moves a directory somewhere, or its files to two places, or only some of them.
fn move_directory(random: &mut Random, world: &mut World, from: &[u8]) {
    let from = [from, b"/"].concat();
    let dirs = directories(world);
    let mut to = || match random.below(4) {
        0 => b"moved/".to_vec(),
        1 => Vec::new(),
        2 if !dirs.is_empty() => [random.pick(&dirs), &b"/"[..]].concat(),
        _ => [random.pick(&DIRS).as_bytes(), b"/"].concat(),
    };
    let places = [to(), to()];
    let (leave, split) = (random.once_in(6), random.once_in(5));
    let moved: Vec<_> =
        world.iter().filter(|(path, _)| path.starts_with(&from)).map(|(path, entry)| (path.clone(), entry.clone())).collect();
    for (path, (kind, data)) in moved {
        if leave && random.once_in(3) {
            continue;
        }
        world.remove(&path);
        let data = if kind.is_file() && random.once_in(5) { edited(random, &data) } else { data };
        let to = &places[if split { random.below(2) } else { 0 }];
        put(world, &[to, &path[from.len()..]].concat(), (kind, data));
    }
}

/// Puts something into a directory: a new file, or one from elsewhere.
fn add_to_directory(random: &mut Random, world: &mut World, dir: &[u8]) {
    for _ in 0..1 + random.below(2) {
        let to = [dir, if random.once_in(4) { b"/sub/" } else { b"/" }, random.pick(&NAMES).as_bytes()].concat();
        let files: Vec<Vec<u8>> = world.keys().cloned().collect();
        let new = match random.below(3) {
            0 if !files.is_empty() => world.remove(random.pick(&files)),
            _ => None,
        };
        let new = new.unwrap_or_else(|| entry(random));
        put(world, &to, new);
    }
}

pub fn random_case(seed: u64) -> Case {
    let mut random = Random(seed.wrapping_mul(0x9876_5432_1fed_cba9));
    let random = &mut random;
    let mut base = World::new();
    let size = *random.pick(&[4, 12, 30]);
    for _ in 0..random.below(size) {
        let (path, entry) = (path(random), entry(random));
        put(&mut base, &path, entry);
    }
    // Some changes are the same on both sides.
    let mut common = base.clone();
    if random.once_in(4) {
        for _ in 0..1 + random.below(3) {
            change(random, &mut common);
        }
    }
    let (mut ours, mut theirs) = (common.clone(), common);
    let dirs = directories(&base);
    if random.once_in(3) && !dirs.is_empty() {
        let dir = random.pick(&dirs).clone();
        let (mover, adder) = if random.once_in(2) { (&mut ours, &mut theirs) } else { (&mut theirs, &mut ours) };
        move_directory(random, mover, &dir);
        add_to_directory(random, adder, &dir);
    }
    for world in [&mut ours, &mut theirs] {
        let changes = *random.pick(&[3, 6, 12]);
        for _ in 0..random.below(changes) {
            change(random, world);
        }
    }
    Case { base, ours, theirs }
}

fn show(world: &World) -> String {
    world
        .iter()
        .map(|(path, (mode, data))| {
            let text = String::from_utf8_lossy(data).replace(" text ", "").replace('\n', "|");
            format!("  {} {} {}\n", String::from_utf8_lossy(path), if *mode == FileMode::Regular { "" } else { mode.as_str() }, text)
        })
        .collect()
}

fn describe(seed: u64, case: &Case) -> String {
    format!("seed {seed}\nbase\n{}ours\n{}theirs\n{}", show(&case.base), show(&case.ours), show(&case.theirs))
}

/// Whether Git lost files around a followed directory rename. `git merge-tree` (2.47) forgets what else is in a directory that only one side
/// changed when it puts a file there, and drops a file that a directory rename brings to where another was renamed away, or back to itself.
fn git_lost_files(merge: &TreeMerge, case: &Case, git: &World, result: &World) -> bool {
    let extra: Vec<&Vec<u8>> = result.keys().filter(|path| !git.contains_key(*path)).collect();
    let top = |path: &[u8]| path.split(|byte| *byte == b'/').next().map(<[u8]>::to_vec);
    let moved = || merge.findings.iter().filter(|finding| finding.kind == FindingKind::DirectoryRenameApplied);
    let arrived: BTreeSet<&[u8]> = moved().filter_map(|finding| Some(finding.path.as_ref()?.as_bytes())).collect();
    let received: BTreeSet<_> = arrived.iter().filter_map(|path| top(path)).collect();
    let lost = |path: &Vec<u8>| {
        let entry = result.get(path);
        let beside = top(path).is_some_and(|dir| received.contains(&dir));
        arrived.contains(&path[..]) || (beside && (case.ours.get(path) == entry || case.theirs.get(path) == entry))
    };
    !extra.is_empty() && extra.iter().all(|path| lost(path)) && git.iter().all(|(path, entry)| result.get(path) == Some(entry))
}

/// Whether Git reports a conflict and calls the merge clean, or records a version without mode and object.
fn git_contradicts_itself(git: &Answer) -> bool {
    (git.clean && git.said.iter().any(|said| said.starts_with("CONFLICT"))) || git.said.iter().any(|said| said.starts_with("000000 "))
}

/// Whether all our conflicts are such that Git, where it reports none, loses a change: a rename to where the other side has the same file,
/// while it changed the old one (Git takes its first side, so that the order of the sides decides), and a followed directory that puts a
/// file over an existing one, or below one.
fn git_lost_a_change(merge: &TreeMerge, case: &Case) -> bool {
    !merge.is_clean()
        && merge.conflicts.iter().all(|conflict| {
            let (ours, theirs) = (case.ours.get(conflict.path.as_bytes()), case.theirs.get(conflict.path.as_bytes()));
            match conflict.kind {
                ConflictKind::RenameCollision => ours == theirs,
                ConflictKind::DirectoryRenameBlocked => ours.is_some() || theirs.is_some(),
                ConflictKind::FileDirectory => merge.findings.iter().any(|finding| {
                    let below = finding.path.as_ref().is_some_and(|path| path != &conflict.path && path.starts_with(&conflict.path));
                    finding.kind == FindingKind::DirectoryRenameApplied && below
                }),
                _ => false,
            }
        })
}

/// Merges with both and compares; gives what differs.
fn differences(first: u64, all: &[Case]) -> Vec<String> {
    let oracle = Oracle::new();
    let ids = oracle.store(all);
    let follow = oracle.merge(&ids, &["merge.directoryRenames=true"]);
    let default = oracle.merge(&ids, &[]);
    let objects = oracle.objects();
    let mut wrong = Vec::new();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let (mut clean, mut died, mut lost) = (0, 0, 0);
    for (at, case) in all.iter().enumerate() {
        let Ids { base, ours, theirs } = ids[at];
        let merge = merge_trees(&objects, &base, &ours, &theirs, &TreeOptions::default()).expect("a merge");
        let result = objects.apply(&case.ours, &merge);
        for conflict in &merge.conflicts {
            *kinds.entry(conflict.kind.as_str().to_owned()).or_default() += 1;
        }
        for finding in &merge.findings {
            *kinds.entry(format!("{:?}", finding.kind)).or_default() += 1;
        }
        let mut complain = |what: &str, git: &str| {
            let conflicts: Vec<String> =
                merge.conflicts.iter().map(|conflict| format!("  {:?} {}: {}\n", conflict.kind, conflict.path, conflict.why)).collect();
            wrong.push(format!(
                "{what}\n{}our conflicts\n{}our findings {:?}\nour result\n{}git\n{git}\n",
                describe(first + at as u64, case),
                conflicts.concat(),
                merge.findings,
                show(&result)
            ));
        };
        let swapped = merge_trees(&objects, &base, &theirs, &ours, &TreeOptions::default()).expect("a merge");
        if swapped.is_clean() != merge.is_clean() {
            complain("swapping the sides changes the verdict", "");
        } else if merge.is_clean() && objects.apply(&case.theirs, &swapped) != result {
            complain("swapping the sides changes the result", &show(&objects.apply(&case.theirs, &swapped)));
        }
        let Some(git) = &follow[at] else {
            died += 1;
            continue;
        };
        if git.clean && git_lost_a_change(&merge, case) || git_contradicts_itself(git) {
            lost += 1;
            continue;
        }
        if git.clean != merge.is_clean() {
            complain(&format!("git is clean: {}", git.clean), &format!("{:#?}", git.said));
        } else if git.clean {
            clean += 1;
            let expected = objects.world(&git.tree);
            if git_lost_files(&merge, case, &expected, &result) {
                lost += 1;
            } else if expected != result {
                complain("clean but different", &show(&expected));
            }
        }
        if let Some(git) = &default[at]
            && git.clean
            && !git_contradicts_itself(git)
            && (!merge.is_clean() || objects.world(&git.tree) != result)
            && !git_lost_files(&merge, case, &objects.world(&git.tree), &result)
        {
            complain("git is clean by default", &show(&objects.world(&git.tree)));
        }
    }
    println!(
        "{} merges, {clean} clean, {died} on which git died, {lost} in which git lost something, {} wrong; {kinds:?}",
        all.len(),
        wrong.len()
    );
    wrong
}

#[test]
fn random_trees_merge_as_git_merges_them() {
    let seed = first_seed();
    let all: Vec<Case> = (0..cases(1200) as u64).map(|at| random_case(seed + at)).collect();
    let wrong: Vec<String> =
        all.chunks(2000).enumerate().flat_map(|(chunk, cases)| differences(seed + 2000 * chunk as u64, cases)).collect();
    let shown: Vec<&String> = wrong.iter().take(3).collect();
    for wrong in shown {
        println!("{wrong}");
    }
    assert!(wrong.is_empty(), "{} disagreements", wrong.len());
}
