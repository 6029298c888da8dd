//! `acetate run`: a command in sessions of their own, all at once.

use super::check::way;
use super::child::{Answering, Groups};
use super::command::socket;
use super::one::{Outcome, Plan, work};
use crate::args;
use crate::client::{Exit, Failure};
use crate::commands::Context;
use crate::output::{BOLD, GREEN, RED, Table, line, paint};
use acetate_engine::api::OpenSession;
use rustix::process::Signal;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Sessions that are worked in at once, at most: more of them wait for their turn.
const AT_ONCE: u32 = 64;

/// Runs a command in one session or several.
///
/// # Errors
/// When no session can be opened at all.
pub fn run(context: &mut Context, args: args::Run) -> Result<u8, Failure> {
    let socket = where_mounted(context, args.checkout)?;
    let session = context.global.session.clone().filter(|session| !session.is_empty());
    if session.is_some() && args.number != 1 {
        return Err(Failure::usage("several sessions are new ones: --session and -n exclude each other"));
    }
    let workspace = context.workspace_name()?;
    let root = super::attach::root()?;
    let said = args.command.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    let short: String = line(&said).chars().take(200).collect();
    let plan = Arc::new(Plan {
        socket,
        store: context.store()?,
        bring: args.bring,
        workspace,
        root: root.path().canonicalize()?,
        open: OpenSession {
            agent: args.agent,
            intent: Some(args.intent.unwrap_or_else(|| short.clone())),
            branch: args.branch,
            ..OpenSession::default()
        },
        message: args.message.unwrap_or_else(|| format!("Run {short}")),
        submit: args.submit,
        command: args.command,
        alone: args.number == 1,
        session,
        answering: if context.out.json() { Answering::Program } else { Answering::No },
        groups: Groups::default(),
    });
    let mut outcomes = all(context, &plan, args.number)?;
    // The scratch of sessions that are no more goes now, not a while later.
    if let Some(socket) = &plan.socket {
        drop(acetate_mount::wait_gone(socket, &plan.root));
    }
    if outcomes.iter().any(|outcome| outcome.folder.is_some()) {
        let _kept = root.keep();
    } else {
        drop(root);
    }
    outcomes.sort_by_key(|outcome| outcome.number);
    tell(context, &plan, &outcomes)?;
    Ok(ending(&outcomes))
}

/// Where the daemon hears about mounts. None where real trees are wanted, or nothing can be mounted.
fn where_mounted(context: &mut Context, checkout: bool) -> Result<Option<PathBuf>, Failure> {
    if checkout {
        return Ok(None);
    }
    let unavailable = match (socket(context), way()) {
        (Ok(socket), Ok(_)) => return Ok(Some(socket)),
        (Ok(_), Err((why, _))) => why,
        (Err(Failure::Problem(problem)), _) if problem.code == "mount_unavailable" => problem.message,
        (Err(failure), _) => return Err(failure),
    };
    context.out.note(format_args!("{}: each session is checked out", line(&unavailable)));
    Ok(None)
}

/// Works through all sessions, and passes a signal on to what runs.
fn all(context: &mut Context, plan: &Arc<Plan>, number: u32) -> Result<Vec<Outcome>, Failure> {
    let next = Arc::new(AtomicU32::new(1));
    let mut threads = Vec::new();
    for _ in 0..number.min(AT_ONCE) {
        let mut client = context.client()?.another()?;
        let (plan, next) = (Arc::clone(plan), Arc::clone(&next));
        threads.push(std::thread::spawn(move || {
            let mut outcomes = Vec::new();
            loop {
                let own = next.fetch_add(1, Ordering::Relaxed);
                if own > number || plan.groups.called_off() {
                    return outcomes;
                }
                outcomes.push(work(&plan, own, &mut client));
            }
        }));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcomes = runtime.block_on(async {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let joined = tokio::task::spawn_blocking(move || {
            threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect::<Vec<_>>()
        });
        let mut joined = std::pin::pin!(joined);
        let mut signals = 0;
        loop {
            tokio::select! {
                outcomes = joined.as_mut() => return Ok::<_, Failure>(outcomes.unwrap_or_default()),
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            // The first asks, the second does not.
            signals += 1;
            plan.groups.signal(if signals == 1 { Signal::TERM } else { Signal::KILL });
        }
    })?;
    Ok(outcomes)
}

fn ending(outcomes: &[Outcome]) -> u8 {
    match outcomes {
        [only] if !only.conflict && only.error.is_none() => only.exit.unwrap_or(Exit::Unexpected as u8),
        outcomes if outcomes.iter().any(|outcome| outcome.conflict) => Exit::Conflict as u8,
        outcomes if outcomes.iter().all(Outcome::good) => Exit::Ok as u8,
        _ => Exit::Unexpected as u8,
    }
}

fn tell(context: &mut Context, plan: &Plan, outcomes: &[Outcome]) -> Result<(), Failure> {
    if context.out.json() {
        return context.out.document(&json!({ "sessions": outcomes }));
    }
    let mut table = Table::new();
    for outcome in outcomes {
        let files = match outcome.paths {
            1 => "1 file changed".to_owned(),
            paths => format!("{paths} files changed"),
        };
        let (state, next) = match (outcome.landed, outcome.exit, &outcome.error) {
            (Some(version), ..) => (paint(GREEN, format_args!("landed as v{version}")), String::new()),
            (_, _, Some(error)) => {
                let shell = || format!("acetate shell {}", outcome.session);
                let next = outcome.folder.as_ref().map_or_else(shell, |folder| format!("acetate sync-dir {}", folder.display()));
                (paint(RED, line(error)), next)
            }
            _ if outcome.conflict => (paint(RED, "conflict"), format!("acetate --session {} conflicts", outcome.session)),
            (_, Some(0), _) if outcome.kept && outcome.paths > 0 && !plan.submit => {
                (paint(GREEN, "done"), format!("acetate --session {} submit", outcome.session))
            }
            (_, Some(0), _) => (paint(GREEN, "done"), String::new()),
            (_, exit, _) => {
                let exit = exit.map_or_else(|| "not started".to_owned(), |exit| format!("exit code {exit}"));
                (paint(RED, exit), format!("acetate shell {}", outcome.session))
            }
        };
        table.row([format!("[{}]", outcome.number), paint(BOLD, line(&outcome.session)), state, files, next]);
    }
    for line in table.lines() {
        context.out.note(line);
    }
    Ok(())
}
