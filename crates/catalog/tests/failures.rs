//! When the storage fails: told apart, nothing half done, and back at work without a restart.

use acetate_catalog::conformance::{dump, samples};
use acetate_catalog::{Applied, Batch, Catalog, CatalogError, SqliteCatalog, SqliteOptions, Write};
use acetate_types::Classify;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const FOLDER: &str = "ACETATE_TEST_FAILURES";

fn options() -> SqliteOptions {
    SqliteOptions { busy_timeout: Duration::from_millis(20), ..SqliteOptions::default() }
}

fn create(folder: &Path) -> (SqliteCatalog, PathBuf) {
    let path = folder.join("catalog.sqlite");
    let catalog = SqliteCatalog::create(&path, &options(), &samples::identity()).expect("a catalog");
    apply(&catalog, [Write::CreateWorkspace(samples::workspace(1))]).expect("it works");
    (catalog, path)
}

fn apply(catalog: &SqliteCatalog, writes: impl IntoIterator<Item = Write>) -> Result<Applied, CatalogError> {
    Ok(catalog.apply(&[Batch::new(writes)])?.remove(0).expect("nothing stands against it"))
}

fn big(n: u8) -> Vec<Write> {
    let payload = json!("x".repeat(200_000));
    let mut event = samples::event(1, n);
    event.payload = payload;
    vec![Write::AddEvent(samples::event(1, n)), Write::AddEvent(event), Write::AddOperation(samples::operation(1, None))]
}

fn code(error: &CatalogError) -> String {
    error.problem().code.into_owned()
}

#[test]
fn a_full_disk_rejects_whole_groups_and_ends_when_there_is_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let (catalog, path) = create(folder.path());
    catalog.set_max_bytes(Some(400_000)).expect("a bound");
    apply(&catalog, big(1)).expect("it fits");
    let before = dump(&catalog);
    for _ in 0..3 {
        // The small batches of the group fit; they fail with the big one.
        let small = || Batch::new([Write::AddEvent(samples::event(1, 2))]);
        let error = catalog.apply(&[small(), Batch::new(big(2)), Batch::new(big(3)), small()]).expect_err("it is full");
        assert!(matches!(error, CatalogError::DiskFull(_)), "{error}");
        assert_eq!(code(&error), "disk_full");
        assert_eq!(dump(&catalog), before, "nothing took effect, and reads go on");
    }
    assert_eq!(apply(&catalog, [Write::AddEvent(samples::event(1, 4))]).expect("this fits").events, [3]);
    catalog.set_max_bytes(None).expect("no bound");
    assert_eq!(apply(&catalog, big(5)).expect("there is room").events, [4, 5]);
    let after = dump(&catalog);
    drop(catalog);
    let bounded = SqliteOptions { max_bytes: Some(1), ..options() };
    let catalog = SqliteCatalog::open(&path, &bounded).expect("a bound below its size lets it open");
    assert_eq!(dump(&catalog), after);
    assert!(matches!(apply(&catalog, big(6)).expect_err("it is full"), CatalogError::DiskFull(_)));
    assert_eq!(catalog.integrity().expect("integrity"), Vec::<String>::new());
}

#[test]
fn a_foreign_writer_is_waited_for_then_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let (catalog, path) = create(folder.path());
    let foreign = rusqlite::Connection::open(&path).expect("it opens");
    foreign.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    let error = apply(&catalog, big(1)).expect_err("it is locked");
    assert!(matches!(error, CatalogError::Busy(_)), "{error}");
    assert_eq!(code(&error), "busy");
    assert_eq!(catalog.last_event(&samples::workspace_id(1)).expect("reads go on"), 0);
    foreign.execute_batch("ROLLBACK").expect("free");
    assert_eq!(apply(&catalog, big(1)).expect("it works").events, [1, 2]);
}

/// Not a test of its own: runs where a write beyond the file size limit is an error instead of a signal.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let (catalog, path) = create(Path::new(&folder));
    let before = dump(&catalog);
    let free = getrlimit(Resource::Fsize);
    let limit = |bytes| setrlimit(Resource::Fsize, Rlimit { current: bytes, ..free }).expect("a soft limit");
    for round in 1..=3 {
        limit(Some(120_000));
        // Writing the log fails in the middle of the commit.
        let error = apply(&catalog, big(round)).expect_err("it can't be written");
        assert!(matches!(error.cause(), CatalogError::Io(_) | CatalogError::DiskFull(_)), "{error}");
        assert!(error.in_doubt(), "{error}");
        limit(free.current);
        assert_eq!(dump(&catalog), before);
    }
    // The outcome is settled by an empty group; what failed stays away, also after a restart.
    assert_eq!(catalog.apply(&[]).expect("it works again"), []);
    drop(catalog);
    let catalog = SqliteCatalog::open(&path, &options()).expect("it opens");
    assert_eq!(dump(&catalog), before);
    assert_eq!(apply(&catalog, big(9)).expect("it works").events, [1, 2]);
    assert_eq!(catalog.integrity().expect("integrity"), Vec::<String>::new());
    println!("child is through");
}

#[test]
fn a_failed_commit_is_in_doubt_until_the_next_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = Command::new("sh")
        .args(["-c", r#"trap '' XFSZ; exec "$0" --exact child --nocapture"#])
        .arg(std::env::current_exe().expect("this program"))
        .env(FOLDER, folder.path())
        .output()
        .expect("a child");
    let told = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success() && told.contains("child is through"), "{told}\n{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn damage_is_told_not_believed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (catalog, path) = create(folder.path());
    for n in 0..20 {
        apply(&catalog, big(n)).expect("it works");
    }
    catalog.checkpoint().expect("all in one file");
    drop(catalog);
    let whole = std::fs::read(&path).expect("the file");
    // Every page but the first is overwritten.
    let mut damaged = whole.clone();
    damaged[4096..].fill(0xa5);
    std::fs::write(&path, &damaged).expect("the damage");
    let told = SqliteCatalog::open(&path, &options()).and_then(|catalog| {
        assert!(!catalog.integrity().map_or(true, |findings| findings.is_empty()));
        catalog.events(&samples::workspace_id(1), 0, 100)
    });
    let error = told.expect_err("it is damaged");
    assert!(matches!(error, CatalogError::Corrupt(_)), "{error}");
    assert_eq!(code(&error), "corrupt");
    // A file cut short.
    std::fs::write(&path, &whole[..whole.len() / 2]).expect("the damage");
    let told = SqliteCatalog::open(&path, &options()).and_then(|catalog| catalog.integrity());
    assert!(told.map_or(true, |findings| !findings.is_empty()));
}

#[test]
fn laws_that_sqlite_does_not_know_are_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let (catalog, path) = create(folder.path());
    apply(&catalog, big(1)).expect("it works");
    apply(&catalog, [1, 2, 3].map(|number| Write::AddVersion(samples::version(1, number, 2)))).expect("it works");
    let foreign = rusqlite::Connection::open(&path).expect("it opens");
    foreign.execute_batch("DELETE FROM events WHERE number = 1; DELETE FROM versions WHERE number = 2").expect("the damage");
    let of = samples::workspace_id(1);
    assert_eq!(catalog.integrity().expect("integrity"), [format!("versions of {of} have gaps"), format!("events of {of} have gaps")]);
    foreign.execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM workspaces").expect("the damage");
    assert!(catalog.integrity().expect("integrity").iter().any(|finding| finding.contains("without its workspaces")));
    // A value that this code never writes.
    foreign.execute_batch("PRAGMA ignore_check_constraints = ON; UPDATE versions SET commit_id = x'00'").expect("the damage");
    assert!(matches!(catalog.version(&of, 1), Err(CatalogError::Corrupt(_))));
    assert_eq!(catalog.last_event(&of).expect("other reads go on"), 2);
}

#[test]
fn other_files_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file");
    let open = || SqliteCatalog::open(&path, &options()).map(drop);
    let create = || SqliteCatalog::open_or_create(&path, &options(), &samples::identity()).map(drop);
    assert!(matches!(open(), Err(CatalogError::NotFound(_))));
    assert!(!path.exists());
    // An empty file is a creation cut short.
    std::fs::write(&path, b"").expect("a file");
    assert!(matches!(open(), Err(CatalogError::NotFound(_))));
    create().expect("the creation is done again");
    open().expect("it is a catalog now");
    assert!(SqliteCatalog::create(&path, &options(), &samples::identity()).is_err(), "never over another");

    let foreign = rusqlite::Connection::open(&path).expect("it opens");
    foreign.execute_batch("PRAGMA user_version = 999").expect("a newer schema");
    let newer = open().expect_err("too new");
    assert!(matches!(newer, CatalogError::SchemaNewer { found: 999, .. }), "{newer}");
    foreign.execute_batch("PRAGMA application_id = 7").expect("another program's");
    drop(foreign);
    for content in [std::fs::read(&path).expect("the file"), vec![b'x'; 5000]] {
        std::fs::write(&path, &content).expect("a file");
        for refused in [open(), create()] {
            let error = refused.expect_err("not a catalog");
            assert!(matches!(error, CatalogError::Foreign(_) | CatalogError::Corrupt(_)), "{error}");
        }
        assert_eq!(std::fs::read(&path).expect("the file"), content);
    }
}

#[test]
fn nobody_else_may_read_it_and_a_copy_neither() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let (catalog, path) = create(folder.path());
    catalog.backup(&folder.path().join("copy")).expect("a copy");
    for name in ["catalog.sqlite", "catalog.sqlite-wal", "copy"] {
        let mode = std::fs::metadata(path.with_file_name(name)).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
