//! The formats, and what each can do. One place that dispatches, so that nothing else asks which format it has.

use crate::layout::slice;
use crate::plain::Plain;
use crate::shape::Fields;
use crate::splice::Splice;
use crate::{ConfigError, json, toml, yaml};

/// What a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON, with comments and trailing commas where the tool takes them.
    Json { comments: bool },
    /// TOML.
    Toml,
    /// YAML.
    Yaml,
}

/// What a text may have been before the entry came.
#[derive(Debug, Default)]
pub struct Earlier {
    /// Texts of which one may give this one again when the entry is added; the likeliest first.
    pub exact: Vec<String>,
    /// Texts that only lack the entry; the best first.
    pub close: Vec<String>,
}

impl Format {
    /// A whole file with nothing but the entry, ending in a line end.
    pub fn fresh(self, parent: &str, fields: &Fields) -> String {
        match self {
            Self::Json { .. } => json::fresh(parent, fields),
            Self::Toml => toml::fresh(parent, fields),
            Self::Yaml => yaml::fresh(parent, fields),
        }
    }

    /// What a second parser reads. Nothing at all is [`Plain::Null`].
    pub fn plain(self, text: &str) -> Result<Plain, ConfigError> {
        match self {
            Self::Json { comments } => json::plain(text, comments),
            Self::Toml => toml::plain(text),
            Self::Yaml => yaml::plain(text),
        }
    }

    /// The changes that put the entry in, where there is none.
    pub fn insert(self, text: &str, parent: &str, fields: &Fields) -> Result<Vec<Splice>, ConfigError> {
        match self {
            Self::Json { comments } => json::insert(text, comments, parent, fields),
            Self::Toml => toml::insert(text, parent, fields),
            Self::Yaml => yaml::insert(text, parent, fields),
        }
    }

    /// The changes that put ours in the place of the entry that is there.
    pub fn replace(self, text: &str, parent: &str, fields: &Fields) -> Result<Vec<Splice>, ConfigError> {
        match self {
            Self::Json { comments } => json::replace(text, comments, parent, fields),
            Self::Toml => toml::replace(text, parent, fields),
            Self::Yaml => yaml::replace(text, parent, fields),
        }
    }

    /// What the text may have been before the entry that is there came.
    pub fn earlier(self, text: &str, parent: &str) -> Result<Earlier, ConfigError> {
        match self {
            Self::Json { comments } => json::earlier(text, comments, parent),
            Self::Toml => toml::earlier(text, parent),
            Self::Yaml => yaml::earlier(text, parent),
        }
    }
}

/// The text without a first line end.
pub fn without_newline(text: &str) -> &str {
    text.strip_prefix("\r\n").or_else(|| text.strip_prefix('\n')).unwrap_or(text)
}

/// The text without a last line end.
pub fn chomp(text: &str) -> &str {
    slice(text, 0..crate::layout::before_newline(text, text.len()))
}
