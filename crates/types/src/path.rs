//! Paths within a repository: bytes, checked once at the entrance, then trusted.
//!
//! What is refused on every platform is what could leave the repository or reach its `.git` on *any* platform that later checks the
//! tree out: empty, absolute and relative components, NUL, overlong names, and every name that folds to `.git` (in any case, through
//! NTFS short names and streams, HFS+ ignorable characters, or behind a backslash). What is merely awkward on Windows is a
//! [`PathWarning`], which the caller refuses where the workspace asks for `portable_paths`.
//!
//! Deliberately missing: collisions by case or normal form. They depend on the other names of a directory; see
//! [`RepoPath::fold_key`].

use bstr::{BStr, ByteSlice};
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// Most bytes of a whole path (Linux `PATH_MAX` less room for a mount point).
const MAX_PATH: usize = 3584;
/// Most bytes of one component (`NAME_MAX` everywhere).
const MAX_COMPONENT: usize = 255;

/// A path of a file or directory below a repository's root. Never empty, no leading or trailing slash.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepoPath(Bytes);

/// Why bytes are no [`RepoPath`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// The path is empty.
    #[error("the path is empty")]
    Empty,
    /// It begins with a slash.
    #[error("the path is absolute; paths are relative to the repository's root")]
    Absolute,
    /// It has an empty component: `a//b` or a trailing slash.
    #[error("the path has an empty component")]
    EmptyComponent,
    /// A component is `.` or `..`.
    #[error("the path has a `.` or `..` component")]
    Relative,
    /// It holds a NUL byte.
    #[error("the path holds a NUL byte")]
    Nul,
    /// A component folds to `.git` on some platform.
    #[error("a component of the path is `.git`, or is taken for it on some platform")]
    DotGit,
    /// `.gitmodules`, `.gitattributes`, `.gitignore` or `.mailmap` as a symbolic link.
    #[error("a file that Git itself reads must not be a symbolic link")]
    SpecialSymlink,
    /// A component is over 255 bytes, or the path over 3,584.
    #[error("the path or one of its components is too long (3584 and 255 bytes at most)")]
    TooLong,
    /// It breaks the workspace's `portable_paths`.
    #[error("the path is not portable: {0}")]
    NotPortable(PathWarning),
}

impl PathError {
    /// The stable code of this error.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "path_empty",
            Self::Absolute => "path_absolute",
            Self::EmptyComponent => "path_empty_component",
            Self::Relative => "path_relative",
            Self::Nul => "path_nul",
            Self::DotGit => "path_dot_git",
            Self::SpecialSymlink => "path_special_symlink",
            Self::TooLong => "path_too_long",
            Self::NotPortable(_) => "path_not_portable",
        }
    }
}

/// What makes a path awkward on Windows, though Git takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PathWarning {
    /// A component is a device name such as `aux` or `nul.txt`.
    #[error("a component is a device name on Windows")]
    Device,
    /// A component holds a control character or one of `\ : < > " | ? *`.
    #[error("a component holds a character that Windows does not allow")]
    Character,
    /// A component ends in a dot or a space.
    #[error("a component ends in a dot or a space")]
    Trailing,
    /// The path is not UTF-8.
    #[error("the path is not UTF-8")]
    NotUtf8,
}

impl RepoPath {
    /// Checks a path that comes from outside.
    ///
    /// # Errors
    /// See [`PathError`]; nothing that Git itself would refuse passes.
    pub fn new(path: impl Into<Bytes>) -> Result<Self, PathError> {
        let path = path.into();
        check_shape(&path)?;
        for component in path.split(|byte| *byte == b'/') {
            check_component(component)?;
        }
        Ok(Self(path))
    }

    /// A path that the base already has. Only its shape is checked, so that what is there stays readable and editable.
    ///
    /// # Errors
    /// Paths that are empty, absolute, relative, with empty components or NUL.
    pub fn existing(path: impl Into<Bytes>) -> Result<Self, PathError> {
        let path = path.into();
        check_shape(&path)?;
        Ok(Self(path))
    }

    /// A path that passed [`RepoPath::existing`] before, and is made again from the same bytes.
    pub fn known(path: Bytes) -> Self {
        debug_assert!(check_shape(&path).is_ok());
        Self(path)
    }

    /// Checks a name that is to stand behind a path of so many bytes, 0 for the root's: whether [`RepoPath::new`] would take the two as one.
    ///
    /// # Errors
    /// See [`PathError`].
    pub fn check_below(above: usize, name: &[u8]) -> Result<(), PathError> {
        if above + usize::from(above > 0) + name.len() > MAX_PATH {
            return Err(PathError::TooLong);
        }
        if name.contains(&b'/') {
            return Err(PathError::EmptyComponent);
        }
        check_shape(name)?;
        check_component(name)
    }

    /// Checks that this path may name a symbolic link.
    ///
    /// # Errors
    /// [`PathError::SpecialSymlink`] for the files that Git itself reads.
    pub fn check_symlink(&self) -> Result<(), PathError> {
        let name = BStr::new(self.file_name());
        let special = [&b".gitattributes"[..], b".gitignore", b".mailmap"];
        if gix_validate::path::component(name, Some(gix_validate::path::component::Mode::Symlink), protections()).is_err()
            || special.iter().any(|special| name.eq_ignore_ascii_case(special))
        {
            return Err(PathError::SpecialSymlink);
        }
        Ok(())
    }

    /// What makes this path awkward on Windows, if anything.
    pub fn portability(&self) -> Option<PathWarning> {
        if std::str::from_utf8(&self.0).is_err() {
            return Some(PathWarning::NotUtf8);
        }
        self.components().find_map(|component| {
            if gix_validate::path::component_is_windows_device(BStr::new(component)) {
                Some(PathWarning::Device)
            } else if component.iter().any(|byte| *byte < 0x20 || b"\\:<>\"|?*".contains(byte)) {
                Some(PathWarning::Character)
            } else if matches!(component.last(), Some(b'.' | b' ')) {
                Some(PathWarning::Trailing)
            } else {
                None
            }
        })
    }

    /// A key that is equal for names which a case-folding or normalising file system takes for one: lower case, then NFC.
    pub fn fold_key(name: &[u8]) -> Vec<u8> {
        match std::str::from_utf8(name) {
            Ok(text) => text.chars().flat_map(char::to_lowercase).nfc().collect::<String>().into_bytes(),
            Err(_) => name.to_ascii_lowercase(),
        }
    }

    /// The bytes, components separated by `/`.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, shared.
    pub fn to_bytes(&self) -> Bytes {
        self.0.clone()
    }

    /// The components, from the root down; at least one.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &[u8]> + Clone {
        self.0.split(|byte| *byte == b'/')
    }

    /// The last component.
    pub fn file_name(&self) -> &[u8] {
        self.0.rfind_byte(b'/').map_or(&self.0[..], |at| &self.0[at + 1..])
    }

    /// The path without its last component; `None` at the root.
    pub fn parent(&self) -> Option<Self> {
        self.0.rfind_byte(b'/').map(|at| Self(self.0.slice(..at)))
    }

    /// This path with a component below it. The component must be one that a tree holds or that was checked before.
    ///
    /// # Errors
    /// When the component is empty, relative, or holds a slash or NUL.
    pub fn join(&self, component: &[u8]) -> Result<Self, PathError> {
        let mut path = Vec::with_capacity(self.0.len() + 1 + component.len());
        path.extend_from_slice(&self.0);
        path.push(b'/');
        path.extend_from_slice(component);
        if component.contains(&b'/') {
            return Err(PathError::EmptyComponent);
        }
        Self::existing(path)
    }

    /// Whether this path is `ancestor` or lies below it.
    pub fn starts_with(&self, ancestor: &Self) -> bool {
        self.strip_prefix(ancestor).is_some()
    }

    /// What follows `ancestor` in this path (empty for itself), or `None` if it does not lie there.
    pub fn strip_prefix(&self, ancestor: &Self) -> Option<&[u8]> {
        let rest = self.0.strip_prefix(&ancestor.0[..])?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix(b"/") }
    }

    /// The path as text, with a replacement character for what is not UTF-8. For messages only.
    pub fn to_lossy(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

fn protections() -> gix_validate::path::component::Options {
    // `protect_windows` would refuse device names and characters, which here are warnings.
    gix_validate::path::component::Options { protect_windows: false, protect_hfs: true, protect_ntfs: true }
}

fn check_shape(path: &[u8]) -> Result<(), PathError> {
    if path.is_empty() {
        return Err(PathError::Empty);
    }
    if path.len() > MAX_PATH {
        return Err(PathError::TooLong);
    }
    if path[0] == b'/' {
        return Err(PathError::Absolute);
    }
    if path.contains(&0) {
        return Err(PathError::Nul);
    }
    for component in path.split(|byte| *byte == b'/') {
        match component {
            b"" => return Err(PathError::EmptyComponent),
            b"." | b".." => return Err(PathError::Relative),
            _ => {}
        }
    }
    Ok(())
}

fn check_component(component: &[u8]) -> Result<(), PathError> {
    if component.len() > MAX_COMPONENT {
        return Err(PathError::TooLong);
    }
    // Windows takes a backslash for a separator, so each part behind one is a component there.
    for part in component.split(|byte| *byte == b'\\') {
        if part == b".." {
            return Err(PathError::Relative);
        }
        if !part.is_empty() && gix_validate::path::component(BStr::new(part), None, protections()).is_err() {
            return Err(if part == b"." { PathError::Relative } else { PathError::DotGit });
        }
    }
    Ok(())
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names come from outside: control characters never reach a terminal.
        for ch in self.to_lossy().chars() {
            if ch.is_control() { write!(f, "{}", ch.escape_default())? } else { write!(f, "{ch}")? }
        }
        Ok(())
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", BStr::new(&self.0))
    }
}

impl std::str::FromStr for RepoPath {
    type Err = PathError;
    fn from_str(path: &str) -> Result<Self, PathError> {
        Self::new(Bytes::copy_from_slice(path.as_bytes()))
    }
}

impl Serialize for RepoPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::Text(self.0.clone()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RepoPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = crate::Text::deserialize(deserializer)?;
        Self::new(text.0).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(path: &[u8], expect: Result<(), PathError>) {
        assert_eq!(RepoPath::new(path.to_vec()).map(|_| ()), expect, "{:?}", BStr::new(path));
    }

    #[test]
    fn what_could_reach_dot_git_anywhere_is_refused() {
        for path in [
            ".git",
            ".GIT/config",
            "a/.Git",
            "git~1",
            "GIT~1/hooks",
            ".git ",
            ".git.",
            ".git. .",
            ".git::$INDEX_ALLOCATION/x",
            ".g\u{200c}it",
            "a/.git\u{feff}/x",
            "a\\.git\\config",
            "\u{206a}.git",
        ] {
            check(path.as_bytes(), Err(PathError::DotGit));
        }
    }

    #[test]
    fn shapes() {
        check(b"", Err(PathError::Empty));
        check(b"/etc/passwd", Err(PathError::Absolute));
        check(b"a//b", Err(PathError::EmptyComponent));
        check(b"a/", Err(PathError::EmptyComponent));
        check(b"a/../b", Err(PathError::Relative));
        check(b"./a", Err(PathError::Relative));
        check(b"a\\..\\b", Err(PathError::Relative));
        check(b"a\0b", Err(PathError::Nul));
        check(&[b'a'; 256], Err(PathError::TooLong));
        check(&b"a/".repeat(1793)[..3585], Err(PathError::TooLong));
        for path in [&b"a"[..], b".gitignore", b".github/x", b"...", b"a b/\xff\xfe", b"git~", b"aux.c", b"c:x"] {
            check(path, Ok(()));
        }
    }

    #[test]
    fn awkward_names_warn() {
        for (path, warning) in [
            ("aux.c", Some(PathWarning::Device)),
            ("a/nul", Some(PathWarning::Device)),
            ("a:b", Some(PathWarning::Character)),
            ("a.", Some(PathWarning::Trailing)),
            ("a/b", None),
        ] {
            assert_eq!(path.parse::<RepoPath>().expect("a path").portability(), warning, "{path}");
        }
        assert_eq!(RepoPath::fold_key("A\u{301}b".as_bytes()), RepoPath::fold_key("\u{e1}B".as_bytes()));
    }

    #[test]
    fn links_at_files_git_reads_are_refused() {
        for path in [".gitmodules", "a/.gitmodules", "gitmod~1", ".GITIGNORE", ".mailmap"] {
            assert_eq!(path.parse::<RepoPath>().expect("a path").check_symlink(), Err(PathError::SpecialSymlink), "{path}");
        }
        assert_eq!("a".parse::<RepoPath>().expect("a path").check_symlink(), Ok(()));
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer_and_paths_round_trip_through_json(raw in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(path) = RepoPath::new(raw.clone()) {
                prop_assert_eq!(path.as_bytes(), &raw[..]);
                let json = serde_json::to_string(&path).expect("json");
                prop_assert_eq!(serde_json::from_str::<RepoPath>(&json).expect("the same path"), path.clone());
                if let Some(parent) = path.parent() {
                    prop_assert!(path.starts_with(&parent));
                    prop_assert_eq!(parent.join(path.file_name()), Ok(path));
                }
            }
        }
    }
}
