//! What each tool is called, takes and gives. Names and arguments are those that coding agents know from their own tools.
//!
//! The whole list stays under 12 KB: it is part of every conversation. So a result's schema has what is always there, and that unknown
//! arguments are refused is said when one comes.

/// What a client may assume of a tool.
#[derive(Clone, Copy)]
pub(super) struct Hints {
    /// It changes nothing.
    pub(super) reads: bool,
    /// It may replace or remove what was there.
    pub(super) replaces: bool,
    /// Doing it twice is doing it once.
    pub(super) repeats: bool,
}

const READS: Hints = Hints { reads: true, replaces: false, repeats: true };
const ADDS: Hints = Hints { reads: false, replaces: false, repeats: false };
const REPLACES: Hints = Hints { reads: false, replaces: true, repeats: false };
const WRITES: Hints = Hints { reads: false, replaces: true, repeats: true };

/// One tool. `session_id` is an argument of all, `standing` a part of every result; neither is listed here.
pub(super) struct Definition {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) hints: Hints,
    /// What it does and when to use it, for a model.
    pub(super) about: &'static str,
    /// The schemas of its arguments, as JSON.
    pub(super) takes: &'static str,
    /// Those it can't do without.
    pub(super) needs: &'static [&'static str],
    /// The schemas of what every result has, as JSON.
    pub(super) gives: &'static str,
}

const fn tool(
    hints: Hints,
    [name, title]: [&'static str; 2],
    about: &'static str,
    takes: &'static str,
    needs: &'static [&'static str],
    gives: &'static str,
) -> Definition {
    Definition { name, title, hints, about, takes, needs, gives }
}

/// Every tool, in the order in which they are listed.
pub(super) const TOOLS: &[Definition] = &[
    tool(
        ADDS,
        ["session_open", "Open session"],
        "Open a session: your own copy-on-write view of the codebase at its newest version. Pass the session_id it answers to every other tool. With session_id: go on in that session.",
        r#"{"workspace":{"type":"string"},"agent":{"type":"string","description":"your name"},"intent":{"type":"string","description":"what you will do; others see it"},"branch":{"type":"string"},"at":{"type":"string"}}"#,
        &[],
        r#"{"session_id":{"type":"string"},"workspace":{"type":"string"},"branch":{"type":"string"},"base":{"type":"string"}}"#,
    ),
    tool(
        READS,
        ["status", "Session status"],
        "What you changed, how far the head moved, who else edits the same, open conflicts, and what a submit would meet now.",
        "{}",
        &[],
        r#"{"session_id":{"type":"string"},"branch":{"type":"string"},"changes":{"type":"array"},"changed":{"type":"integer"},"conflicts":{"type":"array"},"overlaps":{"type":"array"},"submit":{"type":"object"}}"#,
    ),
    tool(
        READS,
        ["read", "Read files"],
        "Read a file with line numbers, or several with file_paths. offset is the first line (from 1), limit the number of lines (2000). Paths are from the repository's root.",
        r#"{"file_path":{"type":"string"},"file_paths":{"type":"array","items":{"type":"string"},"maxItems":50},"offset":{"type":"integer","minimum":1},"limit":{"type":"integer","minimum":1}}"#,
        &[],
        r#"{"files":{"type":"array"}}"#,
    ),
    tool(
        REPLACES,
        ["edit", "Edit file"],
        "Replace old_string, exact and unique unless replace_all, by new_string. An empty old_string makes a new file.",
        r#"{"file_path":{"type":"string"},"old_string":{"type":"string"},"new_string":{"type":"string"},"replace_all":{"type":"boolean"},"expect":{"type":"string","description":"only at this revision"}}"#,
        &["file_path", "old_string", "new_string"],
        r#"{"file_path":{},"revision":{"type":"string"},"replacements":{"type":"integer"}}"#,
    ),
    tool(
        REPLACES,
        ["multi_edit", "Edit several"],
        "Several edits in one or more files, one after the other, all or none. file_path is that of edits without one.",
        r#"{"file_path":{"type":"string"},"edits":{"type":"array","minItems":1,"items":{"type":"object","properties":{"file_path":{"type":"string"},"old_string":{"type":"string"},"new_string":{"type":"string"},"replace_all":{"type":"boolean"}},"required":["old_string","new_string"]}}}"#,
        &["edits"],
        r#"{"files":{"type":"array"}}"#,
    ),
    tool(
        WRITES,
        ["write", "Write file"],
        "Write a whole file; missing folders are made. Prefer edit for a file that is there.",
        r#"{"file_path":{"type":"string"},"content":{"type":"string"},"expect":{"type":"string","description":"only at this revision; empty: only if new"}}"#,
        &["file_path", "content"],
        r#"{"file_path":{},"revision":{"type":"string"},"created":{"type":"boolean"}}"#,
    ),
    tool(
        REPLACES,
        ["delete", "Delete"],
        "Delete a file or folder.",
        r#"{"file_path":{"type":"string"}}"#,
        &["file_path"],
        r#"{"file_path":{}}"#,
    ),
    tool(
        REPLACES,
        ["move", "Move"],
        "Move or rename a file or folder.",
        r#"{"from":{"type":"string"},"to":{"type":"string"},"replace":{"type":"boolean"}}"#,
        &["from", "to"],
        r#"{"from":{},"to":{}}"#,
    ),
    tool(
        READS,
        ["ls", "List folder"],
        "The entries of a folder.",
        r#"{"path":{"type":"string"}}"#,
        &[],
        r#"{"entries":{"type":"array"},"total":{"type":"integer"},"truncated":{"type":"boolean"}}"#,
    ),
    tool(
        READS,
        ["glob", "Find files"],
        "Files whose path matches a glob such as **/*.rs, the first 100 and how many there are.",
        r#"{"pattern":{"type":"string"},"path":{"type":"string"}}"#,
        &["pattern"],
        r#"{"files":{"type":"array"},"total":{"type":"integer"},"truncated":{"type":"boolean"}}"#,
    ),
    tool(
        READS,
        ["grep", "Search"],
        "Search file contents with ripgrep's regular expressions. type is one of ripgrep's (rust, py, ts).",
        r#"{"pattern":{"type":"string"},"path":{"type":"string"},"glob":{"type":"string"},"type":{"type":"string"},"output_mode":{"enum":["content","files_with_matches","count"],"default":"files_with_matches"},"-A":{"type":"integer"},"-B":{"type":"integer"},"-C":{"type":"integer"},"-n":{"type":"boolean"},"-i":{"type":"boolean"},"multiline":{"type":"boolean"},"head_limit":{"type":"integer"},"offset":{"type":"integer"}}"#,
        &["pattern"],
        r#"{"mode":{"type":"string"},"files":{"type":"array"},"truncated":{"type":"boolean"}}"#,
    ),
    tool(
        READS,
        ["symbols", "Symbols"],
        "The functions, types and keys of a file with their lines, or those whose name has query.",
        r#"{"file_path":{"type":"string"},"query":{"type":"string"}}"#,
        &[],
        r#"{"symbols":{"type":"array"},"truncated":{"type":"boolean"}}"#,
    ),
    tool(
        READS,
        ["diff", "Diff"],
        "What you changed since your base, as a patch.",
        r#"{"file_path":{"type":"string"}}"#,
        &[],
        r#"{"files":{"type":"array"},"patch":{"type":"string"},"truncated":{"type":"boolean"}}"#,
    ),
    tool(
        ADDS,
        ["commit", "End turn"],
        "Record your work so far on your session's own branch, durably. It is not landed yet: see submit.",
        r#"{"message":{"type":"string"}}"#,
        &[],
        r#"{"turn":{"type":"integer"},"changed":{"type":"boolean"}}"#,
    ),
    tool(
        ADDS,
        ["sync", "Sync"],
        "Move your session onto the newest version, your changes merged in.",
        "{}",
        &[],
        r#"{"result":{"type":"string"}}"#,
    ),
    tool(
        ADDS,
        ["submit", "Submit"],
        "Land your work on the branch for everybody: merged by symbols onto the newest version. Answers landed, or each conflict with both texts and the call that settles it, or pending with an id: call again with that submission_id.",
        r#"{"message":{"type":"string"},"dry_run":{"type":"boolean"},"submission_id":{"type":"string"}}"#,
        &[],
        r#"{"result":{"type":"string"}}"#,
    ),
    tool(
        REPLACES,
        ["resolve", "Resolve conflict"],
        "Settle a conflict of submit or sync: take head (theirs), session (yours), proposal, delete, or text: yours in place of just the lines shown (of the whole file without symbol and kind). submit: land when it was the last one.",
        r#"{"file_path":{"type":"string"},"symbol":{"type":"string"},"kind":{"type":"string"},"take":{"enum":["head","session","proposal","text","delete"]},"text":{"type":"string"},"submit":{"type":"boolean"}}"#,
        &["file_path", "take"],
        r#"{"open":{"type":"integer"},"moved":{"type":"boolean"}}"#,
    ),
    tool(
        READS,
        ["watch", "Watch"],
        "Wait up to wait seconds (25) for what others do. after is an earlier answer's next.",
        r#"{"after":{"type":"integer","minimum":0},"wait":{"type":"number","minimum":0,"maximum":25}}"#,
        &[],
        r#"{"events":{"type":"array"},"next":{"type":"integer"}}"#,
    ),
    tool(
        ADDS,
        ["checkpoint", "Checkpoint"],
        "Name the present state of your session, to come back to.",
        r#"{"name":{"type":"string"},"message":{"type":"string"}}"#,
        &["name"],
        r#"{"name":{"type":"string"},"commit":{"type":"string"}}"#,
    ),
    tool(
        REPLACES,
        ["session_close", "Close session"],
        "End a session. Work that has not landed is refused unless discard.",
        r#"{"discard":{"type":"boolean"}}"#,
        &[],
        r#"{"session_id":{"type":"string"}}"#,
    ),
];
