//! What `git merge-file` makes of three texts, byte for byte.
//!
//! It differs from the merge of trees in its defaults: lines are compared by the Myers algorithm, conflicts are also joined over lines without
//! letters and digits, and with the base shown (`diff3`) nothing is taken out of a conflict, so that even equal sides can be one.

use super::outcome::{ConflictHunk, LineLimits, LineRange, TooLarge};
use super::regions::{Region, Take, Texts, join_close, refined, wide};
use super::render::{Labels, MarkerStyle};
use super::three_way::ends_in_crlf;
use crate::diff::{Algorithm, Budget, Exhausted, Lines, compare_by};

/// What stands where the sides disagree, instead of markers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Favor {
    /// Our lines.
    Ours,
    /// Their lines.
    Theirs,
    /// Ours, then theirs.
    Union,
}

/// How `git merge-file` was asked to merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitFile {
    /// How lines are compared.
    pub algorithm: Algorithm,
    /// How conflicts are written down.
    pub style: MarkerStyle,
    /// What stands in place of conflicts.
    pub favor: Option<Favor>,
    /// How long markers are; 0 is taken as 7.
    pub marker_size: usize,
    /// What stands behind the markers.
    pub labels: Labels,
    /// Bounds.
    pub limits: LineLimits,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitMerged {
    /// The result, with markers where the sides disagree.
    pub text: Vec<u8>,
    /// Where they do, as shown.
    pub conflicts: Vec<ConflictHunk>,
}

/// Merges as `git merge-file` does.
///
/// # Errors
/// For texts beyond the limits.
pub fn merge_as_git(base: &[u8], ours: &[u8], theirs: &[u8], options: &GitFile) -> Result<GitMerged, TooLarge> {
    let clean = |text: &[u8]| Ok(GitMerged { text: text.to_vec(), conflicts: Vec::new() });
    if ours == theirs || base == theirs {
        return clean(ours);
    }
    if base == ours {
        return clean(theirs);
    }
    let limits = &options.limits;
    if [base, ours, theirs].iter().any(|text| text.len() > limits.max_bytes as usize) {
        return Err(TooLarge::Bytes);
    }
    let mut lines = Lines::default();
    let mut add = |text| lines.add(text, limits.max_lines).ok_or(TooLarge::Lines);
    let texts = Texts { base: add(base)?, ours: add(ours)?, theirs: add(theirs)? };
    let regions = regions(&texts, options).map_err(|Exhausted| TooLarge::Comparisons)?;
    Ok(written(&texts, &regions, options))
}

fn regions(texts: &Texts<'_>, options: &GitFile) -> Result<Vec<Region>, Exhausted> {
    let mut budget = Budget(options.limits.max_comparisons);
    let our_changes = compare_by(options.algorithm, &texts.base.tokens, &texts.ours.tokens, &mut budget)?;
    let their_changes = compare_by(options.algorithm, &texts.base.tokens, &texts.theirs.tokens, &mut budget)?;
    let mut regions = wide(texts, &our_changes, &their_changes);
    match options.style {
        MarkerStyle::Diff3 => {}
        MarkerStyle::Zdiff3 => regions.iter_mut().filter(|region| region.take == Take::Conflict).for_each(|region| trim(texts, region)),
        MarkerStyle::Merge => {
            let wordless =
                |lines: std::ops::Range<usize>| !texts.ours.bytes(lines.start, lines.len()).iter().any(u8::is_ascii_alphanumeric);
            regions = join_close(refined(texts, &mut regions, options.algorithm, &mut budget)?, wordless);
        }
    }
    Ok(regions)
}

/// Takes the lines with which both sides begin and end alike out of a conflict.
fn trim(texts: &Texts<'_>, region: &mut Region) {
    let (ours, theirs) = (&mut region.ours, &mut region.theirs);
    let same = |our: u32, their: u32| texts.ours.tokens.get(our as usize) == texts.theirs.tokens.get(their as usize);
    while ours.len > 0 && theirs.len > 0 && same(ours.start, theirs.start) {
        for side in [&mut *ours, &mut *theirs] {
            *side = LineRange { start: side.start + 1, len: side.len - 1 };
        }
    }
    while ours.len > 0 && theirs.len > 0 && same(ours.end() - 1, theirs.end() - 1) {
        ours.len -= 1;
        theirs.len -= 1;
    }
}

fn written(texts: &Texts<'_>, regions: &[Region], options: &GitFile) -> GitMerged {
    let mut merged = GitMerged { text: Vec::with_capacity(texts.ours.text.len() + texts.theirs.text.len() / 8), conflicts: Vec::new() };
    let text = &mut merged.text;
    let mut at = 0;
    for region in regions {
        let (start, end) = (region.ours.start as usize, region.ours.end() as usize);
        text.extend_from_slice(texts.ours.bytes(at, start.saturating_sub(at)));
        at = end;
        let ours = texts.ours.bytes(start, region.ours.len as usize);
        let theirs = texts.theirs.bytes(region.theirs.start as usize, region.theirs.len as usize);
        match (region.take, options.favor) {
            (Take::Ours | Take::Same, _) | (Take::Conflict, Some(Favor::Ours)) => text.extend_from_slice(ours),
            (Take::Theirs, _) | (Take::Conflict, Some(Favor::Theirs)) => text.extend_from_slice(theirs),
            (Take::Conflict, Some(Favor::Union)) => {
                lines(text, ours, if ends_in_crlf(texts, region) { b"\r\n" } else { b"\n" });
                text.extend_from_slice(theirs);
            }
            (Take::Conflict, None) => {
                let base = texts.base.bytes(region.base.start as usize, region.base.len as usize);
                let end: &[u8] = if ends_in_crlf(texts, region) { b"\r\n" } else { b"\n" };
                marked(text, [base, ours, theirs], end, options);
                merged.conflicts.push(ConflictHunk { base: region.base, ours: region.ours, theirs: region.theirs });
            }
        }
    }
    text.extend_from_slice(texts.ours.bytes(at, texts.ours.len().saturating_sub(at)));
    merged
}

fn marked(text: &mut Vec<u8>, [base, ours, theirs]: [&[u8]; 3], end: &[u8], options: &GitFile) {
    let size = if options.marker_size == 0 { 7 } else { options.marker_size };
    // Unlike in the merge of trees, an empty label leaves its space.
    let marker = |text: &mut Vec<u8>, sign: u8, label: Option<&str>| {
        text.extend(std::iter::repeat_n(sign, size));
        if let Some(label) = label {
            text.push(b' ');
            text.extend_from_slice(label.as_bytes());
        }
        text.extend_from_slice(end);
    };
    marker(text, b'<', Some(&options.labels.ours));
    lines(text, ours, end);
    if options.style != MarkerStyle::Merge {
        marker(text, b'|', Some(&options.labels.base));
        lines(text, base, end);
    }
    marker(text, b'=', None);
    lines(text, theirs, end);
    marker(text, b'>', Some(&options.labels.theirs));
}

/// Lines; a last one without an end gets one.
fn lines(text: &mut Vec<u8>, lines: &[u8], end: &[u8]) {
    text.extend_from_slice(lines);
    if lines.last().is_some_and(|last| *last != b'\n') {
        text.extend_from_slice(end);
    }
}
