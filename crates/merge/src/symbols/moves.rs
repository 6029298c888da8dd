//! Elements that a side put elsewhere within their body.

use super::align::Tokens;
use super::context::Context;
use super::out::Out;
use super::sequence::numbers;
use acetate_syntax::Body;

/// Merges with moves followed.
pub(super) fn follow_moves<'t>(
    context: &mut Context<'_>,
    bodies: [&Body<'t>; 3],
    merge: impl FnOnce(&mut Context<'_>, [&Body<'t>; 3], [Tokens; 3]) -> Option<Out>,
) -> Option<Out> {
    let tokens = numbers(context, bodies);
    merge(context, bodies, tokens)
}
