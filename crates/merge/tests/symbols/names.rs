//! A lesson each of names that one side renamed or took away, and the other uses.

use crate::common::{check, conflicts};

#[test]
fn a_renamed_variable_that_the_other_side_uses_is_asked_about() {
    let base = "class A {\n    void run() {\n        int n = read();\n        show(memo(n));\n        show(up(n));\n    }\n}\n";
    let ours = base.replace("        show(up(n));\n", "        show(up(n));\n\n        // Faster.\n        show(fast(n));\n");
    let theirs = base.replace("int n", "int size").replace("memo(n)", "memo(size)");
    let rest = theirs.replace("        show(up(n));\n", "        end();\n        show(up(n));\n");
    // Somewhere it still stands: nothing is known.
    check("A.java", [base, &base.replace("read()", "ask()"), &rest], &rest.replace("read()", "ask()"));
    conflicts("A.java", [base, &ours, &theirs.replace("up(n)", "up(size)")], &["dangling_reference A.run"]);
}

#[test]
fn parameters_are_bound_in_every_language() {
    let cases = [
        ("a.rs", "fn a(line: &Line) -> u32 {\n    let x = line.x;\n\n    let z = 1;\n    x + z\n}\n", "    line.y();\n"),
        ("a.py", "def a(line):\n    x = line.x\n\n    z = 1\n    return x + z\n", "    call(line)\n"),
        ("a.go", "package p\n\nfunc a(line *Line) int {\n\tx := line.x\n\n\tz := 1\n\treturn x + z\n}\n", "\tcall(line)\n"),
        ("a.ts", "function a(line: Line) {\n  const x = line.x;\n\n  const z = 1;\n  return x + z;\n}\n", "  call(line);\n"),
        ("a.js", "function a(line) {\n  const x = line.x;\n\n  const z = 1;\n  return x + z;\n}\n", "  call({ line });\n"),
    ];
    for (path, base, new) in cases {
        let ours = base.replace("line", "entry");
        let at = base.find("x + z").and_then(|at| base[..at].rfind('\n')).map_or(0, |at| at + 1);
        let theirs = format!("{}{new}{}", &base[..at], &base[at..]);
        conflicts(path, [base, &ours, &theirs], &["dangling_reference a"]);
        // What the other binds itself is its own.
        let own = new.replace("line.y", "other.y").replace("(line)", "(other)").replace("{ line }", "{ other }");
        let theirs = format!("{}{own}{}", &base[..at], &base[at..]);
        check(
            path,
            [base, &ours, &theirs],
            &format!("{}{own}{}", &ours[..ours.len() - (base.len() - at)], &ours[ours.len() - (base.len() - at)..]),
        );
    }
}

#[test]
fn a_name_that_is_bound_again_is_the_other_sides_own() {
    let base = "fn a() {\n    for i in 0..3 {\n        show(i);\n    }\n\n    end();\n}\n";
    let ours = base.replace("for i", "for index").replace("show(i)", "show(index)");
    let theirs = base.replace("    end();\n", "    for i in 3..5 {\n        end(i);\n    }\n");
    let expect = ours.replace("    end();\n", "    for i in 3..5 {\n        end(i);\n    }\n");
    check("a.rs", [base, &ours, &theirs], &expect);
}

#[test]
fn a_renamed_call_that_the_other_side_adds_by_its_old_name_is_asked_about() {
    let base = "import { Modal } from './modal';\n\nexport function a() {\n  Modal.createTracked('a');\n}\n\nexport function b() {\n  Modal.createTracked('b');\n}\n\nexport function c() {\n  end();\n}\n";
    let ours = base.replace("createTracked", "create");
    let theirs = base.replace("  end();\n", "  Modal.createTracked('c');\n");
    conflicts("a.ts", [base, &ours, &theirs], &["dangling_reference c"]);
    // Once may be something else, and so may a name that is left somewhere.
    let once = base.replacen("  Modal.createTracked('b');\n", "  b();\n", 1);
    check(
        "a.ts",
        [&once, &once.replace("createTracked", "create"), &once.replace("  end();\n", "  Modal.createTracked('c');\n")],
        &once.replace("createTracked('a')", "create('a')").replace("  end();\n", "  Modal.createTracked('c');\n"),
    );
    // Something else's may be something else.
    let other = base.replace("  end();\n", "  Panel.createTracked('c');\n");
    check("a.ts", [base, &ours, &other], &other.replace("Modal.createTracked", "Modal.create"));
    // In words for people nothing is called.
    let noted = base.replace("  end();\n", "  // Like createTracked.\n  end();\n");
    check("a.ts", [base, &ours, &noted], &noted.replace("createTracked(", "create("));
}

#[test]
fn a_method_that_one_side_renamed_is_called_by_no_old_name() {
    let base =
        "package p\n\n// Run runs it.\nfunc (q *Queue) Run(id int) error {\n\treturn nil\n}\n\nfunc (q *Queue) End() {\n\tq.stop()\n}\n";
    let ours = base.replace("Run", "Force");
    let theirs = base.replace("\tq.stop()\n", "\tq.stop()\n\tq.Run(1)\n");
    conflicts("a.go", [base, &ours, &theirs], &["dangling_reference Queue.End"]);
}
