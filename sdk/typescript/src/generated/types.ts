// Written by scripts/generate.mjs from docs/reference/openapi.json. Do not edit.

/** A text or a path: a string, or its bytes where they are not UTF-8. */
export type Text = string | { base64: string };

/** Data whose shape depends on what it belongs to. */
export type Data = Record<string, unknown>;

/** An answer about a session: what was asked for, and where the session stands. */
export type Answer<T> = T & {
  /** Where the session stands. */
  standing: Standing;
};

/** What a backup holds. */
export type BackupReport = {
  /** Its size in bytes. */
  bytes: number;
  /** Where it is. */
  path: string;
};

/** Where a backup goes. */
export type BackupTo = {
  /** A new folder on the server's machine, as an absolute path. */
  path: Text;
};

/** The commit that a session stands on. */
export type Base = {
  /** The commit; absent on a branch without commits. */
  commit?: string | null | undefined;
  /** Its version, if it is one. */
  version?: number | null | undefined;
};

/** Several edits, all or none. */
export type Batch = {
  /** The edits, one after the other. */
  edits: BatchEdit[];
};

/** One step of a `Batch`. */
export type BatchEdit = {
  /** The bytes; for a link its target. */
  content: Text;
  /** See `WriteFile::expect`. */
  expect?: string | null | undefined;
  /** The mode, see `WriteFile::mode`. */
  mode?: string | null | undefined;
  op: "write";
  /** The path. */
  path: Text;
} | {
  /** The replacements, one after the other. */
  edits: StringEdit[];
  /** See `WriteFile::expect`. */
  expect?: string | null | undefined;
  op: "edit";
  /** The path. */
  path: Text;
} | {
  op: "delete";
  /** The path. */
  path: Text;
} | {
  /** From here. */
  from: Text;
  op: "move";
  /** Replace what is there. */
  replace?: boolean | undefined;
  /** To here. */
  to: Text;
} | {
  /** `100644` or `100755`. */
  mode: string;
  op: "mode";
  /** The path. */
  path: Text;
} | {
  op: "directory";
  /** The path. */
  path: Text;
};

/** What the steps of a batch came to, in their order. */
export type BatchWritten = {
  written: Written[];
};

/** Where each line of a file comes from. */
export type BlameInfo = {
  /** The commit it was looked at in. */
  commit: string;
  /** The lines, in order. */
  lines: BlameLines[];
  /** The file. */
  path: Text;
};

/** Lines that came from one commit, one after the other. */
export type BlameLines = PathCommit & {
  /** How many lines. */
  lines: number;
  /** The first line, counted from 1. */
  start: number;
};

/** A branch. */
export type BranchInfo = {
  /** Whether it is the default branch. */
  default: boolean;
  /** Its head. */
  head: Base;
  /** The full name, `refs/heads/…`. */
  name: string;
};

/** The branches of a workspace, by name. */
export type BranchList = {
  branches: BranchInfo[];
};

/** How letter case counts in a search. */
export type CaseRule = "sensitive" | "insensitive" | "smart";

/** What a turn or a landing changed, as a record of its own. */
export type ChangeRecord = {
  /** When. RFC 3339. */
  at: string;
  /** The author, `name <email>`. */
  author: string;
  /** The commit that names it. */
  commit: string;
  /** The differences, with hunks. */
  files: FileDiff[];
  /** The intent of the session. */
  intent?: string | null | undefined;
  /** The message. */
  message: Text;
  /** The commit before it. */
  parent?: string | null | undefined;
  /** The changed paths, moves included. */
  paths: FileStatus[];
  /** The session it came from. */
  session?: string | null | undefined;
  /** Whether hunks or paths were left out because the answer would be too large. */
  truncated: boolean;
  /** The version, if it landed. */
  version?: number | null | undefined;
};

/** What became of a symbol. */
export type ChangedSymbol = {
  /** Whether its body changed as well. */
  body_changed?: boolean | undefined;
  /** `added`, `deleted`, `changed_signature`, `changed_body`, `changed_above` (only comments or attributes), `renamed`, `moved`. */
  change: string;
  /** Its path before, where that was another. */
  from?: string | null | undefined;
  /** What it is: `function`, `method`, `struct`, … */
  kind: string;
  /** Its path in the file, after the change; before it where it is gone. */
  symbol: string;
};

/** A checkpoint. */
export type CheckpointInfo = {
  /** The commit it names. */
  commit: string;
  /** Why it was made. */
  message?: Text | null | undefined;
  /** Its short name. */
  name: string;
  /** The annotated tag's id (the commit itself for a plain tag of an imported repository). */
  tag: string;
  /** The version, if the commit is one. */
  version?: number | null | undefined;
};

/** The checkpoints of a workspace, by name. */
export type CheckpointList = {
  checkpoints: CheckpointInfo[];
};

/** Names the end of a session's turn. */
export type CheckpointSession = {
  /** Why. */
  message?: string | null | undefined;
  /** The checkpoint's name, as a tag's. */
  name: string;
};

/** What ending a session came to. */
export type Closed = {
  /** The session. */
  id: string;
  /** The ref that keeps it. */
  kept_as?: string | null | undefined;
  /** The tip of its branch, kept for 30 days, if it had any commits. */
  tip?: string | null | undefined;
};

/** Ends a turn. */
export type CommitTurn = {
  /** The message; without it one is made from the changed paths. */
  message?: string | null | undefined;
};

/** A conflict, as data: one question. A file that both sides changed has one for each symbol that can't be decided. */
export type ConflictInfo = {
  base?: ConflictSide | null | undefined;
  head?: ConflictSide | null | undefined;
  head_author?: Person | null | undefined;
  /** Names the conflict: made from its path, symbol, kind and texts, and the same as long as they are. */
  id: string;
  /** The kind: `both_changed`, `same_symbol`, `changed_deleted`, `added_differently`, `duplicate`, `dangling_reference`, … */
  kind: string;
  /** The path it is resolved at. */
  path: Text;
  proposal?: ProposalInfo | null | undefined;
  /** Whether a resolution was given already. */
  resolved?: boolean | undefined;
  session?: ConflictSide | null | undefined;
  session_author?: Person | null | undefined;
  /** The symbol, by its path in the file (`Parser::next`); absent for lines outside of symbols and for whole files. */
  symbol?: string | null | undefined;
  /** Why it can't be decided. */
  why: string;
};

/** One of the three texts of a conflict. */
export type ConflictSide = {
  /** The whole file's blob: what Git's index would have at stage 1 (base), 2 (head) or 3 (session). */
  id: string;
  /** The mode, in octal digits. */
  mode: string;
  /** The path on this side. */
  path: Text;
  /** The lines of each conflicting place, in the order of the places; empty where the whole file is in conflict. */
  places?: LineSpan[] | undefined;
  /** The size of the whole text in bytes, where texts are cut short or left out: to be read by its id or path. */
  size?: number | null | undefined;
  /** The texts of these places (the whole file, where it is in conflict; an empty one where this side has nothing), each at most 16 KiB, and 1 MiB in one answer. */
  texts?: Text[] | undefined;
};

/** Makes a branch. */
export type CreateBranch = {
  /** Where it starts: version, full ref or commit; without it the default branch's head. */
  at?: string | null | undefined;
  /** Its name, short or full. */
  name: string;
};

/** Makes a checkpoint. */
export type CreateCheckpoint = {
  /** The point: version, full ref or commit; without it the default branch's head. */
  at?: string | null | undefined;
  /** Why. */
  message?: string | null | undefined;
  /** Its name, as a tag's. */
  name: string;
};

/** Makes a token. */
export type CreateToken = {
  /** What it is for. */
  label?: string | null | undefined;
  /** What it allows. */
  rights: Right[];
  /** Seconds until it ends; without it it does not. */
  ttl?: number | null | undefined;
  /** For this workspace only; without it for the whole store. */
  workspace?: string | null | undefined;
};

/** Makes a workspace. */
export type CreateWorkspace = {
  /** For `workspace`: at this version, ref or commit instead of its head. */
  at?: string | null | undefined;
  /** What it is for. */
  description?: string | null | undefined;
  from?: WorkspaceSource | null | undefined;
  history?: TemplateHistory | null | undefined;
  /** Its name: 1–100 of `a-z A-Z 0-9 . _ -`, not beginning with a dot or dash; without it one is made from the source. */
  name?: string | null | undefined;
  session?: OpenSession | null | undefined;
};

/** How a session's unsaved edits are kept. */
export type Durability = "journal" | "memory";

/** Replaces exact texts in a file, all or none. */
export type EditFile = {
  /** The replacements, one after the other. */
  edits: StringEdit[];
  /** Only if the file's revision is this one. */
  expect?: string | null | undefined;
  /** The file. */
  path: Text;
};

/** What an edit came to. */
export type Edited = Written & {
  /** How many places were replaced. */
  replacements: number;
};

/** A durable fact of a workspace. Numbers count up from 1 without gaps. */
export type Event = {
  /** When. RFC 3339. */
  at: string;
  /**
   * The details of this kind: version, commit, branch, session, agent, intent, paths; of a landing also the symbols it changed, as
   * `[{path, symbol, kind, change}]`, at most 200, with `symbol_count` for all. They are made when an event is read, a bounded number in
   * one answer: where they are absent, ask for the change by its commit.
   */
  data: Data;
  /**
   * What happened: `session_committed`, `landed`, `imported`, `branch_created`, `branch_deleted`, `checkpoint_created`, `undone`,
   * `workspace_created`, `workspace_updated`, `workspace_deleted`, `session_expired`, `session_closed`, `diverged`.
   */
  kind: string;
  /** The number within the workspace. */
  number: number;
  /** The workspace. */
  workspace: string;
};

/** A page of events in order of number. */
export type EventPage = {
  /** The events, gap-free from the number asked for. */
  events: Event[];
  /** The number to ask from next time. */
  next: number;
};

/** A file's content as read. */
export type FileContent = {
  /** The bytes; for a link its target, for a submodule its commit in hexadecimal digits. */
  content: Text;
  /** The revision of the content, to be sent back as `expect` or `If-Match`. */
  etag: string;
  /** The mode. */
  mode: string;
  /** The path. */
  path: Text;
};

/** The difference of one path. */
export type FileDiff = {
  /** Added lines. */
  added: number;
  /** The mode after. */
  after_mode?: string | null | undefined;
  /** The mode before. */
  before_mode?: string | null | undefined;
  /** Whether either side is binary; then there are no hunks. */
  binary: boolean;
  /** How it changed. */
  change: PathChange;
  /** Where it came from, for a renamed one. */
  from?: Text | null | undefined;
  /** The hunks, where asked for. */
  hunks?: Hunk[] | undefined;
  /** The path after (before, if deleted). */
  path: Text;
  /** Removed lines. */
  removed: number;
  /** What became of its symbols, where asked for and known; at most a thousand. */
  symbols?: ChangedSymbol[] | null | undefined;
};

/** One entry of a listing. */
export type FileInfo = {
  /** Among the changed paths: the session deleted it. */
  deleted?: boolean | undefined;
  /** The blob's id where it is known; absent for unsaved edits and directories. */
  id?: string | null | undefined;
  /** The Git mode; absent for directories. */
  mode?: string | null | undefined;
  /** The path from the root. */
  path: Text;
  /** The size in bytes, where asked for and known. */
  size?: number | null | undefined;
  /** What it is. */
  type: FileType;
};

/** A page of files in path order. */
export type FileList = {
  /** The entries. */
  files: FileInfo[];
  /** The path to pass as `after` for the next page; absent when this is all. */
  next?: Text | null | undefined;
};

/** One changed path. */
export type FileStatus = {
  /** How it changed. */
  change: PathChange;
  file?: FileInfo | null | undefined;
  /** Where it came from, for a renamed one. */
  from?: Text | null | undefined;
  /** The path (for a deleted one, where it was). */
  path: Text;
  /**
   * What became of its symbols, at most a thousand; absent where they are not known: for a language without a profile, a file that does
   * not parse, or past as many files as one answer looks into.
   */
  symbols?: ChangedSymbol[] | null | undefined;
};

/** Whether an entry is a file, a link, a submodule or a directory. */
export type FileType = "file" | "symlink" | "submodule" | "directory";

/** Forks a workspace. */
export type Fork = {
  /** The point: version, full ref or commit; without it all branches at their heads. */
  at?: string | null | undefined;
  /** The fork's name; without it one is made. */
  name?: string | null | undefined;
};

/** A search over a session's files. */
export type Grep = {
  /** Lines of context after each match. */
  after?: number | undefined;
  /** Lines of context before each match. */
  before?: number | undefined;
  /** How case counts. */
  case?: CaseRule | undefined;
  /** The cursor of the page before. */
  cursor?: string | null | undefined;
  /** Take the pattern as plain text. */
  fixed?: boolean | undefined;
  /** Only paths that match this glob. */
  glob?: string | null | undefined;
  /** At most so many matching lines (or paths); the engine's own limit applies too. */
  limit?: number | null | undefined;
  /** What to answer with. */
  mode?: GrepMode | undefined;
  /** Let a match span lines. */
  multiline?: boolean | undefined;
  /** Only below this directory, or in this file. */
  path?: Text | null | undefined;
  /** The regular expression (ripgrep's syntax, linear time). */
  pattern?: string | undefined;
  /** Only files of this type, by ripgrep's names: `rust`, `py`, `ts`, … */
  type?: string | null | undefined;
  /** Only whole words. */
  word?: boolean | undefined;
};

/** The matches of one file. */
export type GrepFile = {
  /** How many lines match; in mode `content`, how many of them are in this page. */
  count: number;
  /** The lines, in mode `content`. */
  lines?: GrepLine[] | undefined;
  /** Whether more of this file follows in the next page. */
  more?: boolean | undefined;
  /** The path. */
  path: Text;
};

/** One line of a search's answer. */
export type GrepLine = {
  /** Whether it is context, not a match. */
  context?: boolean | undefined;
  /** The line's number, from 1. */
  number: number;
  /** The line without its end, clipped when very long. */
  text: Text;
};

/** What a search answers with. */
export type GrepMode = "content" | "files" | "count";

/** A page of matches in path order. */
export type GrepPage = {
  /** The files with matches. */
  files: GrepFile[];
  /** Matching lines in this page (paths, in mode `files`). */
  matches: number;
  /** The cursor for the next page; absent when this is all. */
  next?: string | null | undefined;
  /** How many files were passed over as binary or too large. */
  skipped: number;
};

/** Whether the server is there. */
export type Health = {
  /** Always `ok`. */
  status: string;
};

/** A run of changed lines with context. Line numbers count from 1. */
export type Hunk = {
  /** Lines after. */
  after_lines: number;
  /** First line after. */
  after_start: number;
  /** Lines before. */
  before_lines: number;
  /** First line before. */
  before_start: number;
  /** The lines. */
  lines: HunkLine[];
};

/** One line of a hunk. */
export type HunkLine = {
  /** The kind. */
  kind: LineKind;
  /** Whether it is the last line and has no end. */
  no_newline?: boolean | undefined;
  /** The line without its end. */
  text: Text;
};

/** The kind of a diff line. */
export type LineKind = "context" | "removed" | "added";

/** A span of lines, from 1; an empty span names the line it stands before. */
export type LineSpan = {
  /** Number of lines. */
  lines: number;
  /** First line. */
  start: number;
};

/** Marks a workspace as a template. */
export type MarkTemplate = {
  /** What it is a template of: version, full ref (`refs/tags/…` for a checkpoint) or commit; the head at the time without it. */
  at?: string | null | undefined;
  history?: TemplateHistory | null | undefined;
};

/** Merges one branch into another. */
export type Merge = {
  /** The branch whose work is wanted, short or full. */
  from: string;
  /** The branch that gets it; without it the default branch. */
  into?: string | null | undefined;
  /** The landed commit's message; without it one that names the branches. */
  message?: string | null | undefined;
  /** What becomes of a symbol that both sides changed, in different lines; without it as the workspace says. */
  same_symbol?: string | null | undefined;
};

/** A move of a file or a whole directory. */
export type MoveFile = {
  /** From here. */
  from: Text;
  /** Replace what is there. */
  replace?: boolean | undefined;
  /** To here. */
  to: Text;
};

/** A token just made. */
export type NewToken = {
  /** Its id, by which it is listed and revoked. */
  id: string;
  /** The token; shown once. */
  token: string;
};

/** A hint about live edits; never numbered, never durable. */
export type Notice = (OverlapNotice & {
  kind: "overlap";
}) | {
  kind: "head_moved";
  /** Paths that both changed, at most twenty. */
  paths: Text[];
  /** The newest version. */
  version: number;
};

/** Opens a session. */
export type OpenSession = {
  /** Who works here, as it names itself: at most 200 bytes. */
  agent: string;
  /** An earlier version, ref or commit to stand on; without it the branch's head. */
  at?: string | null | undefined;
  /** The branch to work on, short or full; without it the workspace's default branch. */
  branch?: string | null | undefined;
  /** How unsaved edits are kept. */
  durability?: Durability | undefined;
  /** What it is going to do, shown to others: at most 2,000 bytes. */
  intent?: string | null | undefined;
  /** Seconds without a call until it expires; at most the store's limit. */
  ttl?: number | null | undefined;
};

/** A session just opened. */
export type Opened = {
  /** What it stands on. */
  base: Base;
  /** The full name of its branch. */
  branch: string;
  /** When it expires if nobody calls. RFC 3339. */
  expires: string;
  /** The session. */
  id: string;
  /** The token for this session; shown once. */
  token: string;
  /** Its workspace. */
  workspace: string;
};

/** One entry of a workspace's operation log. */
export type OperationInfo = {
  /** Who did it. */
  actor: string;
  /** The state after, as far as it changed. */
  after: Data;
  /** When. RFC 3339. */
  at: string;
  /** The state before, as far as it changed. */
  before: Data;
  /** What was done. */
  kind: string;
  /** The number within the workspace. */
  number: number;
  /** The operation that this one undoes. */
  undoes?: number | null | undefined;
};

/** A page of operations, newest first. */
export type OperationPage = {
  /** The number to pass as `before` for the next page. */
  next?: number | null | undefined;
  /** The operations. */
  operations: OperationInfo[];
};

/** Who else edits what a session edits. */
export type OverlapNotice = {
  /** Its agent, as it named itself. */
  agent: string;
  /** What it says it is doing. */
  intent?: string | null | undefined;
  /** The path both edit. */
  path: Text;
  /** The other session. */
  session: string;
  /** The symbol both edit; absent where it is the file, or lines outside of symbols. */
  symbol?: string | null | undefined;
};

/** How a path changed. */
export type PathChange = "added" | "modified" | "deleted" | "renamed" | "mode";

/** A commit that changed a path. */
export type PathCommit = {
  /** The agent that made it. */
  agent?: string | null | undefined;
  /** When it was recorded. RFC 3339. */
  at: string;
  /** Who wrote it, as Git has it. */
  author: string;
  /** The commit. */
  commit: string;
  /** The first line of its message. */
  message: string;
  /** The session it came from. */
  session?: string | null | undefined;
  /** That session's turn. */
  turn?: number | null | undefined;
  /** The version that it is. */
  version?: number | null | undefined;
};

/** The commits that changed a path, newest first. */
export type PathHistory = {
  /** The commits. */
  commits: PathCommit[];
  /** What to pass as `skip` for the next page. */
  next?: number | null | undefined;
  /** The path. */
  path: Text;
};

/** Who made one side of a conflict. */
export type Person = {
  /** What it says it was doing. */
  intent?: string | null | undefined;
  /** The agent or author. */
  name: string;
  /** The session, where it was one. */
  session?: string | null | undefined;
  /** The version that brought it, for the head's side. */
  version?: number | null | undefined;
};

/** The body of a problem, as RFC 9457 has it. */
export type Problem = {
  /** A stable, specific code such as `session_lost`. */
  code: string;
  /** One sentence: what happened. */
  detail: string;
  /** Structured details, as the code documents them. */
  details?: Data | null | undefined;
  /** One sentence: what to do next. */
  hint?: string | null | undefined;
  /** The kind: `not_found`, `conflict`, `invalid`, `stale`, `limit`, `denied`, `unavailable`, `internal`. */
  kind: string;
  /** The HTTP status again. */
  status: number;
  /** The kind in words. */
  title: string;
  /** `urn:acetate:problem:` and the code. */
  type: string;
};

/** A merge that a rule holds back. */
export type ProposalInfo = {
  /** The size of the whole text in bytes, where it is cut short. */
  size?: number | null | undefined;
  /** What it would put in the conflict's place, its places one after the other; at most 16 KiB, and 1 MiB in one answer. */
  text: Text;
  /** Why it may be right, and why it is held back. */
  why: string;
};

/** One answer of `ReadMany`: the file, or why not. */
export type ReadFile = FileContent | {
  /** The code, for example `path_not_found` or `is_directory`. */
  code: string;
  /** The kind, as in a problem: `not_found`, `conflict`, `limit`, … */
  kind: string;
  /** One sentence. */
  message: string;
  /** The path. */
  path: Text;
};

/** Many files in one call. */
export type ReadMany = {
  /** For a workspace: at this version, ref or commit instead of the head. */
  at?: string | null | undefined;
  /** And every file that matches one of these globs, in path order. */
  globs?: string[] | undefined;
  /** These paths, answered in this order. */
  paths?: Text[] | undefined;
};

/** Settles one conflict. */
export type Resolve = {
  /**
   * The conflict's kind, where several are at one path; without it they are settled one after the other. Where several are in one
   * file's text, naming a kind settles one part, as naming a symbol does.
   */
  kind?: string | null | undefined;
  /** The conflict's path. */
  path: Text;
  /** Also submit once the last conflict is settled. */
  submit?: boolean | undefined;
  /**
   * The conflict's symbol: only its part of the file is settled. An empty name means the lines outside of symbols. Without it the whole
   * path is settled, with every conflict in it.
   */
  symbol?: string | null | undefined;
  /** Which text to take. */
  take: Take;
  /** The text, with `take: text`: the part's where a part is settled, else the whole file's. */
  text?: Text | null | undefined;
};

/** What a resolution came to. */
export type Resolved = {
  /** Whether the session now stands on the version the conflicts were computed against, with the merged texts. */
  moved: boolean;
  /** How many are still open. */
  open?: number | undefined;
  /** Conflicts still open, at most a hundred of them; `status` lists all. */
  remaining: ConflictInfo[];
  submission?: Submission | null | undefined;
};

/** Makes the files of an earlier point the newest version. */
export type Restore = {
  /** The point: version, full ref or commit. */
  at: string;
  /** The branch, short or full; without it the default branch. */
  branch?: string | null | undefined;
  /** Why. */
  message?: string | null | undefined;
};

/** How long a workspace keeps what is not a landed version or a checkpoint, which are always kept. Without a number it is kept. */
export type Retention = {
  /** The branches of ended sessions go after so many days; 30 without a number. */
  branches_days?: number | null | undefined;
  /** Turn commits whose work has landed go after so many days; the landed commit stays. */
  turns_days?: number | null | undefined;
};

/** Sets or lifts a retention policy. */
export type RetentionChange = boolean | Retention;

/** What a token allows. */
export type Right = "read" | "write" | "land" | "admin";

/** The difference between a session and its base. */
export type SessionDiff = {
  /** The changed files, in path order. */
  files: FileDiff[];
  /** The same as a patch that `git apply` takes, where asked for. */
  patch?: Text | null | undefined;
  /** Whether files were left out because the answer would be too large. */
  truncated: boolean;
};

/** A session as listed. */
export type SessionInfo = {
  /** Its agent. */
  agent: string;
  /** What it stands on. */
  base: Base;
  /** The full name of its branch. */
  branch: string;
  /** When it was opened. RFC 3339. */
  created: string;
  /** How unsaved edits are kept. */
  durability: Durability;
  /** When it expires if nobody calls. RFC 3339. */
  expires: string;
  /** The session. */
  id: string;
  /** Its intent. */
  intent?: string | null | undefined;
  /** Bytes of memory that its overlay takes, about. */
  memory: number;
  /** Its state. */
  state: SessionState;
  /** The newest turn commit, if there is one. */
  tip?: string | null | undefined;
  /** How many turns were committed. */
  turn: number;
  /** Whether there are edits since the last turn commit. */
  unsaved: boolean;
  /** Whether there is work that has not landed. */
  unsubmitted: boolean;
  /** Whether it is its workspace's working session, whose commits land at once. */
  working?: boolean | undefined;
  /** Its workspace. */
  workspace: string;
};

/** A page of sessions. */
export type SessionList = {
  /** The sessions, newest first. */
  sessions: SessionInfo[];
};

/** The state of a session. */
export type SessionState = "active" | "paused" | "damaged" | "closed";

/** What a session has changed and what a submit would meet. */
export type SessionStatus = {
  /** How many paths are changed in all. */
  changed: number;
  /** The changed paths, in path order, at most a thousand. */
  changes: FileStatus[];
  /** Conflicts that wait for `resolve`, at most a thousand. */
  conflicts: ConflictInfo[];
  /** How many of them are open, those that are not listed included. */
  open?: number | undefined;
  /** What other live sessions of the branch edit too: symbols, or files whose symbols are not known; at most a hundred. */
  overlaps?: OverlapNotice[] | undefined;
  /** The session. */
  session: SessionInfo;
};

/** Changes a file's mode. */
export type SetMode = {
  /** `100644` or `100755`. */
  mode: string;
  /** The file. */
  path: Text;
};

/** Where a session stands; part of every answer about it. */
export type Standing = {
  /** What it stands on. */
  base: Base;
  /** How many versions the head is ahead of the base. */
  behind: number;
  /** Durable events the session has not acknowledged, oldest first, at most twenty. */
  events?: Event[] | undefined;
  /** The head of its branch now. */
  head: Base;
  /** Live edits of others that meet this session's, overlaps first. */
  notices?: Notice[] | undefined;
};

/** The store as a whole. */
export type StoreStatus = {
  /** Bytes in the object caches. */
  cache_bytes: number;
  /** The hash function of the store's objects. */
  format: string;
  /** Bytes of the journal on disk. */
  journal_bytes: number;
  /** Bytes that live overlays take, about. */
  overlay_bytes: number;
  /** Packs in the object database. */
  packs: number;
  /** Why it is read-only. */
  reason?: string | null | undefined;
  /** The schema version of all answers. */
  schema: number;
  /** Live sessions. */
  sessions: number;
  /** `healthy` or `read_only`. */
  state: string;
  /** Acetate's version. */
  version: string;
  /** Workspaces. */
  workspaces: number;
};

/** One exact replacement of text. */
export type StringEdit = {
  /** Replace every occurrence. */
  all?: boolean | undefined;
  /** The text to put there. */
  new: Text;
  /** The text to replace; must occur exactly once unless `all`. */
  old: Text;
};

/** A submission and what became of it. */
export type Submission = SubmissionOutcome & {
  /** Its id, for `GET /submissions/{id}`; absent for a dry run. */
  id?: string | null | undefined;
  /** The session; `s_0000000000000000`, which no session ever is, where a merge had nothing to do and needed none. */
  session: string;
};

/** What became of a submission. */
export type SubmissionOutcome = {
  /** The landed commit; absent for a dry run. */
  commit?: string | null | undefined;
  /** Named findings of the merge: renames followed, directories renamed, the same change made twice. */
  findings?: string[] | undefined;
  /** How many paths landed. */
  paths: number;
  result: "landed";
  /** The landed tree. */
  tree: string;
  /** Whether there was nothing to land: the head already has every change. */
  unchanged?: boolean | undefined;
  /** The version; absent for a dry run. */
  version?: number | null | undefined;
} | {
  /** The head they were computed against. */
  against: Base;
  /** The conflicts, one for each question, in path order; at most a thousand, the open ones first where there are more. */
  conflicts: ConflictInfo[];
  /** How many are open, those that are not listed included. */
  open?: number | undefined;
  result: "conflict";
} | {
  /** What each check said. */
  checks: string[];
  result: "rejected";
};

/** Submits a session's work. */
export type Submit = {
  /** Only say what would happen. */
  dry_run?: boolean | undefined;
  /** The landed commit's message; without it the turn's, or one made from the changed paths. */
  message?: string | null | undefined;
  /**
   * What becomes of a symbol that both sides changed, in different lines: `review`, `merge` or `verified`; without it as the workspace
   * says.
   */
  same_symbol?: string | null | undefined;
};

/** A symbol of a file. */
export type SymbolInfo = {
  /** Whether something in it did not parse. */
  has_error?: boolean | undefined;
  /** What it is: `function`, `method`, `struct`, `class`, `import`, `key`, `section`, … */
  kind: string;
  /** How many lines it has. */
  lines: number;
  /** The file. */
  path: Text;
  /** Its first line, comments and attributes above it included; the first line of a file is 1. */
  start: number;
  /** Its path in the file: `Parser::next`. */
  symbol: string;
};

/** Symbols: of a file in the order of its text; of a search the best first. */
export type SymbolList = {
  /** The language of the file that was asked for; absent for one that is not known, which then has no symbols. */
  language?: string | null | undefined;
  /** The symbols. */
  symbols: SymbolInfo[];
  /** Whether there may be more than are listed, or files that were not looked into. */
  truncated?: boolean | undefined;
};

/** Rebases a session onto the head. */
export type Sync = {
  /**
   * What becomes of a symbol that both sides changed, in different lines: `review`, `merge` or `verified`; without it as the workspace
   * says.
   */
  same_symbol?: string | null | undefined;
};

/** What a sync came to. */
export type SyncOutcome = {
  /** Named findings of the merge. */
  findings?: string[] | undefined;
  /** How many versions it moved. */
  moved: number;
  result: "synced";
} | {
  /** The head they were computed against. */
  against: Base;
  /** The conflicts, one for each question, in path order; at most a thousand, the open ones first where there are more. */
  conflicts: ConflictInfo[];
  /** How many are open, those that are not listed included. */
  open?: number | undefined;
  result: "conflict";
};

/** Which text settles a conflict. */
export type Take = "head" | "session" | "proposal" | "text" | "delete";

/** The history that workspaces made from a template begin with. */
export type TemplateHistory = "own" | "template";

/** What a template is. */
export type TemplateInfo = {
  /** The point as it was named; absent for the head at the time. */
  at?: string | null | undefined;
  /** That point's commit when it was marked. */
  commit?: string | null | undefined;
  /** The history that others begin with, where they do not say. */
  history: TemplateHistory;
};

/** Marks or unmarks a template. */
export type TemplateMark = boolean | MarkTemplate;

/** A token as listed; the token itself is never shown again. */
export type TokenInfo = {
  /** When it was made. RFC 3339. */
  created: string;
  /** When it ends, if ever. RFC 3339. */
  expires?: string | null | undefined;
  /** Its id. */
  id: string;
  /** What it is for; may be empty. */
  label: string;
  /** What it allows. */
  rights: Right[];
  /** The only workspace it reaches; absent for the whole store. */
  workspace?: string | null | undefined;
};

/** The tokens that have not ended, oldest first. */
export type TokenList = {
  /** The tokens. */
  tokens: TokenInfo[];
};

/** The difference between two points of a workspace. */
export type TreeDiff = {
  /** The changed files, in path order. */
  files: FileDiff[];
  /** The first point's commit. */
  from: string;
  /** The second point's commit. */
  to: string;
  /** Whether files or hunks were left out because the answer would be too large. */
  truncated: boolean;
};

/** What ending a turn came to. */
export type TurnCommit = {
  /** Whether anything had changed; if not, no commit was made. */
  changed: boolean;
  /** The turn commit; the one before when nothing changed, absent when there never was one. */
  commit?: string | null | undefined;
  /** How many paths this turn changed. */
  paths: number;
  submission?: Submission | null | undefined;
  /** The turn's number. */
  turn: number;
};

/** A commit of a session's own branch. */
export type TurnInfo = {
  /** When it was made. RFC 3339. */
  at: string;
  /** The commit. */
  commit: string;
  /** The first line of its message. */
  message: string;
  /** The turn's number. */
  turn: number;
};

/** The turns of a session since it stands on its base. */
export type TurnList = {
  /** The turns, newest first, at most a thousand. */
  turns: TurnInfo[];
};

/** Brings a deleted workspace back. */
export type Undelete = {
  /** A new name; without it the one it had. */
  name?: string | null | undefined;
};

/** Undoes an operation. */
export type Undo = {
  /** The operation's number; without it the newest that is not undone. */
  operation?: number | null | undefined;
};

/** A landed state. */
export type VersionInfo = {
  /** The agent of that session. */
  agent?: string | null | undefined;
  /** When it landed. RFC 3339. */
  at: string;
  /** The full name of the branch it landed on. */
  branch: string;
  /** The commit. */
  commit: string;
  /** The intent of that session. */
  intent?: string | null | undefined;
  /** How it came: `import`, `landing`, `push`, `merge`, `undo`, `restore`, `template`. */
  kind: string;
  /** The first line of the message. */
  message: string;
  /** The session that submitted it. */
  session?: string | null | undefined;
  /** The number: `v12` is version 12. */
  version: number;
};

/** A page of history, newest first. */
export type VersionPage = {
  /** The number to pass as `before` for the next page. */
  next?: number | null | undefined;
  /** The versions. */
  versions: VersionInfo[];
};

/** A workspace's working session is asked for. */
export type WorkingSession = {
  /** Who works in it if it has to be opened: at most 200 bytes; the caller without. */
  agent?: string | null | undefined;
};

/** A workspace. */
export type WorkspaceInfo = {
  /** When it was made. RFC 3339. */
  created: string;
  /** The full name of its default branch. */
  default_branch: string;
  /** When it was deleted. RFC 3339. */
  deleted?: string | null | undefined;
  /** What it is for. */
  description?: string | null | undefined;
  /** How the checkout or the branch on disk stands apart from the head, in a sentence that says what to do. */
  diverged?: string | null | undefined;
  /** The head of the default branch. */
  head: Base;
  /** Its id. */
  id: string;
  /** Whether it is the repository that is served in place. */
  in_place: boolean;
  /** Whether `diverged` says only that it lags behind, which catching up mends once nothing is in the way; else somebody has to decide. */
  lags?: boolean | undefined;
  /** The largest file in bytes that may be written, if that is set. */
  max_file_bytes?: number | null | undefined;
  /** Its name. */
  name: string;
  opened?: Opened | null | undefined;
  /** Whether paths must be portable. */
  portable_paths: boolean;
  /** Until when a deleted one can be brought back. RFC 3339. */
  purged_after?: string | null | undefined;
  retention?: Retention | null | undefined;
  /** What becomes of a symbol that both sides of a submission changed, in different lines: `review`, `merge` or `verified`. */
  same_symbol?: string | undefined;
  /** Live sessions. */
  sessions: number;
  template?: TemplateInfo | null | undefined;
};

/** A page of workspaces by name. */
export type WorkspaceList = {
  /** The name to pass as `after` for the next page. */
  next?: string | null | undefined;
  /** The workspaces. */
  workspaces: WorkspaceInfo[];
};

/** What a new workspace is made from. */
export type WorkspaceSource = {
  /** A Git repository: a path on the daemon's machine or an `https`, `ssh` or `git` address. */
  git: string;
} | {
  /** A bundle file on the daemon's machine. */
  bundle: string;
} | {
  /** Another workspace of the store. */
  workspace: string;
} | {
  /** A template, by name or id. */
  template: string;
};

/** Changes a workspace. */
export type WorkspaceUpdate = {
  /** The new default branch; must exist. */
  default_branch?: string | null | undefined;
  /** The new description. */
  description?: string | null | undefined;
  /** The largest file in bytes that may be written, at most what the store takes; 0 lifts the limit. */
  max_file_bytes?: number | null | undefined;
  /** The new name. */
  name?: string | null | undefined;
  /** Refuse paths that Windows or a case-folding file system can't hold. */
  portable_paths?: boolean | null | undefined;
  retention?: RetentionChange | null | undefined;
  /**
   * What becomes of a symbol that both sides of a submission changed, in different lines: `review` is a conflict with the merged text
   * as its proposal, `merge` merges as Git does, `verified` merges if the checks pass (without checks it acts as `review`).
   */
  same_symbol?: string | null | undefined;
  template?: TemplateMark | null | undefined;
};

/** What a write came to. */
export type Written = {
  /** Whether the path was not there before. */
  created: boolean;
  /** The new revision; absent when the path is gone or a directory. */
  etag?: string | null | undefined;
  /** The path. */
  path: Text;
  /** The size in bytes. */
  size: number;
  /** What makes the path awkward elsewhere, in a sentence. */
  warning?: string | null | undefined;
};
