//! The merge by symbols behind the seam of [`FileMerge`].

use super::FileOptions;
use crate::files::{FileInput, FileMerge, FileMerged, LineFiles};

/// Files merged by symbols, by lines where their language has no profile.
#[derive(Debug, Clone, Copy, Default)]
pub struct SymbolFiles {
    /// How.
    pub options: FileOptions,
}

impl FileMerge for SymbolFiles {
    fn merge(&self, input: &FileInput<'_>) -> FileMerged {
        LineFiles { limits: self.options.limits.lines }.merge(input)
    }
}
