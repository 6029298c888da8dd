//! What DESIGN.md promises about durability (promises 3 and 4), by trying to break it: restarts, kills at every step, power cuts, full
//! disks, foreign `git gc`, backups, a lost catalog.
//!
//! Seeds are printed; `ACETATE_SEED` repeats a run, `ACETATE_ROUNDS` sets how many kills there are.

mod around;
mod child;
mod common;
mod cut;
mod full;
mod kill;
mod order;
mod replay;
mod trace;

/// Not a test by itself: what the tests' child processes run. They are told what to do by the environment.
#[test]
fn child_process() {
    if let Some(task) = common::Task::from_environment() {
        child::run(&task);
    }
}
