//! Git smart HTTP: `/git/{workspace}.git`, for any stock Git client.
//!
//! Fetches are answered by the real `git upload-pack`, whose environment is cleared and whose configuration is ours. Pushes are taken here:
//! the protocol's server side is in this module, what lands is the engine's to decide, and no `receive-pack` and no hook ever runs.
//! Deliberately missing: the dumb protocol, push certificates, push options, atomic pushes.

mod advertise;
mod feed;
mod fetch;
mod inflate;
mod pkt;
mod process;
mod push;
mod push_body;
mod push_request;
mod refusal;
mod report;
mod request;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use table::routes;
