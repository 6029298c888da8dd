//! A small cache of flattened trees, bounded in bytes. A tree never changes, so an entry is right for ever.

use crate::session::Listing;
use acetate_types::ObjectId;
use parking_lot::Mutex;
use std::sync::Arc;

/// The cache: few entries, the newest used last. The lock is held to move a pointer.
pub(crate) struct Listings {
    most: usize,
    entries: Mutex<Vec<(ObjectId, Arc<Listing>)>>,
}

impl Listings {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, entries: Mutex::new(Vec::new()) }
    }

    pub(crate) fn get(&self, tree: &ObjectId) -> Option<Arc<Listing>> {
        let mut entries = self.entries.lock();
        let at = entries.iter().position(|(known, _)| known == tree)?;
        let entry = entries.remove(at);
        let listing = Arc::clone(&entry.1);
        entries.push(entry);
        Some(listing)
    }

    /// Keeps a listing, unless it alone takes more than the bound.
    pub(crate) fn put(&self, tree: ObjectId, listing: Arc<Listing>) {
        if listing.memory() > self.most {
            return;
        }
        let mut entries = self.entries.lock();
        entries.retain(|(known, _)| *known != tree);
        entries.push((tree, listing));
        while entries.iter().map(|(_, listing)| listing.memory()).sum::<usize>() > self.most && entries.len() > 1 {
            entries.remove(0);
        }
    }

    /// Bytes of memory.
    pub(crate) fn memory(&self) -> usize {
        self.entries.lock().iter().map(|(_, listing)| listing.memory()).sum()
    }
}
