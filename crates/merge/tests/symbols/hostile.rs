//! Inputs that are made to make a merge slow or to make it fail. What they cost is bounded by their size.

use crate::common::merge_bytes;
use acetate_merge::{FileMerged, Pick, SameSymbol};

const PATHS: [&str; 10] = ["a.rs", "a.py", "a.ts", "a.js", "a.go", "A.java", "a.json", "a.toml", "a.yaml", "a.md"];

/// Both sides change a text of `middle`, so that lines are in conflict; the answer has both changes or asks, whichever side is which.
fn bear(middle: &[u8]) {
    let around = |first: &[u8], last: &[u8]| [first, b"\n", middle, b"\n", last, b"\n"].concat();
    let (base, ours, theirs) = (around(b"a", b"z"), around(b"ours_here", b"z_ours"), around(b"theirs_here", b"z_theirs"));
    for path in PATHS {
        let (one, other) = (
            merge_bytes(path, [&base, &ours, &theirs], SameSymbol::Review),
            merge_bytes(path, [&base, &theirs, &ours], SameSymbol::Review),
        );
        match (&one, &other) {
            (FileMerged::Clean(a), FileMerged::Clean(b)) => assert!(a == b, "{path}"),
            (FileMerged::Conflict(a), FileMerged::Conflict(b)) => {
                assert!(a.text(|_| Pick::Ours) == b.text(|_| Pick::Theirs), "{path}");
                let has = |text: &[u8], word: &[u8]| text.windows(word.len()).any(|part| part == word);
                assert!(has(&a.text(|_| Pick::Ours), b"ours_here") && has(&a.text(|_| Pick::Theirs), b"theirs_here"), "{path}");
            }
            (FileMerged::Binary, FileMerged::Binary) | (FileMerged::TooLarge(_), FileMerged::TooLarge(_)) => {}
            _ => panic!("{path}: one way it is clean, the other not"),
        }
    }
}

#[test]
fn many_brackets() {
    bear(&b"(".repeat(60_000));
    bear(&b"[{".repeat(50_000));
    bear(&b"<".repeat(60_000));
}

#[test]
fn many_closed_brackets() {
    bear(&[b"(".repeat(9_000), b")".repeat(9_000)].concat());
    bear(&[b"{\n".repeat(9_000), b"}\n".repeat(9_000)].concat());
}

#[test]
fn many_equal_lines() {
    bear(&b"x = 1;\n".repeat(20_000));
    bear(&b"- a\n".repeat(20_000));
}

#[test]
fn one_long_line() {
    bear(&b"word ".repeat(20_000));
    bear(&b"x".repeat(1 << 20));
}

#[test]
fn many_functions_of_one_name() {
    bear(&b"def f():\n    pass\n\n\n".repeat(3_000));
    bear(&b"fn f() {}\n".repeat(3_000));
}

#[test]
fn equal_lines_changed_in_many_places() {
    let text = |every: usize, by: &str| -> Vec<u8> {
        (0..6_000).flat_map(|at| if at % every == 0 { format!("{by}\n") } else { "call();\n".to_owned() }.into_bytes()).collect()
    };
    let (base, ours, theirs) = (text(usize::MAX, ""), text(7, "ours();"), text(5, "theirs();"));
    for path in PATHS {
        merge_bytes(path, [&base, &ours, &theirs], SameSymbol::Merge);
    }
}

#[test]
fn zero_bytes_far_down_and_no_text() {
    let mut middle = b"line of text\n".repeat(700);
    middle.extend_from_slice(b"\0\0\0 and on\n\0");
    bear(&middle);
    bear(b"\xff\xfe\x80 \xc3( \xf0\x28\x8c\x28\n\xed\xa0\x80");
    bear(&(0..=255u8).filter(|byte| *byte != 0).cycle().take(20_000).collect::<Vec<u8>>());
}

#[test]
fn nothing_at_all() {
    for path in PATHS {
        for texts in [["", "a\n", "b\n"], ["a\n", "", "b\n"], ["a", "b", "c"], ["\n", "\n\n", "\r\n"], ["", "\u{feff}", "\n"]] {
            merge_bytes(path, texts.map(str::as_bytes), SameSymbol::Review);
        }
    }
}
