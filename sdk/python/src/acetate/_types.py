"""The shapes that the daemon takes and answers. Written by scripts/generate.py from its OpenAPI document; not to be edited."""

import sys
from typing import TYPE_CHECKING, Any, Dict, List, Literal, Optional, TypedDict, Union

if sys.version_info >= (3, 11):
    from typing import NotRequired
elif TYPE_CHECKING:
    from typing_extensions import NotRequired
else:

    class NotRequired:
        """Says nothing before Python 3.11, where only type checkers know it."""

        def __class_getitem__(cls, item: Any) -> Any:
            return item


# A path or a text. Bytes that are no UTF-8 are surrogate escapes, as with `os.fsdecode`.
Text = str


class BatchWrittenAnswer(TypedDict):
    """An answer about a session: where it stands, and what was asked."""

    written: "List[Written]"

    standing: "Standing"
    """Where the session stands."""


class CheckpointInfoAnswer(TypedDict):
    """An answer about a session: where it stands, and what was asked."""

    commit: "str"
    """The commit it names."""

    message: "NotRequired[Optional[Text]]"
    """Why it was made."""

    name: "str"
    """Its short name."""

    tag: "str"
    """The annotated tag's id (the commit itself for a plain tag of an imported repository)."""

    version: "NotRequired[Optional[int]]"
    """The version, if the commit is one."""

    standing: "Standing"
    """Where the session stands."""


class EditedAnswer(TypedDict):
    """An answer about a session: where it stands, and what was asked."""

    created: "bool"
    """Whether the path was not there before."""

    etag: "NotRequired[Optional[str]]"
    """The new revision; absent when the path is gone or a directory."""

    path: "Text"
    """The path."""

    size: "int"
    """The size in bytes."""

    warning: "NotRequired[Optional[str]]"
    """What makes the path awkward elsewhere, in a sentence."""

    replacements: "int"
    """How many places were replaced."""

    standing: "Standing"
    """Where the session stands."""


class FileListAnswer(TypedDict):
    """An answer about a session: where it stands, and what was asked."""

    files: "List[FileInfo]"
    """The entries."""

    next: "NotRequired[Optional[Text]]"
    """The path to pass as `after` for the next page; absent when this is all."""

    standing: "Standing"
    """Where the session stands."""


class GrepPageAnswer(TypedDict):
    """An answer about a session: where it stands, and what was asked."""

    files: "List[GrepFile]"
    """The files with matches."""

    matches: "int"
    """Matching lines in this page (paths, in mode `files`)."""

    next: "NotRequired[Optional[str]]"
    """The cursor for the next page; absent when this is all."""

    skipped: "int"
    """How many files were passed over as binary or too large."""

    standing: "Standing"
    """Where the session stands."""


class ResolvedAnswer(TypedDict):
    """An answer about a session: where it stands, and what was asked."""

    moved: "bool"
    """Whether the session now stands on the version the conflicts were computed against, with the merged texts."""

    open: "NotRequired[int]"
    """How many are still open."""

    remaining: "List[ConflictInfo]"
    """Conflicts still open, at most a hundred of them; `status` lists all."""

    submission: "NotRequired[Optional[Submission]]"

    standing: "Standing"
    """Where the session stands."""


class SessionDiffAnswer(TypedDict):
    """An answer about a session: where it stands, and what was asked."""

    files: "List[FileDiff]"
    """The changed files, in path order."""

    patch: "NotRequired[Optional[Text]]"
    """The same as a patch that `git apply` takes, where asked for."""

    truncated: "bool"
    """Whether files were left out because the answer would be too large."""

    standing: "Standing"
    """Where the session stands."""


class SessionInfoAnswer(TypedDict):
    """An answer about a session: where it stands, and what was asked."""

    agent: "str"
    """Its agent."""

    base: "Base"
    """What it stands on."""

    branch: "str"
    """The full name of its branch."""

    created: "str"
    """When it was opened."""

    durability: "Durability"
    """How unsaved edits are kept."""

    expires: "str"
    """When it expires if nobody calls."""

    id: "str"
    """The session."""

    intent: "NotRequired[Optional[str]]"
    """Its intent."""

    memory: "int"
    """Bytes of memory that its overlay takes, about."""

    state: "SessionState"
    """Its state."""

    tip: "NotRequired[Optional[str]]"
    """The newest turn commit, if there is one."""

    turn: "int"
    """How many turns were committed."""

    unsaved: "bool"
    """Whether there are edits since the last turn commit."""

    unsubmitted: "bool"
    """Whether there is work that has not landed."""

    working: "NotRequired[bool]"
    """Whether it is its workspace's working session, whose commits land at once."""

    workspace: "str"
    """Its workspace."""

    standing: "Standing"
    """Where the session stands."""


class SessionStatusAnswer(TypedDict):
    """An answer about a session: where it stands, and what was asked."""

    changed: "int"
    """How many paths are changed in all."""

    changes: "List[FileStatus]"
    """The changed paths, in path order, at most a thousand."""

    conflicts: "List[ConflictInfo]"
    """Conflicts that wait for `resolve`, at most a thousand."""

    open: "NotRequired[int]"
    """How many of them are open, those that are not listed included."""

    overlaps: "NotRequired[List[OverlapNotice]]"
    """What other live sessions of the branch edit too: symbols, or files whose symbols are not known; at most a
    hundred.
    """

    session: "SessionInfo"
    """The session."""

    standing: "Standing"
    """Where the session stands."""


class SubmissionAnswerLanded(TypedDict):
    """An answer about a session: where it stands, and what was asked."""

    commit: "NotRequired[Optional[str]]"
    """The landed commit; absent for a dry run."""

    findings: "NotRequired[List[str]]"
    """Named findings of the merge: renames followed, directories renamed, the same change made twice."""

    paths: "int"
    """How many paths landed."""

    result: "Literal['landed']"

    tree: "str"
    """The landed tree."""

    unchanged: "NotRequired[bool]"
    """Whether there was nothing to land: the head already has every change."""

    version: "NotRequired[Optional[int]]"
    """The version; absent for a dry run."""

    id: "NotRequired[Optional[str]]"
    """Its id, for `GET /submissions/{id}`; absent for a dry run."""

    session: "str"
    """The session; `s_0000000000000000`, which no session ever is, where a merge had nothing to do and needed none."""

    standing: "Standing"
    """Where the session stands."""


class SubmissionAnswerConflict(TypedDict):
    """An answer about a session: where it stands, and what was asked."""

    against: "Base"
    """The head they were computed against."""

    conflicts: "List[ConflictInfo]"
    """The conflicts, one for each question, in path order; at most a thousand, the open ones first where there are
    more.
    """

    open: "NotRequired[int]"
    """How many are open, those that are not listed included."""

    result: "Literal['conflict']"

    id: "NotRequired[Optional[str]]"
    """Its id, for `GET /submissions/{id}`; absent for a dry run."""

    session: "str"
    """The session; `s_0000000000000000`, which no session ever is, where a merge had nothing to do and needed none."""

    standing: "Standing"
    """Where the session stands."""


class SubmissionAnswerRejected(TypedDict):
    """An answer about a session: where it stands, and what was asked."""

    checks: "List[str]"
    """What each check said."""

    result: "Literal['rejected']"

    id: "NotRequired[Optional[str]]"
    """Its id, for `GET /submissions/{id}`; absent for a dry run."""

    session: "str"
    """The session; `s_0000000000000000`, which no session ever is, where a merge had nothing to do and needed none."""

    standing: "Standing"
    """Where the session stands."""


class SymbolListAnswer(TypedDict):
    """An answer about a session: where it stands, and what was asked."""

    language: "NotRequired[Optional[str]]"
    """The language of the file that was asked for; absent for one that is not known, which then has no symbols."""

    symbols: "List[SymbolInfo]"
    """The symbols."""

    truncated: "NotRequired[bool]"
    """Whether there may be more than are listed, or files that were not looked into."""

    standing: "Standing"
    """Where the session stands."""


class SyncOutcomeAnswerSynced(TypedDict):
    """An answer about a session: where it stands, and what was asked."""

    findings: "NotRequired[List[str]]"
    """Named findings of the merge."""

    moved: "int"
    """How many versions it moved."""

    result: "Literal['synced']"

    standing: "Standing"
    """Where the session stands."""


class SyncOutcomeAnswerConflict(TypedDict):
    """An answer about a session: where it stands, and what was asked."""

    against: "Base"
    """The head they were computed against."""

    conflicts: "List[ConflictInfo]"
    """The conflicts, one for each question, in path order; at most a thousand, the open ones first where there are
    more.
    """

    open: "NotRequired[int]"
    """How many are open, those that are not listed included."""

    result: "Literal['conflict']"

    standing: "Standing"
    """Where the session stands."""


class TurnCommitAnswer(TypedDict):
    """An answer about a session: where it stands, and what was asked."""

    changed: "bool"
    """Whether anything had changed; if not, no commit was made."""

    commit: "NotRequired[Optional[str]]"
    """The turn commit; the one before when nothing changed, absent when there never was one."""

    paths: "int"
    """How many paths this turn changed."""

    submission: "NotRequired[Optional[Submission]]"

    turn: "int"
    """The turn's number."""

    standing: "Standing"
    """Where the session stands."""


class TurnListAnswer(TypedDict):
    """An answer about a session: where it stands, and what was asked."""

    turns: "List[TurnInfo]"
    """The turns, newest first, at most a thousand."""

    standing: "Standing"
    """Where the session stands."""


class WrittenAnswer(TypedDict):
    """An answer about a session: where it stands, and what was asked."""

    created: "bool"
    """Whether the path was not there before."""

    etag: "NotRequired[Optional[str]]"
    """The new revision; absent when the path is gone or a directory."""

    path: "Text"
    """The path."""

    size: "int"
    """The size in bytes."""

    warning: "NotRequired[Optional[str]]"
    """What makes the path awkward elsewhere, in a sentence."""

    standing: "Standing"
    """Where the session stands."""


class BackupReport(TypedDict):
    """What a backup holds."""

    bytes: "int"
    """Its size in bytes."""

    path: "str"
    """Where it is."""


class BackupTo(TypedDict):
    """Where a backup goes."""

    path: "Text"
    """A new folder on the server's machine, as an absolute path."""


class Base(TypedDict):
    """The commit that a session stands on."""

    commit: "NotRequired[Optional[str]]"
    """The commit; absent on a branch without commits."""

    version: "NotRequired[Optional[int]]"
    """Its version, if it is one."""


class Batch(TypedDict):
    """Several edits, all or none."""

    edits: "List[BatchEdit]"
    """The edits, one after the other."""


class BatchEditWrite(TypedDict):
    """One step of a [`Batch`]."""

    content: "Text"
    """The bytes; for a link its target."""

    expect: "NotRequired[Optional[str]]"
    """See [`WriteFile::expect`]."""

    mode: "NotRequired[Optional[str]]"
    """The mode, see [`WriteFile::mode`]."""

    op: "Literal['write']"

    path: "Text"
    """The path."""


class BatchEditEdit(TypedDict):
    """One step of a [`Batch`]."""

    edits: "List[StringEdit]"
    """The replacements, one after the other."""

    expect: "NotRequired[Optional[str]]"
    """See [`WriteFile::expect`]."""

    op: "Literal['edit']"

    path: "Text"
    """The path."""


class BatchEditDelete(TypedDict):
    """One step of a [`Batch`]."""

    op: "Literal['delete']"

    path: "Text"
    """The path."""

# One step of a [`Batch`].
BatchEditMove = TypedDict(
    "BatchEditMove",
    {
        "from": "Text",
        "op": "Literal['move']",
        "replace": "NotRequired[bool]",
        "to": "Text",
    },
)


class BatchEditMode(TypedDict):
    """One step of a [`Batch`]."""

    mode: "str"
    """`100644` or `100755`."""

    op: "Literal['mode']"

    path: "Text"
    """The path."""


class BatchEditDirectory(TypedDict):
    """One step of a [`Batch`]."""

    op: "Literal['directory']"

    path: "Text"
    """The path."""


class BatchWritten(TypedDict):
    """What the steps of a batch came to, in their order."""

    written: "List[Written]"


class BlameInfo(TypedDict):
    """Where each line of a file comes from."""

    commit: "str"
    """The commit it was looked at in."""

    lines: "List[BlameLines]"
    """The lines, in order."""

    path: "Text"
    """The file."""


class BlameLines(TypedDict):
    """Lines that came from one commit, one after the other."""

    agent: "NotRequired[Optional[str]]"
    """The agent that made it."""

    at: "str"
    """When it was recorded."""

    author: "str"
    """Who wrote it, as Git has it."""

    commit: "str"
    """The commit."""

    message: "str"
    """The first line of its message."""

    session: "NotRequired[Optional[str]]"
    """The session it came from."""

    turn: "NotRequired[Optional[int]]"
    """That session's turn."""

    version: "NotRequired[Optional[int]]"
    """The version that it is."""

    lines: "int"
    """How many lines."""

    start: "int"
    """The first line, counted from 1."""


class BranchInfo(TypedDict):
    """A branch."""

    default: "bool"
    """Whether it is the default branch."""

    head: "Base"
    """Its head."""

    name: "str"
    """The full name, `refs/heads/…`."""


class BranchList(TypedDict):
    """The branches of a workspace, by name."""

    branches: "List[BranchInfo]"

# How letter case counts in a search.
CaseRule = Literal['sensitive', 'insensitive', 'smart']


class ChangeRecord(TypedDict):
    """What a turn or a landing changed, as a record of its own."""

    at: "str"
    """When."""

    author: "str"
    """The author, `name <email>`."""

    commit: "str"
    """The commit that names it."""

    files: "List[FileDiff]"
    """The differences, with hunks."""

    intent: "NotRequired[Optional[str]]"
    """The intent of the session."""

    message: "Text"
    """The message."""

    parent: "NotRequired[Optional[str]]"
    """The commit before it."""

    paths: "List[FileStatus]"
    """The changed paths, moves included."""

    session: "NotRequired[Optional[str]]"
    """The session it came from."""

    truncated: "bool"
    """Whether hunks or paths were left out because the answer would be too large."""

    version: "NotRequired[Optional[int]]"
    """The version, if it landed."""

# What became of a symbol.
ChangedSymbol = TypedDict(
    "ChangedSymbol",
    {
        "body_changed": "NotRequired[bool]",
        "change": "str",
        "from": "NotRequired[Optional[str]]",
        "kind": "str",
        "symbol": "str",
    },
)


class CheckpointInfo(TypedDict):
    """A checkpoint."""

    commit: "str"
    """The commit it names."""

    message: "NotRequired[Optional[Text]]"
    """Why it was made."""

    name: "str"
    """Its short name."""

    tag: "str"
    """The annotated tag's id (the commit itself for a plain tag of an imported repository)."""

    version: "NotRequired[Optional[int]]"
    """The version, if the commit is one."""


class CheckpointList(TypedDict):
    """The checkpoints of a workspace, by name."""

    checkpoints: "List[CheckpointInfo]"


class CheckpointSession(TypedDict):
    """Names the end of a session's turn."""

    message: "NotRequired[Optional[str]]"
    """Why."""

    name: "str"
    """The checkpoint's name, as a tag's."""


class Closed(TypedDict):
    """What ending a session came to."""

    id: "str"
    """The session."""

    kept_as: "NotRequired[Optional[str]]"
    """The ref that keeps it."""

    tip: "NotRequired[Optional[str]]"
    """The tip of its branch, kept for 30 days, if it had any commits."""


class CommitTurn(TypedDict):
    """Ends a turn."""

    message: "NotRequired[Optional[str]]"
    """The message; without it one is made from the changed paths."""


class ConflictInfo(TypedDict):
    """A conflict, as data: one question. A file that both sides changed has one for each symbol that can't be
    decided.
    """

    base: "NotRequired[Optional[ConflictSide]]"

    head: "NotRequired[Optional[ConflictSide]]"

    head_author: "NotRequired[Optional[Person]]"

    id: "str"
    """Names the conflict: made from its path, symbol, kind and texts, and the same as long as they are."""

    kind: "str"
    """The kind: `both_changed`, `same_symbol`, `changed_deleted`, `added_differently`, `duplicate`,
    `dangling_reference`, …
    """

    path: "Text"
    """The path it is resolved at."""

    proposal: "NotRequired[Optional[ProposalInfo]]"

    resolved: "NotRequired[bool]"
    """Whether a resolution was given already."""

    session: "NotRequired[Optional[ConflictSide]]"

    session_author: "NotRequired[Optional[Person]]"

    symbol: "NotRequired[Optional[str]]"
    """The symbol, by its path in the file (`Parser::next`); absent for lines outside of symbols and for whole files."""

    why: "str"
    """Why it can't be decided."""


class ConflictSide(TypedDict):
    """One of the three texts of a conflict."""

    id: "str"
    """The whole file's blob: what Git's index would have at stage 1 (base), 2 (head) or 3 (session)."""

    mode: "str"
    """The mode, in octal digits."""

    path: "Text"
    """The path on this side."""

    places: "NotRequired[List[LineSpan]]"
    """The lines of each conflicting place, in the order of the places; empty where the whole file is in conflict."""

    size: "NotRequired[Optional[int]]"
    """The size of the whole text in bytes, where texts are cut short or left out: to be read by its id or path."""

    texts: "NotRequired[List[Text]]"
    """The texts of these places (the whole file, where it is in conflict; an empty one where this side has nothing),
    each at most 16 KiB, and 1 MiB in one answer.
    """


class CreateBranch(TypedDict):
    """Makes a branch."""

    at: "NotRequired[Optional[str]]"
    """Where it starts: version, full ref or commit; without it the default branch's head."""

    name: "str"
    """Its name, short or full."""


class CreateCheckpoint(TypedDict):
    """Makes a checkpoint."""

    at: "NotRequired[Optional[str]]"
    """The point: version, full ref or commit; without it the default branch's head."""

    message: "NotRequired[Optional[str]]"
    """Why."""

    name: "str"
    """Its name, as a tag's."""


class CreateToken(TypedDict):
    """Makes a token."""

    label: "NotRequired[Optional[str]]"
    """What it is for."""

    rights: "List[Right]"
    """What it allows."""

    ttl: "NotRequired[Optional[int]]"
    """Seconds until it ends; without it it does not."""

    workspace: "NotRequired[Optional[str]]"
    """For this workspace only; without it for the whole store."""

# Makes a workspace.
CreateWorkspace = TypedDict(
    "CreateWorkspace",
    {
        "at": "NotRequired[Optional[str]]",
        "description": "NotRequired[Optional[str]]",
        "from": "NotRequired[Optional[WorkspaceSource]]",
        "history": "NotRequired[Optional[TemplateHistory]]",
        "name": "NotRequired[Optional[str]]",
        "session": "NotRequired[Optional[OpenSession]]",
    },
)

# How a session's unsaved edits are kept.
Durability = Literal['journal', 'memory']


class EditFile(TypedDict):
    """Replaces exact texts in a file, all or none."""

    edits: "List[StringEdit]"
    """The replacements, one after the other."""

    expect: "NotRequired[Optional[str]]"
    """Only if the file's revision is this one."""

    path: "Text"
    """The file."""


class Edited(TypedDict):
    """What an edit came to."""

    created: "bool"
    """Whether the path was not there before."""

    etag: "NotRequired[Optional[str]]"
    """The new revision; absent when the path is gone or a directory."""

    path: "Text"
    """The path."""

    size: "int"
    """The size in bytes."""

    warning: "NotRequired[Optional[str]]"
    """What makes the path awkward elsewhere, in a sentence."""

    replacements: "int"
    """How many places were replaced."""


class Event(TypedDict):
    """A durable fact of a workspace. Numbers count up from 1 without gaps."""

    at: "str"
    """When."""

    data: "Dict[str, Any]"
    """The details of this kind: version, commit, branch, session, agent, intent, paths; of a landing also the
    symbols it changed, as `[{path, symbol, kind, change}]`, at most 200, with `symbol_count` for all. They are
    made when an event is read, a bounded number in one answer: where they are absent, ask for the change by its
    commit.
    """

    kind: "str"
    """What happened: `session_committed`, `landed`, `imported`, `branch_created`, `branch_deleted`,
    `checkpoint_created`, `undone`, `workspace_created`, `workspace_updated`, `workspace_deleted`,
    `session_expired`, `session_closed`, `diverged`.
    """

    number: "int"
    """The number within the workspace."""

    workspace: "str"
    """The workspace."""


class EventPage(TypedDict):
    """A page of events in order of number."""

    events: "List[Event]"
    """The events, gap-free from the number asked for."""

    next: "int"
    """The number to ask from next time."""


class FileContent(TypedDict):
    """A file's content as read."""

    content: "Text"
    """The bytes; for a link its target, for a submodule its commit in hexadecimal digits."""

    etag: "str"
    """The revision of the content, to be sent back as `expect` or `If-Match`."""

    mode: "str"
    """The mode."""

    path: "Text"
    """The path."""

# The difference of one path.
FileDiff = TypedDict(
    "FileDiff",
    {
        "added": "int",
        "after_mode": "NotRequired[Optional[str]]",
        "before_mode": "NotRequired[Optional[str]]",
        "binary": "bool",
        "change": "PathChange",
        "from": "NotRequired[Optional[Text]]",
        "hunks": "NotRequired[List[Hunk]]",
        "path": "Text",
        "removed": "int",
        "symbols": "NotRequired[Optional[List[ChangedSymbol]]]",
    },
)


class FileInfo(TypedDict):
    """One entry of a listing."""

    deleted: "NotRequired[bool]"
    """Among the changed paths: the session deleted it."""

    id: "NotRequired[Optional[str]]"
    """The blob's id where it is known; absent for unsaved edits and directories."""

    mode: "NotRequired[Optional[str]]"
    """The Git mode; absent for directories."""

    path: "Text"
    """The path from the root."""

    size: "NotRequired[Optional[int]]"
    """The size in bytes, where asked for and known."""

    type: "FileType"
    """What it is."""


class FileList(TypedDict):
    """A page of files in path order."""

    files: "List[FileInfo]"
    """The entries."""

    next: "NotRequired[Optional[Text]]"
    """The path to pass as `after` for the next page; absent when this is all."""

# One changed path.
FileStatus = TypedDict(
    "FileStatus",
    {
        "change": "PathChange",
        "file": "NotRequired[Optional[FileInfo]]",
        "from": "NotRequired[Optional[Text]]",
        "path": "Text",
        "symbols": "NotRequired[Optional[List[ChangedSymbol]]]",
    },
)

# Whether an entry is a file, a link, a submodule or a directory.
FileType = Literal['file', 'symlink', 'submodule', 'directory']


class Fork(TypedDict):
    """Forks a workspace."""

    at: "NotRequired[Optional[str]]"
    """The point: version, full ref or commit; without it all branches at their heads."""

    name: "NotRequired[Optional[str]]"
    """The fork's name; without it one is made."""


class Grep(TypedDict):
    """A search over a session's files."""

    after: "NotRequired[int]"
    """Lines of context after each match."""

    before: "NotRequired[int]"
    """Lines of context before each match."""

    case: "NotRequired[CaseRule]"
    """How case counts."""

    cursor: "NotRequired[Optional[str]]"
    """The cursor of the page before."""

    fixed: "NotRequired[bool]"
    """Take the pattern as plain text."""

    glob: "NotRequired[Optional[str]]"
    """Only paths that match this glob."""

    limit: "NotRequired[Optional[int]]"
    """At most so many matching lines (or paths); the engine's own limit applies too."""

    mode: "NotRequired[GrepMode]"
    """What to answer with."""

    multiline: "NotRequired[bool]"
    """Let a match span lines."""

    path: "NotRequired[Optional[Text]]"
    """Only below this directory, or in this file."""

    pattern: "NotRequired[str]"
    """The regular expression (ripgrep's syntax, linear time)."""

    type: "NotRequired[Optional[str]]"
    """Only files of this type, by ripgrep's names: `rust`, `py`, `ts`, …"""

    word: "NotRequired[bool]"
    """Only whole words."""


class GrepFile(TypedDict):
    """The matches of one file."""

    count: "int"
    """How many lines match; in mode `content`, how many of them are in this page."""

    lines: "NotRequired[List[GrepLine]]"
    """The lines, in mode `content`."""

    more: "NotRequired[bool]"
    """Whether more of this file follows in the next page."""

    path: "Text"
    """The path."""


class GrepLine(TypedDict):
    """One line of a search's answer."""

    context: "NotRequired[bool]"
    """Whether it is context, not a match."""

    number: "int"
    """The line's number, from 1."""

    text: "Text"
    """The line without its end, clipped when very long."""

# What a search answers with.
GrepMode = Literal['content', 'files', 'count']


class GrepPage(TypedDict):
    """A page of matches in path order."""

    files: "List[GrepFile]"
    """The files with matches."""

    matches: "int"
    """Matching lines in this page (paths, in mode `files`)."""

    next: "NotRequired[Optional[str]]"
    """The cursor for the next page; absent when this is all."""

    skipped: "int"
    """How many files were passed over as binary or too large."""


class Health(TypedDict):
    """Whether the server is there."""

    status: "str"
    """Always `ok`."""


class Hunk(TypedDict):
    """A run of changed lines with context. Line numbers count from 1."""

    after_lines: "int"
    """Lines after."""

    after_start: "int"
    """First line after."""

    before_lines: "int"
    """Lines before."""

    before_start: "int"
    """First line before."""

    lines: "List[HunkLine]"
    """The lines."""


class HunkLine(TypedDict):
    """One line of a hunk."""

    kind: "LineKind"
    """The kind."""

    no_newline: "NotRequired[bool]"
    """Whether it is the last line and has no end."""

    text: "Text"
    """The line without its end."""

# The kind of a diff line.
LineKind = Literal['context', 'removed', 'added']


class LineSpan(TypedDict):
    """A span of lines, from 1; an empty span names the line it stands before."""

    lines: "int"
    """Number of lines."""

    start: "int"
    """First line."""


class MarkTemplate(TypedDict):
    """Marks a workspace as a template."""

    at: "NotRequired[Optional[str]]"
    """What it is a template of: version, full ref (`refs/tags/…` for a checkpoint) or commit; the head at the time
    without it.
    """

    history: "NotRequired[Optional[TemplateHistory]]"

# Merges one branch into another.
Merge = TypedDict(
    "Merge",
    {
        "from": "str",
        "into": "NotRequired[Optional[str]]",
        "message": "NotRequired[Optional[str]]",
        "same_symbol": "NotRequired[Optional[str]]",
    },
)

# A move of a file or a whole directory.
MoveFile = TypedDict(
    "MoveFile",
    {
        "from": "Text",
        "replace": "NotRequired[bool]",
        "to": "Text",
    },
)


class NewToken(TypedDict):
    """A token just made."""

    id: "str"
    """Its id, by which it is listed and revoked."""

    token: "str"
    """The token; shown once."""


class NoticeOverlap(TypedDict):
    """A hint about live edits; never numbered, never durable."""

    agent: "str"
    """Its agent, as it named itself."""

    intent: "NotRequired[Optional[str]]"
    """What it says it is doing."""

    path: "Text"
    """The path both edit."""

    session: "str"
    """The other session."""

    symbol: "NotRequired[Optional[str]]"
    """The symbol both edit; absent where it is the file, or lines outside of symbols."""

    kind: "Literal['overlap']"


class NoticeHeadMoved(TypedDict):
    """A hint about live edits; never numbered, never durable."""

    kind: "Literal['head_moved']"

    paths: "List[Text]"
    """Paths that both changed, at most twenty."""

    version: "int"
    """The newest version."""


class OpenSession(TypedDict):
    """Opens a session."""

    agent: "str"
    """Who works here, as it names itself: at most 200 bytes."""

    at: "NotRequired[Optional[str]]"
    """An earlier version, ref or commit to stand on; without it the branch's head."""

    branch: "NotRequired[Optional[str]]"
    """The branch to work on, short or full; without it the workspace's default branch."""

    durability: "NotRequired[Durability]"
    """How unsaved edits are kept."""

    intent: "NotRequired[Optional[str]]"
    """What it is going to do, shown to others: at most 2,000 bytes."""

    ttl: "NotRequired[Optional[int]]"
    """Seconds without a call until it expires; at most the store's limit."""


class Opened(TypedDict):
    """A session just opened."""

    base: "Base"
    """What it stands on."""

    branch: "str"
    """The full name of its branch."""

    expires: "str"
    """When it expires if nobody calls."""

    id: "str"
    """The session."""

    token: "str"
    """The token for this session; shown once."""

    workspace: "str"
    """Its workspace."""


class OperationInfo(TypedDict):
    """One entry of a workspace's operation log."""

    actor: "str"
    """Who did it."""

    after: "Dict[str, Any]"
    """The state after, as far as it changed."""

    at: "str"
    """When."""

    before: "Dict[str, Any]"
    """The state before, as far as it changed."""

    kind: "str"
    """What was done."""

    number: "int"
    """The number within the workspace."""

    undoes: "NotRequired[Optional[int]]"
    """The operation that this one undoes."""


class OperationPage(TypedDict):
    """A page of operations, newest first."""

    next: "NotRequired[Optional[int]]"
    """The number to pass as `before` for the next page."""

    operations: "List[OperationInfo]"
    """The operations."""


class OverlapNotice(TypedDict):
    """Who else edits what a session edits."""

    agent: "str"
    """Its agent, as it named itself."""

    intent: "NotRequired[Optional[str]]"
    """What it says it is doing."""

    path: "Text"
    """The path both edit."""

    session: "str"
    """The other session."""

    symbol: "NotRequired[Optional[str]]"
    """The symbol both edit; absent where it is the file, or lines outside of symbols."""

# How a path changed.
PathChange = Literal['added', 'modified', 'deleted', 'renamed', 'mode']


class PathCommit(TypedDict):
    """A commit that changed a path."""

    agent: "NotRequired[Optional[str]]"
    """The agent that made it."""

    at: "str"
    """When it was recorded."""

    author: "str"
    """Who wrote it, as Git has it."""

    commit: "str"
    """The commit."""

    message: "str"
    """The first line of its message."""

    session: "NotRequired[Optional[str]]"
    """The session it came from."""

    turn: "NotRequired[Optional[int]]"
    """That session's turn."""

    version: "NotRequired[Optional[int]]"
    """The version that it is."""


class PathHistory(TypedDict):
    """The commits that changed a path, newest first."""

    commits: "List[PathCommit]"
    """The commits."""

    next: "NotRequired[Optional[int]]"
    """What to pass as `skip` for the next page."""

    path: "Text"
    """The path."""


class Person(TypedDict):
    """Who made one side of a conflict."""

    intent: "NotRequired[Optional[str]]"
    """What it says it was doing."""

    name: "str"
    """The agent or author."""

    session: "NotRequired[Optional[str]]"
    """The session, where it was one."""

    version: "NotRequired[Optional[int]]"
    """The version that brought it, for the head's side."""


class Problem(TypedDict):
    """The body of a problem, as RFC 9457 has it."""

    code: "str"
    """A stable, specific code such as `session_lost`."""

    detail: "str"
    """One sentence: what happened."""

    details: "NotRequired[Optional[Dict[str, Any]]]"
    """Structured details, as the code documents them."""

    hint: "NotRequired[Optional[str]]"
    """One sentence: what to do next."""

    kind: "str"
    """The kind: `not_found`, `conflict`, `invalid`, `stale`, `limit`, `denied`, `unavailable`, `internal`."""

    status: "int"
    """The HTTP status again."""

    title: "str"
    """The kind in words."""

    type: "str"
    """`urn:acetate:problem:` and the code."""


class ProposalInfo(TypedDict):
    """A merge that a rule holds back."""

    size: "NotRequired[Optional[int]]"
    """The size of the whole text in bytes, where it is cut short."""

    text: "Text"
    """What it would put in the conflict's place, its places one after the other; at most 16 KiB, and 1 MiB in one
    answer.
    """

    why: "str"
    """Why it may be right, and why it is held back."""


class ReadFileContent(TypedDict):
    """One answer of [`ReadMany`]: the file, or why not."""

    content: "Text"
    """The bytes; for a link its target, for a submodule its commit in hexadecimal digits."""

    etag: "str"
    """The revision of the content, to be sent back as `expect` or `If-Match`."""

    mode: "str"
    """The mode."""

    path: "Text"
    """The path."""


class ReadFileCode(TypedDict):
    """One answer of [`ReadMany`]: the file, or why not."""

    code: "str"
    """The code, for example `path_not_found` or `is_directory`."""

    kind: "str"
    """The kind, as in a problem: `not_found`, `conflict`, `limit`, …"""

    message: "str"
    """One sentence."""

    path: "Text"
    """The path."""


class ReadMany(TypedDict):
    """Many files in one call."""

    at: "NotRequired[Optional[str]]"
    """For a workspace: at this version, ref or commit instead of the head."""

    globs: "NotRequired[List[str]]"
    """And every file that matches one of these globs, in path order."""

    paths: "NotRequired[List[Text]]"
    """These paths, answered in this order."""


class Resolve(TypedDict):
    """Settles one conflict."""

    kind: "NotRequired[Optional[str]]"
    """The conflict's kind, where several are at one path; without it they are settled one after the other. Where
    several are in one file's text, naming a kind settles one part, as naming a symbol does.
    """

    path: "Text"
    """The conflict's path."""

    submit: "NotRequired[bool]"
    """Also submit once the last conflict is settled."""

    symbol: "NotRequired[Optional[str]]"
    """The conflict's symbol: only its part of the file is settled. An empty name means the lines outside of symbols.
    Without it the whole path is settled, with every conflict in it.
    """

    take: "Take"
    """Which text to take."""

    text: "NotRequired[Optional[Text]]"
    """The text, with `take: text`: the part's where a part is settled, else the whole file's."""


class Resolved(TypedDict):
    """What a resolution came to."""

    moved: "bool"
    """Whether the session now stands on the version the conflicts were computed against, with the merged texts."""

    open: "NotRequired[int]"
    """How many are still open."""

    remaining: "List[ConflictInfo]"
    """Conflicts still open, at most a hundred of them; `status` lists all."""

    submission: "NotRequired[Optional[Submission]]"


class Restore(TypedDict):
    """Makes the files of an earlier point the newest version."""

    at: "str"
    """The point: version, full ref or commit."""

    branch: "NotRequired[Optional[str]]"
    """The branch, short or full; without it the default branch."""

    message: "NotRequired[Optional[str]]"
    """Why."""


class Retention(TypedDict):
    """How long a workspace keeps what is not a landed version or a checkpoint, which are always kept. Without a
    number it is kept.
    """

    branches_days: "NotRequired[Optional[int]]"
    """The branches of ended sessions go after so many days; 30 without a number."""

    turns_days: "NotRequired[Optional[int]]"
    """Turn commits whose work has landed go after so many days; the landed commit stays."""

# What a token allows.
Right = Literal['read', 'write', 'land', 'admin']


class SessionDiff(TypedDict):
    """The difference between a session and its base."""

    files: "List[FileDiff]"
    """The changed files, in path order."""

    patch: "NotRequired[Optional[Text]]"
    """The same as a patch that `git apply` takes, where asked for."""

    truncated: "bool"
    """Whether files were left out because the answer would be too large."""


class SessionInfo(TypedDict):
    """A session as listed."""

    agent: "str"
    """Its agent."""

    base: "Base"
    """What it stands on."""

    branch: "str"
    """The full name of its branch."""

    created: "str"
    """When it was opened."""

    durability: "Durability"
    """How unsaved edits are kept."""

    expires: "str"
    """When it expires if nobody calls."""

    id: "str"
    """The session."""

    intent: "NotRequired[Optional[str]]"
    """Its intent."""

    memory: "int"
    """Bytes of memory that its overlay takes, about."""

    state: "SessionState"
    """Its state."""

    tip: "NotRequired[Optional[str]]"
    """The newest turn commit, if there is one."""

    turn: "int"
    """How many turns were committed."""

    unsaved: "bool"
    """Whether there are edits since the last turn commit."""

    unsubmitted: "bool"
    """Whether there is work that has not landed."""

    working: "NotRequired[bool]"
    """Whether it is its workspace's working session, whose commits land at once."""

    workspace: "str"
    """Its workspace."""


class SessionList(TypedDict):
    """A page of sessions."""

    sessions: "List[SessionInfo]"
    """The sessions, newest first."""

# The state of a session.
SessionState = Literal['active', 'paused', 'damaged', 'closed']


class SessionStatus(TypedDict):
    """What a session has changed and what a submit would meet."""

    changed: "int"
    """How many paths are changed in all."""

    changes: "List[FileStatus]"
    """The changed paths, in path order, at most a thousand."""

    conflicts: "List[ConflictInfo]"
    """Conflicts that wait for `resolve`, at most a thousand."""

    open: "NotRequired[int]"
    """How many of them are open, those that are not listed included."""

    overlaps: "NotRequired[List[OverlapNotice]]"
    """What other live sessions of the branch edit too: symbols, or files whose symbols are not known; at most a
    hundred.
    """

    session: "SessionInfo"
    """The session."""


class SetMode(TypedDict):
    """Changes a file's mode."""

    mode: "str"
    """`100644` or `100755`."""

    path: "Text"
    """The file."""


class Standing(TypedDict):
    """Where a session stands; part of every answer about it."""

    base: "Base"
    """What it stands on."""

    behind: "int"
    """How many versions the head is ahead of the base."""

    events: "NotRequired[List[Event]]"
    """Durable events the session has not acknowledged, oldest first, at most twenty."""

    head: "Base"
    """The head of its branch now."""

    notices: "NotRequired[List[Notice]]"
    """Live edits of others that meet this session's, overlaps first."""


class StoreStatus(TypedDict):
    """The store as a whole."""

    cache_bytes: "int"
    """Bytes in the object caches."""

    format: "str"
    """The hash function of the store's objects."""

    journal_bytes: "int"
    """Bytes of the journal on disk."""

    overlay_bytes: "int"
    """Bytes that live overlays take, about."""

    packs: "int"
    """Packs in the object database."""

    reason: "NotRequired[Optional[str]]"
    """Why it is read-only."""

    schema: "int"
    """The schema version of all answers."""

    sessions: "int"
    """Live sessions."""

    state: "str"
    """`healthy` or `read_only`."""

    version: "str"
    """Acetate's version."""

    workspaces: "int"
    """Workspaces."""


class StringEdit(TypedDict):
    """One exact replacement of text."""

    all: "NotRequired[bool]"
    """Replace every occurrence."""

    new: "Text"
    """The text to put there."""

    old: "Text"
    """The text to replace; must occur exactly once unless `all`."""


class SubmissionLanded(TypedDict):
    """A submission and what became of it."""

    commit: "NotRequired[Optional[str]]"
    """The landed commit; absent for a dry run."""

    findings: "NotRequired[List[str]]"
    """Named findings of the merge: renames followed, directories renamed, the same change made twice."""

    paths: "int"
    """How many paths landed."""

    result: "Literal['landed']"

    tree: "str"
    """The landed tree."""

    unchanged: "NotRequired[bool]"
    """Whether there was nothing to land: the head already has every change."""

    version: "NotRequired[Optional[int]]"
    """The version; absent for a dry run."""

    id: "NotRequired[Optional[str]]"
    """Its id, for `GET /submissions/{id}`; absent for a dry run."""

    session: "str"
    """The session; `s_0000000000000000`, which no session ever is, where a merge had nothing to do and needed none."""


class SubmissionConflict(TypedDict):
    """A submission and what became of it."""

    against: "Base"
    """The head they were computed against."""

    conflicts: "List[ConflictInfo]"
    """The conflicts, one for each question, in path order; at most a thousand, the open ones first where there are
    more.
    """

    open: "NotRequired[int]"
    """How many are open, those that are not listed included."""

    result: "Literal['conflict']"

    id: "NotRequired[Optional[str]]"
    """Its id, for `GET /submissions/{id}`; absent for a dry run."""

    session: "str"
    """The session; `s_0000000000000000`, which no session ever is, where a merge had nothing to do and needed none."""


class SubmissionRejected(TypedDict):
    """A submission and what became of it."""

    checks: "List[str]"
    """What each check said."""

    result: "Literal['rejected']"

    id: "NotRequired[Optional[str]]"
    """Its id, for `GET /submissions/{id}`; absent for a dry run."""

    session: "str"
    """The session; `s_0000000000000000`, which no session ever is, where a merge had nothing to do and needed none."""


class SubmissionOutcomeLanded(TypedDict):
    """What became of a submission."""

    commit: "NotRequired[Optional[str]]"
    """The landed commit; absent for a dry run."""

    findings: "NotRequired[List[str]]"
    """Named findings of the merge: renames followed, directories renamed, the same change made twice."""

    paths: "int"
    """How many paths landed."""

    result: "Literal['landed']"

    tree: "str"
    """The landed tree."""

    unchanged: "NotRequired[bool]"
    """Whether there was nothing to land: the head already has every change."""

    version: "NotRequired[Optional[int]]"
    """The version; absent for a dry run."""


class SubmissionOutcomeConflict(TypedDict):
    """What became of a submission."""

    against: "Base"
    """The head they were computed against."""

    conflicts: "List[ConflictInfo]"
    """The conflicts, one for each question, in path order; at most a thousand, the open ones first where there are
    more.
    """

    open: "NotRequired[int]"
    """How many are open, those that are not listed included."""

    result: "Literal['conflict']"


class SubmissionOutcomeRejected(TypedDict):
    """What became of a submission."""

    checks: "List[str]"
    """What each check said."""

    result: "Literal['rejected']"


class Submit(TypedDict):
    """Submits a session's work."""

    dry_run: "NotRequired[bool]"
    """Only say what would happen."""

    message: "NotRequired[Optional[str]]"
    """The landed commit's message; without it the turn's, or one made from the changed paths."""

    same_symbol: "NotRequired[Optional[str]]"
    """What becomes of a symbol that both sides changed, in different lines: `review`, `merge` or `verified`; without
    it as the workspace says.
    """


class SymbolInfo(TypedDict):
    """A symbol of a file."""

    has_error: "NotRequired[bool]"
    """Whether something in it did not parse."""

    kind: "str"
    """What it is: `function`, `method`, `struct`, `class`, `import`, `key`, `section`, …"""

    lines: "int"
    """How many lines it has."""

    path: "Text"
    """The file."""

    start: "int"
    """Its first line, comments and attributes above it included; the first line of a file is 1."""

    symbol: "str"
    """Its path in the file: `Parser::next`."""


class SymbolList(TypedDict):
    """Symbols: of a file in the order of its text; of a search the best first."""

    language: "NotRequired[Optional[str]]"
    """The language of the file that was asked for; absent for one that is not known, which then has no symbols."""

    symbols: "List[SymbolInfo]"
    """The symbols."""

    truncated: "NotRequired[bool]"
    """Whether there may be more than are listed, or files that were not looked into."""


class Sync(TypedDict):
    """Rebases a session onto the head."""

    same_symbol: "NotRequired[Optional[str]]"
    """What becomes of a symbol that both sides changed, in different lines: `review`, `merge` or `verified`; without
    it as the workspace says.
    """


class SyncOutcomeSynced(TypedDict):
    """What a sync came to."""

    findings: "NotRequired[List[str]]"
    """Named findings of the merge."""

    moved: "int"
    """How many versions it moved."""

    result: "Literal['synced']"


class SyncOutcomeConflict(TypedDict):
    """What a sync came to."""

    against: "Base"
    """The head they were computed against."""

    conflicts: "List[ConflictInfo]"
    """The conflicts, one for each question, in path order; at most a thousand, the open ones first where there are
    more.
    """

    open: "NotRequired[int]"
    """How many are open, those that are not listed included."""

    result: "Literal['conflict']"

# Which text settles a conflict.
Take = Literal['head', 'session', 'proposal', 'text', 'delete']

# The history that workspaces made from a template begin with.
TemplateHistory = Literal['own', 'template']


class TemplateInfo(TypedDict):
    """What a template is."""

    at: "NotRequired[Optional[str]]"
    """The point as it was named; absent for the head at the time."""

    commit: "NotRequired[Optional[str]]"
    """That point's commit when it was marked."""

    history: "TemplateHistory"
    """The history that others begin with, where they do not say."""


class TokenInfo(TypedDict):
    """A token as listed; the token itself is never shown again."""

    created: "str"
    """When it was made."""

    expires: "NotRequired[Optional[str]]"
    """When it ends, if ever."""

    id: "str"
    """Its id."""

    label: "str"
    """What it is for; may be empty."""

    rights: "List[Right]"
    """What it allows."""

    workspace: "NotRequired[Optional[str]]"
    """The only workspace it reaches; absent for the whole store."""


class TokenList(TypedDict):
    """The tokens that have not ended, oldest first."""

    tokens: "List[TokenInfo]"
    """The tokens."""

# The difference between two points of a workspace.
TreeDiff = TypedDict(
    "TreeDiff",
    {
        "files": "List[FileDiff]",
        "from": "str",
        "to": "str",
        "truncated": "bool",
    },
)


class TurnCommit(TypedDict):
    """What ending a turn came to."""

    changed: "bool"
    """Whether anything had changed; if not, no commit was made."""

    commit: "NotRequired[Optional[str]]"
    """The turn commit; the one before when nothing changed, absent when there never was one."""

    paths: "int"
    """How many paths this turn changed."""

    submission: "NotRequired[Optional[Submission]]"

    turn: "int"
    """The turn's number."""


class TurnInfo(TypedDict):
    """A commit of a session's own branch."""

    at: "str"
    """When it was made."""

    commit: "str"
    """The commit."""

    message: "str"
    """The first line of its message."""

    turn: "int"
    """The turn's number."""


class TurnList(TypedDict):
    """The turns of a session since it stands on its base."""

    turns: "List[TurnInfo]"
    """The turns, newest first, at most a thousand."""


class Undelete(TypedDict):
    """Brings a deleted workspace back."""

    name: "NotRequired[Optional[str]]"
    """A new name; without it the one it had."""


class Undo(TypedDict):
    """Undoes an operation."""

    operation: "NotRequired[Optional[int]]"
    """The operation's number; without it the newest that is not undone."""


class VersionInfo(TypedDict):
    """A landed state."""

    agent: "NotRequired[Optional[str]]"
    """The agent of that session."""

    at: "str"
    """When it landed."""

    branch: "str"
    """The full name of the branch it landed on."""

    commit: "str"
    """The commit."""

    intent: "NotRequired[Optional[str]]"
    """The intent of that session."""

    kind: "str"
    """How it came: `import`, `landing`, `push`, `merge`, `undo`, `restore`, `template`."""

    message: "str"
    """The first line of the message."""

    session: "NotRequired[Optional[str]]"
    """The session that submitted it."""

    version: "int"
    """The number: `v12` is version 12."""


class VersionPage(TypedDict):
    """A page of history, newest first."""

    next: "NotRequired[Optional[int]]"
    """The number to pass as `before` for the next page."""

    versions: "List[VersionInfo]"
    """The versions."""


class WorkingSession(TypedDict):
    """A workspace's working session is asked for."""

    agent: "NotRequired[Optional[str]]"
    """Who works in it if it has to be opened: at most 200 bytes; the caller without."""


class WorkspaceInfo(TypedDict):
    """A workspace."""

    created: "str"
    """When it was made."""

    default_branch: "str"
    """The full name of its default branch."""

    deleted: "NotRequired[Optional[str]]"
    """When it was deleted."""

    description: "NotRequired[Optional[str]]"
    """What it is for."""

    diverged: "NotRequired[Optional[str]]"
    """How the checkout or the branch on disk stands apart from the head, in a sentence that says what to do."""

    head: "Base"
    """The head of the default branch."""

    id: "str"
    """Its id."""

    in_place: "bool"
    """Whether it is the repository that is served in place."""

    lags: "NotRequired[bool]"
    """Whether `diverged` says only that it lags behind, which catching up mends once nothing is in the way; else
    somebody has to decide.
    """

    max_file_bytes: "NotRequired[Optional[int]]"
    """The largest file in bytes that may be written, if that is set."""

    name: "str"
    """Its name."""

    opened: "NotRequired[Optional[Opened]]"

    portable_paths: "bool"
    """Whether paths must be portable."""

    purged_after: "NotRequired[Optional[str]]"
    """Until when a deleted one can be brought back."""

    retention: "NotRequired[Optional[Retention]]"

    same_symbol: "NotRequired[str]"
    """What becomes of a symbol that both sides of a submission changed, in different lines: `review`, `merge` or
    `verified`.
    """

    sessions: "int"
    """Live sessions."""

    template: "NotRequired[Optional[TemplateInfo]]"


class WorkspaceList(TypedDict):
    """A page of workspaces by name."""

    next: "NotRequired[Optional[str]]"
    """The name to pass as `after` for the next page."""

    workspaces: "List[WorkspaceInfo]"
    """The workspaces."""


class WorkspaceSourceGit(TypedDict):
    """What a new workspace is made from."""

    git: "str"
    """A Git repository: a path on the daemon's machine or an `https`, `ssh` or `git` address."""


class WorkspaceSourceBundle(TypedDict):
    """What a new workspace is made from."""

    bundle: "str"
    """A bundle file on the daemon's machine."""


class WorkspaceSourceWorkspace(TypedDict):
    """What a new workspace is made from."""

    workspace: "str"
    """Another workspace of the store."""


class WorkspaceSourceTemplate(TypedDict):
    """What a new workspace is made from."""

    template: "str"
    """A template, by name or id."""


class WorkspaceUpdate(TypedDict):
    """Changes a workspace."""

    default_branch: "NotRequired[Optional[str]]"
    """The new default branch; must exist."""

    description: "NotRequired[Optional[str]]"
    """The new description."""

    max_file_bytes: "NotRequired[Optional[int]]"
    """The largest file in bytes that may be written, at most what the store takes; 0 lifts the limit."""

    name: "NotRequired[Optional[str]]"
    """The new name."""

    portable_paths: "NotRequired[Optional[bool]]"
    """Refuse paths that Windows or a case-folding file system can't hold."""

    retention: "NotRequired[Optional[RetentionChange]]"

    same_symbol: "NotRequired[Optional[str]]"
    """What becomes of a symbol that both sides of a submission changed, in different lines: `review` is a conflict
    with the merged text as its proposal, `merge` merges as Git does, `verified` merges if the checks pass
    (without checks it acts as `review`).
    """

    template: "NotRequired[Optional[TemplateMark]]"


class Written(TypedDict):
    """What a write came to."""

    created: "bool"
    """Whether the path was not there before."""

    etag: "NotRequired[Optional[str]]"
    """The new revision; absent when the path is gone or a directory."""

    path: "Text"
    """The path."""

    size: "int"
    """The size in bytes."""

    warning: "NotRequired[Optional[str]]"
    """What makes the path awkward elsewhere, in a sentence."""

# An answer about a session: where it stands, and what was asked.
SubmissionAnswer = Union[SubmissionAnswerLanded, SubmissionAnswerConflict, SubmissionAnswerRejected]

# An answer about a session: where it stands, and what was asked.
SyncOutcomeAnswer = Union[SyncOutcomeAnswerSynced, SyncOutcomeAnswerConflict]

# One step of a [`Batch`].
BatchEdit = Union[BatchEditWrite, BatchEditEdit, BatchEditDelete, BatchEditMove, BatchEditMode, BatchEditDirectory]

# A hint about live edits; never numbered, never durable.
Notice = Union[NoticeOverlap, NoticeHeadMoved]

# One answer of [`ReadMany`]: the file, or why not.
ReadFile = Union[ReadFileContent, ReadFileCode]

# Sets or lifts a retention policy.
RetentionChange = Union[bool, Retention]

# A submission and what became of it.
Submission = Union[SubmissionLanded, SubmissionConflict, SubmissionRejected]

# What became of a submission.
SubmissionOutcome = Union[SubmissionOutcomeLanded, SubmissionOutcomeConflict, SubmissionOutcomeRejected]

# What a sync came to.
SyncOutcome = Union[SyncOutcomeSynced, SyncOutcomeConflict]

# Marks or unmarks a template.
TemplateMark = Union[bool, MarkTemplate]

# What a new workspace is made from.
WorkspaceSource = Union[WorkspaceSourceGit, WorkspaceSourceBundle, WorkspaceSourceWorkspace, WorkspaceSourceTemplate]

__all__ = [
    "BackupReport",
    "BackupTo",
    "Base",
    "Batch",
    "BatchEdit",
    "BatchEditDelete",
    "BatchEditDirectory",
    "BatchEditEdit",
    "BatchEditMode",
    "BatchEditMove",
    "BatchEditWrite",
    "BatchWritten",
    "BatchWrittenAnswer",
    "BlameInfo",
    "BlameLines",
    "BranchInfo",
    "BranchList",
    "CaseRule",
    "ChangeRecord",
    "ChangedSymbol",
    "CheckpointInfo",
    "CheckpointInfoAnswer",
    "CheckpointList",
    "CheckpointSession",
    "Closed",
    "CommitTurn",
    "ConflictInfo",
    "ConflictSide",
    "CreateBranch",
    "CreateCheckpoint",
    "CreateToken",
    "CreateWorkspace",
    "Durability",
    "EditFile",
    "Edited",
    "EditedAnswer",
    "Event",
    "EventPage",
    "FileContent",
    "FileDiff",
    "FileInfo",
    "FileList",
    "FileListAnswer",
    "FileStatus",
    "FileType",
    "Fork",
    "Grep",
    "GrepFile",
    "GrepLine",
    "GrepMode",
    "GrepPage",
    "GrepPageAnswer",
    "Health",
    "Hunk",
    "HunkLine",
    "LineKind",
    "LineSpan",
    "MarkTemplate",
    "Merge",
    "MoveFile",
    "NewToken",
    "Notice",
    "NoticeHeadMoved",
    "NoticeOverlap",
    "OpenSession",
    "Opened",
    "OperationInfo",
    "OperationPage",
    "OverlapNotice",
    "PathChange",
    "PathCommit",
    "PathHistory",
    "Person",
    "Problem",
    "ProposalInfo",
    "ReadFile",
    "ReadFileCode",
    "ReadFileContent",
    "ReadMany",
    "Resolve",
    "Resolved",
    "ResolvedAnswer",
    "Restore",
    "Retention",
    "RetentionChange",
    "Right",
    "SessionDiff",
    "SessionDiffAnswer",
    "SessionInfo",
    "SessionInfoAnswer",
    "SessionList",
    "SessionState",
    "SessionStatus",
    "SessionStatusAnswer",
    "SetMode",
    "Standing",
    "StoreStatus",
    "StringEdit",
    "Submission",
    "SubmissionAnswer",
    "SubmissionAnswerConflict",
    "SubmissionAnswerLanded",
    "SubmissionAnswerRejected",
    "SubmissionConflict",
    "SubmissionLanded",
    "SubmissionOutcome",
    "SubmissionOutcomeConflict",
    "SubmissionOutcomeLanded",
    "SubmissionOutcomeRejected",
    "SubmissionRejected",
    "Submit",
    "SymbolInfo",
    "SymbolList",
    "SymbolListAnswer",
    "Sync",
    "SyncOutcome",
    "SyncOutcomeAnswer",
    "SyncOutcomeAnswerConflict",
    "SyncOutcomeAnswerSynced",
    "SyncOutcomeConflict",
    "SyncOutcomeSynced",
    "Take",
    "TemplateHistory",
    "TemplateInfo",
    "TemplateMark",
    "Text",
    "TokenInfo",
    "TokenList",
    "TreeDiff",
    "TurnCommit",
    "TurnCommitAnswer",
    "TurnInfo",
    "TurnList",
    "TurnListAnswer",
    "Undelete",
    "Undo",
    "VersionInfo",
    "VersionPage",
    "WorkingSession",
    "WorkspaceInfo",
    "WorkspaceList",
    "WorkspaceSource",
    "WorkspaceSourceBundle",
    "WorkspaceSourceGit",
    "WorkspaceSourceTemplate",
    "WorkspaceSourceWorkspace",
    "WorkspaceUpdate",
    "Written",
    "WrittenAnswer",
]
