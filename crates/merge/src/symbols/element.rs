//! Merging one element that both sides changed.

use super::context::{BASE, Context, OURS, THEIRS, name_of, trivial};
use super::emit::{Emit, separator, trail};
use super::imports::merge_imports;
use super::leaf::leaf;
use super::out::{Out, Ranges};
use super::reindent::reindented;
use super::sequence::{merge_bodies, moved_differently};
use crate::lines::{LineMerge, merge_lines};
use crate::trees::ConflictKind;
use acetate_syntax::{Element, Kind};

/// Merges what is above an element, its core, its separator and what follows on its last line, each for itself.
pub(super) fn merge_element(context: &mut Context<'_>, elements: [&Element<'_>; 3]) -> Emit {
    let name = elements.iter().find_map(|element| element.key.as_ref()).and_then(name_of);
    let named = name.is_some();
    context.scope.extend(name);
    let mut out = merge_leads(context, elements);
    let trails = [0, 1, 2].map(|side| trail(elements[side]));
    let (separator, trail, settled) = match trivial(context.three(&trails)) {
        Some(text) => {
            let text = text.to_vec();
            out.append(named_apart(elements, merge_core(context, elements)));
            let separators = [0, 1, 2].map(|side| separator(context, side, elements[side]));
            (if separators[OURS] == separators[BASE] { separators[THEIRS] } else { separators[OURS] }, text, false)
        }
        None => {
            // Both changed the comment behind it: what stands before and behind the separator is one question of lines.
            let lines = [0, 1, 2].map(|side| {
                let element = elements[side];
                let line = context.bytes(side, &(element.core.start..element.span.end));
                element.core.start..element.core.start + line.trim_ascii_end().len()
            });
            let end = context.bytes(OURS, &trails[OURS]);
            out.append(leaf(context, lines));
            (None, end.get(end.trim_ascii_end().len()..).unwrap_or_default().to_vec(), true)
        }
    };
    if named {
        context.scope.pop();
    }
    let real = !matches!(elements[BASE].kind, Kind::Comment | Kind::Glue);
    Emit { out, separator, trail, real, settled, token: None, added: None }
}

/// Where both sides gave an element names of their own, the question where they stand is which one.
fn named_apart(elements: [&Element<'_>; 3], mut core: Out) -> Out {
    let names = elements.map(|element| element.key.as_ref().map(|key| key.name.as_str()));
    let [Some(base), Some(ours), Some(theirs)] = names else { return core };
    if base != ours && base != theirs && ours != theirs {
        let mut sides = [ours, theirs];
        sides.sort_unstable();
        let why = format!("both sides renamed {base}: to {} and to {}", sides[0], sides[1]);
        let signature = elements[BASE].core.start..elements[BASE].signature_end;
        let meets = |ranges: &Ranges| ranges[BASE].start < signature.end && signature.start < ranges[BASE].end;
        core.ask_as(ConflictKind::RenamedDifferently, &why, meets);
    }
    core
}

/// Blank lines, comments and attributes above an element.
fn merge_leads(context: &mut Context<'_>, elements: [&Element<'_>; 3]) -> Out {
    let blanks = [0, 1, 2].map(|side| elements[side].span.start..elements[side].blank_end);
    let mut out = Out::default();
    let texts = context.three(&blanks);
    // Two sides that only differ in how many lines they leave blank: none of them says anything.
    let longest = if (texts[OURS].len(), texts[OURS]) >= (texts[THEIRS].len(), texts[THEIRS]) { texts[OURS] } else { texts[THEIRS] };
    out.merged(trivial(texts).unwrap_or(longest));
    out.append(leaf(context, [0, 1, 2].map(|side| elements[side].blank_end..elements[side].core.start)));
    out
}

/// What an element is without what is above and behind it.
pub(super) fn merge_core(context: &mut Context<'_>, elements: [&Element<'_>; 3]) -> Out {
    let cores: Ranges = [0, 1, 2].map(|side| elements[side].core.clone());
    let texts = context.three(&cores);
    let mut out = Out::default();
    if let Some(text) = trivial(texts) {
        out.merged(text);
        return out;
    }
    if let LineMerge::Clean(text) = merge_lines(texts[BASE], texts[OURS], texts[THEIRS], &context.options.limits.lines) {
        out.merged(&text);
        return out;
    }
    if elements.iter().all(|element| element.kind == Kind::Import)
        && let Some(text) = merge_imports(Some(texts[BASE]), texts[OURS], texts[THEIRS])
    {
        out.merged(&text);
        return out;
    }
    if let Some(text) = reindented(context, &cores) {
        out.merged(&text);
        return out;
    }
    let bodies = [0, 1, 2].map(|side| context.parsed[side].body(elements[side], context.texts[side]));
    let by_lines = |context: &mut Context<'_>| leaf(context, cores.clone());
    let [Some(base), Some(ours), Some(theirs)] = &bodies else { return by_lines(context) };
    let Some(merged) = merge_bodies(context, [base, ours, theirs], &cores) else {
        let mut lines = by_lines(context);
        if !lines.is_clean()
            && let Some(name) = moved_differently(context, [base, ours, theirs])
        {
            let why = format!("both sides moved {name}, to different places");
            lines.ask_as(ConflictKind::MovedDifferently, &why, |_| true);
        }
        return lines;
    };
    if merged.is_clean() {
        return merged;
    }
    let lines = by_lines(context);
    if lines.is_clean() || lines.open_bytes() < merged.open_bytes() { lines } else { merged }
}
