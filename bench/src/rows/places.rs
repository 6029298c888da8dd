//! Folders to work in: a mounted session, and what people use today. Each contender gets one of its own for each round, made before it is timed.

use crate::http::{Connection, Daemon};
use crate::inputs::Input;
use crate::measure::{Contender, Sample, Stopwatch};
use crate::peers::{Agentfs, AgentfsMount, LeastFuse, Mounted, Overlayfs, no_overlayfs};
use crate::run::Bench;
use acetate_mount::{mount_session, socket_beside, unmount, wait_gone};
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(super) const NATIVE: &str = "a native checkout";
pub(super) const OVERLAYFS: &str = "overlayfs over a checkout";
pub(super) const FLOOR: &str = "(FUSE's floor: a server that has all in memory)";
pub(super) const AGENTFS: &str = "AgentFS over a checkout";

/// A session mounted by a daemon.
pub(super) struct Folder<'a> {
    daemon: &'a Daemon,
    folder: PathBuf,
}

impl<'a> Folder<'a> {
    pub(super) fn new(daemon: &'a Daemon, session: &str, folder: PathBuf) -> Result<Self> {
        fs::create_dir_all(&folder)?;
        let folder = folder.canonicalize()?;
        mount_session(&socket_beside(daemon.socket()), session, &folder).map_err(|problem| anyhow::anyhow!(problem.message))?;
        Ok(Self { daemon, folder })
    }

    pub(super) fn path(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Folder<'_> {
    fn drop(&mut self) {
        if unmount(&self.folder, true).is_ok() {
            drop(wait_gone(&socket_beside(self.daemon.socket()), &self.folder));
        }
    }
}

/// A daemon that serves a repository, a connection to it, and its workspace.
pub(super) fn connected(bench: &Bench, input: &Input) -> Result<(Daemon, Connection, String)> {
    ensure!(Path::new("/dev/fuse").exists(), "this machine has no /dev/fuse");
    let daemon = bench.daemon(input)?;
    let mut connection = daemon.connect()?;
    let workspace = connection.workspace()?;
    Ok((daemon, connection, workspace))
}

/// Overlayfs over a checkout of the input, where the machine and the size allow it.
pub(super) fn overlayfs(bench: &Bench, input: &Input) -> Result<Option<Overlayfs>> {
    if no_overlayfs().is_some() || input.files >= 500_000 {
        return Ok(None);
    }
    Ok(Some(Overlayfs::new(bench.stage.checkout(input)?, bench.stage.folder("mounts")?)))
}

/// AgentFS over a checkout of the input, where it is installed.
pub(super) fn agentfs(bench: &Bench, input: &Input) -> Result<Option<Agentfs>> {
    let installed = Command::new(&bench.agentfs).arg("--version").output().is_ok_and(|output| output.status.success());
    if !installed || input.files >= 500_000 {
        return Ok(None);
    }
    Ok(Some(Agentfs::new(bench.agentfs.clone(), bench.stage.checkout(input)?, bench.stage.folder("agentfs")?)))
}

/// A folder of one contender.
pub(super) enum Place<'a> {
    Session(Folder<'a>),
    Checkout(PathBuf),
    Overlay(Mounted),
    Agentfs(AgentfsMount),
    Least(LeastFuse),
}

impl Place<'_> {
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Session(folder) => &folder.folder,
            Self::Checkout(path) => path,
            Self::Overlay(mounted) => mounted.path(),
            Self::Agentfs(mounted) => mounted.path(),
            Self::Least(mounted) => mounted.path(),
        }
    }

    /// The process that serves it, besides the kernel.
    fn pid(&self) -> Option<u32> {
        match self {
            Self::Session(folder) => Some(folder.daemon.pid()),
            Self::Agentfs(mounted) => Some(mounted.pid()),
            Self::Checkout(_) | Self::Overlay(_) | Self::Least(_) => None,
        }
    }
}

/// A contender's folders, by rounds.
pub(super) struct Places<'a> {
    name: &'static str,
    places: Vec<Place<'a>>,
    /// Of what takes minutes, only one round.
    once: bool,
}

impl<'a> Places<'a> {
    pub(super) fn new(name: &'static str, rounds: usize, mut make: impl FnMut(usize) -> Result<Place<'a>>) -> Result<Self> {
        Ok(Self { name, places: (0..rounds.max(1)).map(&mut make).collect::<Result<_>>()?, once: false })
    }

    /// Only one round, and none to warm up.
    fn once(self, once: bool) -> Self {
        Self { once, ..self }
    }

    /// Does this in the folder of each round, timed; what serves the folder counts with its processor time.
    pub(super) fn contender<'w>(&'w self, work: &'w dyn Fn(&Path) -> Result<()>) -> Contender<'w> {
        let contender = Contender::new(self.name, move |round| {
            let place = self.places.get(round % self.places.len()).context("a folder")?;
            timed(place, work)
        });
        if self.once { contender.at_most(1) } else { contender }
    }
}

fn timed(place: &Place<'_>, work: &dyn Fn(&Path) -> Result<()>) -> Result<Sample> {
    let running: Vec<u32> = place.pid().into_iter().collect();
    let watch = Stopwatch::with(&running);
    work(place.path())?;
    Ok(watch.stop(1))
}

/// Who can't be had here, and why.
pub(super) type Missing = Vec<(&'static str, &'static str)>;

/// Every contender's folders of one input: sessions first. Who can't be had here is left out, and named.
pub(super) fn everybody<'a>(
    bench: &Bench,
    input: &Input,
    session: impl FnMut(usize) -> Result<Place<'a>>,
    checkout: impl FnMut(usize) -> Result<Place<'a>>,
) -> Result<(Vec<Places<'a>>, Missing)> {
    let rounds = bench.plan.rounds + 1;
    let mut all = vec![Places::new("Acetate", rounds, session)?, Places::new(NATIVE, rounds, checkout)?];
    let mut missing = Vec::new();
    match overlayfs(bench, input)? {
        Some(overlay) => all.push(Places::new(OVERLAYFS, rounds, |_| Ok(Place::Overlay(overlay.mount()?)))?),
        None => missing.push((OVERLAYFS, no_overlayfs().unwrap_or("skipped at this size"))),
    }
    match agentfs(bench, input)? {
        Some(agentfs) => {
            let once = input.files >= 50_000;
            let rounds = if once { 1 } else { rounds };
            all.push(Places::new(AGENTFS, rounds, |_| Ok(Place::Agentfs(agentfs.mount()?)))?.once(once));
        }
        None => missing.push((AGENTFS, "not installed; name it with --agentfs")),
    }
    Ok((all, missing))
}
