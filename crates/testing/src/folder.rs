//! Calls of a file system, made at random in any folder: what one answers in a plain folder is what it has to answer elsewhere.

use proptest::prelude::*;
use rustix::fs::{Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

/// One call, or the few that belong together; paths are below the folder.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the calls' own arguments")]
pub enum Call {
    /// Opens with these flags, writes there, reads all.
    Write { path: &'static str, at: u64, text: Vec<u8>, flags: OFlags },
    /// Cuts or lengthens.
    Truncate { path: &'static str, size: u64 },
    /// mkdir(2).
    MakeDir { path: &'static str },
    /// unlink(2).
    Unlink { path: &'static str },
    /// rmdir(2).
    RemoveDir { path: &'static str },
    /// renameat2(2).
    Rename { from: &'static str, to: &'static str, flags: RenameFlags },
    /// symlink(2).
    Link { path: &'static str, target: &'static str },
    /// Makes a file executable or not.
    Mode { path: &'static str, executable: bool },
    /// Stores through a shared mapping, then msync(2).
    Map { path: &'static str, text: Vec<u8> },
    /// The names of a directory.
    List { path: &'static str },
}

/// Calls at these paths: few, so that they meet.
pub fn calls(paths: &'static [&'static str]) -> impl Strategy<Value = Call> {
    let path = proptest::sample::select(paths);
    let text = proptest::collection::vec(any::<u8>(), 0..40);
    let flags = prop_oneof![
        4 => Just(OFlags::CREATE),
        2 => Just(OFlags::empty()),
        2 => Just(OFlags::CREATE | OFlags::TRUNC),
        1 => Just(OFlags::CREATE | OFlags::EXCL),
        1 => Just(OFlags::APPEND | OFlags::CREATE),
    ];
    let rename = prop_oneof![5 => Just(RenameFlags::empty()), 1 => Just(RenameFlags::NOREPLACE)];
    prop_oneof![
        6 => (path.clone(), 0..60u64, text.clone(), flags).prop_map(|(path, at, text, flags)| Call::Write { path, at, text, flags }),
        1 => (path.clone(), 0..80u64).prop_map(|(path, size)| Call::Truncate { path, size }),
        3 => path.clone().prop_map(|path| Call::MakeDir { path }),
        2 => path.clone().prop_map(|path| Call::Unlink { path }),
        2 => path.clone().prop_map(|path| Call::RemoveDir { path }),
        5 => (path.clone(), path.clone(), rename).prop_map(|(from, to, flags)| Call::Rename { from, to, flags }),
        1 => (path.clone(), path.clone()).prop_map(|(path, target)| Call::Link { path, target }),
        1 => (path.clone(), any::<bool>()).prop_map(|(path, executable)| Call::Mode { path, executable }),
        1 => (path.clone(), text).prop_map(|(path, text)| Call::Map { path, text }),
        1 => path.prop_map(|path| Call::List { path }),
    ]
}

fn number(error: &std::io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}

impl Call {
    /// Makes the call in a folder; gives what it answers.
    ///
    /// # Errors
    /// The kernel's number.
    pub fn run(&self, root: &Path) -> Result<Vec<u8>, Errno> {
        let at = |path: &str| root.join(path);
        let io = |error: std::io::Error| number(&error);
        match self {
            Self::Write { path, at: place, text, flags } => {
                let file = rustix::fs::open(at(path), OFlags::RDWR | OFlags::NOFOLLOW | *flags, Mode::from_raw_mode(0o644))?;
                rustix::io::pwrite(&file, text, *place)?;
                let mut read = vec![0; 200];
                let count = rustix::io::pread(&file, &mut read, 0)?;
                read.truncate(count);
                Ok(read)
            }
            Self::Truncate { path, size } => {
                let file = rustix::fs::open(at(path), OFlags::WRONLY | OFlags::NOFOLLOW, Mode::empty())?;
                rustix::fs::ftruncate(&file, *size)?;
                Ok(rustix::fs::fstat(&file)?.st_size.to_string().into_bytes())
            }
            Self::MakeDir { path } => fs::create_dir(at(path)).map(|()| Vec::new()).map_err(io),
            Self::Unlink { path } => rustix::fs::unlink(at(path)).map(|()| Vec::new()),
            Self::RemoveDir { path } => rustix::fs::rmdir(at(path)).map(|()| Vec::new()),
            Self::Rename { from, to, flags } => {
                rustix::fs::renameat_with(rustix::fs::CWD, at(from), rustix::fs::CWD, at(to), *flags).map(|()| Vec::new())
            }
            Self::Link { path, target } => rustix::fs::symlink(*target, at(path)).map(|()| Vec::new()),
            Self::Mode { path, executable } => {
                let meta = fs::symlink_metadata(at(path)).map_err(io)?;
                if !meta.is_file() {
                    return Ok(Vec::new());
                }
                let mode = if *executable { 0o755 } else { 0o644 };
                fs::set_permissions(at(path), fs::Permissions::from_mode(mode)).map(|()| Vec::new()).map_err(io)
            }
            Self::Map { path, text } => {
                let file = rustix::fs::open(at(path), OFlags::RDWR | OFlags::NOFOLLOW, Mode::empty())?;
                let size = usize::try_from(rustix::fs::fstat(&file)?.st_size).unwrap_or(usize::MAX);
                if size == 0 || text.is_empty() {
                    return Ok(Vec::new());
                }
                map(&file, size, text)?;
                Ok(Vec::new())
            }
            Self::List { path } => {
                let mut names: Vec<_> = fs::read_dir(at(path))
                    .map_err(io)?
                    .map(|entry| entry.map(|entry| entry.file_name()).map_err(io))
                    .collect::<Result<_, _>>()?;
                names.sort();
                Ok(names.iter().flat_map(|name| name.as_encoded_bytes().to_vec()).collect())
            }
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

/// Something below a folder, as it is seen.
#[derive(Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "what they say")]
pub enum Seen {
    /// A directory.
    Directory,
    /// A link.
    Link { target: String },
    /// A file; the size is the one that is shown.
    File { mode: u32, size: u64, content: Vec<u8> },
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Directory => write!(f, "a directory"),
            Self::Link { target } => write!(f, "to {target}"),
            Self::File { mode, size, content } => write!(f, "{mode:o} {size} {:?}", String::from_utf8_lossy(content)),
        }
    }
}

/// Everything below a folder but Git's own, by path.
pub fn whole(root: &Path) -> BTreeMap<String, Seen> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            if name == ".git" {
                continue;
            }
            let meta = fs::symlink_metadata(&path).unwrap();
            let seen = if meta.is_dir() {
                folders.push(path);
                Seen::Directory
            } else if meta.is_symlink() {
                Seen::Link { target: fs::read_link(&path).unwrap().to_string_lossy().into_owned() }
            } else {
                Seen::File { mode: meta.mode(), size: meta.len(), content: fs::read(&path).unwrap() }
            };
            found.insert(name, seen);
        }
    }
    found
}
