//! Line merges against the real Git: verdict, clean bytes, and bytes with conflict markers.

use crate::common::{Case, Oracle, Random, World};
use acetate_merge::{Labels, LineLimits, LineMerge, MarkerStyle, merge_lines, render_markers};
use acetate_types::FileMode;
use bytes::Bytes;

type Text = Vec<Vec<u8>>;

fn line(random: &mut Random, alphabet: usize, crlf: usize) -> Vec<u8> {
    let letter = random.below(alphabet);
    let mut line =
        if letter == 0 && alphabet > 4 { Vec::new() } else { format!("{}line {letter}", " ".repeat(letter % 3 * 2)).into_bytes() };
    if crlf > 0 && !random.once_in(crlf) {
        line.push(b'\r');
    }
    line.push(b'\n');
    line
}

fn edited(random: &mut Random, text: &Text, alphabet: usize, crlf: usize, edits: usize) -> Text {
    let mut text = text.clone();
    for _ in 0..edits {
        let at = random.below(text.len() + 1);
        let most = if random.once_in(6) { 40 } else { 4 };
        let len = random.below(1 + most.min(text.len() - at));
        let added: Text = (0..random.below(4)).map(|_| line(random, alphabet, crlf)).collect();
        match random.below(6) {
            0 => drop(text.splice(at..at + len, [])),
            1 => drop(text.splice(at..at, added)),
            2 => {
                let copy: Text = text[at..at + len].to_vec();
                let to = random.below(text.len() + 1);
                text.splice(to..to, copy);
            }
            3 => {
                let moved: Text = text.splice(at..at + len, []).collect();
                let to = random.below(text.len() + 1);
                text.splice(to..to, moved);
            }
            _ => drop(text.splice(at..at + len, added)),
        }
    }
    text
}

fn joined(random: &mut Random, text: &Text) -> Bytes {
    let mut bytes = text.concat();
    if random.once_in(8) && bytes.ends_with(b"\n") {
        bytes.pop();
    }
    bytes.into()
}

pub fn random_case(seed: u64) -> [Bytes; 3] {
    let mut random = Random(seed.wrapping_mul(0x1234_5678_9abc_def1));
    let random = &mut random;
    let alphabet = *random.pick(&[2, 3, 5, 12, 40, 1000]);
    let crlf = *random.pick(&[0, 0, 0, 1000, 5]);
    let lines = match random.below(12) {
        0 => 0,
        1 => 300 + random.below(900),
        2 => 70 + random.below(140),
        _ => random.below(30),
    };
    let most = if random.once_in(4) { 12 } else { 4 };
    let many = if lines > 200 && random.once_in(3) { lines / 8 } else { 0 };
    let edits = 1 + random.below(most) + many;
    let base: Text = (0..lines).map(|_| line(random, alphabet, crlf)).collect();
    let ours = edited(random, &base, alphabet, crlf, edits);
    let from = if random.once_in(10) { &ours } else { &base };
    let theirs = if random.once_in(20) { ours.clone() } else { edited(random, from, alphabet, crlf, edits) };
    [joined(random, &base), joined(random, &ours), joined(random, &theirs)]
}

fn world(text: &Bytes) -> World {
    World::from([(b"f".to_vec(), (FileMode::Regular, text.clone()))])
}

fn show(text: &[u8]) -> String {
    String::from_utf8_lossy(text).chars().take(1500).collect()
}

/// How many conflicts a rendered text shows.
fn shown(text: &[u8]) -> usize {
    text.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"<<<<<<< ")).count()
}

/// Merges with both and compares everything.
fn check_all(texts: &[[Bytes; 3]]) {
    let oracle = Oracle::new();
    let cases: Vec<Case> =
        texts.iter().map(|[base, ours, theirs]| Case { base: world(base), ours: world(ours), theirs: world(theirs) }).collect();
    let ids = oracle.store(&cases);
    let plain = oracle.merge(&ids, &[]);
    let diff3 = oracle.merge(&ids, &["merge.conflictStyle=diff3"]);
    let objects = oracle.objects();
    let mut conflicts = 0;
    for (at, [base, ours, theirs]) in texts.iter().enumerate() {
        let merge = merge_lines(base, ours, theirs, &LineLimits::default());
        let label = |id: acetate_types::ObjectId| id.to_string();
        let labels = Labels { base: label(ids[at].base), ours: label(ids[at].ours), theirs: label(ids[at].theirs) };
        let git = plain[at].as_ref().expect("git answers");
        let context = || format!("case {at}\n--- base\n{}\n--- ours\n{}\n--- theirs\n{}\n", show(base), show(ours), show(theirs));
        assert_eq!(matches!(merge, LineMerge::Clean(_)), git.clean, "{}", context());
        let compare = |style, tree| {
            let theirs = &objects.world(&tree)[&b"f"[..]].1;
            let found = render_markers(&merge, &labels, style, 7);
            if style == MarkerStyle::Diff3 && shown(&found) < shown(theirs) {
                // Git's diff3 style also shows regions in which both sides have the same; here they are no conflicts in either style.
                return;
            }
            assert_eq!(show(&found), show(theirs), "{}", context());
            assert!(found == theirs[..], "{}", context());
        };
        compare(MarkerStyle::Merge, git.tree);
        if let LineMerge::Conflict(conflict) = &merge {
            conflicts += 1;
            compare(MarkerStyle::Diff3, diff3[at].as_ref().expect("git answers").tree);
            assert!(!conflict.hunks.is_empty());
        }
        let swapped = merge_lines(base, theirs, ours, &LineLimits::default());
        match (&merge, &swapped) {
            (LineMerge::Clean(text), LineMerge::Clean(other)) => assert_eq!(show(text), show(other), "swapped {}", context()),
            (LineMerge::Conflict(_), LineMerge::Conflict(_)) => {}
            _ => panic!("swapping the sides changes the verdict: {}", context()),
        }
    }
    println!("{conflicts} conflicts among {} merges", texts.len());
}

#[test]
fn random_texts_merge_as_git_merges_them() {
    let seed = crate::common::first_seed();
    let texts: Vec<_> = (0..crate::common::cases(1500) as u64).map(|at| random_case(seed + at)).collect();
    texts.chunks(2000).for_each(check_all);
}

#[test]
fn chosen_texts_merge_as_git_merges_them() {
    let texts = [
        ["", "a\n", "a\n"],
        ["", "a\n", "b\n"],
        ["", "a\nb\nc\n", "a\nx\nc\n"],
        ["a\n", "", ""],
        ["a\n", "", "b\n"],
        ["a\nb\nc\n", "a\nB\nc\n", "a\nb\nC\n"],
        ["a\nb\nc\nd\n", "A\nb\nc\nd\n", "a\nb\nc\nD\n"],
        ["a\nb\nc\n", "a\nb\nc\nd\n", "a\nb\nc\ne\n"],
        ["a\nb\nc", "a\nb\nc\n", "A\nb\nc"],
        ["a\nb\nc", "a\nb\nd", "a\nb\ne"],
        ["a\r\nb\r\nc\r\n", "a\r\nB\r\nc\r\n", "a\r\nX\r\nc\r\n"],
        ["a\r\nb\r\nc\r\n", "a\nb\nc\n", "a\r\nX\r\nc\r\n"],
        ["a\nb\nc\n", "a\nc\n", "a\nb\nc\nd\n"],
        ["a\nb\n", "b\na\n", "a\nb\nc\n"],
        ["a\n\n\nb\n", "a\n\nb\n", "a\n\n\n\nb\n"],
        ["<<<<<<< x\na\n=======\n>>>>>>> y\n", "<<<<<<< x\nb\n=======\n>>>>>>> y\n", "<<<<<<< x\nc\n=======\n>>>>>>> y\n"],
        ["1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\nx\n3\n4\n5\n6\n7\ny\n9\n", "1\nX\n3\n4\n5\n6\n7\nY\n9\n"],
    ];
    check_all(&texts.map(|texts| texts.map(|text| Bytes::from_static(text.as_bytes()))));
}
