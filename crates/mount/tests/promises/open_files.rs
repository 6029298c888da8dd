//! Files that are open while their names change, are replaced, or become another kind.

use crate::common::{Mount, at, possible};
use acetate_engine::api::WriteFile;
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

fn write(mount: &Mount, path: &str, text: &str) {
    let content = acetate_types::Text(text.to_owned().into());
    mount.session.write(WriteFile { path: at(path), content, mode: None, expect: None }).expect("written");
}

fn open(mount: &Mount, name: &str) -> File {
    OpenOptions::new().read(true).write(true).open(mount.path(name)).expect("opened")
}

fn read(file: &File) -> String {
    let mut text = vec![0; 1000];
    let count = file.read_at(&mut text, 0).expect("read");
    String::from_utf8_lossy(&text[..count]).into_owned()
}

#[test]
fn what_is_appended_comes_behind_what_other_doors_wrote() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[("a", "1\n")]);
    let mut append = OpenOptions::new().append(true).open(mount.path("a")).expect("opened");
    for text in ["1\n2\n3\n", "", "x\n"] {
        write(&mount, "a", text);
        append.write_all(b"4\n").expect("appended");
        let expect = format!("{text}4\n");
        assert_eq!(mount.seen("a").as_deref(), Some(&*expect));
        assert_eq!(fs::read_to_string(mount.path("a")).expect("read"), expect);
    }
}

#[test]
fn what_is_open_stays_what_it_was() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[("a", "a"), ("b", "b"), ("c", "c"), ("d/e", "e"), (".gitignore", "*.log\nout/\n")]);
    // Deleted by another door, and there again.
    let a = open(&mount, "a");
    mount.session.delete(&at("a"), None).expect("deleted");
    assert!(!mount.path("a").exists());
    write(&mount, "a", "new");
    assert_eq!((fs::read_to_string(mount.path("a")).expect("read"), read(&a)), ("new".to_owned(), "a".to_owned()));
    a.write_all_at(b"old", 0).expect("written");
    assert_eq!((mount.seen("a").as_deref(), &*read(&a)), (Some("new"), "old"));
    // Renamed to an ignored name, and deleted there.
    let b = open(&mount, "b");
    fs::rename(mount.path("b"), mount.path("b.log")).expect("renamed");
    assert_eq!(fs::read_to_string(mount.path("b.log")).expect("read"), "b");
    b.write_all_at(b"B", 0).expect("written");
    assert_eq!((fs::read_to_string(mount.path("b.log")).expect("read"), mount.seen("b")), ("B".to_owned(), None));
    fs::remove_file(mount.path("b.log")).expect("removed");
    assert_eq!(read(&b), "B");
    // In a folder that becomes an ignored one.
    let e = open(&mount, "d/e");
    fs::rename(mount.path("d"), mount.path("out")).expect("renamed");
    e.write_all_at(b"E", 0).expect("written");
    assert_eq!((fs::read_to_string(mount.path("out/e")).expect("read"), read(&e)), ("E".to_owned(), "E".to_owned()));
    // A rename that fails changes nothing of what is open under the name it did not take.
    fs::write(mount.path("s.log"), "s").expect("written");
    let (c, s) = (open(&mount, "c"), open(&mount, "s.log"));
    assert!(fs::rename(mount.path("s.log"), mount.path("c")).is_err());
    c.write_all_at(b"C", 0).expect("written");
    assert_eq!((mount.seen("c").as_deref(), &*read(&s)), (Some("C"), "s"));
    // Scratch files without a name, of which one of several descriptors was closed.
    drop(open(&mount, "s.log"));
    fs::remove_file(mount.path("s.log")).expect("removed");
    s.set_len(0).expect("cut");
    assert_eq!(s.metadata().expect("there").len(), 0);
    assert_eq!(mount.repo.fsck(), "");
}

#[test]
fn replacing_a_file_is_atomic() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[("f", ""), (".gitignore", "out/\n")]);
    fs::create_dir(mount.path("out")).expect("made");
    for folder in ["", "out/"] {
        let (file, aside) = (mount.path(&format!("{folder}f")), mount.path(&format!("{folder}t")));
        let text = |number: u32| format!("{number:04} ").repeat(1_000 + number as usize % 7 * 500);
        fs::write(&file, text(0)).expect("written");
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut count = 0;
                    while !done.load(Ordering::Relaxed) {
                        let mut read = String::new();
                        File::open(&file).expect("opened").read_to_string(&mut read).expect("read");
                        let number = read.get(..4).and_then(|number| number.parse().ok()).unwrap_or(9_999);
                        assert!(read == text(number), "{folder}: a torn read of {} bytes", read.len());
                        count += 1;
                    }
                    assert!(count > 0);
                });
            }
            let until = Instant::now() + Duration::from_secs(1);
            let mut number = 0;
            while Instant::now() < until {
                number = (number + 1) % 9_000;
                fs::write(&aside, text(number)).expect("written");
                fs::rename(&aside, &file).expect("renamed");
            }
            done.store(true, Ordering::Relaxed);
        });
    }
}

#[test]
fn what_is_no_longer_ignored_becomes_the_sessions() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[("pkg/a", "a"), (".gitignore", "*.log\nout/\n")]);
    fs::write(mount.path("s.log"), "s").expect("written");
    fs::create_dir(mount.path("pkg/out")).expect("made");
    fs::write(mount.path("pkg/out/x"), "x").expect("written");
    // Another door takes the folder; what is made in it afterwards is not ignored because of what is left.
    mount.session.delete(&at("pkg"), None).expect("deleted");
    fs::write(mount.path("pkg/new"), "new").expect("written");
    assert_eq!(mount.seen("pkg/new").as_deref(), Some("new"));
    fs::write(mount.path(".gitignore"), "out/\n").expect("written");
    mount.session.commit(acetate_engine::api::CommitTurn { message: None }, None).expect("committed");
    assert_eq!((mount.seen("s.log").as_deref(), mount.seen("pkg/out/x")), (Some("s"), None));
    assert_eq!(fs::read_to_string(mount.path("s.log")).expect("read"), "s");
}
