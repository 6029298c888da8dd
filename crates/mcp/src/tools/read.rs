//! `read`: one file page by page, or several at once.

use super::call::Call;
use super::lines::{is_binary, lines};
use crate::arguments::Path;
use crate::outcome::Outcome;
use acetate_engine::api::FileContent;
use acetate_engine::{EngineError, Session};
use acetate_types::{Classify as _, FileMode, RepoPath};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Lines of a page, where none are asked for.
const LIMIT: usize = 2_000;
/// Most files of one call.
const FILES: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Read {
    file_path: Option<Path>,
    #[serde(default)]
    file_paths: Vec<Path>,
    offset: Option<usize>,
    limit: Option<usize>,
}

/// Reads. One file that can't be read is an error; of several, each says so for itself.
pub(super) fn read(call: &Call, session: &Session, asked: Read) -> Result<Outcome, EngineError> {
    let paths: Vec<RepoPath> = asked.file_path.into_iter().chain(asked.file_paths).map(|path| path.0).collect();
    if paths.is_empty() || paths.len() > FILES {
        return Err(EngineError::invalid("arguments_invalid", format!("{} paths are given", paths.len()))
            .hint(format!("name a file with file_path, or up to {FILES} with file_paths")));
    }
    let first = asked.offset.unwrap_or(1).max(1);
    let limit = asked.limit.unwrap_or(LIMIT).max(1);
    let single = paths.len() == 1;
    let mut budget = call.shared.limits.page_chars;
    let mut files = Vec::with_capacity(paths.len());
    let mut text = String::new();
    let mut known = Vec::with_capacity(paths.len());
    for path in paths {
        let found = match session.read(&path) {
            Ok(found) => found,
            Err(error) if single && error.code() == "is_a_directory" => return Err(error.hint("ls lists what is in it")),
            Err(error) if single => return Err(error),
            Err(error) => {
                let problem = error.problem();
                let _ = writeln!(text, "== {}\n{}: {}", path.to_lossy(), problem.code, problem.message);
                files.push(json!({ "file_path": path, "error": { "code": problem.code, "message": problem.message } }));
                continue;
            }
        };
        if !single {
            let _ = writeln!(text, "== {}", path.to_lossy());
        }
        let (data, took) = file(&found, first, limit, budget, &mut text);
        files.push(data);
        budget = budget.saturating_sub(took);
        known.push(path);
    }
    call.shared.shown.read(session.id(), known.iter());
    Ok(Outcome::new(json!({ "files": files }), text.trim_end_matches('\n')))
}

/// One file: its data, and how many characters it took. The text goes to `out`.
fn file(found: &FileContent, first: usize, limit: usize, budget: usize, out: &mut String) -> (Value, usize) {
    let bytes: &[u8] = &found.content.0;
    let mut data = json!({ "file_path": found.path, "revision": found.etag });
    if found.mode == FileMode::Symlink {
        let target = String::from_utf8_lossy(bytes);
        data["link"] = target.as_ref().into();
        let _ = writeln!(out, "(a symbolic link to {target})");
        return (data, 0);
    }
    if is_binary(bytes) {
        data["binary"] = true.into();
        data["size"] = bytes.len().into();
        let _ = writeln!(out, "(a binary file of {} bytes)", bytes.len());
        return (data, 0);
    }
    let page = lines(bytes, first, limit, budget);
    data["start_line"] = page.first.into();
    data["lines"] = page.shown.into();
    data["total_lines"] = page.total.into();
    data["content"] = page.content.as_str().into();
    if page.total == 0 {
        let _ = writeln!(out, "(the file is empty)");
    } else if page.shown == 0 {
        let _ = writeln!(out, "(the file has {} lines, none from {} on)", page.total, page.first);
    }
    out.push_str(&page.numbered);
    if let Some(altered) = page.altered {
        data["altered"] = altered.into();
        let _ = writeln!(out, "({altered})");
    }
    let next = page.first + page.shown;
    if page.shown > 0 && next <= page.total {
        data["next_offset"] = next.into();
        let _ = writeln!(out, "(lines {} to {} of {}; go on with offset: {next})", page.first, next - 1, page.total);
    }
    let took = page.numbered.len();
    (data, took)
}
