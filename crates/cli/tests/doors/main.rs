//! Two doors never disagree: the same operations at random by the mount, over HTTP and over MCP, in one session of the real daemon, come to
//! what they come to in a plain folder. `PROPTEST_CASES` says how many cases.

#[expect(dead_code, reason = "the benchmarks use the rest")]
#[path = "../../../../bench/src/http.rs"]
mod http;
#[expect(dead_code, reason = "the benchmarks use the rest")]
#[path = "../../../../bench/src/mcp.rs"]
mod mcp;

mod edit;
mod plain;
mod told;
mod world;

use acetate_testing::folder::{Call, calls};
use edit::{Edit, edits, edits_of_tools};
use plain::RULES;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::RefCell;
use world::{Door, Session, World};

/// Few names, so that they meet: of the base, new ones, ignored ones.
const NAMES: [&str; 14] =
    ["a.txt", "d", "d/b.txt", "d/e", "d/e/c.txt", "new", "new/f", "d/new", "out", "out/g", "out/sub", "d/x.o", "x.o", "new/y.o"];
const BASE: [(&str, &str); 4] = [("a.txt", "abc\n"), ("d/b.txt", "bab\nb\n"), ("d/e/c.txt", "cc\n"), (".gitignore", RULES[0])];

#[derive(Debug, Clone)]
enum Step {
    /// A call in the folder.
    Mount(Call),
    Http(Edit),
    Mcp(Edit),
    /// The rules become others, in the folder or over HTTP.
    Rules {
        rules: &'static str,
        here: bool,
    },
    /// A turn ends, which shows nowhere.
    Turn,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        10 => calls(&NAMES).prop_map(Step::Mount),
        6 => edits(&NAMES).prop_map(Step::Http),
        5 => edits_of_tools(&NAMES).prop_map(Step::Mcp),
        1 => (proptest::sample::select(&RULES[..]), any::<bool>()).prop_map(|(rules, here)| Step::Rules { rules, here }),
        2 => Just(Step::Turn),
    ];
    proptest::collection::vec(step, 1..30)
}

fn check(session: &mut Session<'_>, steps: &[Step]) {
    for (at, step) in steps.iter().enumerate() {
        match step {
            Step::Mount(call) => {
                let (ours, theirs) = (call.run(session.folder()), call.run(session.plain()));
                assert_eq!(ours, theirs, "step {at}, {step:?}");
            }
            Step::Http(edit) => session.edited(edit, Door::Http, at),
            Step::Mcp(edit) => session.edited(edit, Door::Mcp, at),
            Step::Rules { rules, here } => session.rule(rules, *here),
            Step::Turn => session.end_turn(),
        }
        session.agree(&format!("after step {at}, {step:?}"));
    }
    session.agree_at_length();
}

/// Whether this machine lets the tests mount at all; says so if not.
fn possible() -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let tried = acetate_mount::mount(folder.path(), "probe").and_then(|device| {
        drop(device);
        acetate_mount::unmount(folder.path(), true)
    });
    if let Err(error) = &tried {
        eprintln!("skipped: this machine can't mount: {error}");
    }
    tried.is_ok()
}

#[test]
fn all_doors_agree() {
    if !possible() {
        return;
    }
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(40);
    let world = RefCell::new(World::new(&BASE));
    let config = ProptestConfig { cases, max_shrink_iters: 400, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&steps(), |steps| {
        let mut world = world.borrow_mut();
        check(&mut world.open(&BASE), &steps);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
