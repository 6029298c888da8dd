//! Printed diffs against the real `git`: byte for byte where its histogram diff finds the same changes, and by applying them.

use super::*;
use acetate_testing::GitRepo;
use acetate_types::ObjectFormat;

type Files = Vec<(&'static [u8], FileMode, Bytes)>;

fn file(path: &'static str, text: &'static [u8]) -> (&'static [u8], FileMode, Bytes) {
    (path.as_bytes(), FileMode::Regular, Bytes::from_static(text))
}

/// Commits both states and gives ours and git's diff. A path in both is a modification; renames are named as pairs.
fn both(before: &Files, after: &Files, renames: &[(&'static str, &'static str)], context: usize) -> (GitRepo, String, String) {
    let repo = GitRepo::new(ObjectFormat::Sha1);
    let as_stream = |files: &Files| files.iter().map(|(path, mode, text)| (*path, mode.as_str(), Some(text.clone()))).collect::<Vec<_>>();
    repo.fast_commit("one", as_stream(before));
    let gone = before.iter().filter(|(path, ..)| after.iter().all(|(other, ..)| other != path));
    repo.fast_commit("two", as_stream(before));
    repo.fast_commit("two", gone.map(|(path, ..)| (*path, "", None)).chain(as_stream(after)));
    let id = |branch: &str, path: &[u8]| {
        let listed = repo.git(&["ls-tree", "-rz", branch]);
        let raw = String::from_utf8_lossy(path).into_owned();
        listed
            .split('\0')
            .find_map(|row| row.split_once('\t').filter(|(_, name)| *name == raw))
            .map(|(meta, _)| meta[meta.len() - 40..].parse().expect("an id"))
    };
    let mut paths: Vec<&[u8]> = before.iter().chain(after).map(|(path, ..)| *path).collect();
    paths.sort_unstable();
    paths.dedup();
    let mut out = Vec::new();
    let options = UnifiedOptions { context, ..UnifiedOptions::default() };
    for path in paths {
        if renames.iter().any(|(from, _)| from.as_bytes() == path) {
            continue;
        }
        let from = renames.iter().find(|(_, to)| to.as_bytes() == path).map_or(path, |(from, _)| from.as_bytes());
        fn side<'a>(files: &'a Files, path: &[u8], id: Option<ObjectId>) -> Option<Side<'a>> {
            files.iter().find(|(other, ..)| *other == path).map(|(path, mode, text)| Side { path, mode: *mode, id, text, opaque: false })
        }
        unified(side(before, from, id("one", from)), side(after, path, id("two", path)), &options, &mut out).expect("small files");
    }
    let context = format!("-U{context}");
    let expect = repo.git_in(&["-c", "core.abbrev=7", "diff", "--histogram", "-M30%", &context, "one", "two"], b"");
    (repo, String::from_utf8_lossy(&out).into_owned(), String::from_utf8_lossy(&expect).into_owned())
}

fn check(before: Files, after: Files, renames: &[(&'static str, &'static str)]) {
    let (repo, ours, expect) = both(&before, &after, renames, 3);
    assert_eq!(ours, expect);
    if !ours.contains("Binary files") {
        applies(&repo, &ours);
    }
}

/// `git apply` on the first state gives the second.
fn applies(repo: &GitRepo, patch: &str) {
    repo.git(&["read-tree", "one"]);
    repo.git_in(&["apply", "--cached", "--unidiff-zero", "-"], patch.as_bytes());
    assert_eq!(repo.git(&["write-tree"]), repo.git(&["rev-parse", "two^{tree}"]), "{patch}");
}

#[test]
fn headers_are_those_of_git() {
    let long = b"one\ntwo\nthree\nfour\nfive\nsix\n";
    check(vec![file("a", b"x\n")], vec![file("a", b"y\n")], &[]);
    check(vec![file("a", b"x")], vec![file("a", b"x\n")], &[]);
    check(vec![file("a", b"x\ny")], vec![file("a", b"z\ny")], &[]);
    check(vec![file("k", b"")], vec![file("k", b""), file("new", b"x\n"), file("void", b"")], &[]);
    check(vec![file("k", b""), file("old", b"x\n"), file("void", b"")], vec![file("k", b"")], &[]);
    check(vec![file("a", b"x\n")], vec![(b"a", FileMode::Executable, Bytes::from_static(b"x\n"))], &[]);
    check(vec![file("a", b"x\n")], vec![(b"a", FileMode::Executable, Bytes::from_static(b"y\n"))], &[]);
    check(vec![file("a", b"x\n")], vec![(b"a", FileMode::Symlink, Bytes::from_static(b"target"))], &[]);
    check(vec![file("a", long)], vec![file("b", long)], &[("a", "b")]);
    check(vec![file("d d/a", long)], vec![file("b\n", b"one\ntwo\nthree\nfour\nfive\nseven\n")], &[("d d/a", "b\n")]);
    check(vec![file("a b", b"x\n"), file("q\"\\\t\u{e9}", b"x\n")], vec![file("a b", b"y\n"), file("q\"\\\t\u{e9}", b"y\n")], &[]);
    check(vec![file("bin", b"\0a"), file("gone", b"\0")], vec![file("bin", b"\0b"), file("more", b"\0zzzzzzz")], &[]);
}

#[test]
fn headings_are_those_of_git() {
    let mut before = String::from("int first(void)   \n{\n");
    for line in 0..40 {
        before.push_str(&format!("\tline {line};\n"));
        if line == 20 {
            before.push_str(&format!("}}\n$second_{} {{\n", "long".repeat(30)));
        }
    }
    let after = before
        .replace("line 10;", "LINE 10;")
        .replace("line 17;", "x")
        .replace("line 18;", "y")
        .replace("line 30;", "z")
        .replace("line 39;", "w");
    check(vec![(b"a", FileMode::Regular, before.into())], vec![(b"a", FileMode::Regular, after.into())], &[]);
}

/// A text whose lines repeat now and then, and a changed one; both follow from the seed.
fn texts(seed: u64) -> (String, String) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let line = |number: u64| match number {
        0..4 => "\n".to_owned(),
        4..7 => "}\n".to_owned(),
        7..10 => "    }\n".to_owned(),
        number => format!("{}statement {number};\n", "    ".repeat(number as usize % 3)),
    };
    let before: Vec<String> = (0..20 + next(40)).map(|_| line(next(60))).collect();
    let mut after = before.clone();
    for _ in 0..1 + next(6) {
        let at = next(after.len() as u64 + 1) as usize;
        match next(3) {
            0 => after.insert(at, line(next(60))),
            1 if at < after.len() => drop(after.remove(at)),
            _ if at < after.len() => after[at] = line(next(60)),
            _ => {}
        }
    }
    let end = |mut text: String, cut: bool| {
        if cut {
            text.pop();
        }
        text
    };
    (end(before.concat(), next(4) == 0), end(after.concat(), next(4) == 0))
}

#[test]
fn random_diffs_apply_and_mostly_equal_those_of_git() {
    let names: Vec<&'static [u8]> = (0..120).map(|number| &*format!("f{number:03}").into_bytes().leak()).collect();
    let (mut before, mut after) = (Files::new(), Files::new());
    for (seed, name) in names.iter().enumerate() {
        let (one, two) = texts(seed as u64);
        before.push((name, FileMode::Regular, one.into()));
        after.push((name, FileMode::Regular, two.into()));
    }
    for context in [0, 3] {
        let (repo, ours, expect) = both(&before, &after, &[], context);
        applies(&repo, &ours);
        let split = |text: &str| text.split("diff --git ").skip(1).map(str::to_owned).collect::<Vec<_>>();
        let (ours, expect) = (split(&ours), split(&expect));
        assert_eq!(ours.len(), expect.len());
        let equal = ours.iter().zip(&expect).filter(|(a, b)| a == b).count();
        // The two histogram diffs may choose differently among equally rare lines.
        assert!(equal * 100 >= ours.len() * 95, "{equal} of {}", ours.len());
    }
}

#[test]
fn quoting() {
    for (path, high, expect) in [
        (&b"a b"[..], true, &b"a b"[..]),
        (b"\xc3\xa9", true, b"\"\\303\\251\""),
        (b"\xc3\xa9", false, b"\xc3\xa9"),
        (b"\x01\x07\x08\t\n\x0b\x0c\r\x1b\"\\\x7f", true, b"\"\\001\\a\\b\\t\\n\\v\\f\\r\\033\\\"\\\\\\177\""),
    ] {
        assert_eq!(quote_path(b"", path, high), expect, "{}", String::from_utf8_lossy(path));
    }
    assert_eq!(quote_path(b"a/", b"\t", true), b"\"a/\\t\"");
}
