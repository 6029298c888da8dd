//! Lists within lines.

use crate::kit::parse;
use acetate_syntax::Language;

/// The mark `^` stands where the list is asked for.
#[track_caller]
fn check(language: Language, marked: &str, items: &[&str], set: bool, trailing: bool) {
    let at = marked.find('^').unwrap();
    let text = marked.replace('^', "");
    let parsed = parse(language, text.as_bytes());
    let list = parsed.list(at..at, text.as_bytes()).unwrap_or_else(|| panic!("no list in {marked}"));
    let found: Vec<&str> = list.items.iter().map(|item| &text[item.clone()]).collect();
    assert_eq!((&found[..], list.set, list.trailing), (items, set, trailing), "{marked}");
    assert!(list.node.start <= list.open_end && list.open_end <= list.close_start && list.close_start <= list.node.end);
}

#[test]
fn lists_of_each_language() {
    check(Language::Rust, "use a::{b, ^c::d, e as f};\n", &["b", "c::d", "e as f"], true, false);
    check(Language::Rust, "fn f(a: u32, ^b: u8,) {}\n", &["a: u32", "b: u8"], false, true);
    check(Language::Rust, "fn f() { g(^) }\n", &[], false, false);
    check(Language::Rust, "fn f() { g(a, h(^b, c)) }\n", &["b", "c"], false, false);
    check(Language::Rust, "fn f() { g(^a, h(b, c)) }\n", &["a", "h(b, c)"], false, false);
    check(Language::Python, "from a import b, ^c as d\n", &["b", "c as d"], true, false);
    check(Language::Python, "from a import (b, ^c,)\n", &["b", "c"], true, true);
    check(Language::Python, "def f(a, ^b=1): pass\n", &["a", "b=1"], false, false);
    check(Language::TypeScript, "import { a, ^type B } from 'c';\n", &["a", "type B"], true, false);
    check(Language::JavaScript, "f(a, /* no */ ^b, ...c);\n", &["a", "b", "...c"], false, false);
    check(Language::Go, "package a\n\nimport (\n\t\"b\"\n\t^\"c\"\n)\n", &["\"b\"", "\"c\""], true, false);
    check(Language::Java, "class A { void f(int a, ^String b) {} }\n", &["int a", "String b"], false, false);
    check(Language::Json, "[1, ^[2], 3]\n", &["1", "[2]", "3"], false, false);
    check(Language::Toml, "a = [1, ^2,]\n", &["1", "2"], false, true);
}

#[test]
fn no_list_is_none() {
    let text = b"fn f() { a; }\n";
    let parsed = parse(Language::Rust, text);
    assert_eq!(parsed.list(9..10, text), None);
    assert_eq!(parsed.list(9..100, text), None);
}
