//! What the session shows: every path with its mode and the id of its content.

use crate::client::{Client, Failure, Request, encode_path};
use acetate_engine::api::{FileList, FileType};
use acetate_types::{FileMode, ObjectFormat, ObjectId, RepoPath};
use bytes::Bytes;
use std::collections::{BTreeMap, HashMap};

/// Most entries asked for at once.
const PAGE: usize = 20_000;

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
        for (path, mode, id) in list(client, address, None)? {
            let id = match id {
                Some(id) => id,
                None => {
                    let content = client.ask(Request::get(format!("{address}/files/{}", encode_path(&path))))?.body;
                    let id = acetate_git::blob_id(format, &content);
                    shown.contents.insert(path.clone(), content);
                    id
                }
            };
            shown.files.insert(path, Entry { mode, id });
        }
        Ok(shown)
    }
}
