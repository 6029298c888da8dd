//! Names that the combination leaves undefined: one side took a definition or an import away and with it every use, the other brought in
//! or kept a use.
//!
//! Only what syntax can tell: a name counts as taken away if the side's text does not have it at all, and as used if the merged text has it
//! as an identifier in code. Members are only looked for behind `self`, `this` and the like.

use super::context::{BASE, OURS, THEIRS};
use super::findings::{Finding, MERGED, Place, Version};
use super::sequence::who;
use crate::trees::ConflictKind;
use acetate_syntax::{Kind, Outline, Splice, Symbol};
use std::collections::BTreeMap;
use std::ops::Range;

/// Most names that are looked for.
const MOST: usize = 200;

/// What a side must not take away unnoticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Usable by its name alone.
    Name,
    /// Usable behind its owner.
    Member,
    /// Nothing refers to it by name.
    None,
}

fn reach(symbol: &Symbol, outline: &Outline) -> Reach {
    let inside = symbol.parent.and_then(|parent| outline.symbols.get(parent)).is_some_and(|parent| parent.kind() != Kind::Module);
    match symbol.kind() {
        Kind::Function | Kind::Constant | Kind::Variable | Kind::Macro if !inside => Reach::Name,
        Kind::Struct | Kind::Class | Kind::Interface | Kind::Trait | Kind::Enum | Kind::Union | Kind::Type => Reach::Name,
        Kind::Method | Kind::Function | Kind::Field => Reach::Member,
        _ => Reach::None,
    }
}

/// Looks for names that one side took away and the merged text uses.
pub(super) fn dangling(versions: [Version<'_>; 4], splices: [&[Splice]; 2], found: &mut Vec<Finding>) {
    let base = versions[BASE];
    let mut outline: Option<Outline> = None;
    let mut merged_outline: Option<Outline> = None;
    for side in [OURS, THEIRS] {
        let removed = splices[side - 1];
        if removed.iter().all(|splice| splice.removed == 0) {
            continue;
        }
        let outline = outline.get_or_insert_with(|| Outline::of(base.parsed, base.text));
        for (name, (symbol, reach)) in taken_away(outline, removed).into_iter().take(MOST) {
            if has_word(versions[side].whole, name).is_some() {
                continue;
            }
            let merged = versions[MERGED];
            let Some(at) = used(merged, name, reach) else { continue };
            let defined = merged_outline.get_or_insert_with(|| Outline::of(merged.parsed, merged.text));
            if defines(defined, name) {
                continue;
            }
            found.push(finding(versions, side, name, symbol, at, defined));
        }
    }
}

/// Whether the merged text may use a name that a side took away, as far as words tell.
pub(super) fn may_dangle(outline: &Outline, texts: [&[u8]; 3], splices: [&[Splice]; 2], merged: &[u8]) -> bool {
    [OURS, THEIRS].into_iter().any(|side| {
        let gone = |name: &str| has_word(texts[side], name).is_none() && has_word(merged, name).is_some();
        taken_away(outline, splices[side - 1]).into_keys().any(gone)
    })
}

/// The names that a side may have taken away: of definitions and imports in which it replaced something.
fn taken_away<'o>(outline: &'o Outline, splices: &[Splice]) -> BTreeMap<&'o str, (&'o Symbol, Reach)> {
    let touched = |span: &Range<usize>| {
        let at = splices.partition_point(|splice| splice.before + splice.removed <= span.start);
        let removing = splices.get(at..).unwrap_or_default().iter().find(|splice| splice.removed > 0);
        removing.is_some_and(|splice| splice.before < span.end)
    };
    let mut names: BTreeMap<&str, (&Symbol, Reach)> = BTreeMap::new();
    for symbol in outline.symbols.iter().filter(|symbol| touched(&symbol.core)) {
        for name in symbol.brought.iter().filter(|name| is_word(name)) {
            names.entry(name).or_insert((symbol, Reach::Name));
        }
        let reach = reach(symbol, outline);
        if reach != Reach::None && symbol.kind() != Kind::Import && is_word(symbol.name()) {
            names.entry(symbol.name()).or_insert((symbol, reach));
        }
    }
    names
}

/// Whether a text is one word.
fn is_word(name: &str) -> bool {
    name.len() > 1 && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
}

/// The first place where a word stands for itself.
pub(super) fn has_word(text: &[u8], word: &str) -> Option<usize> {
    let letter = |at: Option<usize>| {
        at.and_then(|at| text.get(at)).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80)
    };
    memchr::memmem::find_iter(text, word.as_bytes()).find(|at| !letter(at.checked_sub(1)) && !letter(Some(at + word.len())))
}

/// The first use of a name in the merged text.
fn used(merged: Version<'_>, name: &str, reach: Reach) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = merged.parsed.mentions(name, merged.text, from..merged.text.len())?;
        let before = merged.text.get(..at).unwrap_or_default();
        let owned = [&b"self."[..], b"Self::", b"this.", b"cls.", b"this.#"].iter().any(|owner| before.ends_with(owner));
        let behind = before.ends_with(b".") || before.ends_with(b"::") || before.ends_with(b"->");
        match reach {
            Reach::Name if !behind => return Some(at),
            Reach::Member if owned => return Some(at),
            _ => from = at + name.len(),
        }
    }
}

fn finding(versions: [Version<'_>; 4], side: usize, name: &str, gone: &Symbol, at: usize, merged: &Outline) -> Finding {
    let why = format!("{} took {name} away ({}), {} uses it", who(side), gone.path, who(OURS + THEIRS - side));
    Finding { also: Some(gone.span.clone()), ..used_at(versions, at, merged, why) }
}

/// The line of the merged text where something is used that is not there.
pub(super) fn used_at(versions: [Version<'_>; 4], at: usize, merged: &Outline, why: String) -> Finding {
    let text = versions[MERGED].text;
    let line = {
        let start = memchr::memrchr(b'\n', text.get(..at).unwrap_or_default()).map_or(0, |at| at + 1);
        let end = memchr::memchr(b'\n', text.get(at..).unwrap_or_default()).map_or(text.len(), |found| at + found + 1);
        start..end
    };
    let user = merged.at(at).and_then(|at| merged.symbols.get(at));
    let line_text = text.get(line.clone()).unwrap_or_default();
    // The same line on each side, so that a place can be shown.
    let same = |version: usize| {
        let text = versions[version].text;
        memchr::memmem::find(text, line_text).filter(|at| *at == 0 || text.get(at - 1) == Some(&b'\n')).map(|at| at..at + line_text.len())
    };
    let symbol = user.map(|user| user.path.clone());
    let places = vec![Place { merged: line, versions: [same(BASE), same(OURS), same(THEIRS)] }];
    Finding { kind: ConflictKind::DanglingReference, symbol, why, places, also: None }
}

/// Whether something in the merged file has a name, or brings it into it.
pub(super) fn defines(outline: &Outline, name: &str) -> bool {
    outline.symbols.iter().any(|other| other.name() == name || other.brought.iter().any(|brought| brought == name))
}
