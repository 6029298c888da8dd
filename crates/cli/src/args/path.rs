//! Repository paths as arguments: bytes as the shell gave them, checked before anything is sent.

use acetate_types::{PathError, RepoPath};
use clap::builder::{OsStringValueParser, TypedValueParser};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;

/// Takes a path from the repository's root; `./` before it and a slash behind it are let pass.
pub fn repo_path() -> impl TypedValueParser<Value = RepoPath> {
    OsStringValueParser::new().try_map(|text: OsString| parse(text.as_bytes()))
}

fn parse(mut bytes: &[u8]) -> Result<RepoPath, PathError> {
    while let Some(rest) = bytes.strip_prefix(b"./") {
        bytes = rest;
    }
    while let Some(rest) = bytes.strip_suffix(b"/") {
        bytes = rest;
    }
    // What the base already has stays readable and editable, so only the shape is checked here; the engine decides the rest.
    RepoPath::existing(bytes.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_spellings_pass_and_climbing_is_refused() {
        for (input, expect) in [("a/b", "a/b"), ("./a", "a"), ("././a/", "a"), ("a//", "a")] {
            assert_eq!(parse(input.as_bytes()).map(|path| path.as_bytes().to_vec()), Ok(expect.as_bytes().to_vec()), "{input}");
        }
        for input in ["", ".", "./", "/", "/a", "a/../b", "a//b"] {
            assert!(parse(input.as_bytes()).is_err(), "{input}");
        }
        assert_eq!(parse(b"caf\xe9").map(|path| path.as_bytes().to_vec()), Ok(b"caf\xe9".to_vec()));
    }
}
