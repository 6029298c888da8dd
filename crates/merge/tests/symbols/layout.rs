//! A lesson each of white space, line ends, and of entries whose order says nothing.

use crate::common::{asks, check, conflicts};

#[test]
fn what_one_side_only_laid_out_otherwise_is_as_the_other_made_it() {
    let base = "void run() {\n    go(1,2);\n}\n";
    check("a.java", [base, "void run() {\n    go( 1, 2 );\n}\n", "void run() {\n    stop();\n}\n"], "void run() {\n    stop();\n}\n");
    // Where the other took it away, it is gone.
    let base = "fn a() {}\n\nfn b() {\n    go(1,2);\n}\n\nfn c() {}\n";
    check("a.rs", [base, &base.replace("1,2", "1, 2"), "fn a() {}\n\nfn c() {}\n"], "fn a() {}\n\nfn c() {}\n");
    // Lines that the other left alone are as the one side laid them out.
    let base = "{\n  one(a,b)\n  two(c,d)\n  three(e,f)\n}\n";
    let laid = "{\n  one(a, b)\n  two(c, d)\n  three(e, f)\n}\n";
    check("a.js", [base, laid, &base.replace("two(c,d)", "four()")], &laid.replace("two(c, d)", "four()"));
}

#[test]
fn what_both_wrote_is_there_once_however_it_is_laid_out() {
    let base = "void run() {\n    old();\n}\n";
    let ours = "void run() {\n    go(a,\n       b);\n}\n";
    check("a.java", [base, ours, "void run() {\n    go(a, b);\n}\n"], ours);
    let base = "fn a() {}\n";
    check(
        "a.rs",
        [base, "fn a() {}\n\nfn b() { \n    go()\n}\n", "fn a() {}\n\nfn b() {\n    go()\n}\n"],
        "fn a() {}\n\nfn b() {\n    go()\n}\n",
    );
}

#[test]
fn white_space_with_a_meaning_is_asked_about() {
    conflicts("a.java", ["f(\"a b\");\n", "f(\"ab\");\n", "g();\n"], &["both_changed -"]);
    conflicts("a.py", ["if a:\n    b()\nc()\n", "if a:\n    b()\n    c()\n", "if a:\n    b()\n"], &["both_changed -"]);
}

#[test]
fn line_ends_that_one_side_changed_are_one_fact() {
    let base = "fn a() {\n    one();\n}\n\nfn b() {\n    two();\n}\n";
    let ours = base.replace("one()", "first()").replace("two()", "second()");
    let expect = ours.replace('\n', "\r\n");
    check("a.rs", [base, &ours, &base.replace('\n', "\r\n")], &expect);
    check("a.rs", [&base.replace('\n', "\r\n"), &ours.replace('\n', "\r\n"), base], &ours);
    // What is asked is asked about the change alone.
    let theirs = base.replace("one()", "other()").replace('\n', "\r\n");
    conflicts("a.rs", [base, &ours, &theirs], &["both_changed a"]);
}

#[test]
fn a_short_line_that_one_side_added_elsewhere_is_not_one_that_came_back() {
    let base = "void a() {\n    try {\n        one();\n    } finally {\n        end();\n    }\n}\n\nvoid b() {\n    old();\n}\n";
    let ours =
        base.replace("    try {\n        one();\n    } finally {\n        end();\n    }\n", "    one();\n").replace("old()", "ours()");
    let added = "\nvoid c() {\n    try {\n        three();\n    } finally {\n        end();\n    }\n}\n";
    let theirs = base.to_owned() + added;
    let more = "\nvoid d() {\n    four();\n}\n";
    let texts = [format!("class A {{\n{base}}}\n"), format!("class A {{\n{ours}{more}}}\n"), format!("class A {{\n{theirs}}}\n")];
    check("a.java", texts.each_ref().map(String::as_str), &format!("class A {{\n{ours}{more}{added}}}\n"));
}

#[test]
fn a_blank_line_that_both_put_there_is_one() {
    let base = "import java.util.Queue;\nimport rx.Notification;\n";
    check(
        "a.java",
        [
            base,
            "import java.util.Queue;\n\nimport rx.IObservable;\nimport rx.Notification;\n",
            "import java.util.Queue;\nimport java.util.Set;\n\nimport rx.Notification;\n",
        ],
        "import java.util.Queue;\nimport java.util.Set;\n\nimport rx.IObservable;\nimport rx.Notification;\n",
    );
}

#[test]
fn bullets_that_both_added_are_both_there() {
    let base = "# Changes\n\n- first\n";
    check("a.md", [base, &format!("{base}- second\n"), &format!("{base}- third\n")], &format!("{base}- second\n- third\n"));
    // Numbered ones say which comes first.
    let base = "# Steps\n\n1. first\n";
    asks("a.md", base, &[("1. first\n", "1. first\n2. second\n")], &[("1. first\n", "1. first\n2. third\n")], &["both_changed Steps"]);
}

#[test]
fn plain_entries_that_both_added_to_a_list_of_data_are_both_there() {
    let base = "{\n  \"files\": [\n    \"a\",\n    \"z\"\n  ]\n}\n";
    let with = |entry: &str| base.replace("    \"z\"", &format!("    {entry},\n    \"z\""));
    check("a.json", [base, &with("\"b\""), &with("\"c\"")], &with("\"b\",\n    \"c\""));
    let base = "on:\n  - a\n";
    check("a.yaml", [base, "on:\n  - a\n  - b\n", "on:\n  - a\n  - c\n"], "on:\n  - a\n  - b\n  - c\n");
    conflicts("a.yaml", [base, "on:\n  - a\n  - run: b\n", "on:\n  - a\n  - run: c\n"], &["both_changed on"]);
}

#[test]
fn releases_that_both_added_go_by_their_versions() {
    let release = |version: &str, entry: &str| format!("{version} / 2024\n============\n * {entry}\n\n");
    let old = release("1.9.0", "older") + &release("1.8.0", "oldest");
    let (ours, theirs) = (release("1.9.1", "ours"), release("1.10.0", "theirs"));
    check("HISTORY.md", [&old, &format!("{ours}{old}"), &format!("{theirs}{old}")], &format!("{theirs}{ours}{old}"));
}

#[test]
fn a_comment_above_what_both_added_is_not_said_twice() {
    let base = "/* eslint-disable no-continue */\nimport { a } from './a';\n\na();\n";
    let put = |line: &str| base.replace("*/\n", &format!("*/\n{line}\n\n"));
    let [ours, theirs] = [put("import type { B } from 'b';"), put("import { isC } from './c';")];
    conflicts("a.ts", [base, &ours, &theirs], &["both_changed import ./a"]);
}
