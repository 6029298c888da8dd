//! Annotated tag objects, parsed and written back byte for byte.

use crate::commit::{Signature, id_line, signature_line, text_line};
use crate::read::ObjectKind;
use acetate_types::{ObjectFormat, ObjectId};
use bytes::Bytes;

/// An annotated tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The tagged object.
    pub target: ObjectId,
    /// What the tagged object is.
    pub kind: ObjectKind,
    /// The tag's name without `refs/tags/`.
    pub name: Bytes,
    /// Who made it; very old tags lack it.
    pub tagger: Option<Signature>,
    /// The message as stored, a signature included.
    pub message: Bytes,
}

/// Why bytes are no tag object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a tag has no valid `{0}` header where it belongs")]
pub struct TagError(pub &'static str);

impl Tag {
    /// Parses a tag object's content (without the object header).
    ///
    /// # Errors
    /// A missing or malformed `object`, `type` or `tag` header.
    pub fn parse(format: ObjectFormat, data: &Bytes) -> Result<Self, TagError> {
        let mut at = 0;
        let target = id_line(format, data, &mut at, b"object ").ok_or(TagError("object"))?;
        let kind = text_line(data, &mut at, b"type ").and_then(|text| ObjectKind::from_name(&text)).ok_or(TagError("type"))?;
        let name = text_line(data, &mut at, b"tag ").ok_or(TagError("tag"))?;
        let tagger = signature_line(data, &mut at, b"tagger ");
        let rest = data.slice(at.min(data.len())..);
        let message = if rest.first() == Some(&b'\n') { rest.slice(1..) } else { rest };
        Ok(Self { target, kind, name, tagger, message })
    }

    /// The tag object's content (without the object header).
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = format!("object {}\ntype {}\ntag ", self.target, self.kind.as_str()).into_bytes();
        out.extend_from_slice(&self.name);
        out.push(b'\n');
        if let Some(tagger) = &self.tagger {
            out.extend_from_slice(b"tagger ");
            tagger.write_to(&mut out);
            out.push(b'\n');
        }
        out.push(b'\n');
        out.extend_from_slice(&self.message);
        out
    }
}
