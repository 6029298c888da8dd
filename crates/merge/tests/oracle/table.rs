//! Each documented case of a tree merge, by example, with Git's verdict beside it.

use crate::common::{Case, Oracle, World};
use acetate_merge::{ConflictKind, FindingKind, Move, TreeMerge, TreeOptions, merge_trees};
use acetate_types::FileMode;
use bytes::Bytes;

/// Ten lines, so that a change of one leaves nine in ten.
const TEXT: &str = "1;2;3;4;5;6;7;8;9;10;";

/// What a merge should give.
enum Expect {
    /// This result, in the notation of [`world`].
    Clean(&'static str),
    /// Exactly these conflicts.
    Conflict(&'static [(ConflictKind, &'static str)]),
}

/// What Git should say with its defaults.
#[derive(Clone, Copy, PartialEq)]
enum Git {
    /// The same verdict, and the same result.
    Same,
    /// A conflict where we have none.
    Conflict,
    /// No conflict where we have one, since it loses a change.
    Loses,
    /// Not comparable: it knows nothing of recorded moves.
    Other,
}
use Expect::{Clean, Conflict};

/// Files written as `path=content path*=content path@=target path%=commit`: regular, executable, link, submodule. `T` in a content
/// stands for [`TEXT`], `;` for a line end, `^` for a NUL byte.
fn world(text: &str) -> World {
    text.split_whitespace()
        .map(|file| {
            let (path, content) = file.split_once('=').expect("path=content");
            let (path, mode) = match path.as_bytes().last() {
                Some(b'*') => (&path[..path.len() - 1], FileMode::Executable),
                Some(b'@') => (&path[..path.len() - 1], FileMode::Symlink),
                Some(b'%') => (&path[..path.len() - 1], FileMode::Submodule),
                _ => (path, FileMode::Regular),
            };
            let content = match mode {
                FileMode::Submodule => content.repeat(40),
                FileMode::Symlink => content.to_owned(),
                _ => content.replace('T', TEXT).replace(';', "\n").replace('^', "\0"),
            };
            (path.as_bytes().to_vec(), (mode, Bytes::from(content)))
        })
        .collect()
}

fn moves(text: &str) -> Vec<Move> {
    text.split_whitespace()
        .map(|moved| {
            let (from, to) = moved.split_once('>').expect("from>to");
            Move { from: from.parse().expect("a path"), to: to.parse().expect("a path") }
        })
        .collect()
}

fn check(base: &str, ours: &str, theirs: &str, expect: Expect, git: Git) -> TreeMerge {
    check_moves(base, ours, theirs, "", expect, git)
}

/// As `check`, with moves recorded on their side.
fn check_moves(base: &str, ours: &str, theirs: &str, recorded: &str, expect: Expect, git: Git) -> TreeMerge {
    let oracle = Oracle::new();
    let case = Case { base: world(base), ours: world(ours), theirs: world(theirs) };
    let ids = oracle.store(std::slice::from_ref(&case));
    let objects = oracle.objects();
    let context = format!("{base} | {ours} | {theirs} | {recorded}");
    let merge = |swap: bool| {
        let (ours, theirs) = if swap { (&ids[0].theirs, &ids[0].ours) } else { (&ids[0].ours, &ids[0].theirs) };
        let mut options = TreeOptions { their_moves: moves(recorded), ..TreeOptions::default() };
        if swap {
            std::mem::swap(&mut options.our_moves, &mut options.their_moves);
        }
        merge_trees(&objects, &ids[0].base, ours, theirs, &options).expect("a merge")
    };
    for (swap, head) in [(true, &case.theirs), (false, &case.ours)] {
        let merge = merge(swap);
        match &expect {
            Clean(result) => {
                assert!(merge.is_clean(), "{context}: {:?}", merge.conflicts);
                assert_eq!(objects.apply(head, &merge), world(result), "{context}");
            }
            Conflict(conflicts) => {
                let found: Vec<(ConflictKind, String)> =
                    merge.conflicts.iter().map(|conflict| (conflict.kind, conflict.path.to_string())).collect();
                let conflicts: Vec<(ConflictKind, String)> = conflicts.iter().map(|(kind, path)| (*kind, (*path).to_owned())).collect();
                assert_eq!(found, conflicts, "{context}");
                for conflict in &merge.conflicts {
                    // What a conflict involves of ours stays as it is.
                    let path = conflict.ours.as_ref().map_or(&conflict.path, |side| &side.path).as_bytes();
                    assert_eq!(objects.apply(head, &merge).get(path), head.get(path), "{context}");
                }
            }
        }
    }
    let merge = merge(false);
    let answer = oracle.merge(&ids, &[]).remove(0).expect("git answers");
    match git {
        Git::Same => {
            assert_eq!(answer.clean, merge.is_clean(), "{context}: {:?}", answer.said);
            if let Clean(result) = expect {
                assert_eq!(objects.world(&answer.tree), world(result), "{context}");
            }
        }
        Git::Conflict => assert!(!answer.clean && merge.is_clean(), "{context}"),
        Git::Loses => assert!(answer.clean && !merge.is_clean(), "{context}"),
        Git::Other => {}
    }
    merge
}

#[test]
fn one_side_or_both_alike() {
    check("f=T d/g=1;", "f=Tx; d/g=1;", "f=T d/g=2;", Clean("f=Tx; d/g=2;"), Git::Same);
    check("f=T", "f=T g=1;", "f=T h/i=2;", Clean("f=T g=1; h/i=2;"), Git::Same);
    check("f=T d/g=1; d/h=2;", "f=Tx; d/g=1; d/h=2;", "f=T", Clean("f=Tx;"), Git::Same);
    let merge = check("f=T", "f=Tx;", "f=Tx;", Clean("f=Tx;"), Git::Same);
    assert!(merge.edits.is_empty());
    let merge = check("f=T", "f=T g=1;", "f=T g=1;", Clean("f=T g=1;"), Git::Same);
    assert_eq!(merge.findings[0].kind, FindingKind::SameChange);
    check("f=T g=1;", "f=T", "f=T", Clean("f=T"), Git::Same);
    check("", "f=1;", "", Clean("f=1;"), Git::Same);
    check("f=1;", "", "f=1;", Clean(""), Git::Same);
}

#[test]
fn texts() {
    check("f=T", "f=a;T", "f=Tb;", Clean("f=a;Tb;"), Git::Same);
    let merge = check("f=T", "f=Ta;", "f=Tb;", Conflict(&[(ConflictKind::BothChanged, "f")]), Git::Same);
    assert_eq!(merge.conflicts[0].hunks[0].base.start, 10);
    check("", "f=T", "f=Ta;", Conflict(&[(ConflictKind::AddedDifferently, "f")]), Git::Same);
    check("f=^1", "f=^2", "f=^3", Conflict(&[(ConflictKind::Binary, "f")]), Git::Same);
    check("f=^1", "f=^2", "f=^1", Clean("f=^2"), Git::Same);
    check("f=T", "f=Ta;", "", Conflict(&[(ConflictKind::ChangedDeleted, "f")]), Git::Same);
    check("f=T", "f=T", "", Clean(""), Git::Same);
}

#[test]
fn modes_and_types() {
    check("f=T", "f*=T", "f=Ta;", Clean("f*=Ta;"), Git::Same);
    check("f=T", "f*=T", "f*=T", Clean("f*=T"), Git::Same);
    check("", "f*=T", "f=T", Conflict(&[(ConflictKind::Mode, "f")]), Git::Same);
    check("f@=a", "f@=b", "f@=c", Conflict(&[(ConflictKind::Symlink, "f")]), Git::Same);
    check("f@=a", "f@=b", "f@=a", Clean("f@=b"), Git::Same);
    check("s%=1", "s%=2", "s%=3", Conflict(&[(ConflictKind::Submodule, "s")]), Git::Same);
    check("s%=1", "s%=2", "s%=2", Clean("s%=2"), Git::Same);
    check("f=T", "f=Ta;", "f@=b", Conflict(&[(ConflictKind::DistinctTypes, "f")]), Git::Same);
    check("f=T", "f=T", "f@=b", Clean("f@=b"), Git::Same);
    check("", "f=T", "f@=b", Conflict(&[(ConflictKind::DistinctTypes, "f")]), Git::Same);
    check("", "s%=1", "s=1;", Conflict(&[(ConflictKind::DistinctTypes, "s")]), Git::Same);
}

#[test]
fn files_and_directories() {
    check("", "p=T", "p/f=1;", Conflict(&[(ConflictKind::FileDirectory, "p")]), Git::Same);
    check("p=T", "p=T", "p/f=1;", Clean("p/f=1;"), Git::Same);
    check("p=T", "p=Ta;", "p/f=1;", Conflict(&[(ConflictKind::FileDirectory, "p")]), Git::Same);
    check("p/f=1; p/g=2;", "p/f=1; p/g=2;", "p=3;", Clean("p=3;"), Git::Same);
    check("p/f=1;", "p/f=2;", "p=3;", Conflict(&[(ConflictKind::FileDirectory, "p"), (ConflictKind::ChangedDeleted, "p/f")]), Git::Same);
}

#[test]
fn renames() {
    let merge = check("f=T", "g=T", "f=Ta;", Clean("g=Ta;"), Git::Same);
    assert_eq!(merge.findings[0].kind, FindingKind::RenameFollowed);
    check("f=T", "g=Tx;", "f=a;T", Clean("g=a;Tx;"), Git::Same);
    check("f=T", "d/f=T", "f=Ta;", Clean("d/f=Ta;"), Git::Same);
    check("f=T", "g=Ta;", "f=Tb;", Conflict(&[(ConflictKind::BothChanged, "g")]), Git::Same);
    check("f=T", "g=T", "", Conflict(&[(ConflictKind::RenamedDeleted, "g")]), Git::Same);
    check("f=T", "g=T", "h=T", Conflict(&[(ConflictKind::RenamedDifferently, "f")]), Git::Same);
    check("f=T", "g=a;T", "g=Tb;", Clean("g=a;Tb;"), Git::Same);
    check("f=T", "g=T", "f=Ta; g=z;", Conflict(&[(ConflictKind::AddedDifferently, "g")]), Git::Same);
    check("f=T", "g=T", "f=Ta; g=Ta;", Clean("g=Ta;"), Git::Same);
    check("f=T h=a;b;c;", "g=T h=a;b;c;", "f=T g=a;b;c;", Conflict(&[(ConflictKind::AddedDifferently, "g")]), Git::Same);
    check(
        "f=T",
        "g=Ta;",
        "f=Tb; g=z;",
        Conflict(&[(ConflictKind::AddedDifferently, "g"), (ConflictKind::RenameCollision, "g")]),
        Git::Same,
    );
    check("f=T", "g=T", "g=T f=x;", Conflict(&[(ConflictKind::RenameCollision, "g")]), Git::Loses);
    check("f=T", "g=T", "f*=T", Clean("g*=T"), Git::Same);
}

#[test]
fn directory_renames() {
    let merge = check("d/f=T d/g=a;b;", "e/f=T e/g=a;b;", "d/f=T d/g=a;b; d/h=1;", Clean("e/f=T e/g=a;b; e/h=1;"), Git::Conflict);
    assert!(merge.findings.iter().any(|finding| finding.kind == FindingKind::DirectoryRenameApplied));
    check("d/f=T d/g=a;b;", "e/f=T e/g=a;b;", "d/f=Tx; d/g=a;b;", Clean("e/f=Tx; e/g=a;b;"), Git::Same);
    check("d/f=T d/g=a;b;", "e/f=T x/g=a;b;", "d/f=T d/g=a;b; d/h=1;", Conflict(&[(ConflictKind::DirectoryRenameSplit, "d")]), Git::Same);
    check(
        "d/f=T d/g=a;b; e/h=2;",
        "e/f=T e/g=a;b; e/h=2;",
        "d/f=T d/g=a;b; d/h=1; e/h=2;",
        Conflict(&[(ConflictKind::DirectoryRenameBlocked, "e/h")]),
        Git::Same,
    );
    check("d/f=T d/g=a;b;", "f=T g=a;b;", "d/f=T d/g=a;b; d/h=1;", Clean("f=T g=a;b; h=1;"), Git::Conflict);
}

#[test]
fn recorded_moves() {
    // Nothing is left of the text, yet the move is known.
    let merge = check_moves("f=T", "f=Ta;", "g=x;y;z;", "f>g", Conflict(&[(ConflictKind::BothChanged, "g")]), Git::Other);
    assert_eq!(merge.findings[0].kind, FindingKind::RecordedMove);
    check_moves("f=T", "f*=T", "g=x;y;z;", "f>g", Clean("g*=x;y;z;"), Git::Other);
    // Another file is more similar; the record wins.
    check_moves("f=T", "f=Ta;", "g=T h=x;T", "f>h", Clean("g=T h=x;Ta;"), Git::Other);
    // A whole directory, of which nothing was kept: what the other side adds follows.
    check_moves("d/f=T d/g=a;b;", "d/f=T d/g=a;b; d/h=1;", "e/f=x; e/g=y;", "d>e", Clean("e/f=x; e/g=y; e/h=1;"), Git::Other);
    check_moves("d/f=T d/g=T;", "d/f*=T d/g=T;", "e/f=x; k/g=y;", "d>e d/g>k/g", Clean("e/f*=x; k/g=y;"), Git::Other);
    // What is below a moved directory goes where that went, whatever else was moved out of it.
    check_moves(
        "dir/sub/g=T dir/f=a;b; dir/h=c;d;",
        "dir/sub/g=T dir/f=a;b; dir/h=c;d; dir/sub/new=1;",
        "ab=T moved/f=a;b; moved/h=c;d;",
        "dir>moved dir/sub/g>ab",
        Clean("ab=T moved/f=a;b; moved/h=c;d; moved/sub/new=1;"),
        Git::Other,
    );
    // A record whose source is still there, or never was, is ignored.
    check_moves("f=T", "f=Ta;", "f=T g=1;", "f>g", Clean("f=Ta; g=1;"), Git::Other);
    check_moves("f=T", "f=Ta;", "f=T g=1;", "x>g", Clean("f=Ta; g=1;"), Git::Other);
    // An empty file moves on record only.
    check_moves("f= d=1;", "f*= d=1;", "g= d=1;", "f>g", Clean("g*= d=1;"), Git::Other);
}
