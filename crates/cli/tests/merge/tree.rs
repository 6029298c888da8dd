//! `merge-tree --write-tree` against the real one: tree, files in conflict, exit code.

use crate::folder::{acetate, text};
use acetate_testing::GitRepo;
use acetate_types::ObjectFormat;
use std::collections::BTreeMap;
use std::process::Output;

type World = BTreeMap<String, (&'static str, String)>;

/// Paths and contents.
type Files<'a> = &'a [(&'a str, &'a str)];

fn world(files: Files<'_>) -> World {
    files.iter().map(|(path, data)| ((*path).to_owned(), ("100644", (*data).to_owned()))).collect()
}

/// Commits exactly these files on a branch.
fn commit(repo: &GitRepo, branch: &str, before: &World, world: &World) {
    let gone = before.keys().filter(|path| !world.contains_key(*path)).map(|path| (path.clone(), "100644", None));
    let files = world.iter().map(|(path, (mode, data))| (path.clone(), *mode, Some(data.clone())));
    repo.fast_commit(branch, gone.chain(files).collect::<Vec<_>>());
}

/// A repository with the three as `main`, `ours` and `theirs`.
fn repository([base, ours, theirs]: [&World; 3]) -> GitRepo {
    let repo = GitRepo::new(ObjectFormat::Sha1);
    repo.git(&["config", "merge.directoryRenames", "true"]);
    commit(&repo, "main", &World::new(), base);
    for (branch, world) in [("ours", ours), ("theirs", theirs)] {
        repo.git(&["branch", branch, "main"]);
        commit(&repo, branch, base, world);
    }
    repo
}

fn run(repo: &GitRepo, args: &[&str]) -> Output {
    acetate(repo.path()).arg("merge-tree").args(args).output().expect("it runs")
}

fn check(repo: &GitRepo, args: &[&str], context: &str) -> Option<i32> {
    let git = repo.try_git(&[&["merge-tree"], args].concat());
    let own = run(repo, args);
    let show = |output: &Output| text(&output.stdout).replace('\0', "|");
    assert_eq!((show(&own), own.status.code()), (show(&git), git.status.code()), "{context} {args:?}: {}", text(&own.stderr));
    own.status.code()
}

fn check_all(repo: &GitRepo, context: &str) -> Option<i32> {
    let sides = ["--no-messages", "ours", "theirs"];
    for options in [&["--write-tree"][..], &["-z"], &["--name-only"], &["--name-only", "-z"], &["--merge-base", "main"]] {
        check(repo, &[options, &sides].concat(), context);
    }
    check(repo, &["--write-tree", "--no-messages", "theirs", "ours"], context)
}

const LONG: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n";

#[test]
fn each_kind_of_merge_comes_out_as_gits() {
    let changed = LONG.replace("2\n", "two\n");
    let other = LONG.replace("2\n", "zwei\n");
    let far = LONG.replace("11\n", "eleven\n");
    let cases: &[(&str, [Files<'_>; 3])] = &[
        ("disjoint", [&[("a", LONG), ("b", "x\n")], &[("a", &changed), ("b", "x\n")], &[("a", &far), ("b", "y\n")]]),
        ("content", [&[("a", LONG)], &[("a", &changed)], &[("a", &other)]]),
        ("content in folders", [&[("d/e/a", LONG), ("d/b", "")], &[("d/e/a", &changed), ("d/b", "")], &[("d/e/a", &other), ("d/c", "")]]),
        ("quoted names", [&[("caf\u{e9} \"x\"\t", LONG)], &[("caf\u{e9} \"x\"\t", &changed)], &[("caf\u{e9} \"x\"\t", &other)]]),
        ("modify and delete", [&[("a", LONG), ("b", "")], &[("a", &changed), ("b", "")], &[("b", "")]]),
        ("add and add", [&[("b", "")], &[("a", "x\n"), ("b", "")], &[("a", "y\n"), ("b", "")]]),
        ("binary", [&[("a", "\0a")], &[("a", "\0b")], &[("a", "\0c")]]),
        ("rename and edit", [&[("a", LONG)], &[("z", LONG)], &[("a", &changed)]]),
        ("rename and edits that conflict", [&[("a", LONG)], &[("z", &changed)], &[("a", &other)]]),
        ("rename and delete", [&[("a", LONG), ("k", "")], &[("z", LONG), ("k", "")], &[("k", "")]]),
        ("two renames", [&[("a", LONG)], &[("y", LONG)], &[("z", LONG)]]),
        ("file and folder", [&[("k", "")], &[("k", ""), ("p", "file\n")], &[("k", ""), ("p/q", "below\n")]]),
        ("changed file and folder", [&[("p", LONG)], &[("p", &changed)], &[("p/q", "below\n")]]),
        (
            "a folder renamed",
            [&[("d/a", LONG), ("d/b", "b\n")], &[("e/a", LONG), ("e/b", "b\n")], &[("d/a", LONG), ("d/b", "b\n"), ("d/n", "n\n")]],
        ),
        ("two conflicts", [&[("a", LONG), ("b", LONG)], &[("a", &changed), ("b", &changed)], &[("a", &other), ("b", &other)]]),
    ];
    for (name, [base, ours, theirs]) in cases {
        let repo = repository([&world(base), &world(ours), &world(theirs)]);
        check_all(&repo, name);
        repo.git(&["config", "merge.conflictStyle", "diff3"]);
        check(&repo, &["--no-messages", "ours", "theirs"], name);
        assert_eq!(repo.fsck(), "", "{name}");
    }
}

#[test]
fn random_histories_merge_as_gits() {
    let mut seed = 7u64;
    let mut below = |bound: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % bound
    };
    let mut conflicts = 0;
    for round in 0..40 {
        let base: World = (0..6).map(|file| (format!("d{}/f{file}", file % 3), ("100644", format!("{file}\n").repeat(3) + LONG))).collect();
        let mut side = || {
            let mut world = base.clone();
            for _ in 0..2 + below(4) {
                let file = below(7);
                let path = format!("d{}/f{file}", file % 3);
                match below(5) {
                    0 => drop(world.remove(&path)),
                    1 => drop(world.insert(path, ("100644", format!("new {}\n", below(2))))),
                    2 if world.contains_key(&path) => world.entry(path).and_modify(|file| file.0 = "100755").or_default().0 = "100755",
                    _ => {
                        let line = 2 + 4 * below(3);
                        world
                            .entry(path)
                            .and_modify(|file| file.1 = file.1.replace(&format!("\n{line}\n"), &format!("\nline {}\n", below(3))));
                    }
                }
            }
            world
        };
        let (ours, theirs) = (side(), side());
        let repo = repository([&base, &ours, &theirs]);
        if check_all(&repo, &format!("round {round}: {ours:?} {theirs:?}")) == Some(1) {
            conflicts += 1;
        }
    }
    assert!(conflicts > 5, "{conflicts} conflicts");
}

#[test]
fn histories_that_cross_have_their_bases_merged() {
    let repo = GitRepo::new(ObjectFormat::Sha1);
    let (one, two) = (LONG.replace("2\n", "two\n"), LONG.replace("11\n", "eleven\n"));
    let files = |data: &str| world(&[("a", data)]);
    commit(&repo, "main", &World::new(), &files(LONG));
    repo.git(&["branch", "ours", "main"]);
    repo.git(&["branch", "theirs", "main"]);
    commit(&repo, "ours", &World::new(), &files(&one));
    commit(&repo, "theirs", &World::new(), &files(&two));
    let both = one.replace("11\n", "eleven\n");
    let (old_ours, old_theirs) = (repo.id("ours").to_string(), repo.id("theirs").to_string());
    for (branch, parents, data) in [
        ("ours", [&old_ours, &old_theirs], both.replace("6\n", "six\n")),
        ("theirs", [&old_theirs, &old_ours], both.replace("6\n", "sechs\n")),
    ] {
        commit(&repo, "scratch", &World::new(), &files(&data));
        let tree = repo.git(&["rev-parse", "scratch^{tree}"]);
        let made = repo.git(&["commit-tree", &tree, "-p", parents[0], "-p", parents[1], "-m", "m"]);
        repo.git(&["update-ref", &format!("refs/heads/{branch}"), &made]);
    }
    assert_eq!(repo.git(&["merge-base", "--all", "ours", "theirs"]).lines().count(), 2);
    assert_eq!(check(&repo, &["--write-tree", "--no-messages", "ours", "theirs"], "crossed"), Some(1));
    repo.git(&["config", "merge.conflictStyle", "diff3"]);
    check(&repo, &["--write-tree", "--no-messages", "ours", "theirs"], "crossed");
}

#[test]
fn what_has_nothing_in_common_is_merged_when_told_to() {
    let repo = repository([&world(&[("a", "a\n")]), &world(&[("a", "a\n")]), &world(&[("a", "b\n")])]);
    commit(&repo, "apart", &World::new(), &world(&[("z", "z\n")]));
    let refused = run(&repo, &["ours", "apart"]);
    assert_eq!(refused.status.code(), Some(128));
    assert!(text(&refused.stderr).contains("--allow-unrelated-histories"));
    check(&repo, &["--allow-unrelated-histories", "ours", "apart"], "apart");
    for args in [&["ours", "absent"][..], &["ours", ""], &["ours", "a\nb"]] {
        assert_eq!(run(&repo, args).status.code(), Some(128), "{args:?}");
    }
    assert_eq!(run(&repo, &["ours"]).status.code(), Some(129));
}

#[test]
fn by_symbols_more_is_clean_and_conflicts_have_names() {
    const BASE: &str = "fn one() {\n    1;\n}\n";
    let file = |data: &str| world(&[("src/a.rs", data)]);
    let ours = file(&format!("{BASE}\nfn two() {{\n    2;\n}}\n"));
    let repo = repository([&file(BASE), &ours, &file(&format!("{BASE}\nfn three() {{\n    3;\n}}\n"))]);
    assert_eq!(repo.try_git(&["merge-tree", "ours", "theirs"]).status.code(), Some(1));
    let clean = run(&repo, &["ours", "theirs"]);
    assert_eq!(clean.status.code(), Some(0), "{}", text(&clean.stdout));
    let merged = repo.git(&["show", &format!("{}:src/a.rs", text(&clean.stdout).trim())]);
    assert!(["fn one", "fn two", "fn three"].iter().all(|name| merged.contains(name)), "{merged}");

    let repo = repository([&file(BASE), &file(&BASE.replace('1', "11")), &file(&BASE.replace('1', "12"))]);
    let conflict = run(&repo, &["ours", "theirs"]);
    assert_eq!(conflict.status.code(), Some(1));
    assert!(
        text(&conflict.stdout).contains("\n\nAuto-merging src/a.rs\nCONFLICT (content): Merge conflict in src/a.rs\n"),
        "{}",
        text(&conflict.stdout)
    );
    let json = run(&repo, &["ours", "theirs", "--json"]);
    let shown: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!((&shown["status"], &shown["conflicts"][0]["questions"][0]["symbol"]), (&"conflict".into(), &"one".into()), "{shown}");
    assert_eq!(shown["files"].as_array().map(Vec::len), Some(3));
}

#[test]
fn in_a_folder_of_the_checkout_names_are_seen_from_there() {
    let repo = repository([
        &world(&[("d/e/a", "a\n"), ("b", "b\n")]),
        &world(&[("d/e/a", "x\n"), ("b", "x\n")]),
        &world(&[("d/e/a", "y\n"), ("b", "y\n")]),
    ]);
    repo.git(&["checkout", "-q", "ours"]);
    let folder = repo.path().join("d/e");
    let args = ["merge-tree", "--no-messages", "ours", "theirs"];
    let git = acetate_testing::git_command(&folder).args(args).output().expect("git runs");
    let own = acetate(&folder).args(args).output().expect("it runs");
    assert_eq!(text(&own.stdout), text(&git.stdout));
}
