//! Names of workspaces, branches and checkpoints.

use crate::EngineError;

/// Checks a workspace's name: it is part of addresses and of file names.
pub(crate) fn check_name(name: &str) -> Result<(), EngineError> {
    let plain = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '.' | '_' | '-');
    let looks_like_id = name.parse::<acetate_types::WorkspaceId>().is_ok();
    if name.is_empty()
        || name.len() > 100
        || !name.chars().all(plain)
        || name.starts_with(['.', '-'])
        || name.ends_with(".git")
        || looks_like_id
    {
        return Err(EngineError::invalid("name_invalid", format!("{name:?} is no name for a workspace"))
            .hint("a name has 1 to 100 of a-z A-Z 0-9 . _ -, does not begin with a dot or dash, and does not end in .git"));
    }
    Ok(())
}

/// A name that passes, made from any text.
pub(crate) fn name_from(text: &str) -> String {
    let name: String =
        text.chars().map(|ch| if ch.is_ascii_alphanumeric() || matches!(ch, '.' | '_' | '-') { ch } else { '-' }).take(80).collect();
    let name = name.trim_start_matches(['.', '-']).trim_end_matches(".git").trim_end_matches(".bundle").to_owned();
    if check_name(&name).is_ok() { name } else { "workspace".to_owned() }
}

/// A branch's full name, from a short or a full one.
pub(crate) fn branch_name(name: &str) -> Result<String, EngineError> {
    full(name, "refs/heads/", "branch_name_invalid")
}

/// A checkpoint's full name, from a short or a full one.
pub(crate) fn checkpoint_name(name: &str) -> Result<String, EngineError> {
    full(name, "refs/tags/", "checkpoint_name_invalid")
}

fn full(name: &str, prefix: &str, code: &'static str) -> Result<String, EngineError> {
    let full = if name.starts_with("refs/") { name.to_owned() } else { format!("{prefix}{name}") };
    let short = full.strip_prefix(prefix).unwrap_or_default();
    if short.is_empty()
        || full.len() > 250
        || acetate_git::check_ref_name(&full).is_err()
        || short.starts_with('-')
        || short == "HEAD"
        || short == "@"
    {
        return Err(EngineError::invalid(code, format!("{name:?} is no valid name"))
            .hint("see `git help check-ref-format` for what a name may hold"));
    }
    Ok(full)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["a", "My.Project_1-x"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in ["", ".a", "-a", "a/b", "a b", "x.git", "w_0000000000000000", "ä"] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
        for (text, name) in [("my repo.git", "my-repo"), ("..", "workspace"), ("a.bundle", "a"), ("", "workspace")] {
            assert_eq!(name_from(text), name);
        }
    }

    #[test]
    fn branches() {
        assert_eq!(branch_name("main").ok().as_deref(), Some("refs/heads/main"));
        assert_eq!(branch_name("refs/heads/a/b").ok().as_deref(), Some("refs/heads/a/b"));
        for bad in ["", "refs/tags/x", "a..b", "-x", "a b", "refs/heads/", "HEAD", "a.lock", "a\u{7f}"] {
            assert!(branch_name(bad).is_err(), "{bad}");
        }
    }
}
