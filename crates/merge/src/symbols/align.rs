//! Which elements of three bodies are the same thing.
//!
//! A keyed element is found by its key wherever it is; an overload only counts where the rest of the key is not unique, and of several
//! with one key those with the same content are the same. What is gone under
//! one name and there under another is a rename if the evidence is unique: same kind and scope, most lines equal, and no rival. Unkeyed
//! elements are found by their content in order, and then, where a run of them was replaced, by how much they have in common.

use super::tokens::likeness;
use crate::diff::{Budget, compare};
use acetate_syntax::{Body, Element, Key, Kind};
use foldhash::{HashMap, HashSet};

/// What is known of the elements of one body: a number each; equal numbers are the same thing.
pub(super) type Tokens = Vec<u32>;

#[derive(PartialEq, Eq, Hash)]
enum Identity<'a> {
    Key {
        kind: Kind,
        scope: &'a str,
        name: &'a str,
        overload: &'a str,
    },
    /// One of several with one key.
    Rival {
        kind: Kind,
        scope: &'a str,
        name: &'a str,
        overload: &'a str,
        content: &'a [u8],
        nth: usize,
    },
    Content(&'a [u8]),
}

/// A key with all its parts.
type Whole<'k> = (Kind, &'k str, &'k str, &'k str);

fn whole(key: &Key) -> Whole<'_> {
    (key.kind, &key.scope, &key.name, &key.overload)
}

/// The bytes that identify an unkeyed element.
fn content<'a>(text: &'a [u8], element: &Element<'_>) -> &'a [u8] {
    text.get(element.core.clone()).unwrap_or_default().trim_ascii()
}

/// Numbers for all elements of three bodies.
pub(super) fn tokens(texts: [&[u8]; 3], bodies: [&Body<'_>; 3]) -> [Tokens; 3] {
    let mut known: HashMap<Identity<'_>, u32> = HashMap::default();
    let mut tokens: [Tokens; 3] = Default::default();
    let mut rivals: HashSet<Whole<'_>> = HashSet::default();
    for body in bodies {
        let mut seen: HashSet<Whole<'_>> = HashSet::default();
        rivals.extend(body.elements.iter().filter_map(|element| element.key.as_ref()).map(whole).filter(|key| !seen.insert(*key)));
    }
    for side in 0..3 {
        let mut seen: HashMap<(Whole<'_>, &[u8]), usize> = HashMap::default();
        for element in &bodies[side].elements {
            let identity = match &element.key {
                // `_` is no name.
                Some(key) if key.name == "_" && key.kind != Kind::Arm => Identity::Content(content(texts[side], element)),
                Some(key) if rivals.contains(&whole(key)) => {
                    let content = content(texts[side], element);
                    let nth = seen.entry((whole(key), content)).or_default();
                    *nth += 1;
                    Identity::Rival { kind: key.kind, scope: &key.scope, name: &key.name, overload: &key.overload, content, nth: *nth }
                }
                Some(key) => Identity::Key { kind: key.kind, scope: &key.scope, name: &key.name, overload: &key.overload },
                None => Identity::Content(content(texts[side], element)),
            };
            let next = known.len() as u32;
            tokens[side].push(*known.entry(identity).or_insert(next));
        }
    }
    for side in [1, 2] {
        let [base, ours, theirs] = &mut tokens;
        unify(texts, bodies, base, if side == 1 { ours } else { theirs }, side);
    }
    tokens
}

/// Gives elements of a side the number of the base's element that they are under another overload or name.
fn unify(texts: [&[u8]; 3], bodies: [&Body<'_>; 3], base: &Tokens, tokens: &mut Tokens, side: usize) {
    let keyed =
        |body: &Body<'_>, at: usize| body.elements.get(at).and_then(|element| element.key.as_ref()).is_some_and(|key| key.name != "_");
    let (before, after): (HashSet<u32>, HashSet<u32>) = (base.iter().copied().collect(), tokens.iter().copied().collect());
    let gone: Vec<usize> = (0..base.len()).filter(|at| keyed(bodies[0], *at) && !after.contains(&base[*at])).collect();
    let new: Vec<usize> = (0..tokens.len()).filter(|at| keyed(bodies[side], *at) && !before.contains(&tokens[*at])).collect();
    if gone.is_empty() || new.is_empty() {
        return;
    }
    let name = |body: &'_ Body<'_>, at: usize| body.elements[at].key.clone().map(|key| (key.kind, key.scope, key.name));
    let mut rivals_of: HashMap<_, (Vec<usize>, Vec<usize>)> = HashMap::default();
    gone.iter().for_each(|a| rivals_of.entry(name(bodies[0], *a)).or_default().0.push(*a));
    new.iter().for_each(|b| rivals_of.entry(name(bodies[side], *b)).or_default().1.push(*b));
    let mut left: Vec<usize> = Vec::new();
    let mut taken = vec![false; tokens.len()];
    for a in &gone {
        let Some((rivals, here)) = rivals_of.get(&name(bodies[0], *a)) else { continue };
        // As many on both sides, so in order; imports of one module are no versions of each other unless they are alone.
        let nth = rivals.binary_search(a).unwrap_or(0);
        let import = bodies[0].elements[*a].kind == Kind::Import;
        match here.get(nth) {
            Some(b) if here.len() == rivals.len() && (rivals.len() == 1 || !import) => {
                tokens[*b] = base[*a];
                taken[*b] = true;
            }
            _ => left.push(*a),
        }
    }
    renames(texts, bodies, base, tokens, side, &left, &new.into_iter().filter(|b| !taken[*b]).collect::<Vec<_>>());
}

/// Most pairs that are compared to find renames.
const PAIRS: usize = 2_500;
/// From how many thousandths in common on a rename is believed, and how far behind its rivals have to be.
const RENAMED: u32 = 700;
const AHEAD: u32 = 100;
/// Elements of fewer lines say too little to be recognised under another name.
const LINES: usize = 3;

fn renames(texts: [&[u8]; 3], bodies: [&Body<'_>; 3], base: &Tokens, tokens: &mut Tokens, side: usize, gone: &[usize], new: &[usize]) {
    let long = |text: &[u8], element: &Element<'_>| {
        memchr::memchr_iter(b'\n', text.get(element.core.clone()).unwrap_or_default()).count() + 1 >= LINES
    };
    let gone: Vec<usize> = gone.iter().copied().filter(|a| long(texts[0], &bodies[0].elements[*a])).collect();
    let new: Vec<usize> = new.iter().copied().filter(|b| long(texts[side], &bodies[side].elements[*b])).collect();
    if gone.is_empty() || new.is_empty() || gone.len() * new.len() > PAIRS {
        return;
    }
    let score = |a: usize, b: usize| {
        let (a, b) = (&bodies[0].elements[a], &bodies[side].elements[b]);
        match (&a.key, &b.key) {
            (Some(x), Some(y)) if (x.kind, &x.scope) == (y.kind, &y.scope) => {
                likeness(texts[0].get(a.core.clone()).unwrap_or_default(), texts[side].get(b.core.clone()).unwrap_or_default())
            }
            _ => 0,
        }
    };
    let scores: Vec<Vec<u32>> = gone.iter().map(|a| new.iter().map(|b| score(*a, *b)).collect()).collect();
    for (i, a) in gone.iter().enumerate() {
        for (j, b) in new.iter().enumerate() {
            let mine = scores[i][j];
            let rival = (0..new.len()).filter(|other| *other != j).map(|other| scores[i][other]).max().unwrap_or(0);
            let other = (0..gone.len()).filter(|other| *other != i).map(|other| scores[other][j]).max().unwrap_or(0);
            if mine >= RENAMED && rival.max(other) + AHEAD <= mine {
                tokens[*b] = base[*a];
            }
        }
    }
}

/// For each element of the base, the element of a side that it became, in order.
pub(super) fn pairs(
    texts: [&[u8]; 2],
    bodies: [&Body<'_>; 2],
    lists: [&[usize]; 2],
    base: &Tokens,
    side: &Tokens,
    budget: &mut Budget,
) -> Option<Vec<Option<usize>>> {
    let changes = compare(base, side, budget).ok()?;
    let mut pairs = vec![None; base.len()];
    let (mut a, mut b) = (0, 0);
    for change in changes.iter().copied().chain([crate::diff::Change { before: base.len(), removed: 0, after: side.len(), added: 0 }]) {
        while a < change.before {
            pairs[a] = Some(b);
            a += 1;
            b += 1;
        }
        if change.removed > 0 && change.added > 0 {
            pair_changed(
                texts,
                bodies,
                lists,
                (change.before, change.before_end()),
                (change.after, change.after_end()),
                &mut pairs,
                budget,
            )?;
        }
        a = change.before_end();
        b = change.after_end();
    }
    Some(pairs)
}

/// Elements with this much in common are one that was changed.
pub(super) const ALIKE: u32 = 500;

/// Whether one of several lines has another's first line inside, and not as its own first: one was put into the other, or taken out of it.
fn holds_head(one: &[u8], other: &[u8]) -> bool {
    let mut lines = one.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let first = other.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
    let is_block = memchr::memchr(b'\n', other).is_some() && first.len() > 2;
    is_block && lines.next() != Some(first) && lines.any(|line| line == first)
}

/// Pairs the unkeyed elements of a replaced run, in order, so that they have as much in common as possible.
fn pair_changed(
    texts: [&[u8]; 2],
    bodies: [&Body<'_>; 2],
    lists: [&[usize]; 2],
    (a, a_end): (usize, usize),
    (b, b_end): (usize, usize),
    pairs: &mut [Option<usize>],
    budget: &mut Budget,
) -> Option<()> {
    let (rows, columns) = (a_end - a, b_end - b);
    if rows * columns > 4_000 {
        return Some(());
    }
    budget.0 = budget.0.checked_sub((rows * columns) as u64 * 16)?;
    let score = |i: usize, j: usize| {
        let (before, after) = (&bodies[0].elements[lists[0][a + i]], &bodies[1].elements[lists[1][b + j]]);
        if before.key.is_some() || after.key.is_some() || before.kind != after.kind || before.node_kind() != after.node_kind() {
            return 0;
        }
        let (old, new) = (content(texts[0], before), content(texts[1], after));
        if holds_head(old, new) || holds_head(new, old) {
            return 0;
        }
        let score = likeness(old, new);
        if score >= ALIKE || (rows == 1 && columns == 1 && before.kind == Kind::Statement && score >= 200) { score + 1 } else { 0 }
    };
    let mut best = vec![vec![0u32; columns + 1]; rows + 1];
    let mut scores = vec![vec![0u32; columns]; rows];
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            scores[i][j] = score(i, j);
            let paired = if scores[i][j] > 0 { scores[i][j] + best[i + 1][j + 1] } else { 0 };
            best[i][j] = best[i + 1][j].max(best[i][j + 1]).max(paired);
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < rows && j < columns {
        if scores[i][j] > 0 && best[i][j] == scores[i][j] + best[i + 1][j + 1] {
            pairs[a + i] = Some(b + j);
            i += 1;
            j += 1;
        } else if best[i][j] == best[i + 1][j] {
            i += 1;
        } else {
            j += 1;
        }
    }
    Some(())
}
