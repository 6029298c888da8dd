//! What is done at random.

use proptest::prelude::*;

/// The last two are folders above others: files take the places of folders, and folders those of files.
pub(super) const PATHS: [&[u8]; 14] =
    [b"a", b"b", b"d/x", b"d/y", b"d/e/z", b"f/g", "ü/ß".as_bytes(), b"n\xff\x01/q", b"new/k/l", b"d.x", b"f-", b"e", b"d/e", b"f"];
pub(super) const DIRS: [&[u8]; 6] = [b"d", b"d/e", b"f", b"new", b"moved/in", b"d2"];
pub(super) const BRANCHES: [&str; 2] = ["refs/heads/main", "refs/heads/side"];

#[derive(Debug, Clone)]
pub(super) enum Step {
    Write { path: usize, text: u8, executable: bool },
    Line { path: usize, line: usize, text: u8 },
    Delete { path: usize, whole: bool },
    Move { from: usize, to: usize, whole: bool, replace: bool },
    Mode { path: usize, executable: bool },
    Link { path: usize, to: u8 },
    Directory { path: usize },
    Batch { steps: Vec<(usize, u8)>, bad: bool },
    Fork,
    Commit,
    Sync,
    Submit { dry: bool },
    Pause,
    Close,
    Restart,
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let path = 0..PATHS.len();
    prop_oneof![
        6 => (path.clone(), 0..6u8, any::<bool>()).prop_map(|(path, text, executable)| Step::Write { path, text, executable }),
        8 => (path.clone(), 0..24usize, 0..6u8).prop_map(|(path, line, text)| Step::Line { path, line, text }),
        3 => (path.clone(), prop::bool::weighted(0.3)).prop_map(|(path, whole)| Step::Delete { path, whole }),
        3 => (path.clone(), path.clone(), any::<bool>(), any::<bool>())
            .prop_map(|(from, to, whole, replace)| Step::Move { from, to, whole, replace }),
        1 => (path.clone(), any::<bool>()).prop_map(|(path, executable)| Step::Mode { path, executable }),
        1 => (path.clone(), 0..3u8).prop_map(|(path, to)| Step::Link { path, to }),
        1 => path.clone().prop_map(|path| Step::Directory { path }),
        2 => (prop::collection::vec((path, 0..6u8), 1..4), any::<bool>()).prop_map(|(steps, bad)| Step::Batch { steps, bad }),
        1 => Just(Step::Fork),
        3 => Just(Step::Commit),
        3 => Just(Step::Sync),
        7 => prop::bool::weighted(0.2).prop_map(|dry| Step::Submit { dry }),
        1 => Just(Step::Pause),
        1 => Just(Step::Close),
        1 => Just(Step::Restart),
    ]
}

pub(super) fn text(kind: u8) -> Vec<u8> {
    match kind {
        0 => Vec::new(),
        1 => b"bin\0ary".to_vec(),
        2 => (0..24).map(|line| format!("line {line}\r\n")).collect::<String>().into_bytes(),
        3 => b"no end".to_vec(),
        // Long enough that journal records become splices.
        _ => (0..24).map(|line| format!("line {line} of text {kind}, with some length to it\n")).collect::<String>().into_bytes(),
    }
}
