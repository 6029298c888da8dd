//! `ls`, `glob`, `grep`.

use super::call::Call;
use crate::arguments::Directory;
use crate::outcome::{Outcome, one_line};
use acetate_engine::api::{CaseRule, FileType, Grep, GrepFile, GrepMode, ListFiles};
use acetate_engine::{EngineError, Session};
use acetate_types::RepoPath;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Paths that `glob` answers with.
const GLOBBED: usize = 100;
/// Entries that `ls` answers with.
const LISTED: usize = 500;
/// Results of `grep` where no limit is asked for.
const HEAD: usize = 250;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ls {
    #[serde(default)]
    path: Directory,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Glob {
    pattern: String,
    #[serde(default)]
    path: Directory,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    pattern: String,
    #[serde(default)]
    path: Directory,
    glob: Option<String>,
    #[serde(rename = "type")]
    file_type: Option<String>,
    #[serde(default)]
    output_mode: Mode,
    #[serde(rename = "-A", default)]
    after: u32,
    #[serde(rename = "-B", default)]
    before: u32,
    #[serde(rename = "-C", default)]
    context: u32,
    #[serde(rename = "-n")]
    numbers: Option<bool>,
    #[serde(rename = "-i", default)]
    insensitive: bool,
    #[serde(default)]
    multiline: bool,
    head_limit: Option<usize>,
    #[serde(default)]
    offset: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Content,
    #[default]
    FilesWithMatches,
    Count,
}

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::FilesWithMatches => "files_with_matches",
            Self::Count => "count",
        }
    }
}

/// The entries of a folder.
pub(super) fn ls(session: &Session, asked: Ls) -> Result<Outcome, EngineError> {
    let list = session.files(&ListFiles { prefix: asked.path.0.clone(), shallow: true, ..ListFiles::default() })?;
    let total = list.files.len();
    let mut text = String::new();
    let mut entries = Vec::new();
    for entry in list.files.iter().take(LISTED) {
        let name = String::from_utf8_lossy(entry.path.file_name()).into_owned();
        let (kind, mark) = match entry.file_type {
            FileType::Directory => ("directory", "/"),
            FileType::Symlink => ("symlink", "@"),
            FileType::Submodule => ("submodule", "/"),
            FileType::File => ("file", ""),
        };
        let _ = writeln!(text, "{}{mark}", one_line(&name));
        entries.push(json!({ "name": name, "type": kind }));
    }
    let truncated = total > LISTED || list.next.is_some();
    if truncated {
        let _ = writeln!(text, "({LISTED} of {total} entries; use glob to find the others)");
    }
    if total == 0 {
        text.push_str("(empty)");
    }
    Ok(Outcome::new(json!({ "entries": entries, "total": total, "truncated": truncated }), text.trim_end()))
}

/// The files that match a glob; with a folder, below it, the glob being relative to it.
pub(super) fn glob(session: &Session, asked: &Glob) -> Result<Outcome, EngineError> {
    let pattern = match &asked.path.0 {
        Some(folder) if asked.pattern.contains('/') => {
            format!("{}/{}", literal(&folder.to_lossy()), asked.pattern.trim_start_matches("./").trim_start_matches('/'))
        }
        _ => asked.pattern.clone(),
    };
    let list = session.files(&ListFiles { prefix: asked.path.0.clone(), glob: Some(pattern), ..ListFiles::default() })?;
    let total = list.files.len();
    let files: Vec<&RepoPath> = list.files.iter().take(GLOBBED).map(|file| &file.path).collect();
    let truncated = total > GLOBBED || list.next.is_some();
    let mut text: String = files.iter().map(|path| format!("{}\n", one_line(&path.to_lossy()))).collect();
    if truncated {
        let more = if list.next.is_some() { "more than " } else { "" };
        let _ = writeln!(text, "({GLOBBED} of {more}{total} files; a narrower pattern shows the others)");
    }
    if total == 0 {
        text.push_str("no file matches");
    }
    Ok(Outcome::new(json!({ "files": files, "total": total, "truncated": truncated }), text.trim_end()))
}

/// A folder's name within a glob, taken by the letter.
fn literal(text: &str) -> String {
    text.chars().flat_map(|c| "*?[]{}!\\,".contains(c).then_some('\\').into_iter().chain([c])).collect()
}

/// Searches contents.
pub(super) fn grep(call: &Call, session: &Session, asked: Search) -> Result<Outcome, EngineError> {
    let limit = asked.head_limit.filter(|limit| *limit > 0).unwrap_or(HEAD);
    let mode = asked.output_mode;
    let mut search = Grep {
        // As the agents' own tool: over several lines, a dot is any character.
        pattern: if asked.multiline { format!("(?s){}", asked.pattern) } else { asked.pattern },
        case: if asked.insensitive { CaseRule::Insensitive } else { CaseRule::Sensitive },
        multiline: asked.multiline,
        glob: asked.glob,
        file_type: asked.file_type,
        path: asked.path.0,
        mode: match mode {
            Mode::Content => GrepMode::Content,
            Mode::FilesWithMatches => GrepMode::Files,
            Mode::Count => GrepMode::Count,
        },
        before: asked.before.max(asked.context),
        after: asked.after.max(asked.context),
        // One more than is shown tells whether there are more.
        limit: Some(asked.offset.saturating_add(limit).saturating_add(1)),
        ..Grep::default()
    };
    let mut shown = Shown { skip: asked.offset, left: limit, chars: call.shared.limits.page_chars, ..Shown::default() };
    let mut skipped = 0;
    // The engine counts a page's matches, not its results: there may be several pages.
    loop {
        let page = session.grep(&search)?;
        skipped += page.skipped;
        for file in &page.files {
            if shown.more {
                break;
            }
            match mode {
                Mode::Content => shown.content(file, asked.numbers.unwrap_or(true)),
                Mode::FilesWithMatches => shown.one(json!(file.path), &file.path.to_lossy()),
                Mode::Count => {
                    shown.one(json!({ "path": file.path, "count": file.count }), &format!("{}:{}", file.path.to_lossy(), file.count))
                }
            }
        }
        search.cursor = page.next;
        if shown.more || search.cursor.is_none() {
            break;
        }
    }
    let mut text = shown.text;
    let truncated = shown.more;
    let mut data = json!({ "mode": mode.name(), "files": shown.files, "truncated": truncated });
    if truncated {
        let next = asked.offset + shown.taken;
        data["next_offset"] = next.into();
        let _ = writeln!(text, "(there are more; go on with offset: {next})");
    }
    if text.is_empty() {
        text.push_str("no match");
    }
    if skipped > 0 {
        data["skipped"] = skipped.into();
        let _ = write!(text, "\n({skipped} files were passed over as binary or too large)");
    }
    Ok(Outcome::new(data, text.trim_end()))
}

/// What a search shows: results after the offset, as many as are asked for and fit.
#[derive(Default)]
struct Shown {
    skip: usize,
    left: usize,
    chars: usize,
    taken: usize,
    /// There is one that is not shown.
    more: bool,
    files: Vec<Value>,
    text: String,
}

impl Shown {
    /// Whether one more result is shown; it is counted then.
    fn next(&mut self) -> bool {
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        if self.left == 0 || self.text.len() > self.chars {
            self.more = true;
            return false;
        }
        self.left -= 1;
        self.taken += 1;
        true
    }

    /// A path or a count.
    fn one(&mut self, data: Value, line: &str) {
        if self.next() {
            self.files.push(data);
            let _ = writeln!(self.text, "{line}");
        }
    }

    /// The lines of a file. Lines of context go with the match that follows, or precedes, in the same file.
    fn content(&mut self, file: &GrepFile, numbers: bool) {
        let path = file.path.to_lossy();
        let mut lines = Vec::new();
        let mut waiting: Vec<Value> = Vec::new();
        let mut waiting_text = String::new();
        let mut last = None;
        let mut kept = false;
        for line in &file.lines {
            let text = line.text.as_str().map_or_else(|| String::from_utf8_lossy(&line.text.0), std::borrow::Cow::Borrowed);
            let mark = if line.context { '-' } else { ':' };
            let gap = last.is_some_and(|last| line.number > last + 1);
            last = Some(line.number);
            if gap {
                // What stands between two groups belongs to the next match.
                waiting.clear();
                waiting_text.clear();
                kept = false;
                if !lines.is_empty() {
                    waiting_text.push_str("--\n");
                }
            }
            let shown = if numbers { format!("{path}{mark}{}{mark}{text}\n", line.number) } else { format!("{path}{mark}{text}\n") };
            let data = if line.context {
                json!({ "line": line.number, "text": text, "context": true })
            } else {
                json!({ "line": line.number, "text": text })
            };
            if line.context {
                if kept {
                    lines.push(data);
                    self.text.push_str(&shown);
                } else {
                    waiting.push(data);
                    waiting_text.push_str(&shown);
                }
                continue;
            }
            if !self.next() {
                waiting.clear();
                waiting_text.clear();
                kept = false;
                if self.more {
                    break;
                }
                continue;
            }
            lines.append(&mut waiting);
            self.text.push_str(&std::mem::take(&mut waiting_text));
            lines.push(data);
            self.text.push_str(&shown);
            kept = true;
        }
        if !lines.is_empty() {
            self.files.push(json!({ "path": file.path, "lines": lines }));
        }
    }
}
