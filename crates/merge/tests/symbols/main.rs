//! The merge by symbols: fixtures, a lesson each, and laws.

mod common;
mod hostile;
mod laws;
mod lessons;
mod rust;
mod texts;
