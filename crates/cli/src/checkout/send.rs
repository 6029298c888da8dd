//! Contents from the folder into the session: by the calls that every door makes, each only if the session has what it had when it was
//! looked at.

use super::shown::Entry;
use crate::client::{Client, Failure, Request, encode_path};
use acetate_engine::api::{Batch, BatchEdit};
use acetate_mount::{Folder, Recorded};
use acetate_types::{ErrorKind, FileMode, ObjectFormat, RepoPath, Text};
use bytes::Bytes;
use std::collections::BTreeMap;

/// Most edits, and about how many bytes of contents, in one batch.
const EDITS: usize = 500;
const BYTES: usize = 4 << 20;

/// What came of it.
#[derive(Default)]
pub struct Sent {
    /// What both have now; `None` for what both have no more.
    pub done: Vec<(RepoPath, Option<Recorded>)>,
    pub failed: Vec<(RepoPath, String)>,
}

struct Write {
    path: RepoPath,
    recorded: Recorded,
    content: Bytes,
    expect: String,
}

/// Carries paths; deletions first, so that files can take the places of directories and the other way round.
///
/// # Errors
/// When the daemon does not answer.
pub fn send(
    client: &mut Client,
    address: &str,
    folder: &Folder,
    paths: &BTreeMap<RepoPath, Option<Entry>>,
    format: ObjectFormat,
) -> Result<Sent, Failure> {
    let (mut sent, mut kept) = (Sent::default(), Vec::new());
    for (path, entry) in paths {
        let there = folder.look(path).map_err(|error| Failure::file(folder.root(), &error))?;
        let (Some((Some(mode), Some(stamp))), None | Some(_)) = (there, entry) else {
            if let Some(entry) = entry {
                let request = Request::delete(format!("{address}/files/{}", encode_path(path)));
                match client.ask(request.header("if-match", format!("\"{}\"", entry.id))) {
                    Ok(_) => sent.done.push((path.clone(), None)),
                    Err(failure) => sent.failed.push((path.clone(), said(failure)?)),
                }
            }
            continue;
        };
        kept.push((path, mode, stamp, entry));
    }
    let (mut together, mut bytes) = (Vec::new(), 0);
    for (path, mode, stamp, entry) in kept {
        let content = match folder.read(path, mode) {
            Ok(content) => Bytes::from(content),
            // It went since; the next time finds it gone.
            Err(error) => {
                sent.failed.push((path.clone(), error.to_string()));
                continue;
            }
        };
        let recorded = Recorded { mode, id: acetate_git::blob_id(format, &content), stamp: Some(stamp) };
        let expect = entry.map_or_else(String::new, |entry| entry.id.to_hex());
        let write = Write { path: path.clone(), recorded, content, expect };
        if write.content.len() > BYTES {
            sent.one(client, address, write)?;
            continue;
        }
        bytes += write.content.len();
        together.push(write);
        if bytes >= BYTES || together.len() >= EDITS {
            sent.all(client, address, std::mem::take(&mut together))?;
            bytes = 0;
        }
    }
    sent.all(client, address, together)?;
    Ok(sent)
}

impl Sent {
    /// A batch; where it is refused, one after the other.
    fn all(&mut self, client: &mut Client, address: &str, writes: Vec<Write>) -> Result<(), Failure> {
        if writes.is_empty() {
            return Ok(());
        }
        let edits = writes.iter().map(|write| BatchEdit::Write {
            path: write.path.clone(),
            content: Text(write.content.clone()),
            mode: Some(write.recorded.mode),
            expect: Some(write.expect.clone()),
        });
        let asked = client.ask(Request::post(format!("{address}/batch"), &Batch { edits: edits.collect() })?);
        match asked.map(drop).map_err(said) {
            Ok(()) => self.done.extend(writes.into_iter().map(|write| (write.path, Some(write.recorded)))),
            Err(refused) => {
                refused?;
                for write in writes {
                    self.one(client, address, write)?;
                }
            }
        }
        Ok(())
    }

    fn one(&mut self, client: &mut Client, address: &str, write: Write) -> Result<(), Failure> {
        let mode: FileMode = write.recorded.mode;
        let request =
            Request::put(format!("{address}/files/{}", encode_path(&write.path)), write.content).header("acetate-mode", mode.as_str());
        let request = match write.expect.as_str() {
            "" => request.header("if-none-match", "*"),
            expect => request.header("if-match", format!("\"{expect}\"")),
        };
        match client.ask(request) {
            Ok(_) => self.done.push((write.path, Some(write.recorded))),
            Err(failure) => self.failed.push((write.path, said(failure)?)),
        }
        Ok(())
    }
}

/// Why one path was refused; what stops everything stays an error.
fn said(failure: Failure) -> Result<String, Failure> {
    match failure {
        Failure::Problem(problem)
            if matches!(
                problem.kind,
                ErrorKind::Stale | ErrorKind::Conflict | ErrorKind::Invalid | ErrorKind::Limit | ErrorKind::NotFound
            ) && !problem.code.starts_with("session_") =>
        {
            Ok(problem.message)
        }
        failure => Err(failure),
    }
}
