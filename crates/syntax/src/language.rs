//! Which language a path is written in.

use crate::Profile;
use crate::languages::PROFILES;
use serde::{Deserialize, Serialize};

/// A language that has a [`Profile`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Language {
    /// Rust.
    Rust,
    /// Python.
    Python,
    /// TypeScript without JSX.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
    /// JavaScript, with or without JSX.
    JavaScript,
    /// Go.
    Go,
    /// Java.
    Java,
    /// JSON, also with comments.
    Json,
    /// TOML.
    Toml,
    /// YAML.
    Yaml,
    /// Markdown.
    Markdown,
}

impl Language {
    /// The language of a path, by its file name or its extension (ASCII case is ignored); `None` for one that has no profile.
    pub fn of(path: &[u8]) -> Option<Self> {
        let name = path.rsplit(|byte| *byte == b'/').next()?;
        let named = |profile: &&&Profile| profile.file_names.iter().any(|known| known.as_bytes() == name);
        if let Some(profile) = PROFILES.iter().find(named) {
            return Some(profile.language);
        }
        let extension = name.rsplit_once_byte(b'.')?;
        let known = |profile: &&&Profile| profile.extensions.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(extension));
        PROFILES.iter().find(known).map(|profile| profile.language)
    }

    /// All languages.
    pub fn all() -> impl Iterator<Item = Self> {
        PROFILES.iter().map(|profile| profile.language)
    }

    /// What is known of it.
    pub fn profile(self) -> &'static Profile {
        // Each language has one profile; a test says so.
        PROFILES.iter().find(|profile| profile.language == self).copied().unwrap_or(&crate::languages::RUST)
    }

    /// Its name as in answers and reports: `rust`, `tsx`.
    pub fn as_str(self) -> &'static str {
        self.profile().name
    }
}

trait RsplitOnce {
    fn rsplit_once_byte(&self, byte: u8) -> Option<&[u8]>;
}

impl RsplitOnce for [u8] {
    fn rsplit_once_byte(&self, byte: u8) -> Option<&[u8]> {
        memchr::memrchr(byte, self).and_then(|at| self.get(at + 1..))
    }
}
