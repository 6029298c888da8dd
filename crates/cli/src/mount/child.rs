//! One command in one folder: started in a group of its own, its output passed on line by line and kept.

use crate::client::Failure;
use parking_lot::Mutex;
use rustix::process::{Pid, Signal};
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a group that was asked to end has.
const GRACE: Duration = Duration::from_secs(5);

/// The groups that are running, for a signal that is to reach them all.
#[derive(Clone, Default)]
pub struct Groups(Arc<Mutex<(Vec<Pid>, Option<Signal>)>>);

impl Groups {
    fn enter(&self, pid: Pid) {
        let mut groups = self.0.lock();
        groups.0.push(pid);
        if let Some(signal) = groups.1 {
            let _ = rustix::process::kill_process_group(pid, signal);
        }
    }

    fn leave(&self, pid: Pid) {
        self.0.lock().0.retain(|other| *other != pid);
    }

    /// Sends a signal to all, and to those that start from now on.
    pub fn signal(&self, signal: Signal) {
        let mut groups = self.0.lock();
        groups.1 = Some(signal);
        for pid in &groups.0 {
            let _ = rustix::process::kill_process_group(*pid, signal);
        }
    }

    /// Whether a signal was sent.
    pub fn called_off(&self) -> bool {
        self.0.lock().1.is_some()
    }
}

/// How output is passed on.
pub enum Passed {
    /// The terminal is the command's.
    Through,
    /// Each line with a name before it, and whole to a file.
    Prefixed(String, File),
}

/// Whether standard output is kept for an answer to a program; the command's then goes to standard error.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Answering {
    No,
    Program,
}

/// Runs a command to its end, and ends whatever it leaves running.
///
/// # Errors
/// When it can't be started.
pub fn run(
    command: &[OsString],
    folder: &Path,
    variables: &[(&str, OsString)],
    passed: Passed,
    answering: Answering,
    groups: &Groups,
) -> Result<ExitStatus, Failure> {
    let (program, arguments) = command.split_first().ok_or_else(|| Failure::usage("a command is missing"))?;
    let mut process = Command::new(program);
    process.args(arguments).current_dir(folder).env("PWD", folder);
    for (name, value) in variables {
        process.env(name, value);
    }
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Failure::not_found("command_not_found", format!("there is no program {}", Path::new(program).display()))
        }
        _ => Failure::file(Path::new(program), &error),
    };
    let Passed::Prefixed(name, log) = passed else {
        if answering == Answering::Program {
            process.stdout(std::io::stderr().as_fd().try_clone_to_owned()?);
        }
        // In this process's own group: the terminal's signals reach it.
        return process.status().map_err(failed);
    };
    process.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = process.spawn().map_err(failed)?;
    let pid = Pid::from_child(&child);
    groups.enter(pid);
    let log = Mutex::new(log);
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let status = std::thread::scope(|scope| {
        scope.spawn(|| match answering {
            Answering::No => pass(out, &name, &log, &mut std::io::stdout()),
            Answering::Program => pass(out, &name, &log, &mut std::io::stderr()),
        });
        scope.spawn(|| pass(err, &name, &log, &mut std::io::stderr()));
        let status = child.wait();
        // What it left running holds the pipes, and the folder.
        end(pid);
        status
    });
    groups.leave(pid);
    status.map_err(Failure::from)
}

/// Ends what is left of a group.
fn end(pid: Pid) {
    let there = || rustix::process::test_kill_process_group(pid).is_ok();
    if !there() {
        return;
    }
    let _ = rustix::process::kill_process_group(pid, Signal::TERM);
    let until = Instant::now() + GRACE;
    while there() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = rustix::process::kill_process_group(pid, Signal::KILL);
}

fn pass(from: Option<impl Read>, name: &str, log: &Mutex<File>, to: &mut dyn std::io::Write) {
    let Some(from) = from else { return };
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    loop {
        line.clear();
        // A line without an end is passed on in pieces.
        match from.by_ref().take(64 << 10).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        drop(log.lock().write_all(&line));
        let end: &[u8] = if line.ends_with(b"\n") { b"" } else { b"\n" };
        // Nobody reading it is no reason to stop the command.
        drop(to.write_all(&[name.as_bytes(), &line, end].concat()));
    }
}

/// The exit code as a shell says it.
pub fn code(status: ExitStatus) -> u8 {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    u8::try_from(code).unwrap_or(1)
}
