//! The merge of one file by its symbols.
//!
//! In layers, each only where the one above could not decide: identical and one-sided texts; lines, with Git's verdict and Git's bytes;
//! then, in what lines leave in conflict, elements (see `acetate_syntax`): symbols by their names, statements by their contents.
//! What is merged is checked before it counts.

mod align;
mod context;
mod dangling;
mod element;
mod emit;
mod files;
mod findings;
mod finish;
mod guard;
mod hold;
mod imports;
mod inserts;
mod leaf;
mod lines;
mod moves;
mod naming;
mod options;
mod out;
mod sequence;
mod tokens;
mod versions;
mod within;

pub use files::SymbolFiles;
pub use options::{FileLimits, FileOptions, SameSymbol};
