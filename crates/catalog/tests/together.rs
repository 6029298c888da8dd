//! Many threads at once: no write waits for a read, reads are snapshots, a copy is consistent while writes go on.

use acetate_catalog::conformance::{dump, samples};
use acetate_catalog::{Batch, Catalog, Expected, SqliteCatalog, SqliteOptions, Write};
use acetate_types::Text;
use std::sync::atomic::{AtomicBool, Ordering};

fn landing(number: u64) -> Batch {
    Batch::new([
        Write::AddEvent(samples::event(1, 1)),
        Write::AddVersion(samples::version(1, number, (number % 200) as u8)),
        Write::AddEvent(samples::event(1, 2)),
    ])
}

#[test]
fn reads_and_copies_while_writing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("catalog.sqlite");
    let options = SqliteOptions { readers: 2, ..SqliteOptions::default() };
    let catalog = &SqliteCatalog::create(&path, &options, &samples::identity()).expect("a catalog");
    catalog.apply(&[Batch::new([Write::CreateWorkspace(samples::workspace(1))])]).expect("it works");
    let done = &AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(move || {
                let mut seen = 0;
                while !done.load(Ordering::Relaxed) {
                    let last = catalog.last_event(&samples::workspace_id(1)).expect("read");
                    assert!(last >= seen && last.is_multiple_of(2), "a batch was seen in part, or went away");
                    seen = last;
                }
            });
        }
        let copy = folder.path();
        scope.spawn(move || {
            for n in 0..3 {
                let to = copy.join(format!("copy-{n}"));
                catalog.backup(&to).expect("a copy");
                let copy = SqliteCatalog::open(&to, &SqliteOptions::default()).expect("it opens");
                assert_eq!(copy.integrity().expect("integrity"), Vec::<String>::new());
                let versions = copy.last_version(&samples::workspace_id(1)).expect("read").map_or(0, |last| last.number);
                assert_eq!(copy.last_event(&samples::workspace_id(1)).expect("read"), versions * 2);
            }
        });
        for number in 1..=200 {
            let answers = catalog.apply(&[landing(number)]).expect("it works");
            assert_eq!(
                answers.first().and_then(|answer| answer.as_ref().ok()).map(|applied| applied.events.clone()),
                Some(vec![number * 2 - 1, number * 2])
            );
            assert_eq!(catalog.last_event(&samples::workspace_id(1)).expect("read"), number * 2, "a write is seen once it is answered");
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn concurrent_callers_each_get_their_own_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("catalog.sqlite");
    let catalog = &SqliteCatalog::create(&path, &SqliteOptions::default(), &samples::identity()).expect("a catalog");
    catalog.apply(&[Batch::new([Write::CreateWorkspace(samples::workspace(1))])]).expect("it works");
    let name = || Text::from("refs/heads/main");
    let workspace = || samples::workspace_id(1);
    let won: usize = std::thread::scope(|scope| {
        let racers: Vec<_> = (1..=4u8)
            .map(|n| {
                scope.spawn(move || {
                    let target = Some(samples::object(n));
                    let step = Write::MoveRef { workspace: workspace(), name: name(), expected: Expected::Absent, target };
                    catalog.apply(&[Batch::new([Write::AddEvent(samples::event(1, n)), step])]).expect("it works").remove(0).is_ok()
                })
            })
            .collect();
        racers.into_iter().map(|racer| usize::from(racer.join().expect("no panic"))).sum()
    });
    assert_eq!(won, 1);
    assert_eq!(catalog.last_event(&workspace()).expect("read"), 1);
    assert!(dump(catalog).len() >= 3);
}
