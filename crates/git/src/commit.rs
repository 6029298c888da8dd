//! Commit objects: parsed, edited and written back byte for byte.
//!
//! The format is that of `Documentation/gitformat-commit` as `git cat-file commit` prints it: headers, an empty line, the message.
//! Headers this crate has no field for (`encoding`, `gpgsig`, `mergetag`, …) are kept as raw bytes in their order, so that parsing
//! and writing gives the same bytes for every commit as Git makes them today. People's lines that Git would not write (no
//! blank before `<`, a date that is no number, the offset `-0000`) come out normalized.

use crate::message::{self, Trailer};
use acetate_types::{ObjectFormat, ObjectId};
use bstr::ByteSlice as _;
use bytes::Bytes;

/// Who did something, and when, as Git records it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Signature {
    /// The name, without `<`, `>`, line ends and NUL (they are dropped when writing).
    pub name: Bytes,
    /// The e-mail address, under the same rule.
    pub email: Bytes,
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// Offset of the local time from UTC in minutes, east positive.
    pub offset_minutes: i32,
}

/// A commit object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The tree of the whole project.
    pub tree: ObjectId,
    /// The parents in order; none for a root commit.
    pub parents: Vec<ObjectId>,
    /// Who wrote the change.
    pub author: Signature,
    /// Who recorded it.
    pub committer: Signature,
    /// Header lines after `committer` as stored, each with its line end (continuation lines included); usually empty.
    pub extra: Bytes,
    /// The message as stored, in whatever encoding.
    pub message: Bytes,
}

/// Why bytes are no commit object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// A header that must be there is missing, repeated or out of order.
    #[error("a commit has no valid `{0}` header where it belongs")]
    Header(&'static str),
}

impl Commit {
    /// Parses a commit object's content (without the object header).
    ///
    /// # Errors
    /// A missing or malformed `tree`, `parent`, `author` or `committer`. Malformed dates count as 0, as in Git.
    pub fn parse(format: ObjectFormat, data: &Bytes) -> Result<Self, CommitError> {
        let mut at = 0;
        let tree = id_line(format, data, &mut at, b"tree ").ok_or(CommitError::Header("tree"))?;
        let mut parents = Vec::new();
        while data.get(at..).is_some_and(|rest| rest.starts_with(b"parent ")) {
            parents.push(id_line(format, data, &mut at, b"parent ").ok_or(CommitError::Header("parent"))?);
        }
        let author = signature_line(data, &mut at, b"author ").ok_or(CommitError::Header("author"))?;
        let committer = signature_line(data, &mut at, b"committer ").ok_or(CommitError::Header("committer"))?;
        // Everything up to the first empty line belongs to the headers.
        let rest = data.slice(at.min(data.len())..);
        let (extra, message) = if rest.first() == Some(&b'\n') {
            (Bytes::new(), rest.slice(1..))
        } else if let Some(end) = rest.find(b"\n\n") {
            (rest.slice(..end + 1), rest.slice(end + 2..))
        } else {
            (rest, Bytes::new())
        };
        Ok(Self { tree, parents, author, committer, extra, message })
    }

    /// The commit object's content (without the object header).
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256 + self.message.len() + self.extra.len() + self.parents.len() * 72);
        out.extend_from_slice(format!("tree {}\n", self.tree).as_bytes());
        for parent in &self.parents {
            out.extend_from_slice(format!("parent {parent}\n").as_bytes());
        }
        for (header, who) in [(&b"author "[..], &self.author), (b"committer ", &self.committer)] {
            out.extend_from_slice(header);
            who.write_to(&mut out);
            out.push(b'\n');
        }
        out.extend_from_slice(&self.extra);
        if !self.extra.is_empty() && !self.extra.ends_with(b"\n") {
            out.push(b'\n');
        }
        out.push(b'\n');
        out.extend_from_slice(&self.message);
        out
    }

    /// The trailers in the message's last paragraph, in order (see [`Trailer`]).
    pub fn trailers(&self) -> impl Iterator<Item = Trailer> + '_ {
        message::trailers(&self.message)
    }

    /// The message's first line.
    pub fn subject(&self) -> &[u8] {
        self.message.lines().next().unwrap_or_default()
    }
}

impl Signature {
    /// Writes `name <email> seconds offset`.
    pub(crate) fn write_to(&self, out: &mut Vec<u8>) {
        let clean = |out: &mut Vec<u8>, text: &[u8]| {
            // What Git drops in `ident.c`: the delimiters anywhere, and blanks at both ends.
            let kept: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b'<' | b'>' | b'\n' | 0)).collect();
            out.extend_from_slice(kept.trim());
        };
        clean(out, &self.name);
        out.extend_from_slice(b" <");
        clean(out, &self.email);
        let (sign, minutes) =
            if self.offset_minutes < 0 { ('-', self.offset_minutes.unsigned_abs()) } else { ('+', self.offset_minutes.unsigned_abs()) };
        let minutes = minutes.min(99 * 60 + 59);
        out.extend_from_slice(format!("> {} {sign}{:02}{:02}", self.seconds.max(0), minutes / 60, minutes % 60).as_bytes());
    }

    /// Reads `name <email> seconds offset`; what is missing of the date counts as 0.
    pub(crate) fn parse(line: &Bytes) -> Option<Self> {
        let open = line.find_byte(b'<')?;
        let close = line.rfind_byte(b'>').filter(|close| *close > open)?;
        let name = line.slice_ref(line.get(..open)?.strip_suffix(b" ").unwrap_or(line.get(..open)?));
        let email = line.slice(open + 1..close);
        let mut date = line.get(close + 1..)?.fields();
        let number = |text: Option<&[u8]>| text.and_then(|text| std::str::from_utf8(text).ok()).and_then(|text| text.parse::<i64>().ok());
        let seconds = number(date.next()).unwrap_or(0);
        let offset = number(date.next()).unwrap_or(0).clamp(-9959, 9959);
        let offset_minutes = i32::try_from(offset / 100 * 60 + offset % 100).unwrap_or(0);
        Some(Self { name, email, seconds, offset_minutes })
    }
}

fn line(data: &Bytes, at: &mut usize, header: &[u8]) -> Option<Bytes> {
    let rest = data.get(*at..)?.strip_prefix(header)?;
    let end = rest.find_byte(b'\n')?;
    *at += header.len() + end + 1;
    Some(data.slice_ref(&rest[..end]))
}

pub(crate) fn id_line(format: ObjectFormat, data: &Bytes, at: &mut usize, header: &[u8]) -> Option<ObjectId> {
    ObjectId::from_hex(&line(data, at, header)?).ok().filter(|id| id.format() == format)
}

pub(crate) fn signature_line(data: &Bytes, at: &mut usize, header: &[u8]) -> Option<Signature> {
    Signature::parse(&line(data, at, header)?)
}

pub(crate) fn text_line(data: &Bytes, at: &mut usize, header: &[u8]) -> Option<Bytes> {
    line(data, at, header)
}
