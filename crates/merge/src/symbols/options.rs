//! What a merge by symbols is told.

use crate::lines::LineLimits;
use acetate_syntax::ParseLimits;
use serde::{Deserialize, Serialize};

/// What becomes of a symbol without symbols inside that both sides changed, in different lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SameSymbol {
    /// A conflict with the merged text as its proposal.
    #[default]
    Review,
    /// Merged, as Git does.
    Merge,
    /// Merged if the workspace's checks pass; as long as there are none, as `review`.
    Verified,
}

impl SameSymbol {
    /// As in settings and answers: `review`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Merge => "merge",
            Self::Verified => "verified",
        }
    }
}

/// Bounds of the merge of one file. All count things, never time; beyond them lines decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileLimits {
    /// Bounds of the line merge.
    pub lines: LineLimits,
    /// Bounds of parsing.
    pub parse: ParseLimits,
}

/// How files are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileOptions {
    /// What becomes of a symbol that both sides changed in different lines.
    pub same_symbol: SameSymbol,
    /// Bounds.
    pub limits: FileLimits,
}
