//! Where the content of a path comes from: the commits that changed it, and the one that each of its lines is from, with the agent, session
//! and turn that landed them. The walks are Git's.

use super::Workspace;
use crate::api::{BlameInfo, BlameLines, HistoryOf, PathCommit, PathHistory, Timestamp};
use crate::store::page;
use crate::{EngineError, api};
use acetate_types::{EntryKind, ErrorKind, ObjectId, Objects as _, RepoPath};
use std::collections::HashMap;
use std::time::Duration;

/// How long a walk may take.
const TIME: Duration = Duration::from_secs(120);

impl Workspace {
    pub(super) fn path_history(&self, path: &RepoPath, asked: &HistoryOf) -> Result<PathHistory, EngineError> {
        self.access.need(api::Right::Read)?;
        let (limit, skip) = (page(asked.limit, 100, 1000)?, asked.skip.unwrap_or(0));
        let Some(from) = self.point(asked.at.as_deref())?.commit else {
            return Ok(PathHistory { path: path.clone(), commits: Vec::new(), next: None });
        };
        let mut found = self.store.repo.path_log(&from, path, skip, limit + 1, TIME)?;
        let next = (found.len() > limit).then_some(skip + limit);
        found.truncate(limit);
        let commits = found.iter().map(|id| self.path_commit(id)).collect::<Result<_, _>>()?;
        Ok(PathHistory { path: path.clone(), commits, next })
    }

    pub(super) fn path_blame(&self, path: &RepoPath, at: Option<&str>) -> Result<BlameInfo, EngineError> {
        self.access.need(api::Right::Read)?;
        let missing = || EngineError::not_found("path_not_found", format!("there is no file {path} at this point"));
        let point = self.point(at)?;
        let commit = point.commit.ok_or_else(missing)?;
        let entry = self.store.repo.entry_at(&point.tree, path)?.ok_or_else(missing)?;
        if !matches!(entry.kind, EntryKind::File(mode) if mode.is_file()) {
            return Err(EngineError::invalid("not_a_file", format!("{path} is no file with lines")));
        }
        let size = self.store.repo.blob_size(&entry.id)?;
        if size > 16 << 20 {
            return Err(EngineError::new(ErrorKind::Limit, "file_too_large", format!("{path} has {size} bytes, over 16 MiB")));
        }
        let mut known: HashMap<ObjectId, PathCommit> = HashMap::new();
        let mut lines = Vec::new();
        for run in self.store.repo.blame(&commit, path, TIME)? {
            let from = match known.get(&run.commit) {
                Some(from) => from.clone(),
                None => {
                    let from = self.path_commit(&run.commit)?;
                    known.insert(run.commit, from.clone());
                    from
                }
            };
            lines.push(BlameLines { start: run.start, lines: run.lines, from });
        }
        Ok(BlameInfo { path: path.clone(), commit, lines })
    }

    fn path_commit(&self, id: &ObjectId) -> Result<PathCommit, EngineError> {
        let commit = self.store.repo.commit(id)?;
        let trailer = |key: &[u8]| {
            let found = commit.trailers().filter(|trailer| trailer.key.eq_ignore_ascii_case(key)).last()?;
            Some(String::from_utf8_lossy(&found.value).into_owned())
        };
        Ok(PathCommit {
            commit: *id,
            version: self.state.version_of(&self.store, id)?,
            agent: trailer(b"Acetate-Agent"),
            session: super::history::session_of(&commit),
            turn: trailer(b"Acetate-Turn").and_then(|turn| turn.parse().ok()),
            author: format!("{} <{}>", String::from_utf8_lossy(&commit.author.name), String::from_utf8_lossy(&commit.author.email)),
            message: String::from_utf8_lossy(commit.subject()).into_owned(),
            at: Timestamp(commit.committer.seconds.saturating_mul(1000)),
        })
    }
}
