//! What the daemon's own process says of its work: on standard error, which a daemon started on demand has in its log.

use tracing_subscriber::EnvFilter;

/// Starts logging at the level that `ACETATE_LOG` names, else at this one.
pub fn start(default: &str) {
    let filter = EnvFilter::try_from_env("ACETATE_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    // Only a second start fails, and there is none.
    drop(tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).try_init());
}
