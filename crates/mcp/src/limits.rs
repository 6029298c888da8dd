//! The bounds of this door.

use std::time::Duration;

/// Bounds of what a client can make grow here; the engine's own apply too.
#[derive(Debug, Clone)]
pub struct McpLimits {
    /// Largest message from a client, in bytes.
    pub message_bytes: usize,
    /// Most characters of a file, a search or a difference in one result; further ones come page by page.
    pub page_chars: usize,
    /// Most calls into the engine at a time; more wait.
    pub calls: usize,
    /// Most calls of `watch` that wait at a time.
    pub watchers: usize,
    /// How long `submit` and `watch` wait before they answer. Clients give up near 60 s.
    pub wait: Duration,
    /// Most submissions whose outcome is kept for a later question.
    pub pending: usize,
    /// Most sessions of which is remembered what was shown.
    pub remembered: usize,
    /// Most client sessions of the older lifecycle over HTTP at a time.
    pub transports: usize,
}

impl Default for McpLimits {
    /// 4 MiB, 40,000 characters, 256 calls, 128 watchers, 25 s, 1,000 submissions, 20,000 sessions, 2,000 client sessions.
    fn default() -> Self {
        Self {
            message_bytes: 4 << 20,
            page_chars: 40_000,
            calls: 256,
            watchers: 128,
            wait: Duration::from_secs(25),
            pending: 1_000,
            remembered: 20_000,
            transports: 2_000,
        }
    }
}
