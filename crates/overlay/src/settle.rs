//! Making an overlay small while its session rests: contents become deltas against the blobs they replaced.

use crate::content::{Body, FileView};
use crate::delta::Delta;
use crate::node::{Dir, Node};
use crate::view::base_entry;
use crate::{Overlay, OverlayError};
use acetate_types::{EntryKind, Objects};
use bytes::Bytes;
use std::sync::Arc;

/// Contents and bases above this many bytes stay as written: such contents belong into the object database.
const MAX_DELTA: usize = 4 << 20;
/// What a delta takes beside its operations; below this nothing is gained.
const OVERHEAD: usize = 96;

/// What a call of [`Overlay::settle`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settled {
    /// Contents that were looked at.
    pub files: usize,
    /// Whether none is left to look at.
    pub done: bool,
}

impl Overlay {
    /// Holds contents as deltas against the blobs they replaced where that is smaller, and copies the others out of larger buffers.
    /// Looks at contents and bases of about `budget` bytes, at least at one content, and at each only once: call again until
    /// [`Settled::done`]. What is seen stays the same. Clones made before keep what they hold.
    ///
    /// # Errors
    /// An unreadable tree. A base blob that can't be read is no error: the content stays as written.
    pub fn settle<O: Objects + ?Sized>(&mut self, objects: &O, budget: usize) -> Result<Settled, OverlayError> {
        let mut work = Work { objects, left: budget, files: 0, full: false };
        if self.load.hot > 0
            && let Some(root) = work.dir(&self.root)?
        {
            *self = self.with_root(Arc::new(root));
        }
        Ok(Settled { files: work.files, done: self.load.hot == 0 })
    }
}

struct Work<'o, O: ?Sized> {
    objects: &'o O,
    left: usize,
    files: usize,
    full: bool,
}

impl<O: Objects + ?Sized> Work<'_, O> {
    /// The directory with contents settled; `None` when nothing changed.
    fn dir(&mut self, dir: &Dir) -> Result<Option<Dir>, OverlayError> {
        let mut settled: Option<Dir> = None;
        for (name, node) in dir.names.iter() {
            if self.full {
                break;
            }
            let node = match node {
                Node::Gone => continue,
                Node::Dir(below) => match self.dir(below)? {
                    None => continue,
                    Some(below) if !below.own && below.names.is_empty() => None,
                    Some(below) => Some(Node::Dir(Arc::new(below))),
                },
                Node::File(file) => {
                    let Some(body) = self.body(&file.body) else { continue };
                    let view = FileView { mode: file.mode, body };
                    let is_base = match view.id() {
                        None => false,
                        Some(id) => base_entry(self.objects, dir.base.as_ref(), name)? == Some((EntryKind::File(view.mode), id)),
                    };
                    (!is_base).then(|| Node::File(Arc::new(view)))
                }
            };
            let names = &mut settled.get_or_insert_with(|| dir.clone()).names;
            match node {
                Some(node) => names.insert(name, node),
                None => names.remove(name),
            };
        }
        Ok(settled)
    }

    /// How a content that nobody has looked at is held from now on; `None` for all others.
    fn body(&mut self, body: &Body) -> Option<Body> {
        if let Body::Parts { parts, over, tried: false, mark } = body {
            // As long as it is looked at whole, it is as good as one that was written whole.
            let whole =
                (parts.len() <= MAX_DELTA).then(|| Body::Hot { bytes: parts.join(), over: *over, tried: false, mark: mark.clone() });
            let settled = whole.and_then(|whole| self.body(&whole)).filter(|settled| !matches!(settled, Body::Hot { .. }));
            return Some(settled.unwrap_or_else(|| Body::Parts { parts: Arc::clone(parts), over: *over, tried: true, mark: mark.clone() }));
        }
        let Body::Hot { bytes, over, tried: false, mark } = body else { return None };
        self.spend(bytes.len());
        self.files += 1;
        let small = over.filter(|_| (OVERHEAD..=MAX_DELTA).contains(&bytes.len())).and_then(|over| {
            let size = self.objects.blob_size(&over).ok().and_then(|size| usize::try_from(size).ok())?;
            if size > MAX_DELTA {
                return None;
            }
            let base = self.objects.blob(&over).ok()?;
            self.spend(base.len());
            if base == *bytes {
                return Some(Body::Object { id: over, size: Some(bytes.len() as u64), mark: Some(mark.clone()) });
            }
            let delta = Delta::encode(&base, bytes, bytes.len() - OVERHEAD)?;
            Some(Body::Delta { over, delta: Arc::new(delta), mark: mark.clone() })
        });
        Some(small.unwrap_or_else(|| Body::Hot { bytes: Bytes::copy_from_slice(bytes), over: *over, tried: true, mark: mark.clone() }))
    }

    fn spend(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(bytes);
        self.full = self.left == 0;
    }
}
