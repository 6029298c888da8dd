//! What was shown to a session's agent, so that it is not told the same again, and which files it read, so that it hears when they change.
//!
//! An event counts as known from the next call on: whoever calls again has had the answer before. Nothing here is needed to be right: what
//! is forgotten is told a second time, and `watch` takes a number of its own.

use acetate_types::{RepoPath, SessionId};
use parking_lot::Mutex;
use std::collections::{BTreeSet, HashMap, VecDeque};

/// Most paths remembered as read of one session.
const READ: usize = 2_000;

/// What is remembered, for a bounded number of sessions; the oldest are forgotten first.
#[derive(Debug)]
pub(crate) struct Shown {
    most: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    of: HashMap<SessionId, Seen>,
    /// In the order in which they came.
    order: VecDeque<SessionId>,
}

#[derive(Debug, Default)]
struct Seen {
    event: u64,
    read: BTreeSet<RepoPath>,
}

impl Shown {
    pub(crate) fn new(most: usize) -> Self {
        Self { most: most.max(1), state: Mutex::default() }
    }

    /// The newest event that was shown.
    pub(crate) fn event(&self, session: &SessionId) -> Option<u64> {
        self.state.lock().of.get(session).map(|seen| seen.event).filter(|event| *event > 0)
    }

    /// Events up to this one were shown.
    pub(crate) fn show(&self, session: &SessionId, event: u64) {
        self.with(session, |seen| seen.event = seen.event.max(event));
    }

    /// These files were read.
    pub(crate) fn read<'a>(&self, session: &SessionId, paths: impl Iterator<Item = &'a RepoPath>) {
        self.with(session, |seen| {
            for path in paths {
                if seen.read.len() < READ {
                    seen.read.insert(path.clone());
                }
            }
        });
    }

    /// Which of these the session read.
    pub(crate) fn were_read(&self, session: &SessionId, paths: &[RepoPath]) -> Vec<RepoPath> {
        let state = self.state.lock();
        let Some(seen) = state.of.get(session) else { return Vec::new() };
        paths.iter().filter(|path| seen.read.contains(*path)).cloned().collect()
    }

    /// The session ended.
    pub(crate) fn forget(&self, session: &SessionId) {
        let mut state = self.state.lock();
        state.of.remove(session);
        state.order.retain(|known| known != session);
    }

    fn with(&self, session: &SessionId, change: impl FnOnce(&mut Seen)) {
        let mut state = self.state.lock();
        if !state.of.contains_key(session) {
            if state.order.len() >= self.most
                && let Some(oldest) = state.order.pop_front()
            {
                state.of.remove(&oldest);
            }
            state.order.push_back(session.clone());
        }
        change(state.of.entry(session.clone()).or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(byte: u8) -> SessionId {
        SessionId::from_random([byte; 10])
    }

    #[test]
    fn the_oldest_is_forgotten_first() {
        let shown = Shown::new(2);
        for byte in 1..=3 {
            shown.show(&id(byte), u64::from(byte));
        }
        assert_eq!([1, 2, 3].map(|byte| shown.event(&id(byte))), [None, Some(2), Some(3)]);
        shown.show(&id(2), 1);
        assert_eq!(shown.event(&id(2)), Some(2), "what was shown stays shown");
        shown.forget(&id(2));
        assert_eq!(shown.event(&id(2)), None);
    }

    #[test]
    fn only_what_was_read_is_reported() {
        let shown = Shown::new(2);
        let path = |text: &str| text.parse::<RepoPath>().expect("a path");
        shown.read(&id(1), [path("a"), path("b")].iter());
        assert_eq!(shown.were_read(&id(1), &[path("b"), path("c")]), [path("b")]);
        assert_eq!(shown.were_read(&id(2), &[path("b")]), []);
    }
}
