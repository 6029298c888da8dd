//! A process that dies at any moment loses nothing it acknowledged and leaves no half batch.
//!
//! The test runs itself as a child that applies groups and prints each number it was told is durable; the child is killed
//! (SIGKILL), and the catalog opened and looked through. All rounds share one catalog, so each also recovers from the one before.

use acetate_catalog::conformance::samples;
use acetate_catalog::{Batch, Catalog, Expected, SqliteCatalog, SqliteOptions, Write};
use acetate_types::Text;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const PATH: &str = "ACETATE_TEST_CATALOG";
const ROUNDS: u64 = 25;

fn open(path: &Path) -> SqliteCatalog {
    SqliteCatalog::open_or_create(path, &SqliteOptions::default(), &samples::identity()).expect("it opens")
}

fn landing(number: u64) -> Batch {
    let (n, commit) = (1, (number % 251) as u8);
    let name = Text::from("refs/heads/main");
    Batch::new([
        Write::MoveRef { workspace: samples::workspace_id(n), name, expected: Expected::Any, target: Some(samples::object(commit)) },
        Write::AddOperation(samples::operation(n, None)),
        Write::AddEvent(samples::event(n, commit)),
        Write::AddVersion(samples::version(n, number, commit)),
        Write::AddEvent(samples::event(n, commit)),
    ])
}

/// Not a test of its own: what the child runs.
#[test]
fn child() {
    let Some(path) = std::env::var_os(PATH) else { return };
    let catalog = open(Path::new(&path));
    let first = Batch::new([Write::CreateWorkspace(samples::workspace(1))]);
    catalog.apply(&[first]).expect("it works");
    let mut next = catalog.last_version(&samples::workspace_id(1)).expect("read").map_or(0, |last| last.number) + 1;
    loop {
        // Groups of one to four batches; the last one of each group is refused.
        let count = next % 4 + 1;
        let mut group: Vec<_> = (next..next + count).map(landing).collect();
        group.push(landing(next));
        let answers = catalog.apply(&group).expect("it works");
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count() as u64, count);
        next += count;
        let mut out = std::io::stdout().lock();
        writeln!(out, "durable {}", next - 1).and_then(|()| out.flush()).expect("the parent reads");
    }
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_half_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("catalog.sqlite");
    let mut random: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut acknowledged = 0;
    for round in 0..ROUNDS {
        // xorshift: delays that differ, the same in every run.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        acknowledged = kill_after(&path, Duration::from_micros(random % 60_000), round % 5 != 0).max(acknowledged);
        check(&path, acknowledged);
    }
    assert!(acknowledged > ROUNDS, "the children got to work");
}

/// The last number that a child acknowledged before it was killed; 0 for none.
fn kill_after(path: &Path, delay: Duration, once_at_work: bool) -> u64 {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "child", "--nocapture"])
        .env(PATH, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let number = |line: std::io::Result<String>| line.ok()?.rsplit_once("durable ")?.1.parse().ok();
    // Some children die while they open the catalog, the others while they write to it.
    let first = if once_at_work { lines.by_ref().find_map(number) } else { None };
    std::thread::sleep(delay);
    child.kill().expect("it dies");
    child.wait().expect("it is dead");
    // What is still in the pipe was acknowledged, too.
    lines.filter_map(number).last().or(first).unwrap_or(0)
}

fn check(path: &Path, acknowledged: u64) {
    let catalog = open(path);
    let of = samples::workspace_id(1);
    let last = catalog.last_version(&of).expect("read").map_or(0, |last| last.number);
    assert!(last >= acknowledged, "v{acknowledged} was acknowledged, v{last} is there");
    assert_eq!(catalog.integrity().expect("integrity"), Vec::<String>::new());
    assert_eq!(catalog.last_event(&of).expect("read"), last * 2);
    let operations = catalog.operations(&of, None, 1).expect("read");
    assert_eq!(operations.first().map_or(0, |newest| newest.number), last);
    let head = catalog.reference(&of, b"refs/heads/main").expect("read").map(|found| found.target);
    assert_eq!(head, (last > 0).then(|| samples::object((last % 251) as u8)));
}
