//! What both sides add at one place.
//!
//! What both added is taken once. Elements with names are put one after the other, in an order that does not depend on which side is
//! which. Statements are not: their order has a meaning that nobody here knows.

use super::context::{BASE, Context, OURS, THEIRS, trivial};
use super::element::merge_core;
use super::emit::{Emit, lead, open, separator, trail, whole};
use super::out::Ranges;
use super::sequence::Bodies;
use crate::diff::compare;
use crate::trees::ConflictKind;
use acetate_syntax::{Element, Kind};

/// What one side adds: places in its list of elements.
pub(super) struct Insert {
    pub list: Vec<usize>,
}

/// Both lists as one; `None` where lines have to decide.
pub(super) fn combine(context: &mut Context<'_>, all: &Bodies<'_, '_>, inserts: [Insert; 2]) -> Option<Vec<Emit>> {
    let [ours, theirs] = inserts;
    if ours.list.is_empty() || theirs.list.is_empty() {
        let side = if ours.list.is_empty() { THEIRS } else { OURS };
        let list = if side == OURS { ours.list } else { theirs.list };
        return Some(list.iter().map(|at| whole(context, side, all.element(side, *at))).collect());
    }
    let numbers = |side: usize, list: &[usize]| -> Vec<u32> { list.iter().map(|at| all.tokens[side][*at]).collect() };
    let (our_numbers, their_numbers) = (numbers(OURS, &ours.list), numbers(THEIRS, &theirs.list));
    let changes = compare(&our_numbers, &their_numbers, &mut context.budget).ok()?;
    // The same thing in another order on both sides: nobody knows which.
    let both_have: Vec<u32> = our_numbers.iter().copied().filter(|number| their_numbers.contains(number)).collect();
    let unmatched = |change: &crate::diff::Change| {
        our_numbers.get(change.before..change.before_end()).unwrap_or_default().iter().any(|number| both_have.contains(number))
    };
    if changes.iter().any(unmatched) {
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
        emits.extend(one_after_the_other(context, all, mine, other)?);
        a = change.before_end();
        b = change.after_end();
    }
    Some(emits)
}

/// An element that both sides added.
fn added_by_both(context: &mut Context<'_>, all: &Bodies<'_, '_>, ours: usize, theirs: usize) -> Option<Emit> {
    let (our, their) = (all.element(OURS, ours), all.element(THEIRS, theirs));
    let same = |a: std::ops::Range<usize>, b: std::ops::Range<usize>| context.bytes(OURS, &a) == context.bytes(THEIRS, &b);
    if same(our.core.clone(), their.core.clone()) && same(lead(our), lead(their)) {
        return Some(whole(context, OURS, our));
    }
    if same(our.core.clone(), their.core.clone()) {
        // The longer of what is above, which is the same whichever side is which.
        let texts = [context.bytes(OURS, &lead(our)), context.bytes(THEIRS, &lead(their))];
        let ours_longer = (texts[0].len(), texts[0]) >= (texts[1].len(), texts[1]);
        return Some(if ours_longer { whole(context, OURS, our) } else { whole(context, THEIRS, their) });
    }
    let mut ranges: Ranges = Default::default();
    let place = all.range(BASE, (all.bodies[BASE].elements.len(), all.bodies[BASE].elements.len()));
    ranges[BASE] = place.start..place.start;
    ranges[OURS] = our.span.clone();
    ranges[THEIRS] = their.span.clone();
    let symbol = context.symbol_in(our.key.as_ref());
    let _ = (
        merge_core as fn(&mut Context<'_>, [&Element<'_>; 3]) -> super::out::Out,
        trivial as fn([&'static [u8]; 3]) -> Option<&'static [u8]>,
    );
    Some(open(context.open(ConflictKind::AddedDifferently, ranges, symbol, "both sides added this, differently".to_owned())))
}

/// Elements that only one of the sides added, both at one place.
fn one_after_the_other(context: &mut Context<'_>, all: &Bodies<'_, '_>, ours: &[usize], theirs: &[usize]) -> Option<Vec<Emit>> {
    let of = |side: usize, list: &[usize]| -> Vec<(usize, usize)> { list.iter().map(|at| (side, *at)).collect() };
    let (ours, theirs) = (of(OURS, ours), of(THEIRS, theirs));
    let order = match (ours.is_empty(), theirs.is_empty()) {
        (true, _) => theirs,
        (_, true) => ours,
        _ => {
            let named = |(side, at): &(usize, usize)| {
                let element = all.element(*side, *at);
                element.key.is_some() || element.kind == Kind::Comment
            };
            if !ours.iter().chain(&theirs).all(named) || !ours.iter().chain(&theirs).any(|(side, at)| all.element(*side, *at).key.is_some())
            {
                return None;
            }
            let text = |(side, at): &(usize, usize)| context.bytes(*side, &all.element(*side, *at).core).trim_ascii_start();
            let lines = |(side, at): &(usize, usize)| !text(&(*side, *at)).contains(&b'\n');
            let sorted = |list: &[(usize, usize)]| list.is_sorted_by(|a, b| text(a) <= text(b));
            let mut together: Vec<(usize, usize)> = Vec::new();
            if ours.iter().chain(&theirs).all(lines) && sorted(&ours) && sorted(&theirs) {
                together.extend(ours.iter().chain(&theirs));
                together.sort_by(|a, b| text(a).cmp(text(b)));
            } else if ours.iter().map(text).cmp(theirs.iter().map(text)).is_le() {
                together.extend(ours.iter().chain(&theirs));
            } else {
                together.extend(theirs.iter().chain(&ours));
            }
            together
        }
    };
    let mut emits: Vec<Emit> = Vec::new();
    for (nth, (side, at)) in order.iter().enumerate() {
        let element = all.element(*side, *at);
        let mut emit = whole(context, *side, element);
        // What was first in its version has no blank line above; it may need one now.
        if nth > 0 && *at == 0 && element.blank_end == element.span.start {
            let next = order.iter().filter(|(other, _)| other == side).count();
            if let Some(after) = all.bodies[*side].elements.get(at + next) {
                let blank = context.bytes(*side, &(after.span.start..after.blank_end)).to_vec();
                let mut out = super::out::Out::default();
                out.merged(&blank);
                out.append(emit.out);
                emit.out = out;
            }
        }
        emits.push(emit);
    }
    let _ = (separator as fn(&Context<'_>, usize, &Element<'_>) -> Option<u8>, trail as fn(&Element<'_>) -> std::ops::Range<usize>);
    Some(emits)
}
