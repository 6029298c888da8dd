//! The same calls in a mounted session and in a plain folder come to the same: contents, kinds, error numbers.

use crate::common::{Mount, at, possible};
use acetate_engine::api::WriteFile;
use proptest::prelude::*;
use rustix::fs::{Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

#[derive(Debug, Clone)]
enum Step {
    Write {
        name: usize,
        at: u64,
        text: Vec<u8>,
        flags: OFlags,
    },
    Truncate {
        name: usize,
        size: u64,
    },
    MakeDir {
        name: usize,
    },
    Unlink {
        name: usize,
    },
    RemoveDir {
        name: usize,
    },
    Rename {
        from: usize,
        to: usize,
        flags: RenameFlags,
    },
    Link {
        name: usize,
        target: usize,
    },
    Mode {
        name: usize,
        executable: bool,
    },
    Map {
        name: usize,
        text: Vec<u8>,
    },
    List {
        name: usize,
    },
    /// Another door writes a whole file, or deletes one.
    Elsewhere {
        name: usize,
        text: Option<Vec<u8>>,
    },
}

/// Few names, so that they meet: of the base, new ones, ignored ones.
const NAMES: [&str; 14] =
    ["a.txt", "d", "d/b.txt", "d/e", "d/e/c.txt", "new", "new/f", "d/new", "out", "out/g", "out/sub", "d/x.o", "x.o", "new/y.o"];
const BASE: [(&str, &str); 4] = [("a.txt", "alpha\n"), ("d/b.txt", "beta\n"), ("d/e/c.txt", "gamma\n"), (".gitignore", "out/\n*.o\n")];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let name = 0..NAMES.len();
    let text = proptest::collection::vec(any::<u8>(), 0..40);
    let flags = prop_oneof![
        4 => Just(OFlags::CREATE),
        2 => Just(OFlags::empty()),
        2 => Just(OFlags::CREATE | OFlags::TRUNC),
        1 => Just(OFlags::CREATE | OFlags::EXCL),
        1 => Just(OFlags::APPEND | OFlags::CREATE),
    ];
    let rename = prop_oneof![5 => Just(RenameFlags::empty()), 1 => Just(RenameFlags::NOREPLACE)];
    let step = prop_oneof![
        6 => (name.clone(), 0..60u64, text.clone(), flags).prop_map(|(name, at, text, flags)| Step::Write { name, at, text, flags }),
        1 => (name.clone(), 0..80u64).prop_map(|(name, size)| Step::Truncate { name, size }),
        3 => name.clone().prop_map(|name| Step::MakeDir { name }),
        2 => name.clone().prop_map(|name| Step::Unlink { name }),
        2 => name.clone().prop_map(|name| Step::RemoveDir { name }),
        5 => (name.clone(), name.clone(), rename).prop_map(|(from, to, flags)| Step::Rename { from, to, flags }),
        1 => (name.clone(), name.clone()).prop_map(|(name, target)| Step::Link { name, target }),
        1 => (name.clone(), any::<bool>()).prop_map(|(name, executable)| Step::Mode { name, executable }),
        1 => (name.clone(), text).prop_map(|(name, text)| Step::Map { name, text }),
        1 => name.clone().prop_map(|name| Step::List { name }),
        3 => (0..8usize, proptest::option::weighted(0.7, proptest::collection::vec(any::<u8>(), 0..40)))
            .prop_map(|(name, text)| Step::Elsewhere { name, text }),
    ];
    proptest::collection::vec(step, 1..40)
}

fn number(error: &std::io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}

/// What another door does comes to the same in a plain folder, where it went well.
fn elsewhere(mount: &Mount, plain: &Path, name: usize, text: Option<&Vec<u8>>) {
    let path = at(NAMES[name]);
    let file = plain.join(NAMES[name]);
    match text {
        Some(text) => {
            let content = acetate_types::Text(text.clone().into());
            let through = WriteFile { path, content, mode: Some(acetate_types::FileMode::Regular), expect: None };
            // What is above may be a link or an ignored file here, which the session does not know.
            let above = file.ancestors().skip(1).take_while(|above| *above != plain);
            let odd = above.into_iter().any(|above| fs::symlink_metadata(above).is_ok_and(|meta| !meta.is_dir()));
            if odd || file.is_dir() || mount.session.write(through).is_err() {
                return;
            }
            fs::create_dir_all(file.parent().expect("below")).expect("made");
            let _ = fs::remove_file(&file);
            fs::write(&file, text).expect("written");
        }
        None => {
            if mount.session.read(&path).is_ok() && mount.session.delete(&path, None).is_ok() {
                fs::remove_file(&file).expect("removed");
            }
        }
    }
}

fn run(root: &Path, step: &Step) -> Result<Vec<u8>, Errno> {
    let at = |name: usize| root.join(NAMES[name]);
    let io = |error: std::io::Error| number(&error);
    match step {
        Step::Write { name, at: place, text, flags } => {
            let file = rustix::fs::open(at(*name), OFlags::RDWR | OFlags::NOFOLLOW | *flags, Mode::from_raw_mode(0o644))?;
            rustix::io::pwrite(&file, text, *place)?;
            let mut read = vec![0; 200];
            let count = rustix::io::pread(&file, &mut read, 0)?;
            read.truncate(count);
            Ok(read)
        }
        Step::Truncate { name, size } => {
            let file = rustix::fs::open(at(*name), OFlags::WRONLY | OFlags::NOFOLLOW, Mode::empty())?;
            rustix::fs::ftruncate(&file, *size)?;
            Ok(rustix::fs::fstat(&file)?.st_size.to_string().into_bytes())
        }
        Step::MakeDir { name } => fs::create_dir(at(*name)).map(|()| Vec::new()).map_err(io),
        Step::Unlink { name } => rustix::fs::unlink(at(*name)).map(|()| Vec::new()),
        Step::RemoveDir { name } => rustix::fs::rmdir(at(*name)).map(|()| Vec::new()),
        Step::Rename { from, to, flags } => {
            rustix::fs::renameat_with(rustix::fs::CWD, at(*from), rustix::fs::CWD, at(*to), *flags).map(|()| Vec::new())
        }
        Step::Link { name, target } => rustix::fs::symlink(NAMES[*target], at(*name)).map(|()| Vec::new()),
        Step::Mode { name, executable } => {
            if fs::symlink_metadata(at(*name)).map_err(io)?.is_symlink() {
                return Ok(Vec::new());
            }
            let mode = if *executable { 0o755 } else { 0o644 };
            if fs::symlink_metadata(at(*name)).map_err(io)?.is_dir() {
                return Ok(Vec::new());
            }
            fs::set_permissions(at(*name), fs::Permissions::from_mode(mode)).map(|()| Vec::new()).map_err(io)
        }
        Step::Map { name, text } => {
            let file = rustix::fs::open(at(*name), OFlags::RDWR | OFlags::NOFOLLOW, Mode::empty())?;
            let size = usize::try_from(rustix::fs::fstat(&file)?.st_size).expect("small");
            if size == 0 || text.is_empty() {
                return Ok(Vec::new());
            }
            map(&file, size, text)?;
            Ok(Vec::new())
        }
        Step::Elsewhere { .. } => Ok(Vec::new()),
        Step::List { name } => {
            let mut names: Vec<_> = fs::read_dir(at(*name)).map_err(io)?.map(|entry| entry.expect("an entry").file_name()).collect();
            names.sort();
            Ok(names.iter().flat_map(|name| name.as_encoded_bytes().to_vec()).collect())
        }
    }
}

/// Stores through a shared mapping.
fn map(file: &impl std::os::fd::AsFd, size: usize, text: &[u8]) -> Result<(), Errno> {
    use rustix::mm::{MapFlags, MsyncFlags, ProtFlags};
    let both = ProtFlags::READ | ProtFlags::WRITE;
    // SAFETY: the mapping is new, is only used here, and nobody cuts the file meanwhile.
    unsafe {
        let place = rustix::mm::mmap(std::ptr::null_mut(), size, both, MapFlags::SHARED, file, 0)?;
        let count = size.min(text.len());
        std::ptr::copy_nonoverlapping(text.as_ptr(), place.cast(), count);
        rustix::mm::msync(place, size, MsyncFlags::SYNC)?;
        rustix::mm::munmap(place, size)?;
    }
    Ok(())
}

/// Everything below a folder, as it is seen.
fn whole(root: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("listed") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
            if name == ".git" {
                continue;
            }
            let meta = fs::symlink_metadata(&path).expect("there");
            let shown = if meta.is_dir() {
                folders.push(path);
                "a directory".to_owned()
            } else if meta.is_symlink() {
                format!("to {}", fs::read_link(&path).expect("read").display())
            } else {
                format!("{:o} {} {:?}", meta.mode(), meta.len(), fs::read(&path).expect("read"))
            };
            found.insert(name, shown);
        }
    }
    found
}

fn check(steps: &[Step]) {
    let mount = Mount::new(&BASE);
    let plain = mount.repo.beside("plain");
    for (name, text) in BASE {
        let path = plain.join(name);
        fs::create_dir_all(path.parent().expect("below")).expect("made");
        fs::write(path, text).expect("written");
    }
    for (at, step) in steps.iter().enumerate() {
        if let Step::Elsewhere { name, text } = step {
            elsewhere(&mount, &plain, *name, text.as_ref());
            assert_eq!(whole(&mount.folder), whole(&plain), "step {at}, {step:?}");
            continue;
        }
        let ours = run(&mount.folder, step);
        let theirs = run(&plain, step);
        assert_eq!(ours, theirs, "step {at}, {step:?}");
    }
    let expect = whole(&plain);
    assert_eq!(whole(&mount.folder), expect);
    // The other doors see the same of what is not ignored, and nothing of what is.
    for (name, shown) in &expect {
        let ignored = name.starts_with("out/") || name.split('/').any(|part| part.ends_with(".o"));
        if let Some(text) = mount.seen(name) {
            let path = plain.join(name);
            if fs::symlink_metadata(&path).expect("there").is_file() {
                assert_eq!(text, String::from_utf8_lossy(&fs::read(path).expect("read")), "{name}");
            }
        } else {
            assert!(ignored || shown == "a directory", "{name}: {shown}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_same_calls_come_to_the_same(steps in steps()) {
        if possible() {
            check(&steps);
        }
    }
}
