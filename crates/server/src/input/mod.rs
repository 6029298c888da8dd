//! What comes in, checked once at the entrance: bodies, queries, paths, conditions.
mod body;
mod conditions;
mod depth;
mod once;
mod query;
mod range;
mod route;
mod spool;

pub(crate) use body::{Held, Incoming, IncomingOrDefault, Nothing, read_body};
pub(crate) use conditions::{if_none_match, mode, precondition, quoted};
pub(crate) use once::Once;
pub(crate) use query::{NoQuery, Query};
pub(crate) use range::{Ranged, range};
pub(crate) use route::{FilePath, SessionName, Third, WorkspaceName, percent_decoded};
pub(crate) use spool::Pending;
