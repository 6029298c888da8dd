//! File modes, reduced to the ones Git stores.

use serde::{Deserialize, Serialize};

/// The mode of a tree entry that is not a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FileMode {
    /// A regular file, `100644`.
    #[serde(rename = "100644")]
    Regular,
    /// An executable file, `100755`.
    #[serde(rename = "100755")]
    Executable,
    /// A symbolic link, `120000`; its content is the target.
    #[serde(rename = "120000")]
    Symlink,
    /// A submodule, `160000`; its id names a commit of another repository and is never read here.
    #[serde(rename = "160000")]
    Submodule,
}

impl FileMode {
    /// The mode in Git's octal digits.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Regular => "100644",
            Self::Executable => "100755",
            Self::Symlink => "120000",
            Self::Submodule => "160000",
        }
    }

    /// The mode from Git's octal digits, `None` for anything Git would not write today.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Regular, Self::Executable, Self::Symlink, Self::Submodule].into_iter().find(|mode| mode.as_str() == text)
    }

    /// Whether the entry's content is a blob whose bytes are a file's text.
    pub const fn is_file(self) -> bool {
        matches!(self, Self::Regular | Self::Executable)
    }
}

impl std::fmt::Display for FileMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a tree entry is: a directory, or a file of some mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EntryKind {
    /// A directory, `40000`; its id names a tree.
    Tree,
    /// Anything else.
    File(FileMode),
}

impl EntryKind {
    /// The kind for a mode as stored in a tree object. Git reads modes it no longer writes (`100664`) as regular files.
    pub fn from_raw(mode: u32) -> Option<Self> {
        match mode & 0o170_000 {
            0o040_000 => Some(Self::Tree),
            0o100_000 if mode & 0o100 != 0 => Some(Self::File(FileMode::Executable)),
            0o100_000 => Some(Self::File(FileMode::Regular)),
            0o120_000 => Some(Self::File(FileMode::Symlink)),
            0o160_000 => Some(Self::File(FileMode::Submodule)),
            _ => None,
        }
    }

    /// The mode as written into tree objects.
    pub const fn as_octal(self) -> &'static str {
        match self {
            Self::Tree => "40000",
            Self::File(mode) => mode.as_str(),
        }
    }

    /// The file mode, `None` for a directory.
    pub const fn file(self) -> Option<FileMode> {
        match self {
            Self::Tree => None,
            Self::File(mode) => Some(mode),
        }
    }

    /// Whether this is a directory.
    pub const fn is_tree(self) -> bool {
        matches!(self, Self::Tree)
    }
}
