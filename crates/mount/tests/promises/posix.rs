//! Calls one by one, in the style of pjdfstest: each comes to the same in a folder of the session, in an ignored one, and in a plain one.

use crate::common::{Mount, possible};
use rustix::fs::{AtFlags, CWD, FileType, FlockOperation, Mode, OFlags, RenameFlags, SeekFrom, Timespec, Timestamps};
use rustix::io::Errno;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::Path;

type Case = (&'static str, fn(&Path) -> String);

fn said<T: std::fmt::Debug>(result: Result<T, Errno>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(error) => format!("{error:?}"),
    }
}

fn open(path: &Path, flags: OFlags) -> Result<std::fs::File, Errno> {
    rustix::fs::open(path, flags | OFlags::CLOEXEC, Mode::from_raw_mode(0o644)).map(std::fs::File::from)
}

fn file(path: &Path, text: &str) {
    fs::write(path, text).expect("written");
}

fn kind(path: &Path) -> String {
    said(rustix::fs::lstat(path).map(|stat| (FileType::from_raw_mode(stat.st_mode), stat.st_size, stat.st_mode & 0o7777)))
}

fn small(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| error.kind().to_string())
}

const CASES: &[Case] = &[
    ("mkdir where something is", |at| {
        file(&at.join("f"), "");
        fs::create_dir(at.join("d")).expect("made");
        [at.join("f"), at.join("d"), at.join("f/x"), at.join("no/x")]
            .map(|path| said(rustix::fs::mkdir(&path, Mode::from_raw_mode(0o755))))
            .join(" ")
    }),
    ("rmdir", |at| {
        file(&at.join("f"), "");
        fs::create_dir_all(at.join("d/e")).expect("made");
        ["f", "d", "d/e", "d", "no", "d/e/.."].map(|name| said(rustix::fs::rmdir(at.join(name)))).join(" ")
    }),
    ("unlink", |at| {
        file(&at.join("f"), "");
        fs::create_dir(at.join("d")).expect("made");
        ["d", "f", "f", "f/x", "no/x"].map(|name| said(rustix::fs::unlink(at.join(name)))).join(" ")
    }),
    ("open flags", |at| {
        file(&at.join("f"), "text");
        fs::create_dir(at.join("d")).expect("made");
        std::os::unix::fs::symlink("f", at.join("l")).expect("linked");
        std::os::unix::fs::symlink("gone", at.join("dangling")).expect("linked");
        std::os::unix::fs::symlink("loop", at.join("loop")).expect("linked");
        let tries = [
            ("f", OFlags::CREATE | OFlags::EXCL | OFlags::RDWR),
            ("l", OFlags::NOFOLLOW),
            ("l", OFlags::CREATE | OFlags::EXCL | OFlags::RDWR),
            ("dangling", OFlags::RDONLY),
            ("loop", OFlags::RDONLY),
            ("f", OFlags::DIRECTORY),
            ("d", OFlags::RDWR),
            ("d", OFlags::RDONLY),
            ("f/", OFlags::RDONLY),
            ("no", OFlags::RDWR),
            ("no/x", OFlags::CREATE | OFlags::RDWR),
            ("l", OFlags::TRUNC | OFlags::RDWR),
        ];
        let mut answers: Vec<String> = tries.iter().map(|(name, flags)| said(open(&at.join(name), *flags).map(drop))).collect();
        answers.push(kind(&at.join("f")));
        answers.join(" ")
    }),
    ("names that are too long", |at| {
        let (most, over) = (at.join("n".repeat(255)), at.join("n".repeat(256)));
        let mut answers =
            vec![said(open(&most, OFlags::CREATE | OFlags::RDWR).map(drop)), said(open(&over, OFlags::CREATE | OFlags::RDWR).map(drop))];
        answers.push(said(rustix::fs::mkdir(&over, Mode::from_raw_mode(0o755))));
        answers.push(said(rustix::fs::rename(&most, &over)));
        answers.push(said(rustix::fs::lstat(&over).map(drop)));
        answers.join(" ")
    }),
    ("odd names", |at| {
        let names: [&[u8]; 6] = [b"new\nline", b"\xff\xfe", b"sp ace", b"-n", "ü".as_bytes(), b"tab\t"];
        for name in names {
            file(&at.join(std::ffi::OsStr::from_bytes(name)), "odd");
        }
        let mut found: Vec<_> = fs::read_dir(at).expect("listed").map(|entry| entry.expect("an entry").file_name()).collect();
        found.sort();
        format!("{found:?}")
    }),
    ("rename", |at| {
        file(&at.join("f"), "f");
        file(&at.join("g"), "g");
        fs::create_dir_all(at.join("d/sub")).expect("made");
        fs::create_dir(at.join("e")).expect("made");
        file(&at.join("d/sub/x"), "x");
        let tries = [
            ("f", "d"),
            ("d", "f"),
            ("d", "d/sub/y"),
            ("d", "d"),
            ("f", "f"),
            ("e", "d"),
            ("no", "f"),
            ("f", "no/x"),
            ("d", "e"),
            ("f", "g"),
            ("g/", "h"),
        ];
        let mut answers: Vec<String> = tries.iter().map(|(from, to)| said(rustix::fs::rename(at.join(from), at.join(to)))).collect();
        answers.extend([small(&at.join("g")), small(&at.join("e/sub/x")), kind(&at.join("d"))]);
        answers.join(" ")
    }),
    ("renameat2", |at| {
        file(&at.join("f"), "f");
        file(&at.join("g"), "g");
        let rename = |from: &str, to: &str, flags| said(rustix::fs::renameat_with(CWD, at.join(from), CWD, at.join(to), flags));
        let mut answers = vec![
            rename("f", "g", RenameFlags::NOREPLACE),
            rename("f", "h", RenameFlags::NOREPLACE),
            rename("h", "g", RenameFlags::EXCHANGE),
            rename("h", "no", RenameFlags::EXCHANGE),
        ];
        answers.extend([small(&at.join("g")), small(&at.join("h"))]);
        answers.join(" ")
    }),
    ("folders that change places", |at| {
        for (name, other) in [("a", "b"), ("b", "a")] {
            fs::create_dir_all(at.join(name).join("sub/out")).expect("made");
            file(&at.join(name).join("sub/f"), name);
            file(&at.join(name).join("sub/out/x"), other);
        }
        fs::create_dir_all(at.join("b/out")).expect("made");
        file(&at.join("b/out/y"), "y");
        file(&at.join("f"), "f");
        let open_file = open(&at.join("a/sub/out/x"), OFlags::RDWR).expect("opened");
        let exchange = |from: &str, to: &str| said(rustix::fs::renameat_with(CWD, at.join(from), CWD, at.join(to), RenameFlags::EXCHANGE));
        let mut answers = vec![exchange("a", "b"), exchange("a/out", "a/sub/out"), exchange("b", "f"), exchange("f", "f/sub")];
        open_file.write_all_at(b"!", 0).expect("written");
        let mut names = Vec::new();
        let mut folders = vec![at.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("listed") {
                let path = entry.expect("an entry").path();
                names.push(format!("{} {}", path.strip_prefix(at).expect("below").display(), small(&path)));
                if path.is_dir() {
                    folders.push(path);
                }
            }
        }
        names.sort();
        answers.extend(names);
        answers.join("; ")
    }),
    ("modes", |at| {
        file(&at.join("f"), "#!/bin/sh\nexit 3\n");
        fs::create_dir(at.join("d")).expect("made");
        let mut answers = Vec::new();
        for mode in [0o755, 0o600, 0o444, 0o700, 0o644] {
            fs::set_permissions(at.join("f"), fs::Permissions::from_mode(mode)).expect("set");
            answers.push(kind(&at.join("f")));
        }
        fs::set_permissions(at.join("d"), fs::Permissions::from_mode(0o700)).expect("set");
        answers.push(said(rustix::fs::lstat(at.join("d")).map(|stat| stat.st_mode & 0o7777)));
        fs::set_permissions(at.join("f"), fs::Permissions::from_mode(0o755)).expect("set");
        answers.push(format!("{:?}", std::process::Command::new(at.join("f")).status().expect("it runs").code()));
        answers.join(" ")
    }),
    ("modes at making", |at| {
        drop(rustix::fs::open(at.join("f"), OFlags::CREATE | OFlags::RDWR, Mode::from_raw_mode(0o700)));
        drop(rustix::fs::open(at.join("g"), OFlags::CREATE | OFlags::RDWR, Mode::from_raw_mode(0o400)));
        rustix::fs::mkdir(at.join("d"), Mode::from_raw_mode(0o711)).expect("made");
        ["f", "g", "d"].map(|name| said(rustix::fs::lstat(at.join(name)).map(|stat| stat.st_mode & 0o7777))).join(" ")
    }),
    ("times", |at| {
        file(&at.join("f"), "f");
        let time = |seconds| Timespec { tv_sec: seconds, tv_nsec: 123_456_789 };
        let times = Timestamps { last_access: time(1_000_000_000), last_modification: time(1_234_567_890) };
        rustix::fs::utimensat(CWD, at.join("f"), &times, AtFlags::empty()).expect("set");
        let first = said(rustix::fs::lstat(at.join("f")).map(|stat| (stat.st_mtime, stat.st_mtime_nsec)));
        let before = fs::metadata(at).expect("there").modified().expect("a time");
        std::thread::sleep(std::time::Duration::from_millis(10));
        file(&at.join("g"), "");
        let after = fs::metadata(at).expect("there").modified().expect("a time");
        let read = fs::metadata(at.join("f")).expect("there").modified().expect("a time");
        std::thread::sleep(std::time::Duration::from_millis(10));
        file(&at.join("f"), "f");
        let written = fs::metadata(at.join("f")).expect("there").modified().expect("a time");
        format!("{first} {} {}", after > before, written > read)
    }),
    ("sizes and holes", |at| {
        let file = open(&at.join("f"), OFlags::CREATE | OFlags::RDWR).expect("opened");
        file.write_all_at(b"end", 100_000).expect("written");
        let mut text = vec![1; 10];
        file.read_exact_at(&mut text, 50_000).expect("read");
        file.set_len(5).expect("cut");
        file.set_len(10).expect("lengthened");
        let mut answers = vec![format!("{text:?}"), kind(&at.join("f"))];
        answers.push(said(rustix::fs::seek(&file, SeekFrom::Data(10))));
        answers.push(said(rustix::fs::seek(&file, SeekFrom::Hole(20))));
        answers.push(said(rustix::fs::ftruncate(open(&at.join("f"), OFlags::RDONLY).expect("opened"), 3)));
        answers.push(said(rustix::io::write(open(&at.join("f"), OFlags::RDONLY).expect("opened"), b"x").map(drop)));
        answers.push(said(rustix::io::pread(&file, &mut [0; 4], 1_000)));
        answers.join(" ")
    }),
    ("append", |at| {
        file(&at.join("f"), "one\n");
        let append = open(&at.join("f"), OFlags::WRONLY | OFlags::APPEND).expect("opened");
        let other = open(&at.join("f"), OFlags::RDWR).expect("opened");
        rustix::io::write(&append, b"two\n").expect("written");
        other.write_all_at(b"ONE", 0).expect("written");
        rustix::io::write(&append, b"three\n").expect("written");
        small(&at.join("f"))
    }),
    ("without a name", |at| {
        file(&at.join("f"), "text");
        let open_file = open(&at.join("f"), OFlags::RDWR).expect("opened");
        rustix::fs::unlink(at.join("f")).expect("removed");
        open_file.write_all_at(b"TEXT and more", 0).expect("written");
        file(&at.join("f"), "new");
        let mut text = vec![0; 20];
        let count = open_file.read_at(&mut text, 0).expect("read");
        let meta = open_file.metadata().expect("there");
        format!("{:?} {} {} {}", String::from_utf8_lossy(&text[..count]), meta.len(), meta.nlink(), small(&at.join("f")))
    }),
    ("set without a name", |at| {
        let time = |seconds| Timespec { tv_sec: seconds, tv_nsec: 123_456_789 };
        let set = |modified| Timestamps { last_access: time(1_000_000_000), last_modification: time(modified) };
        let shown = |file: &fs::File| {
            let meta = file.metadata().expect("there");
            let modified = (meta.mtime() < 1_300_000_000).then(|| (meta.mtime(), meta.mtime_nsec()));
            format!("{:o} {} {} {modified:?}", meta.mode(), meta.len(), meta.nlink())
        };
        let mut answers = Vec::new();
        for gone in [true, false] {
            file(&at.join("f"), "text");
            fs::set_permissions(at.join("f"), fs::Permissions::from_mode(0o750)).expect("set");
            rustix::fs::utimensat(CWD, at.join("f"), &set(1_234_567_890), AtFlags::empty()).expect("set");
            let open_file = open(&at.join("f"), OFlags::RDWR).expect("opened");
            if gone {
                fs::remove_file(at.join("f")).expect("removed");
            } else {
                file(&at.join("g"), "other");
                fs::rename(at.join("g"), at.join("f")).expect("replaced");
            }
            answers.push(shown(&open_file));
            answers.push(said(rustix::fs::fchmod(&open_file, Mode::from_raw_mode(0o640))));
            answers.push(said(rustix::fs::futimens(&open_file, &set(1_111_111_111))));
            answers.push(shown(&open_file));
            open_file.set_len(2).expect("cut");
            answers.push(shown(&open_file));
            rustix::fs::futimens(&open_file, &set(1_222_222_222)).expect("set");
            open_file.write_all_at(b"more", 2).expect("written");
            answers.push(shown(&open_file));
        }
        answers.join("; ")
    }),
    ("open for writing, and read-only by then", |at| {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR;
        let open_file = fs::File::from(rustix::fs::open(at.join("f"), flags, Mode::from_raw_mode(0o444)).expect("made"));
        open_file.write_all_at(b"written", 0).expect("written");
        let mut answers = vec![said(rustix::fs::ftruncate(&open_file, 4)), kind(&at.join("f"))];
        fs::remove_file(at.join("f")).expect("removed");
        answers.push(said(rustix::fs::ftruncate(&open_file, 2)));
        answers.join(" ")
    }),
    ("locks", |at| {
        file(&at.join("f"), "");
        let (one, other) = (open(&at.join("f"), OFlags::RDWR).expect("opened"), open(&at.join("f"), OFlags::RDWR).expect("opened"));
        let first = said(rustix::fs::flock(&one, FlockOperation::NonBlockingLockExclusive));
        let second = said(rustix::fs::flock(&other, FlockOperation::NonBlockingLockExclusive));
        drop(one);
        let third = said(rustix::fs::flock(&other, FlockOperation::NonBlockingLockExclusive));
        let range = said(rustix::fs::fcntl_lock(&other, FlockOperation::NonBlockingLockExclusive));
        format!("{first} {second} {third} {range}")
    }),
    ("links", |at| {
        file(&at.join("f"), "f");
        let long = "x".repeat(4_000);
        let mut answers = vec![
            said(rustix::fs::symlink(&long, at.join("long"))),
            said(rustix::fs::symlink("f", at.join("f"))),
            said(rustix::fs::symlink("f", at.join("no/x"))),
            said(rustix::fs::symlink("../../outside", at.join("out"))),
        ];
        answers.push(said(rustix::fs::readlink(at.join("long"), Vec::new()).map(|target| target.to_bytes().len())));
        answers.push(said(rustix::fs::readlink(at.join("f"), Vec::new()).map(drop)));
        answers.push(said(rustix::fs::readlink(at.join("out"), Vec::new())));
        answers.join(" ")
    }),
    ("pipes", |at| {
        let mut answers = vec![said(rustix::fs::mknodat(CWD, at.join("p"), FileType::Fifo, Mode::from_raw_mode(0o600), 0))];
        answers.push(said(rustix::fs::lstat(at.join("p")).map(|stat| FileType::from_raw_mode(stat.st_mode))));
        answers.push(said(rustix::fs::unlink(at.join("p"))));
        answers.push(said(
            std::os::unix::net::UnixListener::bind(at.join("s"))
                .map(drop)
                .map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO)),
        ));
        answers.join(" ")
    }),
    ("a directory that is gone", |at| {
        fs::create_dir(at.join("d")).expect("made");
        let dir = open(&at.join("d"), OFlags::DIRECTORY).expect("opened");
        rustix::fs::rmdir(at.join("d")).expect("removed");
        let made = rustix::fs::openat(&dir, "x", OFlags::CREATE | OFlags::RDWR, Mode::from_raw_mode(0o644));
        let names = rustix::fs::Dir::read_from(&dir)
            .map(|names| names.flatten().filter(|name| !name.file_name().to_bytes().starts_with(b".")).count());
        format!("{} {}", said(made.map(drop)), said(names))
    }),
    ("many names", |at| {
        for number in 0..2_000 {
            file(&at.join(format!("file-{number:05}")), "");
        }
        let mut seen: Vec<_> = fs::read_dir(at).expect("listed").map(|entry| entry.expect("an entry").file_name()).collect();
        seen.sort();
        for name in &seen {
            fs::remove_file(at.join(name)).expect("removed");
        }
        format!("{} {:?} {}", seen.len(), seen.last(), fs::read_dir(at).expect("listed").count())
    }),
];

#[test]
fn calls_come_to_the_same_as_in_a_plain_folder() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[("kept", ""), (".gitignore", "out/\n")]);
    fs::create_dir(mount.path("out")).expect("made");
    let plain = mount.repo.beside("plain");
    for (name, case) in CASES {
        let made = |root: &Path| {
            let folder = root.join("case");
            fs::create_dir_all(&folder).expect("made");
            let answer = case(&folder);
            fs::remove_dir_all(&folder).expect("removed");
            answer
        };
        let expect = made(&plain);
        assert_eq!(made(&mount.folder), expect, "{name}, in the session");
        assert_eq!(made(&mount.path("out")), expect, "{name}, ignored");
    }
    assert_eq!(mount.seen("case/f"), None);
}

#[test]
fn there_are_no_files_without_a_name_from_the_start() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[(".gitignore", "out/\n")]);
    fs::create_dir(mount.path("out")).expect("made");
    for name in ["", "out"] {
        let made = rustix::fs::open(mount.path(name), OFlags::TMPFILE | OFlags::RDWR, Mode::from_raw_mode(0o600));
        // Programs take that for "not here", and make a file with a name.
        assert_eq!(made.map(drop), Err(Errno::OPNOTSUPP), "{name}");
        let file = tempfile::tempfile_in(mount.path(name)).expect("made otherwise");
        file.write_all_at(b"text", 0).expect("written");
    }
}

#[test]
fn a_large_sparse_file_fits_in_the_scratch() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[(".gitignore", "out/\n")]);
    fs::create_dir(mount.path("out")).expect("made");
    let file = open(&mount.path("out/large"), OFlags::CREATE | OFlags::RDWR).expect("opened");
    file.write_all_at(b"end", 5 << 30).expect("written");
    let mut text = [0; 3];
    file.read_exact_at(&mut text, 5 << 30).expect("read");
    let meta = file.metadata().expect("there");
    assert_eq!((&text, meta.len()), (b"end", (5 << 30) + 3));
    assert!(meta.blocks() * 512 < 1 << 20);
    let space = rustix::fs::statvfs(&mount.folder).expect("answered");
    assert!(space.f_blocks > 0 && space.f_bavail > 0);
    // A tracked file has a bound, and says so.
    let tracked = open(&mount.path("tracked"), OFlags::CREATE | OFlags::RDWR).expect("opened");
    assert_eq!(tracked.write_all_at(b"end", 5 << 30).map_err(|error| Errno::from_io_error(&error)), Err(Some(Errno::FBIG)));
}
