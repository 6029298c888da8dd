//! Merging by symbol: what a submission meets, and how it is settled part by part.

use super::common::*;
use acetate_engine::api::{ConflictInfo, Resolve, Resolved, SameSymbol, SubmissionOutcome, Submit, Sync, SyncOutcome, WorkspaceUpdate};
use acetate_engine::{Engine, MarkerStyle, Session};
use acetate_testing::GitRepo;

/// A file of functions, each with a body of several lines.
fn functions(names: &[&str]) -> String {
    names.iter().map(|name| function(name, &["one", "two", "three", "four", "five"])).collect::<Vec<_>>().join("\n")
}

fn function(name: &str, lines: &[&str]) -> String {
    let body: String = lines.iter().map(|line| format!("    let {line} = {name:?};\n")).collect();
    format!("pub fn {name}() {{\n{body}}}\n")
}

const LIB: &str = "src/lib.rs";

struct Place {
    repo: GitRepo,
    engine: Engine,
    ada: Session,
    bob: Session,
}

impl Place {
    fn new(text: &str) -> Self {
        let repo = bare(&[(LIB, text), ("notes", "a\nb\nc\n")]);
        let engine = open(&repo);
        let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
        Self { repo, engine, ada, bob }
    }

    /// Both changed alpha in the same line, and one of the others' lines each.
    fn two_questions() -> Self {
        let place = Self::new(&functions(&["alpha", "beta", "gamma", "delta"]));
        for (session, who) in [(&place.ada, "ada"), (&place.bob, "bob")] {
            edit(session, LIB, "let two = \"alpha\"", &format!("let two = \"{who}\""));
            edit(session, LIB, "let two = \"gamma\"", &format!("let two = \"{who}\""));
        }
        edit(&place.ada, LIB, "let one = \"beta\"", "let one = \"ada\"");
        edit(&place.bob, LIB, "let one = \"delta\"", "let one = \"bob\"");
        landed(&place.ada);
        place
    }

    fn end(self) {
        drop((self.ada, self.bob));
        self.engine.shutdown();
        assert_eq!(self.repo.fsck(), "");
    }
}

fn part(symbol: &str, take: &str, text: Option<&str>) -> Resolve {
    Resolve { symbol: Some(symbol.to_owned()), ..resolve(LIB, take, text) }
}

fn settle(session: &Session, symbol: &str, take: &str, text: Option<&str>) -> Resolved {
    session.resolve(part(symbol, take, text), None).expect("resolved")
}

fn named_symbols(conflicts: &[ConflictInfo]) -> Vec<(&str, &str)> {
    conflicts.iter().map(|conflict| (conflict.symbol.as_deref().unwrap_or_default(), conflict.kind.as_str())).collect()
}

fn with(same_symbol: SameSymbol) -> Submit {
    Submit { same_symbol: Some(same_symbol), ..Submit::default() }
}

/// Both changed one function, in different lines.
fn same_symbol() -> Place {
    let place = Place::new(&functions(&["alpha", "beta"]));
    edit(&place.ada, LIB, "let one = \"alpha\"", "let one = \"ada\"");
    edit(&place.bob, LIB, "let five = \"alpha\"", "let five = \"bob\"");
    landed(&place.ada);
    place
}

fn text_of(texts: &[acetate_types::Text]) -> String {
    texts.iter().map(|text| String::from_utf8_lossy(&text.0).into_owned()).collect()
}

#[test]
fn different_symbols_of_one_file_combine() {
    let place = Place::new(&functions(&["alpha", "beta"]));
    edit(&place.ada, LIB, "let five = \"alpha\";\n}\n", "let five = \"alpha\";\n    let ada = 1;\n}\n");
    edit(&place.bob, LIB, "pub fn beta() {\n", "pub fn beta() {\n    let bob = 1;\n");
    landed(&place.ada);
    landed(&place.bob);
    let text = read(&place.bob, LIB);
    assert!(text.contains("let ada = 1;") && text.contains("let bob = 1;"), "{text}");
    place.end();
}

#[test]
fn each_symbol_in_conflict_is_a_question_of_its_own() {
    let place = Place::two_questions();
    let found = conflicts(&place.bob);
    assert_eq!(named_symbols(&found), [("alpha", "both_changed"), ("gamma", "both_changed")]);
    for conflict in &found {
        assert_eq!(conflict.path, path(LIB));
        assert_eq!(conflict.head_author.as_ref().map(|person| person.name.as_str()), Some("ada"));
        assert_eq!(conflict.session_author.as_ref().map(|person| person.name.as_str()), Some("bob"));
        let (base, head, session) = (conflict.base.as_ref(), conflict.head.as_ref(), conflict.session.as_ref());
        for (side, who) in [(base, conflict.symbol.as_deref().expect("a symbol")), (head, "ada"), (session, "bob")] {
            let side = side.expect("a side");
            let text = text_of(&side.texts);
            assert!(text.contains(who) && !text.contains("beta") && !text.contains("delta"), "{text}");
            assert_eq!(side.places.len(), side.texts.len());
        }
    }
    place.end();
}

#[test]
fn parts_are_settled_one_by_one_and_the_file_is_put_together() {
    let place = Place::two_questions();
    conflicts(&place.bob);
    let settled = settle(&place.bob, "alpha", "head", None);
    assert_eq!((settled.moved, settled.open, named_symbols(&settled.remaining)), (false, 1, vec![("gamma", "both_changed")]));
    assert!(settle(&place.bob, "gamma", "session", None).moved);
    let text = read(&place.bob, LIB);
    let expect = functions(&["alpha", "beta", "gamma", "delta"])
        .replace("two = \"alpha\"", "two = \"ada\"")
        .replace("two = \"gamma\"", "two = \"bob\"")
        .replace("one = \"beta\"", "one = \"ada\"")
        .replace("one = \"delta\"", "one = \"bob\"");
    assert_eq!(text, expect);
    landed(&place.bob);
    place.end();
}

#[test]
fn the_last_part_can_be_settled_and_landed_in_one_call() {
    let place = Place::two_questions();
    conflicts(&place.bob);
    let landing = |symbol: &str| Resolve { submit: true, ..part(symbol, "session", None) };
    let first = place.bob.resolve(landing("alpha"), Some(&once("one", 1))).expect("resolved");
    assert!(!first.moved && first.submission.is_none() && first.open == 1);
    let key = once("two", 2);
    let last = place.bob.resolve(landing("gamma"), Some(&key)).expect("resolved");
    assert!(last.moved && last.open == 0);
    assert!(
        matches!(last.submission.as_ref().map(|made| &made.outcome), Some(SubmissionOutcome::Landed { version: Some(3), .. })),
        "{last:?}"
    );
    assert_eq!(place.bob.resolve(landing("gamma"), Some(&key)).expect("again"), last);
    assert_eq!(gap_free(&workspace(&place.engine)).len(), 3);
    place.end();
}

#[test]
fn naming_a_symbol_means_its_part_and_not_naming_it_the_whole_file() {
    for (named, expect) in [(true, "whole = 1;\n"), (false, "")] {
        let place = Place::new(&functions(&["alpha", "beta"]));
        for (session, who) in [(&place.ada, "ada"), (&place.bob, "bob")] {
            edit(session, LIB, "let two = \"alpha\"", &format!("let two = \"{who}\""));
        }
        landed(&place.ada);
        assert_eq!(named_symbols(&conflicts(&place.bob)), [("alpha", "both_changed")]);
        let mut answer = resolve(LIB, "text", Some("whole = 1;\n"));
        answer.symbol = named.then(|| "alpha".to_owned());
        assert!(place.bob.resolve(answer, None).expect("resolved").moved);
        let text = read(&place.bob, LIB);
        assert_eq!(text == "whole = 1;\n", !named, "{text}");
        assert!(text.contains(expect) && (!named || text.contains("pub fn beta")), "{text}");
        place.end();
    }
}

#[test]
fn the_whole_path_is_settled_at_once_and_parts_anew() {
    let place = Place::two_questions();
    conflicts(&place.bob);
    settle(&place.bob, "alpha", "head", None);
    // The side's whole file, with what the other side alone changed left out.
    assert!(place.bob.resolve(resolve(LIB, "head", None), None).expect("resolved").moved);
    let text = read(&place.bob, LIB);
    assert!(!text.contains("\"bob\"") && text.contains("one = \"ada\""), "{text}");
    place.end();
    let place = Place::two_questions();
    conflicts(&place.bob);
    assert_eq!(code(place.bob.resolve(resolve(LIB, "proposal", None), None)), "no_proposal");
    assert_eq!(code(place.bob.resolve(part("omega", "head", None), None)), "conflict_not_found");
    assert_eq!(code(place.bob.resolve(part("alpha", "text", None), None)), "text_missing");
    assert_eq!(code(place.bob.resolve(part("alpha", "head", Some("x")), None)), "text_unexpected");
    settle(&place.bob, "alpha", "head", None);
    settle(&place.bob, "alpha", "session", None);
    assert!(settle(&place.bob, "gamma", "delete", None).moved);
    let text = read(&place.bob, LIB);
    assert!(text.contains("two = \"bob\"") && !text.contains("two = \"ada\""), "{text}");
    place.end();
}

#[test]
fn a_symbol_that_both_changed_waits_for_review_with_a_proposal() {
    let place = same_symbol();
    let found = conflicts(&place.bob);
    assert_eq!(named_symbols(&found), [("alpha", "same_symbol")]);
    let proposal = found[0].proposal.as_ref().expect("a proposal");
    let merged = text_of(std::slice::from_ref(&proposal.text));
    assert!(merged.contains("one = \"ada\"") && merged.contains("five = \"bob\""), "{merged}");
    let taken = place.bob.resolve(Resolve { submit: true, ..part("alpha", "proposal", None) }, None).expect("resolved");
    assert!(matches!(taken.submission.map(|made| made.outcome), Some(SubmissionOutcome::Landed { .. })));
    let text = read(&place.bob, LIB);
    assert!(text.contains("one = \"ada\"") && text.contains("five = \"bob\""), "{text}");
    place.end();
}

#[test]
fn the_policy_is_the_submissions_else_the_workspaces() {
    let outcome = |session: &Session, submit: Submit| session.submit(submit, None).expect("submitted").outcome;
    let place = same_symbol();
    for review in [SameSymbol::Review, SameSymbol::Verified] {
        assert!(matches!(outcome(&place.bob, with(review)), SubmissionOutcome::Conflict { open: 1, .. }), "{review:?}");
    }
    assert!(matches!(outcome(&place.bob, with(SameSymbol::Merge)), SubmissionOutcome::Landed { .. }));
    place.end();

    let place = same_symbol();
    let set = |same_symbol| workspace(&place.engine).update(WorkspaceUpdate { same_symbol: Some(same_symbol), ..Default::default() });
    assert_eq!(workspace(&place.engine).info().expect("shown").same_symbol, SameSymbol::Review);
    assert_eq!(set(SameSymbol::Merge).expect("set").same_symbol, SameSymbol::Merge);
    let review = Sync { same_symbol: Some(SameSymbol::Review) };
    assert!(matches!(place.bob.sync(review, None).expect("synced"), SyncOutcome::Conflict { open: 1, .. }));
    assert!(matches!(place.bob.sync(Sync::default(), None).expect("synced"), SyncOutcome::Synced { moved: 1, .. }));
    place.end();
}

#[test]
fn what_nobody_reviews_is_merged_as_git_does() {
    // Undoing what stands beside later work in one function.
    let place = same_symbol();
    assert!(matches!(place.bob.submit(with(SameSymbol::Merge), None).expect("submitted").outcome, SubmissionOutcome::Landed { .. }));
    let workspace = workspace(&place.engine);
    let first = workspace.operations(None, None).expect("operations").operations;
    let adas = first.iter().filter(|operation| operation.kind == "land").nth(1).expect("her landing").number;
    workspace.undo(acetate_engine::api::Undo { operation: Some(adas) }, None).expect("undone");
    let text = read(&session(&place.engine, "eve"), LIB);
    assert!(text.contains("one = \"alpha\"") && text.contains("five = \"bob\""), "{text}");
    place.end();
}

#[test]
fn a_resolution_survives_what_does_not_concern_it() {
    let place = Place::two_questions();
    conflicts(&place.bob);
    settle(&place.bob, "alpha", "head", None);
    // Elsewhere in the file, and in the other question: alpha stays settled.
    edit(&place.bob, LIB, "let three = \"delta\"", "let three = \"more\"");
    edit(&place.bob, LIB, "let two = \"bob\";\n    let three = \"gamma\"", "let two = \"anew\";\n    let three = \"gamma\"");
    let again = conflicts(&place.bob);
    assert_eq!(again.iter().map(|conflict| conflict.resolved).collect::<Vec<_>>(), [true, false]);
    assert!(settle(&place.bob, "gamma", "session", None).moved);
    let text = read(&place.bob, LIB);
    assert!(text.contains("two = \"ada\"") && text.contains("two = \"anew\"") && text.contains("three = \"more\""), "{text}");
    place.end();
    // In the question itself: it is open again.
    let place = Place::two_questions();
    conflicts(&place.bob);
    settle(&place.bob, "alpha", "head", None);
    edit(&place.bob, LIB, "let two = \"bob\";\n    let three = \"alpha\"", "let two = \"anew\";\n    let three = \"alpha\"");
    let settled = settle(&place.bob, "gamma", "session", None);
    assert_eq!((settled.moved, named_symbols(&settled.remaining)), (false, vec![("alpha", "both_changed")]));
    place.end();
}

#[test]
fn markers_are_shown_with_the_symbols_name() {
    let place = Place::two_questions();
    assert_eq!(code(place.bob.marked(&path(LIB), MarkerStyle::Diff3)), "conflict_not_found");
    conflicts(&place.bob);
    let marked = place.bob.marked(&path(LIB), MarkerStyle::Diff3).expect("marked");
    let marked = String::from_utf8_lossy(&marked);
    for expect in ["<<<<<<< head v2: alpha\n", "||||||| base v1\n", ">>>>>>> session bob: gamma\n"] {
        assert!(marked.contains(expect), "{marked}");
    }
    assert!(marked.contains("one = \"ada\"") && marked.contains("one = \"bob\""), "{marked}");
    assert!(!place.bob.marked(&path(LIB), MarkerStyle::Merge).expect("marked").windows(7).any(|bytes| bytes == b"|||||||"));
    assert_eq!(code(place.bob.marked(&path("notes"), MarkerStyle::Merge)), "conflict_not_found");
    place.end();
}

#[test]
fn a_conflict_names_a_symbol_as_everything_else_does() {
    let text = "struct Parser<'a>(&'a str);\n\nimpl<'a> Parser<'a> {\n    fn next(&self) {\n        one();\n        two();\n        three();\n    }\n}\n";
    let place = Place::new(text);
    edit(&place.ada, LIB, "one()", "ada()");
    edit(&place.bob, LIB, "one()", "bob()");
    let list = acetate_engine::api::ListSymbols { path: Some(path(LIB)), ..Default::default() };
    let named = place.bob.symbols(&list).expect("symbols").symbols.last().expect("a method").symbol.clone();
    assert_eq!(place.bob.status().expect("status").overlaps[0].symbol.as_deref(), Some(named.as_str()));
    landed(&place.ada);
    assert_eq!(named_symbols(&conflicts(&place.bob)), [(named.as_str(), "both_changed")]);
    place.end();
}

#[test]
fn a_resolution_repeated_after_a_stop_before_its_landing_lands_then() {
    let place = Place::two_questions();
    conflicts(&place.bob);
    settle(&place.bob, "alpha", "session", None);
    // As if the call had stopped between its two effects: what is stored under the key is the first one's answer.
    let key = once("key", 1);
    assert!(place.bob.resolve(part("gamma", "session", None), Some(&key)).expect("resolved").moved);
    let landing = Resolve { submit: true, ..part("gamma", "session", None) };
    let again = place.bob.resolve(landing.clone(), Some(&key)).expect("resolved");
    assert!(matches!(again.submission.as_ref().map(|made| &made.outcome), Some(SubmissionOutcome::Landed { version: Some(3), .. })));
    assert_eq!(place.bob.resolve(landing, Some(&key)).expect("again"), again);
    assert_eq!(gap_free(&workspace(&place.engine)).len(), 3);
    place.end();
}

#[test]
fn a_text_like_markers_is_just_a_text() {
    let place = Place::two_questions();
    conflicts(&place.bob);
    let text = "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n";
    assert!(place.bob.resolve(resolve(LIB, "text", Some(text)), None).expect("resolved").moved);
    assert_eq!(read(&place.bob, LIB), text);
    place.end();
}
