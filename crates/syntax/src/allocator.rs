//! Memory for syntax trees from mimalloc, for programs that take their own from it.
//!
//! The parser is a C library and asks the C library's allocator, which on threads gives memory back to the kernel and takes it again with
//! every large tree: about a tenth of a merge's time (`bench/merge-replay`).

use libmimalloc_sys::{mi_free, mi_malloc, mi_realloc, mi_zalloc};
use std::ffi::c_void;

/// Has the parser take its memory from mimalloc.
///
/// # Safety
/// Nothing in this process may have used tree-sitter before, by this crate or otherwise, and no other thread may do so meanwhile.
pub unsafe fn use_mimalloc() {
    let allocator = tree_sitter::Allocator { malloc, calloc, realloc, free };
    // SAFETY: all four are of one family, give blocks aligned as C's are and never null; the rest is the caller's promise.
    unsafe { tree_sitter::set_allocator(Some(allocator)) };
}

/// The parser does not expect that there is no memory left.
fn given(block: *mut c_void) -> *mut c_void {
    if block.is_null() {
        std::process::abort();
    }
    block
}

unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
    // SAFETY: it may be asked for any size.
    given(unsafe { mi_malloc(size) })
}

unsafe extern "C" fn calloc(count: usize, size: usize) -> *mut c_void {
    // SAFETY: as above; what is more than there is gets none.
    given(unsafe { mi_zalloc(count.saturating_mul(size)) })
}

unsafe extern "C" fn realloc(block: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the block is one of these functions', for they are all that the parser has.
    given(unsafe { mi_realloc(block, size) })
}

unsafe extern "C" fn free(block: *mut c_void) {
    // SAFETY: as above.
    unsafe { mi_free(block) }
}
