//! Peers' outcomes kept beside the cases, so that measuring Acetate alone again takes seconds.
//!
//! `peers.jsonl` has a line for each outcome, keyed by tool, its version and the case; texts stand in a folder per tool and version.

use super::clock::Took;
use super::outcome::{Outcome, Status};
use super::peers::Peer;
use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    tool: String,
    version: String,
    id: String,
    status: Status,
    took: Took,
}

/// The outcomes kept in a folder of cases.
#[derive(Debug)]
pub struct Kept {
    folder: PathBuf,
    known: HashMap<(String, String, String), (Status, Took)>,
    file: Mutex<std::fs::File>,
}

impl Kept {
    /// Opens what is kept, or begins anew.
    ///
    /// # Errors
    /// When it can't be read or written.
    pub fn open(folder: &Path, fresh: bool) -> Result<Self> {
        let path = folder.join("peers.jsonl");
        let mut known = HashMap::new();
        if !fresh && path.exists() {
            for line in BufReader::new(std::fs::File::open(&path)?).lines() {
                // A run that was cut off can leave half a line; a later one has the case again.
                if let Ok(line) = serde_json::from_str::<Line>(&line?) {
                    known.insert((line.tool, line.version, line.id), (line.status, line.took));
                }
            }
        }
        let file = std::fs::File::options().create(true).append(true).open(&path).with_context(|| path.display().to_string())?;
        Ok(Self { folder: folder.to_owned(), known, file: Mutex::new(file) })
    }

    /// The outcome of a peer for a case, if it is kept.
    pub fn get(&self, peer: &Peer, id: &str) -> Option<Outcome> {
        let (status, took) = *self.known.get(&(peer.name.to_owned(), peer.version.clone(), id.to_owned()))?;
        let text = match status {
            Status::Clean | Status::Conflict => std::fs::read(self.text(peer, id)).ok()?.into(),
            Status::Failed | Status::TimedOut => bytes::Bytes::new(),
        };
        Some(Outcome { status, text, took })
    }

    /// Keeps one.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn put(&self, peer: &Peer, id: &str, outcome: &Outcome) -> Result<()> {
        let text = self.text(peer, id);
        std::fs::create_dir_all(text.parent().context("a text's folder")?)?;
        std::fs::write(text, &outcome.text)?;
        let (tool, version) = (peer.name.to_owned(), peer.version.clone());
        let line = Line { tool, version, id: id.to_owned(), status: outcome.status, took: outcome.took };
        let mut line = serde_json::to_vec(&line)?;
        line.push(b'\n');
        let mut file = self.file.lock().map_err(|_| anyhow::anyhow!("another thread broke off"))?;
        Ok(file.write_all(&line)?)
    }

    fn text(&self, peer: &Peer, id: &str) -> PathBuf {
        self.folder.join("peers").join(format!("{}-{}", peer.name, peer.version)).join(id)
    }
}
