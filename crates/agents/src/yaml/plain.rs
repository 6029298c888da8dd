//! YAML read a second time, by libyaml, as goose itself reads it.

use super::tree::Tree;
use crate::ConfigError;
use crate::plain::Plain;

/// What the text holds.
///
/// # Errors
/// [`ConfigError::Malformed`], by whichever parser objects.
pub fn plain(text: &str) -> Result<Plain, ConfigError> {
    let tree = Tree::parse(text)?;
    if tree.root.is_none() {
        return Ok(Plain::Null);
    }
    serde_yaml_ng::from_str(text).map_err(|error| {
        let (line, column) = error.location().map_or((1, 1), |at| (at.line(), at.column()));
        let reason = error.to_string();
        ConfigError::Malformed { line, column, reason: reason.split(" at line ").next().unwrap_or_default().to_owned() }
    })
}
