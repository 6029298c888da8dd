//! The elements of a merged body, and the separators and line ends between them.
//!
//! A separator belongs to the container: whether the last element has one is merged as a fact of its own, all others have one.

use super::context::{BASE, Context, OURS, THEIRS};
use super::out::{OpenPart, Out, Part};
use acetate_syntax::{Body, Element, Kind};
use std::ops::Range;

/// One element of the result.
pub(super) struct Emit {
    /// What is above it and its core.
    pub out: Out,
    /// The separator behind it.
    pub separator: Option<u8>,
    /// What follows to the end of its last line.
    pub trail: Vec<u8>,
    /// Whether it is an element that separators count for.
    pub real: bool,
    /// Whether its separator is in `out` already, and is as it has to be.
    pub settled: bool,
    /// The number of the element, where it is one.
    pub token: Option<u32>,
    /// The side that added it and its place there, where only one side did.
    pub added: Option<(usize, usize)>,
}

/// How the elements of a body are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Separators {
    /// Whether every element but the last has a comma behind it, in all versions.
    pub divided: bool,
    /// Whether the last has one too, in the result.
    pub last: bool,
}

/// Whether separators count for an element.
fn is_real(element: &Element<'_>) -> bool {
    !matches!(element.kind, Kind::Comment | Kind::Glue)
}

impl Separators {
    /// What three versions say.
    pub fn of(context: &Context<'_>, bodies: [&Body<'_>; 3]) -> Self {
        let mut last = [None; 3];
        let mut seen = false;
        for side in [BASE, OURS, THEIRS] {
            let real: Vec<&Element<'_>> = bodies[side].elements.iter().filter(|element| is_real(element)).collect();
            let comma = |element: &Element<'_>| separator(context, side, element) == Some(b',');
            if let Some((end, others)) = real.split_last() {
                if !others.iter().all(|element| comma(element)) {
                    return Self { divided: false, last: false };
                }
                seen |= !others.is_empty() || comma(end);
                last[side] = Some(comma(end));
            }
        }
        let merged = if last[OURS] == last[THEIRS] || last[BASE] == last[THEIRS] { last[OURS] } else { last[THEIRS] };
        Self { divided: seen, last: merged.or(last[THEIRS]).or(last[OURS]).unwrap_or(false) }
    }
}

/// The separator behind an element.
pub(super) fn separator(context: &Context<'_>, side: usize, element: &Element<'_>) -> Option<u8> {
    element.separator.and_then(|at| context.texts[side].get(at)).copied()
}

/// The bytes above an element's first line.
pub(super) fn lead(element: &Element<'_>) -> Range<usize> {
    element.span.start..element.core.start
}

/// The bytes behind an element and its separator.
pub(super) fn trail(element: &Element<'_>) -> Range<usize> {
    element.separator.map_or(element.core.end, |at| at + 1)..element.span.end
}

/// An element as one side has it.
pub(super) fn whole(context: &Context<'_>, side: usize, element: &Element<'_>) -> Emit {
    let mut out = Out::default();
    out.merged(context.bytes(side, &(element.span.start..element.core.end)));
    Emit {
        out,
        separator: separator(context, side, element),
        trail: context.bytes(side, &trail(element)).to_vec(),
        real: is_real(element),
        token: None,
        settled: false,
        added: None,
    }
}

/// An open part in the place of elements.
pub(super) fn open(part: OpenPart) -> Emit {
    let mut out = Out::default();
    out.open(part);
    Emit { out, separator: None, trail: Vec::new(), real: false, token: None, settled: false, added: None }
}

/// Joins the elements, with separators and line ends as they have to be.
pub(super) fn join(context: &Context<'_>, emits: Vec<Emit>, separators: Separators, follows: bool, out: &mut Out) {
    let crlf = context.texts[BASE].windows(2).take(4096).any(|two| two == b"\r\n");
    let last_real = emits.iter().rposition(|emit| emit.real);
    let end = emits.len();
    for (at, emit) in emits.into_iter().enumerate() {
        let Emit { out: mut core, separator, mut trail, real, settled, .. } = emit;
        let wanted = match (separators.divided && real && !settled, Some(at) == last_real) {
            (false, _) => separator,
            (true, true) => separators.last.then_some(b','),
            (true, false) => Some(b','),
        };
        let more = at + 1 < end || follows;
        if more && real && !trail.ends_with(b"\n") {
            trail.extend_from_slice(if crlf { b"\r\n" } else { b"\n" });
        }
        let rest: Vec<u8> = wanted.into_iter().chain(trail).collect();
        if let Some(Part::Open(open)) = core.parts.last_mut().filter(|_| !rest.is_empty()) {
            // What is not decided ends with the line, so that it can be shown and answered by lines.
            for text in open.texts.iter_mut().chain(open.proposal.as_mut()).filter(|text| !text.is_empty()) {
                text.extend_from_slice(&rest);
            }
            out.append(core);
        } else {
            out.append(core);
            out.merged(&rest);
        }
    }
}
