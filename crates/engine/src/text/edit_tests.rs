//! Edits by table, and against a plain model.

use super::super::closest::{Candidate, Difference};
use super::*;
use acetate_types::Classify as _;
use proptest::prelude::*;

fn edit(old: &str, new: &str, all: bool) -> StringEdit {
    StringEdit { old: Bytes::copy_from_slice(old.as_bytes()), new: Bytes::copy_from_slice(new.as_bytes()), all }
}

fn apply(text: &[u8], edits: &[StringEdit]) -> Result<Edited, EditError> {
    let edited = apply_edits(text, edits, &EditLimits::default())?;
    // The spans always lead from the text before to the text after.
    let mut rebuilt = Vec::new();
    let mut from = 0;
    for (splice, inserted) in edited.pieces() {
        rebuilt.extend_from_slice(&text[from..splice.at]);
        rebuilt.extend_from_slice(&inserted);
        from = splice.at + splice.removed;
    }
    rebuilt.extend_from_slice(&text[from..]);
    assert_eq!(rebuilt, edited.text);
    Ok(edited)
}

fn check(text: &str, edits: &[(&str, &str, bool)], expect: Result<&str, &str>) {
    let edits: Vec<_> = edits.iter().map(|(old, new, all)| edit(old, new, *all)).collect();
    let got = apply(text.as_bytes(), &edits);
    let got = got.as_ref().map(|edited| String::from_utf8_lossy(&edited.text)).map_err(|error| error.problem().code);
    match (got, expect) {
        (Ok(got), Ok(expect)) => assert_eq!(got, expect, "{text:?}"),
        (Err(got), Err(expect)) => assert_eq!(got, expect, "{text:?}"),
        (got, expect) => panic!("{text:?}: {got:?} is not {expect:?}"),
    }
}

#[test]
fn exact_and_unique() {
    check("a b c", &[("b", "x", false)], Ok("a x c"));
    check("a b b", &[("b", "x", false)], Err("edit_not_unique"));
    check("a b b", &[("b", "xyz", true)], Ok("a xyz xyz"));
    check("aaa", &[("aa", "x", false)], Err("edit_not_unique"));
    check("aaa", &[("aa", "x", true)], Ok("xa"));
    check("a", &[("b", "x", false)], Err("edit_not_found"));
    check("a", &[("b", "x", true)], Err("edit_not_found"));
    check("a", &[("a", "a", false)], Err("edit_no_change"));
    check("a", &[("", "x", false)], Err("edit_empty_old"));
    check("", &[("", "x\n", false)], Ok("x\n"));
    check("\u{feff}", &[("", "x\n", false)], Ok("\u{feff}x\n"));
    check("“a”", &[("\"a\"", "b", false)], Err("edit_not_found"));
}

#[test]
fn in_order_and_all_or_none() {
    check("one two", &[("one", "two", false), ("two two", "three", false)], Ok("three"));
    check("one two", &[("one", "two", false), ("two", "three", false)], Err("edit_not_unique"));
    check("one two", &[("one", "1", false), ("two", "2", false)], Ok("1 2"));
    let error = apply(b"one two", &[edit("one", "1", false), edit("one", "2", false)]).expect_err("it is gone");
    assert!(matches!(error, EditError::NotFound { index: 1, replaced_before: true, .. }), "{error:?}");
}

#[test]
fn line_ends_follow_the_file() {
    check("a\r\nb\r\nc\r\n", &[("a\nb\n", "a\nx\ny\n", false)], Ok("a\r\nx\r\ny\r\nc\r\n"));
    check("a\r\nb\r\n", &[("\nb", "\nx\ny", false)], Ok("a\r\nx\r\ny\r\n"));
    check("a\r\nb\r\n", &[("a\n", "", false)], Ok("b\r\n"));
    // Without a line end in the old text, the line it stands on decides, then the line before.
    check("a\r\nb\n", &[("a", "x\ny", false)], Ok("x\r\ny\r\nb\n"));
    check("a\r\nb\n", &[("b", "x\ny", false)], Ok("a\r\nx\ny\n"));
    check("a\r\nb", &[("b", "x\ny\n", false)], Ok("a\r\nx\r\ny\r\n"));
    // Mixed files: every place by its own line ends, and so every line of a place.
    check("f\ng\n--\r\nf\r\ng\r\n", &[("f\ng\n", "g\nf\nh\n", true)], Ok("g\nf\nh\n--\r\ng\r\nf\r\nh\r\n"));
    check("f\ng\n--\r\nf\r\ng\r\n", &[("f\ng\n", "x", false)], Err("edit_not_unique"));
    check("a\nb\r\nc\n", &[("a\nb\nc\n", "A\nB\nC\nD\n", false)], Ok("A\nB\r\nC\nD\n"));
    // A carriage return in either text is meant by the letter.
    check("a\r\nb\r\n", &[("a\r\nb", "x\ny", false)], Ok("x\ny\r\n"));
    check("a\nb\n", &[("a\nb", "x\r\ny", false)], Ok("x\r\ny\n"));
    check("a\nb\n", &[("a\r\nb", "x", false)], Err("edit_not_found"));
    check("a\r\nb\r\n", &[("a\nb", "a\r\nb", false)], Err("edit_no_change"));
    // The byte-order mark stays.
    check("\u{feff}a\r\nb\r\n", &[("a\n", "x\ny\n", false)], Ok("\u{feff}x\r\ny\r\nb\r\n"));
}

fn check_closest(text: &str, old: &str, lines: (usize, usize), differs: &Difference) {
    let error = apply(text.as_bytes(), &[edit(old, "new", false)]).expect_err("not found");
    let EditError::NotFound { closest: Some(candidate), .. } = &error else { panic!("{error:?}") };
    let Candidate { lines: got, differs: got_differs, .. } = &**candidate;
    assert_eq!((*got, got_differs), (lines, differs), "{error}");
}

const CODE: &str =
    "use std::fs;\n\nfn first() {\n    let a = open(1);\n    close(a);\n}\n\nfn second() {\n    let b = open(2);\n    close(b);\n}\n";

#[test]
fn the_closest_place_and_what_differs() {
    let word = |expected: &'static str, found: &'static str| Difference::Word { expected: expected.into(), found: found.into() };
    check_closest(CODE, "let a = opened(1);", (4, 4), &word("opened", "open"));
    check_closest(CODE, "fn second() {\n    let b = open(3);\n    close(b);\n}\n", (8, 11), &word("3", "2"));
    check_closest(CODE, "fn second() {\n\tlet b = open(2);\n\tclose(b);\n}\n", (8, 11), &Difference::Indentation);
    check_closest(CODE, "let a = open( 1 );", (4, 4), &Difference::Whitespace);
    check_closest(CODE, "fn First() {\n", (3, 3), &Difference::Case);
    check_closest(CODE, "fn first() {   \n    let a", (3, 4), &Difference::TrailingWhitespace);
    check_closest(CODE, "fn first() {\r\n    let a", (3, 4), &Difference::LineEndings);
    check_closest(CODE, "fn second() {\n    let b = shut(7);\n    open(b);\n}\n", (8, 11), &Difference::Several);
    let long: String = (0..300).map(|line| format!("    line_{line} = value;\n")).collect();
    check_closest(&format!("{CODE}{long}"), &long.replace("line_150 =", "lines_150 ="), (12, 311), &word("lines_150", "line_150"));
    for nothing in ["", CODE] {
        let error = apply(nothing.as_bytes(), &[edit("ZZ%%QQ@@", "new", false)]).expect_err("not found");
        assert!(matches!(error, EditError::NotFound { closest: None, .. }), "{error:?}");
    }
    let error = apply(b"\xff\xfe alpha beta\n\x80\n", &[edit("alpha betta", "new", false)]).expect_err("not found");
    assert!(matches!(error, EditError::NotFound { closest: Some(_), .. }), "{error:?}");
}

#[test]
fn matches_are_listed_with_their_lines() {
    let error = apply(CODE.as_bytes(), &[edit("open(", "x(", false)]).expect_err("two");
    let expect =
        vec![MatchedLine { line: 4, text: "    let a = open(1);".into() }, MatchedLine { line: 9, text: "    let b = open(2);".into() }];
    assert_eq!(error, EditError::NotUnique { index: 0, matches: expect, total: 2 });
    let error = apply(&b"x\n".repeat(50), &[edit("x", "y", false)]).expect_err("fifty");
    assert!(matches!(&error, EditError::NotUnique { matches, total: 50, .. } if matches.len() == 10), "{error:?}");
}

#[test]
fn limits_are_kept() {
    let limits = EditLimits { max_text: 10, max_edits: 2, max_replacements: 3, max_copied: 15, ..EditLimits::default() };
    for (text, edits) in [
        ("aaaaaaaaaaa", vec![edit("b", "c", false)]),
        ("a", vec![edit("a", "bbbbbbbbbbb", false)]),
        ("aa bb", vec![edit("a", "aaaaaa", true)]),
        ("aaaa", vec![edit("a", "b", true)]),
        ("a", vec![edit("a", "b", false), edit("b", "c", false), edit("c", "d", false)]),
        ("abcdefgh", vec![edit("a", "b", false), edit("bb", "c", false)]),
    ] {
        let error = apply_edits(text.as_bytes(), &edits, &limits).expect_err("over a limit");
        assert_eq!(error.problem().code, "edit_too_large", "{text} {error:?}");
    }
}

proptest! {
    #[test]
    fn without_carriage_returns_it_is_plain_replacement(text in "[ab\n]{0,30}", edits in proptest::collection::vec(("[ab\n]{1,3}", "[abc\n]{0,4}", any::<bool>()), 1..4)) {
        let mut model = Some(text.clone());
        for (old, new, all) in &edits {
            model = model.filter(|_| old != new).and_then(|text| {
                let places = (0..text.len()).filter(|at| text[*at..].starts_with(old.as_str())).count();
                (places == 1 || (*all && places > 0)).then(|| text.replace(old.as_str(), new))
            });
        }
        let edits: Vec<_> = edits.iter().map(|(old, new, all)| edit(old, new, *all)).collect();
        let got = apply(text.as_bytes(), &edits).ok().map(|edited| String::from_utf8_lossy(&edited.text).into_owned());
        prop_assert_eq!(got, model);
    }

    #[test]
    fn a_file_in_crlf_is_edited_as_its_lf_twin(text in "[ab\n]{0,30}", old in "[ab\n]{1,4}", new in "[abc\n]{0,5}", all: bool) {
        let twin = text.replace('\n', "\r\n");
        let on_lf = apply(text.as_bytes(), &[edit(&old, &new, all)]).map(|edited| edited.text);
        let on_crlf = apply(twin.as_bytes(), &[edit(&old, &new, all)]).map(|edited| edited.text);
        match (on_lf, on_crlf) {
            // A file without any line end has no style to follow.
            (Ok(lf), Ok(crlf)) if text.contains('\n') => {
                prop_assert_eq!(String::from_utf8_lossy(&lf).replace('\n', "\r\n"), String::from_utf8_lossy(&crlf));
            }
            (lf, crlf) => prop_assert_eq!(lf.is_ok(), crlf.is_ok()),
        }
    }

    #[test]
    fn any_bytes_give_an_answer(text in proptest::collection::vec(any::<u8>(), 0..200), old in proptest::collection::vec(any::<u8>(), 0..30), all: bool) {
        let edit = StringEdit { old: old.into(), new: Bytes::from_static(b"x\ny"), all };
        if let Err(error) = apply(&text, &[edit]) {
            prop_assert!(!error.problem().message.is_empty());
        }
    }

    #[test]
    fn a_text_with_one_changed_word_is_found(seed in 0_usize..20) {
        let lines: Vec<String> = (0..20).map(|line| format!("    call_number_{}(argument_{});\n", line * 37, line * 91)).collect();
        let old = lines[seed].replace("argument", "parameter");
        let error = apply(lines.concat().as_bytes(), &[edit(old.trim(), "new", false)]).expect_err("not found");
        match error {
            EditError::NotFound { closest: Some(candidate), .. } => prop_assert_eq!(candidate.lines, (seed + 1, seed + 1)),
            error => prop_assert!(false, "{:?}", error),
        }
    }
}
