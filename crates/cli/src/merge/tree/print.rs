//! What `git merge-tree --write-tree` prints: the tree, the files in conflict, messages.

use super::result::{Stage, TreeResult};
use crate::args::MergeTree;
use crate::merge::git;
use crate::output::clean;
use acetate_merge::trees::{Conflict, ConflictKind, TreeMerge};

/// The whole output.
pub fn text(args: &MergeTree, merge: &TreeMerge, result: &TreeResult) -> Vec<u8> {
    let end = if args.nul { b'\0' } else { b'\n' };
    let mut text = result.tree.to_string().into_bytes();
    text.push(end);
    let conflicted = !merge.is_clean();
    if conflicted {
        files(&mut text, args, &result.stages, end);
    }
    if args.messages || (conflicted && !args.no_messages) {
        text.push(end);
        for conflict in &merge.conflicts {
            message(&mut text, args.nul, conflict);
        }
    }
    text
}

fn files(text: &mut Vec<u8>, args: &MergeTree, stages: &[Stage], end: u8) {
    let prefix = prefix();
    let unquoted = args.nul
        || stages.iter().all(|stage| stage.path.is_ascii())
        || git::setting(&["--type=bool", "core.quotePath"]).as_deref() == Some("false");
    let mut last = None;
    for stage in stages {
        if args.name_only && last == Some(&stage.path) {
            continue;
        }
        last = Some(&stage.path);
        if !args.name_only {
            text.extend_from_slice(format!("{:0>6} {} {}\t", stage.mode.as_str(), stage.id, stage.stage).as_bytes());
        }
        let path = relative(&stage.path, &prefix);
        text.extend_from_slice(&if args.nul { path } else { quoted(&path, unquoted) });
        text.push(end);
    }
}

/// Where in the checkout we are, with a slash behind it; empty at its top.
fn prefix() -> Vec<u8> {
    let inside = std::env::current_dir().is_ok_and(|folder| !folder.join(".git").exists());
    if !inside {
        return Vec::new();
    }
    let answer = git::git(&["rev-parse", "--show-prefix"], b"").unwrap_or_default();
    answer.strip_suffix(b"\n").map(<[u8]>::to_vec).unwrap_or_default()
}

/// A path as seen from a folder of the checkout.
fn relative(path: &[u8], prefix: &[u8]) -> Vec<u8> {
    let common = path.iter().zip(prefix).take_while(|(a, b)| a == b).count();
    let common = path[..common].iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
    let up = prefix[common..].iter().filter(|byte| **byte == b'/').count();
    [&b"../".repeat(up), &path[common..]].concat()
}

/// A path in quotes where a byte is awkward.
fn quoted(path: &[u8], keep_high: bool) -> Vec<u8> {
    let awkward = |byte: &u8| byte.is_ascii_control() || matches!(byte, b'"' | b'\\') || (!byte.is_ascii() && !keep_high);
    if !path.iter().any(awkward) {
        return path.to_vec();
    }
    let mut text = vec![b'"'];
    for byte in path {
        match byte {
            b'"' | b'\\' => text.extend([b'\\', *byte]),
            7 => text.extend(b"\\a"),
            8 => text.extend(b"\\b"),
            9 => text.extend(b"\\t"),
            10 => text.extend(b"\\n"),
            11 => text.extend(b"\\v"),
            12 => text.extend(b"\\f"),
            13 => text.extend(b"\\r"),
            byte if awkward(byte) => text.extend(format!("\\{byte:03o}").into_bytes()),
            byte => text.push(*byte),
        }
    }
    text.push(b'"');
    text
}

/// What Git calls a kind of conflict.
fn kind(kind: ConflictKind) -> &'static str {
    match kind {
        ConflictKind::AddedDifferently => "add/add",
        ConflictKind::ChangedDeleted => "modify/delete",
        ConflictKind::RenamedDeleted => "rename/delete",
        ConflictKind::RenamedDifferently => "rename/rename",
        ConflictKind::RenameCollision => "rename involved in collision",
        ConflictKind::DirectoryRenameSplit => "directory rename split",
        ConflictKind::DirectoryRenameBlocked => "implicit dir rename",
        ConflictKind::FileDirectory => "file/directory",
        ConflictKind::Binary => "binary",
        ConflictKind::Mode => "mode",
        ConflictKind::DistinctTypes => "distinct types",
        ConflictKind::Submodule => "submodule",
        _ => "contents",
    }
}

fn message(text: &mut Vec<u8>, nul: bool, conflict: &Conflict) {
    let path = String::from_utf8_lossy(conflict.path.as_bytes()).into_owned();
    let kind = kind(conflict.kind);
    let mut messages = Vec::new();
    if conflict.text.is_some() {
        messages.push(("Auto-merging".to_owned(), format!("Auto-merging {path}")));
        let shown = if kind == "contents" { "content" } else { kind };
        messages.push((format!("CONFLICT ({kind})"), format!("CONFLICT ({shown}): Merge conflict in {path}")));
        for question in conflict.text.iter().flat_map(|text| &text.questions) {
            if let Some(symbol) = &question.symbol {
                messages.push((format!("CONFLICT ({kind})"), format!("{path}: {symbol}: {}", question.why)));
            }
        }
    } else {
        messages.push((format!("CONFLICT ({kind})"), format!("CONFLICT ({kind}): {}", conflict.why)));
    }
    for (kind, message) in messages {
        if nul {
            text.extend_from_slice(b"1\0");
            text.extend_from_slice(conflict.path.as_bytes());
            text.extend_from_slice(format!("\0{kind}\0{message}\n\0").as_bytes());
        } else {
            text.extend_from_slice(clean(&message).as_bytes());
            text.push(b'\n');
        }
    }
}
