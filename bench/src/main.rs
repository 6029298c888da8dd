//! Benchmarks of Acetate beside its peers, in the same run: every row of the design's numbers that exists so far.
//!
//! Each row names what is timed, the peers that do the same job, and the target. Contenders take turns round by round, and medians are
//! compared; see `docs/guides/measuring.md`. Deliberately missing: gates on time. Counts of system calls are repeatable, times are not.

mod args;
mod http;
mod inputs;
mod machine;
mod mcp;
mod measure;
mod peers;
mod probe;
mod product;
mod report;
mod rows;
mod run;
mod sources;
mod stage;
mod strace;
mod text;
mod usage;

/// The allocator of the `acetate` binary, so that memory is measured as it will be used.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    // SAFETY: nothing has run yet.
    unsafe { acetate_syntax::use_mimalloc() };
    run::main()
}
