//! FUSE: the kernel's requests as calls of the tree. The only modules that name fuser.
//!
//! The kernel is allowed to keep everything until it is told otherwise: names, also those that mean nothing, attributes, contents,
//! listings. So most of what builds ask for never comes here twice.

mod answers;
mod kernel;
mod open;
mod requests;
mod served;
mod shown;

pub(crate) use kernel::Kernel;
pub(crate) use served::Served;
