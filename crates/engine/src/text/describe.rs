//! The subject of a commit whose author gave none, from the changed paths.

use std::borrow::Cow;

/// The bounds of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageLimits {
    /// Most characters of the subject; at least 24 are used.
    pub max_chars: usize,
    /// Up to this many changed files are named one by one.
    pub max_names: usize,
}

impl Default for MessageLimits {
    /// 72 characters, three names.
    fn default() -> Self {
        Self { max_chars: 72, max_names: 3 }
    }
}

/// What happened to a path. Paths are bytes from the repository's root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathChange<'a> {
    /// A new file.
    Added(&'a [u8]),
    /// Another text or mode.
    Modified(&'a [u8]),
    /// A file that went.
    Deleted(&'a [u8]),
    /// A file under another path.
    Renamed {
        /// The path before.
        from: &'a [u8],
        /// The path now.
        to: &'a [u8],
    },
}

impl<'a> PathChange<'a> {
    fn path(&self) -> &'a [u8] {
        match self {
            Self::Added(path) | Self::Modified(path) | Self::Deleted(path) => path,
            Self::Renamed { to, .. } => to,
        }
    }

    fn verb(&self) -> &'static str {
        match self {
            Self::Added(_) => "Add",
            Self::Modified(_) => "Update",
            Self::Deleted(_) => "Delete",
            Self::Renamed { .. } => "Rename",
        }
    }
}

/// One line that says what changed where, without control characters. Linear in the paths.
pub fn default_message(changes: &[PathChange<'_>], limits: &MessageLimits) -> String {
    let most = limits.max_chars.max(24);
    let fits = |text: &String| text.chars().count() <= most;
    let candidates = match changes {
        [] => vec!["Record an unchanged tree".to_owned()],
        [change] => one(change),
        several => many(several, limits.max_names),
    };
    match candidates.iter().find(|text| fits(text)) {
        Some(text) => text.clone(),
        None => clip(candidates.last().map_or("", String::as_str), most),
    }
}

/// Subjects for one change, the most telling first.
fn one(change: &PathChange<'_>) -> Vec<String> {
    let path = change.path();
    match change {
        PathChange::Renamed { from, .. } if directory(from) == directory(path) => vec![
            format!("Rename {} to {}", show(from), show(name(path))),
            format!("Rename {} to {}", show(name(from)), show(name(path))),
            format!("Rename a file to {}", show(name(path))),
        ],
        PathChange::Renamed { from, .. } if name(from) == name(path) => {
            let to = if directory(path).is_empty() { "the root".into() } else { show(directory(path)) };
            vec![format!("Move {} to {to}", show(from)), format!("Move {} to {to}", show(name(from))), format!("Move {}", show(name(from)))]
        }
        PathChange::Renamed { from, .. } => vec![
            format!("Move {} to {}", show(from), show(path)),
            format!("Move {} to {}", show(name(from)), show(path)),
            format!("Move {} to {}", show(name(from)), show(name(path))),
            format!("Move a file to {}", show(name(path))),
        ],
        _ => vec![format!("{} {}", change.verb(), show(path)), format!("{} {}", change.verb(), show(name(path)))],
    }
}

/// Subjects for several changes.
fn many(changes: &[PathChange<'_>], max_names: usize) -> Vec<String> {
    let common = changes.iter().skip(1).fold(changes.first().map_or(&b""[..], |change| directory(change.path())), |common, change| {
        shared(common, directory(change.path()))
    });
    let mut verbs: Vec<(&str, usize)> = Vec::new();
    for change in changes {
        match verbs.iter_mut().find(|(verb, _)| *verb == change.verb()) {
            Some((_, count)) => *count += 1,
            None => verbs.push((change.verb(), 1)),
        }
    }
    let verb = if let [(verb, _)] = verbs[..] { verb } else { "Change" };
    let place = if common.is_empty() { String::new() } else { format!(" in {}", show(common)) };
    let mut out = Vec::new();
    if changes.len() <= max_names {
        let names = |whole: bool| {
            let list: Vec<_> = changes.iter().map(|change| show(if whole { change.path() } else { name(change.path()) })).collect();
            match list.split_last() {
                Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
                _ => list.concat(),
            }
        };
        out.push(format!("{verb} {}", names(true)));
        out.push(format!("{verb} {}{place}", names(false)));
        out.push(format!("{verb} {}", names(false)));
    }
    let count = changes.len();
    if verbs.len() > 1 {
        let past = |verb: &str| match verb {
            "Add" => "added",
            "Delete" => "deleted",
            "Rename" => "renamed",
            _ => "updated",
        };
        verbs.sort_by_key(|(verb, _)| ["Add", "Update", "Rename", "Delete"].iter().position(|known| known == verb));
        let parts: Vec<_> = verbs.iter().map(|(verb, count)| format!("{count} {}", past(verb))).collect();
        out.push(format!("Change {count} files{place}: {}", parts.join(", ")));
        out.push(format!("Change {count} files: {}", parts.join(", ")));
    }
    out.push(format!("{verb} {count} files{place}"));
    out.push(format!("{verb} {count} files"));
    out
}

fn directory(path: &[u8]) -> &[u8] {
    path.iter().rposition(|byte| *byte == b'/').map_or(&[], |at| &path[..at])
}

fn name(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

/// The directory both lie in.
fn shared<'a>(one: &'a [u8], two: &[u8]) -> &'a [u8] {
    let mut end = 0;
    for (a, b) in one.split(|byte| *byte == b'/').zip(two.split(|byte| *byte == b'/')) {
        if a != b {
            break;
        }
        end += a.len() + 1;
    }
    one.get(..end.saturating_sub(1)).unwrap_or(one)
}

/// A path as text; what could break the line or a terminator of it becomes `?`.
fn show(path: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(path);
    if text.chars().any(char::is_control) { text.chars().map(|ch| if ch.is_control() { '?' } else { ch }).collect() } else { text }
}

/// The first and the last characters, with an ellipsis between; the end of a path says more than its middle.
fn clip(text: &str, most: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    let head = most / 3;
    let tail = most.saturating_sub(head + 1);
    let (Some(first), Some(last)) = (chars.get(..head), chars.len().checked_sub(tail).and_then(|from| chars.get(from..))) else {
        return text.to_owned();
    };
    first.iter().chain(std::iter::once(&'…')).chain(last).collect()
}

#[cfg(test)]
mod tests {
    use super::PathChange::{Added, Deleted, Modified, Renamed};
    use super::*;
    use proptest::prelude::*;

    fn check(changes: &[PathChange<'_>], expect: &str) {
        assert_eq!(default_message(changes, &MessageLimits::default()), expect);
    }

    #[test]
    fn subjects() {
        check(&[], "Record an unchanged tree");
        check(&[Added(b"src/a.rs")], "Add src/a.rs");
        check(&[Renamed { from: b"src/a.rs", to: b"src/b.rs" }], "Rename src/a.rs to b.rs");
        check(&[Renamed { from: b"src/a.rs", to: b"lib/a.rs" }], "Move src/a.rs to lib");
        check(&[Renamed { from: b"src/a.rs", to: b"a.rs" }], "Move src/a.rs to the root");
        check(&[Renamed { from: b"src/a.rs", to: b"lib/b.rs" }], "Move src/a.rs to lib/b.rs");
        check(&[Modified(b"src/a.rs"), Modified(b"src/b.rs")], "Update src/a.rs and src/b.rs");
        check(&[Modified(b"src/a.rs"), Added(b"src/b.rs"), Deleted(b"c")], "Change src/a.rs, src/b.rs and c");
        check(&[Added(b"s/a"), Added(b"s/b"), Added(b"s/t/c"), Added(b"s/t/d")], "Add 4 files in s");
        check(&[Added(b"sx/a"), Added(b"sy/b"), Deleted(b"sz/c"), Modified(b"w")], "Change 4 files: 2 added, 1 updated, 1 deleted");
        check(&[Modified(b"a\nb\x1b\xff")], "Update a?b?\u{fffd}");
        let deep = "directory/".repeat(8) + "a.rs";
        check(&[Modified(deep.as_bytes())], "Update a.rs");
        let (one, two) = (deep.clone() + "x", deep + "y");
        check(&[Modified(one.as_bytes()), Modified(two.as_bytes())], "Update a.rsx and a.rsy");
    }

    proptest! {
        #[test]
        fn one_line_within_the_limit(paths in proptest::collection::vec("[a-c\u{e9}\n/]{1,120}", 0..6), kinds in any::<[u8; 6]>(), max_chars in 0_usize..100) {
            let changes: Vec<_> = paths.iter().zip(kinds).map(|(path, kind)| match kind % 4 {
                0 => Added(path.as_bytes()),
                1 => Modified(path.as_bytes()),
                2 => Deleted(path.as_bytes()),
                _ => Renamed { from: paths[0].as_bytes(), to: path.as_bytes() },
            }).collect();
            let text = default_message(&changes, &MessageLimits { max_chars, max_names: 3 });
            prop_assert!(!text.is_empty() && text.chars().count() <= max_chars.max(24) && !text.contains(char::is_control), "{text}");
        }
    }
}
