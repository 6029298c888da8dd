//! What a side broke, so that it no longer parses: where it ends and what it took in is not to be believed, and lines have to decide.

use super::align::Tokens;
use super::context::{BASE, Context};
use super::sequence::Bodies;
use acetate_syntax::{Body, Element};
use foldhash::HashSet;

/// Whether what a side broke took in something that is an element of its own in the base: it is not gone, and nothing has its place.
pub(super) fn swallows(context: &Context<'_>, bodies: [&Body<'_>; 3], tokens: &[Tokens; 3], side: usize) -> bool {
    let mut broken = bodies[side].elements.iter().filter(|element| element.has_error).peekable();
    if broken.peek().is_none() || bodies[BASE].elements.iter().any(|element| element.has_error) {
        return false;
    }
    let here: HashSet<u32> = tokens[side].iter().copied().collect();
    let gone = (0..tokens[BASE].len()).filter(|at| !here.contains(&tokens[BASE][*at]));
    let first = |at: usize| {
        context.bytes(BASE, &bodies[BASE].elements[at].core).split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii()
    };
    let lines: Vec<&[u8]> = gone.map(first).filter(|line| line.len() > 3).collect();
    broken.any(|element| {
        let text = context.bytes(side, &element.core);
        text.split(|byte| *byte == b'\n').skip(1).any(|line| lines.contains(&line.trim_ascii()))
    })
}

/// Whether something that a side broke ends with another line than in the base: nobody knows where it really ends.
pub(super) fn ends_elsewhere(context: &Context<'_>, all: &Bodies<'_, '_>, side: usize) -> bool {
    let last = |side: usize, element: &Element<'_>| {
        let text = context.bytes(side, &element.core).trim_ascii_end();
        memchr::memrchr(b'\n', text).map(|at| text.get(at..).unwrap_or_default())
    };
    let broken = |(at, other): (usize, &Option<usize>)| {
        let (before, after) = (all.element(BASE, at), all.element(side, (*other)?));
        (after.has_error && !before.has_error && last(BASE, before).is_some()).then(|| last(BASE, before) != last(side, after))
    };
    all.pairs[side - 1].iter().enumerate().filter_map(broken).any(|elsewhere| elsewhere)
}
