//! The merge by symbols: fixtures, a lesson each, and laws.

mod common;
mod hostile;
mod laws;
mod rust;
mod texts;
