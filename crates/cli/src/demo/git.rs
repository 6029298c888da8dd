//! Running the stock `git` as a person would, apart from this process's own repository variables.

use crate::client::Failure;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

/// A `git` in this folder that asks nothing and does not inherit which repository is meant.
pub fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"GIT_") {
            command.env_remove(name);
        }
    }
    command.current_dir(folder).env("GIT_TERMINAL_PROMPT", "0");
    command
}

/// Runs it and gives what it printed.
///
/// # Errors
/// With what it said, when it fails.
pub fn output<S: AsRef<OsStr>>(mut command: Command, args: &[S]) -> Result<String, Failure> {
    let output = command.args(args).output().map_err(|error| Failure::unexpected(format!("git does not run: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let name = args.first().map(|arg| arg.as_ref().to_string_lossy().into_owned()).unwrap_or_default();
        return Err(Failure::unexpected(format!("git {name} failed: {}", said.trim())));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
