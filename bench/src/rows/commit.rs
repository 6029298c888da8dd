//! Committing 50 changed files so that `git` can read them and a power cut can't take them.

use super::counts;
use crate::inputs::Input;
use crate::measure::{Contender, Stopwatch};
use crate::peers::{CommitTree, DURABLE, FastImport, Git, add_and_commit, floor, write_files};
use crate::product::{self, Product};
use crate::report::{Limit, Report, Row, Unit};
use crate::run::Bench;
use crate::text::Place;
use anyhow::Result;

/// How many files a turn changes.
pub const FILES: usize = 50;

/// Measures them.
///
/// # Errors
/// When a peer can't be set up.
pub fn commit(bench: &Bench, report: &mut Report) -> Result<()> {
    for input in bench.usual() {
        report.add(in_process(bench, input)?);
        report.add(over_http(bench, input)?);
        if bench.strace {
            counts::commit(bench, input, report)?;
        }
    }
    Ok(())
}

fn in_process(bench: &Bench, input: &Input) -> Result<Row> {
    let row = Row::new("commit", "commit 50 changed files, alone", &input.label, "warm, durable, readable by git", Unit::Seconds);
    let row = row.target(Limit::AtMost(4e-3));
    let product = match Product::open(&bench.stage.clone_of(input, "commit")?) {
        Ok(product) => product,
        Err(error) => return Ok(row.missing("Acetate", format!("{error:#}"))),
    };
    let edits = |round: usize, who: &str| input.edits(round * FILES, FILES, &format!("{who} {round}"), 20, Place::Spread);
    let acetate = Contender::new("Acetate", |round| {
        let session = product.edited(&edits(round, "acetate"))?;
        let watch = Stopwatch::start();
        product::commit(&session)?;
        let sample = watch.stop(1);
        session.close(true)?;
        Ok(sample)
    });
    let durable = Git::at(bench.stage.checkout_to_change(input, "durable")?).with(&DURABLE);
    let add = Contender::new("git add + commit, warm, all synced", |round| adding(&durable, &edits(round, "durable")));
    let plain = Git::at(bench.stage.checkout_to_change(input, "plain")?);
    let plain_add =
        Contender::new("git add + commit, warm, as installed (objects not synced)", |round| adding(&plain, &edits(round, "plain")));
    let importing = Git::at(bench.stage.clone_of(input, "import")?).with(&DURABLE);
    let mut import = FastImport::start(&importing)?;
    let import = Contender::new("git fast-import kept running, checkpoint (folder not synced)", |round| {
        let edits = edits(round, "import");
        let watch = Stopwatch::with(&[import.pid()]);
        import.commit(&format!("refs/heads/session{}", round % 20), Some(&input.commit), &edits)?;
        import.checkpoint()?;
        Ok(watch.stop(1))
    });
    let piping = Git::at(bench.stage.clone_of(input, "pipeline")?).with(&DURABLE);
    let pipeline = CommitTree::start(&piping, &bench.stage.folder("pipeline")?, &input.commit)?;
    let pipeline = Contender::new("git hash-object … commit-tree, index kept, all synced", |round| {
        let edits = edits(round, "pipeline");
        pipeline.prepare(&edits)?;
        let watch = Stopwatch::start();
        pipeline.commit(&edits, &format!("refs/heads/session{round}"))?;
        Ok(watch.stop(1))
    });
    let floor = floor(&bench.stage.folder("floor")?, 250_000)?;
    let note = "the edits are made beforehand: in the session, in the checkout, or as files to hash; fast-import gets them in its stream";
    Ok(row.note(note).measure(bench.plan.rounds, vec![acetate, add, plain_add, import, pipeline, floor]))
}

fn adding(git: &Git, edits: &[crate::inputs::Edit]) -> Result<crate::measure::Sample> {
    write_files(git.folder(), edits)?;
    let watch = Stopwatch::start();
    add_and_commit(git, edits)?;
    Ok(watch.stop(1))
}

fn over_http(bench: &Bench, input: &Input) -> Result<Row> {
    let row = Row::new("commit", "commit 50 changed files, over HTTP", &input.label, "warm, durable, readable by git", Unit::Seconds);
    let connected = bench.daemon(input).and_then(|daemon| {
        let mut connection = daemon.connect()?;
        let workspace = connection.workspace()?;
        Ok((daemon, connection, workspace))
    });
    let (daemon, mut connection, workspace) = match connected {
        Ok(connected) => connected,
        Err(error) => return Ok(row.missing("Acetate", format!("{error:#}"))),
    };
    let acetate = Contender::new("Acetate", |round| {
        let edits = input.edits(round * FILES, FILES, &format!("http {round}"), 20, Place::Spread);
        let steps: Vec<_> =
            edits.iter().map(|edit| serde_json::json!({"op": "write", "path": edit.path, "content": edit.content})).collect();
        let session = connection.open_session(&workspace)?;
        connection.json("POST", &format!("/v1/sessions/{session}/batch"), Some(&serde_json::json!({ "edits": steps })))?;
        let watch = Stopwatch::with(&[daemon.pid()]);
        connection.call("POST", &format!("/v1/sessions/{session}/commit"), Some(b"{}"))?;
        Ok(watch.stop(1))
    });
    Ok(row.measure(bench.plan.rounds, vec![acetate]))
}
