//! File types by name, as ripgrep's `--type` knows them.

use acetate_types::{Classify, ErrorKind, Problem};
use ignore::types::TypesBuilder;
use std::collections::HashMap;
use std::sync::LazyLock;

static TYPES: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    let definitions = TypesBuilder::new().add_defaults().definitions();
    definitions.into_iter().map(|found| (found.name().to_owned(), found.globs().to_vec())).collect()
});

/// Why a name is no file type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no file type {name:?}")]
pub struct FileTypeError {
    /// The name, shortened.
    pub name: String,
}

impl Classify for FileTypeError {
    fn problem(&self) -> Problem {
        Problem::new(ErrorKind::Invalid, "file_type_unknown", self.to_string())
            .hint("types are ripgrep's, such as rust, py, ts, js, go, java, md; for another kind of file use a glob such as *.xyz")
    }
}

/// The globs of a type's file names. The definitions are those of ripgrep's `ignore`.
///
/// # Errors
/// A name that is no type.
pub fn file_type_globs(name: &str) -> Result<&'static [String], FileTypeError> {
    match TYPES.get(name) {
        Some(globs) => Ok(globs),
        None => Err(FileTypeError { name: name.chars().take(50).collect() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{GlobLimits, PathGlob};

    #[test]
    fn every_type_is_a_glob_here() {
        for (name, globs) in TYPES.iter() {
            let found = PathGlob::any(globs.iter().map(String::as_str), &GlobLimits { max_patterns: 1_000, ..GlobLimits::default() });
            assert!(found.is_ok(), "{name}: {found:?}");
        }
        let rust =
            PathGlob::any(file_type_globs("rust").expect("a type").iter().map(String::as_str), &GlobLimits::default()).expect("a glob");
        assert!(rust.matches(b"src/a.rs") && !rust.matches(b"src/a.py"));
        assert!(file_type_globs("nothing").is_err());
    }
}
