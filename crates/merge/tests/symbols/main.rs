//! The merge by symbols: fixtures, a lesson each, and laws.

mod asked;
mod common;
mod hostile;
mod laws;
mod layout;
mod lessons;
mod names;
mod reindent;
mod rust;
mod texts;
