//! `merge-driver`, as Git calls it.

use crate::folder::{Folder, text};

#[test]
fn the_result_is_in_place_of_ours_and_the_exit_code_says_how() {
    let folder = Folder::new();
    let write = |base: &[u8], ours: &[u8], theirs: &[u8]| {
        for (name, data) in [("O", base), ("A", ours), ("B", theirs)] {
            folder.write(name, data);
        }
    };
    let run = |more: &[&str]| folder.acetate(&[&["merge-driver", "O", "A", "B", "9", "src/a.rs"], more].concat());
    write(b"fn a() {}\n", b"fn a() {}\n\nfn b() {}\n", b"fn a() {}\n\nfn c() {}\n");
    assert_eq!(run(&[]).status.code(), Some(0));
    assert!(folder.read("A").contains("fn b") && folder.read("A").contains("fn c"));

    write(b"fn a() {\n    1;\n}\n", b"fn a() {\n    2;\n}\n", b"fn a() {\n    3;\n}\n");
    let conflict = run(&["%S", "HEAD", "topic"]);
    assert_eq!(conflict.status.code(), Some(1));
    assert!(folder.read("A").contains("<<<<<<<<< HEAD") && folder.read("A").contains(">>>>>>>>> topic"), "{}", folder.read("A"));
    assert!(text(&conflict.stderr).contains("src/a.rs: a:"), "{}", text(&conflict.stderr));

    write(b"a", b"\0ours", b"theirs");
    let binary = run(&[]);
    assert_eq!((binary.status.code(), folder.read("A")), (Some(1), "\0ours".to_owned()));
    assert!(text(&binary.stderr).contains("binary"));

    write(b"a\n", b"b\n", b"c\n");
    assert_eq!(folder.acetate(&["merge-driver", "O", "A", "B", "7", "-a.rs", "-x", "-y", "-z"]).status.code(), Some(1));
    assert!(folder.read("A").starts_with("<<<<<<< -y"), "{}", folder.read("A"));

    std::fs::remove_file(folder.path().join("B")).expect("a file");
    assert_eq!(run(&[]).status.code(), Some(255));
    assert_eq!(folder.acetate(&["merge-driver", "O", "A"]).status.code(), Some(129));
}
