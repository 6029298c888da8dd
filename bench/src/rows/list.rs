//! Listing every file.

use crate::inputs::Input;
use crate::measure::{Contender, Stopwatch};
use crate::peers::Git;
use crate::product::Product;
use crate::report::{Limit, Report, Row, Unit};
use crate::run::Bench;
use acetate_engine::api::ListFiles;
use anyhow::{Result, ensure};

/// Measures it, at every size but the million.
///
/// # Errors
/// When a peer can't be set up.
pub fn list(bench: &Bench, report: &mut Report) -> Result<()> {
    for input in bench.usual() {
        report.add(warm(bench, input)?);
        report.add(cold(bench, input)?);
        report.add(over_http(bench, input)?);
    }
    Ok(())
}

/// Whoever listed something else measured nothing.
fn expect(files: usize, input: &Input) -> Result<()> {
    ensure!(files == input.files, "{files} files were listed instead of {}", input.files);
    Ok(())
}

fn peers<'a>(bench: &Bench, input: &'a Input) -> Result<[Contender<'a>; 2]> {
    let (tree, index) = (Git::at(bench.stage.clone_of(input, "ls-tree")?), Git::at(bench.stage.checkout(input)?));
    let listing = move |git: &Git, args: &[&str]| {
        let watch = Stopwatch::start();
        let output = git.run(args)?;
        let sample = watch.stop(1);
        expect(output.iter().filter(|byte| **byte == 0).count(), input).map(|()| sample)
    };
    let ls_tree = Contender::new("git ls-tree -r", move |_| listing(&tree, &["ls-tree", "-r", "-z", "HEAD"]));
    let ls_files = Contender::new("git ls-files in a checkout", move |_| listing(&index, &["ls-files", "-z"]));
    Ok([ls_tree, ls_files])
}

fn warm(bench: &Bench, input: &Input) -> Result<Row> {
    let row = Row::new("list", "list every file, in process", &input.label, "warm", Unit::Seconds).target(Limit::AtMost(5e-3));
    let product = match Product::open(&bench.stage.clone_of(input, "list")?) {
        Ok(product) => product,
        Err(error) => return Ok(row.missing("Acetate", format!("{error:#}"))),
    };
    let session = product.session()?;
    let acetate = Contender::new("Acetate", |_| {
        let watch = Stopwatch::start();
        let list = session.files(&ListFiles::default())?;
        let sample = watch.stop(1);
        expect(list.files.len(), input).map(|()| sample)
    });
    let [ls_tree, ls_files] = peers(bench, input)?;
    Ok(row.measure(bench.plan.rounds, vec![acetate, ls_tree, ls_files]))
}

fn cold(bench: &Bench, input: &Input) -> Result<Row> {
    let row =
        Row::new("list", "list every file for the first time", &input.label, "Acetate's caches empty, the kernel's warm", Unit::Seconds);
    let repository = bench.stage.clone_of(input, "list")?;
    let acetate = Contender::new("Acetate", |_| {
        let product = Product::open(&repository)?;
        let session = product.session()?;
        let watch = Stopwatch::start();
        let list = session.files(&ListFiles::default())?;
        let sample = watch.stop(1);
        expect(list.files.len(), input).map(|()| sample)
    });
    let [ls_tree, ls_files] = peers(bench, input)?;
    Ok(row.measure(bench.plan.rounds, vec![acetate, ls_tree, ls_files]))
}

fn over_http(bench: &Bench, input: &Input) -> Result<Row> {
    let row = Row::new("list", "list every file, HTTP on the Unix socket", &input.label, "warm", Unit::Seconds);
    let connected = bench.daemon(input).and_then(|daemon| {
        let mut connection = daemon.connect()?;
        let workspace = connection.workspace()?;
        let address = format!("/v1/sessions/{}/files", connection.open_session(&workspace)?);
        let list = connection.json("GET", &address, None)?;
        expect(list["files"].as_array().map_or(0, Vec::len), input)?;
        Ok((daemon, connection, address))
    });
    let (daemon, mut connection, address) = match connected {
        Ok(connected) => connected,
        Err(error) => return Ok(row.missing("Acetate", format!("{error:#}"))),
    };
    let acetate = Contender::new("Acetate", |_| {
        let watch = Stopwatch::with(&[daemon.pid()]);
        connection.call("GET", &address, None)?;
        Ok(watch.stop(1))
    });
    let [ls_tree, ls_files] = peers(bench, input)?;
    let row = row.note("until the last byte has arrived; with modes and ids, as JSON");
    Ok(row.measure(bench.plan.rounds, vec![acetate, ls_tree, ls_files]))
}
