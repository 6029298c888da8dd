//! Laws that hold for any text, tested with texts damaged at random.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../kit/mod.rs"]
mod kit;

mod damage;
mod deep;
mod plain;
mod skeleton;
