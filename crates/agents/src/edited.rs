//! What came of an edit.

/// The file after an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// As it is; there is nothing to write.
    Same,
    /// With this text.
    Text(String),
    /// Nothing of it is left but what was ours: it is to be deleted.
    Gone,
}
