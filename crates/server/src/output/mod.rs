//! What goes out other than plain JSON: files, streams, bundles.
mod bundle;
mod file;
mod file_line;
mod lines;
mod standing;
mod stream;

pub(crate) use bundle::bundle_response;
use file::{describe, not_modified, unsatisfiable};
pub(crate) use file::{file_response, head_response};
pub(crate) use lines::lines_response;
pub(crate) use standing::stand;
pub(crate) use stream::{STREAMED, stream_response};
