//! Refs: what Git wrote is read, what is written Git reads, and nobody's update is lost.

mod common;

use acetate_git::{Expected, RefError, RefTarget, RefUpdate, Repository};
use acetate_testing::GitRepo;
use acetate_types::{ObjectFormat, ObjectId};
use common::{FORMATS, open};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn update(name: &str, expected: Expected, new: Option<ObjectId>) -> RefUpdate {
    RefUpdate { name: name.to_owned(), expected, new, message: "test\nline".to_owned() }
}

/// A repository with three commits nobody names, and their ids.
fn sample(format: ObjectFormat) -> (GitRepo, Vec<ObjectId>) {
    let repo = GitRepo::bare(format);
    let ids = (0..3).map(|at| repo.fast_commit("tmp", [("f", "100644", Some(format!("{at}")))])).collect();
    repo.git(&["update-ref", "-d", "refs/heads/tmp"]);
    (repo, ids)
}

/// All refs as the real `git` sees them.
fn of_git(repo: &GitRepo) -> BTreeMap<String, String> {
    let list = repo.git(&["for-each-ref", "--format=%(refname) %(objectname)"]);
    list.lines().filter_map(|line| line.split_once(' ')).map(|(name, id)| (name.to_owned(), id.to_owned())).collect()
}

fn of_ours(repository: &Repository) -> BTreeMap<String, String> {
    let found = repository.refs("refs/").expect("listed");
    found
        .into_iter()
        .map(|(name, _)| (repository.resolve_ref(&name).expect("read").expect("there").to_hex(), name))
        .map(|(id, name)| (name, id))
        .collect()
}

#[test]
fn loose_packed_symbolic_and_deleted_refs() {
    for format in FORMATS {
        let (repo, ids) = sample(format);
        let repository = open(&repo);
        assert_eq!(repository.head().expect("read"), Some(RefTarget::Symbolic("refs/heads/main".to_owned())));
        assert_eq!(repository.resolve_ref("HEAD").expect("unborn"), None);
        let names = ["refs/heads/main", "refs/namespaces/a/refs/heads/x", "refs/namespaces/ab/refs/heads/x", "refs/acetate/turns/1"];
        let updates: Vec<_> = names.iter().map(|name| update(name, Expected::Absent, Some(ids[0]))).collect();
        repository.update_refs(&updates).expect("made");
        repo.git(&["symbolic-ref", "refs/heads/alias", "refs/heads/main"]);
        assert_eq!(repository.read_ref("refs/heads/alias").expect("read"), Some(RefTarget::Symbolic("refs/heads/main".to_owned())));
        assert_eq!(repository.resolve_ref("refs/heads/alias").expect("read"), Some(ids[0]));
        for pack in [false, true, false] {
            if pack {
                repo.git(&["pack-refs", "--all", "--prune"]);
            }
            assert_eq!(of_ours(&repository), of_git(&repo));
            let below: Vec<_> = repository.refs("refs/namespaces/a/").expect("listed").into_iter().map(|(name, _)| name).collect();
            assert_eq!(below, ["refs/namespaces/a/refs/heads/x"]);
            assert_eq!(repository.refs("refs/none/").expect("listed"), []);
            let at = |name: &str| repository.resolve_ref(name).expect("read");
            let (old, new) = (at("refs/heads/main").expect("there"), if pack { ids[1] } else { ids[2] });
            let moves: Vec<_> = names.iter().map(|name| update(name, Expected::At(old), Some(new))).collect();
            repository.update_refs(&moves).expect("moved");
            repository.sync_refs(&names).expect("synced");
            assert!(names.iter().all(|name| at(name) == Some(new)));
        }
        repo.git(&["pack-refs", "--all", "--prune"]);
        repository.update_refs(&[update(names[3], Expected::At(ids[2]), None), update(names[2], Expected::Any, None)]).expect("deleted");
        repository.sync_refs(&names).expect("synced");
        assert_eq!(repository.read_ref(names[3]).expect("read"), None);
        assert_eq!(of_ours(&repository), of_git(&repo));
        // Deleted folders are in nobody's way.
        repository.update_refs(&[update("refs/acetate/turns", Expected::Absent, Some(ids[0]))]).expect("made");
        repository.set_default_branch("dev/x").expect("moved");
        assert_eq!(repo.git(&["symbolic-ref", "HEAD"]), "refs/heads/dev/x");
        assert_eq!(repository.default_branch().expect("read").as_deref(), Some("dev/x"));
    }
}

#[test]
fn expectations_are_told_apart_and_nothing_moves_when_one_fails() {
    let (repo, ids) = sample(ObjectFormat::Sha1);
    let repository = open(&repo);
    repository.update_refs(&[update("refs/heads/main", Expected::Absent, Some(ids[0]))]).expect("made");
    for packed in [false, true] {
        if packed {
            repo.git(&["pack-refs", "--all", "--prune"]);
        }
        let before = of_git(&repo);
        for (expected, new) in [
            // An equal value is not absence.
            (Expected::Absent, Some(ids[0])),
            (Expected::Absent, Some(ids[1])),
            (Expected::At(ids[1]), Some(ids[2])),
            (Expected::At(ids[1]), Some(ids[0])),
            (Expected::At(ids[1]), None),
            (Expected::Absent, None),
        ] {
            let failing = update("refs/heads/main", expected, new);
            let updates = [update("refs/heads/other", Expected::Absent, Some(ids[0])), failing];
            let error = repository.update_refs(&updates).expect_err("refused");
            let found = Some(RefTarget::Id(ids[0]));
            assert!(
                matches!(&error, RefError::Moved { name, found: there } if name == "refs/heads/main" && *there == found),
                "{expected:?}: {error}"
            );
            assert_eq!(of_git(&repo), before);
        }
        let gone = update("refs/heads/gone", Expected::At(ids[0]), Some(ids[1]));
        assert!(matches!(repository.update_refs(&[gone]).expect_err("refused"), RefError::Moved { found: None, .. }));
        let gone = update("refs/heads/gone", Expected::At(ids[0]), None);
        assert!(matches!(repository.update_refs(&[gone]).expect_err("refused"), RefError::Moved { found: None, .. }));
        for clash in ["refs/heads/main/below", "refs/heads"] {
            let error = repository.update_refs(&[update(clash, Expected::Absent, Some(ids[0]))]).expect_err("refused");
            assert!(matches!(error, RefError::Clash { .. } | RefError::Name(_)), "{clash}: {error}");
        }
        assert_eq!(of_git(&repo), before);
    }
    repository.update_refs(&[update("refs/heads/gone", Expected::Absent, None)]).expect("nothing to do");
    repository.update_refs(&[update("refs/heads/gone", Expected::Any, None)]).expect("nothing to do");
    let twice = [update("refs/heads/t", Expected::Any, Some(ids[0])), update("refs/heads/t", Expected::Any, Some(ids[1]))];
    assert!(matches!(repository.update_refs(&twice).expect_err("refused"), RefError::Clash { .. }));
    let null = update("refs/heads/t", Expected::Any, Some(ObjectId::null(ObjectFormat::Sha1)));
    assert!(matches!(repository.update_refs(&[null]).expect_err("refused"), RefError::Id { .. }));
    let foreign = update("refs/heads/t", Expected::Any, Some(ObjectId::empty_tree(ObjectFormat::Sha256)));
    assert!(matches!(repository.update_refs(&[foreign]).expect_err("refused"), RefError::Id { .. }));
}

#[test]
fn locks_of_others_are_waited_for_and_then_reported() {
    let (repo, ids) = sample(ObjectFormat::Sha1);
    let repository = open(&repo);
    repository.update_refs(&[update("refs/heads/main", Expected::Absent, Some(ids[0]))]).expect("made");
    let lock = repo.path().join("refs/heads/main.lock");
    std::fs::write(&lock, "").expect("locked");
    let moving = [update("refs/heads/main", Expected::At(ids[0]), Some(ids[1]))];
    assert!(matches!(repository.update_refs(&moving).expect_err("locked"), RefError::Locked { .. }));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(200));
            std::fs::remove_file(&lock).expect("unlocked");
        });
        repository.update_refs(&moving).expect("moved once the lock is gone");
    });
    assert_eq!(repo.id("refs/heads/main"), ids[1]);
}

#[test]
fn hostile_names_never_reach_the_disk() {
    let (repo, ids) = sample(ObjectFormat::Sha1);
    let repository = open(&repo);
    let before = of_git(&repo);
    let outside = repo.beside("outside");
    let long = format!("refs/heads/{}", "a".repeat(2000));
    for name in [
        "",
        "main",
        "HEAD~1",
        "refs/heads/../../../outside",
        "refs/../HEAD",
        "refs/heads/a..b",
        "refs/heads/x.lock",
        "refs/heads/x.lock/y",
        "refs/heads/.hidden",
        "refs/heads/a b",
        "refs/heads/a\nb",
        "refs/heads/a\0b",
        "refs/heads/a:b",
        "refs/heads/a?",
        "refs/heads/a~",
        "refs/heads/a^",
        "refs/heads/a[",
        "refs/heads/a\\b",
        "refs/heads/@{x}",
        "refs/heads/",
        "refs/heads//a",
        "/refs/heads/a",
        "refs/heads/a.",
        "-x",
        "--upload-pack=x",
        "../../etc/passwd",
        "config",
        "objects/info/alternates",
        &long,
    ] {
        assert!(matches!(repository.update_refs(&[update(name, Expected::Any, Some(ids[0]))]), Err(RefError::Name(_))), "{name:?}");
        assert!(repository.read_ref(name).is_err(), "{name:?}");
        assert!(repository.sync_refs(&[name]).is_err(), "{name:?}");
    }
    assert!(repository.update_refs(&[update("HEAD", Expected::Any, Some(ids[0]))]).is_err(), "HEAD is moved by its own call");
    for prefix in ["", "refs", "refs/heads", "../", "refs/../", "/"] {
        assert!(repository.refs(prefix).is_err(), "{prefix:?}");
    }
    assert!(repository.set_default_branch("-x").is_err());
    assert!(!outside.exists());
    assert_eq!(of_git(&repo), before);
}

#[test]
fn broken_refs_are_errors_not_answers() {
    let (repo, _) = sample(ObjectFormat::Sha1);
    let repository = open(&repo);
    let path = |name: &str| repo.path().join("refs/heads").join(name);
    std::fs::write(path("bad"), "nonsense\n").expect("written");
    std::fs::write(path("a"), "ref: refs/heads/b\n").expect("written");
    std::fs::write(path("b"), "ref: refs/heads/a\n").expect("written");
    assert!(repository.read_ref("refs/heads/bad").is_err());
    assert!(repository.resolve_ref("refs/heads/a").is_err());
    assert!(!repository.refs("refs/heads/").expect("listed").iter().any(|(name, _)| name.ends_with("bad")));
}

#[test]
fn of_racing_compare_and_swaps_exactly_one_wins() {
    let (repo, ids) = sample(ObjectFormat::Sha1);
    let repository = open(&repo);
    let name = "refs/heads/race";
    for round in 0..12 {
        let old = repository.resolve_ref(name).expect("read");
        let expected = old.map_or(Expected::Absent, Expected::At);
        // Every contender has a value of its own, so that the winner is known by it.
        let others: Vec<_> = ids.iter().copied().filter(|id| Some(*id) != old).collect();
        let (ours, theirs) = (others[0], others[1]);
        let old_text = old.map_or_else(|| "0".repeat(40), |id| id.to_hex());
        let (won, git_won) = std::thread::scope(|scope| {
            let git = scope.spawn(|| repo.try_git(&["update-ref", name, &theirs.to_hex(), &old_text]).status.success());
            let packing = scope.spawn(|| repo.try_git(&["pack-refs", "--all", "--prune"]));
            let result = loop {
                match repository.update_refs(&[update(name, expected, Some(ours))]) {
                    Err(RefError::Locked { .. }) => {}
                    other => break other,
                }
            };
            packing.join().expect("joined");
            let won = match result {
                Ok(()) => true,
                Err(RefError::Moved { found, .. }) => {
                    assert_eq!(found, Some(RefTarget::Id(theirs)), "round {round}");
                    false
                }
                Err(other) => panic!("round {round}: {other}"),
            };
            (won, git.join().expect("joined"))
        });
        assert!(!(won && git_won), "round {round}: both won");
        // Git gives up on a lock after a tenth of a second, so it may lose without a winner of ours only if we won.
        assert!(won || git_won, "round {round}: nobody won");
        assert_eq!(repo.id(name), if won { ours } else { theirs });
    }
}

#[derive(Debug, Clone)]
enum Op {
    Update(Vec<(u8, Option<u8>, Option<u8>)>),
    Pack,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let one = (0u8..6, proptest::option::of(0u8..4), proptest::option::of(0u8..3));
    let op = prop_oneof![6 => proptest::collection::vec(one, 1..4).prop_map(Op::Update), 1 => Just(Op::Pack)];
    proptest::collection::vec(op, 1..14)
}

proptest! {
    #![proptest_config(common::cases(20))]
    /// Any sequence of updates against a map, with `git` packing in between.
    #[test]
    fn updates_behave_like_a_map(ops in ops()) {
        let (repo, ids) = sample(ObjectFormat::Sha1);
        let repository = open(&repo);
        let names = ["refs/heads/a", "refs/heads/a/b", "refs/heads/c", "refs/namespaces/n/refs/heads/a", "refs/heads/a-b", "refs/tags/a"];
        let mut model: BTreeMap<&str, ObjectId> = BTreeMap::new();
        for op in ops {
            let Op::Update(list) = op else {
                repo.git(&["pack-refs", "--all", "--prune"]);
                continue;
            };
            let mut next = model.clone();
            let mut good = true;
            let mut seen = Vec::new();
            let mut updates = Vec::new();
            for (name, expected, new) in list {
                let name = names[usize::from(name)];
                // 3 stands for "absent", none for "whatever".
                let expected = match expected {
                    None => Expected::Any,
                    Some(3) => Expected::Absent,
                    Some(at) => Expected::At(ids[usize::from(at)]),
                };
                let new = new.map(|at| ids[usize::from(at)]);
                good &= !seen.contains(&name);
                good &= match expected {
                    Expected::Any => true,
                    Expected::Absent => !model.contains_key(name),
                    Expected::At(id) => model.get(name) == Some(&id),
                };
                seen.push(name);
                match new {
                    Some(new) => drop(next.insert(name, new)),
                    None => drop(next.remove(name)),
                }
                updates.push(update(name, expected, new));
            }
            let clash = next.contains_key("refs/heads/a") && next.contains_key("refs/heads/a/b");
            // Replacing `a` by `a/b` in one update is more than Git's files backend can do, too.
            let swap = model.contains_key("refs/heads/a") && next.contains_key("refs/heads/a/b")
                || model.contains_key("refs/heads/a/b") && next.contains_key("refs/heads/a");
            let result = repository.update_refs(&updates);
            if good && !clash && !swap {
                prop_assert!(result.is_ok(), "{updates:?}: {result:?}");
                model = next;
            } else {
                prop_assert!(result.is_err(), "{updates:?}");
            }
            let want: BTreeMap<_, _> = model.iter().map(|(name, id)| ((*name).to_owned(), id.to_hex())).collect();
            prop_assert_eq!(of_ours(&repository), want);
        }
        let want: BTreeMap<_, _> = model.iter().map(|(name, id)| ((*name).to_owned(), id.to_hex())).collect();
        prop_assert_eq!(of_git(&repo), want);
    }
}

#[test]
fn deletions_lose_no_ref_that_git_packs_meanwhile() {
    let (repo, ids) = sample(ObjectFormat::Sha1);
    let repository = open(&repo);
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let packing = scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let _ = repo.try_git(&["pack-refs", "--all", "--prune"]);
            }
        });
        // Lists are complete at any moment, too.
        let listing = scope.spawn(|| {
            let (mut before, mut lists) = (0, 0);
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let found = repository.refs("refs/kept/").expect("listed").len();
                assert!(found >= before, "{found} refs of {before}");
                (before, lists) = (found, lists + 1);
            }
            assert!(lists > 1);
        });
        for round in 0..150 {
            let (kept, gone) = (format!("refs/kept/{round}"), format!("refs/gone/{round}"));
            let made = [update(&kept, Expected::Absent, Some(ids[0])), update(&gone, Expected::Absent, Some(ids[1]))];
            repository.update_refs(&made).expect("made");
            if round > 2 {
                let before = format!("refs/gone/{}", round - 2);
                repository.update_refs(&[update(&before, Expected::At(ids[1]), None)]).expect("deleted");
            }
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        packing.join().expect("packing");
        listing.join().expect("complete lists");
    });
    let refs = of_git(&repo);
    for round in 0..150 {
        assert!(refs.contains_key(&format!("refs/kept/{round}")), "refs/kept/{round} is lost");
    }
    assert_eq!(refs.keys().filter(|name| name.starts_with("refs/gone/")).count(), 2 + 1);
}

#[test]
fn all_refs_of_a_namespace_are_listed_its_head_included() {
    let (repo, ids) = sample(ObjectFormat::Sha1);
    let (main, head) = ("refs/namespaces/w_1/refs/heads/main", "refs/namespaces/w_1/HEAD");
    repo.git(&["update-ref", main, &ids[0].to_hex()]);
    repo.git(&["symbolic-ref", head, main]);
    let repository = open(&repo);
    let names = |prefix: &str| -> Vec<String> { repository.refs(prefix).expect("listed").into_iter().map(|(name, _)| name).collect() };
    assert_eq!(names("refs/namespaces/w_1/"), [head, main]);
    repo.git(&["pack-refs", "--all"]);
    assert_eq!(names("refs/namespaces/w_1/"), [head, main]);
}
