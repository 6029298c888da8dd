//! A session as a folder: how soon it is there, and what tools that look at everything cost in it.
//!
//! Beside it the same folder as a native checkout, and as the kernel's overlayfs over one.

use crate::http::{Connection, Daemon};
use crate::inputs::Input;
use crate::measure::{Contender, Figure, Sample, Stopwatch};
use crate::peers::{Git, Mounted, Overlayfs, no_overlayfs};
use crate::report::{Limit, Report, Row, Unit};
use crate::run::Bench;
use acetate_mount::{mount_session, socket_beside, unmount, wait_gone};
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};

const NATIVE: &str = "a native checkout";
const OVERLAYFS: &str = "overlayfs over a checkout";

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

/// A session mounted by a daemon.
struct Folder<'a> {
    daemon: &'a Daemon,
    folder: PathBuf,
}

impl<'a> Folder<'a> {
    fn new(daemon: &'a Daemon, session: &str, folder: PathBuf) -> Result<Self> {
        fs::create_dir_all(&folder)?;
        let folder = folder.canonicalize()?;
        mount_session(&socket_beside(daemon.socket()), session, &folder).map_err(|problem| anyhow::anyhow!(problem.message))?;
        Ok(Self { daemon, folder })
    }
}

impl Drop for Folder<'_> {
    fn drop(&mut self) {
        if unmount(&self.folder, true).is_ok() {
            drop(wait_gone(&socket_beside(self.daemon.socket()), &self.folder));
        }
    }
}

fn connected(bench: &Bench, input: &Input) -> Result<(Daemon, Connection, String)> {
    ensure!(Path::new("/dev/fuse").exists(), "this machine has no /dev/fuse");
    let daemon = bench.daemon(input)?;
    let mut connection = daemon.connect()?;
    let workspace = connection.workspace()?;
    Ok((daemon, connection, workspace))
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
    let mut kept = Vec::new();
    let acetate = Contender::new("Acetate", |round| {
        let session = connection.open_session(&workspace)?;
        let watch = Stopwatch::with(&[daemon.pid()]);
        let folder = Folder::new(&daemon, &session, root.join(format!("ready-{round}")))?;
        fs::read(folder.folder.join(&file))?;
        let sample = watch.stop(1);
        kept.push(folder);
        Ok(sample)
    });
    let overlay = overlayfs(bench, input)?;
    let mut contenders = vec![acetate];
    if let Some(overlay) = &overlay {
        let mut mounts: Vec<Mounted> = Vec::new();
        contenders.push(Contender::new("overlayfs, mount(2) (needs a checkout first)", {
            let file = file.clone();
            move |_| {
                let watch = Stopwatch::start();
                let mounted = overlay.mount()?;
                fs::read(mounted.path().join(&file))?;
                let sample = watch.stop(1);
                mounts.push(mounted);
                Ok(sample)
            }
        }));
    }
    Ok(row.measure(bench.plan.rounds, contenders))
}

fn overlayfs(bench: &Bench, input: &Input) -> Result<Option<Overlayfs>> {
    if no_overlayfs().is_some() || input.files >= 500_000 {
        return Ok(None);
    }
    Ok(Some(Overlayfs::new(bench.stage.checkout(input)?, bench.stage.folder("mounts")?)))
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

fn looking(bench: &Bench, input: &Input) -> Result<Vec<Row>> {
    let row = |name: &str, state: &str| Row::new("folder", name, &input.label, state, Unit::Seconds);
    let (daemon, mut connection, workspace) = match connected(bench, input) {
        Ok(connected) => connected,
        Err(error) => return Ok(vec![row("looking at everything in a folder", "").missing("Acetate", format!("{error:#}"))]),
    };
    let root = bench.stage.folder("folders")?;
    let native = bench.stage.checkout(input)?;
    let overlay = overlayfs(bench, input)?;
    let mut open = |name: &str| -> Result<Folder<'_>> {
        let session = connection.open_session(&workspace)?;
        Folder::new(&daemon, &session, root.join(name))
    };
    let mut rows = Vec::new();
    let files: Vec<String> = input.paths(1_000).iter().map(ToString::to_string).collect();
    let read_all = |folder: &Path| -> Result<()> {
        for file in &files {
            fs::read(folder.join(file))?;
        }
        Ok(())
    };
    type Work<'w> = &'w dyn Fn(&Path) -> Result<()>;
    let listed = |folder: &Path| walk(folder).map(drop);
    let works: [(&str, Work<'_>); 3] = [("git status", &status), ("list and stat every file", &listed), ("read 1,000 files", &read_all)];
    let before = resident(daemon.pid());
    for (name, work) in works {
        let mounts: Vec<_> =
            (0..bench.plan.rounds).map(|round| open(&format!("{}-{round}", name.replace(' ', "-")))).collect::<Result<_>>()?;
        let overlays: Vec<Mounted> = match &overlay {
            Some(overlay) => (0..bench.plan.rounds).map(|_| overlay.mount()).collect::<Result<_>>()?,
            None => Vec::new(),
        };
        for (state, first) in [("for the first time in this folder", true), ("again", false)] {
            let running = [daemon.pid()];
            let mut contenders = vec![Contender::new("Acetate", |round| {
                let folder = &mounts.get(round % mounts.len()).context("a folder")?.folder;
                let watch = Stopwatch::with(&running);
                work(folder)?;
                Ok(watch.stop(1))
            })];
            contenders.push(Contender::new(NATIVE, |_| {
                let watch = Stopwatch::start();
                work(&native)?;
                Ok(watch.stop(1))
            }));
            if !overlays.is_empty() {
                contenders.push(Contender::new(OVERLAYFS, |round| {
                    let folder = overlays.get(round % overlays.len()).context("a mount")?.path();
                    let watch = Stopwatch::start();
                    work(folder)?;
                    Ok(watch.stop(1))
                }));
            }
            let row =
                row(name, state).note("goal: at most twice a native checkout").note("processor time is the caller's and the daemon's");
            let row = if first { row.note("the checkout was looked at before, and so was what lies under overlayfs") } else { row };
            rows.push(row.measure(bench.plan.rounds, contenders));
        }
        if name == "git status" {
            let folders = mounts.len() as f64;
            let row = Row::new(
                "folder",
                "memory of the daemon for a folder after git status",
                &input.label,
                "resident, by difference",
                Unit::Bytes,
            );
            let figure =
                Figure::of(&[Sample::of((resident(daemon.pid()).saturating_sub(before)) as f64 / folders)]).ok_or_else(String::new);
            rows.push(row.target(Limit::AtMost(20e6)).note("caches that all sessions share are in it").with("Acetate", figure));
        }
    }
    Ok(rows)
}

/// Resident bytes of a process.
fn resident(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
}
