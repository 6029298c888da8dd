//! The common case: each side changed the insides of functions, and no function is changed by both.
//!
//! Then nothing that is looked for after merging can be there: no definition is added, taken away or moved, and no symbol is changed by
//! both. The base's outline and the lines that differ tell, and nothing but the base needs to be parsed.

use super::context::{BASE, OURS, THEIRS};
use acetate_syntax::{Kind, Outline, Splice};

/// Whether two clean sets of changes are inside different functions of the base.
pub(super) fn apart(outline: &Outline, texts: [&[u8]; 3], splices: [&[Splice]; 2]) -> bool {
    let touched = |side: usize| -> Option<Vec<usize>> {
        splices[side - 1].iter().map(|splice| inside(outline, texts[BASE], texts[side], splice)).collect()
    };
    let (Some(ours), Some(theirs)) = (touched(OURS), touched(THEIRS)) else { return false };
    ours.iter().all(|symbol| !theirs.contains(symbol))
}

/// The function whose inside a change stays in: below its signature's last line, above its last line, and indented deeper than its first.
fn inside(outline: &Outline, base: &[u8], text: &[u8], splice: &Splice) -> Option<usize> {
    let at = outline.at(splice.before)?;
    let symbol = outline.symbols.get(at)?;
    if !matches!(symbol.kind(), Kind::Function | Kind::Method | Kind::Constructor) || symbol.has_error {
        return None;
    }
    let line_start = |at: usize| memchr::memrchr(b'\n', base.get(..at).unwrap_or_default()).map_or(0, |at| at + 1);
    let body = symbol.signature_end + memchr::memchr(b'\n', base.get(symbol.signature_end..symbol.core.end)?)? + 1;
    let last = line_start(symbol.core.end);
    if splice.before < body || splice.before + splice.removed > last {
        return None;
    }
    let first = line_start(symbol.core.start + indentation(base.get(symbol.core.start..)?));
    let depth = indentation(base.get(first..)?);
    let deeper = |lines: &[u8]| lines.split(|byte| *byte == b'\n').all(|line| line.trim_ascii().is_empty() || indentation(line) > depth);
    let added = text.get(splice.after..splice.after + splice.added)?;
    let removed = base.get(splice.before..splice.before + splice.removed)?;
    (deeper(added) && deeper(removed)).then_some(at)
}

/// How many blanks a line begins with.
fn indentation(line: &[u8]) -> usize {
    line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}
