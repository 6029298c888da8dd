//! The merge by symbols: fixtures, a lesson each, and laws.

mod common;
mod rust;
