//! Workspaces that outlive sessions: forking one, bringing a session back, the first file of a large one.

use super::points;
use crate::inputs::{Edit, Input};
use crate::measure::{Contender, Figure, Sample, Stopwatch};
use crate::peers::{
    CatFile, Clones, DURABLE, FastImport, Git, LOCAL, Overlayfs, REFERENCE, SHARED, Worktrees, add_and_commit, floor, no_overlayfs,
    read_file, write_files,
};
use crate::product::Product;
use crate::report::{Report, Row, Unit};
use crate::run::Bench;
use crate::text::Place;
use acetate_engine::api::Fork;
use anyhow::{Result, ensure};
use std::time::Duration;

/// How many files a session has changed that rests.
const FILES: usize = 50;
const WORKTREE: &str = "git worktree add";
const OVERLAYFS: &str = "kernel overlayfs, mount(2) over the changes kept (needs a checkout first)";

/// Measures them, on inputs with a history.
///
/// # Errors
/// When a peer can't be set up.
pub fn workspaces(bench: &Bench, report: &mut Report) -> Result<()> {
    let mut inputs = Vec::new();
    for input in bench.usual() {
        ensure!(input.editable() > 0, "no file can be edited");
        let commits = if input.files < 10_000 { 1_000 } else { 10_000 };
        inputs.push(input.with_history(bench.stage.clone_of(input, "history")?, commits)?);
    }
    for input in &inputs {
        report.add(fork(bench, input)?);
        report.add(pause(bench, input)?);
        report.add(resume(bench, input)?);
    }
    first_files(bench, &inputs, report)?;
    for input in &inputs {
        points::checkpoint(bench, input, report)?;
        points::diff(bench, input, report)?;
        points::bundles(bench, input, report)?;
    }
    Ok(())
}

/// Rounds of what takes seconds.
pub(super) fn few(bench: &Bench) -> usize {
    if bench.plan.quick { 1 } else { 3 }
}

/// Lets Acetate write on disk what Git reads of an effect that was answered, so that this does not meet the peers' turns.
pub(super) fn settle() {
    std::thread::sleep(Duration::from_millis(700));
}

fn fork(bench: &Bench, input: &Input) -> Result<Row> {
    let row = Row::new("workspaces", "fork a workspace", &input.label, "warm, durable", Unit::Seconds);
    let product = match Product::open(&bench.stage.clone_of(input, "fork")?) {
        Ok(product) => product,
        Err(error) => return Ok(row.missing("Acetate", format!("{error:#}"))),
    };
    let acetate = Contender::new("Acetate", |round| {
        let watch = Stopwatch::start();
        let fork = product.workspace().fork(Fork { name: Some(format!("fork-{round}")), at: None }, None)?;
        let sample = watch.stop(1);
        let head = fork.head.commit.map(|commit| commit.to_string());
        ensure!(head.as_deref() == Some(&input.commit), "the fork stands on {head:?}");
        settle();
        Ok(sample)
    });
    let namespaces = Git::at(bench.stage.clone_of(input, "namespaces")?).with(&DURABLE);
    let namespace = Contender::new("git update-ref into a namespace (a ref, without name or settings)", |round| {
        let watch = Stopwatch::start();
        namespaces.run(&["update-ref", &format!("refs/namespaces/fork{round}/refs/heads/main"), &input.commit])?;
        Ok(watch.stop(1))
    });
    let clones = Clones::new(&DURABLE, bench.stage.clone_of(input, "cloned")?, bench.stage.folder("clones")?);
    let worktrees = Worktrees::new(Git::at(bench.stage.clone_of(input, "worktrees")?), bench.stage.folder("worktrees")?);
    let mut contenders = vec![acetate, namespace];
    for way in [SHARED, REFERENCE, LOCAL] {
        let clones = &clones;
        contenders.push(Contender::new(way, move |_| {
            let watch = Stopwatch::start();
            let path = clones.add(way)?;
            let sample = watch.stop(1);
            let head = Git::at(path).line(&["rev-parse", "HEAD"])?;
            ensure!(head == input.commit, "the clone stands on {head}");
            Ok(sample)
        }));
    }
    let worktree = Contender::new(WORKTREE, |_| {
        let watch = Stopwatch::start();
        worktrees.add()?;
        Ok(watch.stop(1))
    });
    contenders.push(worktree.at_most(few(bench)));
    contenders.push(floor(&bench.stage.folder("floor")?, 1_000)?);
    let row = row.note("one branch; the fork is durable and open when it answers, git reads its refs a moment later");
    let row =
        row.note("what git clones has its refs synced, not its configuration; a worktree also has the files, and no branches of its own");
    Ok(row.measure(bench.plan.rounds, contenders))
}

/// The files of a session that rests, other ones for each who and round.
fn unsaved(input: &Input, who: &str, round: usize) -> Vec<Edit> {
    input.edits(round * FILES, FILES, &format!("{who} {round}"), 20, Place::Spread)
}

/// Whoever read something else brought nothing back.
fn expect(read: &[u8], edits: &[Edit]) -> Result<()> {
    ensure!(edits.first().is_some_and(|edit| read == &edit.content.0[..]), "another text was read");
    Ok(())
}

fn pause(bench: &Bench, input: &Input) -> Result<Row> {
    let row = Row::new("workspaces", "pause a session with 50 unsaved files, 1,000 lines", &input.label, "warm, durable", Unit::Seconds);
    let product = match Product::open(&bench.stage.clone_of(input, "pause")?) {
        Ok(product) => product,
        Err(error) => return Ok(row.missing("Acetate", format!("{error:#}"))),
    };
    let acetate = Contender::new("Acetate", |round| {
        let session = product.edited(&unsaved(input, "acetate", round))?;
        let watch = Stopwatch::start();
        session.pause()?;
        let sample = watch.stop(1);
        settle();
        Ok(sample)
    });
    let stashing = Git::at(bench.stage.checkout_to_change(input, "stash")?).with(&DURABLE);
    let stash = Contender::new("git stash push", |round| {
        write_files(stashing.folder(), &unsaved(input, "stash", round))?;
        let watch = Stopwatch::start();
        stashing.run(&["stash", "push", "-q"])?;
        Ok(watch.stop(1))
    });
    let committing = Git::at(bench.stage.checkout_to_change(input, "saved")?).with(&DURABLE);
    let commit = Contender::new("git add + commit of just these paths", |round| {
        let edits = unsaved(input, "commit", round);
        write_files(committing.folder(), &edits)?;
        let watch = Stopwatch::start();
        add_and_commit(&committing, &edits)?;
        Ok(watch.stop(1))
    });
    let floor = floor(&bench.stage.folder("floor")?, 250_000)?;
    let row =
        row.note("the session leaves memory; its files are a commit on stable storage. All of git's objects are synced (core.fsync=all)");
    Ok(row.measure(bench.plan.rounds, vec![acetate, stash, commit, floor]))
}

fn resume(bench: &Bench, input: &Input) -> Result<Row> {
    let name = "resume a session with 50 unsaved files, 1,000 lines, and read one";
    let row = Row::new("workspaces", name, &input.label, "warm, durable", Unit::Seconds);
    let product = match Product::open(&bench.stage.clone_of(input, "resume")?) {
        Ok(product) => product,
        Err(error) => return Ok(row.missing("Acetate", format!("{error:#}"))),
    };
    let acetate = Contender::new("Acetate", |round| {
        let edits = unsaved(input, "acetate", round);
        let session = product.edited(&edits)?;
        session.pause()?;
        settle();
        let watch = Stopwatch::start();
        session.resume()?;
        let read = session.read(&edits[0].path)?;
        let sample = watch.stop(1);
        expect(&read.content.0, &edits)?;
        session.close(true)?;
        settle();
        Ok(sample)
    });
    let stashing = Git::at(bench.stage.checkout_to_change(input, "stash")?);
    let stash = Contender::new("git stash apply in a kept checkout", |round| {
        let edits = unsaved(input, "stash", round);
        write_files(stashing.folder(), &edits)?;
        stashing.run(&["stash", "push", "-q"])?;
        let watch = Stopwatch::start();
        stashing.run(&["stash", "apply", "-q"])?;
        let read = read_file(stashing.folder(), &edits[0].path)?;
        let sample = watch.stop(1);
        stashing.run(&["reset", "-q", "--hard"])?;
        expect(&read, &edits).map(|()| sample)
    });
    let branches = Git::at(bench.stage.clone_of(input, "worktrees")?);
    let mut import = FastImport::start(&branches)?;
    for round in 0..=few(bench) {
        import.commit(&format!("refs/heads/paused{round}"), Some(&input.commit), &unsaved(input, "worktree", round))?;
    }
    import.checkpoint()?;
    import.end()?;
    let worktrees = Worktrees::new(branches, bench.stage.folder("worktrees")?);
    let worktree = Contender::new("git worktree add of a branch that holds them", |round| {
        let edits = unsaved(input, "worktree", round);
        let watch = Stopwatch::start();
        let path = worktrees.add_at(&format!("paused{round}"))?;
        let read = read_file(&path, &edits[0].path)?;
        let sample = watch.stop(1);
        expect(&read, &edits).map(|()| sample)
    });
    let overlay = match no_overlayfs() {
        None => Some(Overlayfs::new(bench.stage.checkout(input)?, bench.stage.folder("mounts")?)),
        Some(_) => None,
    };
    let mut contenders = vec![acetate, stash, worktree.at_most(few(bench))];
    if let Some(overlay) = &overlay {
        contenders.push(Contender::new(OVERLAYFS, |round| {
            let edits = unsaved(input, "overlayfs", round);
            let mounted = overlay.mount()?;
            write_files(mounted.path(), &edits)?;
            let kept = mounted.undo();
            let watch = Stopwatch::start();
            let mounted = overlay.over(&kept)?;
            let read = read_file(mounted.path(), &edits[0].path)?;
            let sample = watch.stop(1);
            expect(&read, &edits).map(|()| sample)
        }));
    }
    let row = row.note("of the peers nothing is on stable storage: neither the files of a checkout nor a mount");
    let row = row.measure(bench.plan.rounds, contenders);
    Ok(if overlay.is_none() { row.missing(OVERLAYFS, no_overlayfs().unwrap_or("skipped")) } else { row })
}

/// The first file of workspaces of every size, and how the largest stands to one of ten files.
fn first_files(bench: &Bench, inputs: &[Input], report: &mut Report) -> Result<()> {
    let tiny = Input::make(&bench.stage.folder("small")?, 10)?;
    let tiny = tiny.with_history(bench.stage.clone_of(&tiny, "history")?, 10)?;
    let mut medians = Vec::new();
    for input in std::iter::once(&tiny).chain(inputs) {
        let row = first_file(bench, input)?;
        medians.push(row.acetate().map(|median| (&input.label, median)));
        report.add(row);
    }
    let (Some(Some((small, first))), Some(Some((large, last)))) = (medians.first(), medians.last()) else { return Ok(()) };
    let name = "the first file at every size: largest by smallest";
    let row = Row::new("workspaces", name, format!("{large} against {small}"), "Acetate's caches empty, the kernel's warm", Unit::Ratio);
    let figure = Figure::of(&[Sample::of(last / first)]).ok_or_else(String::new);
    let row = row.note("of the medians above; the larger one has more entries in the folders on the way, and more objects in its packs");
    report.add(row.with("Acetate", figure));
    Ok(())
}

fn first_file(bench: &Bench, input: &Input) -> Result<Row> {
    let state = "Acetate's caches empty, the kernel's warm";
    let row = Row::new("workspaces", "the first file of a workspace, by its name", &input.label, state, Unit::Seconds);
    let paths = input.paths(bench.plan.rounds + 1);
    ensure!(!paths.is_empty(), "no file to read");
    let mut texts = Vec::new();
    let mut cat = CatFile::start(&Git::at(&input.repository))?;
    for path in &paths {
        texts.push(cat.read(&[b"HEAD:", path.as_bytes()].concat())?.to_vec());
    }
    let chosen = |round: usize| (&paths[round % paths.len()], &texts[round % texts.len()]);
    let same = |read: &[u8], text: &[u8]| -> Result<()> {
        ensure!(read == text, "another text was read");
        Ok(())
    };
    let repository = bench.stage.clone_of(input, "first")?;
    let name = match Product::open(&repository).and_then(|product| Ok(product.workspace().info()?.name)) {
        Ok(name) => name,
        Err(error) => return Ok(row.missing("Acetate", format!("{error:#}"))),
    };
    let first = |round: usize, opening: bool| {
        let (path, text) = chosen(round);
        let mut watch = Stopwatch::start();
        let product = Product::open(&repository)?;
        if !opening {
            watch = Stopwatch::start();
        }
        let read = product.named(&name)?.read(None, path)?;
        let sample = watch.stop(1);
        same(&read.content.0, text).map(|()| sample)
    };
    let acetate = Contender::new("Acetate, the store open", |round| first(round, false));
    let opening = Contender::new("(Acetate, opening the store too, as a daemon does once)", |round| first(round, true));
    let blobs = Git::at(bench.stage.clone_of(input, "cat-file")?);
    let object = |path: &acetate_types::RepoPath| format!("HEAD:{}", String::from_utf8_lossy(path.as_bytes()));
    let blob = Contender::new("git cat-file blob", |round| {
        let (path, text) = chosen(round);
        let watch = Stopwatch::start();
        let read = blobs.run(&["cat-file", "blob", &object(path)])?;
        let sample = watch.stop(1);
        same(&read, text).map(|()| sample)
    });
    let clones = Clones::new(&[], bench.stage.clone_of(input, "cloned")?, bench.stage.folder("clones")?);
    let cloning = |way: &'static str| {
        let clones = &clones;
        Contender::new(format!("{way}, cat-file blob"), move |round| {
            let (path, text) = chosen(round);
            let watch = Stopwatch::start();
            let read = Git::at(clones.add(way)?).run(&["cat-file", "blob", &object(path)])?;
            let sample = watch.stop(1);
            same(&read, text).map(|()| sample)
        })
    };
    let worktrees = Worktrees::new(Git::at(bench.stage.clone_of(input, "worktrees")?), bench.stage.folder("worktrees")?);
    let worktree = Contender::new("git worktree add, open and read", |round| {
        let (path, text) = chosen(round);
        let watch = Stopwatch::start();
        let read = read_file(&worktrees.add()?, path)?;
        let sample = watch.stop(1);
        same(&read, text).map(|()| sample)
    });
    let contenders = vec![acetate, opening, blob, cloning(SHARED), cloning(REFERENCE), worktree.at_most(few(bench))];
    let row = row.note("each round in an engine that has read nothing before; git starts a process, which opens the repository each time");
    Ok(row.measure(bench.plan.rounds, contenders))
}
