//! One entry point for all fixtures.

use acetate_merge::{FileConflict, FileInput, FileMerge, FileMerged, FileOptions, Labels, MarkerStyle, SameSymbol, SymbolFiles};
use acetate_syntax::{Language, ParseLimits, Syntax};
use acetate_types::{ObjectId, RepoPath};
use bytes::Bytes;
use std::sync::Arc;

/// Merges three texts under the policy `merge`.
pub fn merge(path: &str, base: &str, ours: &str, theirs: &str) -> Result<String, FileConflict> {
    merge_as(path, base, ours, theirs, SameSymbol::Merge)
}

/// Merges three texts.
pub fn merge_as(path: &str, base: &str, ours: &str, theirs: &str, same_symbol: SameSymbol) -> Result<String, FileConflict> {
    let files = SymbolFiles::new(FileOptions { same_symbol, ..FileOptions::default() });
    let path = RepoPath::existing(Bytes::copy_from_slice(path.as_bytes())).expect("a path");
    let [base, ours, theirs] = [base, ours, theirs].map(|text| Bytes::copy_from_slice(text.as_bytes()));
    let input = FileInput { path: &path, base: Some(&base), ours: &ours, theirs: &theirs, ids: [None; 3] };
    match files.merge(&input) {
        FileMerged::Clean(text) => Ok(String::from_utf8(text.to_vec()).expect("text")),
        FileMerged::Conflict(conflict) => Err(*conflict),
        other => panic!("{other:?}"),
    }
}

/// What comes out is this text, whichever side is which.
#[track_caller]
pub fn check(path: &str, [base, ours, theirs]: [&str; 3], expect: &str) {
    for (ours, theirs) in [(ours, theirs), (theirs, ours)] {
        match merge(path, base, ours, theirs) {
            Ok(text) => assert_eq!(text, expect, "\n{text}"),
            Err(conflict) => panic!("a conflict:\n{}", marked(&conflict)),
        }
    }
}

/// What comes out is a conflict with these questions, written `kind symbol`, whichever side is which.
#[track_caller]
pub fn conflicts(path: &str, [base, ours, theirs]: [&str; 3], expect: &[&str]) {
    for (ours, theirs) in [(ours, theirs), (theirs, ours)] {
        match merge(path, base, ours, theirs) {
            Ok(text) => panic!("clean:\n{text}"),
            Err(conflict) => {
                let found: Vec<String> = conflict
                    .questions
                    .iter()
                    .map(|question| format!("{} {}", question.kind.as_str(), question.symbol.as_deref().unwrap_or("-")))
                    .collect();
                assert_eq!(found, expect, "\n{}", marked(&conflict));
            }
        }
    }
}

/// With markers.
pub fn marked(conflict: &FileConflict) -> String {
    String::from_utf8_lossy(&conflict.render(&Labels::default(), MarkerStyle::Diff3, 7)).into_owned()
}

/// Merges three contents.
pub fn merge_bytes(path: &str, texts: [&[u8]; 3], same_symbol: SameSymbol) -> FileMerged {
    merge_with(&SymbolFiles::new(FileOptions { same_symbol, ..FileOptions::default() }), path, texts)
}

/// Merges three contents.
pub fn merge_with(files: &impl FileMerge, path: &str, texts: [&[u8]; 3]) -> FileMerged {
    let path = RepoPath::existing(Bytes::copy_from_slice(path.as_bytes())).expect("a path");
    let [base, ours, theirs] = texts.map(Bytes::copy_from_slice);
    files.merge(&FileInput { path: &path, base: Some(&base), ours: &ours, theirs: &theirs, ids: [None; 3] })
}

/// Merges three contents where the base's outline or tree is in the cache already.
pub fn merge_known(policy: SameSymbol, path: &str, texts: [&[u8]; 3], outline: bool, tree: bool) -> FileMerged {
    let options = FileOptions { same_symbol: policy, ..FileOptions::default() };
    if !outline && !tree {
        return merge_bytes(path, texts, policy);
    }
    let syntax = Arc::new(Syntax::new(64 << 20, ParseLimits::default()));
    // Any id will do: it only names the text.
    let id: ObjectId = "0000000000000000000000000000000000000001".parse().expect("an id");
    let language = Language::of(path.as_bytes()).expect("a language");
    if tree {
        syntax.parsed(id, language, texts[0]).expect("parsed");
    }
    if outline {
        syntax.outline(id, language, texts[0]).expect("outlined");
    }
    let path = RepoPath::existing(Bytes::copy_from_slice(path.as_bytes())).expect("a path");
    let [base, ours, theirs] = texts.map(Bytes::copy_from_slice);
    let input = FileInput { path: &path, base: Some(&base), ours: &ours, theirs: &theirs, ids: [Some(id), None, None] };
    SymbolFiles::cached(options, syntax).merge(&input)
}

/// The base with each side's replacements.
pub fn sides(base: &str, ours: &[(&str, &str)], theirs: &[(&str, &str)]) -> [String; 3] {
    let apply = |changes: &[(&str, &str)]| {
        changes.iter().fold(base.to_owned(), |text, (old, new)| {
            assert!(text.contains(old), "{old:?}");
            text.replacen(old, new, 1)
        })
    };
    [base.to_owned(), apply(ours), apply(theirs)]
}

/// Both sides' replacements are in the result.
#[track_caller]
pub fn both(path: &str, base: &str, ours: &[(&str, &str)], theirs: &[(&str, &str)]) {
    let texts = sides(base, ours, theirs);
    let expect = theirs.iter().fold(texts[1].clone(), |text, (old, new)| text.replacen(old, new, 1));
    check(path, texts.each_ref().map(String::as_str), &expect);
}

/// The questions that remain.
#[track_caller]
pub fn asks(path: &str, base: &str, ours: &[(&str, &str)], theirs: &[(&str, &str)], expect: &[&str]) {
    conflicts(path, sides(base, ours, theirs).each_ref().map(String::as_str), expect);
}
