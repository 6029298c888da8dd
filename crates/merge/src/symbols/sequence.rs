//! Merging the elements of three bodies.
//!
//! Each side is laid over the base as runs of replaced elements, as a line diff would, but by identity. Runs that do not share an element
//! of the base are independent, also where they touch. Where both sides add at one place, see [`super::inserts`].

use super::align::{ALIKE, Tokens, pairs, tokens};
use super::broken::{ends_elsewhere, swallows};
use super::context::{BASE, Context, DEEPEST, OURS, THEIRS, trivial};
use super::element::merge_element;
use super::emit::{Emit, Separators, join, lead, open, separator, trail, whole};
use super::entries::shared_blank;
use super::inserts::{Insert, combine, once};
use super::leaf::leaf;
use super::moves::{Moved, Unclear, moved};
use super::out::{Out, Ranges};
use super::space::says_the_same;
use super::tokens::{hash, likeness};
use crate::trees::ConflictKind;
use acetate_syntax::{Body, Element, Kind};
use foldhash::HashSet;
use std::cell::OnceCell;

/// A run of replaced elements: some of the base, some of a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hunk {
    base: (usize, usize),
    side: (usize, usize),
}

/// What both sides make of the base's elements.
pub(super) struct Bodies<'a, 't> {
    pub bodies: [&'a Body<'t>; 3],
    pub tokens: [Tokens; 3],
    /// For each element of the base, what it became in ours and in theirs.
    pub pairs: [Vec<Option<usize>>; 2],
    /// For each version the elements that take part, by their places in its body: all that were not moved.
    pub lists: [Vec<usize>; 3],
    pub separators: Separators,
    /// The lines of ours and of theirs, by their hashes, where somebody asked for one.
    lines: [OnceCell<HashSet<u64>>; 2],
}

impl<'a, 't> Bodies<'a, 't> {
    pub fn element(&self, side: usize, at: usize) -> &'a Element<'t> {
        &self.bodies[side].elements[self.lists[side][at]]
    }

    /// How many elements of a version take part.
    pub fn len(&self, side: usize) -> usize {
        self.lists[side].len()
    }

    /// The bytes of a run of elements; for none, the place where they would be. `None` if something that was moved is among them.
    pub fn range(&self, side: usize, (start, end): (usize, usize)) -> Option<std::ops::Range<usize>> {
        let elements = &self.bodies[side].elements;
        let list = &self.lists[side];
        let first = list.get(start).copied();
        let place = first.and_then(|at| elements.get(at)).map_or(self.bodies[side].tail.start, |element| element.span.start);
        let Some(last) = end.checked_sub(1).filter(|last| *last >= start) else { return Some(place..place) };
        let last = list.get(last).copied()?;
        (last - first? == end - 1 - start).then(|| place..elements.get(last).map_or(place, |element| element.span.end))
    }

    /// Whether an element is the same in the base and in a side, but for how it is laid out where the other side has nothing of it left.
    fn says_the_same(&self, context: &Context<'_>, base: usize, side: usize, at: usize) -> bool {
        let (before, after) = (self.element(BASE, base), self.element(side, at));
        let language = context.parsed[BASE].language();
        let (old, new) = (context.bytes(BASE, &before.span), context.bytes(side, &after.span));
        let laid_out = || {
            let lines: HashSet<&[u8]> = new.split(|byte| *byte == b'\n').collect();
            let mut gone = old.split(|byte| *byte == b'\n').filter(|line| !lines.contains(line) && !line.trim_ascii().is_empty());
            !gone.any(|line| self.has_line(context, OURS + THEIRS - side, line))
        };
        self.equal(context, before, side, after) || (says_the_same(language, old, new) && laid_out())
    }

    /// Whether a side's body has a line; looked up in a table, for there may be many lines to ask for.
    fn has_line(&self, context: &Context<'_>, side: usize, line: &[u8]) -> bool {
        let lines = self.lines[side - 1].get_or_init(|| {
            let body = self.bodies[side];
            context.bytes(side, &(body.head.start..body.tail.end)).split(|byte| *byte == b'\n').map(hash).collect()
        });
        lines.contains(&hash(line))
    }

    fn equal(&self, context: &Context<'_>, a: &Element<'_>, side: usize, b: &Element<'_>) -> bool {
        let equal = |one: std::ops::Range<usize>, other: std::ops::Range<usize>| context.bytes(BASE, &one) == context.bytes(side, &other);
        equal(lead(a), lead(b))
            && equal(a.core.clone(), b.core.clone())
            && equal(trail(a), trail(b))
            && (self.separators.divided || separator(context, BASE, a) == separator(context, side, b))
    }

    fn hunks(&self, side: usize) -> Vec<Hunk> {
        let pairs = &self.pairs[side - 1];
        let mut hunks = Vec::new();
        let (mut base, mut at) = (0, 0);
        for next in 0..=pairs.len() {
            let to = if next == pairs.len() { Some(self.len(side)) } else { pairs[next] };
            let Some(to) = to else { continue };
            if base < next || at < to {
                hunks.push(Hunk { base: (base, next), side: (at, to) });
            }
            (base, at) = (next + 1, to + 1);
        }
        hunks
    }
}

/// The name of something that both sides moved within a body, to different places.
pub(super) fn moved_differently(context: &Context<'_>, bodies: [&Body<'_>; 3]) -> Option<String> {
    match moved(bodies, &tokens(context.texts, bodies)) {
        Err(Unclear::Differently(at)) => bodies[BASE].elements.get(at)?.key.as_ref().map(|key| key.name.clone()),
        _ => None,
    }
}

/// Merges three bodies, tail and head included; `None` where lines have to decide.
pub(super) fn merge_bodies(context: &mut Context<'_>, bodies: [&Body<'_>; 3], cores: &Ranges) -> Option<Out> {
    if context.depth >= DEEPEST {
        return None;
    }
    context.depth += 1;
    let numbers = tokens(context.texts, bodies);
    let merged = moved(bodies, &numbers).ok().and_then(|moved| sequence(context, bodies, numbers, &moved, cores));
    context.depth -= 1;
    merged
}

fn sequence(context: &mut Context<'_>, bodies: [&Body<'_>; 3], all_tokens: [Tokens; 3], moved: &[Moved], cores: &Ranges) -> Option<Out> {
    let texts = context.texts;
    if [OURS, THEIRS].into_iter().any(|side| swallows(context, bodies, &all_tokens, side)) {
        return None;
    }
    let lists: [Vec<usize>; 3] = [BASE, OURS, THEIRS].map(|side| {
        let gone: HashSet<usize> = moved.iter().map(|moved| moved.at[side]).collect();
        (0..all_tokens[side].len()).filter(|at| !gone.contains(at)).collect()
    });
    let tokens = [BASE, OURS, THEIRS].map(|side| lists[side].iter().map(|at| all_tokens[side][*at]).collect::<Tokens>());
    let mut both: [Vec<Option<usize>>; 2] = Default::default();
    for side in [OURS, THEIRS] {
        both[side - 1] = pairs(
            [texts[BASE], texts[side]],
            [bodies[BASE], bodies[side]],
            [&lists[BASE], &lists[side]],
            &tokens[BASE],
            &tokens[side],
            &mut context.budget,
        )?;
    }
    let all = Bodies { bodies, tokens, pairs: both, lists, separators: Separators::of(context, bodies), lines: Default::default() };
    if [OURS, THEIRS].into_iter().any(|side| ends_elsewhere(context, &all, side)) {
        return None;
    }
    let mut emits = Vec::new();
    let (ours, theirs) = (all.hunks(OURS), all.hunks(THEIRS));
    let (mut our_next, mut their_next) = (0, 0);
    let mut base = 0;
    loop {
        let (our, their) = (ours.get(our_next), theirs.get(their_next));
        let start = our.iter().chain(their.iter()).map(|hunk| hunk.base).min();
        let Some((start, _)) = start else { break };
        for at in base..start {
            paired(context, &all, at, &mut emits);
        }
        // All hunks that share something with the first.
        let mut group: [Vec<Hunk>; 2] = Default::default();
        let ours_first = match (our, their) {
            (Some(our), Some(their)) => our.base <= their.base,
            (our, _) => our.is_some(),
        };
        let mut span = if ours_first { our.map(|hunk| hunk.base) } else { their.map(|hunk| hunk.base) }?;
        loop {
            let mut grown = false;
            for (side, hunks, next) in [(0, &ours, &mut our_next), (1, &theirs, &mut their_next)] {
                while let Some(hunk) =
                    hunks.get(*next).filter(|hunk| group_has(span, hunk.base, group[side].is_empty() && group[1 - side].is_empty()))
                {
                    span = (span.0.min(hunk.base.0), span.1.max(hunk.base.1));
                    group[side].push(*hunk);
                    *next += 1;
                    grown = true;
                }
            }
            if !grown {
                break;
            }
        }
        let inserts = inserted(&group);
        let blank = if span.0 == span.1 { shared_blank(context, &all, span.1, inserts.each_ref().map(Vec::as_slice)) } else { None };
        let combined = resolve(context, &all, span, &group, inserts, blank, &mut emits)?;
        base = span.1;
        if combined && blank.is_some() {
            paired(context, &all, base, &mut emits);
            emits.last_mut()?.out.cut_blank();
            base += 1;
        }
    }
    for at in base..all.len(BASE) {
        paired(context, &all, at, &mut emits);
    }
    once(context, &all, &mut emits)?;
    place_moved(context, &all, moved, &mut emits)?;
    let mut out = leaf(context, [0, 1, 2].map(|side| cores[side].start..bodies[side].head.end.max(cores[side].start)));
    let tails = [0, 1, 2].map(|side| bodies[side].tail.start.min(cores[side].end)..cores[side].end);
    let follows = tails.iter().any(|tail| !tail.is_empty());
    join(context, emits, all.separators, follows, &mut out);
    let tail = leaf(context, tails);
    if tail.parts.is_empty() && [0, 1, 2].iter().any(|side| bodies[*side].tail.start > cores[*side].end) {
        // A core ends before its line does: what the last element has behind it is not part of it.
        out.cut_end([0, 1, 2].map(|side| context.bytes(side, &(cores[side].end..bodies[side].tail.start.max(cores[side].end)))));
    }
    out.append(tail);
    Some(out)
}

/// Whether a hunk belongs to a group that spans some elements of the base: it shares one, lies inside, or both add at one place.
fn group_has(span: (usize, usize), hunk: (usize, usize), first: bool) -> bool {
    let share = span.0.max(hunk.0) < span.1.min(hunk.1);
    let at_one = span.0 == span.1 && hunk == span;
    let inside = |point: (usize, usize), run: (usize, usize)| point.0 == point.1 && run.0 < point.0 && point.0 < run.1;
    share || at_one || inside(hunk, span) || inside(span, hunk) || (first && hunk == span)
}

/// An element that all three have.
fn paired(context: &mut Context<'_>, all: &Bodies<'_, '_>, at: usize, emits: &mut Vec<Emit>) {
    let (Some(ours), Some(theirs)) = (all.pairs[0][at], all.pairs[1][at]) else { return };
    let elements = [all.element(BASE, at), all.element(OURS, ours), all.element(THEIRS, theirs)];
    emits.push(one(context, all, elements, all.tokens[BASE][at]));
}

/// One element of the result from its three versions.
fn one(context: &mut Context<'_>, all: &Bodies<'_, '_>, elements: [&Element<'_>; 3], token: u32) -> Emit {
    let mut emit = if all.equal(context, elements[BASE], OURS, elements[OURS]) {
        whole(context, THEIRS, elements[THEIRS])
    } else if all.equal(context, elements[BASE], THEIRS, elements[THEIRS]) {
        whole(context, OURS, elements[OURS])
    } else {
        merge_element(context, elements)
    };
    emit.token = Some(token);
    emit
}

/// Most places that are looked at for what was moved.
const MOST_PLACES: usize = 4_000_000;

/// Puts what was moved where it was moved to.
fn place_moved(context: &mut Context<'_>, all: &Bodies<'_, '_>, moved: &[Moved], emits: &mut Vec<Emit>) -> Option<()> {
    if moved.len() * emits.len() > MOST_PLACES {
        return None;
    }
    for moved in moved {
        let element = |side: usize| all.bodies[side].elements.get(moved.at[side]);
        let emit = one(context, all, [element(BASE)?, element(OURS)?, element(THEIRS)?], moved.token);
        let place = match moved.after.first() {
            None => 0,
            Some(_) => moved.after.iter().find_map(|before| emits.iter().position(|emit| emit.token == Some(*before)))? + 1,
        };
        emits.insert(place, emit);
    }
    Some(())
}

/// What the sides have in the place of what they replaced.
fn inserted(group: &[Vec<Hunk>; 2]) -> [Vec<usize>; 2] {
    group.each_ref().map(|hunks| hunks.iter().flat_map(|hunk| hunk.side.0..hunk.side.1).collect())
}

/// A place where at least one side replaced elements. Whether what they put there was combined.
fn resolve(
    context: &mut Context<'_>,
    all: &Bodies<'_, '_>,
    span: (usize, usize),
    group: &[Vec<Hunk>; 2],
    inserts: [Vec<usize>; 2],
    first: Option<usize>,
    emits: &mut Vec<Emit>,
) -> Option<bool> {
    let deleted = |side: usize, at: usize| group[side - 1].iter().any(|hunk| (hunk.base.0..hunk.base.1).contains(&at));
    let keyed = (span.0..span.1).all(|at| all.element(BASE, at).key.is_some())
        && [OURS, THEIRS].iter().all(|side| inserts[side - 1].iter().all(|at| set_like(all.element(*side, *at))));
    let imports = keyed
        && (span.0..span.1).all(|at| all.element(BASE, at).kind == Kind::Import)
        && [OURS, THEIRS].iter().all(|side| inserts[side - 1].iter().all(|at| all.element(*side, *at).kind == Kind::Import));
    let shared = (span.0..span.1).any(|at| deleted(OURS, at) && deleted(THEIRS, at));
    let one_sided = group[0].is_empty() || group[1].is_empty();
    // A run that both sides touched, of things without names: lines have to decide.
    let unclear = !one_sided && ((!keyed && span.0 < span.1) || (shared && !imports && !inserts[0].is_empty() && !inserts[1].is_empty()));
    // What one side put in the place of something that the other only took away may be that, changed.
    let one_added = inserts[0].is_empty() != inserts[1].is_empty();
    let changed_or_gone = !one_sided && shared && one_added && {
        let side = if inserts[0].is_empty() { THEIRS } else { OURS };
        let core = |side: usize, at: usize| context.bytes(side, &all.element(side, at).core);
        (span.0..span.1)
            .filter(|at| deleted(OURS, *at) && deleted(THEIRS, *at))
            .any(|gone| inserts[side - 1].iter().any(|new| likeness(core(BASE, gone), core(side, *new)) >= ALIKE))
    };
    let unclear = unclear || changed_or_gone;
    if unclear && !same_run(context, all, span, group) {
        emits.push(region(context, all, span, group)?);
        return Some(false);
    }
    if unclear {
        for at in &inserts[0] {
            let mut emit = whole(context, OURS, all.element(OURS, *at));
            emit.token = Some(all.tokens[OURS][*at]);
            emits.push(emit);
        }
        return Some(false);
    }
    // Deleted by one side, changed by the other.
    let changed = |at: usize| {
        [(OURS, THEIRS), (THEIRS, OURS)].into_iter().find_map(|(gone, kept)| {
            let other = all.pairs[kept - 1][at]?;
            (deleted(gone, at) && !deleted(kept, at) && !all.says_the_same(context, at, kept, other)).then_some((gone, kept, other))
        })
    };
    let clashes: Vec<(usize, (usize, usize, usize))> = (span.0..span.1).filter_map(|at| changed(at).map(|found| (at, found))).collect();
    if !clashes.is_empty() && !keyed {
        emits.push(region(context, all, span, group)?);
        return Some(false);
    }
    // What is kept between the runs of one side, and then what both add.
    let combined = combine(context, all, [&inserts[0], &inserts[1]].map(|list| Insert { list: list.clone() }), first);
    match combined {
        Some(combined) => emits.extend(combined),
        None => {
            emits.push(region(context, all, span, group)?);
            return Some(false);
        }
    }
    for (at, (gone, kept, other)) in clashes {
        let base = all.element(BASE, at);
        let element = all.element(kept, other);
        let mut ranges: Ranges = Default::default();
        ranges[BASE] = base.span.clone();
        ranges[kept] = element.span.clone();
        let place = all.range(gone, {
            let hunk = group[gone - 1].iter().find(|hunk| (hunk.base.0..hunk.base.1).contains(&at));
            let at = hunk.map_or(0, |hunk| hunk.side.1);
            (at, at)
        })?;
        ranges[gone] = place;
        let why = format!("{} changed what {} deleted", who(kept), who(gone));
        let symbol = context.symbol_in(base.key.as_ref());
        emits.push(open(context.open(ConflictKind::ChangedDeleted, ranges, symbol, why)));
    }
    Some(true)
}

/// Stand for the sides in what is said for people, until it is known which is whose.
pub(super) const FIRST: &str = "\u{1}first\u{1}";
pub(super) const SECOND: &str = "\u{1}second\u{1}";

/// Who a side is, for a person.
pub(super) fn who(side: usize) -> &'static str {
    if side == THEIRS { SECOND } else { FIRST }
}

/// Elements that have a name and no meaning in their order, or comments between them.
fn set_like(element: &Element<'_>) -> bool {
    element.key.is_some() || element.kind == Kind::Comment
}

/// Whether both sides made the same of a run.
fn same_run(context: &Context<'_>, all: &Bodies<'_, '_>, span: (usize, usize), group: &[Vec<Hunk>; 2]) -> bool {
    let Some(ranges) = ranges(all, span, group) else { return false };
    group[0].len() == 1
        && group[1].len() == 1
        && group[0][0].base == group[1][0].base
        && context.bytes(OURS, &ranges[OURS]) == context.bytes(THEIRS, &ranges[THEIRS])
}

/// The bytes of a group in the three versions.
fn ranges(all: &Bodies<'_, '_>, span: (usize, usize), group: &[Vec<Hunk>; 2]) -> Option<Ranges> {
    let side = |side: usize| {
        let hunks = &group[side - 1];
        let pairs = &all.pairs[side - 1];
        let (start, end) = match (hunks.first(), hunks.last()) {
            (Some(first), Some(last)) => {
                let before = first.base.0 - span.0;
                let after = span.1 - last.base.1;
                (first.side.0 - before, last.side.1 + after)
            }
            _ => {
                // Nothing replaced: as the base has it.
                let place = |at: usize| pairs.get(at).copied().flatten();
                match (place(span.0), span.1.checked_sub(1).and_then(place)) {
                    (Some(start), Some(end)) if span.0 < span.1 => (start, end + 1),
                    _ => {
                        let at = place(span.0).unwrap_or(all.len(side));
                        (at, at)
                    }
                }
            }
        };
        all.range(side, (start, end))
    };
    Some([all.range(BASE, span)?, side(OURS)?, side(THEIRS)?])
}

/// A run that lines have to decide.
fn region(context: &mut Context<'_>, all: &Bodies<'_, '_>, span: (usize, usize), group: &[Vec<Hunk>; 2]) -> Option<Emit> {
    let ranges = ranges(all, span, group)?;
    let out = match trivial(context.three(&ranges)) {
        Some(text) => {
            let mut out = Out::default();
            out.merged(text);
            out
        }
        None => leaf(context, ranges),
    };
    Some(Emit { out, separator: None, trail: Vec::new(), real: false, token: None, settled: false, added: None })
}
