//! Both implementations pass the suite, and stay equal under random batches.

mod random;

use acetate_catalog::conformance::{self, samples};
use acetate_catalog::{Catalog, MemoryCatalog, SqliteCatalog, SqliteOptions};
use proptest::prelude::*;

#[test]
fn memory_passes_the_suite() {
    conformance::check(&|| Box::new(MemoryCatalog::new(samples::identity())));
}

#[test]
fn sqlite_passes_the_suite() {
    let folder = tempfile::tempdir().expect("a folder");
    let count = std::cell::Cell::new(0);
    conformance::check(&|| {
        count.set(count.get() + 1);
        let path = folder.path().join(format!("{}.sqlite", count.get()));
        Box::new(SqliteCatalog::create(&path, &SqliteOptions::default(), &samples::identity()).expect("a catalog"))
    });
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn both_answer_alike(groups in random::groups(), reads in random::reads()) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("catalog.sqlite");
        let options = SqliteOptions { readers: 1, ..SqliteOptions::default() };
        let mut sqlite = SqliteCatalog::create(&path, &options, &samples::identity()).expect("a catalog");
        let memory = MemoryCatalog::new(samples::identity());
        for group in &groups {
            prop_assert_eq!(sqlite.apply(&group.batches).expect("sqlite"), memory.apply(&group.batches).expect("memory"));
            if group.reopen {
                drop(sqlite);
                sqlite = SqliteCatalog::open(&path, &options).expect("it opens again");
            }
        }
        for read in &reads {
            prop_assert_eq!(random::answer(&sqlite, read), random::answer(&memory, read), "{:?}", read);
        }
        prop_assert_eq!(conformance::dump(&sqlite), conformance::dump(&memory));
        prop_assert_eq!(sqlite.integrity().expect("integrity"), Vec::<String>::new());
        let copy = folder.path().join("copy.sqlite");
        memory.backup(&copy).expect("a copy of the model");
        let copy = SqliteCatalog::open(&copy, &options).expect("the copy opens");
        prop_assert_eq!(conformance::dump(&copy), conformance::dump(&memory));
    }
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(48)
}
