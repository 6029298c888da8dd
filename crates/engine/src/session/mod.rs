//! Sessions: the overlay in use, from opening to landing.
//!
//! Invariant: an edit is journaled before it is visible, and visible before it is answered.
//! Invariant: at most one commit, sync, submit, resolve, pause or close of a session is under way.

mod carry;
mod cell;
mod close;
mod diff;
mod edit;
mod files;
mod fork;
mod handle;
mod large;
mod marked;
mod moves;
mod names;
mod open;
mod opened;
mod overlaps;
mod places;
mod purpose;
mod record;
mod renamed;
mod replay;
mod resolutions;
mod resolve;
mod revive;
mod search;
mod snapshot;
mod standing;
mod status;
mod submit;
mod sync;
mod target;
mod turn;
mod turns;
mod view;
mod watch;
mod write;

pub(crate) use cell::{PendingConflicts, SessionCell, TokenHash, stand_on};
pub(crate) use close::expire;
pub(crate) use diff::{Pair, file_diffs, pairs, statuses};
pub(crate) use files::{Listing, content_of, list_overlay, read_many};
pub(crate) use handle::gone;
pub use handle::{DiffOptions, FileStat, Session};
pub(crate) use open::{OpenParts, open, renew};
pub(crate) use open::{new_token, open_once, repeatable_token, shown_once, token_hash};
pub use opened::OpenFile;
pub(crate) use purpose::Purpose;
pub(crate) use record::{Record, session_of, stream_of};
pub(crate) use renamed::renamed;
pub(crate) use replay::{Replayed, decode, from_catalog, from_journal};
pub(crate) use revive::{damaged_open, damaged_record};
pub(crate) use snapshot::INLINE;
pub(crate) use status::info_of as session_info;
pub(crate) use turn::ref_writes;
pub use view::{Directory, FileNode, GitHead, Name, Node, Step, View};
pub use watch::{Watcher, Watching};
pub(crate) use write::{settle, size_of, workspace_there};
