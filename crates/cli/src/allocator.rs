//! The allocator: mimalloc, and the kernel itself for blocks of many megabytes.
//!
//! mimalloc keeps large blocks that were freed, and where one has to be zero it writes all of it when it gives it out again. Buffers that
//! are made large for what hardly ever comes, as those that each mount reads the kernel's requests into, would then take all of their size.
//! Pages from the kernel take room when they are first written to, and none once they are given back.

use mimalloc::MiMalloc;
use rustix::mm::{MapFlags, MremapFlags, ProtFlags, mmap_anonymous, mremap, munmap};
use std::alloc::{GlobalAlloc, Layout};
use std::ptr::null_mut;

/// From this many bytes on a block comes from the kernel.
const LARGE: usize = 8 << 20;
/// No block needs to stand at rounder addresses than pages do.
const PAGE: usize = 4096;

/// See the module.
pub struct Allocator;

fn is_large(layout: &Layout) -> bool {
    layout.size() >= LARGE && layout.align() <= PAGE
}

fn map(size: usize) -> *mut u8 {
    // SAFETY: new pages at an address of the kernel's choice overlap nothing.
    unsafe { mmap_anonymous(null_mut(), size, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE) }.map_or(null_mut(), <*mut _>::cast)
}

// SAFETY: each block is given back to whoever gave it, which its layout alone tells; both keep to the trait's contract.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_large(&layout) {
            return map(layout.size());
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if is_large(&layout) {
            return map(layout.size());
        }
        // SAFETY: as above.
        unsafe { MiMalloc.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if is_large(&layout) {
            // SAFETY: the block was mapped here with this size, and its owner lets go of it. That can't fail, and nothing could be done.
            let _ = unsafe { munmap(block.cast(), layout.size()) };
            return;
        }
        // SAFETY: as above.
        unsafe { MiMalloc.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Ok(wanted) = Layout::from_size_align(size, layout.align()) else { return null_mut() };
        match (is_large(&layout), is_large(&wanted)) {
            // SAFETY: as above.
            (false, false) => unsafe { MiMalloc.realloc(block, layout, size) },
            (true, true) => {
                // SAFETY: the block was mapped here with this size; its owner takes the new address.
                unsafe { mremap(block.cast(), layout.size(), size, MremapFlags::MAYMOVE) }.map_or(null_mut(), <*mut _>::cast)
            }
            _ => {
                // SAFETY: both blocks have at least so many bytes, and one of them is new.
                unsafe {
                    let new = self.alloc(wanted);
                    if !new.is_null() {
                        std::ptr::copy_nonoverlapping(block, new, layout.size().min(size));
                        self.dealloc(block, layout);
                    }
                    new
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_keep_what_is_in_them_as_they_grow_and_shrink() {
        let mut block: Vec<u8> = Vec::new();
        for size in [1, LARGE / 2, LARGE - 1, LARGE, LARGE * 3 + 5, LARGE + 1, LARGE - 7, 3] {
            block.reserve_exact(size.saturating_sub(block.len()));
            while block.len() < size {
                block.push(block.len() as u8);
            }
            block.truncate(size);
            block.shrink_to_fit();
            assert!(block.iter().enumerate().all(|(at, byte)| *byte == at as u8), "{size}");
        }
        assert!(vec![0u8; LARGE].iter().all(|byte| *byte == 0));
    }
}
