//! Landing a 15-file change onto a head that has moved by another 15 files.

use crate::inputs::Input;
use crate::measure::{Contender, Sample, Stopwatch};
use crate::peers::{MergeWorktree, Merges, floor};
use crate::probe::in_threads;
use crate::product::{self, Product};
use crate::report::{Limit, Report, Row, Unit};
use crate::run::Bench;
use crate::text::Place;
use acetate_engine::Session;
use anyhow::{Result, bail};

const FILES: usize = 15;
const THREADS: usize = 16;

/// Measures them.
///
/// # Errors
/// When a peer can't be set up.
pub fn land(bench: &Bench, report: &mut Report) -> Result<()> {
    for input in bench.usual() {
        for shared in [false, true] {
            one(bench, input, shared, report)?;
        }
        report.add(many(bench, input)?);
    }
    Ok(())
}

/// A session with its change, made before the head moved. Each number is used once, since a change made again would be none.
fn behind(product: &Product, input: &Input, number: usize, shared: bool) -> Result<Session> {
    let at = number * 2 * FILES;
    let own = input.edits(if shared { at } else { at + FILES }, FILES, "", 0, Place::Top);
    let session = product.edited_at_head(&own, &format!("side {number}"), Place::Bottom)?;
    let others = input.edits(at, FILES, "", 0, Place::Top);
    let mover = product.edited_at_head(&others, &format!("head {number}"), Place::Top)?;
    product::land(&mover)?;
    mover.close(true)?;
    product.settled()?;
    Ok(session)
}

fn one(bench: &Bench, input: &Input, shared: bool, report: &mut Report) -> Result<()> {
    let files = if shared { "the same files, other lines" } else { "other files" };
    let (limit, rounds) = (if shared { 3e-3 } else { 1e-3 }, bench.plan.rounds);
    let name = |what: &str| format!("{what} a 15-file change, the head moved by 15: {files}");
    let merge = Row::new("land", name("merge"), &input.label, "warm, dry run, nothing synced", Unit::Seconds).target(Limit::AtMost(limit));
    let whole = Row::new("land", name("land"), &input.label, "warm, durable", Unit::Seconds);
    let product = match Product::open(&bench.stage.clone_of(input, "land")?) {
        Ok(product) => product,
        Err(error) => {
            report.add(merge.missing("Acetate", format!("{error:#}")));
            report.add(whole.missing("Acetate", format!("{error:#}")));
            return Ok(());
        }
    };
    // Each peer has pairs of branches of its own, so that none finds another's objects.
    let pairs = (rounds + 1) * 4;
    let merges = Merges::prepare(&bench.stage.clone_of(input, "merges")?, input, pairs, FILES, shared)?;
    let dry = Contender::new("Acetate, submit with dry_run", |round| {
        let session = behind(&product, input, round * 2, shared)?;
        let watch = Stopwatch::start();
        product::would_land(&session)?;
        let sample = watch.stop(1);
        session.close(true)?;
        Ok(sample)
    });
    let merge_tree = Contender::new("git merge-tree --write-tree", |round| {
        let watch = Stopwatch::start();
        merges.merge_tree(round * 4)?;
        Ok(watch.stop(1))
    });
    report.add(merge.measure(rounds, vec![dry, merge_tree]));

    let submit = Contender::new("Acetate, submit", |round| {
        let session = behind(&product, input, round * 2 + 1, shared)?;
        let watch = Stopwatch::start();
        product::land(&session)?;
        let sample = watch.stop(1);
        session.close(true)?;
        Ok(sample)
    });
    let landing = Contender::new("git merge-tree, commit-tree, update-ref", |round| {
        let watch = Stopwatch::start();
        merges.land(round * 4 + 1)?;
        Ok(watch.stop(1))
    });
    let replay = Contender::new("git replay, update-ref", |round| {
        let watch = Stopwatch::start();
        merges.replay(round * 4 + 2)?;
        Ok(watch.stop(1))
    });
    let worktree = MergeWorktree::new(&merges, bench.stage.folder("merging")?)?;
    let merging = Contender::new("git merge in a worktree", |round| {
        worktree.prepare(round * 4 + 3)?;
        let watch = Stopwatch::start();
        worktree.merge(round * 4 + 3)?;
        Ok(watch.stop(1))
    });
    let floor = floor(&bench.stage.folder("floor")?, 75_000)?;
    let whole = whole.note("the design asks for the merge's time, then the group's sync; git syncs every object (core.fsync=all)");
    report.add(whole.measure(rounds, vec![submit, landing, replay, merging, floor]));
    Ok(())
}

fn many(bench: &Bench, input: &Input) -> Result<Row> {
    let sessions = (input.editable() / FILES).min(if bench.plan.quick { 80 } else { 320 });
    let row =
        Row::new("land", format!("landings a second, {THREADS} threads"), &input.label, "warm, durable, disjoint files", Unit::PerSecond);
    let row = row.target(Limit::AtLeast(300.0)).note(format!("{sessions} sessions of 15 changed files each, prepared; all on one branch"));
    if sessions < THREADS {
        bail!("too few files for {THREADS} sessions of {FILES}");
    }
    let product = match Product::open(&bench.stage.clone_of(input, "landings")?) {
        Ok(product) => product,
        Err(error) => return Ok(row.missing("Acetate", format!("{error:#}"))),
    };
    let acetate = Contender::new("Acetate", |round| {
        let open =
            |number: usize| product.edited_at_head(&input.edits(number * FILES, FILES, "", 0, Place::Top), &format!("{round}"), Place::Top);
        let sessions = (0..sessions).map(open).collect::<Result<Vec<_>>>()?;
        let watch = Stopwatch::start();
        in_threads(sessions.chunks(sessions.len().div_ceil(THREADS)), |part| part.iter().try_for_each(product::land))?;
        let sample = watch.rate(sessions.len());
        for session in sessions {
            session.close(true)?;
        }
        Ok(sample)
    });
    let batch = 5;
    let merges = Merges::prepare(&bench.stage.clone_of(input, "merges")?, input, (bench.plan.rounds + 1) * batch, FILES, false)?;
    let peer = Contender::new("git merge-tree, commit-tree, update-ref, one after the other", |round| {
        let watch = Stopwatch::start();
        (0..batch).try_for_each(|number| merges.land(round * batch + number))?;
        anyhow::Ok(watch.rate(batch)).map(|sample: Sample| sample)
    });
    Ok(row.measure(bench.plan.rounds, vec![acetate, peer]))
}
