//! Names in code are found, names in strings and comments are not.

use crate::kit::parse;
use acetate_syntax::Language;

#[track_caller]
fn check(language: Language, name: &str, text: &str, expect: Option<usize>) {
    assert_eq!(parse(language, text.as_bytes()).mentions(name, text.as_bytes(), 0..text.len()), expect, "{name} in {text}");
}

#[test]
fn code_counts_and_nothing_else() {
    check(Language::Rust, "foo", "fn a() { foo(); }\n", Some(9));
    check(Language::Rust, "foo", "fn a() { foobar(); a_foo(); }\n", None);
    check(Language::Rust, "foo", "// foo\nfn a() { b(\"foo\"); }\n", None);
    check(Language::Rust, "foo", "// foo\nfn a() { b!(foo); }\n", Some(19));
    check(Language::Rust, "Foo", "struct A { a: Foo }\n", Some(14));
    check(Language::Python, "foo", "'''foo'''\n# foo\nx = a.foo\n", Some(22));
    check(Language::Python, "foo", "x = f'{foo}'\n", Some(7));
    check(Language::TypeScript, "Foo", "let a: Foo = `Foo`;\n", Some(7));
    check(Language::TypeScript, "foo", "let a = `Foo ${foo}`;\n", Some(15));
    check(Language::Tsx, "Foo", "let a = <Foo a=\"Foo\" />;\n", Some(9));
    check(Language::Go, "fmt", "package a\n\nfunc b() { fmt.Println(\"fmt\") }\n", Some(22));
    check(Language::Java, "List", "// List\nclass A { List<A> a; }\n", Some(18));
    check(Language::Rust, "", "fn a() {}\n", None);
}

#[test]
fn only_the_range_counts() {
    let text = b"fn a() { foo(); }\nfn b() { foo(); }\n";
    let parsed = parse(Language::Rust, text);
    assert_eq!(parsed.mentions("foo", text, 18..36), Some(27));
    assert_eq!(parsed.mentions("foo", text, 0..8), None);
    assert_eq!(parsed.mentions("foo", text, 30..99), None);
}
