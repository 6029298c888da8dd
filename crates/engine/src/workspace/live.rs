//! Who edits which path right now: the source of overlap notices. Hints only; never a lock.

use acetate_types::{RepoPath, SessionId};

/// Sessions by path they have changed and not landed. Bounded by the sessions' own quotas.
#[derive(Default)]
pub(crate) struct LiveEdits {
    paths: papaya::HashMap<RepoPath, Vec<SessionId>>,
}

impl LiveEdits {
    /// Notes that a session edits a path; gives the others that do, if the session is new to the path.
    pub(crate) fn enter(&self, path: &RepoPath, session: &SessionId) -> Vec<SessionId> {
        let paths = self.paths.pin();
        if let Some(sessions) = paths.get(path)
            && sessions.contains(session)
        {
            return Vec::new();
        }
        let now = paths.update_or_insert_with(
            path.clone(),
            |sessions| {
                let mut sessions = sessions.clone();
                if !sessions.contains(session) {
                    sessions.push(session.clone());
                }
                sessions
            },
            || vec![session.clone()],
        );
        now.iter().filter(|other| *other != session).cloned().collect()
    }

    /// The sessions that edit a path.
    pub(crate) fn editors(&self, path: &RepoPath) -> Vec<SessionId> {
        self.paths.pin().get(path).cloned().unwrap_or_default()
    }

    /// Forgets a session's paths.
    pub(crate) fn leave<'a>(&self, paths: impl IntoIterator<Item = &'a RepoPath>, session: &SessionId) {
        let map = self.paths.pin();
        for path in paths {
            map.compute(path.clone(), |entry| match entry {
                None => papaya::Operation::Abort(()),
                Some((_, sessions)) if sessions.iter().all(|other| other == session) => papaya::Operation::Remove,
                Some((_, sessions)) => papaya::Operation::Insert(sessions.iter().filter(|other| *other != session).cloned().collect()),
            });
        }
    }
}
