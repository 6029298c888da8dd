//! System calls and syncs of a commit: what is the same on every run, and so what can be gated on.

use super::commit::FILES;
use crate::inputs::{Edit, Input};
use crate::measure::{Figure, Outcome, Sample};
use crate::peers::{CommitTree, DURABLE, Git, Worktrees, add_and_commit, import_all, write_files};
use crate::probe::{Order, Task};
use crate::report::{Limit, Report, Row, Unit};
use crate::run::Bench;
use crate::strace::{Counts, Tally};
use crate::text::Place;
use anyhow::Result;
use std::sync::Arc;

/// How many commits more than one are counted, so that starting and ending cancel out.
const MORE: usize = 10;
/// Sessions that commit at the same moment.
const TOGETHER: usize = 20;

/// Counts them.
///
/// # Errors
/// When a peer can't be set up.
pub fn commit(bench: &Bench, input: &Input, report: &mut Report) -> Result<()> {
    let turns: Vec<Vec<Edit>> =
        (0..=MORE).map(|turn| input.edits(turn * FILES, FILES, &format!("count {turn}"), 20, Place::Spread)).collect();
    let one_file = acetate(bench, input, vec![input.edits(0, 1, "one", 20, Place::Spread)]);
    let alone = acetate(bench, input, turns[..1].to_vec());
    let together: Vec<Vec<Edit>> =
        (0..TOGETHER).map(|set| input.edits(set * FILES, FILES, &format!("set {set}"), 20, Place::Spread)).collect();
    let together = acetate(bench, input, together);
    let peers = [
        ("git add + commit, all synced", adding(bench, input, &turns[0]).map(|counts| (counts, 1))),
        ("git fast-import kept running, checkpoint", importing(bench, input, &turns).map(|counts| (counts, MORE))),
        ("git hash-object … commit-tree, index kept, all synced", piping(bench, input, &turns[0]).map(|counts| (counts, 1))),
        ("git worktree add, add + commit, remove", cycle(bench, input, &turns[0]).map(|counts| (counts, 1))),
    ];
    let counted = "counted with strace -c -f";
    for (name, pick) in
        [("system calls of a commit of 50 files", Counts::total as fn(&Counts) -> u64), ("syncs of a commit of 50 files", Counts::syncs)]
    {
        let mut row = Row::new("commit", name, &input.label, counted, Unit::Count);
        if let (true, Ok((counts, commits))) = (name.starts_with("syncs"), &one_file) {
            row = row
                .target(Limit::AtMost(each(counts, *commits, pick)))
                .note("the target is what a commit of one file takes: a fixed number");
        }
        row = row.with("Acetate", outcome(&alone, pick));
        for (peer, counts) in &peers {
            row = row.with(*peer, outcome(counts, pick));
        }
        report.add(row);
    }
    let name = "syncs of each commit, 20 sessions at once";
    let mut row = Row::new("commit", name, &input.label, counted, Unit::Count);
    if let Ok((counts, commits)) = &alone {
        row = row
            .target(Limit::AtMost(each(counts, *commits, Counts::syncs) / 2.0))
            .note("the target is half of what one takes alone: groups form");
    }
    report.add(row.with("Acetate", outcome(&together, Counts::syncs)));
    Ok(())
}

type Counted = Result<(Counts, usize)>;

fn each(counts: &Counts, commits: usize, pick: fn(&Counts) -> u64) -> f64 {
    pick(counts) as f64 / commits.max(1) as f64
}

fn outcome(counted: &Counted, pick: fn(&Counts) -> u64) -> Outcome {
    let (counts, commits) = counted.as_ref().map_err(|error| format!("{error:#}"))?;
    Figure::of(&[Sample::of(each(counts, *commits, pick))]).ok_or_else(String::new)
}

/// What [`MORE`] commits of each session take beyond the first.
fn acetate(bench: &Bench, input: &Input, edits: Vec<Vec<Edit>>) -> Counted {
    let sessions = edits.len();
    let mut order = Order { repository: Default::default(), task: Task::Commits { times: 1 }, edits };
    let mut count = |times: usize| {
        order.repository = bench.stage.clone_of(input, "counted")?;
        order.task = Task::Commits { times };
        order.count(&bench.stage.folder("probe")?)
    };
    let few = count(1)?;
    Ok((count(1 + MORE)?.minus(&few), MORE * sessions))
}

fn adding(bench: &Bench, input: &Input, edits: &[Edit]) -> Result<Counts> {
    let tally = Arc::new(Tally::new(&bench.stage.folder("tally")?));
    let git = Git::at(bench.stage.checkout_to_change(input, "counted")?).with(&DURABLE).counted(Arc::clone(&tally));
    write_files(git.folder(), edits)?;
    add_and_commit(&git, edits)?;
    Ok(tally.take())
}

fn importing(bench: &Bench, input: &Input, turns: &[Vec<Edit>]) -> Result<Counts> {
    let tally = Arc::new(Tally::new(&bench.stage.folder("tally")?));
    let git = Git::at(bench.stage.clone_of(input, "counted")?).with(&DURABLE).counted(Arc::clone(&tally));
    import_all(&git, &input.commit, &turns[..1])?;
    let few = tally.take();
    import_all(&git, &input.commit, turns)?;
    Ok(tally.take().minus(&few))
}

fn piping(bench: &Bench, input: &Input, edits: &[Edit]) -> Result<Counts> {
    let tally = Arc::new(Tally::new(&bench.stage.folder("tally")?));
    let git = Git::at(bench.stage.clone_of(input, "counted")?).with(&DURABLE).counted(Arc::clone(&tally));
    let pipeline = CommitTree::start(&git, &bench.stage.folder("pipeline")?, &input.commit)?;
    pipeline.prepare(edits)?;
    drop(tally.take());
    pipeline.commit(edits, "refs/heads/counted")?;
    Ok(tally.take())
}

fn cycle(bench: &Bench, input: &Input, edits: &[Edit]) -> Result<Counts> {
    let tally = Arc::new(Tally::new(&bench.stage.folder("tally")?));
    let git = Git::at(bench.stage.clone_of(input, "counted")?).with(&DURABLE).counted(Arc::clone(&tally));
    let worktrees = Worktrees::new(git, bench.stage.folder("counted")?);
    let path = worktrees.add()?;
    write_files(&path, edits)?;
    add_and_commit(&Git::at(&path).with(&DURABLE).counted(Arc::clone(&tally)), edits)?;
    worktrees.remove(&path)?;
    Ok(tally.take())
}
