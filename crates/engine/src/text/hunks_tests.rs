//! Hunks by table and by the law that they lead from one text to the other.

use super::*;
use proptest::prelude::*;

fn rebuild(before: &Bytes, found: &[Hunk]) -> Vec<u8> {
    let old = lines(before);
    let mut out = Vec::new();
    let mut at = 0;
    for hunk in found {
        let start = hunk.before_start - usize::from(hunk.before_lines > 0);
        old[at..start].iter().for_each(|line| out.extend_from_slice(line));
        for line in hunk.lines.iter().filter(|line| line.kind != LineKind::Remove) {
            out.extend_from_slice(&line.text);
        }
        at = start + hunk.before_lines;
    }
    old[at..].iter().for_each(|line| out.extend_from_slice(line));
    out
}

/// Ranges and signs of each hunk, `-1,2 +1,3 -+ `.
fn check(before: &str, after: &str, context: usize, expect: &[&str]) {
    let (before, after) = (Bytes::copy_from_slice(before.as_bytes()), Bytes::copy_from_slice(after.as_bytes()));
    let found = hunks(&before, &after, context, &DiffLimits::default()).expect("small texts");
    let show = |hunk: &Hunk| {
        let signs: String = hunk.lines.iter().map(|line| line.kind.sign() as char).collect();
        format!("-{},{} +{},{} {signs}", hunk.before_start, hunk.before_lines, hunk.after_start, hunk.after_lines)
    };
    assert_eq!(found.iter().map(show).collect::<Vec<_>>(), expect);
    assert_eq!(rebuild(&before, &found), after);
}

#[test]
fn ranges() {
    check("", "", 3, &[]);
    check("a\n", "a\n", 3, &[]);
    check("", "a\nb\n", 3, &["-0,0 +1,2 ++"]);
    check("a\nb\n", "", 3, &["-1,2 +0,0 --"]);
    check("a\nb\nc\n", "a\nx\nc\n", 0, &["-2,1 +2,1 -+"]);
    check("a\nb\nc\n", "a\nc\n", 0, &["-2,1 +1,0 -"]);
    check("a\nb\nc\n", "a\nx\nc\n", 1, &["-1,3 +1,3  -+ "]);
    check("a", "a\n", 3, &["-1,1 +1,1 -+"]);
    check("1\n2\n3\n4\n5\n", "x\n2\n3\n4\ny\n", 1, &["-1,2 +1,2 -+ ", "-4,2 +4,2  -+"]);
    check("1\n2\n3\n4\n", "x\n2\n3\ny\n", 1, &["-1,4 +1,4 -+  -+"]);
}

#[test]
fn limits_are_kept() {
    let limits = DiffLimits { max_bytes: 5, max_lines: 3, max_context: 0, ..DiffLimits::default() };
    let text = |text: &'static str| Bytes::from_static(text.as_bytes());
    assert!(hunks(&text("abc"), &text("abd"), 3, &limits).is_err());
    assert!(hunks(&text("\n\n"), &text("\n\n"), 3, &limits).is_err());
    let found = hunks(&text("a\nb"), &text("a"), 3, &limits).expect("within the limits");
    assert_eq!(found.iter().map(|hunk| hunk.lines.len()).sum::<usize>(), 3);
}

proptest! {
    #[test]
    fn hunks_lead_to_the_text_after(before in "([a-d]?\n){0,12}[ab]?", after in "([a-d]?\n){0,12}[ab]?", context in 0_usize..4) {
        let (before, after) = (Bytes::from(before), Bytes::from(after));
        let limits = DiffLimits::default();
        let found = hunks(&before, &after, context, &limits).expect("small texts");
        prop_assert_eq!(&rebuild(&before, &found)[..], &after[..]);
        prop_assert_eq!(found.is_empty(), before == after);
        let count = |kind| found.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.kind == kind).count();
        let stats = diff_stats(&before, &after, &limits).expect("small texts");
        prop_assert_eq!(stats, DiffStats { added: count(LineKind::Add), removed: count(LineKind::Remove) });
        for hunk in &found {
            let of = |kind| hunk.lines.iter().filter(|line| line.kind != kind).count();
            prop_assert_eq!((hunk.before_lines, hunk.after_lines), (of(LineKind::Add), of(LineKind::Remove)));
        }
    }
}
