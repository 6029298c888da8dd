//! A lesson each: what existing tools get wrong, and what the rules promise.

use crate::common::{asks, both, check, marked, merge, merge_as, merge_known, merge_with, sides};
use acetate_merge::{FileMerged, FileOptions, SameSymbol, SymbolFiles};

pub const CLASS: &str = "class Stack:\n    def push(self, item):\n        self.items.append(item)\n\n    def pop(self):\n        return self.items.pop()\n\n    def peek(self):\n        return self.items[-1]\n";

#[test]
fn two_methods_of_one_class_are_no_conflict() {
    both(
        "a.py",
        CLASS,
        &[("append(item)", "append(item)\n        self.grown()")],
        &[("    def pop(self):\n        return self.items.pop()", "    def pop(self, at=-1):\n        return self.items.pop(at)")],
    );
}

#[test]
fn methods_added_at_one_place_are_both_there() {
    let texts = sides(
        CLASS,
        &[("    def peek", "    def size(self):\n        return len(self.items)\n\n    def peek")],
        &[("    def peek", "    def clear(self):\n        self.items = []\n\n    def peek")],
    );
    let expect = CLASS.replace(
        "    def peek",
        "    def clear(self):\n        self.items = []\n\n    def size(self):\n        return len(self.items)\n\n    def peek",
    );
    check("a.py", texts.each_ref().map(String::as_str), &expect);
}

#[test]
fn what_both_added_alike_is_there_once() {
    let added = "    def size(self):\n        return len(self.items)\n\n    def peek";
    let texts = sides(CLASS, &[("    def peek", added), ("append(item)", "append(item)  # ours")], &[("    def peek", added)]);
    check("a.py", texts.each_ref().map(String::as_str), &texts[1]);
}

#[test]
fn a_moved_function_keeps_what_the_other_changed() {
    let pop = "    def pop(self):\n        return self.items.pop()\n\n";
    let texts = sides(CLASS, &[(pop, ""), ("    def push", &format!("{pop}    def push"))], &[("self.items.pop()", "self.items.pop(0)")]);
    check("a.py", texts.each_ref().map(String::as_str), &texts[1].replace("self.items.pop()", "self.items.pop(0)"));
}

#[test]
fn a_renamed_function_keeps_what_the_other_changed() {
    let base = "fn first() {}\n\nfn total(list: &[u8]) -> u8 {\n    let mut sum = 0;\n    for item in list {\n        sum += item;\n    }\n    println!(\"done\");\n    sum\n}\n\nfn last() {}\n";
    both("a.rs", base, &[("fn total(", "fn sum_of(")], &[("    println!(\"done\");\n", "    println!(\"all done\");\n")]);
}

#[test]
fn an_edit_stays_at_its_statement_among_others_of_its_shape() {
    let base = "fn f() {\n    add(1);\n    log();\n    add(2);\n    log();\n    add(3);\n    log();\n}\n";
    both("a.rs", base, &[("    add(2);\n    log();", "    add(2);\n    warn();")], &[("    add(1);", "    add(10);")]);
    let texts =
        sides(base, &[("    add(1);\n    log();\n", "")], &[("    add(2);\n    log();\n", "    add(2);\n    log();\n    check();\n")]);
    check("a.rs", texts.each_ref().map(String::as_str), "fn f() {\n    add(2);\n    log();\n    check();\n    add(3);\n    log();\n}\n");
}

#[test]
fn imports_that_both_reordered_are_all_there() {
    let base = "use b::B;\nuse a::A;\nuse d::D;\nuse c::C;\n\nfn f() {}\n";
    let ours = "use a::A;\nuse b::B;\nuse c::C;\nuse d::D;\nuse e::E;\n\nfn f() {}\n";
    let theirs = "use a::A;\nuse aa::Aa;\nuse b::B;\nuse c::C;\nuse d::D;\n\nfn f() {}\n";
    check("a.rs", [base, ours, theirs], "use a::A;\nuse aa::Aa;\nuse b::B;\nuse c::C;\nuse d::D;\nuse e::E;\n\nfn f() {}\n");
}

#[test]
fn imports_are_sets_in_every_language() {
    let cases = [
        ("a.rs", "use m::{b, f};\n", "use m::{b, d, f};\n", "use m::{b, e, f};\n", "use m::{b, d, e, f};\n"),
        ("a.py", "from m import b, f\n", "from m import b, d, f\n", "from m import b, e, f\n", "from m import b, d, e, f\n"),
        (
            "a.py",
            "import b\nimport f\n",
            "import b\nimport d\nimport f\n",
            "import b\nimport e\nimport f\n",
            "import b\nimport d\nimport e\nimport f\n",
        ),
        (
            "a.ts",
            "import { b, f } from \"m\";\n",
            "import { b, d, f } from \"m\";\n",
            "import { b, e, f } from \"m\";\n",
            "import { b, d, e, f } from \"m\";\n",
        ),
        (
            "a.js",
            "import b from 'b';\nimport f from 'f';\n",
            "import b from 'b';\nimport d from 'd';\nimport f from 'f';\n",
            "import b from 'b';\nimport e from 'e';\nimport f from 'f';\n",
            "import b from 'b';\nimport d from 'd';\nimport e from 'e';\nimport f from 'f';\n",
        ),
        (
            "A.java",
            "import m.B;\nimport m.F;\n\nclass A {}\n",
            "import m.B;\nimport m.D;\nimport m.F;\n\nclass A {}\n",
            "import m.B;\nimport m.E;\nimport m.F;\n\nclass A {}\n",
            "import m.B;\nimport m.D;\nimport m.E;\nimport m.F;\n\nclass A {}\n",
        ),
        (
            "a.go",
            "package a\n\nimport (\n\t\"b\"\n\t\"f\"\n)\n",
            "package a\n\nimport (\n\t\"b\"\n\t\"d\"\n\t\"f\"\n)\n",
            "package a\n\nimport (\n\t\"b\"\n\t\"e\"\n\t\"f\"\n)\n",
            "package a\n\nimport (\n\t\"b\"\n\t\"d\"\n\t\"e\"\n\t\"f\"\n)\n",
        ),
    ];
    for (path, base, ours, theirs, expect) in cases {
        check(path, [base, ours, theirs], expect);
    }
}

#[test]
fn an_import_of_several_lines_keeps_its_layout() {
    let base = "from m import (\n    a,\n    c,\n)\n\nx = 1\n";
    check(
        "a.py",
        [base, &base.replace("    c,\n", "    b,\n    c,\n"), &base.replace("    c,\n", "    c,\n    d,\n")],
        "from m import (\n    a,\n    b,\n    c,\n    d,\n)\n\nx = 1\n",
    );
}

#[test]
fn parameters_stay_in_their_list() {
    let base = "fn f(\n    a: u8,\n    b: u8,\n) -> u8 {\n    a + b\n}\n\nfn g(\n    a: u8,\n    b: u8,\n) -> u8 {\n    a - b\n}\n";
    both(
        "a.rs",
        base,
        &[("fn f(\n    a: u8,\n", "fn f(\n    a: u16,\n")],
        &[("fn g(\n    a: u8,\n    b: u8,\n", "fn g(\n    a: u8,\n    b: u8,\n    c: u8,\n")],
    );
}

#[test]
fn tests_are_stated_once() {
    let test = |name: &str, value: u8| {
        format!("def test_{name}():\n    value = make({value})\n    assert value.ready\n    assert value.size == {value}\n")
    };
    let base = format!("{}\n\n{}", test("one", 1), test("two", 2));
    let ours = format!("{base}\n\n{}", test("three", 3));
    let theirs = format!("{base}\n\n{}\n\n{}", test("four", 4), test("five", 5));
    let merged = merge("test_a.py", &base, &ours, &theirs).expect("both sides' tests");
    for name in ["one", "two", "three", "four", "five"] {
        assert_eq!(merged.matches(&format!("def test_{name}()")).count(), 1, "\n{merged}");
    }
    assert_eq!(merged.matches("assert value.ready").count(), 5, "\n{merged}");
}

#[test]
fn a_mark_of_bytes_and_line_ends_stay() {
    let base = "\u{feff}fn a() {\r\n    1\r\n}\r\n\r\nfn b() {\r\n    2\r\n}\r\n";
    both("a.rs", base, &[("    1\r\n}\r\n", "    1\r\n}\r\n\r\nfn c() {}\r\n")], &[("fn b() {\r\n    2", "fn b() {\r\n    20")]);
    let texts = sides(base, &[("    1", "    10")], &[("    1", "    11")]);
    let conflict = merge("a.rs", &texts[0], &texts[1], &texts[2]).expect_err("one line");
    assert!(!marked(&conflict).replace("\r\n", "").contains('\n'), "{:?}", marked(&conflict));
    assert_eq!(marked(&conflict).matches('\u{feff}').count(), 1);
}

#[test]
fn markers_within_a_text_are_text() {
    let base = "const A: &str = \"\n<<<<<<< ours\n=======\n>>>>>>> theirs\n\";\n\nfn f() {\n    1\n}\n\nfn g() {\n    2\n}\n";
    both("a.rs", base, &[("    1\n", "    10\n")], &[("    2\n", "    20\n")]);
    asks("a.rs", base, &[("    1\n", "    10\n")], &[("    1\n", "    11\n")], &["both_changed f"]);
}

#[test]
fn what_stands_above_a_function_stays_with_it() {
    let base = "#[derive(Debug)]\npub struct A;\n\n/// Does it.\n#[inline]\npub fn f() {\n    1\n}\n\n/// Undoes it.\n#[cold]\npub fn g() {\n    2\n}\n";
    let g = "/// Undoes it.\n#[cold]\npub fn g() {\n    2\n}\n";
    let texts = sides(
        base,
        &[(&format!("\n{g}"), ""), ("/// Does it.", &format!("{g}\n/// Does it."))],
        &[("#[cold]\n", "#[cold]\n#[must_use]\n")],
    );
    check("a.rs", texts.each_ref().map(String::as_str), &texts[1].replace("#[cold]\n", "#[cold]\n#[must_use]\n"));
}

#[test]
fn variants_fields_and_arms_combine() {
    let base = "enum E {\n    A,\n    B,\n}\n\nstruct S {\n    a: u8,\n    b: u8,\n}\n\nfn f(e: E) -> u8 {\n    match e {\n        E::A => 1,\n        E::B => 2,\n    }\n}\n";
    let ours = [
        ("    A,\n    B,\n", "    A,\n    B,\n    C,\n"),
        ("    b: u8,\n", "    b: u8,\n    c: u8,\n"),
        ("        E::B => 2,\n", "        E::B => 2,\n        E::C => 3,\n"),
    ];
    let theirs = [
        ("    A,\n    B,\n", "    A,\n    B,\n    D,\n"),
        ("    b: u8,\n", "    b: u8,\n    d: u8,\n"),
        ("        E::B => 2,\n", "        E::B => 2,\n        E::D => 4,\n"),
    ];
    let texts = sides(base, &ours, &theirs);
    let expect = "enum E {\n    A,\n    B,\n    C,\n    D,\n}\n\nstruct S {\n    a: u8,\n    b: u8,\n    c: u8,\n    d: u8,\n}\n\nfn f(e: E) -> u8 {\n    match e {\n        E::A => 1,\n        E::B => 2,\n        E::C => 3,\n        E::D => 4,\n    }\n}\n";
    check("a.rs", texts.each_ref().map(String::as_str), expect);
}

#[test]
fn separators_belong_to_the_container() {
    let base = "{\n  \"a\": 1,\n  \"b\": 2\n}\n";
    check(
        "a.json",
        [base, "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n", "{\n  \"a\": 1,\n  \"b\": 2,\n  \"d\": 4\n}\n"],
        "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3,\n  \"d\": 4\n}\n",
    );
    check("a.json", [base, "{\n  \"a\": 1\n}\n", "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n"], "{\n  \"a\": 1,\n  \"c\": 3\n}\n");
    for text in
        [Ok(String::new()), merge("a.json", base, "{\n  \"a\": 1,\n  \"b\": 20\n}\n", "{\n  \"a\": 1,\n  \"b\": 21,\n  \"c\": 3\n}\n")]
    {
        let Err(conflict) = text else { continue };
        let picked = String::from_utf8(conflict.text(|_| acetate_merge::Pick::Ours)).expect("text");
        assert_eq!(picked, "{\n  \"a\": 1,\n  \"b\": 20,\n  \"c\": 3\n}\n");
    }
}

#[test]
fn tables_of_dependencies_combine() {
    let base = "[package]\nname = \"a\"\n\n[dependencies]\nb = \"1\"\nf = \"1\"\n\n[features]\nx = []\n";
    let texts = sides(base, &[("f = \"1\"", "d = \"1\"\nf = \"1\"")], &[("f = \"1\"", "e = \"2\"\nf = \"1.1\"")]);
    check("Cargo.toml", texts.each_ref().map(String::as_str), &base.replace("f = \"1\"", "d = \"1\"\ne = \"2\"\nf = \"1.1\""));
    asks("Cargo.toml", base, &[("b = \"1\"", "b = \"2\"")], &[("b = \"1\"", "b = \"3\"")], &["both_changed dependencies.b"]);
}

#[test]
fn lists_and_keys_of_yaml_combine() {
    let base = "env:\n  A: 1\n  C: 3\nsteps:\n  - name: one\n    run: a\n  - name: two\n    run: b\n";
    let texts = sides(base, &[("  C: 3\n", "  C: 3\n  D: 4\n")], &[("  C: 3\n", "  C: 3\n  E: 5\n")]);
    check("a.yaml", texts.each_ref().map(String::as_str), &base.replace("  C: 3\n", "  C: 3\n  D: 4\n  E: 5\n"));
    both("a.yaml", base, &[("    run: a", "    run: aa")], &[("    run: b\n", "    run: b\n    if: always\n")]);
}

#[test]
fn entries_of_a_changelog_stay_under_their_release() {
    let base = "# Changelog\n\n## Unreleased\n\n- One thing\n\n## 1.0.0\n\n- First release\n";
    both(
        "CHANGELOG.md",
        base,
        &[("- One thing\n", "- One thing\n- Another of ours\n")],
        &[("- First release\n", "- First release ever\n")],
    );
    let texts = sides(
        base,
        &[("## Unreleased\n\n", "## Unreleased\n\n## 1.1.0\n\n")],
        &[("- First release\n", "- First release\n- And a second line\n")],
    );
    check(
        "CHANGELOG.md",
        texts.each_ref().map(String::as_str),
        &texts[1].replace("- First release\n", "- First release\n- And a second line\n"),
    );
}

#[test]
fn what_is_around_definitions_is_not_lost() {
    let base = "//! About.\n#![warn(missing_docs)]\n\nmacro_rules! one {\n    () => {\n        1\n    };\n}\n\n#[derive(Debug)]\npub struct A;\n\nfn main() {\n    one!();\n}\n";
    let texts = sides(base, &[("pub struct A;\n", "pub struct A;\n\nfn b() {}\n")], &[("pub struct A;\n", "pub struct A;\n\nfn c() {}\n")]);
    check("a.rs", texts.each_ref().map(String::as_str), &base.replace("pub struct A;\n", "pub struct A;\n\nfn b() {}\n\nfn c() {}\n"));
    let python = "#!/usr/bin/env python\n\"\"\"About.\"\"\"\n\n\ndef a():\n    pass\n\n\nif __name__ == \"__main__\":\n    a()\n";
    let texts =
        sides(python, &[("    pass\n", "    pass\n\n\ndef b():\n    pass\n")], &[("    pass\n", "    pass\n\n\ndef c():\n    pass\n")]);
    check(
        "a.py",
        texts.each_ref().map(String::as_str),
        &python.replace("    pass\n", "    pass\n\n\ndef b():\n    pass\n\n\ndef c():\n    pass\n"),
    );
}

#[test]
fn nested_functions_are_looked_into() {
    let base =
        "function outer() {\n  function one() {\n    return 1;\n  }\n  function two() {\n    return 2;\n  }\n  return one() + two();\n}\n";
    both(
        "a.js",
        base,
        &[("    return 1;\n", "    return 10;\n")],
        &[("  function two() {\n    return 2;", "  function two(x) {\n    return 2 * x;")],
    );
}

#[test]
fn imports_that_both_moved_to_one_place_are_one() {
    let base = "import { Field, Widget } from 'core';\n\nexport const a: Field = 1;\n";
    let more = "import { Field, Kind, Widget } from 'utils';\n\nexport const a: Field = 1;\nexport const b: Kind = 1;\n";
    check("a.ts", [base, more, &base.replace("core", "utils")], more);
}

#[test]
fn nested_functions_are_named() {
    let base =
        "function outer() {\n  function one() {\n    return 1;\n  }\n  function two() {\n    return 2;\n  }\n  return one() + two();\n}\n";
    asks("a.js", base, &[("    return 1;\n", "    return 10;\n")], &[("    return 1;\n", "    return 11;\n")], &["both_changed outer.one"]);
}

#[test]
fn functions_called_by_no_name_may_be_many() {
    let base = "from functools import register\n\n\nx = 1\n\n\ny = 2\n\n\nz = 3\n";
    let one = |kind: &str| format!("@register({kind})\ndef _(value):\n    return {kind}\n");
    both("a.py", base, &[("x = 1\n", &format!("x = 1\n\n\n{}", one("A")))], &[("z = 3\n", &format!("z = 3\n\n\n{}", one("B")))]);
}

#[test]
fn keys_of_one_table_are_symbols_of_their_own() {
    for (path, base, ours, theirs) in [
        ("Cargo.toml", "[dependencies]\na = \"1\"\nm = \"1\"\n\nz = \"1\"\n", "a = \"1\"\nb = \"2\"\n", "z = \"1\"\nzz = \"2\"\n"),
        ("ci.yaml", "jobs:\n  a: 1\n  m: 1\n\n  z: 1\n", "  a: 1\n  b: 2\n", "  z: 1\n  zz: 2\n"),
        (
            "a.json",
            "{\n  \"d\": {\n    \"a\": 1,\n    \"m\": 1,\n    \"z\": 1\n  }\n}\n",
            "    \"a\": 1,\n    \"b\": 2,\n",
            "    \"zz\": 2,\n    \"z\": 1\n",
        ),
    ] {
        let first = |text: &str| text.lines().next().unwrap_or_default().to_owned() + "\n";
        let last = |text: &str| text.lines().last().unwrap_or_default().to_owned() + "\n";
        let ours_text = base.replace(&first(ours), ours);
        let own = if path.ends_with("json") { last(theirs) } else { first(theirs) };
        let theirs_text = base.replace(&own, theirs);
        let merged = ours_text.replace(&own, theirs);
        assert_eq!(merge_as(path, base, &ours_text, &theirs_text, SameSymbol::Review), Ok(merged), "{path}");
    }
}

#[test]
fn what_is_left_out_of_a_long_file_comes_back_in_its_place() {
    let function = |number: usize, inside: &str| {
        format!("/// Number {number}.\nfn number_{number}(x: u32) -> u32 {{\n    let y = x + {number};\n{inside}    y\n}}\n\n")
    };
    let file = |changed: &[(usize, &str)], end: &str| -> String {
        let inside = |number: usize| changed.iter().find(|(at, _)| *at == number).map_or("", |(_, inside)| inside);
        (0..80).map(|number| function(number, inside(number))).collect::<String>() + end
    };
    for crlf in [false, true] {
        let text = |text: String| if crlf { text.replace('\n', "\r\n") } else { text };
        let base = text(file(&[], "fn end() {}\n"));
        let ours = text(file(&[(10, "    ours(y);\n"), (60, "    first(y);\n")], "fn end() {}\n\nfn more() {}\n"));
        let theirs = text(file(&[(30, "    theirs(y);\n"), (60, "    second(y);\n")], "fn end() {}\n\nfn other() {}\n"));
        let texts = [base.as_bytes(), ours.as_bytes(), theirs.as_bytes()];
        let short = merge_known(SameSymbol::Review, "a.rs", texts, true, false);
        let long = merge_with(&SymbolFiles::new(FileOptions::default()).thorough(), "a.rs", texts);
        let (FileMerged::Conflict(short), FileMerged::Conflict(long)) = (short, long) else { panic!("clean") };
        assert_eq!(short, long);
        let line = |text: &str| text.lines().position(|line| line.contains("(y)") && !line.contains("ours") && !line.contains("theirs"));
        let hunk = short.questions[0].hunks[0];
        assert_eq!((short.questions.len(), short.questions[0].symbol.as_deref()), (1, Some("number_60")));
        assert_eq!(Some(hunk.ours.start as usize), line(&ours), "{hunk:?}");
        assert_eq!(Some(hunk.theirs.start as usize), line(&theirs), "{hunk:?}");
    }
}
