//! Memory of sessions, in processes of their own, and what the peers take instead.

use crate::inputs::Edit;
use crate::measure::{Contender, Figure, Outcome, Sample};
use crate::peers::{Git, Overlayfs, Worktrees, no_overlayfs, write_files};
use crate::probe::{Answer, Order, Task};
use crate::report::{Limit, Report, Row, Unit};
use crate::run::Bench;
use crate::text::Place;
use crate::usage::{disk_bytes, slab_bytes};
use anyhow::Result;
use std::cell::RefCell;

const SESSIONS: usize = 100;
const IDLE: usize = 10_000;
const HELD: &str = "resident, caches warm beforehand";

/// Measures them.
///
/// # Errors
/// When a peer can't be set up.
pub fn memory(bench: &Bench, report: &mut Report) -> Result<()> {
    edited(bench, report)?;
    idle(bench, report)
}

fn edited(bench: &Bench, report: &mut Report) -> Result<()> {
    let input = bench.largest()?;
    let sets: Vec<Vec<Edit>> = (0..SESSIONS).map(|set| input.edits(set * 50, 50, &format!("set {set}"), 20, Place::Spread)).collect();
    let first = sets.first().cloned().unwrap_or_default();
    let mut order = Order { repository: Default::default(), task: Task::Edited, edits: sets };
    let answers: RefCell<Vec<Answer>> = RefCell::default();
    let acetate = Contender::new("Acetate, each of 100", |_| {
        order.repository = bench.stage.clone_of(input, "memory")?;
        let answer = order.run(&bench.stage.folder("probe")?)?;
        answers.borrow_mut().push(answer);
        Ok(Sample::of(growth(&answer) / SESSIONS as f64))
    });
    let name = "a session that changed 50 files, 1,000 lines, just written";
    let row =
        Row::new("memory", name, &input.label, HELD, Unit::Bytes).note("texts as they were written, for a moment; the target is for rest");
    let row = row.measure(bench.plan.rounds.min(5), vec![acetate.at_most(bench.plan.rounds.min(5))]);
    let worktree = worktree_bytes(bench, &first).map(|bytes| Sample::of(bytes as f64));
    let row = row.with("git worktree, on disk", once(worktree));
    report.add(match no_overlayfs() {
        Some(why) => row.missing("kernel overlayfs, upper folder on disk", why),
        None => {
            let (disk, kernel) = overlayfs_bytes(bench, &first)
                .map_or_else(|error| (Err(format!("{error:#}")), Err(String::new())), |(disk, kernel)| (Ok(disk), Ok(kernel)));
            row.with("kernel overlayfs, upper folder on disk", single(disk))
                .with("kernel overlayfs, kernel memory after one git status", single(kernel))
        }
    });
    let answers = answers.into_inner();
    let of = |pick: fn(&Answer) -> f64| {
        let samples: Vec<Sample> = answers.iter().map(|answer| Sample::of(pick(answer))).collect();
        Figure::of(&samples).ok_or_else(|| "no answer".to_owned())
    };
    let rest = Row::new("memory", "the same at rest", &input.label, HELD, Unit::Bytes).target(Limit::AtMost(150e3));
    let at_rest = |answer: &Answer| answer.rest as f64 - answer.before as f64;
    report.add(rest.with("Acetate, each of 100", of(|answer| (answer.rest as f64 - answer.before as f64) / SESSIONS as f64)));
    let own = Row::new("memory", "the same by the engine's own figure", &input.label, "at rest", Unit::Bytes).target(Limit::AtMost(150e3));
    report.add(own.with("Acetate, each of 100", of(|answer| answer.rest_own as f64 / SESSIONS as f64)));
    let own = Row::new("memory", "the same by the engine's own figure", &input.label, "just written", Unit::Bytes);
    report.add(own.with("Acetate, each of 100", of(|answer| answer.own as f64 / SESSIONS as f64)));
    let own =
        Row::new("memory", "the same by the engine's own figure", &input.label, "committed", Unit::Bytes).target(Limit::AtMost(150e3));
    report.add(own.with("Acetate, each of 100", of(|answer| answer.committed as f64 / SESSIONS as f64)));
    let all = Row::new("memory", "100 such sessions at rest", &input.label, HELD, Unit::Bytes).target(Limit::AtMost(15e6));
    report.add(all.with("Acetate", of(at_rest)));
    Ok(())
}

fn idle(bench: &Bench, report: &mut Report) -> Result<()> {
    let input = bench.largest()?;
    let answers: RefCell<Vec<Answer>> = RefCell::default();
    let acetate = Contender::new("Acetate, each of 10,000", |_| {
        let order = Order { repository: bench.stage.clone_of(input, "idle")?, task: Task::Idle(IDLE), edits: Vec::new() };
        let answer = order.run(&bench.stage.folder("probe")?)?;
        answers.borrow_mut().push(answer);
        Ok(Sample::of(growth(&answer) / IDLE as f64))
    });
    let row = Row::new("memory", "an idle session", &input.label, HELD, Unit::Bytes).target(Limit::AtMost(4e3));
    report.add(row.measure(bench.plan.rounds.min(5), vec![acetate.at_most(bench.plan.rounds.min(5))]));
    let answers = answers.into_inner();
    let all: Vec<Sample> = answers.iter().map(|answer| Sample::of(growth(answer))).collect();
    let row = Row::new("memory", "10,000 sessions in one process", &input.label, HELD, Unit::Bytes).target(Limit::AtMost(40e6));
    report.add(row.with("Acetate", Figure::of(&all).ok_or_else(|| "no answer".to_owned())));
    let time: Vec<Sample> =
        answers.iter().map(|answer| Sample { value: answer.seconds / IDLE as f64, cpu: Some(answer.cpu / IDLE as f64) }).collect();
    let row = Row::new("memory", "opening each of 10,000 sessions that stay open", &input.label, "warm, journaled", Unit::Seconds);
    report.add(row.target(Limit::AtMost(10e-6)).with("Acetate", Figure::of(&time).ok_or_else(|| "no answer".to_owned())));
    Ok(())
}

fn growth(answer: &Answer) -> f64 {
    answer.after as f64 - answer.before as f64
}

fn worktree_bytes(bench: &Bench, edits: &[Edit]) -> Result<u64> {
    let input = bench.largest()?;
    let worktrees = Worktrees::new(Git::at(bench.stage.clone_of(input, "worktree")?), bench.stage.folder("worktree")?);
    let path = worktrees.add()?;
    write_files(&path, edits)?;
    Ok(disk_bytes(&path))
}

/// What a mount takes on disk after the edits, and in the kernel's caches after one `git status`.
fn overlayfs_bytes(bench: &Bench, edits: &[Edit]) -> Result<(f64, f64)> {
    let lower = bench.stage.checkout(bench.largest()?)?;
    // The lower layer's own share is there already.
    Git::at(&lower).run(&["status", "--porcelain"])?;
    let overlay = Overlayfs::new(lower, bench.stage.folder("mounts")?);
    let before = slab_bytes();
    let mounted = overlay.mount()?;
    write_files(mounted.path(), edits)?;
    Git::at(mounted.path()).run(&["status", "--porcelain"])?;
    let kernel = slab_bytes().saturating_sub(before);
    Ok((disk_bytes(mounted.upper()) as f64, kernel as f64))
}

fn once(sample: Result<Sample>) -> Outcome {
    single(sample.map(|sample| sample.value).map_err(|error| format!("{error:#}")))
}

fn single(value: Result<f64, String>) -> Outcome {
    Figure::of(&[Sample::of(value?)]).ok_or_else(String::new)
}
