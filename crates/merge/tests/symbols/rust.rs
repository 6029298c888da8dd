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
