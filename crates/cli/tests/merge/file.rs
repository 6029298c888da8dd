//! `merge-file`.

use crate::folder::{Folder, text};
use std::os::unix::fs::PermissionsExt as _;

/// Base, ours, theirs.
const TEXTS: &[[&str; 3]] = &[
    ["", "", ""],
    ["a\n", "a\n", "a\n"],
    ["a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n"],
    ["a\nx\ny\nz\nc\n", "A\nx\ny\nz\nc\n", "a\nx\ny\nz\nC\n"],
    ["a\nb\nc\n", "a\nB\nc\n", "a\nX\nc\n"],
    ["", "a\nb\n", "a\nc\n"],
    ["a\n", "", "b\n"],
    ["a\nb\nc", "a\nb\nd", "a\nb\ne"],
    ["a\r\nb\r\nc\r\n", "a\r\nB\r\nc\r\n", "a\r\nX\r\nc\r\n"],
    ["1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\nx\n3\n4\n5\n6\n7\ny\n9\n", "1\nX\n3\n4\n5\n6\n7\nY\n9\n"],
    ["1\n{\n}\n;\n.\n-\n9\n", "x\n{\n}\n;\n.\n-\ny\n", "X\n{\n}\n;\n.\n-\nY\n"],
    ["1\n2\n3\n", "1\nsame\nx\nsame too\n3\n", "1\nsame\ny\nsame too\n3\n"],
    ["<<<<<<< x\na\n=======\n>>>>>>> y\n", "<<<<<<< x\nb\n=======\n>>>>>>> y\n", "<<<<<<< x\nc\n=======\n>>>>>>> y\n"],
    ["a\n\n\nb\n", "a\n\nb\n", "a\n\n\n\nb\nc\n"],
];

const OPTIONS: &[&[&str]] = &[
    &[],
    &["-q"],
    &["--diff3"],
    &["--zdiff3"],
    &["--ours"],
    &["--theirs"],
    &["--union"],
    &["--diff3", "--zdiff3"],
    &["--ours", "--union"],
    &["--diff3", "--union"],
    &["--marker-size", "13"],
    &["--marker-size=0"],
    &["-L", "mine"],
    &["-L", "mine", "-L", "", "-L", "your s"],
    &["--diff3", "-Lmine", "-Lbase"],
    &["--diff-algorithm=histogram"],
];

#[test]
fn by_lines_alone_it_is_git_merge_file_byte_for_byte() {
    for [base, ours, theirs] in TEXTS {
        for options in OPTIONS {
            let ours_of = |names: [&str; 3], print: bool, git: bool| {
                let folder = Folder::new();
                for (name, data) in names.iter().zip([ours, base, theirs]) {
                    folder.write(name, data);
                }
                let args = [&["merge-file"][..], *options, if print { &["-p"][..] } else { &[] }, &names].concat();
                let output = if git { folder.git(&args) } else { folder.acetate(&args) };
                (text(&output.stdout), text(&output.stderr), output.status.code(), folder.read(names[0]))
            };
            for print in [true, false] {
                let names = ["ours.txt", "base", "theirs"];
                assert_eq!(ours_of(names, print, false), ours_of(names, print, true), "{base:?} {ours:?} {theirs:?} {options:?} {print}");
            }
        }
    }
}

#[test]
fn more_than_127_conflicts_count_as_127() {
    let folder = Folder::new();
    let lines = |word: &str| (0..200).map(|at| format!("{word} {at}\nsame\nx{at}\ny{at}\nz{at}\n")).collect::<String>();
    for (name, word) in [("ours", "mine"), ("base", "base"), ("theirs", "yours")] {
        folder.write(name, lines(word));
    }
    let args = ["merge-file", "-p", "ours", "base", "theirs"];
    let (own, git) = (folder.acetate(&args), folder.git(&args));
    assert_eq!((own.status.code(), git.status.code()), (Some(127), Some(127)));
    assert!(own.stdout == git.stdout);
}

#[test]
fn errors_end_as_gits_do() {
    let folder = Folder::new();
    folder.write("a", "a\n");
    folder.write("b", "b\n");
    folder.write("binary", b"\0");
    for args in [
        &["merge-file", "a", "absent", "b"][..],
        &["merge-file", "a", "binary", "b"],
        &["merge-file", "a", "b"],
        &["merge-file", "--nonsense", "a", "a", "b"],
        &["merge-file", "-La", "-Lb", "-Lc", "-Ld", "a", "a", "b"],
    ] {
        let (own, git) = (folder.acetate(args), folder.git(args));
        assert_eq!(own.status.code(), git.status.code(), "{args:?}: {}", text(&own.stderr));
        assert!(own.stdout.is_empty() && !own.stderr.is_empty(), "{args:?}");
    }
    assert!(folder.acetate(&["merge-file", "-q", "a", "absent", "b"]).stderr.is_empty());
    let failed = folder.acetate(&["merge-file", "a", "binary", "b", "--json"]);
    let error: serde_json::Value = serde_json::from_slice(&failed.stderr).expect("one document");
    assert_eq!(error["error"]["code"], "merge_binary", "{error}");
    assert!(error["error"]["hint"].is_string());
}

#[test]
fn a_file_is_replaced_with_its_mode_and_through_links() {
    let folder = Folder::new();
    let real = folder.write("real", "a\nb\nc\n");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o750)).expect("a mode");
    std::os::unix::fs::symlink("real", folder.path().join("link")).expect("a link");
    folder.write("base", "b\nc\n");
    folder.write("theirs", "b\nc\nd\n");
    assert_eq!(folder.acetate(&["merge-file", "link", "base", "theirs"]).status.code(), Some(0));
    assert_eq!(folder.read("real"), "a\nb\nc\nd\n");
    assert!(folder.path().join("link").is_symlink());
    assert_eq!(real.metadata().expect("a file").permissions().mode() & 0o777, 0o750);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 4);
}

const BASE: &str = "fn one() {\n    1;\n}\n";

#[test]
fn different_symbols_combine_and_one_symbol_conflicts_by_name() {
    let folder = Folder::new();
    folder.write("base.rs", BASE);
    folder.write("ours.rs", format!("{BASE}\nfn two() {{\n    2;\n}}\n"));
    folder.write("theirs.rs", format!("{BASE}\nfn three() {{\n    3;\n}}\n"));
    let files = ["ours.rs", "base.rs", "theirs.rs"];
    assert_eq!(folder.git(&[&["merge-file", "-p"], &files[..]].concat()).status.code(), Some(1));
    let merged = folder.json(&[&["merge-file", "-p"], &files[..]].concat());
    assert_eq!(
        (&merged["status"], &merged["conflicts"], &merged["schema"]),
        (&"clean".into(), &serde_json::json!([]), &1.into()),
        "{merged}"
    );
    let output = merged["output"].as_str().expect("text");
    assert!(output.contains("fn one") && output.contains("fn two") && output.contains("fn three"), "{output}");

    folder.write("ours.rs", BASE.replace('1', "11"));
    folder.write("theirs.rs", BASE.replace('1', "12"));
    let conflict = folder.json(&[&["merge-file", "-p"], &files[..]].concat());
    assert_eq!(conflict["status"], "conflict", "{conflict}");
    assert_eq!(conflict["conflicts"].as_array().map(Vec::len), Some(1), "{conflict}");
    let question = &conflict["conflicts"][0];
    assert_eq!(question["symbol"], "one", "{conflict}");
    assert!(question["ours"]["places"][0]["start"].is_u64() && question["theirs"]["text"].as_str().is_some_and(|text| text.contains("12")));
    let output = folder.acetate(&[&["merge-file", "-p"], &files[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("<<<<<<< ours.rs"), "{}", text(&output.stdout));
    for (option, expect) in [("--ours", "11"), ("--theirs", "12"), ("--union", "11")] {
        let output = folder.acetate(&[&["merge-file", "-p", option], &files[..]].concat());
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).contains(expect) && !text(&output.stdout).contains("<<<"), "{option}: {}", text(&output.stdout));
    }
}

#[test]
fn the_path_tells_the_language() {
    let folder = Folder::new();
    folder.write("b", BASE);
    folder.write("o", format!("{BASE}\nfn two() {{}}\n"));
    folder.write("t", format!("{BASE}\nfn three() {{}}\n"));
    assert_eq!(folder.acetate(&["merge-file", "-p", "o", "b", "t"]).status.code(), Some(1));
    assert_eq!(folder.acetate(&["merge-file", "-p", "--path", "src/lib.rs", "o", "b", "t"]).status.code(), Some(0));
    assert_eq!(folder.acetate(&["merge-file", "-p", "--path", "/src/lib.rs", "o", "b", "t"]).status.code(), Some(0));
}

#[test]
fn what_is_no_text_is_json_all_the_same() {
    let folder = Folder::new();
    folder.write("b", b"a\nb\n");
    folder.write("o", b"a\xff\nb\n");
    folder.write("t", b"a\xfe\nb\n");
    let merged = folder.json(&["merge-file", "-p", "o", "b", "t"]);
    assert!(merged["output"]["base64"].is_string(), "{merged}");
    assert_eq!(merged["conflicts"][0]["ours"]["text"]["base64"], "Yf8K", "{merged}");
}

#[test]
fn in_a_repository_blobs_are_merged_and_its_style_is_kept() {
    let repo = acetate_testing::GitRepo::new(acetate_types::ObjectFormat::Sha1);
    let folder = Folder::new();
    for (name, data) in [("ours.txt", "a\nB\n"), ("base", "a\nb\n"), ("theirs", "a\nX\n")] {
        repo.write(name, data);
        folder.write(name, data);
    }
    repo.commit("Begin");
    repo.git(&["config", "merge.conflictStyle", "diff3"]);
    let run = |args: &[&str]| crate::folder::acetate(repo.path()).args(args).output().expect("it runs");
    for options in [&["-p"][..], &[]] {
        let args = [&["merge-file", "--object-id"], options, &["HEAD:ours.txt", "HEAD:base", "HEAD:theirs"]].concat();
        let (own, git) = (run(&args), repo.try_git(&args));
        assert_eq!((text(&own.stdout), own.status.code()), (text(&git.stdout), git.status.code()), "{options:?}");
    }
    let args = ["merge-file", "-p", "ours.txt", "base", "theirs"];
    let own = run(&args);
    assert_eq!(text(&own.stdout), text(&repo.try_git(&args).stdout));
    assert!(text(&own.stdout).contains("|||||||"));
    assert!(!text(&folder.acetate(&args).stdout).contains("|||||||"));
    assert_eq!(run(&["merge-file", "--object-id", "-p", "HEAD:absent", "HEAD:base", "HEAD:theirs"]).status.code(), Some(255));
}
