//! `acetate doctor`: each finding is ok, a warning or a failure, with what to do.

use super::Context;
use super::probes::{GIT, free_bytes, git_version, socket_fault, sync_time, version_of};
use super::session_view::bytes;
use crate::agent::{Connected, HookState};
use crate::args::Doctor;
use crate::client::{Exit, Failure, Request, Store, connect, expected_socket, reach};
use crate::output::{DIM, GREEN, RED, Table, YELLOW, line, paint};
use acetate_engine::api::{StoreStatus, WorkspaceList};
use acetate_mount::Sharing;
use serde::Serialize;
use std::path::Path;
use std::time::Duration;

/// Below this much free space, in bytes, it is a warning; below the second a failure.
const SPACE: (u64, u64) = (2 << 30, 200 << 20);
/// A sync slower than this makes every commit slow.
const SLOW_SYNC: Duration = Duration::from_millis(50);
/// Packs above this number mean that upkeep does not keep up.
const PACKS: u64 = 100;
/// A journal above this size, in bytes, means the same.
const JOURNAL: u64 = 1 << 30;

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Grade {
    Ok,
    Warn,
    Fail,
}

#[derive(Serialize)]
struct Finding {
    check: &'static str,
    grade: Grade,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

#[derive(Default, Serialize)]
struct Findings {
    findings: Vec<Finding>,
}

impl Findings {
    fn ok(&mut self, check: &'static str, message: impl Into<String>) {
        self.findings.push(Finding { check, grade: Grade::Ok, message: message.into(), hint: None });
    }

    fn bad(&mut self, check: &'static str, grade: Grade, message: impl Into<String>, hint: impl Into<String>) {
        self.findings.push(Finding { check, grade, message: message.into(), hint: Some(hint.into()) });
    }

    fn failure(&mut self, check: &'static str, failure: &Failure) {
        if let Failure::Problem(problem) = failure {
            self.findings.push(Finding { check, grade: Grade::Fail, message: problem.message.clone(), hint: problem.hint.clone() });
        }
    }
}

/// Looks at everything; ends with 1 if something failed.
pub fn doctor(context: &mut Context, args: &Doctor) -> Result<Exit, Failure> {
    let mut found = Findings::default();
    git(&mut found);
    match context.store() {
        Err(failure) => found.failure("store", &failure),
        Ok(store) => {
            let note = if store.default && !store.git_dir.is_dir() { " (made on first use)" } else { "" };
            match std::fs::read(store.git_dir.join("HEAD")) {
                Ok(_) => found.ok("store", store.git_dir.display().to_string()),
                Err(_) if !note.is_empty() => found.ok("store", format!("{}{note}", store.git_dir.display())),
                Err(error) => {
                    let message = format!("{} can't be read: {error}", store.git_dir.display());
                    found.bad("store", Grade::Fail, message, "check who owns it");
                }
            }
            disk(&mut found, &store);
            daemon(context, &mut found, &store);
            mcp(context, &mut found);
            mounts(context, &mut found, args.fix);
        }
    }
    let failed = found.findings.iter().any(|finding| finding.grade == Grade::Fail);
    if context.out.json() {
        context.out.document(&found)?;
    } else {
        show(context, &found)?;
    }
    Ok(if failed { Exit::Unexpected } else { Exit::Ok })
}

fn show(context: &mut Context, found: &Findings) -> Result<(), Failure> {
    let mut table = Table::new();
    for finding in &found.findings {
        let mark = match finding.grade {
            Grade::Ok => paint(GREEN, "ok"),
            Grade::Warn => paint(YELLOW, "warn"),
            Grade::Fail => paint(RED, "fail"),
        };
        let mut lines = finding.message.lines().map(line);
        table.row([mark, finding.check.to_owned(), lines.next().unwrap_or_default()]);
        for more in lines {
            table.row([String::new(), String::new(), more]);
        }
        if let Some(hint) = &finding.hint {
            table.row([String::new(), String::new(), paint(DIM, line(hint))]);
        }
    }
    context.out.table(&table)
}

fn git(found: &mut Findings) {
    let (major, minor) = GIT;
    let needed = format!("install git {major}.{minor} or newer");
    match git_version() {
        None => found.bad("git", Grade::Fail, "there is no `git` that runs", needed),
        Some(text) if version_of(&text).is_some_and(|version| version >= GIT) => found.ok("git", text),
        Some(text) => found.bad("git", Grade::Fail, format!("git is {text}"), needed),
    }
}

fn disk(found: &mut Findings, store: &Store) {
    let Some(folder) = store.git_dir.ancestors().find(|folder| folder.is_dir()) else { return };
    match free_bytes(folder) {
        Err(error) => found.bad("space", Grade::Warn, format!("free space is not known: {error}"), "look with df"),
        Ok(free) if free < SPACE.1 => {
            found.bad("space", Grade::Fail, format!("{} free", bytes(free)), "a full disk makes the store read-only: make room")
        }
        Ok(free) if free < SPACE.0 => {
            found.bad("space", Grade::Warn, format!("{} free", bytes(free)), "make room before it becomes read-only")
        }
        Ok(free) => found.ok("space", format!("{} free", bytes(free))),
    }
    // In the folder of a store that does not exist yet nothing is to be left or tried.
    if !store.git_dir.is_dir() {
        return;
    }
    match sync_time(&store.git_dir) {
        Err(error) => found.bad("sync", Grade::Fail, format!("nothing can be written and synced: {error}"), "check owner, mount and space"),
        Ok(time) if time > SLOW_SYNC => {
            let hint = "every commit waits for the disk; a local SSD takes about 1 ms";
            found.bad("sync", Grade::Warn, format!("{:.1} ms for one sync", millis(time)), hint);
        }
        Ok(time) => found.ok("sync", format!("{:.2} ms for one sync", millis(time))),
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn daemon(context: &mut Context, found: &mut Findings, store: &Store) {
    let start = context.start();
    let (reached, how) = match reach(store, start.timeout) {
        Ok(reached) => (reached, "runs"),
        Err(_) if !start.allowed => {
            found.bad("daemon", Grade::Warn, "none is running, and none may be started", "acetate serve");
            return;
        }
        Err(_) => match connect(store, &start) {
            Ok(reached) => (reached, "was started"),
            Err(failure) => {
                found.failure("daemon", &failure);
                return;
            }
        },
    };
    let version = reached.file.as_ref().map(|file| format!(", version {}", line(&file.version))).unwrap_or_default();
    let pid = reached.client.daemon_pid().map(|pid| format!(" as process {pid}")).unwrap_or_default();
    match reached.version_warning() {
        Some(warning) => found.bad("daemon", Grade::Warn, warning, "acetate stop"),
        None => found.ok("daemon", format!("{how}{pid}{version}")),
    }
    let socket = reached.file.as_ref().map_or_else(|| expected_socket(&store.state_dir()), |file| file.socket.clone());
    check_socket(found, &socket);
    if let Err(failure) = state(context, found) {
        found.failure("state", &failure);
    }
}

/// Whether an agent would get tools: the way `acetate mcp` goes, to the list of them.
fn mcp(context: &mut Context, found: &mut Findings) {
    match crate::mcp::tools(context) {
        Ok(count) => found.ok("mcp", format!("{count} tools are served to agents")),
        Err(failure) => found.failure("mcp", &failure),
    }
    match crate::agent::connected() {
        Ok(agents) if agents.is_empty() => found.ok("agents", "no coding tool is set up; `acetate agent add TOOL` does it"),
        Ok(agents) => agents.into_iter().for_each(|agent| connected(found, agent)),
        Err(failure) => found.failure("agents", &failure),
    }
}

fn connected(found: &mut Findings, agent: Connected) {
    let Connected { tool, missing, worktrees } = agent;
    if let Some(program) = missing {
        let message = format!("{tool} is set up to start {}, which is not found", line(&program));
        let hint = format!("`acetate agent add {tool} --replace --command PATH` names where it is");
        return found.bad("agents", Grade::Warn, message, hint);
    }
    match worktrees {
        None => found.ok("agents", format!("{tool} is set up")),
        Some(HookState::Present) => found.ok("agents", format!("{tool} is set up, and its worktrees are sessions")),
        Some(HookState::Absent | HookState::Unreadable) => found.ok("agents", format!("{tool} is set up; its worktrees are its own")),
        Some(HookState::Other) => found.ok("agents", format!("{tool} is set up; another hook makes its worktrees")),
        Some(HookState::Partial) => {
            let message = format!("{tool} has only one of the two hooks for worktrees");
            found.bad("agents", Grade::Warn, message, format!("`acetate agent add {tool}`, with the same --scope, adds the other"));
        }
        Some(HookState::Contested) => {
            let message = format!("{tool} has more than one hook that makes worktrees: each makes one, and one is used");
            found.bad("agents", Grade::Warn, message, "`acetate agent list --json` shows them; leave one");
        }
    }
}

/// Whether sessions can be folders here, and whether any were left behind.
fn mounts(context: &mut Context, found: &mut Findings, fix: bool) {
    let checked = crate::mount::check(context, fix);
    match checked.way {
        Ok(way) => found.ok("mount", way),
        Err((message, hint)) => found.bad("mount", Grade::Warn, message, hint),
    }
    if let Ok(sharing) = context.store().map(|store| Sharing::of(&store.state_dir())) {
        match sharing {
            Ok(Sharing::View) => found.ok("seeds", "folders that are brought along are views of one copy, by overlayfs"),
            Ok(Sharing::Clones) => found.ok("seeds", "what is brought along is cloned: files share their blocks until they are changed"),
            Ok(Sharing::Copies) => {
                found.ok("seeds", "what is brought along is copied: there is neither overlayfs for this user nor a file system that clones")
            }
            Err(error) => {
                found.bad("seeds", Grade::Warn, format!("nothing can be made beside the store: {error}"), "check owner, mount and space")
            }
        }
    }
    for (folder, gone) in checked.left {
        let folder = line(&folder.to_string_lossy());
        if gone {
            found.ok("mount", format!("{folder} was left behind, and is gone now"));
        } else {
            found.bad("mount", Grade::Warn, format!("{folder} was left behind by a process that is gone"), "acetate doctor --fix");
        }
    }
}

fn check_socket(found: &mut Findings, socket: &Path) {
    let shown = socket.display();
    match socket_fault(socket, rustix::process::geteuid().as_raw()) {
        Ok(None) => found.ok("socket", shown.to_string()),
        Ok(Some(fault)) => {
            found.bad("socket", Grade::Fail, format!("{shown}: {fault}"), "others could act in your name: `acetate stop`, then remove it")
        }
        Err(error) => found.bad("socket", Grade::Fail, format!("{shown}: {error}"), "acetate stop"),
    }
}

fn state(context: &mut Context, found: &mut Findings) -> Result<(), Failure> {
    let status: StoreStatus = context.ask(Request::get("/v1"))?.parse()?;
    if status.state == "healthy" {
        found.ok("state", format!("healthy, {}, {} sessions", status.format.as_str(), status.sessions));
    } else {
        let reason = status.reason.unwrap_or_else(|| "no reason given".to_owned());
        found.bad(
            "state",
            Grade::Fail,
            format!("{}: {reason}", status.state),
            "make room or mend the disk; it recovers by itself, else `acetate stop`",
        );
    }
    if status.packs > PACKS {
        found.bad("packs", Grade::Warn, format!("{} packs", status.packs), "upkeep does not keep up; the daemon's log says why");
    } else {
        found.ok("packs", status.packs.to_string());
    }
    if status.journal_bytes > JOURNAL {
        found.bad("journal", Grade::Warn, bytes(status.journal_bytes), "sessions hold many unsaved edits: commit or close them");
    } else {
        found.ok("journal", bytes(status.journal_bytes));
    }
    let list: WorkspaceList = context.ask(Request::get("/v1/workspaces"))?.parse()?;
    for workspace in list.workspaces.iter().filter(|workspace| workspace.in_place) {
        match &workspace.diverged {
            Some(text) if workspace.lags => found.bad("checkout", Grade::Warn, text.clone(), "acetate workspace catch-up"),
            Some(text) => {
                let hint = "catching up does not help: nothing lands on that branch until its refs are mended as said";
                found.bad("checkout", Grade::Warn, text.clone(), hint);
            }
            None => found.ok("checkout", "level with the head"),
        }
    }
    Ok(())
}
