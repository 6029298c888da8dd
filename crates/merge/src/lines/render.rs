//! Conflict markers: one rendering of a conflict, byte for byte Git's.

use super::outcome::{LineConflict, LineMerge, Piece};
use serde::{Deserialize, Serialize};

/// What stands behind the markers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labels {
    /// Behind `|||||||`.
    pub base: String,
    /// Behind `<<<<<<<`.
    pub ours: String,
    /// Behind `>>>>>>>`.
    pub theirs: String,
}

impl Default for Labels {
    fn default() -> Self {
        Self { base: "base".into(), ours: "head".into(), theirs: "session".into() }
    }
}

/// How a conflict is written down; Git's `merge.conflictStyle`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkerStyle {
    /// Both sides, as narrow as possible.
    #[default]
    Merge,
    /// Both sides and the base between them.
    Diff3,
    /// The same, without the lines with which both sides begin and end alike.
    Zdiff3,
}

/// The result as one text, conflicts between markers of `marker_size` characters (Git's default is 7; 0 is taken as 7).
///
/// A clean merge is its text. A merge that was too large has no text: empty.
pub fn render_markers(merge: &LineMerge, labels: &Labels, style: MarkerStyle, marker_size: usize) -> Vec<u8> {
    match merge {
        LineMerge::Clean(text) => text.clone(),
        LineMerge::Conflict(conflict) => conflict.render(labels, style, marker_size),
        LineMerge::TooLarge(_) => Vec::new(),
    }
}

impl LineConflict {
    /// As [`render_markers`].
    pub fn render(&self, labels: &Labels, style: MarkerStyle, marker_size: usize) -> Vec<u8> {
        let size = if marker_size == 0 { 7 } else { marker_size };
        let pieces = match style {
            MarkerStyle::Merge => &self.narrow,
            MarkerStyle::Diff3 | MarkerStyle::Zdiff3 => &self.wide,
        };
        let mut text = Vec::with_capacity(self.ours.len() + self.theirs.len() / 8);
        for piece in pieces {
            match piece {
                Piece::Merged(bytes) => text.extend_from_slice(bytes),
                Piece::Conflict { base, ours, theirs, crlf } => {
                    let end: &[u8] = if *crlf { b"\r\n" } else { b"\n" };
                    let ours = self.ours.get(ours.clone()).unwrap_or_default();
                    let theirs = self.theirs.get(theirs.clone()).unwrap_or_default();
                    let (head, tail) = if style == MarkerStyle::Zdiff3 { alike(ours, theirs) } else { (0, 0) };
                    let within = |text: &'_ [u8]| head..text.len() - tail;
                    text.extend_from_slice(&ours[..head]);
                    marker(&mut text, b'<', size, &labels.ours, end);
                    side(&mut text, ours.get(within(ours)), end);
                    if style != MarkerStyle::Merge {
                        marker(&mut text, b'|', size, &labels.base, end);
                        side(&mut text, self.base.get(base.clone()), end);
                    }
                    marker(&mut text, b'=', size, "", end);
                    side(&mut text, theirs.get(within(theirs)), end);
                    marker(&mut text, b'>', size, &labels.theirs, end);
                    text.extend_from_slice(&ours[ours.len() - tail..]);
                }
            }
        }
        text
    }
}

/// How many bytes of whole lines two texts have in common at their beginning and, in what is left, at their end.
fn alike(ours: &[u8], theirs: &[u8]) -> (usize, usize) {
    let lines = |text| <[u8]>::split_inclusive(text, |byte| *byte == b'\n');
    let same = |(a, b): &(&[u8], &[u8])| a == b;
    let head = lines(ours).zip(lines(theirs)).take_while(same).map(|(line, _)| line.len()).sum();
    let (ours, theirs) = (&ours[head..], &theirs[head..]);
    let tail = lines(ours).rev().zip(lines(theirs).rev()).take_while(same).map(|(line, _)| line.len()).sum();
    (head, tail)
}

/// Adds one marker line.
pub(crate) fn marker(text: &mut Vec<u8>, sign: u8, size: usize, label: &str, end: &[u8]) {
    text.extend(std::iter::repeat_n(sign, size));
    if !label.is_empty() {
        text.push(b' ');
        text.extend_from_slice(label.as_bytes());
    }
    text.extend_from_slice(end);
}

/// A side's lines; a last line without an end gets one, so that the next marker starts a line.
fn side(text: &mut Vec<u8>, lines: Option<&[u8]>, end: &[u8]) {
    let lines = lines.unwrap_or_default();
    text.extend_from_slice(lines);
    if lines.last().is_some_and(|last| *last != b'\n') {
        text.extend_from_slice(end);
    }
}
