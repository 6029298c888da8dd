//! Conflicts and findings: what a merge could not decide, and what is worth knowing about what it did.

use super::outcome::{Edit, MergedContent};
use crate::files::FileConflict;
use crate::lines::{ConflictHunk, Labels, MarkerStyle};
use acetate_types::{FileMode, ObjectId, RepoPath};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A question that the merge could not decide.
#[derive(Debug, Clone, Serialize)]
pub struct Conflict {
    /// Where the result would be.
    pub path: RepoPath,
    /// What kind of question it is.
    pub kind: ConflictKind,
    /// What the base has, if anything.
    pub base: Option<Side>,
    /// What ours (the head) has.
    pub ours: Option<Side>,
    /// What theirs (the session) has.
    pub theirs: Option<Side>,
    /// For texts: the lines on which the sides disagree.
    pub hunks: Vec<ConflictHunk>,
    /// One sentence for a person: what happened.
    pub why: String,
    /// A resolution worth suggesting, where one exists.
    pub proposal: Option<Proposal>,
    /// For texts: the merge as far as it goes with its questions, each of which can be answered for itself.
    #[serde(skip)]
    pub text: Option<Box<FileConflict>>,
    /// What settling it does to ours.
    #[serde(skip)]
    pub settle: Settle,
}

/// What settling a conflict does to ours, on top of the merge's edits. The edits that the merge holds back because of the conflict are
/// among them, so that a side which is taken is taken whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settle {
    /// Where a text belongs that is given instead of both.
    pub place: RepoPath,
    /// What ours has and keeps if ours is taken.
    pub keeps: Vec<RepoPath>,
    /// If ours is taken: nothing, but where ours is shown with a change merged in.
    pub ours: Vec<Edit>,
    /// If ours is not taken, whatever is instead.
    pub shared: Vec<Edit>,
    /// If theirs is taken, besides.
    pub theirs: Vec<Edit>,
}

impl Conflict {
    /// The text with conflict markers as Git writes them, for a conflict between texts.
    pub fn marked(&self, labels: &Labels, style: MarkerStyle) -> Option<Vec<u8>> {
        self.text.as_ref().map(|text| text.render(labels, style, 7))
    }
}

/// One side's entry in a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Its path, which a rename can make differ from the conflict's.
    pub path: RepoPath,
    /// Its mode.
    pub mode: FileMode,
    /// Its object; where there is a `text`, the object that the text was made from.
    pub id: ObjectId,
    /// Its text, where the merge made it and no object has it yet: a change that followed a rename.
    #[serde(skip)]
    pub text: Option<Bytes>,
}

impl Side {
    /// What it holds.
    pub fn content(&self) -> MergedContent {
        self.text.clone().map_or(MergedContent::Object(self.id), MergedContent::Bytes)
    }
}

/// A suggested resolution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Why this may be right.
    pub why: String,
    /// The text.
    pub text: acetate_types::Text,
}

/// What kind of question a conflict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConflictKind {
    /// Both sides changed the same lines of a file.
    BothChanged,
    /// Both sides added a file of this name, with different contents.
    AddedDifferently,
    /// One side changed what the other deleted.
    ChangedDeleted,
    /// Both sides moved a symbol, to different places.
    MovedDifferently,
    /// One side uses a name that the other took away, so that it would be undefined in this file.
    DanglingReference,
    /// Both sides brought in a definition of one name, or one side's edits repeat what is there already.
    Duplicate,
    /// What one side deleted would come back.
    Resurrected,
    /// What neither side deleted would be gone.
    Lost,
    /// Both sides parse, but what they make together does not.
    ParseError,
    /// Both sides changed one symbol, in different lines.
    SameSymbol,
    /// One side renamed what the other deleted.
    RenamedDeleted,
    /// Both sides renamed one file, to different names.
    RenamedDifferently,
    /// Two different files of the base, or a renamed and an added one, ended at one name.
    RenameCollision,
    /// One side moved a directory's files to several places, so that it is unclear where the other side's additions belong.
    DirectoryRenameSplit,
    /// Following a directory rename would put a file where another is.
    DirectoryRenameBlocked,
    /// One side has a file where the other has a directory.
    FileDirectory,
    /// Both sides changed a binary file.
    Binary,
    /// Both sides changed a file that is too large to merge.
    TooLarge,
    /// Both sides changed a file's mode, differently.
    Mode,
    /// The sides have things of different types here: file, symbolic link, submodule.
    DistinctTypes,
    /// Both sides changed the target of a symbolic link.
    Symlink,
    /// Both sides moved a submodule to different commits.
    Submodule,
}

impl ConflictKind {
    /// The kind as doors show it, for example `both_changed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BothChanged => "both_changed",
            Self::AddedDifferently => "added_differently",
            Self::ChangedDeleted => "changed_deleted",
            Self::MovedDifferently => "moved_differently",
            Self::DanglingReference => "dangling_reference",
            Self::Duplicate => "duplicate",
            Self::Resurrected => "resurrected",
            Self::Lost => "lost",
            Self::ParseError => "parse_error",
            Self::SameSymbol => "same_symbol",
            Self::RenamedDeleted => "renamed_deleted",
            Self::RenamedDifferently => "renamed_differently",
            Self::RenameCollision => "rename_collision",
            Self::DirectoryRenameSplit => "directory_rename_split",
            Self::DirectoryRenameBlocked => "directory_rename_blocked",
            Self::FileDirectory => "file_directory",
            Self::Binary => "binary",
            Self::TooLarge => "too_large",
            Self::Mode => "mode",
            Self::DistinctTypes => "distinct_types",
            Self::Symlink => "symlink",
            Self::Submodule => "submodule",
        }
    }
}

/// Something worth knowing about a merge that is no conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What kind of thing.
    pub kind: FindingKind,
    /// The path it is about, in the result.
    pub path: Option<RepoPath>,
    /// The path it came from, for moves.
    pub from: Option<RepoPath>,
}

/// Kinds of [`Finding`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// A recorded move was followed; Git may have seen none, or another.
    RecordedMove,
    /// The other side's change followed a rename of the file.
    RenameFollowed,
    /// A file moved because the other side moved its directory. Git stops here by default (`merge.directoryRenames=conflict`).
    DirectoryRenameApplied,
    /// Both sides made the same change.
    SameChange,
    /// There were too many candidates to compare by similarity; only exact and recorded renames were followed.
    RenameLimit,
}
