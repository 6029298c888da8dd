//! Texts that have no elements to go by: lines, and within lines words.

use super::context::{BASE, Context, OURS, THEIRS, trivial};
use super::lines::{Sides, contains, weave};
use super::out::{Out, Ranges};
use super::reindent::elsewhere;
use super::space::laid_out;
use super::within::within;
use crate::lines::{LineMerge, Piece, merge_lines};
use crate::trees::ConflictKind;

/// Merges three ranges by their lines; what stays open is as small as lines allow.
pub(super) fn leaf(context: &mut Context<'_>, ranges: Ranges) -> Out {
    let texts = context.three(&ranges);
    let mut out = Out::default();
    if let Some(text) = trivial(texts) {
        out.merged(text);
        return out;
    }
    match merge_lines(texts[BASE], texts[OURS], texts[THEIRS], &context.options.limits.lines) {
        LineMerge::Clean(text) => out.merged(&text),
        LineMerge::Conflict(conflict) => {
            for piece in &conflict.wide {
                match piece {
                    Piece::Merged(bytes) => out.merged(bytes),
                    Piece::Conflict { base, ours, theirs, .. } => {
                        let shift =
                            |side: usize, part: &std::ops::Range<usize>| ranges[side].start + part.start..ranges[side].start + part.end;
                        let part = region(context, [shift(BASE, base), shift(OURS, ours), shift(THEIRS, theirs)]);
                        out.append(part);
                    }
                }
            }
        }
        LineMerge::TooLarge(_) => return context.conflict(ConflictKind::BothChanged, ranges, "the texts are too large to be compared"),
    }
    out
}

/// Lines that Git leaves in conflict.
fn region(context: &mut Context<'_>, ranges: Ranges) -> Out {
    let texts = context.three(&ranges);
    let mut out = Out::default();
    let Some(sides) = Sides::new(texts, &mut context.budget) else {
        return context.conflict(ConflictKind::BothChanged, ranges, "both sides changed the same lines");
    };
    if let Some(text) = contains(&sides).filter(|_| !elsewhere(context, &ranges)) {
        out.merged(text);
        return out;
    }
    if let Some(text) = weave(&sides) {
        out.merged(&text);
        return out;
    }
    if !elsewhere(context, &ranges)
        && let Some(text) = within(texts, &mut context.budget)
    {
        out.merged(&text);
        return out;
    }
    if let Some(text) = laid_out(context, &ranges) {
        out.merged(&text);
        return out;
    }
    context.conflict(ConflictKind::BothChanged, ranges, "both sides changed the same lines")
}
