//! What Git's own settings say about merging, asked for only where it matters.

use super::git;
use acetate_merge::MarkerStyle;

/// `merge.conflictStyle`, in a repository.
pub fn conflict_style() -> Option<MarkerStyle> {
    let current = std::env::current_dir().ok()?;
    let inside = std::env::var_os("GIT_DIR").is_some() || current.ancestors().any(|folder| folder.join(".git").exists());
    match inside.then(|| git::setting(&["--get", "merge.conflictStyle"]))??.as_str() {
        "diff3" => Some(MarkerStyle::Diff3),
        "zdiff3" => Some(MarkerStyle::Zdiff3),
        _ => None,
    }
}
