//! Objects that are readable before they are durable, counted per id: two commits in flight may hold the same object.

use crate::ObjectBatch;
use crate::batch::NewObject;
use crate::cache::IdHasher;
use acetate_types::ObjectId;
use parking_lot::RwLock;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasherDefault;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The staged objects of one repository.
#[derive(Debug, Default)]
pub(crate) struct Staged {
    /// Lets readers skip the lock while nothing is staged.
    len: AtomicUsize,
    objects: RwLock<HashMap<ObjectId, (usize, NewObject), BuildHasherDefault<IdHasher>>>,
}

impl Staged {
    pub(crate) fn get(&self, id: &ObjectId) -> Option<NewObject> {
        // Acquire pairs with the release in `add`: who was handed an id after staging sees its object.
        if self.len.load(Ordering::Acquire) == 0 {
            return None;
        }
        self.objects.read().get(id).map(|(_, object)| object.clone())
    }

    pub(crate) fn add(&self, batch: &ObjectBatch) {
        let mut objects = self.objects.write();
        for (id, object) in batch.objects() {
            objects.entry(id).or_insert_with(|| (0, object.clone())).0 += 1;
        }
        self.len.store(objects.len(), Ordering::Release);
    }

    pub(crate) fn remove(&self, batch: &ObjectBatch) {
        let mut objects = self.objects.write();
        for id in batch.ids() {
            if let Entry::Occupied(mut place) = objects.entry(id) {
                place.get_mut().0 -= 1;
                if place.get().0 == 0 {
                    place.remove();
                }
            }
        }
        self.len.store(objects.len(), Ordering::Release);
    }

    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }
}
