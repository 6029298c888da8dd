//! Asking the `git` around: with the caller's settings and in the caller's repository, as a `git` typed there would.

use crate::client::Failure;
use acetate_types::{ErrorKind, Problem};
use std::ffi::OsStr;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

/// Runs `git` with standard input, whatever its exit code.
///
/// # Errors
/// When it does not run.
pub fn try_git<S: AsRef<OsStr>>(args: &[S], input: &[u8]) -> Result<Output, Failure> {
    let fails = |error: std::io::Error| {
        Failure::from(Problem::new(ErrorKind::Internal, "git_failed", format!("git does not run: {error}"))).hint("is `git` in the PATH?")
    };
    let mut command = Command::new("git");
    command.args(args).env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0");
    let stdin = if input.is_empty() { Stdio::null() } else { Stdio::piped() };
    let mut child = command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(fails)?;
    let stdin = child.stdin.take();
    std::thread::scope(|scope| {
        if let Some(mut stdin) = stdin {
            // It may end without reading everything; its exit code tells what came of it.
            scope.spawn(move || drop(stdin.write_all(input)));
        }
        child.wait_with_output().map_err(fails)
    })
}

/// Runs `git` and gives what it printed.
///
/// # Errors
/// `git_failed` with what it said.
pub fn git<S: AsRef<OsStr>>(args: &[S], input: &[u8]) -> Result<Vec<u8>, Failure> {
    let output = try_git(args, input)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let name = args.first().map(|arg| arg.as_ref().to_string_lossy().into_owned()).unwrap_or_default();
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim().strip_prefix("fatal: ").unwrap_or(said.trim());
    Err(Problem::new(ErrorKind::Invalid, "git_failed", format!("git {name}: {said}")).into())
}

/// A setting, `None` where there is none or no repository to have it.
pub fn setting(args: &[&str]) -> Option<String> {
    let output = try_git(&[&["config"], args].concat(), b"").ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim_end_matches('\n').to_owned())
}
