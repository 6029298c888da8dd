//! The `acetate` command: the daemon, and a thin client of it in every other command.

mod agent;
mod allocator;
mod args;
mod checkout;
mod client;
mod commands;
mod daemon;
mod demo;
mod mcp;
mod merge;
mod migrate;
mod mount;
mod output;

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

fn main() -> std::process::ExitCode {
    // SAFETY: nothing has run yet.
    unsafe { acetate_syntax::use_mimalloc() };
    commands::main()
}
