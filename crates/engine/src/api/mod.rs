//! What goes into the engine and what comes out, as plain data: the same shapes in every door.
//!
//! Invariant: unknown fields in what comes in are refused. What goes out may gain fields, never lose one within a schema version.
//! Deliberately missing: anything of HTTP, MCP or the terminal.

mod change;
mod conflict;
mod events;
mod files;
mod history;
mod resolve;
mod search;
mod session;
mod settings;
mod submit;
mod symbols;
mod time;
mod workspace;

pub use change::ChangeRecord;
pub use conflict::{ConflictInfo, ConflictSide, LineSpan, Person, ProposalInfo};
pub use events::{Event, EventFilter, EventPage, Notice, OverlapNotice};
pub use files::{
    Batch, BatchEdit, Edited, FileContent, FileInfo, FileList, FileType, ListFiles, MoveFile, ReadFile, ReadMany, StringEdit, WriteFile,
    WriteStream, Written,
};
pub use history::{BlameInfo, BlameLines, HistoryOf, Merge, PathCommit, PathHistory, Restore, Undelete};
pub use resolve::{Resolution, Resolve, Resolved, Take};
pub use search::{Grep, GrepFile, GrepLine, GrepMode, GrepPage};
pub use session::{
    Answer, Base, CaseRule, CheckpointSession, Closed, CommitTurn, Durability, FileDiff, FileStatus, Hunk, HunkLine, LineKind, OpenSession,
    Opened, PathChange, SessionDiff, SessionInfo, SessionList, SessionState, SessionStatus, Standing, TurnCommit, TurnInfo, TurnList,
    WorkingSession,
};
pub use settings::{MarkTemplate, Retention, RetentionChange, TemplateHistory, TemplateInfo, TemplateMark};
pub use submit::{Submission, SubmissionOutcome, Submit, Sync, SyncOutcome};
pub use symbols::{ChangedSymbol, ListSymbols, SymbolInfo, SymbolList};
pub use time::Timestamp;
pub use workspace::{
    BranchInfo, CheckpointInfo, CreateBranch, CreateCheckpoint, CreateToken, CreateWorkspace, Fork, NewToken, OperationInfo, OperationPage,
    Right, StoreStatus, TokenInfo, TokenList, TreeDiff, Undo, VersionInfo, VersionPage, WorkspaceInfo, WorkspaceList, WorkspaceSource,
    WorkspaceUpdate,
};

pub use acetate_merge::SameSymbol;

/// The schema version of these shapes; `--json` output and the OpenAPI document carry it.
pub const SCHEMA_VERSION: u32 = 1;
