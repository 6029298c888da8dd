//! Searches by table, and against the system's `grep` on the same bytes.

use super::super::grep_file::{FileMatches, Skipped};
use super::*;
use proptest::prelude::*;
use std::process::{Command, Stdio};

fn search(pattern: &str, options: GrepOptions, text: &[u8], limit: usize) -> Option<FileMatches> {
    let pattern = GrepPattern::new(pattern, options, GrepLimits::default()).expect("a pattern");
    pattern.searcher().search(&Bytes::from_static(b"f"), text, limit).expect("searched")
}

/// Lines as `number:text` or, for context, `number-text`, matches in brackets.
fn show(found: Option<&FileMatches>) -> Vec<String> {
    let line = |line: &super::super::MatchLine| {
        let mut text = String::new();
        let mut at = 0;
        for (start, end) in &line.submatches {
            text.push_str(&format!("{}[{}]", line.text[at..*start].escape_ascii(), line.text[*start..*end].escape_ascii()));
            at = *end;
        }
        format!("{}{}{text}{}", line.number, if line.is_context { '-' } else { ':' }, line.text[at..].escape_ascii())
    };
    found.map(|found| found.lines.iter().map(line).collect()).unwrap_or_default()
}

fn check(pattern: &str, options: GrepOptions, text: &str, expect: &[&str]) {
    assert_eq!(show(search(pattern, options, text.as_bytes(), 100).as_ref()), expect, "{pattern}");
}

#[test]
fn lines_and_matches() {
    let plain = GrepOptions::default;
    check("a", plain(), "a b a\nc\nba", &["1:[a] b [a]", "3:b[a]"]);
    check("^b.$", plain(), "bc\nabc\nbd\n", &["1:[bc]", "3:[bd]"]);
    check("a.c", GrepOptions { fixed_strings: true, ..plain() }, "abc\na.c\n", &["2:[a.c]"]);
    check("A", GrepOptions { case: GrepCase::Insensitive, ..plain() }, "a\nA\n", &["1:[a]", "2:[A]"]);
    check("A", GrepOptions { case: GrepCase::Smart, ..plain() }, "a\nA\n", &["2:[A]"]);
    check("a", GrepOptions { case: GrepCase::Smart, ..plain() }, "a\nA\n", &["1:[a]", "2:[A]"]);
    check("a", GrepOptions { word: true, ..plain() }, "ab a\nab\n", &["1:ab [a]"]);
    check("a", GrepOptions { line: true, ..plain() }, "ab\na\n", &["2:[a]"]);
    check("é", plain(), "caf\u{e9}\n", &["1:caf[\\xc3\\xa9]"]);
    check("a$", GrepOptions { crlf: true, ..plain() }, "a\r\nab\r\n", &["1:[a]"]);
    check("a", plain(), "\u{feff}a\n", &["1:[a]"]);
    check("x", plain(), "a\n", &[]);
    check("b\nc", GrepOptions { multiline: true, ..plain() }, "a b\nc d\ne\n", &["1:a [b]", "2:[c] d"]);
    check("b.*e", GrepOptions { multiline: true, dot_all: true, ..plain() }, "a b\nc\ne f\n", &["1:a [b]", "2:[c]", "3:[e] f"]);
    check(r"\bc\b", GrepOptions { multiline: true, ..plain() }, "ab c\nc\n", &["1:ab [c]", "2:[c]"]);
}

#[test]
fn context_limit_and_modes() {
    let text = "1\n2\nx3\n4\n5\n6\nx7\nx8\n9\n";
    let around = GrepOptions { before: 1, after: 1, ..GrepOptions::default() };
    check("x", around.clone(), text, &["2-2", "3:[x]3", "4-4", "6-6", "7:[x]7", "8:[x]8", "9-9"]);
    let found = search("x", around, text.as_bytes(), 1).expect("a match");
    assert_eq!((show(Some(&found)), found.count, found.more), (vec!["2-2".into(), "3:[x]3".into(), "4-4".into()], 1, true));
    let found = search("x", GrepOptions::default(), text.as_bytes(), 3).expect("matches");
    assert_eq!((found.count, found.more), (3, false));
    for (mode, limit, expect) in
        [(GrepMode::Count, 100, (3, false)), (GrepMode::Count, 2, (2, true)), (GrepMode::FilesWithMatches, 100, (1, false))]
    {
        let found = search("x", GrepOptions { mode, ..GrepOptions::default() }, text.as_bytes(), limit).expect("matches");
        assert_eq!((found.count, found.more, found.lines.len()), (expect.0, expect.1, 0), "{mode:?}");
    }
    let count = GrepOptions { mode: GrepMode::Count, multiline: true, ..GrepOptions::default() };
    assert_eq!(search("x", count.clone(), b"x x\nx\n", 100).map(|found| (found.count, found.more)), Some((3, false)));
    assert_eq!(search("x", count, b"x x\nx\n", 2).map(|found| (found.count, found.more)), Some((2, true)));
    // Matches on neighbouring lines come together, and are still counted one by one.
    let multiline = GrepOptions { multiline: true, ..GrepOptions::default() };
    let found = search("x", multiline.clone(), b"x x\nx\nx\n", 3).expect("matches");
    assert_eq!((show(Some(&found)), found.count, found.more), (vec!["1:[x] [x]".into(), "2:[x]".into()], 3, true));
    for (pattern, options) in
        [("(?s).*", multiline), ("x", GrepOptions::default()), ("5", GrepOptions { after: 9, ..GrepOptions::default() })]
    {
        let pattern = GrepPattern::new(pattern, options, GrepLimits { max_lines: 2, ..GrepLimits::default() }).expect("a pattern");
        let found = pattern.searcher().search(&Bytes::new(), text.as_bytes(), usize::MAX).expect("searched").expect("matches");
        assert_eq!((found.lines.len(), found.more), (2, true));
    }
}

#[test]
fn binary_large_and_wide_texts() {
    let found = search("a", GrepOptions::default(), b"x\na\n\0", 9).expect("a match");
    assert_eq!((found.skipped, found.lines.len()), (Some(Skipped::Binary), 0));
    assert_eq!(search("b", GrepOptions::default(), b"a\n\0", 9), None);
    assert_eq!(search("[b]", GrepOptions::default(), b"a\n\0", 9), None);
    let pattern = GrepPattern::new("a", GrepOptions::default(), GrepLimits { max_text: 2, ..GrepLimits::default() }).expect("a pattern");
    let found = pattern.searcher().search(&Bytes::new(), b"xxx", 9).expect("an answer").expect("a note");
    assert_eq!((found.skipped, found.count), (Some(Skipped::TooLarge), 0));
    assert_eq!(show(search("b", GrepOptions::default(), b"\xff\xfea\0b\0\n\0", 9).as_ref()), ["1:a[b]"]);
}

#[test]
fn long_lines_are_clipped_around_the_match() {
    let limits = GrepLimits { max_line: 20, max_submatches: 2, ..GrepLimits::default() };
    let pattern = GrepPattern::new("x+", GrepOptions::default(), limits).expect("a pattern");
    let mut searcher = pattern.searcher();
    let mut one = |text: String| searcher.search(&Bytes::new(), text.as_bytes(), 9).expect("searched").expect("a match").lines.remove(0);
    let line = one("\u{e9}".repeat(50) + "xx" + &"\u{e9}".repeat(50));
    assert!(line.clipped && line.text.len() <= 20 && std::str::from_utf8(&line.text).is_ok(), "{line:?}");
    assert_eq!(line.submatches.iter().map(|(start, end)| &line.text[*start..*end]).collect::<Vec<_>>(), [b"xx"]);
    assert_eq!(line.from + line.submatches[0].0, 100);
    let line = one("x y ".repeat(3));
    assert_eq!((line.clipped, line.submatches), (false, vec![(0, 1), (4, 5)]));
    let line = one("x".repeat(90));
    assert_eq!((line.from, line.submatches), (0, vec![(0, 20)]));
}

#[test]
fn what_can_not_be_searched_for_is_said_clearly() {
    let limits = GrepLimits { max_pattern: 60, max_compiled: 100_000, max_nesting: 10, ..GrepLimits::default() };
    for (pattern, fixed_strings, code) in [
        ("a(", false, "pattern_invalid"),
        ("(?=a)", false, "pattern_invalid"),
        ("a\\nb", false, "pattern_line_end"),
        ("a\nb", true, "pattern_line_end"),
        ("a\nb", false, "pattern_line_end"),
        ("((a{1,100}){1,100}){1,100}", false, "pattern_too_large"),
        ("((((((((((((a))))))))))))", false, "pattern_too_large"),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true, "pattern_too_large"),
    ] {
        let options = GrepOptions { fixed_strings, ..GrepOptions::default() };
        let error = GrepPattern::new(pattern, options, limits.clone()).map(|_| ()).expect_err(pattern);
        assert_eq!(error.problem().code, code, "{pattern}: {error}");
    }
}

/// The numbers of the lines that the system's `grep` finds.
fn system_grep(args: &[&str], pattern: &str, text: &str) -> Vec<u64> {
    let mut child = Command::new("grep")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LC_ALL", "C")
        .args(["-n", "-a"])
        .args(args)
        .args(["-e", pattern, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("grep");
    let mut stdin = child.stdin.take().expect("a pipe");
    let text = text.to_owned();
    let writer = std::thread::spawn(move || std::io::Write::write_all(&mut stdin, text.as_bytes()));
    let output = child.wait_with_output().expect("grep ends");
    writer.join().expect("written").expect("written");
    assert!(output.status.code().is_some_and(|code| code < 2));
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| line.split(':').next().and_then(|number| number.parse().ok()).expect("a number"))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_same_lines_as_grep(
        text in "([abAB_ .]{0,6}\n){0,12}[ab]{0,2}",
        pattern in "(\\^?([ab]|[ab][*+?]|\\.|\\[ab\\]|\\(a\\|b\\)){1,4}\\$?)|[ab. ]{1,3}",
        kind in 0_usize..6,
    ) {
        let (args, options): (&[&str], GrepOptions) = match kind {
            0 => (&["-E"], GrepOptions::default()),
            1 => (&["-F"], GrepOptions { fixed_strings: true, ..GrepOptions::default() }),
            2 => (&["-E", "-i"], GrepOptions { case: GrepCase::Insensitive, ..GrepOptions::default() }),
            3 => (&["-F", "-i"], GrepOptions { case: GrepCase::Insensitive, fixed_strings: true, ..GrepOptions::default() }),
            4 => (&["-E", "-x"], GrepOptions { line: true, ..GrepOptions::default() }),
            _ => (&["-F", "-x"], GrepOptions { line: true, fixed_strings: true, ..GrepOptions::default() }),
        };
        let expect = system_grep(args, &pattern, &text);
        let numbers = |found: Option<FileMatches>| found.map(|found| found.lines.iter().map(|line| line.number).collect::<Vec<_>>()).unwrap_or_default();
        prop_assert_eq!(numbers(search(&pattern, options.clone(), text.as_bytes(), usize::MAX)), expect.clone());
        let counted = search(&pattern, GrepOptions { mode: GrepMode::Count, ..options }, text.as_bytes(), usize::MAX);
        prop_assert_eq!(counted.map_or(0, |found| found.count), expect.len());
    }

    #[test]
    fn a_match_is_what_its_range_says(text in "([ab\u{e9}]{0,40}\n){0,5}", limit in 1_usize..4, multiline: bool) {
        let limits = GrepLimits { max_line: 16, ..GrepLimits::default() };
        let pattern = GrepPattern::new("ab?a", GrepOptions { multiline, ..GrepOptions::default() }, limits).expect("a pattern");
        let found = pattern.searcher().search(&Bytes::new(), text.as_bytes(), limit).expect("searched");
        let all: Vec<&str> = text.split('\n').collect();
        for line in found.iter().flat_map(|found| &found.lines) {
            let whole = all[line.number as usize - 1].as_bytes();
            prop_assert_eq!(&whole[line.from..line.from + line.text.len()], &line.text[..]);
            prop_assert!(!line.submatches.is_empty());
            for (start, end) in &line.submatches {
                prop_assert!(line.text[*start..*end].iter().all(|byte| matches!(byte, b'a' | b'b')));
            }
        }
    }
}
