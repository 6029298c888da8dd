//! Contents from the session into the folder, by several connections at once.

use super::shown::Entry;
use crate::client::{Client, Failure, Request, encode_path};
use acetate_engine::api::{FileContent, ReadFile, ReadMany};
use acetate_git::CheckedOut;
use acetate_mount::{CheckoutError, Folder, Recorded, Stamp};
use acetate_types::{FileMode, RepoPath};
use bytes::Bytes;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Most files asked for in one call.
const TOGETHER: usize = 256;
/// Longest line of a streamed answer: a file of 256 MiB in base64, with room.
const LINE: usize = 512 << 20;

/// A file that is to be written, over what has this stamp.
pub struct Wanted {
    pub path: RepoPath,
    pub entry: Entry,
    pub over: Option<Stamp>,
    /// The content, where it is known.
    pub content: Option<Bytes>,
}

/// A checkout whose files can be cloned instead of being asked for.
pub struct Origin {
    root: PathBuf,
    files: HashMap<Vec<u8>, CheckedOut>,
    /// Whether the file system has turned out to clone files, as far as is known.
    clones: AtomicBool,
}

impl Origin {
    /// What a checkout has unchanged, as its index says.
    pub fn of(git_dir: &Path, format: acetate_types::ObjectFormat) -> Option<Self> {
        let root = git_dir.parent().filter(|_| git_dir.file_name().is_some_and(|name| name == ".git"))?;
        let files = acetate_git::read_index(&git_dir.join("index"), format).ok()?;
        let files = files.into_iter().map(|file| (file.path.clone(), file)).collect();
        Some(Self { root: root.to_owned(), files, clones: AtomicBool::new(true) })
    }

    fn put(&self, folder: &Folder, wanted: &Wanted) -> Option<Stamp> {
        if wanted.over.is_some() || wanted.entry.mode == FileMode::Symlink || !self.clones.load(Ordering::Relaxed) {
            return None;
        }
        let known =
            self.files.get(wanted.path.as_bytes()).filter(|known| known.id == wanted.entry.id && known.mode == wanted.entry.mode)?;
        let file = File::open(self.root.join(OsStr::from_bytes(wanted.path.as_bytes()))).ok()?;
        // The index may call a file unchanged whose bytes are not the blob's: filters and line ends come between.
        let mut content = Vec::new();
        let read = file.metadata().is_ok_and(|meta| known.is(&meta)) && (&file).read_to_end(&mut content).is_ok();
        if !read || acetate_git::blob_id(known.id.format(), &content) != known.id {
            return None;
        }
        match folder.put_clone(&wanted.path, wanted.entry.mode, &file) {
            Ok(stamp) => stamp,
            Err(_) => {
                self.clones.store(false, Ordering::Relaxed);
                None
            }
        }
    }
}

/// What came of writing.
#[derive(Default)]
pub struct Fetched {
    pub written: Vec<(RepoPath, Recorded)>,
    pub failed: Vec<(RepoPath, String)>,
    /// How many of them share their blocks with the checkout's.
    pub cloned: usize,
}

/// Writes all files; those that can't be written are named.
///
/// # Errors
/// When the daemon does not answer.
pub fn fetch(client: &Client, address: &str, folder: &Folder, wanted: Vec<Wanted>, origin: Option<&Origin>) -> Result<Fetched, Failure> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8).min(wanted.len().div_ceil(TOGETHER)).max(1);
    let queue = Mutex::new(wanted);
    let part = || {
        let mut fetching = Fetching { client: client.another()?, address, folder, origin, fetched: Fetched::default() };
        loop {
            let mut part = {
                let mut queue = queue.lock();
                let rest = queue.len().saturating_sub(TOGETHER);
                queue.split_off(rest)
            };
            if part.is_empty() {
                return Ok(fetching.fetched);
            }
            // The names of a folder one after the other.
            part.sort_by(|one, other| one.path.cmp(&other.path));
            fetching.write(part)?;
        }
    };
    let parts: Vec<Result<Fetched, Failure>> = std::thread::scope(|scope| {
        let parts: Vec<_> = (0..threads).map(|_| scope.spawn(part)).collect();
        parts.into_iter().map(|part| part.join().unwrap_or_else(|_| Err(Failure::unexpected("a thread ended early")))).collect()
    });
    let mut all = Fetched::default();
    for part in parts {
        let part = part?;
        all.written.extend(part.written);
        all.failed.extend(part.failed);
        all.cloned += part.cloned;
    }
    Ok(all)
}

struct Fetching<'a> {
    client: Client,
    address: &'a str,
    folder: &'a Folder,
    origin: Option<&'a Origin>,
    fetched: Fetched,
}

impl Fetching<'_> {
    fn write(&mut self, wanted: Vec<Wanted>) -> Result<(), Failure> {
        let mut asked = HashMap::new();
        for wanted in wanted {
            if wanted.entry.mode == FileMode::Submodule {
                self.put(&wanted, wanted.entry, b"");
            } else if let Some(content) = &wanted.content {
                self.put(&wanted, wanted.entry, content);
            } else if let Some(stamp) = self.origin.and_then(|origin| origin.put(self.folder, &wanted)) {
                self.fetched.cloned += 1;
                let recorded = Recorded { mode: wanted.entry.mode, id: wanted.entry.id, stamp: Some(stamp) };
                self.fetched.written.push((wanted.path, recorded));
            } else {
                asked.insert(wanted.path.clone(), wanted);
            }
        }
        if asked.is_empty() {
            return Ok(());
        }
        let mut paths: Vec<RepoPath> = asked.keys().cloned().collect();
        paths.sort();
        let request = Request::post(format!("{}/read", self.address), &ReadMany { paths, globs: Vec::new(), at: None })?;
        let Self { client, address, folder, fetched, .. } = self;
        let mut alone = Vec::new();
        client.stream(request)?.lines(LINE, |line| {
            let file: ReadFile = serde_json::from_slice(line).map_err(|error| Failure::unexpected(error.to_string()))?;
            match file {
                ReadFile::File(FileContent { path, mode, etag, content }) => {
                    let Some(wanted) = asked.remove(&path) else { return Ok(()) };
                    let id = etag.parse().map_err(|_| Failure::unexpected("a revision is no object's id"))?;
                    put(folder, fetched, &wanted, Entry { mode, id }, &content.0);
                }
                ReadFile::Error { path, code, .. } if code == "answer_too_large" => alone.push(path),
                ReadFile::Error { path, message, .. } => fetched.failed.push((path, message)),
            }
            Ok(())
        })?;
        for path in alone {
            let Some(wanted) = asked.remove(&path) else { continue };
            let content = client.ask(Request::get(format!("{address}/files/{}", encode_path(&path))))?.body;
            let id = acetate_git::blob_id(wanted.entry.id.format(), &content);
            put(folder, fetched, &wanted, Entry { mode: wanted.entry.mode, id }, &content);
        }
        Ok(())
    }

    fn put(&mut self, wanted: &Wanted, entry: Entry, content: &[u8]) {
        put(self.folder, &mut self.fetched, wanted, entry, content);
    }
}

fn put(folder: &Folder, fetched: &mut Fetched, wanted: &Wanted, entry: Entry, content: &[u8]) {
    match folder.put(&wanted.path, entry.mode, content, wanted.over) {
        Ok(stamp) => fetched.written.push((wanted.path.clone(), Recorded { mode: entry.mode, id: entry.id, stamp })),
        Err(error @ (CheckoutError::Changed | CheckoutError::InTheWay)) => fetched.failed.push((wanted.path.clone(), error.to_string())),
        Err(error) => fetched.failed.push((wanted.path.clone(), format!("it can't be written: {error}"))),
    }
}
