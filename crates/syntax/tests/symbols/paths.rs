//! Paths name one symbol each, and places find their symbol.

use crate::kit::{dedent, fixtures, parse};
use acetate_syntax::{Language, Outline};
use std::collections::BTreeSet;

#[track_caller]
fn check(language: Language, text: &str, expect: &[&str]) {
    let text = dedent(text);
    let outline = Outline::of(&parse(language, text.as_bytes()), text.as_bytes());
    assert_eq!(outline.symbols.iter().map(|symbol| symbol.path.as_str()).collect::<Vec<_>>(), expect);
}

#[test]
fn duplicates_are_told_apart() {
    check(Language::Rust, "fn a() {}\nfn a() {}\nmod b {}\nmod b {\n    fn c() {}\n}\n", &["a", "a#2", "b", "b#2", "b#2::c"]);
    check(
        Language::Java,
        "class A {\n    void f(int a) {}\n    void f(String a) {}\n    void g(int a) {}\n}\n",
        &["A", "A.f(int)", "A.f(String)", "A.g"],
    );
    check(
        Language::Rust,
        "impl A {\n    fn a() {}\n}\nimpl A {\n    fn b() {}\n}\nimpl B for A {\n    fn a() {}\n}\n",
        &["impl A", "A::a", "impl A#2", "A::b", "impl B for A", "<A as B>::a"],
    );
    check(Language::TypeScript, "class A {\n  get a() {\n    return 1;\n  }\n  set a(b: number) {\n  }\n}\n", &["A", "A.get a", "A.set a"]);
}

#[test]
fn what_functions_hide_is_no_symbol() {
    check(Language::Python, "def f():\n    def g():\n        pass\n    class C:\n        x = 1\n", &["f"]);
    check(Language::Rust, "fn f() {\n    use a::b;\n    const C: u32 = 1;\n    fn g() {}\n}\n", &["f"]);
    check(Language::JavaScript, "foo(function () {\n  function a() {}\n  const b = 1;\n});\n", &[]);
    check(Language::Python, "if a:\n    def f():\n        pass\n    x = 1\nelse:\n    import b\n", &["f", "import b"]);
}

#[test]
fn paths_are_unique_and_places_find_their_symbol() {
    for fixture in fixtures() {
        let outline = Outline::of(&parse(fixture.language, &fixture.text), &fixture.text);
        let paths: BTreeSet<&str> = outline.symbols.iter().map(|symbol| symbol.path.as_str()).collect();
        assert_eq!(paths.len(), outline.symbols.len(), "{:?}", fixture.path);
        assert!(outline.symbols.is_sorted_by_key(|symbol| symbol.span.start), "{:?}", fixture.path);
        for (number, symbol) in outline.symbols.iter().enumerate() {
            assert!(symbol.parent.is_none_or(|parent| parent < number));
            let found = outline.at(symbol.core.start).unwrap();
            let mut around = Some(found);
            while around.is_some_and(|at| at != number) {
                around = outline.symbols[around.unwrap()].parent;
            }
            assert_eq!(around, Some(number), "{} of {:?} is found as {}", symbol.path, fixture.path, outline.symbols[found].path);
            assert!(outline.at_line(symbol.lines.start).is_some());
            assert_eq!(outline.find(&symbol.path), Some(symbol));
        }
        // A slow but sure way to the same answers.
        for at in 0..fixture.text.len() {
            let holding = outline.symbols.iter().enumerate().filter(|(_, symbol)| symbol.span.contains(&at));
            assert_eq!(outline.at(at), holding.map(|(number, _)| number).next_back(), "byte {at} of {:?}", fixture.path);
        }
    }
}

#[test]
fn lines_are_counted_from_one() {
    let text = b"// a\nfn f() {\n}\n\n/// b\nfn g() {}";
    let outline = Outline::of(&parse(Language::Rust, text), text);
    assert_eq!(outline.symbols[0].lines, 1..4);
    assert_eq!(outline.symbols[1].lines, 5..7);
    let at = |line| outline.at_line(line).map(|number| outline.symbols[number].path.as_str());
    assert_eq!([at(0), at(1), at(3), at(4), at(6), at(7)], [None, Some("f"), Some("f"), None, Some("g"), None]);
}
