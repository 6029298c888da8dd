//! The way to the daemon: finding the store, starting the daemon on demand, asking it, and what its errors come to.

mod autostart;
mod connection;
mod failure;
mod request;
mod store;

pub use autostart::{Reached, Start, connect, expected_socket, reach};
pub use connection::Client;
pub use failure::{Exit, Failure};
pub use request::problem;
pub use request::{Reply, Request, encode_path, encode_segment};
pub use store::{Environment, Store};
