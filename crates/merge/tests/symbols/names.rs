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
fn what_only_looks_bound_is_not() {
    let base = "fn f(x: Req) -> Res {\n    if let Some(a) = x.a() {\n        log(a);\n    }\n    start();\n    middle();\n    end();\n    send(1)\n}\n";
    let ours = base.replace("    if let Some(a) = x.a() {\n        log(a);\n    }\n", "    log(x.a());\n");
    check("a.rs", [base, &ours, &base.replace("send(1)", "send(Some(1))")], &ours.replace("send(1)", "send(Some(1))"));
    let base = "class A {\n    int f() {\n        log(size());\n        start();\n        middle();\n        return 1;\n    }\n}\n";
    let ours = base.replace("        log(size());\n", "");
    check("A.java", [base, &ours, &base.replace("return 1", "return size")], &ours.replace("return 1", "return size"));
}
