//! A session as a folder: how soon it is there, and what tools that look at everything cost in it.
//!
//! Beside it the same folder as a native checkout, as the kernel's overlayfs over one, and as AgentFS over one.

use super::places::{FLOOR, Folder, NATIVE, Place, Places, connected, everybody};
use crate::inputs::Input;
use crate::measure::{Contender, Figure, Sample, Stopwatch};
use crate::peers::{AgentfsMount, Git, LeastFuse, Mounted, Shape};
use crate::report::{Limit, Report, Row, Unit};
use crate::run::Bench;
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// Measures them.
///
/// # Errors
/// When a peer can't be set up.
pub fn folder(bench: &Bench, report: &mut Report) -> Result<()> {
    for input in &bench.inputs {
        report.add(ready(bench, input)?);
    }
    for input in bench.usual() {
        for row in looking(bench, input)? {
            report.add(row);
        }
    }
    Ok(())
}

fn first_file(input: &Input) -> Result<String> {
    Ok(input.paths(1).first().context("no file")?.to_string())
}

fn ready(bench: &Bench, input: &Input) -> Result<Row> {
    let row = Row::new("folder", "a session as a folder, until its first file is read", &input.label, "warm", Unit::Seconds);
    let row = row.target(Limit::AtMost(20e-3));
    let (daemon, mut connection, workspace) = match connected(bench, input) {
        Ok(connected) => connected,
        Err(error) => return Ok(row.missing("Acetate", format!("{error:#}"))),
    };
    let (root, file) = (bench.stage.folder("folders")?, first_file(input)?);
    let file = &file;
    let mut kept = Vec::new();
    let acetate = Contender::new("Acetate", |round| {
        let session = connection.open_session(&workspace)?;
        let watch = Stopwatch::with(&[daemon.pid()]);
        let folder = Folder::new(&daemon, &session, root.join(format!("ready-{round}")))?;
        fs::read(folder.path().join(file))?;
        let sample = watch.stop(1);
        kept.push(folder);
        Ok(sample)
    });
    let (overlay, agentfs) = (super::places::overlayfs(bench, input)?, super::places::agentfs(bench, input)?);
    let mut contenders = vec![acetate];
    if let Some(overlay) = &overlay {
        let mut mounts: Vec<Mounted> = Vec::new();
        contenders.push(Contender::new("overlayfs, mount(2) (needs a checkout first)", move |_| {
            let watch = Stopwatch::start();
            let mounted = overlay.mount()?;
            fs::read(mounted.path().join(file))?;
            let sample = watch.stop(1);
            mounts.push(mounted);
            Ok(sample)
        }));
    }
    if let Some(agentfs) = &agentfs {
        let mut mounts: Vec<AgentfsMount> = Vec::new();
        contenders.push(Contender::new("AgentFS, init and mount (needs a checkout first)", move |_| {
            let watch = Stopwatch::start();
            let mounted = agentfs.mount()?;
            fs::read(mounted.path().join(file))?;
            let sample = watch.stop(1);
            mounts.push(mounted);
            Ok(sample)
        }));
    }
    Ok(row.measure(bench.plan.rounds, contenders))
}

/// Every file and directory below, `.git` left out.
fn walk(root: &Path) -> Result<usize> {
    let (mut count, mut folders) = (0, vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_name() == ".git" {
                continue;
            }
            count += 1;
            if entry.metadata()?.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    Ok(count)
}

fn status(folder: &Path) -> Result<()> {
    let changed = Git::at(folder.to_owned()).run(&["status", "--porcelain"])?;
    ensure!(changed.is_empty(), "something changed: {}", String::from_utf8_lossy(&changed));
    Ok(())
}

fn search(folder: &Path, literal: &str) -> Result<()> {
    let mut command = Command::new("rg");
    command.args(["--no-config", "--quiet", "--fixed-strings", "--regexp"]).arg(format!("{literal} that is nowhere")).arg(".");
    let status = command.current_dir(folder).stdin(Stdio::null()).stderr(Stdio::null()).status()?;
    ensure!(status.code() == Some(1), "ripgrep found what is nowhere, or failed");
    Ok(())
}

fn looking(bench: &Bench, input: &Input) -> Result<Vec<Row>> {
    let row = |name: &str, state: &str| Row::new("folder", name, &input.label, state, Unit::Seconds);
    let (daemon, mut connection, workspace) = match connected(bench, input) {
        Ok(connected) => connected,
        Err(error) => return Ok(vec![row("looking at everything in a folder", "").missing("Acetate", format!("{error:#}"))]),
    };
    let root = bench.stage.folder("folders")?;
    let native = bench.stage.checkout(input)?;
    let shape = Arc::new(Shape::of(&native)?);
    let mut rows = Vec::new();
    let files: Vec<String> = input.paths(1_000).iter().map(ToString::to_string).collect();
    let read_all = |folder: &Path| -> Result<()> {
        for file in &files {
            fs::read(folder.join(file))?;
        }
        Ok(())
    };
    type Work<'w> = &'w dyn Fn(&Path) -> Result<()>;
    let total = walk(&native)?;
    let listed = |folder: &Path| {
        let found = walk(folder)?;
        ensure!(found == total, "{found} files and directories of {total}");
        Ok(())
    };
    let searched = |folder: &Path| search(folder, &input.literal);
    let mut works: Vec<(&str, Work<'_>)> =
        vec![("git status", &status), ("list and stat every file", &listed), ("read 1,000 files", &read_all)];
    if Command::new("rg").arg("--version").output().is_ok_and(|output| output.status.success()) {
        works.push(("ripgrep over everything", &searched));
    } else {
        rows.push(row("ripgrep over everything", "").missing("Acetate", "ripgrep is not installed"));
    }
    for (name, work) in works {
        let before = resident(daemon.pid());
        let session = |round: usize| {
            let session = connection.open_session(&workspace)?;
            let folder = Folder::new(&daemon, &session, root.join(format!("{}-{round}", name.replace(' ', "-"))))?;
            Ok(Place::Session(folder))
        };
        let (mut places, missing) = everybody(bench, input, session, |_| Ok(Place::Checkout(native.clone())))?;
        // There Git has no repository.
        if name != "git status" && rustix::process::geteuid().is_root() {
            let at = |round: usize| root.join(format!("{}-floor-{round}", name.replace(' ', "-")));
            let mount = |round: usize| Ok(Place::Least(LeastFuse::mount(&shape, at(round))?));
            places.push(Places::new(FLOOR, bench.plan.rounds + 1, mount)?);
        }
        for (state, first) in [("for the first time in this folder", true), ("again", false)] {
            let contenders = places.iter().map(|places: &Places<'_>| places.contender(work)).collect();
            let row =
                row(name, state).target(Limit::Times(2.0, NATIVE)).note("processor time is the caller's and that of who serves the folder");
            let row = if first { row.note("the checkout was looked at before, and so was what lies under overlayfs") } else { row };
            let row = row.measure(bench.plan.rounds, contenders);
            rows.push(missing.iter().fold(row, |row, (who, why)| row.missing(*who, *why)));
        }
        if name == "git status" {
            let folders = (bench.plan.rounds + 1) as f64;
            let name = "memory of the daemon for a folder after git status";
            let row = Row::new("folder", name, &input.label, "resident, by difference", Unit::Bytes);
            let held = resident(daemon.pid()).saturating_sub(before) as f64;
            let all = Figure::of(&[Sample::of(held)]).ok_or_else(String::new);
            let each = Figure::of(&[Sample::of(held / folders)]).ok_or_else(String::new);
            let row = row.target(Limit::AtMost(20e6)).note("caches that all sessions share are in it").with("Acetate", each);
            rows.push(row.with(format!("Acetate, all {folders} folders of this row"), all));
        }
    }
    Ok(rows)
}

/// Resident bytes of a process that are its own.
pub(super) fn resident(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
}
