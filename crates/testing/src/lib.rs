//! Fixtures and oracles that Acetate's tests share: real repositories made with the real `git`, in temporary folders.
//!
//! For tests only: everything here panics with a clear message when the machine does not play along.

#![deny(missing_docs)]
#![expect(clippy::unwrap_used, reason = "a fixture that can't be made is a failed test")]

pub mod behaviour;
pub mod folder;
mod person;
mod repo;

pub use person::Person;
pub use repo::{GitRepo, git_command};
