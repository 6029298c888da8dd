//! The suite that every implementation of the catalog has to pass.
//!
//! Give [`check`] a way to make an empty catalog. It panics with what went wrong: for tests only. [`samples`] and [`dump`] serve
//! further tests, such as comparing two implementations after random batches.

mod dump;
mod history_cases;
mod rest_cases;
pub mod samples;
mod workspace_cases;

pub use dump::dump;

use crate::{Applied, Batch, Catalog, Rejected, Write};

/// Runs every case, each on an empty catalog of its own that `make` gives (under whatever identity).
pub fn check(make: &dyn Fn() -> Box<dyn Catalog>) {
    let cases = workspace_cases::CASES.iter().chain(history_cases::CASES).chain(rest_cases::CASES);
    for (name, case) in cases {
        let catalog = make();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| case(catalog.as_ref())));
        assert!(outcome.is_ok(), "the case {name:?} failed");
        assert_eq!(catalog.integrity().expect("integrity"), Vec::<String>::new(), "after the case {name:?}");
    }
}

type Case = (&'static str, fn(&dyn Catalog));

/// Applies one batch.
fn apply(catalog: &dyn Catalog, writes: impl IntoIterator<Item = Write>) -> Result<Applied, Rejected> {
    let mut answers = catalog.apply(&[Batch::new(writes)]).expect("the storage works");
    assert_eq!(answers.len(), 1);
    answers.remove(0)
}

/// Applies one batch that has to succeed.
fn applied(catalog: &dyn Catalog, writes: impl IntoIterator<Item = Write>) -> Applied {
    apply(catalog, writes).expect("nothing stands against it")
}

/// Applies one batch that has to be rejected, and checks that it left no trace.
fn rejected(catalog: &dyn Catalog, writes: impl IntoIterator<Item = Write>) -> Rejected {
    let before = dump(catalog);
    let answer = apply(catalog, writes).expect_err("something stands against it");
    assert_eq!(dump(catalog), before, "a rejected batch left a trace");
    answer
}
