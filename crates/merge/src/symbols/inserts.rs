//! What both sides add at one place.
//!
//! What both added is taken once. Elements with names are put one after the other, in an order that does not depend on which side is
//! which. Statements are not: their order has a meaning that nobody here knows.

use super::context::{BASE, Context, OURS, THEIRS};
use super::emit::{Emit, lead, open, separator, trail, whole};
use super::entries::{by_version, may_follow};
use super::imports::{merge_imports, overlap};
use super::out::Ranges;
use super::sequence::Bodies;
use super::space::{says_the_same, tidier};
use crate::diff::compare;
use crate::trees::ConflictKind;
use acetate_syntax::Kind;
use foldhash::HashMap;

/// What one side adds: places in its list of elements.
pub(super) struct Insert {
    pub list: Vec<usize>,
}

/// Both lists as one, `first` naming the side whose elements come first if something but their texts says so; `None` where lines have to
/// decide.
pub(super) fn combine(context: &mut Context<'_>, all: &Bodies<'_, '_>, inserts: [Insert; 2], first: Option<usize>) -> Option<Vec<Emit>> {
    let [ours, theirs] = inserts;
    if ours.list.is_empty() || theirs.list.is_empty() {
        let side = if ours.list.is_empty() { THEIRS } else { OURS };
        let list = if side == OURS { ours.list } else { theirs.list };
        return Some(list.iter().map(|at| numbered(context, all, side, *at)).collect());
    }
    let numbers = |side: usize, list: &[usize]| -> Vec<u32> { list.iter().map(|at| all.tokens[side][*at]).collect() };
    let (our_numbers, their_numbers) = (numbers(OURS, &ours.list), numbers(THEIRS, &theirs.list));
    let changes = compare(&our_numbers, &their_numbers, &mut context.budget).ok()?;
    // The same thing in another order on both sides: nobody knows which.
    let both_have: Vec<u32> = our_numbers.iter().copied().filter(|number| their_numbers.contains(number)).collect();
    let unmatched = |change: &crate::diff::Change| {
        our_numbers.get(change.before..change.before_end()).unwrap_or_default().iter().any(|number| both_have.contains(number))
    };
    let named = |side: usize, list: &[usize]| list.iter().all(|at| all.element(side, *at).key.is_some());
    if changes.iter().any(unmatched) && !(named(OURS, &ours.list) && named(THEIRS, &theirs.list)) {
        return None;
    }
    let mut emits = Vec::new();
    let (mut a, mut b) = (0, 0);
    for change in
        changes.iter().copied().chain([crate::diff::Change { before: ours.list.len(), removed: 0, after: theirs.list.len(), added: 0 }])
    {
        while a < change.before {
            emits.push(added_by_both(context, all, ours.list[a], theirs.list[b])?);
            a += 1;
            b += 1;
        }
        let (mine, other) = (&ours.list[change.before..change.before_end()], &theirs.list[change.after..change.after_end()]);
        emits.extend(one_after_the_other(context, all, mine, other, first)?);
        a = change.before_end();
        b = change.after_end();
    }
    Some(emits)
}

/// An element as one side has it, with its number.
fn numbered(context: &Context<'_>, all: &Bodies<'_, '_>, side: usize, at: usize) -> Emit {
    Emit { token: Some(all.tokens[side][at]), added: Some((side, at)), ..whole(context, side, all.element(side, at)) }
}

/// Unkeyed elements of so many bytes are no accident when both sides added them.
const TELLING: usize = 20;

/// What both sides added, at different places, is there once: at the first of them, merged if it is an import, in conflict if it is not
/// the same. `None` for what has no name: lines have to decide.
pub(super) fn once(context: &mut Context<'_>, all: &Bodies<'_, '_>, emits: &mut Vec<Emit>) -> Option<()> {
    let mut first: HashMap<u32, usize> = HashMap::default();
    let mut at = 0;
    while let Some(emit) = emits.get(at) {
        let (Some(token), Some((side, place))) = (emit.token, emit.added) else {
            at += 1;
            continue;
        };
        let Some(known) = first.get(&token).copied().or_else(|| overlapping(context, all, emits, at)) else {
            first.insert(token, at);
            at += 1;
            continue;
        };
        let (other_side, other_place) = emits.get(known)?.added?;
        if other_side == side {
            at += 1;
            continue;
        }
        if all.element(side, place).key.is_none() {
            if all.element(side, place).core.len() >= TELLING || all.element(side, place).kind == Kind::Item {
                return None;
            }
            at += 1;
            continue;
        }
        let (ours, theirs) = if side == OURS { (place, other_place) } else { (other_place, place) };
        let both = added_by_both(context, all, ours, theirs)?;
        emits.remove(at);
        *emits.get_mut(known)? = Emit { added: None, ..both };
    }
    Some(())
}

/// An import from the same place that the other side added further up, with a name in common.
fn overlapping(context: &Context<'_>, all: &Bodies<'_, '_>, emits: &[Emit], at: usize) -> Option<usize> {
    let added =
        |emit: &Emit| emit.added.map(|(side, at)| (side, all.element(side, at))).filter(|(_, element)| element.kind == Kind::Import);
    let (side, import) = added(emits.get(at)?)?;
    let core = context.bytes(side, &import.core);
    let is_other =
        |emit: &Emit| added(emit).is_some_and(|(other, element)| other != side && overlap(context.bytes(other, &element.core), core));
    emits.get(..at)?.iter().position(is_other)
}

/// An element that both sides added.
fn added_by_both(context: &mut Context<'_>, all: &Bodies<'_, '_>, ours: usize, theirs: usize) -> Option<Emit> {
    let (our, their) = (all.element(OURS, ours), all.element(THEIRS, theirs));
    let same = |a: std::ops::Range<usize>, b: std::ops::Range<usize>| context.bytes(OURS, &a) == context.bytes(THEIRS, &b);
    // What is above and behind: the same, or only one of the sides has something to say.
    let above = one_says([context.bytes(OURS, &lead(our)), context.bytes(THEIRS, &lead(their))]);
    let behind = one_says([context.bytes(OURS, &trail(our)), context.bytes(THEIRS, &trail(their))]);
    if let (Some(above), Some(behind)) = (above, behind) {
        let core = if same(our.core.clone(), their.core.clone()) {
            Some(context.bytes(OURS, &our.core).to_vec())
        } else if our.kind == Kind::Import {
            merge_imports(None, context.bytes(OURS, &our.core), context.bytes(THEIRS, &their.core))
        } else {
            None
        };
        if let Some(core) = core {
            let mut out = super::out::Out::default();
            out.merged(above);
            out.merged(&core);
            let separator = separator(context, OURS, our).max(separator(context, THEIRS, their));
            return Some(Emit { out, separator, trail: behind.to_vec(), ..numbered(context, all, OURS, ours) });
        }
    }
    let spans = [context.bytes(OURS, &our.span), context.bytes(THEIRS, &their.span)];
    if says_the_same(context.parsed[BASE].language(), spans[0], spans[1]) {
        let (side, at) = if tidier(context, spans[0], spans[1]) { (OURS, ours) } else { (THEIRS, theirs) };
        return Some(numbered(context, all, side, at));
    }
    let mut ranges: Ranges = Default::default();
    ranges[BASE] = all.bodies[BASE].tail.start..all.bodies[BASE].tail.start;
    ranges[OURS] = our.span.clone();
    ranges[THEIRS] = their.span.clone();
    let symbol = context.symbol_in(our.key.as_ref());
    Some(open(context.open(ConflictKind::AddedDifferently, ranges, symbol, "both sides added this, differently".to_owned())))
}

/// Of two texts beside what both sides added, the one that counts: the longer of two that say the same or nothing. `None` if both say
/// something of their own.
fn one_says([ours, theirs]: [&[u8]; 2]) -> Option<&[u8]> {
    let longer = if (ours.len(), ours) >= (theirs.len(), theirs) { ours } else { theirs };
    match (ours.trim_ascii(), theirs.trim_ascii()) {
        (a, b) if a == b => Some(longer),
        (b"", _) => Some(theirs),
        (_, b"") => Some(ours),
        _ => None,
    }
}

/// Elements that only one of the sides added, both at one place.
fn one_after_the_other(
    context: &mut Context<'_>,
    all: &Bodies<'_, '_>,
    ours: &[usize],
    theirs: &[usize],
    first: Option<usize>,
) -> Option<Vec<Emit>> {
    let of = |side: usize, list: &[usize]| -> Vec<(usize, usize)> { list.iter().map(|at| (side, *at)).collect() };
    let (ours, theirs) = (of(OURS, ours), of(THEIRS, theirs));
    let order = match (ours.is_empty(), theirs.is_empty()) {
        (true, _) => theirs,
        (_, true) => ours,
        _ => {
            if !may_follow(context, all, [&ours, &theirs]) {
                return None;
            }
            let text = |(side, at): &(usize, usize)| context.bytes(*side, &all.element(*side, *at).core).trim_ascii_start();
            let lines = |(side, at): &(usize, usize)| !text(&(*side, *at)).contains(&b'\n');
            let sorted = |list: &[(usize, usize)]| list.is_sorted_by(|a, b| text(a) <= text(b));
            let mut together: Vec<(usize, usize)> = Vec::new();
            if first.is_none() && ours.iter().chain(&theirs).all(lines) && sorted(&ours) && sorted(&theirs) {
                together.extend(ours.iter().chain(&theirs));
                together.sort_by(|a, b| text(a).cmp(text(b)));
            } else {
                let first = first.or_else(|| by_version(all, &ours, &theirs));
                let ours_first = first.map_or_else(|| ours.iter().map(text).cmp(theirs.iter().map(text)).is_le(), |first| first == OURS);
                let (one, other) = if ours_first { (&ours, &theirs) } else { (&theirs, &ours) };
                together.extend(one.iter().chain(other));
            }
            together
        }
    };
    let mut emits: Vec<Emit> = Vec::new();
    for (nth, (side, at)) in order.iter().enumerate() {
        let element = all.element(*side, *at);
        let mut emit = numbered(context, all, *side, *at);
        // What was first in its version has no blank line above; it may need one now.
        if nth > 0 && all.lists[*side].get(*at) == Some(&0) && element.blank_end == element.span.start {
            let next = order.iter().filter(|(other, _)| other == side).count();
            if let Some(after) = all.bodies[*side].elements.get(next) {
                let blank = context.bytes(*side, &(after.span.start..after.blank_end)).to_vec();
                let mut out = super::out::Out::default();
                out.merged(&blank);
                out.append(emit.out);
                emit.out = out;
            }
        }
        emits.push(emit);
    }
    Some(emits)
}
