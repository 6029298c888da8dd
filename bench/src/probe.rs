//! Acetate in a process of its own, for what can only be seen from outside or in a fresh one: memory, system calls, whole jobs.
//!
//! An order goes to the process as a file, its answer comes back on standard output. Inputs are read before anything is measured.

use crate::inputs::Edit;
use crate::product::{self, Product};
use crate::strace::{Counts, Tally};
use crate::text::{self, Place};
use crate::usage::{anonymous_bytes, cpu_seconds, disk_bytes};
use acetate_engine::Session;
use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What to do.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub enum Task {
    /// Open a session for each set of edits and keep them all.
    Edited,
    /// Open so many sessions and keep them all.
    Idle(usize),
    /// Commit each set of edits in a session of its own, so many threads at once, `times` over.
    Commits {
        /// How many commits each session makes.
        times: usize,
    },
    /// Do whole jobs: a thread for each agent, each the same number of the sets of edits one after the other.
    Jobs {
        /// How many agents.
        agents: usize,
        /// Whether they submit.
        submits: bool,
    },
}

/// An order.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    /// The repository.
    pub repository: PathBuf,
    /// What to do.
    pub task: Task,
    /// With what.
    pub edits: Vec<Vec<Edit>>,
}

/// The answer.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Answer {
    /// Seconds that the task took.
    pub seconds: f64,
    /// Processor seconds.
    pub cpu: f64,
    /// Bytes allocated and resident before, with caches warm.
    pub before: u64,
    /// Bytes allocated and resident when all was done.
    pub after: u64,
    /// The most of them seen meanwhile.
    pub peak: u64,
    /// The sum of the engine's own figures, in bytes.
    pub own: u64,
    /// Bytes allocated and resident when what was written had come to rest, for [`Task::Edited`].
    pub rest: u64,
    /// The sum of the engine's own figures then.
    pub rest_own: u64,
    /// The same after committing, for [`Task::Edited`].
    pub committed: u64,
    /// Bytes that the repository grew by on disk, for [`Task::Jobs`].
    pub disk: u64,
    /// Bytes in the object caches at the end, for [`Task::Jobs`].
    pub cached: u64,
}

impl Order {
    /// Has it done by a process of its own.
    ///
    /// # Errors
    /// When that fails, with what it said.
    pub fn run(&self, folder: &Path) -> Result<Answer> {
        let mut command = self.command(folder)?;
        let output = command.output().context("the probe can't be run")?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Has it done by a process whose system calls are counted.
    ///
    /// # Errors
    /// When that fails, with what it said.
    pub fn count(&self, folder: &Path) -> Result<Counts> {
        let tally = Tally::new(folder);
        let output = tally.wrap(&self.command(folder)?).output()?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        tally.absorb()?;
        Ok(tally.take())
    }

    fn command(&self, folder: &Path) -> Result<Command> {
        let order = folder.join("order.json");
        std::fs::write(&order, serde_json::to_vec(self)?)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--probe").arg(order).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        Ok(command)
    }
}

/// Does what the file says and prints the answer: the other end of [`Order::run`].
///
/// # Errors
/// When the engine refuses.
pub fn answer(file: &Path) -> Result<()> {
    let order: Order = serde_json::from_slice(&std::fs::read(file)?)?;
    let product = Product::open(&order.repository)?;
    let answer = match order.task {
        Task::Edited => edited(&product, &order.edits)?,
        Task::Idle(count) => idle(&product, count)?,
        Task::Commits { times } => commits(&product, &order.edits, times)?,
        Task::Jobs { agents, submits } => jobs(&product, &order, agents, submits)?,
    };
    println!("{}", serde_json::to_string(&answer)?);
    Ok(())
}

fn edited(product: &Product, edits: &[Vec<Edit>]) -> Result<Answer> {
    // What the shared caches take is theirs, not the sessions': they are filled first, and by one session of each sort.
    let reader = product.session()?;
    for edit in edits.iter().flatten() {
        reader.read(&edit.path)?;
    }
    if let Some(first) = edits.first() {
        product.edited(first)?.close(true)?;
    }
    let before = anonymous_bytes();
    let started = Instant::now();
    let mut sessions = Vec::with_capacity(edits.len());
    for set in edits {
        sessions.push(product.edited(set)?);
    }
    let seconds = started.elapsed().as_secs_f64();
    let after = anonymous_bytes();
    let own = own_bytes(&sessions);
    let rest_own = come_to_rest(&sessions);
    let rest = anonymous_bytes();
    for session in &sessions {
        product::commit(session)?;
    }
    let committed = own_bytes(&sessions);
    Ok(Answer { seconds, before, after, peak: after, own, rest, rest_own, committed, ..Answer::default() })
}

fn own_bytes(sessions: &[Session]) -> u64 {
    sessions.iter().map(|session| session.info().memory).sum()
}

/// Waits until what was written is held as it will be: the engine puts contents at rest a moment after the last write. Gives its own
/// figure.
fn come_to_rest(sessions: &[Session]) -> u64 {
    let mut last = own_bytes(sessions);
    let mut still = 0;
    for _ in 0..100 {
        std::thread::sleep(Duration::from_millis(100));
        let now = own_bytes(sessions);
        still = if now == last { still + 1 } else { 0 };
        last = now;
        if still == 10 {
            break;
        }
    }
    last
}

fn idle(product: &Product, count: usize) -> Result<Answer> {
    product.session()?;
    let before = anonymous_bytes();
    let (started, cpu) = (Instant::now(), cpu_seconds(&[]));
    let mut sessions = Vec::with_capacity(count);
    for _ in 0..count {
        sessions.push(product.session()?);
    }
    let (seconds, cpu) = (started.elapsed().as_secs_f64(), cpu_seconds(&[]) - cpu);
    let after = anonymous_bytes();
    let own = own_bytes(&sessions);
    Ok(Answer { seconds, cpu, before, after, peak: after, own, ..Answer::default() })
}

fn commits(product: &Product, edits: &[Vec<Edit>], times: usize) -> Result<Answer> {
    let barrier = Barrier::new(edits.len());
    let work = |set: &Vec<Edit>| -> Result<()> {
        let turn = |session: &Session, time: usize| -> Result<()> {
            // Each time other lines, so that every commit has the same files to store.
            let again = |edit: &Edit| Edit {
                path: edit.path.clone(),
                content: text::changed(edit.path.as_bytes(), &edit.content.0, &format!("time {time}"), 20, Place::Spread).into(),
            };
            product::write(session, &set.iter().map(again).collect::<Vec<_>>())?;
            barrier.wait();
            product::commit(session).map(drop)
        };
        // Everybody waits for everybody, so a thread that fails has to end the whole probe.
        let done = product.session().and_then(|session| (0..times).try_for_each(|time| turn(&session, time)));
        done.inspect_err(|error| {
            eprintln!("{error:#}");
            std::process::exit(1);
        })
    };
    let started = Instant::now();
    in_threads(edits.iter(), work)?;
    Ok(Answer { seconds: started.elapsed().as_secs_f64(), ..Answer::default() })
}

fn jobs(product: &Product, order: &Order, agents: usize, submits: bool) -> Result<Answer> {
    // One job that does not count.
    let (warming, edits) = order.edits.split_first().context("an order without edits")?;
    product.job(warming, submits)?;
    let disk = disk_bytes(&order.repository);
    let before = anonymous_bytes();
    let (peak, ended) = (AtomicU64::new(before), AtomicBool::new(false));
    let (started, cpu) = (Instant::now(), cpu_seconds(&[]));
    let done = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                peak.fetch_max(anonymous_bytes(), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        let done =
            in_threads(edits.chunks(edits.len().div_ceil(agents).max(1)), |sets| sets.iter().try_for_each(|set| product.job(set, submits)));
        let taken = (started.elapsed().as_secs_f64(), cpu_seconds(&[]) - cpu);
        ended.store(true, Ordering::Relaxed);
        done.map(|()| taken)
    });
    let (seconds, cpu) = done?;
    let disk = disk_bytes(&order.repository).saturating_sub(disk);
    let (after, cached) = (anonymous_bytes(), product.cached_bytes()?);
    Ok(Answer { seconds, cpu, before, after, peak: peak.into_inner(), disk, cached, ..Answer::default() })
}

/// Does every part in a thread of its own.
///
/// # Errors
/// The first that any of them has.
pub fn in_threads<T: Send>(parts: impl Iterator<Item = T>, work: impl Fn(T) -> Result<()> + Sync) -> Result<()> {
    let work = &work;
    std::thread::scope(|scope| {
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
        let ended: Vec<_> = threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        ended.into_iter().try_for_each(|ended| ended.map_err(|_| anyhow::anyhow!("a thread panicked"))?)
    })
}
