//! Random changes on both sides, and conflicts settled for one of them throughout: nothing of the side that is taken is lost.

use super::common::*;
use acetate_engine::api::{MoveFile, SubmissionOutcome};
use acetate_engine::{Engine, Session, Workspace};
use std::collections::BTreeSet;

/// Numbers that look random, the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.roll(all.len())]
    }
}

const BASE: [&str; 7] = ["a", "b", "d/x", "d/y", "d/s/z", "e/u", "e/v"];
const PATHS: [&str; 14] = ["a", "b", "c", "d", "e", "f", "d/x", "d/s", "d/n", "e/n", "e/x", "a/z", "f/g", "d/s/n"];

/// One change, if it is possible; what it writes has a line like no other.
fn change(dice: &mut Dice, session: &Session, who: &str, at: usize) -> String {
    let line = format!("{who} {at}\n");
    let existing: Vec<String> = files(session).into_keys().map(|path| String::from_utf8(path).expect("text")).collect();
    let existing: Vec<&str> = existing.iter().map(String::as_str).chain(["d", "e"]).collect();
    let (one, to) = (dice.pick(&existing), dice.pick(&PATHS));
    match dice.roll(6) {
        0 | 1 => match session.read(&path(one)) {
            Ok(read) => {
                let text = String::from_utf8_lossy(&read.content.0).into_owned();
                write(session, one, if dice.roll(2) == 0 { line + &text } else { text + &line });
                format!("edit {one}")
            }
            Err(_) => String::new(),
        },
        2 => {
            let done = try_write(session, &path(to), line.repeat(3), None).is_ok();
            format!("write {to} {done}")
        }
        3 => {
            let done = session.delete(&path(one), None).is_ok();
            format!("delete {one} {done}")
        }
        _ => {
            let moved = MoveFile { from: path(one), to: path(to), replace: false };
            let done = session.rename(&moved).is_ok();
            format!("move {one} {to} {done}")
        }
    }
}

/// The lines by which a side is known, wherever they are.
fn marks(session: &Session, who: &str) -> BTreeSet<String> {
    let texts = files(session).into_values().map(|(_, text)| String::from_utf8(text).expect("text"));
    texts.flat_map(|text| text.lines().map(ToOwned::to_owned).collect::<Vec<_>>()).filter(|line| line.starts_with(who)).collect()
}

fn start_over(engine: &Engine, workspace: &Workspace) {
    let setup = opened(engine, workspace, named("setup"));
    // Whole directories: an emptied one would be in a file's way.
    let top = |at: Vec<u8>| at.split(|byte| *byte == b'/').next().unwrap_or_default().to_vec();
    for at in files(&setup).into_keys().map(top).collect::<BTreeSet<_>>() {
        setup.delete(&path(at), None).expect("deleted");
    }
    for at in BASE {
        write(&setup, at, (0..12).map(|line| format!("{at} {line}\n")).collect::<String>());
    }
    landed(&setup);
}

/// Settles all conflicts with one take; `false` if that is refused.
fn settle(session: &Session, take: &str, context: &str) -> bool {
    let found = conflicts(session);
    for _ in 0..=found.len() {
        let status = session.status().expect("status");
        let Some(open) = status.conflicts.iter().find(|conflict| !conflict.resolved) else { break };
        let resolved = session.resolve(resolve(&open.path.to_string(), take, None), None);
        match resolved {
            // A file can't be where the merge puts others: that is said, and nothing is lost.
            Err(error) if error.code() == "path_is_directory" => return false,
            Err(error) => panic!("{context}\n{} {} {take}: {error}", open.kind, open.path),
            Ok(resolved) if resolved.moved => return true,
            Ok(_) => {}
        }
    }
    panic!("{context}\n{take} does not settle {found:#?}");
}

#[test]
fn nothing_of_the_side_that_is_taken_is_lost() {
    let cases: usize = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(40);
    let seed: u64 = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let repo = bare(&[("a", "a\n")]);
    let engine = open(&repo);
    let workspace = workspace(&engine);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ seed);
    let mut wrong = Vec::new();
    let mut met = 0;
    for case in 0..cases {
        start_over(&engine, &workspace);
        let (ada, bob) = (opened(&engine, &workspace, named("ada")), opened(&engine, &workspace, named("bob")));
        let mut context = format!("case {case}");
        for (who, session) in [("ada", &ada), ("bob", &bob)] {
            for at in 0..=dice.roll(4) {
                context += &format!("\n  {who}: {}", change(&mut dice, session, who, at));
            }
        }
        let (hers, his) = (marks(&ada, "ada"), marks(&bob, "bob"));
        landed(&ada);
        let dry = bob.submit(acetate_engine::api::Submit { dry_run: true, ..Default::default() }, None).expect("tried").outcome;
        let SubmissionOutcome::Conflict { conflicts, .. } = dry else {
            landed(&bob);
            if marks(&bob, "ada") != hers || marks(&bob, "bob") != his {
                wrong.push(format!("{context}\n  landed without some of {hers:?} {his:?}: {:?}", shown(&bob)));
            }
            continue;
        };
        met += 1;
        for conflict in &conflicts {
            context += &format!("\n  {} {}: {}", conflict.kind, conflict.path, conflict.why);
        }
        for (take, who, due) in [("session", "bob", &his), ("head", "ada", &hers), ("delete", "", &his)] {
            let fork = bob.fork(named("copy")).expect("forked");
            let copy = engine.session(&engine.owner(), &fork.id).expect("the fork");
            if settle(&copy, take, &context) && !who.is_empty() && !marks(&copy, who).is_superset(due) {
                wrong.push(format!("{context}\n  {take} lost some of {due:?}: {:?}", shown(&copy)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {met} conflicts:\n{}", wrong.len(), wrong.iter().take(8).cloned().collect::<Vec<_>>().join("\n"));
    assert!(met > cases / 10, "{met} conflicts");
}

fn shown(session: &Session) -> Vec<(String, String)> {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let mark = |text: String| text.lines().filter(|line| line.starts_with("ada") || line.starts_with("bob")).collect::<Vec<_>>().join(",");
    files(session).into_iter().map(|(at, (_, content))| (text(at), mark(text(content)))).collect()
}
