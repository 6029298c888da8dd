//! Whole jobs: open, write 50 files, commit, close; alone and many at once, with what they leave on disk.

use crate::inputs::{Edit, Input};
use crate::measure::{Contender, Figure, Sample, Stopwatch};
use crate::peers::{DURABLE, FastImport, Git, Overlayfs, Worktrees, no_overlayfs};
use crate::probe::{Answer, Order, Task, in_threads};
use crate::report::{Limit, Report, Row, Unit};
use crate::run::Bench;
use crate::text::Place;
use crate::usage::disk_bytes;
use acetate_types::RepoPath;
use anyhow::Result;
use std::cell::RefCell;
use std::path::Path;

const FILES: usize = 50;
const WORKTREE: &str = "git worktree add, add + commit, remove";
const OVERLAYFS: &str = "kernel overlayfs, git add + commit";
const IMPORT: &str = "git fast-import kept running, one checkpoint for all";

/// Measures them.
///
/// # Errors
/// When a peer can't be set up.
pub fn jobs(bench: &Bench, report: &mut Report) -> Result<()> {
    for input in bench.usual() {
        for agents in [1, 20, 100] {
            committing(bench, input, agents, report)?;
        }
        for agents in [1, 20, 100] {
            submitting(bench, input, agents, report)?;
        }
    }
    Ok(())
}

/// How many jobs each agent does one after the other.
fn jobs_each(bench: &Bench, agents: usize) -> usize {
    let each = if agents == 1 { 20 } else { 200 / agents };
    if bench.plan.quick { each.div_ceil(4) } else { each }
}

/// What a contender's rounds left on disk, per job.
#[derive(Default)]
struct Growth(RefCell<Vec<Sample>>);

impl Growth {
    fn add(&self, before: u64, folder: &Path, jobs: usize) {
        let grown = disk_bytes(folder).saturating_sub(before);
        self.0.borrow_mut().push(Sample::of(grown as f64 / jobs.max(1) as f64));
    }

    fn figure(self) -> Result<Figure, String> {
        Figure::of(&self.0.into_inner()).ok_or_else(|| "not measured".to_owned())
    }
}

fn committing(bench: &Bench, input: &Input, agents: usize, report: &mut Report) -> Result<()> {
    let name = format!("open, write 50 files, commit, close: {}", crowd(agents));
    let row = Row::new("jobs", &name, &input.label, "warm, durable, journaled", Unit::PerSecond);
    let row = if agents == 20 { row.target(Limit::AtLeast(240.0)) } else { row };
    let each = jobs_each(bench, agents);
    let (answers, grown) = (RefCell::default(), Growth::default());
    let edits = |round: usize, job: usize| input.edits(job * FILES, FILES, &format!("job {round} {job}"), 20, Place::Spread);
    let acetate = Contender::new("Acetate", |round| {
        // The first is the warming up's.
        let sets = (0..=agents * each).map(|job| edits(round, job)).collect();
        acetate(bench, input, Task::Jobs { agents, submits: false }, sets, &answers, &grown)
    });
    let most = if bench.plan.quick { 1 } else { 3 };
    let folder = bench.stage.folder("jobs")?;

    let repository = bench.stage.clone_of(input, "worktrees")?;
    let worktrees = Worktrees::new(Git::at(&repository).with(&DURABLE), folder.clone());
    let worktree_grown = Growth::default();
    // A cycle takes seconds where there are many files, and minutes for a hundred agents.
    let cycles = if input.files > 20_000 { 1 } else { agents };
    let worktree = Contender::new(if cycles < agents { format!("{WORKTREE} (one agent)") } else { WORKTREE.to_owned() }, |round| {
        let sets: Vec<Vec<Edit>> = (0..cycles).map(|job| edits(round, job)).collect();
        let before = disk_bytes(&repository);
        let watch = Stopwatch::start();
        in_threads(sets.iter(), |set| worktrees.job(&DURABLE, set))?;
        let sample = watch.rate(cycles);
        worktree_grown.add(before, &repository, cycles);
        Ok(sample)
    });

    let mounting = match no_overlayfs() {
        None => Some((Overlayfs::new(bench.stage.checkout_to_change(input, "lower")?, folder.clone()), Growth::default())),
        Some(_) => None,
    };
    let importing = bench.stage.clone_of(input, "import")?;
    let mut import = FastImport::start(&Git::at(&importing).with(&DURABLE))?;
    let import_grown = Growth::default();
    let fast_import = Contender::new(IMPORT, |round| {
        let sets: Vec<Vec<Edit>> = (0..agents).map(|job| edits(round, job)).collect();
        let before = disk_bytes(&importing);
        let watch = Stopwatch::with(&[import.pid()]);
        for (agent, set) in sets.iter().enumerate() {
            import.commit(&format!("refs/heads/agent{agent}"), Some(&input.commit), set)?;
        }
        import.checkpoint()?;
        let sample = watch.rate(agents);
        if round > 0 {
            import_grown.add(before, &importing, agents);
        }
        Ok(sample)
    });
    let mut contenders = vec![acetate.at_most(bench.plan.rounds), worktree.at_most(most), fast_import];
    if let Some((overlay, grown)) = &mounting {
        let contender = Contender::new(OVERLAYFS, |round| {
            let sets: Vec<Vec<Edit>> = (0..agents).map(|job| edits(round, job)).collect();
            let before = disk_bytes(&folder);
            let watch = Stopwatch::start();
            in_threads(sets.iter(), |set| overlay.job(&DURABLE, set))?;
            let sample = watch.rate(agents);
            grown.add(before, &folder, agents);
            Ok(sample)
        });
        // Every job looks at every file: with many of both, one round takes minutes.
        let most = if input.files * agents > 5_000_000 { 1 } else { most.max(bench.plan.rounds.min(5)) };
        contenders.push(contender.at_most(most));
    }
    let row =
        row.note(format!("Acetate does {} jobs a round, the peers one for each agent; processor time is for each job", agents * each));
    let row = row.measure(bench.plan.rounds, contenders);
    let missing = no_overlayfs();
    report.add(match missing {
        Some(why) => row.missing(OVERLAYFS, why),
        None => row,
    });

    let disk = Row::new("jobs", format!("left on disk by each job: {}", crowd(agents)), &input.label, "after the round", Unit::Bytes);
    let mut disk = disk.with("Acetate", grown.figure()).with(WORKTREE, worktree_grown.figure()).with(IMPORT, import_grown.figure());
    if let Some((_, grown)) = mounting {
        disk = disk.with(OVERLAYFS, grown.figure());
    }
    report.add(disk.note("a worktree also takes a whole checkout while it lives (row of group memory); Acetate's journal, trimmed as it is committed, is counted"));
    report.add(peak(input, agents, "commit", &answers.into_inner()));
    Ok(())
}

fn submitting(bench: &Bench, input: &Input, agents: usize, report: &mut Report) -> Result<()> {
    let name = format!("open, write 50 new files, commit, submit, close: {}", crowd(agents));
    let row = Row::new("jobs", name, &input.label, "warm, durable, journaled, all on one branch", Unit::PerSecond);
    let each = jobs_each(bench, agents);
    let (answers, grown) = (RefCell::default(), Growth::default());
    let acetate = Contender::new("Acetate", |round| {
        let sets = (0..=agents * each).map(|job| own_files(input, round, job)).collect::<Result<Vec<_>>>()?;
        acetate(bench, input, Task::Jobs { agents, submits: true }, sets, &answers, &grown)
    });
    let mut import = FastImport::start(&Git::at(bench.stage.clone_of(input, "import")?).with(&DURABLE))?;
    let mut from = Some(input.commit.as_str());
    let fast_import = Contender::new("git fast-import kept running, one checkpoint for all, no merging", |round| {
        let sets = (0..agents).map(|job| own_files(input, round, job)).collect::<Result<Vec<_>>>()?;
        let watch = Stopwatch::with(&[import.pid()]);
        for set in &sets {
            import.commit("refs/heads/line", from.take(), set)?;
        }
        import.checkpoint()?;
        Ok(watch.rate(agents))
    });
    report.add(row.measure(bench.plan.rounds, vec![acetate.at_most(bench.plan.rounds), fast_import]));
    report.add(peak(input, agents, "submit", &answers.into_inner()));
    Ok(())
}

/// One round of Acetate's jobs in a process and on a clone of its own.
fn acetate(
    bench: &Bench,
    input: &Input,
    task: Task,
    edits: Vec<Vec<Edit>>,
    answers: &RefCell<Vec<Answer>>,
    grown: &Growth,
) -> Result<Sample> {
    let repository = bench.stage.clone_of(input, "jobs")?;
    let jobs = edits.len() - 1;
    let order = Order { repository, task, edits };
    let answer = order.run(&bench.stage.folder("probe")?)?;
    answers.borrow_mut().push(answer);
    grown.0.borrow_mut().push(Sample::of(answer.disk as f64 / jobs.max(1) as f64));
    Ok(Sample { value: jobs as f64 / answer.seconds, cpu: Some(answer.cpu / jobs.max(1) as f64) })
}

fn peak(input: &Input, agents: usize, what: &str, answers: &[Answer]) -> Row {
    let samples: Vec<Sample> = answers.iter().map(|answer| Sample::of(answer.peak.saturating_sub(answer.before) as f64)).collect();
    let name = format!("most memory beyond the start, jobs that {what}: {}", crowd(agents));
    let row = Row::new("jobs", name, &input.label, "resident, caches included", Unit::Bytes);
    let cached = answers.iter().map(|answer| answer.cached).max().unwrap_or(0);
    let row = row.note(format!("of it in the object caches, which are bounded: {} at the end", Unit::Bytes.show(cached as f64)));
    row.with("Acetate", Figure::of(&samples).ok_or_else(|| "no answer".to_owned()))
}

/// 50 new files in a folder that no other job has, with texts of the repository.
fn own_files(input: &Input, round: usize, job: usize) -> Result<Vec<Edit>> {
    let edits = input.edits(job * FILES, FILES, &format!("job {round} {job}"), 20, Place::Spread);
    let moved = |(number, edit): (usize, Edit)| {
        let path = RepoPath::new(format!("jobs/round_{round}/job_{job:04}/file_{number:02}.txt"))?;
        Ok(Edit { path, content: edit.content })
    };
    edits.into_iter().enumerate().map(moved).collect()
}

fn crowd(agents: usize) -> String {
    if agents == 1 { "1 agent".to_owned() } else { format!("{agents} agents") }
}
