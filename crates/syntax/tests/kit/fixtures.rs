//! The files in `tests/fixtures`.

use acetate_syntax::Language;
use std::path::{Path, PathBuf};

/// A file to test with.
#[derive(Debug, Clone)]
pub struct Fixture {
    pub path: PathBuf,
    pub language: Language,
    pub text: Vec<u8>,
}

/// All fixtures, by name.
pub fn fixtures() -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let fixture = |path: PathBuf| {
        let language = Language::of(path.as_os_str().as_encoded_bytes())?;
        Some(Fixture { language, text: std::fs::read(&path).unwrap(), path })
    };
    paths.into_iter().filter_map(fixture).collect()
}
