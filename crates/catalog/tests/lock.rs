//! One holder at a time, also among processes, and no holder once its process is dead.

use acetate_catalog::{LockError, StoreLock};
use acetate_types::Classify;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const FOLDER: &str = "ACETATE_TEST_LOCK";

/// Not a test of its own: a process that takes the lock and keeps it until its input ends.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let lock = StoreLock::acquire(Path::new(&folder), 42);
    println!("took {}", lock.is_ok());
    std::io::stdout().flush().expect("the parent reads");
    std::io::stdin().lines().for_each(drop);
}

fn spawn(folder: &Path) -> (Child, bool) {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "child", "--nocapture"])
        .env(FOLDER, folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let took = lines.map_while(Result::ok).find_map(|line| Some(line.split_once("took ")?.1 == "true"));
    (child, took.expect("the child says whether it took the lock"))
}

#[test]
fn a_second_process_is_refused_until_the_first_is_dead() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut first, took) = spawn(folder.path());
    assert!(took);
    match StoreLock::acquire(folder.path(), 1) {
        Err(error @ LockError::Held { pid, started, .. }) => {
            assert_eq!((pid, started), (Some(first.id()), Some(42)));
            assert_eq!(error.problem().code, "store_in_use");
        }
        other => panic!("{other:?}"),
    }
    let (mut second, took) = spawn(folder.path());
    assert!(!took);
    first.kill().expect("it dies");
    first.wait().expect("it is dead");
    let lock = StoreLock::acquire(folder.path(), 1).expect("the lock is free");
    assert!(matches!(StoreLock::acquire(folder.path(), 2), Err(LockError::Held { started: Some(1), .. })), "this process counts, too");
    drop(lock);
    assert!(StoreLock::acquire(folder.path(), 3).is_ok());
    second.kill().expect("it dies");
    second.wait().expect("it is dead");
}

#[test]
fn a_strange_note_does_no_harm_and_a_missing_folder_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let lock = StoreLock::acquire(folder.path(), 1).expect("free");
    for note in [&b""[..], b"{", b"\xff\xff", &[b'7'; 100_000]] {
        std::fs::write(lock.path(), note).expect("anybody may write it");
        assert!(matches!(StoreLock::acquire(folder.path(), 2), Err(LockError::Held { pid: None, started: None, .. })));
    }
    drop(lock);
    assert!(StoreLock::acquire(folder.path(), 3).is_ok());
    assert!(matches!(StoreLock::acquire(&folder.path().join("none"), 1), Err(LockError::Io { .. })));
}
