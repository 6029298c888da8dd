//! Rust.

use crate::common::{check, conflicts};

const PATH: &str = "src/lib.rs";

#[test]
fn functions_added_at_one_place_are_both_there() {
    let base = "fn first() {}\n\nfn last() {}\n";
    let ours = "fn first() {}\n\nfn b() {\n    1\n}\n\nfn last() {}\n";
    let theirs = "fn first() {}\n\nfn a() {\n    2\n}\n\nfn last() {}\n";
    check(PATH, [base, ours, theirs], "fn first() {}\n\nfn a() {\n    2\n}\n\nfn b() {\n    1\n}\n\nfn last() {}\n");
}

#[test]
fn uses_added_at_one_place_are_in_order() {
    let base = "use a::A;\nuse z::Z;\n\nfn f() {}\n";
    let ours = "use a::A;\nuse c::C;\nuse z::Z;\n\nfn f() {}\n";
    let theirs = "use a::A;\nuse b::B;\nuse d::D;\nuse z::Z;\n\nfn f() {}\n";
    check(PATH, [base, ours, theirs], "use a::A;\nuse b::B;\nuse c::C;\nuse d::D;\nuse z::Z;\n\nfn f() {}\n");
}

#[test]
fn neighbouring_changes_do_not_meet() {
    let base = "struct S {\n    a: u8,\n    b: u8,\n}\n";
    let ours = "struct S {\n    a: u16,\n    b: u8,\n}\n";
    let theirs = "struct S {\n    a: u8,\n    b: u32,\n}\n";
    check(PATH, [base, ours, theirs], "struct S {\n    a: u16,\n    b: u32,\n}\n");
}

#[test]
fn one_function_changed_by_both_is_named() {
    let base = "impl P {\n    fn next(&self) -> u8 {\n        1\n    }\n\n    fn other(&self) {}\n}\n";
    let ours = base.replace("        1\n", "        2\n");
    let theirs = base.replace("        1\n", "        3\n");
    conflicts(PATH, [base, &ours, &theirs], &["both_changed P::next"]);
}

#[test]
fn an_import_that_one_side_changed_and_the_other_deleted_is_a_question() {
    let base = "use a::A;\nuse old::Thing;\nuse z::Z;\n\nfn f() {}\n";
    let ours = "use a::A;\nuse new::Thing;\nuse z::Z;\n\nfn f() {}\n";
    let theirs = "use a::A;\nuse z::Z;\n\nfn f() {}\n";
    assert!(crate::common::merge(PATH, base, ours, theirs).is_err());
    assert!(crate::common::merge(PATH, base, theirs, ours).is_err());
}

#[test]
fn changes_inside_different_functions_need_no_looking_over() {
    let base = "fn a() {\n    one();\n    two();\n    three();\n}\n\nfn b() {\n    one();\n    two();\n    three();\n}\n";
    let ours = base.replacen("    two();\n", "    ours();\n", 1);
    let theirs = "fn a() {\n    one();\n    two();\n    three();\n}\n\nfn b() {\n    one();\n    theirs();\n    three();\n}\n";
    let expect = "fn a() {\n    one();\n    ours();\n    three();\n}\n\nfn b() {\n    one();\n    theirs();\n    three();\n}\n";
    for policy in [acetate_merge::SameSymbol::Merge, acetate_merge::SameSymbol::Review] {
        assert_eq!(crate::common::merge_as(PATH, base, &ours, theirs, policy).as_deref(), Ok(expect));
    }
    // In one function it is for somebody to look at.
    let theirs = base.replacen("    three();\n", "    theirs();\n    three();\n", 1);
    let held =
        crate::common::merge_as(PATH, base, &base.replacen("    one();\n", "    ours();\n", 1), &theirs, acetate_merge::SameSymbol::Review);
    assert_eq!(held.expect_err("held back").questions[0].symbol.as_deref(), Some("a"));
}
