//! Two doors never disagree.

use crate::common::{Mount, at, open_session, possible, serve};
use acetate_engine::api::{Batch, BatchEdit, CommitTurn, StringEdit, SubmissionOutcome, Submit, WriteFile};
use acetate_mount::unmount;
use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::time::Duration;

fn write(mount: &Mount, path: &str, text: &str) {
    let content = acetate_types::Text(text.to_owned().into());
    mount.session.write(WriteFile { path: at(path), content, mode: None, expect: None }).expect("written");
}

#[test]
fn what_is_written_in_the_folder_is_seen_by_other_doors_at_once() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[("src/a.txt", "one\n"), (".gitignore", "target/\n*.log\n")]);
    assert_eq!(fs::read_to_string(mount.path("src/a.txt")).expect("read"), "one\n");
    let mut file = fs::OpenOptions::new().append(true).open(mount.path("src/a.txt")).expect("opened");
    file.write_all(b"two\n").expect("written");
    assert_eq!(mount.seen("src/a.txt").as_deref(), Some("one\ntwo\n"));
    fs::create_dir(mount.path("src/new")).expect("made");
    fs::write(mount.path("src/new/b.txt"), "b").expect("written");
    assert_eq!(mount.seen("src/new/b.txt").as_deref(), Some("b"));
    fs::rename(mount.path("src/new"), mount.path("src/moved")).expect("moved");
    assert_eq!(mount.seen("src/moved/b.txt").as_deref(), Some("b"));
    fs::set_permissions(mount.path("src/moved/b.txt"), fs::Permissions::from_mode(0o755)).expect("set");
    assert_eq!(mount.session.stat(&at("src/moved/b.txt")).expect("there").info.mode, Some(acetate_types::FileMode::Executable));
    std::os::unix::fs::symlink("a.txt", mount.path("src/link")).expect("linked");
    assert_eq!(mount.seen("src/link").as_deref(), Some("a.txt"));
    fs::remove_file(mount.path("src/a.txt")).expect("removed");
    assert_eq!(mount.seen("src/a.txt"), None);
    // What is ignored is nobody else's.
    fs::create_dir_all(mount.path("target/debug")).expect("made");
    fs::write(mount.path("target/debug/out"), "binary").expect("written");
    fs::write(mount.path("src/x.log"), "log").expect("written");
    assert_eq!((mount.seen("target/debug/out"), mount.seen("src/x.log")), (None, None));
    let names = |path: &str| {
        let mut names: Vec<_> = fs::read_dir(mount.path(path))
            .expect("listed")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("utf-8"))
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(""), [".git", ".gitignore", "src", "target"]);
    assert_eq!(names("src"), ["link", "moved", "x.log"]);
    let turn = mount.session.commit(CommitTurn { message: None }, None).expect("committed");
    let tree = mount.repo.git(&["ls-tree", "-r", "--name-only", &turn.commit.expect("a commit").to_hex()]);
    assert_eq!(tree.lines().collect::<Vec<_>>(), [".gitignore", "src/link", "src/moved/b.txt"]);
}

#[test]
fn what_other_doors_write_is_seen_in_the_folder_at_once() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[("a.txt", "one\n"), ("d/e/f.txt", "f\n")]);
    let read = |path: &str| fs::read_to_string(mount.path(path)).ok();
    let mut open = fs::File::open(mount.path("a.txt")).expect("opened");
    for round in 0..20 {
        let before = fs::metadata(mount.path("a.txt")).expect("there").modified().expect("a time");
        std::thread::sleep(Duration::from_millis(8));
        let text = format!("{round}\n").repeat(round + 1);
        write(&mount, "a.txt", &text);
        assert_eq!(read("a.txt"), Some(text.clone()));
        assert!(fs::metadata(mount.path("a.txt")).expect("there").modified().expect("a time") > before);
        let mut same = String::new();
        open.seek(SeekFrom::Start(0)).expect("sought");
        open.read_to_string(&mut same).expect("read");
        assert_eq!(same, text);
        // A name that meant nothing, and one that no longer means something.
        let name = format!("d/new{round}/g.txt");
        assert_eq!(read(&name), None);
        write(&mount, &name, "g");
        assert_eq!(read(&name), Some("g".to_owned()));
        assert_eq!(fs::read_dir(mount.path("d")).expect("listed").count(), 2);
        mount.session.delete(&at(&format!("d/new{round}")), None).expect("deleted");
        assert_eq!(read(&name), None);
        assert_eq!(fs::read_dir(mount.path("d")).expect("listed").count(), 1);
    }
    let edit = StringEdit { old: "f".into(), new: "edited".into(), all: false };
    mount.session.edit(&at("d/e/f.txt"), &[edit], None).expect("edited");
    assert_eq!(read("d/e/f.txt").as_deref(), Some("edited\n"));
}

#[test]
fn a_session_that_moves_onto_what_landed_shows_it() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[("a.txt", "a\n"), ("b.txt", "b\n"), ("gone.txt", "gone\n")]);
    let inode = fs::metadata(mount.path("a.txt")).expect("there").ino();
    for name in ["a.txt", "b.txt", "gone.txt"] {
        fs::read(mount.path(name)).expect("read");
    }
    let other = open_session(&mount.engine, "bob");
    for (path, text) in [("b.txt", "b2\n"), ("c.txt", "c\n")] {
        let content = acetate_types::Text(text.into());
        other.write(WriteFile { path: at(path), content, mode: None, expect: None }).expect("written");
    }
    other.delete(&at("gone.txt"), None).expect("deleted");
    other.submit(Submit::default(), None).expect("landed");
    fs::write(mount.path("a.txt"), "mine\n").expect("written");
    assert_eq!(fs::metadata(mount.path("a.txt")).expect("there").ino(), inode);
    let landed = mount.session.submit(Submit::default(), None).expect("submitted");
    assert!(matches!(landed.outcome, SubmissionOutcome::Landed { .. }), "{landed:?}");
    let read = |path: &str| fs::read_to_string(mount.path(path)).ok();
    assert_eq!(
        [read("a.txt"), read("b.txt"), read("c.txt"), read("gone.txt")].map(Option::unwrap_or_default),
        ["mine\n", "b2\n", "c\n", ""]
    );
}

#[test]
fn times_and_scratch_outlive_a_mount() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[("a.txt", "a\n"), ("b.txt", "b\n"), (".gitignore", "out/\n")]);
    let times =
        |mount: &Mount| ["a.txt", "b.txt", "out/x"].map(|name| fs::metadata(mount.path(name)).expect("there").modified().expect("a time"));
    fs::write(mount.path("a.txt"), "a2\n").expect("written");
    fs::create_dir(mount.path("out")).expect("made");
    fs::write(mount.path("out/x"), "x").expect("written");
    let before = times(&mount);
    assert!(before[0] > before[1] && before[2] >= before[0]);
    let numbers = |mount: &Mount| ["a.txt", "b.txt", "out", "out/x"].map(|name| fs::metadata(mount.path(name)).expect("there").ino());
    let known = numbers(&mount);
    unmount(&mount.folder, false).expect("unmounted");
    assert!(mount.mounted.wait(Duration::from_secs(10)));
    let again = serve(&mount.engine, &mount.session, &mount.folder, &mount.scratch);
    assert_eq!(times(&mount), before);
    // Numbers follow from names: what the kernel has forgotten has the same when it is looked up again.
    assert_eq!(numbers(&mount), known);
    unmount(&mount.folder, false).expect("unmounted");
    assert!(again.wait(Duration::from_secs(10)));
    // What was edited meanwhile counts as changed when it is mounted again, never as older than what was built from it.
    std::thread::sleep(Duration::from_millis(8));
    write(&mount, "b.txt", "b2\n");
    let again = serve(&mount.engine, &mount.session, &mount.folder, &mount.scratch);
    assert!(times(&mount)[1] > before[2]);
    unmount(&mount.folder, true).expect("unmounted");
    again.wait(Duration::from_secs(10));
}

fn names(mount: &Mount, path: &str) -> Vec<String> {
    let entries = fs::read_dir(mount.path(path)).expect("listed");
    let mut names: Vec<_> = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("utf-8")).collect();
    names.sort();
    names
}

#[test]
fn ignored_files_make_way_for_what_other_doors_write() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[("a.txt", "a\n"), (".gitignore", "out/\n")]);
    fs::create_dir(mount.path("out")).expect("made");
    for name in ["out/x", "out/y", "out/z"] {
        fs::write(mount.path(name), "old").expect("written");
    }
    write(&mount, "out/x", "new");
    assert_eq!(fs::read_to_string(mount.path("out/x")).expect("read"), "new");
    fs::remove_file(mount.path("out/x")).expect("removed");
    assert_eq!(names(&mount, "out"), ["y", "z"]);
    // Nor do those come back that were written over while nothing was mounted.
    unmount(&mount.folder, false).expect("unmounted");
    assert!(mount.mounted.wait(Duration::from_secs(10)));
    write(&mount, "out/y", "new");
    let again = serve(&mount.engine, &mount.session, &mount.folder, &mount.scratch);
    mount.session.delete(&at("out/y"), None).expect("deleted");
    assert_eq!(names(&mount, "out"), ["z"]);
    // A folder with files of both kinds under a name that is not ignored: all are the session's.
    write(&mount, "out/y", "new");
    fs::rename(mount.path("out"), mount.path("kept")).expect("moved");
    assert_eq!([mount.seen("kept/y"), mount.seen("kept/z")].map(Option::unwrap_or_default), ["new", "old"]);
    assert_eq!(names(&mount, "kept"), ["y", "z"]);
    unmount(&mount.folder, true).expect("unmounted");
    again.wait(Duration::from_secs(10));
}

#[test]
fn what_a_folder_holds_that_was_replaced_is_seen() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[("a.txt", "a\n"), ("d/e/f.txt", "f\n"), ("d/g.txt", "g\n")]);
    assert_eq!((names(&mount, "d"), names(&mount, "d/e")), (vec!["e".into(), "g.txt".into()], vec!["f.txt".into()]));
    assert!(!mount.path("d/e/h.txt").exists());
    // In one step, so that the folder is one before and after it.
    let put = |path: &str| BatchEdit::Write { path: at(path), content: acetate_types::Text("h".into()), mode: None, expect: None };
    let edits = vec![BatchEdit::Delete { path: at("d") }, put("d/e/h.txt")];
    mount.session.batch(&Batch { edits }).expect("edited");
    assert_eq!((names(&mount, "d"), names(&mount, "d/e")), (vec!["e".to_owned()], vec!["h.txt".to_owned()]));
    assert!(!mount.path("d/g.txt").exists() && !mount.path("d/e/f.txt").exists());
    write(&mount, "d/g.txt", "g");
    write(&mount, "d/e/f.txt", "f");
    assert_eq!((names(&mount, "d"), names(&mount, "d/e")), (vec!["e".into(), "g.txt".into()], vec!["f.txt".into(), "h.txt".into()]));
    // A folder takes an empty one's place.
    fs::create_dir(mount.path("empty")).expect("made");
    assert!(!mount.path("empty/g.txt").exists() && names(&mount, "empty").is_empty());
    mount.session.rename(&acetate_engine::api::MoveFile { from: at("d"), to: at("empty"), replace: true }).expect("moved");
    assert_eq!(names(&mount, "empty"), ["e", "g.txt"]);
    assert!(mount.path("empty/g.txt").exists() && !mount.path("d").exists());
}
