//! Laws that need no oracle.

use crate::common::{Case, Oracle, cases, first_seed};
use crate::lines::random_case as random_texts;
use crate::trees::random_case as random_trees;
use acetate_merge::LineMerge::Clean;
use acetate_merge::diff::{Budget, Lines, compare};
use acetate_merge::{LineLimits, LineMerge, TreeOptions, merge_lines, merge_trees};
use std::collections::HashSet;

#[test]
fn merging_with_the_base_or_with_itself_changes_nothing() {
    let first = first_seed();
    let all: Vec<Case> = (0..cases(300) as u64).map(|at| random_trees(first + 700_000 + at)).collect();
    let oracle = Oracle::new();
    let ids = oracle.store(&all);
    let objects = oracle.objects();
    for (case, ids) in all.iter().zip(&ids) {
        let (base, ours) = (&ids.base, &ids.ours);
        for (head, session, before) in [(ours, base, &case.ours), (base, ours, &case.base), (ours, ours, &case.ours)] {
            let merge = merge_trees(&objects, base, head, session, &TreeOptions::default()).expect("a merge");
            assert!(merge.is_clean(), "{:?}", merge.conflicts);
            assert_eq!(objects.apply(before, &merge), case.ours);
            assert!(head != ours || merge.edits.is_empty());
        }
    }
}

#[test]
fn merging_the_result_again_gives_the_result() {
    let first = first_seed();
    for seed in 0..cases(500) as u64 {
        let [base, ours, theirs] = random_texts(first + seed);
        let limits = LineLimits::default();
        if let LineMerge::Clean(result) = merge_lines(&base, &ours, &theirs, &limits) {
            assert_eq!(merge_lines(&base, &base, &result, &limits), LineMerge::Clean(result.clone()));
            assert_eq!(merge_lines(&base, &result, &result, &limits), LineMerge::Clean(result));
        }
    }
}

#[test]
fn a_clean_merge_conserves_lines() {
    let first = first_seed();
    let mut merges = 0;
    for seed in 0..cases(1500) as u64 {
        let [base, ours, theirs] = random_texts(first + seed);
        let Clean(result) = merge_lines(&base, &ours, &theirs, &LineLimits::default()) else { continue };
        let mut lines = Lines::default();
        let [base, ours, theirs, result] =
            [&base[..], &ours, &theirs, &result].map(|text| lines.add(text, u32::MAX).expect("few lines").tokens);
        let count = |lines: &[u32], line: u32| lines.iter().filter(|other| **other == line).count();
        let changes = [&ours, &theirs].map(|side| compare(&base, side, &mut Budget(u64::MAX)).expect("a large budget"));
        let all: HashSet<u32> = base.iter().chain(&ours).chain(&theirs).chain(&result).copied().collect();
        for line in all {
            let mut added = 0;
            let mut removed = 0;
            for (changes, side) in changes.iter().zip([&ours, &theirs]) {
                added += changes.iter().map(|change| count(&side[change.after..change.after_end()], line)).sum::<usize>();
                removed += changes.iter().map(|change| count(&base[change.before..change.before_end()], line)).sum::<usize>();
            }
            let (before, found) = (count(&base, line), count(&result, line));
            assert!(found <= before + added && found + removed >= before, "seed {seed}: {before} {added} {removed} {found}");
        }
        merges += 1;
    }
    assert!(merges > 0);
}

#[test]
fn limits_are_kept() {
    let limits = |max_bytes, max_lines, max_comparisons| LineLimits { max_bytes, max_lines, max_comparisons };
    let check = |limits: LineLimits, large: bool| {
        let merge = merge_lines(b"a\nb\nc\n", b"a\nB\nc\n", b"a\nb\nc\nd\n", &limits);
        assert_eq!(matches!(merge, LineMerge::TooLarge(_)), large, "{limits:?}");
    };
    check(limits(8, 4, 1000), false);
    check(limits(7, 4, 1000), true);
    check(limits(8, 3, 1000), true);
    check(limits(8, 4, 3), true);
}
