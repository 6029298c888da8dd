//! Folders at which sessions are mounted.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Whether this machine lets the tests mount at all; says so if not.
pub fn possible() -> bool {
    static TRIED: OnceLock<Result<(), String>> = OnceLock::new();
    let tried = TRIED.get_or_init(|| {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        drop(acetate_mount::mount(folder.path(), "probe").map_err(|error| error.to_string())?);
        acetate_mount::unmount(folder.path(), true).map_err(|error| error.to_string())
    });
    if let Err(error) = tried {
        eprintln!("skipped: this machine can't mount: {error}");
    }
    tried.is_ok()
}

/// Whether something is mounted there.
pub fn mounted(folder: &Path) -> bool {
    mounted_of(|at, _| at == folder).is_some()
}

/// Where a session is mounted.
pub fn folder_of(session: &str) -> Option<PathBuf> {
    mounted_of(|_, of| of == session)
}

fn mounted_of(wanted: impl Fn(&Path, &str) -> bool) -> Option<PathBuf> {
    let mounts = acetate_mount::mounted().expect("listed");
    mounts.into_iter().find(|(folder, session)| wanted(folder, session)).map(|(folder, _)| folder)
}

/// Waits until something holds.
pub fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < end, "{what} takes too long");
        std::thread::sleep(Duration::from_millis(20));
    }
}
