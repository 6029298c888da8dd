//! Files of a session or a version: reading, listing, writing, editing.

use acetate_types::{ErrorKind, FileMode, ObjectId, RepoPath, Text};
use serde::{Deserialize, Serialize};

/// Whether an entry is a file, a link, a submodule or a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FileType {
    /// A regular or executable file.
    File,
    /// A symbolic link.
    Symlink,
    /// A submodule: a commit of another repository.
    Submodule,
    /// A directory.
    Directory,
}

/// One entry of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FileInfo {
    /// The path from the root.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub path: RepoPath,
    /// What it is.
    #[serde(rename = "type")]
    pub file_type: FileType,
    /// The Git mode; absent for directories.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub mode: Option<FileMode>,
    /// The blob's id where it is known; absent for unsaved edits and directories.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub id: Option<ObjectId>,
    /// The size in bytes, where asked for and known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub size: Option<u64>,
    /// Among the changed paths: the session deleted it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub deleted: bool,
}

/// What to list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ListFiles {
    /// Only below this directory.
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub prefix: Option<RepoPath>,
    /// Only paths that match this glob.
    pub glob: Option<String>,
    /// Only paths that the session changed, the deleted ones marked.
    pub changed: bool,
    /// Only the direct entries of `prefix`, directories included.
    pub shallow: bool,
    /// Also the sizes of base files, which have to be looked up.
    pub sizes: bool,
    /// Go on after this path.
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub after: Option<RepoPath>,
    /// At most so many; the engine's own limit applies too.
    pub limit: Option<usize>,
}

/// A page of files in path order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FileList {
    /// The entries.
    pub files: Vec<FileInfo>,
    /// The path to pass as `after` for the next page; absent when this is all.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub next: Option<RepoPath>,
}

/// A file's content as read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FileContent {
    /// The path.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub path: RepoPath,
    /// The mode.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub mode: FileMode,
    /// The revision of the content, to be sent back as `expect` or `If-Match`.
    pub etag: String,
    /// The bytes; for a link its target, for a submodule its commit in hexadecimal digits.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub content: Text,
}

/// Many files in one call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ReadMany {
    /// These paths, answered in this order.
    #[cfg_attr(feature = "schema", schema(value_type = Vec<Object>))]
    pub paths: Vec<RepoPath>,
    /// And every file that matches one of these globs, in path order.
    pub globs: Vec<String>,
    /// For a workspace: at this version, ref or commit instead of the head.
    pub at: Option<String>,
}

/// One answer of [`ReadMany`]: the file, or why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum ReadFile {
    /// The content.
    File(FileContent),
    /// What went wrong with this path.
    Error {
        /// The path.
        #[cfg_attr(feature = "schema", schema(value_type = Object))]
        path: RepoPath,
        /// The kind, as in a problem: `not_found`, `conflict`, `limit`, …
        #[cfg_attr(feature = "schema", schema(value_type = String))]
        kind: ErrorKind,
        /// The code, for example `path_not_found` or `is_directory`.
        code: String,
        /// One sentence.
        message: String,
    },
}

/// Writes one file whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WriteFile {
    /// The path; missing directories are made.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub path: RepoPath,
    /// The bytes; for a link its target.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub content: Text,
    /// The mode; without it the mode stays, and a new file is `100644`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub mode: Option<FileMode>,
    /// Only if the file's revision is this one (`*`: only if it exists; empty: only if it does not).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
}

/// Writes a file whole from a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteStream {
    /// The path.
    pub path: RepoPath,
    /// The mode; as it is without.
    pub mode: Option<FileMode>,
    /// Only if the file's revision is this one, as for [`WriteFile`].
    pub expect: Option<String>,
}

/// What a write came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Written {
    /// The path.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub path: RepoPath,
    /// The new revision; absent when the path is gone or a directory.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub etag: Option<String>,
    /// The size in bytes.
    pub size: u64,
    /// Whether the path was not there before.
    pub created: bool,
    /// What makes the path awkward elsewhere, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub warning: Option<String>,
}

/// One exact replacement of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StringEdit {
    /// The text to replace; must occur exactly once unless `all`.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub old: Text,
    /// The text to put there.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub new: Text,
    /// Replace every occurrence.
    #[serde(default)]
    pub all: bool,
}

/// What an edit came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Edited {
    /// The written file.
    #[serde(flatten)]
    pub written: Written,
    /// How many places were replaced.
    pub replacements: usize,
}

/// A move of a file or a whole directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MoveFile {
    /// From here.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub from: RepoPath,
    /// To here.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub to: RepoPath,
    /// Replace what is there.
    #[serde(default)]
    pub replace: bool,
}

/// One step of a [`Batch`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum BatchEdit {
    /// Write a file whole.
    Write {
        /// The path.
        #[cfg_attr(feature = "schema", schema(value_type = Object))]
        path: RepoPath,
        /// The bytes; for a link its target.
        #[cfg_attr(feature = "schema", schema(value_type = Object))]
        content: Text,
        /// The mode, see [`WriteFile::mode`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
        mode: Option<FileMode>,
        /// See [`WriteFile::expect`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expect: Option<String>,
    },
    /// Replace texts in a file.
    Edit {
        /// The path.
        #[cfg_attr(feature = "schema", schema(value_type = Object))]
        path: RepoPath,
        /// The replacements, one after the other.
        edits: Vec<StringEdit>,
        /// See [`WriteFile::expect`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expect: Option<String>,
    },
    /// Delete a file or a whole directory.
    Delete {
        /// The path.
        #[cfg_attr(feature = "schema", schema(value_type = Object))]
        path: RepoPath,
    },
    /// Move a file or a whole directory.
    Move {
        /// From here.
        #[cfg_attr(feature = "schema", schema(value_type = Object))]
        from: RepoPath,
        /// To here.
        #[cfg_attr(feature = "schema", schema(value_type = Object))]
        to: RepoPath,
        /// Replace what is there.
        #[serde(default)]
        replace: bool,
    },
    /// Change a file's mode.
    Mode {
        /// The path.
        #[cfg_attr(feature = "schema", schema(value_type = Object))]
        path: RepoPath,
        /// `100644` or `100755`.
        #[cfg_attr(feature = "schema", schema(value_type = String))]
        mode: FileMode,
    },
    /// Make an empty directory: seen in the session, never committed.
    Directory {
        /// The path.
        #[cfg_attr(feature = "schema", schema(value_type = Object))]
        path: RepoPath,
    },
}

/// Several edits, all or none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// The edits, one after the other.
    pub edits: Vec<BatchEdit>,
}
