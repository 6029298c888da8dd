//! `setup git-merge`, and Git merging with it.

use crate::folder::{acetate, text};
use acetate_testing::{GitRepo, git_command};
use acetate_types::ObjectFormat;
use std::path::Path;
use std::process::Output;

const BASE: &str = "fn one() {\n    1;\n}\n";

fn run(repo: &GitRepo, args: &[&str]) -> Output {
    let output = acetate(repo.path()).args(args).output().expect("it runs");
    assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    output
}

fn state(repo: &GitRepo) -> (Vec<u8>, Option<Vec<u8>>) {
    let git = repo.path().join(".git");
    (std::fs::read(git.join("config")).expect("a file"), std::fs::read(git.join("info/attributes")).ok())
}

/// Two branches, each of which adds a function at the same place.
fn diverged(repo: &GitRepo, ours: &str, theirs: &str) {
    repo.write("src/lib.rs", BASE);
    repo.write("notes.txt", "a\n");
    repo.commit("Begin");
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.write("src/lib.rs", theirs);
    repo.commit("Theirs");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("src/lib.rs", ours);
    repo.commit("Ours");
}

fn source(repo: &GitRepo) -> String {
    std::fs::read_to_string(repo.path().join("src/lib.rs")).expect("a file")
}

#[test]
fn setting_up_twice_is_once_and_removing_leaves_every_byte_as_it_was() {
    for attributes in [None, Some(""), Some("*.md text"), Some("# mine\n*.rs diff=rust\n")] {
        let repo = GitRepo::new(ObjectFormat::Sha1);
        let file = repo.path().join(".git/info/attributes");
        match attributes {
            Some(attributes) => std::fs::write(&file, attributes).expect("a file"),
            None => drop(std::fs::remove_file(&file)),
        }
        let before = state(&repo);
        run(&repo, &["setup", "git-merge"]);
        let during = state(&repo);
        assert_ne!(during, before);
        assert!(text(&run(&repo, &["setup", "git-merge"]).stdout).contains("nothing to do"));
        assert_eq!(state(&repo), during);
        let answer = repo.git(&["check-attr", "merge", "src/lib.rs", "notes.txt"]);
        assert_eq!(answer, "src/lib.rs: merge: acetate\nnotes.txt: merge: unspecified");
        run(&repo, &["setup", "git-merge", "--remove"]);
        assert_eq!(state(&repo), before, "{attributes:?}");
        assert!(text(&run(&repo, &["setup", "git-merge", "--remove"]).stdout).contains("nothing to do"));
    }
}

#[test]
fn what_is_in_the_file_wins_over_what_is_added() {
    let repo = GitRepo::new(ObjectFormat::Sha1);
    std::fs::write(repo.path().join(".git/info/attributes"), "generated.rs merge=ours\n").expect("a file");
    repo.write(".gitattributes", "lock.rs -merge\n");
    repo.write("lock.rs", "");
    repo.commit("Begin");
    let warned = run(&repo, &["setup", "git-merge"]);
    assert!(text(&warned.stderr).contains("lock.rs"), "{}", text(&warned.stderr));
    assert!(run(&repo, &["setup", "git-merge"]).stderr.windows(7).all(|word| word != b"lock.rs"));
    assert_eq!(repo.git(&["check-attr", "merge", "generated.rs"]), "generated.rs: merge: ours");
}

#[test]
fn git_merge_and_git_rebase_merge_by_symbols() {
    for args in [&["merge", "-q", "--no-edit", "topic"][..], &["rebase", "-q", "topic"], &["cherry-pick", "topic"]] {
        let repo = GitRepo::new(ObjectFormat::Sha1);
        let (ours, theirs) = (format!("{BASE}\nfn two() {{\n    2;\n}}\n"), format!("{BASE}\nfn three() {{\n    3;\n}}\n"));
        diverged(&repo, &ours, &theirs);
        assert!(!repo.try_git(args).status.success(), "git alone has a conflict");
        repo.git(&[args[0], "--abort"]);
        run(&repo, &["setup", "git-merge"]);
        let output = repo.try_git(args);
        assert!(output.status.success(), "{args:?}: {}{}", text(&output.stdout), text(&output.stderr));
        let merged = source(&repo);
        assert!(["fn one", "fn two", "fn three"].iter().all(|name| merged.contains(name)) && !merged.contains("<<<"), "{merged}");
        run(&repo, &["setup", "git-merge", "--remove"]);
    }
}

#[test]
fn a_conflict_is_gits_conflict_with_the_symbols_name() {
    let repo = GitRepo::new(ObjectFormat::Sha1);
    diverged(&repo, &BASE.replace('1', "11"), &BASE.replace('1', "12"));
    run(&repo, &["setup", "git-merge"]);
    let output = repo.try_git(&["merge", "topic"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("CONFLICT (content)"), "{}", text(&output.stdout));
    let merged = source(&repo);
    assert!(merged.contains("<<<<<<< HEAD: one\n") && merged.contains(">>>>>>> topic: one\n"), "{merged}");
    assert_eq!(repo.git(&["ls-files", "-u"]).lines().count(), 3);
}

#[test]
fn without_the_program_git_merges_by_lines() {
    let repo = GitRepo::new(ObjectFormat::Sha1);
    diverged(&repo, &format!("// head\n{BASE}"), &format!("{BASE}// foot\n"));
    run(&repo, &["setup", "git-merge"]);
    let driver = repo.git(&["config", "merge.acetate.driver"]);
    repo.git(&["config", "merge.acetate.driver", &driver.replace(env!("CARGO_BIN_EXE_acetate"), "/nonexistent/acetate")]);
    repo.git(&["merge", "-q", "--no-edit", "topic"]);
    assert_eq!(source(&repo), format!("// head\n{BASE}// foot\n"));
}

#[test]
fn an_error_of_the_driver_stops_the_merge_and_loses_nothing() {
    let repo = GitRepo::new(ObjectFormat::Sha1);
    diverged(&repo, &BASE.replace('1', "11"), &BASE.replace('1', "12"));
    run(&repo, &["setup", "git-merge"]);
    repo.git(&["config", "merge.acetate.driver", &format!("'{}' merge-driver %O /nonexistent %B %L %P", env!("CARGO_BIN_EXE_acetate"))]);
    let output = repo.try_git(&["merge", "topic"]);
    assert!(!output.status.success());
    assert!(source(&repo).contains("11") && repo.git(&["show", "topic:src/lib.rs"]).contains("12"));
}

#[test]
fn for_all_repositories_the_callers_own_files_are_used() {
    let home = tempfile::tempdir().expect("a folder");
    let repo = GitRepo::new(ObjectFormat::Sha1);
    let own = |mut command: std::process::Command| {
        command.current_dir(repo.path()).env("HOME", home.path()).env_remove("GIT_CONFIG_GLOBAL");
        command
    };
    let run = |args: &[&str]| {
        let output = own(acetate(home.path())).args(args).output().expect("it runs");
        assert!(output.status.success(), "{}", text(&output.stderr));
    };
    let config = home.path().join(".gitconfig");
    std::fs::write(&config, "[user]\n\tname = Ada\n").expect("a file");
    run(&["setup", "git-merge", "--global"]);
    assert!(home.path().join(".config/git/attributes").is_file());
    let answer = own(git_command(repo.path())).args(["check-attr", "merge", "a.rs"]).output().expect("git runs");
    assert_eq!(text(&answer.stdout), "a.rs: merge: acetate\n");
    run(&["setup", "git-merge", "--global", "--remove"]);
    assert!(!home.path().join(".config/git/attributes").exists());
    assert_eq!(std::fs::read_to_string(&config).expect("a file"), "[user]\n\tname = Ada\n");

    std::fs::write(&config, "[core]\n\tattributesFile = ~/mine\n").expect("a file");
    run(&["setup", "git-merge", "--global"]);
    assert!(home.path().join("mine").is_file());
    run(&["setup", "git-merge", "--global", "--remove"]);
    assert!(!home.path().join("mine").exists());
}

#[test]
fn outside_a_repository_it_says_so_and_printing_needs_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |args: &[&str]| acetate(folder.path()).env("GIT_CEILING_DIRECTORIES", Path::new("/")).args(args).output().expect("it runs");
    let output = run(&["setup", "git-merge"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("--global"));
    let printed = run(&["setup", "git-merge", "--print"]);
    assert!(text(&printed.stdout).contains("\n*.rs merge=acetate\n"), "{}", text(&printed.stdout));
}
