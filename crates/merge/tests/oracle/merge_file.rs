//! What `git merge-file` prints, in every style, against the real one.

use crate::common::{cases, first_seed};
use crate::lines::random_case;
use acetate_merge::diff::Algorithm;
use acetate_merge::lines::{Favor, GitFile, GitMerged, merge_as_git};
use acetate_merge::{Labels, LineLimits, MarkerStyle};
use acetate_testing::git_command;
use bytes::Bytes;

const STYLES: [(&str, MarkerStyle, Option<Favor>); 6] = [
    ("--no-diff3", MarkerStyle::Merge, None),
    ("--diff3", MarkerStyle::Diff3, None),
    ("--zdiff3", MarkerStyle::Zdiff3, None),
    ("--ours", MarkerStyle::Merge, Some(Favor::Ours)),
    ("--theirs", MarkerStyle::Merge, Some(Favor::Theirs)),
    ("--union", MarkerStyle::Merge, Some(Favor::Union)),
];

/// Lines without letters and digits, over which conflicts are joined.
fn wordless(text: &Bytes) -> Bytes {
    String::from_utf8_lossy(text).replace("line 1\n", "}\n").replace("line 1\r", "}\r").into_bytes().into()
}

fn check(texts: &[Bytes; 3], folder: &std::path::Path, context: &str) -> usize {
    let names = ["base", "ours", "theirs"];
    for (name, text) in names.iter().zip(texts) {
        std::fs::write(folder.join(name), text).expect("a file");
    }
    let [base, ours, theirs] = texts;
    let mut conflicts = 0;
    for (algorithm, name) in [(Algorithm::Myers, "myers"), (Algorithm::Histogram, "histogram")] {
        for (option, style, favor) in STYLES {
            let size = if ours.len() % 3 == 0 { 11 } else { 7 };
            let mut command = git_command(folder);
            command.args(["merge-file", "-p", option, &format!("--diff-algorithm={name}"), &format!("--marker-size={size}")]);
            let git = command.args(["ours", "base", "theirs"]).output().expect("git runs");
            let labels = Labels { base: "base".into(), ours: "ours".into(), theirs: "theirs".into() };
            let options = GitFile { algorithm, style, favor, marker_size: size, labels, limits: LineLimits::default() };
            let GitMerged { text, conflicts: found } = merge_as_git(base, ours, theirs, &options).expect("within the limits");
            let show = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
            assert_eq!(show(&text), show(&git.stdout), "{context} {name} {option}");
            assert!(text == git.stdout, "{context} {name} {option}");
            assert_eq!(Some(found.len().min(127) as i32), git.status.code(), "{context} {name} {option}");
            conflicts += found.len();
        }
    }
    conflicts
}

#[test]
fn random_texts_come_out_as_git_merge_file_prints_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let seed = first_seed();
    let conflicts: usize = (0..cases(120) as u64)
        .map(|at| check(&random_case(seed + at).map(|text| wordless(&text)), folder.path(), &format!("seed {}", seed + at)))
        .sum();
    println!("{conflicts} conflicts");
}

#[test]
fn chosen_texts_come_out_as_git_merge_file_prints_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let texts = [
        // Joined over a line without words.
        ["a\n{\n}\n;\n.\n-\nb\n", "A\n{\n}\n;\n.\n-\nB\n", "X\n{\n}\n;\n.\n-\nY\n"],
        // Equal sides that diff3 shows.
        ["a\nb\nc\n", "x\nb\nb\ny\n", "x\nb\ny\n"],
        ["a\nb\nc", "a\nb\nd", "a\nb\ne"],
        ["a\r\nb\r\nc", "a\r\nb\r\nd", "a\r\nb\r\ne"],
        ["1\n2\n3\n", "1\nsame\nx\nsame too\n3\n", "1\nsame\ny\nsame too\n3\n"],
        ["", "a\nb\n", "a\nc\n"],
    ];
    for texts in texts {
        check(&texts.map(|text| Bytes::from_static(text.as_bytes())), folder.path(), &format!("{texts:?}"));
    }
}
