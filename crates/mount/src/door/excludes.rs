//! The global excludes of whoever mounts: what their `core.excludesFile` names, in all repositories. The daemon can't know whose home is
//! meant; so they are read by the asking side and passed on.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The longest text that is passed on, in bytes; of a longer one nothing is.
pub(super) const LONGEST: u64 = 256 << 10;

/// The text, empty where there is none.
pub fn global() -> String {
    let file = configured().or_else(usual);
    let small = |file: &PathBuf| file.metadata().is_ok_and(|meta| meta.is_file() && meta.len() <= LONGEST);
    let text = file.filter(small).and_then(|file| std::fs::read(file).ok()).unwrap_or_default();
    String::from_utf8_lossy(&text).into_owned()
}

/// What the person's own configuration, or the machine's, names. No repository's is read: the current folder may be anybody's.
fn configured() -> Option<PathBuf> {
    let mut git = Command::new("git");
    git.args(["config", "--type=path", "--get", "core.excludesFile"]).current_dir("/").stdin(Stdio::null()).stderr(Stdio::null());
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"] {
        git.env_remove(name);
    }
    let output = git.output().ok().filter(|output| output.status.success())?;
    let named = String::from_utf8(output.stdout).ok()?;
    let named = named.trim_end_matches('\n');
    // Named as nothing, there are none, not the usual ones either.
    Some(PathBuf::from(named))
}

/// Where Git looks when nothing is configured.
fn usual() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")))?;
    Some(config.join(Path::new("git/ignore")))
}
