//! What became of the symbols of a file.

use crate::kit::{dedent, fixtures, parse};
use acetate_syntax::{Language, Outline, changes};

#[track_caller]
fn check(language: Language, before: &str, after: &str, expect: &str) {
    let (before, after) = (dedent(before), dedent(after));
    let outline = |text: &str| Outline::of(&parse(language, text.as_bytes()), text.as_bytes());
    let found = changes(&outline(&before), before.as_bytes(), &outline(&after), after.as_bytes());
    let lines: Vec<String> = found
        .iter()
        .map(|change| {
            let from = change.from.as_ref().map(|from| format!(" from {from}")).unwrap_or_default();
            let body = if change.body_changed { " +body" } else { "" };
            format!("{} {} {}{from}{body}", change.change.as_str(), change.kind.as_str(), change.path)
        })
        .collect();
    let expect = dedent(expect);
    assert_eq!(lines.join("\n"), expect.trim_end());
}

const BASE: &str = "
    use std::fmt;

    /// Adds.
    fn add(a: u32, b: u32) -> u32 {
        let sum = a + b;
        sum
    }

    struct Queue {
        items: u32,
    }

    impl Queue {
        fn push(&mut self) {
            self.items += 1;
        }

        fn pop(&mut self) {
            self.items -= 1;
        }
    }
";

#[test]
fn nothing_changed_is_nothing() {
    check(Language::Rust, BASE, BASE, "");
    for fixture in fixtures() {
        let outline = Outline::of(&parse(fixture.language, &fixture.text), &fixture.text);
        assert_eq!(changes(&outline, &fixture.text, &outline, &fixture.text), []);
    }
}

#[test]
fn bodies_signatures_and_comments() {
    check(Language::Rust, BASE, &BASE.replace("a + b", "b + a"), "changed_body function add +body");
    check(Language::Rust, BASE, &BASE.replace("a: u32,", "a: u8,"), "changed_signature function add");
    check(Language::Rust, BASE, &BASE.replace("a: u32,", "a: u8,").replace("a + b", "b + a"), "changed_signature function add +body");
    check(Language::Rust, BASE, &BASE.replace("/// Adds.", "/// Sums."), "changed_above function add");
    check(Language::Rust, BASE, &BASE.replace("self.items += 1", "self.items += 2"), "changed_body method Queue::push +body");
    check(Language::Rust, BASE, &BASE.replace("items: u32,", "items: u64,"), "changed_signature field Queue::items");
}

#[test]
fn added_and_deleted() {
    check(Language::Rust, BASE, &BASE.replace("impl Queue {", "impl Queue {\n        fn new() {}\n"), "added method Queue::new");
    check(Language::Rust, BASE, &BASE.replace("use std::fmt;", "use std::fmt;\n    mod a {\n        fn b() {}\n    }"), "added module a");
    let without = BASE.replace("        fn pop(&mut self) {\n            self.items -= 1;\n        }\n", "");
    check(Language::Rust, BASE, &without, "deleted method Queue::pop");
    check(
        Language::Rust,
        BASE,
        "",
        "
        deleted import import std::fmt
        deleted function add
        deleted struct Queue
        deleted impl impl Queue",
    );
}

#[test]
fn renames_need_evidence() {
    check(Language::Rust, BASE, &BASE.replace("add(", "sum_of("), "renamed function sum_of from add");
    check(
        Language::Rust,
        "fn a() {\n    1;\n    2;\n    3;\n    4;\n    5;\n    6;\n    7;\n}\n",
        "fn b() {\n    1;\n    2;\n    3;\n    4;\n    5;\n    6;\n    7;\n    8;\n}\n",
        "renamed function b from a +body",
    );
    check(
        Language::Rust,
        "fn a() {\n    one();\n}\n",
        "fn b() {\n    two();\n}\n",
        "
        deleted function a
        added function b",
    );
    // Two that could be it are none.
    check(
        Language::Rust,
        "fn a() {\n    one();\n}\n",
        "fn b() {\n    one();\n}\n\nfn c() {\n    one();\n}\n",
        "
        deleted function a
        added function b
        added function c",
    );
    // What is in something renamed is followed.
    check(
        Language::Rust,
        "mod a {\n    fn f() {\n        one();\n    }\n    fn g() {}\n    fn h() {}\n    fn i() {}\n    fn j() {}\n    fn k() {}\n}\n",
        "mod b {\n    fn f() {\n        two();\n    }\n    fn g() {}\n    fn h() {}\n    fn i() {}\n    fn j() {}\n    fn k() {}\n}\n",
        "
        renamed module b from a
        changed_body function b::f from a::f +body",
    );
}

#[test]
fn moves() {
    check(
        Language::Rust,
        "fn a() {\n    1;\n}\nfn b() {\n    2;\n}\nfn c() {\n    3;\n}\n",
        "fn b() {\n    2;\n}\nfn c() {\n    3;\n}\nfn a() {\n    1;\n}\n",
        "moved function a",
    );
    check(
        Language::Python,
        "class A:\n    def f(self):\n        return 1\n    x = 1\nclass B:\n    y = 1\n",
        "class A:\n    x = 1\nclass B:\n    y = 1\n    def f(self):\n        return 1\n",
        "moved method B.f from A.f",
    );
}

#[test]
fn overloads_keep_their_own() {
    check(
        Language::Java,
        "class A {\n    void f(int a) {\n        one();\n    }\n    void f(String a) {\n        two();\n    }\n}\n",
        "class A {\n    void f(int a) {\n        one();\n    }\n    void f(String a, int b) {\n        two();\n    }\n}\n",
        "changed_signature method A.f(String, int) from A.f(String)",
    );
}

#[test]
fn keys_and_tables() {
    check(
        Language::Toml,
        "[a]\nx = 1\ny = 2\n\n[b]\nz = 3\n",
        "[a]\nx = 2\n\n[b]\nz = 3\nw = 4\n",
        "
        changed_body key a.x +body
        deleted key a.y
        added key b.w",
    );
    check(Language::Json, "{\n  \"a\": 1\n}\n", "{\n  \"a\": 1,\n  \"b\": 2\n}\n", "added key b");
}
