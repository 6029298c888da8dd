//! The look back at every edit, with a parser that had no part in it.

use crate::ConfigError;
use crate::format::Format;
use crate::plain::Plain;
use crate::shape::Fields;

/// Whether the edited text holds what was there before, and under our name exactly `entry`, or nothing.
///
/// # Errors
/// [`ConfigError::Unfaithful`] if not.
pub fn verify(format: Format, parent: &str, before: &Plain, after: &str, entry: Option<&Fields>) -> Result<(), ConfigError> {
    let unfaithful = |what: &str| ConfigError::Unfaithful { what: what.to_owned() };
    let read = format.plain(after).map_err(|error| unfaithful(&error.to_string()))?;
    if read.entry(parent) != entry.map(Plain::of).as_ref() {
        return Err(unfaithful("the entry is another one"));
    }
    if read.rest(parent) != before.rest(parent) {
        return Err(unfaithful("something else has changed"));
    }
    Ok(())
}
