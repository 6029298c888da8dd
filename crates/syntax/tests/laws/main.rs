//! Laws that hold for any text, tested with texts damaged at random.

#[path = "../kit/mod.rs"]
mod kit;

mod damage;
mod deep;
mod plain;
