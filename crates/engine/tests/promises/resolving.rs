//! Settling conflicts about where files are: whichever side is taken is taken whole, and nobody's file vanishes unseen.

use super::common::*;
use acetate_engine::Session;
use std::collections::BTreeMap;

fn lines(name: &str) -> String {
    (0..30).map(|line| format!("{name} {line}\n")).collect()
}

/// One case: what the head and the session did to the base, each of them a list of steps.
struct Case<'a> {
    base: &'a [&'a str],
    head: &'a [Step<'a>],
    mine: &'a [Step<'a>],
}

/// An edit.
enum Step<'a> {
    Write(&'a str, &'a str),
    Append(&'a str, &'a str),
    Prepend(&'a str, &'a str),
    Move(&'a str, &'a str),
    Delete(&'a str),
}
use Step::{Append, Delete, Move, Prepend, Write};

fn apply(session: &Session, steps: &[Step<'_>]) {
    for step in steps {
        match step {
            Write(at, text) => write(session, at, text),
            Append(at, text) => write(session, at, read(session, at) + text + "\n"),
            Prepend(at, text) => write(session, at, format!("{text}\n{}", read(session, at))),
            Move(from, to) => rename(session, from, to),
            Delete(at) => delete(session, at),
        }
    }
}

impl Case<'_> {
    /// Submits, and settles the conflicts as `takes` say, each by its path; gives what the session then has.
    fn resolved(&self, takes: &[(&str, &str, Option<&str>)]) -> BTreeMap<String, String> {
        let texts: Vec<(&str, String)> = self.base.iter().map(|at| (*at, lines(at))).collect();
        let repo = bare(&texts.iter().map(|(at, text)| (*at, text.as_str())).collect::<Vec<_>>());
        let engine = open(&repo);
        let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
        apply(&ada, self.head);
        apply(&bob, self.mine);
        landed(&ada);
        conflicts(&bob);
        let mut moved = false;
        for (at, take, text) in takes {
            assert!(!moved, "settled before {at}");
            moved = bob.resolve(resolve(at, take, *text), None).unwrap_or_else(|error| panic!("{at} {take}: {error}")).moved;
        }
        let open: Vec<String> =
            bob.status().expect("status").conflicts.iter().map(|conflict| format!("{} {}", conflict.kind, conflict.path)).collect();
        assert!(moved, "still open: {open:?}");
        let has = shown(&bob);
        submit(&bob);
        engine.shutdown();
        assert_eq!(repo.fsck(), "");
        has
    }

    fn all(&self, take: &str) -> BTreeMap<String, String> {
        let texts: Vec<(&str, String)> = self.base.iter().map(|at| (*at, lines(at))).collect();
        let repo = bare(&texts.iter().map(|(at, text)| (*at, text.as_str())).collect::<Vec<_>>());
        let engine = open(&repo);
        let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
        apply(&ada, self.head);
        apply(&bob, self.mine);
        landed(&ada);
        let found: Vec<String> = conflicts(&bob).iter().map(|conflict| conflict.path.to_string()).collect();
        drop((ada, bob));
        engine.shutdown();
        drop(engine);
        self.resolved(&found.iter().map(|at| (at.as_str(), take, None)).collect::<Vec<_>>())
    }
}

fn shown(session: &Session) -> BTreeMap<String, String> {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    files(session).into_iter().map(|(at, (_, content))| (text(at), text(content))).collect()
}

fn expect(files: &[(&str, String)]) -> BTreeMap<String, String> {
    files.iter().map(|(at, text)| ((*at).to_owned(), text.clone())).collect()
}

#[test]
fn a_directory_in_a_files_place_comes_with_its_side() {
    let case = Case { base: &["p", "q"], head: &[Append("p", "head")], mine: &[Delete("p"), Write("p/z", "mine\n")] };
    assert_eq!(case.all("session"), expect(&[("p/z", "mine\n".into()), ("q", lines("q"))]));
    assert_eq!(case.all("head"), expect(&[("p", lines("p") + "head\n"), ("q", lines("q"))]));
    assert_eq!(case.resolved(&[("p", "text", Some("t\n"))]), expect(&[("p", "t\n".into()), ("q", lines("q"))]));
    let case = Case { base: &["a", "q"], head: &[Move("a", "p")], mine: &[Delete("a"), Write("p/z", "mine\n")] };
    assert_eq!(case.all("session"), expect(&[("p/z", "mine\n".into()), ("q", lines("q"))]));
    assert_eq!(case.all("head"), expect(&[("p", lines("a")), ("q", lines("q"))]));
}

#[test]
fn a_file_where_a_followed_directory_would_put_another_stays() {
    let case = Case { base: &["d/a", "d/b"], head: &[Move("d", "e")], mine: &[Write("d/x", "1\n"), Write("e/x", "2\n")] };
    let due = expect(&[("d/x", "1\n".into()), ("e/a", lines("d/a")), ("e/b", lines("d/b")), ("e/x", "2\n".into())]);
    for take in ["session", "head"] {
        assert_eq!(case.all(take), due, "{take}");
    }
}

#[test]
fn a_conflict_names_paths_that_its_sides_have() {
    for mine in [&[Move("x", "dir"), Delete("lib")][..], &[Move("x", "dir"), Move("lib", "lib2")]] {
        let case = Case { base: &["lib", "x/q", "x/r"], head: &[Move("lib", "x/new"), Append("x/new", "head")], mine };
        let head = case.all("head");
        assert_eq!(head.values().filter(|text| text.ends_with("head\n")).count(), 1, "{head:?}");
        let session = case.all("session");
        assert_eq!(session.contains_key("lib2"), mine.len() == 2 && matches!(mine[1], Move(..)), "{session:?}");
        assert!(!session.values().any(|text| text.ends_with("head\n")));
    }
}

#[test]
fn a_change_that_followed_a_rename_is_shown_and_taken_with_it() {
    let (head, mine) = (lines("a") + "head\n", format!("mine\n{}", lines("a")));
    let case = Case { base: &["a"], head: &[Append("a", "head"), Write("b", "other\n")], mine: &[Move("a", "b"), Prepend("b", "mine")] };
    assert_eq!(case.all("session"), expect(&[("b", format!("{mine}head\n"))]));
    assert_eq!(case.all("head"), expect(&[("a", head.clone()), ("b", "other\n".into())]));
    // Mirrored.
    let case = Case { base: &["a"], head: &[Move("a", "b"), Append("b", "head")], mine: &[Prepend("a", "mine"), Write("b", "other\n")] };
    assert_eq!(case.all("session"), expect(&[("a", mine.clone()), ("b", "other\n".into())]));
    assert_eq!(case.all("head"), expect(&[("b", format!("{mine}head\n"))]));
}

#[test]
fn a_file_that_a_collision_does_not_concern_stays() {
    let case = Case { base: &["a"], head: &[Move("a", "b"), Prepend("b", "head")], mine: &[Prepend("a", "mine"), Write("b", "own\n")] };
    assert_eq!(case.all("session"), expect(&[("a", format!("mine\n{}", lines("a"))), ("b", "own\n".into())]));
    assert_eq!(case.all("head"), expect(&[("b", format!("head\n{}", lines("a")))]));
    let case = Case { base: &["a"], head: &[Prepend("a", "head"), Write("b", "own\n")], mine: &[Move("a", "b"), Prepend("b", "mine")] };
    assert_eq!(case.all("session"), expect(&[("b", format!("mine\n{}", lines("a")))]));
    assert_eq!(case.all("head"), expect(&[("a", format!("head\n{}", lines("a"))), ("b", "own\n".into())]));
    // Renamed differently, and one of the names is taken.
    let case = Case { base: &["a"], head: &[Move("a", "b"), Write("c", "own\n")], mine: &[Move("a", "c")] };
    assert_eq!(case.all("head"), expect(&[("b", lines("a")), ("c", "own\n".into())]));
    assert_eq!(case.all("session"), expect(&[("c", lines("a"))]));
}

#[test]
fn a_file_whose_move_is_not_taken_stays_where_it_was() {
    let case = Case { base: &["a", "b"], head: &[Write("f", "head\n")], mine: &[Move("b", "f")] };
    assert_eq!(case.all("head"), expect(&[("a", lines("a")), ("b", lines("b")), ("f", "head\n".into())]));
    assert_eq!(case.all("session"), expect(&[("a", lines("a")), ("f", lines("b"))]));
    let case = Case { base: &["a", "b"], head: &[Write("f/g", "head\n")], mine: &[Move("b", "f")] };
    assert_eq!(case.all("head"), expect(&[("a", lines("a")), ("b", lines("b")), ("f/g", "head\n".into())]));
}

#[test]
fn several_conflicts_at_one_path_are_settled_one_after_the_other() {
    let case = Case { base: &["a", "b"], head: &[Move("a", "c"), Delete("b")], mine: &[Move("b", "c"), Delete("a")] };
    assert_eq!(case.all("session"), expect(&[("c", lines("b"))]));
    assert_eq!(case.all("head"), expect(&[("c", lines("a"))]));
    assert_eq!(case.all("delete"), expect(&[]));
    assert_eq!(case.resolved(&[("c", "text", Some("t\n")), ("c", "text", Some("t\n"))]), expect(&[("c", "t\n".into())]));
}

#[test]
fn resolutions_that_contradict_each_other_are_refused() {
    let repo = bare(&[("p/x", "x\n"), ("p/y", "y\n")]);
    let engine = open(&repo);
    let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
    apply(&ada, &[Append("p/x", "head")]);
    apply(&bob, &[Delete("p"), Write("p", "mine\n")]);
    landed(&ada);
    assert_eq!(conflicts(&bob).len(), 2);
    assert!(!bob.resolve(resolve("p/x", "head", None), None).expect("resolved").moved);
    assert_eq!(code(bob.resolve(resolve("p", "session", None), None)), "resolutions_contradict");
    assert_eq!(bob.status().expect("status").conflicts.iter().filter(|conflict| !conflict.resolved).count(), 1);
    assert!(!bob.resolve(resolve("p/x", "session", None), None).expect("resolved").moved);
    assert!(bob.resolve(resolve("p", "session", None), None).expect("resolved").moved);
    assert_eq!(shown(&bob), expect(&[("p", "mine\n".into())]));
}

#[test]
fn a_directory_in_a_files_place_is_taken_with_what_is_in_conflict_below_it() {
    let case = Case {
        base: &["d/x", "d/y", "d/s/z", "e/v"],
        head: &[Delete("d"), Write("d/n", "head\n"), Move("e/v", "f/g")],
        mine: &[Move("d", "f/g"), Move("f/g/y", "e/n"), Write("d/x", "mine\n")],
    };
    let session = case.all("session");
    assert_eq!(session.get("f/g/s/z"), Some(&lines("d/s/z")), "{session:?}");
    assert_eq!(session.get("f/g/x"), Some(&lines("d/x")), "{session:?}");
    // Moved along with what the head made of its directory.
    assert_eq!(session.get("f/n"), Some(&lines("d/y")), "{session:?}");
    assert_eq!(session.get("d/x"), Some(&"mine\n".to_owned()), "{session:?}");
    let head = case.all("head");
    assert_eq!(head.get("f/g"), Some(&lines("e/v")), "{head:?}");
}

#[test]
fn what_a_directory_that_is_not_taken_had_moved_stays_where_it_was() {
    // Changed by the head as well, changed by nobody else, and all of the directory.
    for head in [&[Write("f", "head\n"), Append("d/y", "head")][..], &[Write("f", "head\n")]] {
        let case = Case { base: &["a", "d/s/z", "d/x", "d/y"], head, mine: &[Move("d", "f")] };
        let kept = case.all("head");
        let changed = if head.len() == 2 { lines("d/y") + "head\n" } else { lines("d/y") };
        let due = [("a", lines("a")), ("d/s/z", lines("d/s/z")), ("d/x", lines("d/x")), ("d/y", changed.clone()), ("f", "head\n".into())];
        assert_eq!(kept, expect(&due));
        let moved = case.all("session");
        let due = [("a", lines("a")), ("f/s/z", lines("d/s/z")), ("f/x", lines("d/x")), ("f/y", changed)];
        assert_eq!(moved, expect(&due));
    }
}

#[test]
fn a_text_lands_where_the_session_has_the_file() {
    let case = Case { base: &["a"], head: &[Move("a", "b")], mine: &[Move("a", "c")] };
    assert_eq!(case.resolved(&[("a", "text", Some("t\n"))]), expect(&[("c", "t\n".into())]));
    let repo = bare(&[("a", "a\n")]);
    repo.fast_commit("main", [("link", "120000", Some("a"))]);
    let engine = open(&repo);
    let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
    for (session, target) in [(&ada, "b"), (&bob, "c")] {
        write_mode(session, "link", target, acetate_types::FileMode::Symlink);
    }
    landed(&ada);
    conflicts(&bob);
    assert!(bob.resolve(resolve("link", "text", Some("d")), None).expect("resolved").moved);
    assert_eq!(files(&bob)[&b"link"[..]], (acetate_types::FileMode::Symlink, b"d".to_vec()));
}

#[test]
fn what_a_directorys_move_brought_along_stays_there() {
    let case = Case { base: &["d/a", "d/b"], head: &[Move("d", "e"), Write("e/new", "head\n")], mine: &[Write("d/new", "mine\n")] };
    assert_eq!(case.all("session"), expect(&[("e/a", lines("d/a")), ("e/b", lines("d/b")), ("e/new", "mine\n".into())]));
}

#[test]
fn many_conflicts_are_answered_within_bounds() {
    let names: Vec<String> = (0..300).map(|at| format!("d{}/f{at}", at % 7)).collect();
    let text = |who: &str| -> String { format!("{who}\n").repeat(4000) };
    let repo = bare(&names.iter().map(|at| (at.as_str(), "base\n")).collect::<Vec<_>>());
    let engine = open(&repo);
    let (ada, cleo, bob) = (session(&engine, "ada"), session(&engine, "cleo"), session(&engine, "bob"));
    for (at, name) in names.iter().enumerate() {
        write(if at.is_multiple_of(2) { &ada } else { &cleo }, name, text("head"));
        write(&bob, name, text("mine"));
    }
    landed(&ada);
    landed(&cleo);
    let found = conflicts(&bob);
    assert_eq!(found.len(), names.len());
    let sides = || found.iter().flat_map(|conflict| [&conflict.base, &conflict.head, &conflict.session]).flatten();
    assert!(sides().flat_map(|side| &side.texts).map(|text| text.0.len()).sum::<usize>() <= 1 << 20);
    assert!(sides().all(|side| side.size.is_some() || side.texts[0].0.len() < 16 << 10));
    assert_eq!(found.last().and_then(|conflict| conflict.session.as_ref()).and_then(|side| side.size), Some(20_000));
    for conflict in &found {
        let at: usize = conflict.path.to_string().split_once("/f").expect("a name").1.parse().expect("a number");
        let name = if at.is_multiple_of(2) { "ada" } else { "cleo" };
        assert_eq!(conflict.head_author.as_ref().map(|person| person.name.as_str()), Some(name));
    }
    let resolved = bob.resolve(resolve(&names[0], "head", None), None).expect("resolved");
    assert_eq!((resolved.remaining.len(), resolved.open), (100, 299));
}
