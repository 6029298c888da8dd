//! Events and notices: what watchers and sessions are told of.

use super::common::*;
use acetate_engine::api::{CommitTurn, CreateBranch, Notice};
use std::time::{Duration, Instant};

const LINES: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";

fn branch(name: &str) -> CreateBranch {
    CreateBranch { name: name.into(), at: None }
}

#[test]
fn events_are_gap_free_and_wake_watchers() {
    let repo = bare(&[("a", LINES)]);
    let engine = open(&repo);
    let space = workspace(&engine);
    let start = space.events(0, None).expect("events").next;
    assert!(space.watch(start, None, Duration::from_millis(20)).expect("a page").events.is_empty());
    let seen = std::thread::scope(|scope| {
        let watchers: Vec<_> = (0..3)
            .map(|_| {
                let space = space.clone();
                scope.spawn(move || {
                    let (mut after, mut seen) = (start, Vec::new());
                    while seen.len() < 120 {
                        let page = space.watch(after, Some(7), Duration::from_secs(30)).expect("a page");
                        assert!(!page.events.is_empty(), "nothing for 30 seconds");
                        for event in page.events {
                            assert_eq!(event.number, after + 1);
                            after = event.number;
                            seen.push((event.number, event.kind));
                        }
                    }
                    seen.truncate(120);
                    seen
                })
            })
            .collect();
        for agent in 0..6 {
            let session = session(&engine, &format!("agent{agent}"));
            scope.spawn(move || {
                for at in 0..10 {
                    write(&session, format!("{agent}/{at}"), "x");
                    landed(&session);
                }
            });
        }
        watchers.into_iter().map(|watcher| watcher.join().expect("ends")).collect::<Vec<_>>()
    });
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(all_events(&space).len() as u64, start + 120, "one for the turn, one for the landing");
    // A watcher wakes at once when the store closes.
    let began = Instant::now();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| space.watch(start + 120, None, Duration::from_secs(50)));
        std::thread::sleep(Duration::from_millis(100));
        engine.shutdown();
        let _ = waiting.join().expect("ends");
    });
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn unseen_events_are_repeated_until_they_are_acknowledged() {
    let repo = bare(&[("a", LINES)]);
    let engine = open(&repo);
    let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
    write(&bob, "b", "1");
    landed(&bob);
    let numbers = |standing: acetate_engine::api::Standing| standing.events.iter().map(|event| event.number).collect::<Vec<_>>();
    let first = numbers(ada.standing(None));
    assert!(!first.is_empty());
    assert_eq!(numbers(ada.standing(None)), first, "repeated");
    assert_eq!(numbers(ada.standing(Some(first[0]))), first[1..], "but not what was acknowledged");
    assert_eq!(numbers(ada.standing(Some(u64::MAX))), Vec::<u64>::new());
    write(&bob, "b", "2");
    landed(&bob);
    assert_eq!(numbers(ada.standing(None)).len(), 2, "a number from the future acknowledges nothing that is to come");
    assert_eq!(numbers(bob.standing(None)), Vec::<u64>::new(), "nobody is told what he did himself");
    // Many events of its own do not hide the one of another that comes after them.
    let last = ada.standing(None).events.last().map(|event| event.number);
    ada.standing(last);
    for at in 0..300 {
        write(&ada, "own", format!("{at}"));
        ada.commit(CommitTurn::default(), None).expect("committed");
    }
    write(&bob, "b", "3");
    landed(&bob);
    for _ in 0..5 {
        if !ada.standing(None).events.is_empty() {
            return;
        }
    }
    panic!("the landing of another is never told");
}

#[test]
fn notices_tell_of_overlaps_and_moved_heads() {
    let repo = bare(&[("a", LINES), ("dir/x", "x\n")]);
    let engine = open(&repo);
    let space = workspace(&engine);
    space.create_branch(branch("side"), None).expect("created");
    let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
    let far = opened(&engine, &space, on("far", "side"));
    write(&far, "a", "far\n");
    write(&ada, "a", "ada\n");
    assert!(ada.standing(None).notices.is_empty(), "another branch is no overlap");
    write(&bob, "a", "bob\n");
    for (session, other) in [(&ada, &bob), (&bob, &ada)] {
        let notices = session.standing(None).notices;
        let [Notice::Overlap(overlap)] = &notices[..] else { panic!("{notices:?}") };
        assert_eq!((overlap.path.to_string(), &overlap.session), ("a".into(), other.id()));
        assert!(session.standing(None).notices.is_empty(), "said once");
    }
    landed(&ada);
    let notices = bob.standing(None).notices;
    assert!(matches!(&notices[..], [Notice::HeadMoved { version: 2, paths }] if paths.len() == 1), "{notices:?}");
    assert!(far.standing(None).notices.is_empty());
}

#[test]
fn a_moved_head_is_told_of_in_folders_that_land_whole() {
    let repo = bare(&[("dir/sub/x", LINES), ("dir/sub/y", LINES)]);
    let engine = open(&repo);
    let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
    for (session, path) in [(&ada, "dir/sub/x"), (&bob, "dir/sub/x"), (&ada, "dir/sub/y")] {
        write(session, path, "changed\n");
        session.standing(None);
    }
    bob.standing(None);
    landed(&ada);
    let notices = bob.standing(None).notices;
    let [Notice::HeadMoved { version: 2, paths }] = &notices[..] else { panic!("{notices:?}") };
    assert_eq!(paths.iter().map(ToString::to_string).collect::<Vec<_>>(), ["dir/sub/x"]);
}
