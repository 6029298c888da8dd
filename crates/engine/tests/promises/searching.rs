//! Searching and comparing: nothing is left out unsaid, and every match is reached.

use super::common::*;
use acetate_engine::api::{Grep, GrepMode, ListFiles};

fn numbered(lines: usize) -> String {
    (0..lines).map(|line| format!("match {line}\nother\n")).collect()
}

#[test]
fn every_match_is_on_some_page_once() {
    let repo = bare(&[("a", &numbered(50)), ("b", &numbered(3)), ("c", &numbered(4000))]);
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    for (limit, context) in [(10, 0), (7, 1), (1000, 0), (100_000, 2)] {
        let mut cursor = None;
        let mut found: Vec<(String, u64)> = Vec::new();
        loop {
            let grep = Grep { pattern: "match".into(), limit: Some(limit), before: context, after: context, cursor, ..Grep::default() };
            let page = ada.grep(&grep).expect("searched");
            assert!(page.matches <= limit as u64);
            for file in page.files {
                let lines = file.lines.iter().filter(|line| !line.context).map(|line| (file.path.to_string(), line.number));
                found.extend(lines);
            }
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let due: Vec<(String, u64)> = [("a", 50), ("b", 3), ("c", 4000)]
            .into_iter()
            .flat_map(|(at, lines)| (0..lines).map(move |line| (at.to_owned(), line * 2 + 1)))
            .collect();
        assert_eq!(found, due, "limit {limit}, context {context}");
    }
    let page = ada.grep(&Grep { pattern: "match".into(), limit: Some(10), ..Grep::default() }).expect("searched");
    assert!(page.files.len() == 1 && page.files[0].more && page.next.is_some());
    let count = Grep { pattern: "match".into(), limit: Some(10), mode: GrepMode::Count, ..Grep::default() };
    assert_eq!(ada.grep(&count).expect("counted").files[0].count, 50);
}

#[test]
fn line_ends_binary_files_and_missing_paths() {
    let repo = bare(&[("dos", "a;\r\nb\r\n"), ("unix", "a;\nb\n"), ("bin", "a;\0\n"), ("dir/x", "x\n")]);
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    let paths = |pattern: &str, mode| -> Vec<String> {
        let page = ada.grep(&Grep { pattern: pattern.into(), mode, ..Grep::default() }).expect("searched");
        page.files.iter().map(|file| file.path.to_string()).collect()
    };
    assert_eq!(paths(";$", GrepMode::Content), ["dos", "unix"]);
    assert_eq!(paths("^b$", GrepMode::Content), ["dos", "unix"]);
    assert_eq!(paths("\\r$", GrepMode::Content), ["dos"]);
    assert_eq!(paths("a;", GrepMode::Files), ["bin", "dos", "unix"]);
    let missing = Some(path("missing"));
    assert_eq!(code(ada.grep(&Grep { pattern: "a".into(), path: missing.clone(), ..Grep::default() })), "path_not_found");
    for shallow in [false, true] {
        assert_eq!(code(ada.files(&ListFiles { prefix: missing.clone(), shallow, ..ListFiles::default() })), "path_not_found");
    }
    let moved = acetate_engine::api::MoveFile { from: path("unix"), to: path("unix"), replace: false };
    assert!(!ada.rename(&moved).expect("nothing to do").created);
    delete(&ada, "dir/x");
    write(&ada, "new", "new\n");
    let list = ada.files(&ListFiles { changed: true, ..ListFiles::default() }).expect("listed");
    let marks: Vec<(String, bool)> = list.files.iter().map(|file| (file.path.to_string(), file.deleted)).collect();
    assert_eq!(marks, [("dir/x".to_owned(), true), ("new".to_owned(), false)]);
}

#[test]
fn one_large_text_costs_its_own_hunks_only() {
    let large: String = "x\n".repeat(2 << 20);
    let repo = bare(&[("large", &large), ("small", "x"), ("wide", &large)]);
    let engine = open_limited(&repo, |limits| limits.answer_bytes = 5 << 20);
    let ada = session(&engine, "ada");
    // Too many lines to compare; and a text over the limit of an answer, which is not read.
    write(&ada, "large", large.clone() + "y\n");
    write(&ada, "small", "x\n");
    write(&ada, "wide", "x\n".repeat(3 << 20));
    delete(&ada, "wide");
    write(&ada, "wide", "now small\n");
    let diff = ada.diff(&diff_options()).expect("compared");
    let patch = String::from_utf8(diff.patch.expect("a patch").0.to_vec()).expect("text");
    assert!(patch.contains("Binary files a/large and b/large differ"), "{patch}");
    assert!(patch.contains("-x\n\\ No newline at end of file\n+x\n"), "{patch}");
    let small = diff.files.iter().find(|file| file.path == path("small")).expect("the small file");
    let ends: Vec<bool> = small.hunks[0].lines.iter().map(|line| line.no_newline).collect();
    assert_eq!(ends, [true, false]);
}
