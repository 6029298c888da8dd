//! A tracked file without a name: what keeps it open still reads it, writes to it and sets its attributes.

use crate::times::{Stamp, now};
use std::ops::{Deref, DerefMut};

/// Its content, which it can be taken for, with its times and permissions.
#[derive(Debug)]
pub(crate) struct Orphan {
    content: Vec<u8>,
    pub(crate) stamp: Stamp,
    pub(crate) perm: u16,
}

impl Orphan {
    /// Of what was there until now.
    pub(crate) fn new(content: Vec<u8>, executable: bool, stamp: Stamp) -> Self {
        Self { content, perm: stamp.file_perm(executable), stamp: Stamp { changed: now(), ..stamp } }
    }

    /// The content changed.
    pub(crate) fn touch(&mut self) {
        let now = now();
        (self.stamp.modified, self.stamp.changed) = (now, now);
    }
}

impl Deref for Orphan {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.content
    }
}

impl DerefMut for Orphan {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.content
    }
}
