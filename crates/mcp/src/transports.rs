//! The client sessions of the older lifecycle over HTTP, bounded in number.
//!
//! They are the transport's and say nothing of who calls or of which session of Acetate a call is about.

use parking_lot::Mutex;
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::common::server_side_http::{ServerSseMessage, SessionId};
use rmcp::transport::streamable_http_server::session::SessionManager;
use rmcp::transport::streamable_http_server::session::local::{LocalSessionManager, LocalSessionManagerError};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio_stream::Stream;

/// How long a client may be silent before it is forgotten: clients do not all open a new session when theirs is gone, and a person may
/// think for hours.
const SILENT: Duration = Duration::from_secs(12 * 3600);
/// How long it must have been silent to be forgotten for another's sake.
const ROOM: Duration = Duration::from_secs(60);

/// At most so many client sessions.
#[derive(Debug)]
pub(crate) struct Transports {
    local: LocalSessionManager,
    most: usize,
    /// When each was used last. Never held over anything that waits.
    used: Mutex<HashMap<SessionId, Instant>>,
}

/// Why there is no client session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransportsError {
    /// As many as may be are open.
    #[error("{0} clients are connected already")]
    Full(usize),
    /// What rmcp says.
    #[error(transparent)]
    Local(#[from] LocalSessionManagerError),
}

impl Transports {
    pub(crate) fn new(most: usize) -> Self {
        let mut local = LocalSessionManager::default();
        local.session_config.keep_alive = Some(SILENT);
        Self { local, most, used: Mutex::default() }
    }

    /// The client session was used now.
    fn touch(&self, id: &SessionId) {
        self.used.lock().insert(id.clone(), Instant::now());
    }

    /// The one that was silent the longest, if it was silent long enough to make room.
    fn most_silent(&self) -> Option<SessionId> {
        let used = self.used.lock();
        let (id, at) = used.iter().min_by_key(|(_, at)| **at)?;
        (at.elapsed() > ROOM).then(|| id.clone())
    }
}

impl SessionManager for Transports {
    type Error = TransportsError;
    type Transport = <LocalSessionManager as SessionManager>::Transport;

    async fn create_session(&self) -> Result<(SessionId, Self::Transport), Self::Error> {
        // Two at once may both pass; the bound is against growing without end.
        if self.local.sessions.read().await.len() >= self.most {
            let silent = self.most_silent().ok_or(TransportsError::Full(self.most))?;
            self.close_session(&silent).await?;
        }
        let made = self.local.create_session().await?;
        self.touch(&made.0);
        Ok(made)
    }

    async fn initialize_session(&self, id: &SessionId, message: ClientJsonRpcMessage) -> Result<ServerJsonRpcMessage, Self::Error> {
        Ok(self.local.initialize_session(id, message).await?)
    }

    async fn has_session(&self, id: &SessionId) -> Result<bool, Self::Error> {
        Ok(self.local.has_session(id).await?)
    }

    async fn close_session(&self, id: &SessionId) -> Result<(), Self::Error> {
        self.used.lock().remove(id);
        Ok(self.local.close_session(id).await?)
    }

    async fn create_stream(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        self.touch(id);
        Ok(self.local.create_stream(id, message).await?)
    }

    async fn accept_message(&self, id: &SessionId, message: ClientJsonRpcMessage) -> Result<(), Self::Error> {
        self.touch(id);
        Ok(self.local.accept_message(id, message).await?)
    }

    async fn create_standalone_stream(
        &self,
        id: &SessionId,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        self.touch(id);
        Ok(self.local.create_standalone_stream(id).await?)
    }

    async fn resume(
        &self,
        id: &SessionId,
        last_event_id: String,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        self.touch(id);
        Ok(self.local.resume(id, last_event_id).await?)
    }
}
