//! From a folder of cases to a report.

use super::args::{Policy, RunArgs, Tool};
use super::case::{Case, read_all};
use super::kept::Kept;
use super::measure::{Run, Tools, run};
use super::peers::{Kind, Peer};
use super::report::Report;
use super::shown::Shown;
use super::tally::Tallies;
use acetate_merge::SameSymbol;
use anyhow::{Context as _, Result, bail};
use serde_json::json;
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs the cases and prints the report.
///
/// # Errors
/// When cases can't be read, a peer can't be run or something can't be written.
pub fn run_all(args: &RunArgs) -> Result<()> {
    let mut cases = read_all(&args.cases)?;
    cases.retain(|case| args.only.as_deref().is_none_or(|only| case.language.as_str() == only));
    cases.retain(|case| args.ids.is_empty() || args.ids.contains(&case.id));
    cases.truncate(args.limit.unwrap_or(usize::MAX));
    if cases.is_empty() {
        bail!("no cases in {}", args.cases.display());
    }
    let scratch = tempfile::tempdir()?;
    let tools = tools(args, scratch.path())?;
    // What is set up once (tables of languages, page cache) is no case's cost.
    for case in cases.iter().take(20) {
        let _ = super::acetate::merge(&case.path, &case.texts(&args.cases)?, SameSymbol::Merge);
    }
    let runs = run_cases(args, &tools, &cases)?;
    let mut tallies = Tallies::default();
    let mut shown = Vec::new();
    let mut outcomes = args.outcomes.as_ref().map(std::fs::File::create).transpose()?.map(std::io::BufWriter::new);
    for (case, run) in cases.iter().zip(&runs) {
        let Some(run) = run else { continue };
        tallies.add(case.language, run);
        if args.write_cases.is_some() {
            shown.extend(
                Shown::of(case, run, !args.ids.is_empty())
                    .filter(|shown| args.show.is_empty() || args.show.iter().any(|wanted| shown.is(wanted))),
            );
        }
        if let Some(out) = &mut outcomes {
            for judged in &run.judged {
                let line = json!({
                    "id": case.id, "language": case.language, "repo": case.repo, "path": case.path, "git": run.git, "tool": judged.tool,
                    "class": judged.class, "lost": judged.lines.lost, "took": judged.outcome.took, "own": judged.own,
                });
                writeln!(out, "{line}")?;
            }
        }
    }
    if let Some(folder) = &args.write_cases {
        shown.sort_by_key(|shown| shown.place(args.seed));
        shown.truncate(args.sample.unwrap_or(usize::MAX));
        for one in &shown {
            one.write(&args.cases, folder)?;
        }
        eprintln!("{} disagreements in {}", shown.len(), folder.display());
    }
    let report = Report {
        schema: 1,
        date: args.date.clone(),
        tools: named(args, &tools),
        notes: notes(args, &cases, &runs),
        rows: tallies.finish(),
    };
    println!("{}", report.table());
    if let Some(file) = &args.json {
        std::fs::write(file, serde_json::to_vec_pretty(&report)?).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

fn tools(args: &RunArgs, scratch: &std::path::Path) -> Result<Tools> {
    let policy = match args.same_symbol {
        Policy::Review => SameSymbol::Review,
        Policy::Merge => SameSymbol::Merge,
    };
    let mut peers = Vec::new();
    for (tool, kind) in [(Tool::Mergiraf, Kind::Mergiraf), (Tool::Weave, Kind::Weave)] {
        if args.tools.contains(&tool) {
            peers.push(Peer::find(kind, args.peers.as_deref(), scratch)?);
        }
    }
    Ok(Tools {
        acetate: args.tools.contains(&Tool::Acetate).then_some(policy),
        peers,
        kept: Kept::open(&args.cases, args.fresh)?,
        fresh: args.fresh,
        verify_git: args.verify_git,
    })
}

fn run_cases(args: &RunArgs, tools: &Tools, cases: &[Case]) -> Result<Vec<Option<Run>>> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Result<Option<Run>>)>> = Mutex::new(Vec::with_capacity(cases.len()));
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(at) else { return };
            let ran = case.texts(&args.cases).and_then(|texts| run(tools, case, &texts));
            let Ok(mut done) = done.lock() else { return };
            done.push((at, ran));
            if done.len() % 200 == 0 {
                eprintln!("{} of {}", done.len(), cases.len());
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..args.jobs {
            // Deep texts are parsed and walked on this stack.
            let _ = std::thread::Builder::new().stack_size(16 << 20).spawn_scoped(scope, work);
        }
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, ran)| ran).collect()
}

fn named(args: &RunArgs, tools: &Tools) -> Vec<String> {
    let mut names = vec!["git (lines, in process)".to_owned()];
    names.extend(tools.acetate.map(|policy| format!("acetate (in process, same_symbol {})", policy.as_str())));
    names.extend(tools.peers.iter().map(|peer| format!("{} {} (a process a file)", peer.name, peer.version)));
    names.extend((args.jobs > 1).then(|| format!("{} at a time", args.jobs)));
    names
}

fn notes(args: &RunArgs, cases: &[Case], runs: &[Option<Run>]) -> Vec<String> {
    let mut notes = vec![format!("{} files of {} repositories", cases.len(), {
        let names: std::collections::HashSet<&str> = cases.iter().map(|case| case.repo.as_str()).collect();
        names.len()
    })];
    if cfg!(debug_assertions) {
        notes.push("a debug build: its times mean nothing".to_owned());
    }
    if args.jobs > 1 {
        notes.push("several at a time: the times are not to be quoted".to_owned());
    }
    let all = || runs.iter().flatten();
    let kept = all().flat_map(|run| &run.judged).filter(|judged| judged.kept).count();
    if kept > 0 {
        notes.push(format!("{kept} outcomes of peers are kept from an earlier run; --fresh makes them anew"));
    }
    let skipped = runs.iter().filter(|run| run.is_none()).count();
    if skipped > 0 {
        notes.push(format!("{skipped} files that Git would not merge are left out"));
    }
    if args.verify_git {
        let differ = all().filter(|run| run.git_differs).count();
        notes.push(format!("git merge-file, asked for every file, decides {differ} otherwise than the lines in process"));
    }
    notes
}
