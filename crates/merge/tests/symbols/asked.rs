//! A lesson each of what is asked for: what no rule decides, and what is merged and held back.

use crate::common::{asks, both, check, conflicts, marked, merge, merge_bytes, sides};
use acetate_merge::{FileMerged, SameSymbol};

#[test]
fn a_name_that_both_added_differently_is_asked_for_once() {
    let size = |body: &str| format!("    def size(self):\n        {body}\n\n    def peek");
    asks(
        "a.py",
        crate::lessons::CLASS,
        &[("    def peek", &size("return len(self.items)"))],
        &[("    def peek", &size("return self.count"))],
        &["added_differently Stack.size"],
    );
}

#[test]
fn a_changed_function_that_the_other_deleted_is_named() {
    asks(
        "a.py",
        crate::lessons::CLASS,
        &[("self.items.pop()", "self.items.pop(0)")],
        &[("    def pop(self):\n        return self.items.pop()\n\n", "")],
        &["changed_deleted Stack.pop"],
    );
}

#[test]
fn what_one_side_repeated_and_the_other_changed_is_asked_for() {
    // Lines alone would put the change into whichever of the two they matched.
    let base = "class Stack:\n    def size(self):\n        return len(self.items)\n";
    let copies = "class Stack:\n    def size(self):\n        return self.count\n\n    def size(self):\n        return self.count()\n";
    let change = base.replace("len(self.items)", "len(self.items) + 1");
    conflicts("a.py", [base, copies, &change], &["both_changed Stack.size"]);
    // One that is as it was has the change.
    let kept = "class Stack:\n    def size(self):\n        return len(self.items)\n\n    def size(self):\n        return self.count()\n";
    check("a.py", [base, kept, &change], &kept.replace("len(self.items)", "len(self.items) + 1"));
}

#[test]
fn statements_that_both_changed_at_the_top_are_asked_for() {
    let base = "import os\n\nlimit = 1\nrun(limit)\n";
    let texts = sides(base, &[("limit = 1", "limit = 2")], &[("limit = 1", "limit = 3")]);
    let conflict = merge("a.py", &texts[0], &texts[1], &texts[2]).expect_err("one line");
    let shown = marked(&conflict);
    assert!(shown.contains("limit = 2") && shown.contains("limit = 3"), "{shown}");
}

#[test]
fn a_use_of_what_the_other_took_away_is_held_back() {
    let base = "import json\nimport os\n\n\ndef a():\n    return json.dumps(1)\n\n\ndef b():\n    return os.getcwd()\n";
    let ours = base.replace("import json\n", "").replace("json.dumps(1)", "1");
    let theirs = base.replace("os.getcwd()", "json.dumps(os.getcwd())");
    assert!(merge("a.py", base, &ours, &theirs).is_err());
}

#[test]
fn the_answer_to_review_holds_the_merged_text() {
    let base = "fn f() {\n    one();\n    two();\n    three();\n    four();\n}\n";
    let texts = sides(base, &[("one()", "one(1)")], &[("four()", "four(4)")]);
    let merged = merge_bytes("a.rs", texts.each_ref().map(|text| text.as_bytes()), SameSymbol::Review);
    let FileMerged::Conflict(conflict) = merged else { panic!("{merged:?}") };
    let proposal = conflict.text(|_| acetate_merge::Pick::Proposal);
    assert_eq!(proposal, base.replace("one()", "one(1)").replace("four()", "four(4)").as_bytes());
    assert_eq!(conflict.questions[0].kind.as_str(), "same_symbol");
}

#[test]
fn a_change_of_one_symbol_does_not_land_in_its_copy() {
    let body = |name: &str| {
        let steps: String = (0..8).map(|at| format!("        step({at})\n")).collect();
        format!("class {name}:\n    def run(self):\n{steps}        self.total += 1\n        return self.total\n")
    };
    let base = format!("import os\n\n\n{}\n\ndef last():\n    pass\n", body("A"));
    let ours = base.replace("\n\ndef last", &format!("\n\n{}\n\ndef last", body("B")));
    let theirs = base.replace("        step(7)\n", "        step(7)\n        check(self)\n");
    let expect = ours.replacen("        step(7)\n", "        step(7)\n        check(self)\n", 1);
    if let Ok(text) = merge("a.py", &base, &ours, &theirs) {
        assert_eq!(text, expect);
    }
}

#[test]
fn one_name_imported_from_two_places_is_asked_about() {
    let java = "package a;\n\nimport static a.X.one;\nimport static a.X.two;\n\nclass A {}\n";
    asks(
        "A.java",
        java,
        &[("import static a.X.one;\n", "import static a.X.one;\nimport static b.Y.verify;\n")],
        &[("import static a.X.two;\n", "import static a.X.two;\nimport static c.Z.verify;\n")],
        &["duplicate import b.Y.verify"],
    );
    let tsx = "import React from 'react';\n\nimport { A } from './a';\nimport { B } from './b';\n\nA(B);\n";
    asks(
        "a.tsx",
        tsx,
        &[("import React from 'react';\n", "import React from 'react';\nimport { Button } from '@ui/button';\n")],
        &[("import { B } from './b';\n", "import { B } from './b';\nimport Button from '../Button';\n")],
        &["duplicate import @ui/button"],
    );
    let rust = "use a::A;\nuse b::B;\n\nfn f(_: A, _: B) {}\n";
    asks(
        "a.rs",
        rust,
        &[("use a::A;\n", "use a::A;\nuse a::Error;\n")],
        &[("use b::B;\n", "use b::B;\nuse b::Error;\n")],
        &["duplicate import a::Error"],
    );
    // One package is not two.
    let python = "import a\n\nimport z\n";
    both("a.py", python, &[("import a\n", "import a\nimport os.path\n")], &[("import z\n", "import os.environ\nimport z\n")]);
}

#[test]
fn what_both_renamed_differently_is_a_question_of_its_name() {
    let base = "fn before() {}\n\nfn total(all: &[u32]) -> u32 {\n    let mut sum = 0;\n    for one in all {\n        sum += one;\n    }\n    sum\n}\n";
    asks("a.rs", base, &[("fn total", "fn sum_of")], &[("fn total", "fn add_up")], &["renamed_differently total"]);
}

#[test]
fn what_both_moved_differently_is_asked_about_as_that() {
    let method = |name: &str| format!("    def {name}(self):\n        return self.{name}_of()\n\n");
    let class = |order: &[&str]| format!("class A:\n{}", order.iter().map(|name| method(name)).collect::<String>());
    let [base, ours, theirs] =
        [["a", "b", "c", "d", "moved", "e", "f"], ["moved", "a", "b", "c", "d", "e", "f"], ["a", "b", "moved", "c", "d", "e", "f"]]
            .map(|order| class(&order));
    conflicts("a.py", [&base, &ours, &theirs], &["moved_differently A.moved"]);
}

#[test]
fn an_import_that_one_side_took_away_does_not_come_back_elsewhere() {
    let java = "package a;\n\nimport a.One;\nimport a.Two;\n\nimport b.Three;\nimport b.Four;\n\nclass A { One one; Three three; Two two; Four four; }\n";
    asks(
        "A.java",
        java,
        &[("import a.Two;\n", ""), ("import b.Four;\n", "import b.Four;\nimport a.Two;\n")],
        &[("import a.Two;\n", ""), ("Two two; ", "")],
        &["resurrected import a.Two"],
    );
    let go = |imports: &str, more: &str| format!("package a\n\nimport (\n{imports})\n\nvar a = one.A\nvar z = zed.A\n{more}");
    let base = go("\t\"x/one\"\n\t\"x/two\"\n\t\"x/zed\"\n", "\nvar b = two.B\n");
    let ours = go("\t\"y/one\"\n\t\"y/two\"\n\t\"y/zed\"\n", "\nvar b = two.B\n");
    let theirs = go("\t\"x/one\"\n\t\"q/other\"\n\t\"x/zed\"\n", "\nvar b = other.B\n");
    conflicts("a.go", [&base, &ours, &theirs], &["changed_deleted import y/two"]);
}

#[test]
fn one_value_is_not_put_together_from_two() {
    let json = |version: &str| format!("{{\n  \"name\": \"a\",\n  \"version\": \"{version}\"\n}}\n");
    conflicts("a.json", [&json("1.2.3"), &json("2.0.3"), &json("1.2.4")], &["both_changed version"]);
    let ts = |line: &str| format!("a();\n{line}\nb();\n");
    let [base, ours, theirs] = ["import { one } from 'x';", "import { one } from 'y/z';", "// import { one } from 'x';"].map(ts);
    assert!(merge("a.ts", &base, &ours, &theirs).is_err());
}
