//! Differences for people: hunks in the unified form, and numbers of lines.

use super::paint::{BOLD, DIM, GREEN, RED, YELLOW, paint};
use super::sanitise::{bytes_clean, path};
use super::table::Table;
use acetate_engine::api::{FileDiff, LineKind, PathChange};

/// One letter for a change, as `git status --short` has it.
pub fn letter(change: PathChange) -> String {
    match change {
        PathChange::Added => paint(GREEN, "A"),
        PathChange::Modified => paint(YELLOW, "M"),
        PathChange::Deleted => paint(RED, "D"),
        PathChange::Renamed => paint(YELLOW, "R"),
        PathChange::Mode => paint(YELLOW, "T"),
    }
}

/// The path, with where it came from.
pub fn named(file: &FileDiff) -> String {
    match &file.from {
        Some(from) => format!("{} -> {}", path(from), path(&file.path)),
        None => path(&file.path),
    }
}

/// The files with their hunks, line by line. For reading: contents are cleaned.
pub fn hunks(files: &[FileDiff]) -> Vec<String> {
    let mut lines = Vec::new();
    for file in files {
        lines.push(paint(BOLD, format_args!("{} {}", anstream::adapter::strip_str(&letter(file.change)), named(file))));
        if let (Some(before), Some(after)) = (file.before_mode, file.after_mode)
            && before != after
        {
            lines.push(paint(DIM, format_args!("mode {before} -> {after}")));
        }
        if file.binary {
            lines.push(paint(DIM, "binary"));
        }
        for hunk in &file.hunks {
            let (before, after) = (span(hunk.before_start, hunk.before_lines), span(hunk.after_start, hunk.after_lines));
            lines.push(paint(DIM, format_args!("@@ -{before} +{after} @@")));
            for line in &hunk.lines {
                let text = bytes_clean(&line.text.0);
                lines.push(match line.kind {
                    LineKind::Context => format!(" {text}"),
                    LineKind::Removed => paint(RED, format_args!("-{text}")),
                    LineKind::Added => paint(GREEN, format_args!("+{text}")),
                });
                if line.no_newline {
                    lines.push(paint(DIM, "\\ No newline at end of file"));
                }
            }
        }
    }
    lines
}

fn span(start: u64, lines: u64) -> String {
    if lines == 1 { start.to_string() } else { format!("{start},{lines}") }
}

/// Names and numbers of lines, with a sum.
pub fn stat(files: &[FileDiff]) -> Vec<String> {
    let mut table = Table::new();
    for file in files {
        let count = if file.binary {
            paint(DIM, "binary")
        } else {
            format!("{} {}", paint(GREEN, format_args!("+{}", file.added)), paint(RED, format_args!("-{}", file.removed)))
        };
        table.row([letter(file.change), named(file), count]);
    }
    let mut lines = table.lines();
    let (added, removed) = files.iter().fold((0, 0), |(added, removed), file| (added + file.added, removed + file.removed));
    let plural = if files.len() == 1 { "file" } else { "files" };
    lines.push(format!("{} {plural} changed, lines +{added} -{removed}", files.len()));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use acetate_engine::api::{Hunk, HunkLine};

    fn file() -> FileDiff {
        let line = |kind, text: &str| HunkLine { kind, text: text.to_owned().into(), no_newline: kind == LineKind::Added };
        FileDiff {
            path: acetate_types::RepoPath::existing("b.rs").expect("a path"),
            change: PathChange::Renamed,
            from: acetate_types::RepoPath::existing("a.rs").ok(),
            before_mode: acetate_types::FileMode::parse("100644"),
            after_mode: acetate_types::FileMode::parse("100755"),
            binary: false,
            added: 1,
            removed: 2,
            symbols: None,
            hunks: vec![Hunk {
                before_start: 1,
                before_lines: 2,
                after_start: 1,
                after_lines: 1,
                lines: vec![line(LineKind::Removed, "x\x1b[0m"), line(LineKind::Context, "y"), line(LineKind::Added, "z")],
            }],
        }
    }

    fn plain(lines: &[String]) -> Vec<String> {
        lines.iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect()
    }

    #[test]
    fn hunks_read_as_a_unified_diff_without_escapes_of_others() {
        let expect = ["R a.rs -> b.rs", "mode 100644 -> 100755", "@@ -1,2 +1 @@", "-x[0m", " y", "+z", "\\ No newline at end of file"];
        assert_eq!(plain(&hunks(&[file()])), expect);
    }

    #[test]
    fn the_stat_sums_up() {
        assert_eq!(plain(&stat(&[file()])), ["R  a.rs -> b.rs  +1 -2", "1 file changed, lines +1 -2"]);
    }
}
