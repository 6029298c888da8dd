//! What goes out other than plain JSON: files, streams, bundles.
mod bundle;
mod file;
mod file_line;
mod lines;
mod standing;

pub(crate) use bundle::bundle_response;
pub(crate) use file::{file_response, head_response};
pub(crate) use lines::lines_response;
pub(crate) use standing::stand;
