//! What every request passes before any route: who may name this server, from which pages.
mod names;
mod rate;
mod request_id;
mod shield;

pub(crate) use names::Names;
pub(crate) use rate::Rate;
pub(crate) use shield::shield;
