//! Eight agents who each want a folder of their own: eight mounted sessions beside eight worktrees.

use super::places::{Folder, connected};
use crate::inputs::Input;
use crate::measure::{Contender, Figure, Sample, Stopwatch};
use crate::peers::{Git, Worktrees};
use crate::report::{Row, Unit};
use crate::run::Bench;
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Mutex;

const AGENTS: usize = 8;
const WORKTREES: &str = "eight git worktrees";

/// Measures them: how long until each has changed a file and Git says so, and what all eight take on disk.
///
/// # Errors
/// When a peer can't be set up.
pub(super) fn eight(bench: &Bench, input: &Input) -> Result<Vec<Row>> {
    let row = |name: &str, unit| Row::new("builds", name, &input.label, "all at once, each a folder of its own", unit);
    let wall = row("eight agents until each has changed a file and seen git status", Unit::Seconds);
    let (daemon, mut connection, workspace) = match connected(bench, input) {
        Ok(connected) => connected,
        Err(error) => return Ok(vec![wall.missing("Acetate", format!("{error:#}"))]),
    };
    let root = bench.stage.folder("eight")?;
    let file = input.paths(1).first().context("no file")?.to_string();
    let file = &file;
    let store = daemon.repository().join("acetate");
    let (disk, peers_disk) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let kept = Mutex::new(Vec::new());
    let acetate = Contender::new("Acetate", |round| {
        let before = allocated(&store)?;
        let watch = Stopwatch::with(&[daemon.pid()]);
        let sessions: Vec<String> = (0..AGENTS).map(|_| connection.open_session(&workspace)).collect::<Result<_>>()?;
        at_once(sessions.iter().enumerate(), |(number, session)| {
            let folder = Folder::new(&daemon, session, root.join(format!("{round}-{number}")))?;
            work(folder.path(), file)?;
            kept.lock().map_err(|_| anyhow::anyhow!("a thread panicked"))?.push(folder);
            Ok(())
        })?;
        let sample = watch.stop(1);
        disk.lock().map_err(|_| anyhow::anyhow!("a thread panicked"))?.push(Sample::of(allocated(&store)?.saturating_sub(before) as f64));
        Ok(sample)
    });
    let git = Git::at(bench.stage.clone_of(input, "eight-worktrees")?);
    let folder = bench.stage.folder("eight-worktrees")?;
    let worktrees = Worktrees::new(git, folder.clone());
    let peer = Contender::new(WORKTREES, |_| {
        let before = allocated(&folder)?;
        let watch = Stopwatch::start();
        at_once(0..AGENTS, |_| work(&worktrees.add()?, file))?;
        let sample = watch.stop(1);
        let taken = Sample::of(allocated(&folder)?.saturating_sub(before) as f64);
        peers_disk.lock().map_err(|_| anyhow::anyhow!("a thread panicked"))?.push(taken);
        Ok(sample)
    });
    // They stay: files that are deleted in masses slow down what is made after them.
    let peer = if input.files >= 50_000 { peer.at_most(1) } else { peer };
    let wall = wall.note("folders that are done stay until the end").measure(bench.plan.rounds, vec![acetate, peer]);
    let figure = |samples: Mutex<Vec<Sample>>| {
        let samples = samples.into_inner().unwrap_or_default();
        Figure::of(&samples).ok_or_else(|| "no round was measured".to_owned())
    };
    let disk = row("what those eight folders take on disk", Unit::Bytes).with("Acetate", figure(disk)).with(WORKTREES, figure(peers_disk));
    Ok(vec![wall, disk])
}

fn work(folder: &Path, file: &str) -> Result<()> {
    let path = folder.join(file);
    let mut text = fs::read(&path)?;
    text.extend_from_slice(b"// Changed.\n");
    fs::write(&path, text)?;
    let said = Git::at(folder.to_owned()).run(&["status", "--porcelain"])?;
    ensure!(said == format!(" M {file}\n").as_bytes(), "git sees {}", String::from_utf8_lossy(&said));
    Ok(())
}

fn at_once<T: Send>(of: impl Iterator<Item = T>, each: impl Fn(T) -> Result<()> + Sync) -> Result<()> {
    let each = &each;
    std::thread::scope(|scope| {
        let threads: Vec<_> = of.map(|one| scope.spawn(move || each(one))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| anyhow::anyhow!("a thread panicked"))?)
    })
}

/// Bytes allocated to everything below a folder; what is mounted there is not counted.
fn allocated(folder: &Path) -> Result<u64> {
    let Ok(own) = fs::symlink_metadata(folder) else { return Ok(0) };
    let (device, mut sum, mut open) = (own.dev(), 0, vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let Ok(meta) = entry.metadata() else { continue };
            if meta.dev() != device {
                continue;
            }
            sum += meta.blocks() * 512;
            if meta.is_dir() {
                open.push(entry.path());
            }
        }
    }
    Ok(sum)
}
