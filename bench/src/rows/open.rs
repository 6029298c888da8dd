//! Opening a session, at every size.

use crate::inputs::Input;
use crate::measure::{Contender, Sample, Stopwatch};
use crate::peers::{Git, Mounted, Overlayfs, Worktrees, no_overlayfs};
use crate::product::Product;
use crate::report::{Limit, Report, Row, Unit};
use crate::run::Bench;
use anyhow::Result;

const OVERLAYFS: &str = "kernel overlayfs, mount(2) (needs a checkout first)";

/// Measures them.
///
/// # Errors
/// When a peer can't be set up.
pub fn open(bench: &Bench, report: &mut Report) -> Result<()> {
    let mut medians = Vec::new();
    for input in &bench.inputs {
        let row = in_process(bench, input)?;
        medians.extend(row.acetate());
        report.add(row);
        report.add(over_http(bench, input)?);
    }
    if let (Some(first), Some(last), true) = (medians.first(), medians.last(), medians.len() > 1) {
        let sizes = format!("{} against {}", bench.inputs[medians.len() - 1].label, bench.inputs[0].label);
        let row = Row::new("open", "the same at every size: largest by smallest, in process", sizes, "warm, journaled", Unit::Ratio);
        let samples = [Sample::of(last / first)];
        let figure = crate::measure::Figure::of(&samples).ok_or_else(String::new);
        report.add(row.target(Limit::AtMost(1.3)).with("Acetate", figure));
    }
    Ok(())
}

fn in_process(bench: &Bench, input: &Input) -> Result<Row> {
    let row = Row::new("open", "open a session, in process", &input.label, "warm, journaled", Unit::Seconds).target(Limit::AtMost(10e-6));
    let product = match Product::open(&bench.stage.clone_of(input, "open")?) {
        Ok(product) => product,
        Err(error) => return Ok(row.missing("Acetate", format!("{error:#}"))),
    };
    let batch = if bench.plan.quick { 200 } else { 1_000 };
    let acetate = Contender::new("Acetate", |_| {
        let mut sessions = Vec::with_capacity(batch);
        let watch = Stopwatch::start();
        for _ in 0..batch {
            sessions.push(product.session()?);
        }
        let sample = watch.stop(batch);
        for session in sessions {
            session.close(true)?;
        }
        Ok(sample)
    });
    let small = input.files < 500_000;
    let worktrees = Worktrees::new(Git::at(bench.stage.clone_of(input, "worktrees")?), bench.stage.folder("worktrees")?);
    let overlay = overlayfs(bench, input)?;
    let mut contenders = vec![acetate];
    if small {
        let worktree = Contender::new("git worktree add", |_| {
            let watch = Stopwatch::start();
            worktrees.add()?;
            Ok(watch.stop(1))
        });
        contenders.push(worktree.at_most(if bench.plan.quick { 1 } else { 3 }));
    }
    if let Some(overlay) = &overlay {
        contenders.push(mounting(overlay));
    }
    let row = row.note(format!("a round opens {batch} sessions; the peers open one each")).measure(bench.plan.rounds, contenders);
    let row = if small && overlay.is_none() { row.missing(OVERLAYFS, no_overlayfs().unwrap_or("skipped")) } else { row };
    Ok(if small { row } else { row.note("no checkouts of this size are made, so no peers") })
}

fn over_http(bench: &Bench, input: &Input) -> Result<Row> {
    let row = Row::new("open", "open a session, HTTP on the Unix socket, connection kept", &input.label, "warm, journaled", Unit::Seconds);
    let row = row.target(Limit::AtMost(150e-6));
    let connected = bench.daemon(input).and_then(|daemon| {
        let mut connection = daemon.connect()?;
        let workspace = connection.workspace()?;
        Ok((daemon, connection, workspace))
    });
    let (daemon, mut connection, workspace) = match connected {
        Ok(connected) => connected,
        Err(error) => return Ok(row.missing("Acetate", format!("{error:#}"))),
    };
    let batch = 200;
    let acetate = Contender::new("Acetate", |_| {
        let mut sessions = Vec::with_capacity(batch);
        let watch = Stopwatch::with(&[daemon.pid()]);
        for _ in 0..batch {
            sessions.push(connection.open_session(&workspace)?);
        }
        let sample = watch.stop(batch);
        for session in sessions {
            connection.call("DELETE", &format!("/v1/sessions/{session}?discard=true"), None)?;
        }
        Ok(sample)
    });
    let overlay = overlayfs(bench, input)?;
    let mut contenders = vec![acetate];
    if let Some(overlay) = &overlay {
        contenders.push(mounting(overlay));
    }
    Ok(row.note("processor time is the client's and the daemon's").measure(bench.plan.rounds, contenders))
}

/// Mounts over a checkout of the input, where the machine and the size allow them.
fn overlayfs(bench: &Bench, input: &Input) -> Result<Option<Overlayfs>> {
    if no_overlayfs().is_some() || input.files >= 500_000 {
        return Ok(None);
    }
    Ok(Some(Overlayfs::new(bench.stage.checkout(input)?, bench.stage.folder("mounts")?)))
}

fn mounting(overlay: &Overlayfs) -> Contender<'_> {
    // They stay until all is measured; undoing one is not what is timed.
    let mut kept: Vec<Mounted> = Vec::new();
    Contender::new(OVERLAYFS, move |_| {
        let watch = Stopwatch::start();
        let mounted = overlay.mount()?;
        let sample = watch.stop(1);
        kept.push(mounted);
        Ok(sample)
    })
}
