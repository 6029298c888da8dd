//! What the session shows: every path with its mode and the id of its content.

use crate::client::{Client, Failure, Request, encode_path};
use acetate_engine::api::{FileContent, FileList, FileType, ReadFile, ReadMany};
use acetate_types::{FileMode, ObjectFormat, ObjectId, RepoPath};
use bytes::Bytes;
use std::collections::{BTreeMap, HashMap};

/// Most entries asked for at once.
const PAGE: usize = 20_000;
/// Most files asked for in one call.
const TOGETHER: usize = 256;
/// Longest line of a streamed answer: a file of 256 MiB in base64, with room.
const LINE: usize = 512 << 20;

/// A file of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub mode: FileMode,
    pub id: ObjectId,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Shown {
    pub files: BTreeMap<RepoPath, Entry>,
    /// Contents that had to be read to know their ids.
    pub contents: HashMap<RepoPath, Bytes>,
}

/// Asks for all files below an address, page by page.
///
/// # Errors
/// Those of asking.
pub fn list(client: &mut Client, address: &str, at: Option<&str>) -> Result<Vec<(RepoPath, FileMode, Option<ObjectId>)>, Failure> {
    let (mut after, mut all) = (None::<RepoPath>, Vec::new());
    loop {
        let request = Request::get(format!("{address}/files")).maybe("at", at);
        let request = request.maybe("after", after.as_ref().map(|path| path.as_bytes())).query("limit", PAGE.to_string());
        let page: FileList = client.ask(request)?.parse()?;
        let files = page.files.into_iter().filter(|file| file.file_type != FileType::Directory);
        all.extend(files.filter_map(|file| Some((file.path, file.mode?, file.id))));
        after = page.next;
        if after.is_none() {
            return Ok(all);
        }
    }
}

impl Shown {
    /// Asks for what the session shows. Contents that are not in the object database yet are read.
    ///
    /// # Errors
    /// Those of asking.
    pub fn of(client: &mut Client, address: &str, format: ObjectFormat) -> Result<Self, Failure> {
        let mut shown = Self::default();
        let mut unknown = Vec::new();
        for (path, mode, id) in list(client, address, None)? {
            match id {
                Some(id) => drop(shown.files.insert(path, Entry { mode, id })),
                None => unknown.push((path, mode)),
            }
        }
        let modes: HashMap<RepoPath, FileMode> = unknown.iter().cloned().collect();
        let unknown: Vec<RepoPath> = unknown.into_iter().map(|(path, _)| path).collect();
        for paths in unknown.chunks(TOGETHER) {
            let request = Request::post(format!("{address}/read"), &ReadMany { paths: paths.to_vec(), globs: Vec::new(), at: None })?;
            let mut alone = Vec::new();
            client.stream(request)?.lines(LINE, |line| {
                match serde_json::from_slice(line).map_err(|error| Failure::unexpected(error.to_string()))? {
                    ReadFile::File(FileContent { path, mode, content, .. }) => shown.take(path, mode, content.0, format),
                    ReadFile::Error { path, code, .. } if code == "answer_too_large" => alone.push(path),
                    // It went since it was listed.
                    ReadFile::Error { .. } => {}
                }
                Ok(())
            })?;
            for path in alone {
                let content = client.ask(Request::get(format!("{address}/files/{}", encode_path(&path))))?.body;
                let mode = modes.get(&path).copied().unwrap_or(FileMode::Regular);
                shown.take(path, mode, content, format);
            }
        }
        Ok(shown)
    }

    fn take(&mut self, path: RepoPath, mode: FileMode, content: Bytes, format: ObjectFormat) {
        let id = acetate_git::blob_id(format, &content);
        self.files.insert(path.clone(), Entry { mode, id });
        self.contents.insert(path, content);
    }
}
