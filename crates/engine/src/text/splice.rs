//! Replaced byte ranges, and how two passes of replacements become one.
//!
//! Invariant of every list of splices here: ascending, disjoint, and positions count in the text *before* the pass.

/// One replaced range of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Splice {
    /// Where the range begins, in bytes of the text before all edits.
    pub at: usize,
    /// How many bytes of that text go.
    pub removed: usize,
    /// How many bytes of the new text stand there instead.
    pub inserted_len: usize,
}

/// One interval of either pass, seen in the text between the two.
struct Interval {
    start: usize,
    end: usize,
    /// What the interval counts in the text before the first pass.
    before: usize,
    /// What it counts in the text after the second.
    after: usize,
}

/// The splices that lead from the text before `first` to the text after `second`. Ranges that touch become one.
pub(super) fn compose(first: &[Splice], second: &[Splice]) -> Vec<Splice> {
    let mut shift = 0_isize;
    let mut from_first = first
        .iter()
        .map(|splice| {
            let start = splice.at.saturating_add_signed(shift);
            shift += splice.inserted_len as isize - splice.removed as isize;
            Interval { start, end: start + splice.inserted_len, before: splice.removed, after: splice.inserted_len }
        })
        .peekable();
    let mut from_second = second
        .iter()
        .map(|splice| Interval { start: splice.at, end: splice.at + splice.removed, before: splice.removed, after: splice.inserted_len })
        .peekable();
    let mut out: Vec<Splice> = Vec::with_capacity(first.len() + second.len());
    // How much longer the middle text is than the one before it, up to the cluster at hand.
    let mut middle_ahead = 0_isize;
    let mut open: Option<Interval> = None;
    loop {
        let take_first = match (from_first.peek(), from_second.peek()) {
            (Some(a), Some(b)) => a.start <= b.start,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => break,
        };
        let Some(next) = (if take_first { from_first.next() } else { from_second.next() }) else { break };
        match &mut open {
            // Inside a cluster both sides begin as long as the middle, and each interval changes only its own side's length.
            Some(cluster) if next.start <= cluster.end => {
                let grown = next.end.saturating_sub(cluster.end);
                let length = next.end - next.start;
                cluster.end += grown;
                if take_first {
                    cluster.before = (cluster.before + grown + next.before).saturating_sub(length);
                    cluster.after += grown;
                } else {
                    cluster.after = (cluster.after + grown + next.after).saturating_sub(length);
                    cluster.before += grown;
                }
            }
            _ => {
                if let Some(done) = open.take() {
                    close(&done, &mut middle_ahead, &mut out);
                }
                open = Some(next);
            }
        }
    }
    if let Some(done) = open {
        close(&done, &mut middle_ahead, &mut out);
    }
    out
}

fn close(cluster: &Interval, middle_ahead: &mut isize, out: &mut Vec<Splice>) {
    out.push(Splice { at: cluster.start.saturating_add_signed(-*middle_ahead), removed: cluster.before, inserted_len: cluster.after });
    *middle_ahead += (cluster.end - cluster.start) as isize - cluster.before as isize;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Splices over a text of `len` bytes, from (gap, removed, inserted) triples.
    fn splices(len: usize, triples: &[(usize, usize, usize)]) -> Vec<Splice> {
        let mut at = 0;
        let mut out = Vec::new();
        for (gap, removed, inserted_len) in triples {
            at += gap;
            if at + removed > len {
                break;
            }
            out.push(Splice { at, removed: *removed, inserted_len: *inserted_len });
            at += removed + 1;
        }
        out
    }

    /// Bytes of the text before keep their value; everything inserted is `mark`.
    fn apply(text: &[u32], list: &[Splice], mark: u32) -> Vec<u32> {
        let mut out = Vec::new();
        let mut from = 0;
        for splice in list {
            out.extend_from_slice(&text[from..splice.at]);
            out.extend(std::iter::repeat_n(mark, splice.inserted_len));
            from = splice.at + splice.removed;
        }
        out.extend_from_slice(&text[from..]);
        out
    }

    proptest! {
        #[test]
        fn composed_splices_lead_where_both_passes_lead(
            one in proptest::collection::vec((0_usize..6, 0_usize..4, 0_usize..5), 0..8),
            two in proptest::collection::vec((0_usize..6, 0_usize..4, 0_usize..5), 0..8),
        ) {
            let before: Vec<u32> = (1000..1040).collect();
            let first = splices(before.len(), &one);
            let middle = apply(&before, &first, 1);
            let second = splices(middle.len(), &two);
            let after = apply(&middle, &second, 2);
            let both = compose(&first, &second);
            for pair in both.windows(2) {
                prop_assert!(pair[0].at + pair[0].removed < pair[1].at);
            }
            // What the composed splices insert, taken from the text after, gives exactly that text.
            let mut rebuilt = Vec::new();
            let mut from = 0;
            for splice in &both {
                rebuilt.extend_from_slice(&before[from..splice.at]);
                let here = rebuilt.len();
                rebuilt.extend_from_slice(&after[here..here + splice.inserted_len]);
                from = splice.at + splice.removed;
            }
            rebuilt.extend_from_slice(&before[from..]);
            prop_assert_eq!(rebuilt, after);
        }
    }
}
