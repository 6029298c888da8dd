//! Points of a workspace: naming one, the difference between two, and taking all of them elsewhere in a bundle.

use super::workspaces::{few, settle};
use crate::inputs::Input;
use crate::measure::{Contender, Sample, Stopwatch};
use crate::peers::{Clones, DURABLE, FastImport, Git, floor};
use crate::product::{Fresh, Product};
use crate::report::{Report, Row, Unit};
use crate::run::Bench;
use acetate_engine::DiffOptions;
use acetate_engine::api::CreateCheckpoint;
use anyhow::{Context as _, Result, ensure};
use std::io::Read as _;

/// How many commits, and where each changed another file as many files, two points are apart.
const APART: usize = 200;
const BY_COMMIT: &str = "Acetate, the earlier point named by its commit";
const BY_BRANCH: &str = "(Acetate, by a branch)";
/// Checks what `git` takes from outside as Acetate does.
const CHECKED: [&str; 2] = ["-c", "transfer.fsckObjects=true"];

/// Measures naming a point.
///
/// # Errors
/// When a peer can't be set up.
pub(super) fn checkpoint(bench: &Bench, input: &Input, report: &mut Report) -> Result<()> {
    let row = Row::new("workspaces", "make a checkpoint of the head", &input.label, "warm, durable", Unit::Seconds);
    let product = match Product::open(&bench.stage.clone_of(input, "checkpoint")?) {
        Ok(product) => product,
        Err(error) => {
            report.add(row.missing("Acetate", format!("{error:#}")));
            return Ok(());
        }
    };
    let acetate = Contender::new("Acetate", |round| {
        let create = CreateCheckpoint { name: format!("point-{round}"), at: None, message: Some("As it was".to_owned()) };
        let watch = Stopwatch::start();
        let made = product.workspace().create_checkpoint(create, None)?;
        let sample = watch.stop(1);
        ensure!(made.commit.to_string() == input.commit, "it names {}", made.commit);
        settle();
        Ok(sample)
    });
    let tagging = Git::at(bench.stage.clone_of(input, "tag")?).with(&DURABLE);
    let tag = Contender::new("git tag -a, all synced", |round| {
        let watch = Stopwatch::start();
        tagging.run(&["tag", "-a", "-m", "As it was", &format!("point-{round}"), "HEAD"])?;
        Ok(watch.stop(1))
    });
    let mut import = FastImport::start(&Git::at(bench.stage.clone_of(input, "import")?).with(&DURABLE))?;
    let import = Contender::new("git fast-import kept running, tag and checkpoint (folder not synced)", |round| {
        let watch = Stopwatch::with(&[import.pid()]);
        import.tag(&format!("point-{round}"), &input.commit, "As it was")?;
        import.checkpoint()?;
        Ok(watch.stop(1))
    });
    let floor = floor(&bench.stage.folder("floor")?, 1_000)?;
    let row = row.note("the tag's object and the record of it are durable when it answers, git reads the ref a moment later");
    report.add(row.measure(bench.plan.rounds, vec![acetate, tag, import, floor]));
    Ok(())
}

/// Measures the difference between two points, with caches warm and empty.
///
/// # Errors
/// When a peer can't be set up.
pub(super) fn diff(bench: &Bench, input: &Input, report: &mut Report) -> Result<()> {
    let git = Git::at(bench.stage.clone_of(input, "git-diff")?);
    let history: usize = git.line(&["rev-list", "--count", "--first-parent", "HEAD"])?.parse().context("what rev-list said")?;
    let before = git.line(&["rev-parse", &format!("HEAD~{}", APART.min(history - 1))])?;
    let known = Apart::of(&String::from_utf8(git.run(&["diff", "--numstat", &before, "HEAD"])?)?);
    let name = format!("the difference of two points with all hunks, {} files apart", known.files);
    let options = DiffOptions { hunks: true, patch: false, symbols: false, context: 3, paths: Vec::new() };
    let ours = |product: &Product, from: &str| -> Result<Sample> {
        let watch = Stopwatch::start();
        let diff = product.workspace().diff(from, &input.commit, &options)?;
        let sample = watch.stop(1);
        ensure!(!diff.truncated && diff.files.iter().all(|file| file.added + file.removed == 0 || !file.hunks.is_empty()), "no hunks");
        let found = diff.files.iter().fold(Apart::default(), |sum, file| sum.and(file.added, file.removed));
        ensure!(found == known, "it found {found:?}, git {known:?}");
        Ok(sample)
    };
    let theirs = |args: &'static [&'static str]| {
        let (git, before, known) = (&git, &before, &known);
        Contender::new(format!("git {}", args.join(" ")), move |_| {
            let watch = Stopwatch::start();
            let output = git.run(&[args, &[before, &input.commit]].concat())?;
            let sample = watch.stop(1);
            let files = output.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"diff --git ")).count();
            ensure!(files == known.files, "{files} files instead of {}", known.files);
            Ok(sample)
        })
    };
    let (repository, branched) = (bench.stage.clone_of(input, "diff")?, bench.stage.clone_of(input, "diff-branch")?);
    Git::at(&branched).run(&["branch", "earlier", &before])?;
    let warm = Row::new("workspaces", &name, &input.label, "warm", Unit::Seconds);
    let warm = warm.note("renames are looked for; of an old commit that no ref names Acetate asks git whether the workspace has it");
    let state = "Acetate's caches empty, the kernel's warm";
    let cold = Row::new("workspaces", format!("{name}, for the first time"), &input.label, state, Unit::Seconds);
    let (product, branches) = match Product::open(&repository).and_then(|product| Ok((product, Product::open(&branched)?))) {
        Ok(products) => products,
        Err(error) => {
            report.add(warm.missing("Acetate", format!("{error:#}")));
            return Ok(());
        }
    };
    let peers = || [theirs(&["diff"]), theirs(&["diff-tree", "-r", "-p"])];
    let commit = Contender::new(BY_COMMIT, |_| ours(&product, &before));
    let branch = Contender::new(BY_BRANCH, |_| ours(&branches, "refs/heads/earlier"));
    report.add(warm.measure(bench.plan.rounds, [commit, branch].into_iter().chain(peers()).collect()));
    drop((product, branches));
    let commit = Contender::new(BY_COMMIT, |_| ours(&Product::open(&repository)?, &before));
    let branch = Contender::new(BY_BRANCH, |_| ours(&Product::open(&branched)?, "refs/heads/earlier"));
    report.add(cold.measure(bench.plan.rounds, [commit, branch].into_iter().chain(peers()).collect()));
    Ok(())
}

/// How far two points are apart: files, and how many lines the later one has more. Which lines stay is a matter of the algorithm.
#[derive(Debug, Default, PartialEq, Eq)]
struct Apart {
    files: usize,
    lines: i64,
}

impl Apart {
    /// Reads what `git diff --numstat` prints: added, removed, path; dashes for a binary file.
    fn of(table: &str) -> Self {
        let number = |field: Option<&str>| field.and_then(|field| field.parse().ok()).unwrap_or(0);
        table.lines().map(|line| line.split('\t')).fold(Self::default(), |sum, mut fields| {
            let (added, removed) = (number(fields.next()), number(fields.next()));
            sum.and(added, removed)
        })
    }

    /// One more file.
    fn and(self, added: u64, removed: u64) -> Self {
        Self { files: self.files + 1, lines: self.lines + added.cast_signed() - removed.cast_signed() }
    }
}

/// Measures writing a bundle of everything and making a workspace from it.
///
/// # Errors
/// When a peer can't be set up.
pub(super) fn bundles(bench: &Bench, input: &Input, report: &mut Report) -> Result<()> {
    // Packing or checking a hundred thousand files takes many seconds.
    let large = input.files > 20_000;
    report.add(export(bench, input, large)?);
    report.add(import(bench, input, large)?);
    Ok(())
}

fn export(bench: &Bench, input: &Input, large: bool) -> Result<Row> {
    let row = Row::new("workspaces", "write everything as a bundle", &input.label, "warm, synced", Unit::Seconds);
    let product = match Product::open(&bench.stage.clone_of(input, "export")?) {
        Ok(product) => product,
        Err(error) => return Ok(row.missing("Acetate", format!("{error:#}"))),
    };
    let acetate = Contender::new("Acetate", |_| {
        let watch = Stopwatch::start();
        let mut bundle = product.workspace().bundle(None, false, &|_| {})?;
        let sample = watch.stop(1);
        let mut header = [0; 4096];
        let length = bundle.file.read(&mut header)?;
        ensure!(String::from_utf8_lossy(&header[..length]).contains(&input.commit), "the bundle lacks the head");
        Ok(sample)
    });
    let git = Git::at(bench.stage.clone_of(input, "bundle")?);
    let folder = bench.stage.folder("bundles")?;
    let peer = Contender::new("git bundle create --all, then fsync", |round| {
        let file = folder.join(format!("{round}.bundle"));
        let watch = Stopwatch::start();
        git.run(&["bundle".as_ref(), "create".as_ref(), "-q".as_ref(), file.as_os_str(), "--all".as_ref()])?;
        std::fs::File::open(&file)?.sync_all()?;
        Ok(watch.stop(1))
    });
    let row = row.note("Acetate has git's pack-objects write the pack; a ref with the workspace's settings goes along");
    Ok(row.measure(bench.plan.rounds, vec![sparing(bench, large, acetate), sparing(bench, large, peer)]))
}

fn import(bench: &Bench, input: &Input, large: bool) -> Result<Row> {
    let row = Row::new("workspaces", "make a workspace from a bundle", &input.label, "durable, every object checked", Unit::Seconds);
    let bundle = bench.stage.folder("bundle")?.join("all.bundle");
    Git::at(&input.repository).run(&["bundle".as_ref(), "create".as_ref(), "-q".as_ref(), bundle.as_os_str(), "--all".as_ref()])?;
    let whole = |head: &str| -> Result<()> {
        ensure!(head == input.commit, "it stands on {head}");
        Ok(())
    };
    let acetate = Contender::new("Acetate, in a fresh store", |_| {
        let store = Fresh::make(&bench.stage.folder("store")?)?;
        let watch = Stopwatch::start();
        let head = store.import(&bundle)?;
        let sample = watch.stop(1);
        whole(&head).map(|()| sample)
    });
    let cloning = |name: &str, settings: &[&str]| -> Result<Contender<'_>> {
        let clones = Clones::new(settings, bundle.clone(), bench.stage.folder("clones")?);
        let bundle = &bundle;
        Ok(Contender::new(name, move |_| {
            let watch = Stopwatch::start();
            let path = clones.add_from(bundle)?;
            let sample = watch.stop(1);
            whole(&Git::at(path).line(&["rev-parse", "HEAD"])?).map(|()| sample)
        }))
    };
    let checked = cloning("git clone --bare, objects checked (transfer.fsckObjects), all synced", &[&CHECKED[..], &DURABLE].concat())?;
    let plain = cloning("git clone --bare, as installed (neither checked nor all synced)", &[])?;
    let contenders = [acetate, checked, plain].map(|contender| sparing(bench, large, contender));
    Ok(row.note("the same bundle for all, made by git bundle create --all").measure(bench.plan.rounds, contenders.into()))
}

/// Fewer rounds, and none for warming up, of what takes many seconds.
fn sparing<'a>(bench: &Bench, large: bool, contender: Contender<'a>) -> Contender<'a> {
    if large { contender.at_most(few(bench)) } else { contender }
}
