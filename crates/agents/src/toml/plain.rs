//! TOML read a second time, by the `toml` crate.

use crate::ConfigError;
use crate::layout::position;
use crate::plain::Plain;

/// What the text holds.
///
/// # Errors
/// [`ConfigError::Malformed`].
pub fn plain(text: &str) -> Result<Plain, ConfigError> {
    toml::from_str(text).map_err(|error| malformed(text, error.span().map_or(0, |span| span.start), error.message()))
}

pub fn malformed(text: &str, at: usize, reason: &str) -> ConfigError {
    let (line, column) = position(text, at);
    ConfigError::Malformed { line, column, reason: reason.to_owned() }
}
