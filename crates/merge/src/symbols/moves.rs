//! Elements that a side put elsewhere within their body.
//!
//! A move and a change of the same element combine: the element goes where the one side put it, with what the other made of it. Moved are
//! the fewest keyed elements without which the rest is in the base's order. Where both sides moved one element to different places, lines
//! decide.

use super::align::Tokens;
use super::context::{BASE, OURS, THEIRS};
use acetate_syntax::Body;
use foldhash::{HashMap, HashSet};

/// A moved element and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moved {
    /// Its number.
    pub token: u32,
    /// Its place in base, ours and theirs.
    pub at: [usize; 3],
    /// Numbers of what is before it on the side that moved it, nearest first.
    pub after: Vec<u32>,
}

/// Most elements before a moved one that are looked at for its place.
const LOOK_BACK: usize = 64;

/// Most moved elements of one body.
const MOST: usize = 1_000;

/// Why lines have to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unclear {
    /// Both sides moved this element of the base, to different places.
    Differently(usize),
    /// There is too much, or what was moved goes around in circles.
    Much,
}

/// What was moved, in the order in which it has to be put in place.
pub(super) fn moved(bodies: [&Body<'_>; 3], tokens: &[Tokens; 3]) -> Result<Vec<Moved>, Unclear> {
    let places = |side: usize| -> HashMap<u32, usize> { tokens[side].iter().copied().enumerate().map(|(at, token)| (token, at)).collect() };
    let keyed = |at: usize| bodies[BASE].elements.get(at).is_some_and(|element| element.key.is_some());
    let sides = [places(BASE), places(OURS), places(THEIRS)];
    let common: Vec<usize> = (0..tokens[BASE].len())
        .filter(|at| keyed(*at) && sides[OURS].contains_key(&tokens[BASE][*at]) && sides[THEIRS].contains_key(&tokens[BASE][*at]))
        .collect();
    let mut all: HashMap<u32, Moved> = HashMap::default();
    for side in [OURS, THEIRS] {
        let order: Vec<usize> = common.iter().map(|at| sides[side][&tokens[BASE][*at]]).collect();
        if order.is_sorted() {
            continue;
        }
        let kept = longest_rising(&order);
        for (nth, at) in common.iter().enumerate() {
            if kept.contains(&nth) {
                continue;
            }
            let token = tokens[BASE][*at];
            let here = order[nth];
            let before = tokens[side].get(here.saturating_sub(LOOK_BACK)..here).unwrap_or_default();
            let after: Vec<u32> = before.iter().rev().copied().collect();
            let base = *at;
            let at = [*at, sides[OURS][&token], sides[THEIRS][&token]];
            let found = Moved { token, at, after };
            if let Some(known) = all.insert(token, found.clone())
                && known.after.first() != found.after.first()
            {
                return Err(Unclear::Differently(base));
            }
        }
    }
    if all.len() > MOST {
        return Err(Unclear::Much);
    }
    let mut all: Vec<Moved> = all.into_values().collect();
    // By the place on a side that moved it, so that one can follow the other; the numbers make it the same whichever side is which.
    all.sort_by_key(|moved| (moved.after.first().copied(), moved.at[BASE]));
    // One that follows another comes after it.
    let mut order: Vec<Moved> = Vec::with_capacity(all.len());
    let mut waiting = all;
    while !waiting.is_empty() {
        let tokens: HashSet<u32> = waiting.iter().map(|moved| moved.token).collect();
        let (ready, rest): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|moved| moved.after.first().is_none_or(|before| !tokens.contains(before)));
        if ready.is_empty() {
            return Err(Unclear::Much);
        }
        order.extend(ready);
        waiting = rest;
    }
    Ok(order)
}

/// The places of a longest rising subsequence.
fn longest_rising(order: &[usize]) -> HashSet<usize> {
    let mut tails: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; order.len()];
    for (at, value) in order.iter().enumerate() {
        let place = tails.partition_point(|tail| order[*tail] < *value);
        before[at] = place.checked_sub(1).and_then(|place| tails.get(place)).copied();
        if place == tails.len() {
            tails.push(at);
        } else {
            tails[place] = at;
        }
    }
    let mut kept = HashSet::default();
    let mut next = tails.last().copied();
    while let Some(at) = next {
        kept.insert(at);
        next = before[at];
    }
    kept
}
