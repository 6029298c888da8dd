//! Merges of real histories, done again by several tools and compared with what the people made.
//!
//! `extract` takes from repositories the files that both sides of a merge changed; `run` merges them with Git, Acetate and peers in one
//! run, and reports per language how often each tool gives the people's result, something else, or a conflict, and at what price.
//! What people made is no oracle: see `docs/guides/measuring.md`. Deliberately missing: renamed files, octopus and criss-cross merges.

mod acetate;
mod args;
mod blobs;
mod case;
mod changes;
mod choose;
mod clock;
mod conserved;
mod extract;
mod git;
mod history;
mod judge;
mod kept;
mod lines_of;
mod measure;
mod outcome;
mod peers;
mod report;
mod run;
mod shown;
mod tally;

/// The allocator of the `acetate` binary, so that time is measured as it will be spent.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    // SAFETY: nothing has run yet.
    unsafe { acetate_syntax::use_mimalloc() };
    let done = match args::parse() {
        args::Command::Extract(args) => extract::extract(&args),
        args::Command::Run(args) => run::run_all(&args),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("merge-replay: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
