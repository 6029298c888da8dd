//! `git status` looks only at what changed, and says what it would say if it looked at everything.

use crate::common::{Mount, at, possible};
use acetate_engine::api::{CommitTurn, WriteFile};
use acetate_testing::git_command;
use proptest::prelude::*;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::time::{Duration, SystemTime};

const BASE: [(&str, &str); 8] = [
    ("a.txt", "alpha\n"),
    ("d/b.txt", "beta\n"),
    ("d/e/c.txt", "gamma\n"),
    ("d/e/f/g.txt", "delta\n"),
    ("h/i.txt", "eta\n"),
    ("h.d/j.txt", "theta\n"),
    (".gitignore", "out/\n*.o\n"),
    ("d/.gitignore", "# nothing\n"),
];
/// Names of the base, new ones, ignored ones.
const NAMES: [&str; 16] = [
    "a.txt",
    "d/b.txt",
    "d/e/c.txt",
    "d/e/f/g.txt",
    "h/i.txt",
    "new",
    "d/new",
    "d/e/new",
    "n/ew",
    "n/o/w",
    "x.o",
    "d/x.o",
    "out/g",
    "out/s/t",
    ".gitignore",
    "d/.gitignore",
];
const FOLDERS: [&str; 8] = ["d", "d/e", "d/e/f", "h", "n", "out", "out/s", "m"];
const TEXTS: [&str; 5] = ["alpha\n", "ALPHA\n", "out/\n", "*.txt\n", ""];

#[derive(Debug, Clone)]
enum Step {
    Write(usize, usize),
    Append(usize),
    Executable(usize, bool),
    Remove(usize),
    Rename(usize, usize),
    Link(usize),
    MakeFolder(usize),
    RemoveFolder(usize),
    MoveFolder(usize, usize),
    Elsewhere(usize, Option<usize>),
    /// A turn that another door ends.
    Turn,
    Git(&'static str),
    AddIgnored(usize),
    Status,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (name, folder, text) = (0..NAMES.len(), 0..FOLDERS.len(), 0..TEXTS.len());
    let git = proptest::sample::select(&[
        "add -A",
        "commit -qam all",
        "stash -q",
        "stash pop -q",
        "checkout -q -- .",
        "reset -q --hard",
        "rm -qf a.txt",
        "clean -fdq",
    ]);
    let step = prop_oneof![
        6 => (name.clone(), text.clone()).prop_map(|(name, text)| Step::Write(name, text)),
        2 => name.clone().prop_map(Step::Append),
        1 => (name.clone(), any::<bool>()).prop_map(|(name, executable)| Step::Executable(name, executable)),
        3 => name.clone().prop_map(Step::Remove),
        3 => (name.clone(), name.clone()).prop_map(|(from, to)| Step::Rename(from, to)),
        1 => name.clone().prop_map(Step::Link),
        1 => folder.clone().prop_map(Step::MakeFolder),
        1 => folder.clone().prop_map(Step::RemoveFolder),
        2 => (folder.clone(), folder).prop_map(|(from, to)| Step::MoveFolder(from, to)),
        3 => (name.clone(), proptest::option::weighted(0.7, text)).prop_map(|(name, text)| Step::Elsewhere(name, text)),
        1 => Just(Step::Turn),
        3 => git.prop_map(Step::Git),
        1 => name.prop_map(Step::AddIgnored),
        6 => Just(Step::Status),
    ];
    proptest::collection::vec(step, 1..40)
}

/// What `git status` says; with `all` after it looked at everything, and without leaving a trace.
fn status(mount: &Mount, all: bool) -> String {
    let mut git = git_command(&mount.folder);
    if all {
        git.env("GIT_OPTIONAL_LOCKS", "0").args(["-c", "core.fsmonitor=false", "-c", "core.untrackedCache=false"]);
    }
    let output = git.args(["status", "--porcelain"]).output().expect("git");
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn apply(mount: &Mount, step: &Step) {
    let path = |name: &usize| mount.path(NAMES[*name]);
    let folder = |folder: &usize| mount.path(FOLDERS[*folder]);
    // What can't be done is not done; neither does Git see it then.
    match step {
        Step::Write(name, text) => {
            let _ = fs::create_dir_all(path(name).parent().expect("below"));
            let _ = fs::write(path(name), TEXTS[*text]);
        }
        Step::Append(name) => {
            let file = fs::OpenOptions::new().append(true).open(path(name));
            let _ = file.and_then(|mut file| file.write_all(b"more\n"));
        }
        Step::Executable(name, executable) => {
            let _ = fs::set_permissions(path(name), fs::Permissions::from_mode(if *executable { 0o755 } else { 0o644 }));
        }
        Step::Remove(name) => drop(fs::remove_file(path(name))),
        Step::Rename(from, to) => drop(fs::rename(path(from), path(to))),
        Step::Link(name) => {
            let _ = fs::remove_file(path(name));
            let _ = symlink("a.txt", path(name));
        }
        Step::MakeFolder(name) => drop(fs::create_dir_all(folder(name))),
        Step::RemoveFolder(name) => drop(fs::remove_dir_all(folder(name))),
        Step::MoveFolder(from, to) => drop(fs::rename(folder(from), folder(to))),
        Step::Elsewhere(name, Some(text)) => {
            let content = acetate_types::Text(TEXTS[*text].as_bytes().to_vec().into());
            let _ = mount.session.write(WriteFile { path: at(NAMES[*name]), content, mode: None, expect: None });
        }
        Step::Elsewhere(name, None) => drop(mount.session.delete(&at(NAMES[*name]), None)),
        Step::Turn => drop(mount.session.commit(CommitTurn { message: None }, None)),
        Step::Git(args) => drop(git_command(&mount.folder).args(args.split(' ')).output().expect("git")),
        Step::AddIgnored(name) => drop(git_command(&mount.folder).args(["add", "-f", NAMES[*name]]).output().expect("git")),
        Step::Status => assert_eq!(status(mount, false), status(mount, true)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: std::env::var("CASES").map_or(16, |c| c.parse().unwrap()), max_shrink_iters: 200, ..ProptestConfig::default() })]
    #[test]
    fn it_says_what_it_would_say_if_it_looked_at_everything(steps in steps()) {
        if possible() {
            let mount = Mount::new(&BASE);
            for step in &steps {
                apply(&mount, step);
            }
            prop_assert_eq!(status(&mount, false), status(&mount, true));
        }
    }
}

#[test]
fn what_was_put_back_after_a_turn_is_a_change() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[("a.txt", "one\n")]);
    fs::write(mount.path("a.txt"), "two\n").expect("written");
    mount.session.commit(CommitTurn { message: None }, None).expect("committed");
    assert_eq!(status(&mount, true), "");
    fs::write(mount.path("a.txt"), "one\n").expect("written");
    // Long enough ago that its time alone tells.
    let file = fs::File::options().write(true).open(mount.path("a.txt")).expect("opened");
    file.set_modified(SystemTime::now() - Duration::from_secs(3600)).expect("set");
    drop(file);
    fs::remove_file(mount.path(".git/index")).expect("removed");
    assert_eq!(status(&mount, true), " M a.txt\n");
    assert_eq!(status(&mount, false), " M a.txt\n");
}

/// The calls of `git status` by which it looks at the work tree.
fn looks(mount: &Mount) -> Option<Vec<String>> {
    let trace = mount.repo.beside("trace");
    let strace = std::process::Command::new("strace").arg("-V").output();
    if !strace.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: this machine has no strace");
        return None;
    }
    let git = git_command(&mount.folder);
    let program = git.get_program().to_owned();
    let mut traced = std::process::Command::new("strace");
    traced.args(["-f", "-e", "trace=file", "-o"]).arg(&trace).arg(program).args(["status", "--porcelain"]);
    traced.current_dir(&mount.folder).env_clear().envs(git.get_envs().filter_map(|(key, value)| Some((key, value?))));
    assert!(traced.output().expect("git").status.success());
    let calls = fs::read_to_string(&trace).expect("traced");
    let named = |line: &&str| line.contains("\"d") || line.contains("\"h") || line.contains(".txt");
    Some(calls.lines().filter(named).map(str::to_owned).collect())
}

#[test]
fn it_looks_at_what_changed_only() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&BASE);
    let Some(looks_first) = looks(&mount) else { return };
    // But for what it has to know of them.
    let other = |calls: &[String]| calls.iter().filter(|call| !call.contains("/.git")).cloned().collect::<Vec<_>>();
    assert_eq!(other(&looks_first), Vec::<String>::new());
    assert_eq!(status(&mount, false), "");
    fs::write(mount.path("d/e/c.txt"), "changed\n").expect("written");
    let Some(looks_again) = looks(&mount) else { return };
    assert!(other(&looks_again).iter().all(|call| !call.contains("h") || !call.contains("g.txt")), "{looks_again:?}");
    assert!(looks_again.iter().any(|call| call.contains("d/e/c.txt")), "{looks_again:?}");
    assert_eq!(status(&mount, false), " M d/e/c.txt\n");
}

#[test]
fn what_is_written_past_the_mount_is_seen() {
    if !possible() {
        return;
    }
    // A file that is ignored and yet in Git's index: the kernel writes it without asking anybody.
    let mount = Mount::new(&BASE);
    fs::create_dir(mount.path("out")).expect("made");
    fs::write(mount.path("out/kept"), "one\n").expect("written");
    assert!(git_command(&mount.folder).args(["add", "-f", "out/kept"]).status().expect("git").success());
    assert_eq!(status(&mount, false), "A  out/kept\n");
    let mut file = fs::OpenOptions::new().write(true).open(mount.path("out/kept")).expect("opened");
    file.write_all(b"two, and more\n").expect("written");
    assert_eq!(status(&mount, false), "AM out/kept\n");
    assert_eq!(status(&mount, false), "AM out/kept\n");
    file.write_all(b"three\n").expect("written");
    drop(file);
    assert!(git_command(&mount.folder).args(["add", "-f", "out/kept"]).status().expect("git").success());
    assert_eq!(status(&mount, false), "A  out/kept\n");
    // By another name of it too, which it had first.
    fs::write(mount.path("x.o"), "one\n").expect("written");
    fs::hard_link(mount.path("x.o"), mount.path("out/linked")).expect("linked");
    assert!(git_command(&mount.folder).args(["add", "-f", "out/linked"]).status().expect("git").success());
    // Longer than what was noted before a mark is told again.
    std::thread::sleep(Duration::from_secs(6));
    assert_eq!(status(&mount, false), "A  out/kept\nA  out/linked\n");
    fs::write(mount.path("x.o"), "two, by the other name\n").expect("written");
    assert_eq!(status(&mount, false), "A  out/kept\nAM out/linked\n");
}

#[test]
fn what_takes_a_files_place_is_seen_also_with_its_size_and_time() {
    if !possible() {
        return;
    }
    let same = [("a", "one\n"), ("b", "two\n"), ("c", "thr\n"), ("d", "fou\n")];
    for look in [false, true] {
        let mount = Mount::new(&same);
        assert_eq!(status(&mount, false), "");
        fs::rename(mount.path("b"), mount.path("a")).expect("renamed");
        let exchange = rustix::fs::RenameFlags::EXCHANGE;
        rustix::fs::renameat_with(rustix::fs::CWD, mount.path("c"), rustix::fs::CWD, mount.path("d"), exchange).expect("exchanged");
        assert_eq!(status(&mount, look), " M a\n D b\n M c\n M d\n");
        assert!(git_command(&mount.folder).args(["checkout", "-q", "--", "."]).status().expect("git").success());
        assert_eq!(fs::read_to_string(mount.path("a")).expect("read"), "one\n");
        // Somebody copies times too.
        let time = fs::metadata(mount.path("c")).expect("there").modified().expect("a time");
        fs::write(mount.path("d"), "thr\n").expect("written");
        fs::File::options().write(true).open(mount.path("d")).expect("opened").set_modified(time).expect("set");
        assert_eq!(status(&mount, look), " M d\n");
    }
}

#[test]
fn what_came_while_nothing_was_mounted_is_seen() {
    if !possible() {
        return;
    }
    let mut mount = Mount::new(&[("a/old", "old\n"), ("b", "b\n")]);
    assert_eq!(status(&mount, false), "");
    acetate_mount::unmount(&mount.folder, false).expect("unmounted");
    mount.mounted.wait(Duration::from_secs(10));
    for path in ["a/new", "n/e/w", "n/e/x"] {
        let content = acetate_types::Text(b"new\n".to_vec().into());
        mount.session.write(WriteFile { path: at(path), content, mode: None, expect: None }).expect("written");
    }
    mount.mounted = crate::common::serve(&mount.engine, &mount.session, &mount.folder, &mount.scratch);
    assert_eq!(status(&mount, false), "?? a/new\n?? n/\n");
    assert_eq!(status(&mount, true), "?? a/new\n?? n/\n");
    // And what comes beside them afterwards.
    let content = acetate_types::Text(b"new\n".to_vec().into());
    mount.session.delete(&at("n/e/w"), None).expect("deleted");
    mount.session.delete(&at("n/e/x"), None).expect("deleted");
    mount.session.write(WriteFile { path: at("a/m/n"), content, mode: None, expect: None }).expect("written");
    assert_eq!(status(&mount, false), "?? a/m/\n?? a/new\n");
}

#[test]
fn elsewhere_git_looks_at_everything() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&BASE);
    assert_eq!(status(&mount, false), "");
    // A work tree of the agent's own has the same configuration, but nobody who answers.
    let other = mount.repo.beside("other");
    let add = git_command(&mount.folder).args(["worktree", "add", "-q"]).arg(&other).arg("HEAD").output().expect("git");
    assert!(add.status.success(), "{}", String::from_utf8_lossy(&add.stderr));
    fs::write(other.join("a.txt"), "changed\n").expect("written");
    for _ in 0..2 {
        let said = git_command(&other).args(["status", "--porcelain"]).output().expect("git");
        assert_eq!((&said.stdout[..], &said.stderr[..]), (&b" M a.txt\n"[..], &b""[..]), "{}", String::from_utf8_lossy(&said.stderr));
    }
    // The name by which Git asks can be read by who knows it, and is in no listing.
    assert_eq!(fs::read(mount.path(".git/acetate-changed-since-0")).expect("read").last_chunk::<3>(), Some(b"\0/\0"));
    assert!(
        fs::read_dir(mount.path(".git")).expect("listed").all(|entry| !entry.expect("one").file_name().to_string_lossy().contains("since"))
    );
}
