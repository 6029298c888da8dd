//! Submissions that take longer than a client waits: they go on, and are asked for by an id.
//!
//! Kept for a bounded number, the oldest forgotten first, and for this process only; a submission that landed is on its branch whether or
//! not anybody asks.

use crate::outcome::Outcome;
use acetate_engine::EngineError;
use acetate_types::SessionId;
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::watch;

/// What became of a call, once it is known.
pub(crate) type Ended = Option<Result<Outcome, EngineError>>;

/// One call under way, or ended.
#[derive(Clone)]
pub(crate) struct Under {
    /// The session that it is of; who may see the session may ask.
    pub(crate) session: SessionId,
    /// When it began.
    pub(crate) began: SystemTime,
    ended: watch::Receiver<Ended>,
}

/// The calls that are under way or were.
pub(crate) struct Pending {
    most: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    of: HashMap<String, Under>,
    order: VecDeque<String>,
}

impl Pending {
    pub(crate) fn new(most: usize) -> Self {
        Self { most: most.max(1), state: Mutex::default() }
    }

    /// Remembers a call that has begun.
    pub(crate) fn begin(&self, id: String, session: SessionId, began: SystemTime) -> (watch::Sender<Ended>, Under) {
        let (tell, ended) = watch::channel(None);
        let under = Under { session, began, ended };
        let mut state = self.state.lock();
        if state.order.len() >= self.most
            && let Some(oldest) = state.order.pop_front()
        {
            state.of.remove(&oldest);
        }
        state.order.push_back(id.clone());
        state.of.insert(id, under.clone());
        (tell, under)
    }

    /// The call of this id.
    pub(crate) fn get(&self, id: &str) -> Option<Under> {
        self.state.lock().of.get(id).cloned()
    }

    /// Forgets a call that was answered.
    pub(crate) fn forget(&self, id: &str) {
        let mut state = self.state.lock();
        state.of.remove(id);
        state.order.retain(|known| known != id);
    }
}

impl Under {
    /// What became of it, waited for no longer than this.
    pub(crate) async fn wait(&mut self, most: Duration) -> Ended {
        let ended = tokio::time::timeout(most, self.ended.wait_for(Option::is_some)).await;
        match ended {
            Ok(Ok(ended)) => ended.clone(),
            // Its thread is gone without a word.
            Ok(Err(_)) => {
                Some(Err(EngineError::new(acetate_types::ErrorKind::Internal, "internal", "the call ended in a fault of the server")))
            }
            Err(_) => None,
        }
    }

    /// What became of it, as far as it is known now.
    pub(crate) fn now(&self) -> Ended {
        self.ended.borrow().clone()
    }
}

/// An id that nobody guesses.
pub(crate) fn new_id(random: &Arc<dyn acetate_engine::Random>) -> String {
    let mut bytes = [0; 10];
    random.fill(&mut bytes);
    // Only its letters are wanted: the alphabet of ids without their prefix.
    let id = SessionId::from_random(bytes);
    format!("p_{}", id.as_str().trim_start_matches("s_"))
}

/// A time as the protocol writes it.
pub(crate) fn when(at: SystemTime) -> String {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let stamp = acetate_engine::api::Timestamp(i64::try_from(since).unwrap_or(i64::MAX));
    serde_json::to_value(stamp).ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
}
