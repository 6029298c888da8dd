//! Which of the elements that two sides add at one place may stand one after the other, and in what order where they say so themselves.
//!
//! Named things may, and what has no name but is an entry of a list of which nobody asks for the order: a bullet, a plain value in a list of
//! data. Sections of a file that lists releases go by their versions, and what is put apart by a blank line that the other side also brings
//! comes before that line.

use super::context::{BASE, Context, OURS, THEIRS};
use super::sequence::Bodies;
use acetate_syntax::{Element, Kind, Language};

/// Whether what both sides added at one place may stand one after the other.
pub(super) fn may_follow(context: &Context<'_>, all: &Bodies<'_, '_>, lists: [&[(usize, usize)]; 2]) -> bool {
    let element = |(side, at): &(usize, usize)| all.element(*side, *at);
    // What follows a heading that is no node around it belongs to it.
    if lists.iter().all(|list| list.first().map(element).is_some_and(|first| first.kind == Kind::Section && first.key.is_some())) {
        return true;
    }
    let entry = |place: &(usize, usize)| {
        let element = element(place);
        element.key.is_some() || is_entry(context.parsed[BASE].language(), element, context.bytes(place.0, &element.core))
    };
    let mut places = lists.into_iter().flatten();
    places.clone().all(|place| entry(place) || element(place).kind == Kind::Comment) && places.any(entry)
}

/// Whether an element without a name is an entry of a list in which order says nothing.
fn is_entry(language: Language, element: &Element<'_>, core: &[u8]) -> bool {
    let text = core.trim_ascii();
    let quoted = |text: &[u8]| {
        let quote = text.first().filter(|quote| matches!(quote, b'"' | b'\''));
        quote.is_some_and(|quote| text.len() > 1 && text.ends_with(&[*quote]) && memchr::memchr_iter(*quote, text).count() == 2)
    };
    match language {
        Language::Markdown => element.kind == Kind::Item && [&b"- "[..], b"* ", b"+ "].iter().any(|bullet| text.starts_with(bullet)),
        Language::Json | Language::Toml => quoted(text),
        Language::Yaml => {
            let value = text.strip_prefix(b"- ").map(<[u8]>::trim_ascii).unwrap_or_default();
            let plain = value.first().is_some_and(|first| first.is_ascii_alphanumeric() || matches!(first, b'.' | b'/' | b'_'));
            let simple = !value.contains(&b'\n') && memchr::memmem::find(value, b": ").is_none() && !value.ends_with(b":");
            element.kind == Kind::Item && (quoted(value) || (plain && simple))
        }
        _ => false,
    }
}

/// The side whose sections come first by the versions in their headings, in the direction that the base's have.
pub(super) fn by_version(all: &Bodies<'_, '_>, ours: &[(usize, usize)], theirs: &[(usize, usize)]) -> Option<usize> {
    let of = |element: &Element<'_>| version(element.key.as_ref().filter(|_| element.kind == Kind::Section)?.name.as_bytes());
    let first = |side: usize, list: &[(usize, usize)]| list.first().and_then(|(_, at)| of(all.element(side, *at)));
    let (our, their) = (first(OURS, ours)?, first(THEIRS, theirs)?);
    let known: Vec<Vec<u64>> = all.bodies[BASE].elements.iter().filter_map(of).take(2).collect();
    let falling = match &known[..] {
        [one, other] => one > other,
        _ => return None,
    };
    match our.cmp(&their) {
        std::cmp::Ordering::Equal => None,
        order => Some(if order.is_gt() == falling { OURS } else { THEIRS }),
    }
}

/// The first version in a text: numbers with dots between.
fn version(text: &[u8]) -> Option<Vec<u64>> {
    let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let words = text.split(|byte| !is_part(byte));
    words.filter(|word| word.contains(&b'.')).find_map(|word| {
        let numbers: Option<Vec<u64>> = word.split(|byte| *byte == b'.').map(|part| std::str::from_utf8(part).ok()?.parse().ok()).collect();
        numbers.filter(|numbers| numbers.len() > 1)
    })
}

/// The side that separates an element from what is before it by a blank line, where the other adds elements there that begin with one: it is
/// the same blank line, so what the first side adds comes first and the element has none.
pub(super) fn shared_blank(context: &Context<'_>, all: &Bodies<'_, '_>, next: usize, inserts: [&[usize]; 2]) -> Option<usize> {
    let blank = |side: usize, at: usize| {
        let element = all.element(side, at);
        !context.bytes(side, &(element.span.start..element.blank_end)).is_empty()
    };
    let (ours, theirs) = ((*all.pairs[0].get(next)?)?, (*all.pairs[1].get(next)?)?);
    if blank(BASE, next) {
        return None;
    }
    let (separates, adds) = match (blank(OURS, ours), blank(THEIRS, theirs)) {
        (true, false) => (OURS, THEIRS),
        (false, true) => (THEIRS, OURS),
        _ => return None,
    };
    let begins = |side: usize| inserts[side - 1].first().map(|at| blank(side, *at));
    (begins(adds) == Some(true) && begins(separates) != Some(true)).then_some(separates)
}
