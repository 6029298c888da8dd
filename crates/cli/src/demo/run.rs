//! The demo from beginning to end. Whatever happens, what it made is put away.

use super::agent::Work;
use super::crew::{interrupt_flag, together};
use super::plan::plan;
use super::proof::prove;
use super::report::Report;
use super::stage::Stage;
use crate::args;
use crate::client::{Exit, Failure, Request, encode_segment};
use crate::commands::Context;
use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicBool, Ordering};

/// Plays it.
pub fn run(context: &mut Context, args: &args::Demo) -> Result<Exit, Failure> {
    let stop = interrupt_flag();
    let stage = {
        context.out.note("looking at the repository");
        Stage::set(context, args)?
    };
    if stage.kept.is_none() {
        let branch = stage.short_branch().to_owned();
        context.out.note(format_args!("working on the branch {branch}, which is deleted in the end"));
    }
    let played = play(context, args, &stage, &stop);
    let struck = stage.strike(context);
    let report = played?;
    report.show(&mut context.out)?;
    struck.map_err(|failure| failure.hint(format!("delete what is left: acetate workspace branch delete {}", stage.short_branch())))?;
    Ok(if report.good() { Exit::Ok } else { Exit::Unexpected })
}

fn play(context: &mut Context, args: &args::Demo, stage: &Stage, stop: &AtomicBool) -> Result<Report, Failure> {
    let (names, sources) = stage.sources(context)?;
    let taken = |path: &[u8]| {
        let below = [path, b"/"].concat();
        names.contains(path) || names.range(below.clone()..).next().is_some_and(|name| name.starts_with(&below))
    };
    let plans = plan(&sources, usize::try_from(args.agents).unwrap_or(usize::MAX), &taken);
    let shown = !context.out.json() && std::io::stderr().is_terminal();
    let (works, elapsed) = together(context.client()?, &stage.address, &stage.branch, &plans, stop, shown);
    let proof = if stop.load(Ordering::Relaxed) {
        Err(Failure::unexpected("interrupted; what it made is put away"))
    } else {
        let _shown = context.out.progress("cloning the result with git");
        prove(stage)
    };
    close(context, &works);
    let agents: Vec<&str> = plans.iter().map(|plan| plan.name.as_str()).collect();
    Ok(Report::new(stage, &agents, works, elapsed, Some(proof?)))
}

/// Ends the sessions. One that can't be ended now ends by itself in a quarter of an hour.
fn close(context: &mut Context, works: &[Work]) {
    for session in works.iter().filter_map(|work| work.session.as_deref()) {
        let closed = context.ask(Request::delete(format!("/v1/sessions/{}", encode_segment(session))).flag("discard", true));
        if let Err(failure) = closed {
            tracing::debug!(?failure, session, "the session could not be ended");
        }
    }
}
