//! System calls of a child process, as `strace` saw them.

use crate::common::Task;
use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};

const CALLS: &str = "write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,syncfs,sync,msync,sync_file_range,rename,renameat,renameat2,link,linkat,unlink,\
unlinkat,open,openat,creat,mkdir,mkdirat,rmdir,ftruncate,truncate,fallocate,copy_file_range,sendfile,sendto,symlink,symlinkat";

/// One call that has returned.
#[derive(Debug, Clone)]
pub struct Call {
    pub thread: u32,
    pub name: String,
    /// The arguments as `strace` prints them.
    pub args: String,
    pub result: String,
    /// Line on which it began, and on which it had returned.
    pub began: usize,
    pub ended: usize,
}

impl Call {
    pub fn ok(&self) -> bool {
        !self.result.starts_with('-') && !self.result.starts_with('?')
    }

    /// The path of the file descriptor that is its first argument.
    pub fn file(&self) -> String {
        in_brackets(&self.args)
    }

    pub fn is_sync(&self) -> bool {
        matches!(self.name.as_str(), "fsync" | "fdatasync")
    }

    /// The fact that a child says with it, if it is a line of its output.
    pub fn says(&self) -> Option<String> {
        if self.name != "write" || !self.args.starts_with("1<") {
            return None;
        }
        let text = crate::trace::bytes(&self.args, 0)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let at = text.find('@')?;
        Some(text.get(at + 1..)?.trim_end().to_owned())
    }
}

/// Whether `strace` works here; says why the test is skipped if not.
pub fn available() -> bool {
    let works = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status().is_ok_and(|it| it.success());
    if !works {
        println!("SKIPPED: strace is not installed, or may not trace here");
    }
    works
}

/// Runs a child under `strace`, with whole contents if asked, and gives its calls in the order in which they returned.
pub fn run(task: &Task, to: &Path, contents: bool) -> Vec<Call> {
    let mut before: Vec<String> =
        ["strace", "-f", "-y", "-qq", "-e", "signal=none", "-xx", "-o"].iter().map(|text| (*text).to_owned()).collect();
    before.push(to.to_string_lossy().into_owned());
    before.extend(["-s".to_owned(), if contents { "33554432" } else { "4096" }.to_owned(), "-e".to_owned(), format!("trace={CALLS}")]);
    let output = task.command(&before).stderr(Stdio::piped()).output().expect("strace runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    parse(&std::fs::read_to_string(to).expect("the trace"))
}

fn parse(text: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut open: HashMap<u32, (String, usize)> = HashMap::new();
    for (at, line) in text.lines().enumerate() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let (Ok(thread), rest) = (thread.parse::<u32>(), rest.trim_start()) else { continue };
        if let Some(begun) = rest.strip_suffix(" <unfinished ...>") {
            open.insert(thread, (begun.to_owned(), at));
            continue;
        }
        let (whole, began) = match rest.strip_prefix("<... ") {
            Some(resumed) => {
                let (Some((begun, began)), Some((_, tail))) = (open.remove(&thread), resumed.split_once(" resumed>")) else { continue };
                (begun + tail, began)
            }
            None => (rest.to_owned(), at),
        };
        let Some((name, rest)) = whole.split_once('(') else { continue };
        let Some((args, result)) = rest.rsplit_once(" = ") else { continue };
        let args = args.trim_end().strip_suffix(')').unwrap_or(args).to_owned();
        calls.push(Call { thread, name: name.to_owned(), args, result: result.trim().to_owned(), began, ended: at });
    }
    calls
}

/// The path that `strace -y` shows behind the first file descriptor.
pub fn in_brackets(text: &str) -> String {
    let path = text.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(path, _)| path);
    String::from_utf8(unescaped(path).unwrap_or_default()).unwrap_or_default()
}

fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4);
    for pair in text.split("\\x").skip(1) {
        bytes.push(u8::from_str_radix(pair.get(..2)?, 16).ok()?);
    }
    Some(bytes)
}

/// The n-th string among a call's arguments, from `strace -xx`.
pub fn bytes(args: &str, n: usize) -> Option<Vec<u8>> {
    unescaped(args.split('"').nth(2 * n + 1)?)
}

pub fn text(args: &str, n: usize) -> Option<String> {
    String::from_utf8(bytes(args, n)?).ok()
}
