//! Symbols as answers show them: of files, of changes, of landings, and of what two live sessions edit at once.

use super::common::*;
use acetate_engine::api::{ChangedSymbol, EventFilter, ListSymbols, Notice, OpenSession, OverlapNotice};
use acetate_engine::{DiffOptions, Session};
use std::time::Duration;

const LIB: &str = "src/lib.rs";
const TEXT: &str = "use std::fmt;\n\npub struct Parser {\n    at: usize,\n}\n\nimpl Parser {\n    pub fn next(&mut self) -> usize {\n        self.at += 1;\n        self.at\n    }\n\n    pub fn back(&mut self) {\n        self.at -= 1;\n    }\n}\n\npub fn parse() -> usize {\n    1\n}\n";

fn changed(symbols: &Option<Vec<ChangedSymbol>>) -> Vec<(String, String)> {
    symbols.as_ref().expect("symbols").iter().map(|one| (one.change.clone(), one.symbol.clone())).collect()
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(one, two)| ((*one).to_owned(), (*two).to_owned())).collect()
}

fn overlaps(session: &Session) -> Vec<OverlapNotice> {
    let overlap = |notice| match notice {
        Notice::Overlap(overlap) => Some(overlap),
        Notice::HeadMoved { .. } => None,
    };
    session.standing(None).notices.into_iter().filter_map(overlap).collect()
}

#[test]
fn symbols_of_a_file_and_by_name() {
    let repo = bare(&[(LIB, TEXT), ("src/other.py", "def next():\n    pass\n"), ("notes.txt", "next\n")]);
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    let of = |at: Option<&str>, query: Option<&str>| {
        let list = ListSymbols { path: at.map(path), query: query.map(ToOwned::to_owned), limit: None };
        ada.symbols(&list).map(|list| (list.language, list.symbols))
    };
    let (language, all) = of(Some(LIB), None).expect("symbols");
    assert_eq!(language.as_deref(), Some("rust"));
    let next = all.iter().find(|symbol| symbol.symbol.ends_with("::next")).expect("next");
    assert_eq!((next.kind.as_str(), next.start, next.lines), ("method", 8, 4), "{next:?}");
    assert_eq!(of(Some("notes.txt"), None).expect("no symbols"), (None, Vec::new()));
    assert_eq!(code(of(Some("gone.rs"), None)), "path_not_found");
    assert_eq!(code(of(None, None)), "symbols_unasked");
    // The session's own files first, whole names before parts of names.
    write(&ada, "src/new.rs", "fn next_one() {}\n\nfn next() {}\n");
    let found: Vec<String> =
        of(None, Some("next")).expect("found").1.iter().map(|symbol| format!("{} {}", symbol.path, symbol.symbol)).collect();
    assert_eq!(found.first().map(String::as_str), Some("src/new.rs next"), "{found:?}");
    assert_eq!(found.last().map(String::as_str), Some("src/new.rs next_one"), "{found:?}");
    assert!(found.contains(&"src/other.py next".to_owned()) && found.len() == 4, "{found:?}");
    assert_eq!(of(None, Some("Next")).expect("found").1.len(), 0);
}

#[test]
fn status_diff_and_changes_say_what_became_of_symbols() {
    let repo = bare(&[(LIB, TEXT), ("notes.txt", "a\n")]);
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    edit(&ada, LIB, "self.at += 1;", "self.at += 2;");
    edit(&ada, LIB, "pub fn parse() -> usize", "pub fn parse(from: usize) -> usize");
    edit(&ada, LIB, "use std::fmt;\n", "use std::fmt;\n\nconst ONE: usize = 1;\n");
    write(&ada, "notes.txt", "b\n");
    let status = ada.status().expect("status");
    let symbols = |at: &str| status.changes.iter().find(|one| one.path == path(at)).expect("listed").symbols.clone();
    let next = "Parser::next";
    let expect = pairs(&[("added", "ONE"), ("changed_body", next), ("changed_signature", "parse")]);
    assert_eq!(changed(&symbols(LIB)), expect);
    assert_eq!(symbols("notes.txt"), None);
    let options = DiffOptions { symbols: true, ..diff_options() };
    let diff = ada.diff(&options).expect("diff");
    assert_eq!(changed(&diff.files.iter().find(|file| file.path == path(LIB)).expect("listed").symbols), expect);
    assert!(ada.diff(&diff_options()).expect("diff").files.iter().all(|file| file.symbols.is_none()));
    landed(&ada);
    let head = workspace(&engine).info().expect("info").head.commit.expect("a commit");
    let change = engine.change(&engine.owner(), &head).expect("a change");
    assert_eq!(changed(&change.paths.iter().find(|one| one.path == path(LIB)).expect("listed").symbols), expect);
}

#[test]
fn landings_tell_their_symbols_and_can_be_filtered_by_them() {
    let repo = bare(&[(LIB, TEXT), ("src/two.rs", "fn parse() {}\n")]);
    let engine = open(&repo);
    let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
    edit(&ada, LIB, "self.at += 1;", "self.at += 2;");
    landed(&ada);
    edit(&bob, "src/two.rs", "{}", "{ two() }");
    landed(&bob);
    let space = workspace(&engine);
    let events = space.events(0, None).expect("events").events;
    let landings: Vec<_> = events.iter().filter(|event| event.kind == "landed").collect();
    let first = landings.iter().find(|event| event.data["agent"] == "ada").expect("her landing");
    assert_eq!(first.data["symbols"][0]["symbol"], "Parser::next", "{first:?}");
    assert_eq!((&first.data["symbols"][0]["path"], &first.data["symbol_count"]), (&LIB.into(), &1.into()));
    let find = |at: Option<&str>, symbol: &str| {
        let filter = EventFilter { path: at.map(path), symbol: Some(symbol.to_owned()) };
        let page = space.watch_for(0, None, &filter, Duration::ZERO).expect("events");
        assert_eq!(page.next, events.last().expect("events").number);
        page.events.into_iter().map(|event| event.data["agent"].as_str().expect("an agent").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(find(None, "Parser"), ["ada"]);
    assert_eq!(find(None, "Parser::next"), ["ada"]);
    assert_eq!(find(None, "parse"), ["bob"]);
    assert_eq!(find(Some("src/two.rs"), "parse"), ["bob"]);
    assert_eq!(find(Some(LIB), "parse"), [""; 0]);
    assert_eq!(find(None, "par"), [""; 0]);
}

#[test]
fn two_sessions_in_one_symbol_are_both_told_in_their_next_answer() {
    let repo = bare(&[(LIB, TEXT)]);
    let engine = open(&repo);
    let space = workspace(&engine);
    let with = |agent: &str, intent: &str| {
        opened(&engine, &space, OpenSession { agent: agent.into(), intent: Some(intent.into()), ..OpenSession::default() })
    };
    let (ada, bob) = (with("ada", "count by two"), with("bob", "count quicker"));
    edit(&ada, LIB, "self.at += 1;", "self.at += 2;");
    edit(&bob, LIB, "self.at -= 1;", "self.at -= 2;");
    // Different methods of one file are no overlap.
    assert_eq!((overlaps(&ada), overlaps(&bob)), (Vec::new(), Vec::new()));
    edit(&bob, LIB, "        self.at\n", "        self.at + 0\n");
    for (session, other, intent) in [(&ada, &bob, "count quicker"), (&bob, &ada, "count by two")] {
        let found = overlaps(session);
        let [one] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((one.path.to_string().as_str(), one.symbol.as_deref()), (LIB, Some("Parser::next")));
        assert_eq!((&one.session, one.intent.as_deref()), (other.id(), Some(intent)));
        assert_eq!(overlaps(session), Vec::new(), "said once");
        assert_eq!(session.status().expect("status").overlaps, found);
    }
    // Another symbol later is told too; nothing is left once one of them has landed.
    edit(&ada, LIB, "self.at -= 1;", "self.at -= 3;");
    assert_eq!(overlaps(&bob).iter().map(|one| one.symbol.as_deref()).collect::<Vec<_>>(), [Some("Parser::back")]);
    landed(&ada);
    assert_eq!((overlaps(&bob), bob.status().expect("status").overlaps), (Vec::new(), Vec::new()));
}

#[test]
fn what_one_takes_away_and_the_other_edits_is_an_overlap() {
    let repo = bare(&[(LIB, TEXT), ("b.txt", "b\n")]);
    let engine = open(&repo);
    let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
    let from = TEXT.find("impl Parser").expect("there");
    let to = TEXT.find("pub fn parse").expect("there");
    write(&ada, LIB, format!("{}{}", &TEXT[..from], &TEXT[to..]));
    edit(&bob, LIB, "self.at -= 1;", "self.at -= 2;");
    assert_eq!(overlaps(&ada).iter().map(|one| one.symbol.as_deref()).collect::<Vec<_>>(), [Some("Parser::back")]);
    // Without a profile, or where one deleted the file, it is the file.
    write(&ada, "b.txt", "ada\n");
    delete(&bob, "b.txt");
    assert_eq!(
        overlaps(&bob).iter().map(|one| (one.path.to_string(), one.symbol.clone())).collect::<Vec<_>>(),
        [(LIB.to_owned(), Some("Parser::back".to_owned())), ("b.txt".to_owned(), None)]
    );
}
