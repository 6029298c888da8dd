//! Languages, and what a file is made of: symbols, and whole-line elements.
//!
//! Layers, each usable alone:
//! - [`Language`]: which language a path is written in;
//! - [`Profile`]: what this crate knows of a language, as a short declarative table;
//! - [`Parsed`]: a syntax tree of a text, made from nothing or from the tree of a text that differs a little;
//! - [`Element`] and [`Body`]: a text as an ordered list of elements and the bytes around them, nested. Elements that a language's
//!   profile names are *keyed*: they are symbols, and are the same thing in two versions of a file if their keys are equal;
//! - [`Outline`]: the symbols of a file with their paths, without what is inside functions; [`Skeleton`]: the same of a long file, sooner;
//!   [`changes`]: what became of them;
//! - [`List`], [`Parsed::mentions`] and [`Parsed::standing`]: what is within lines: lists of names and arguments, whether a name is used, and
//!   whether it is bound there;
//! - [`Syntax`]: a bounded cache of trees and outlines by blob, shared by all.
//!
//! Invariants: bytes tile: the head, elements and tail of a body, joined, are exactly the body's span; everything is a pure function of
//! the text and the language; no input makes it panic, and work is bounded by [`ParseLimits`], which counts bytes.
//!
//! Deliberately missing: types, name resolution across files, merging (see the merge crate).
//!
//! The only crate that names tree-sitter.

#![deny(missing_docs)]

#[cfg(feature = "mimalloc")]
mod allocator;
mod blocks;
mod body;
mod brackets;
mod build;
mod cache;
mod changes;
mod element;
mod indents;
mod language;
mod languages;
mod lines;
mod list;
mod mentions;
mod naming;
mod outline;
mod outlining;
mod parsed;
mod profile;
mod python;
mod raws;
mod skeleton;
mod standing;

#[cfg(feature = "mimalloc")]
pub use allocator::use_mimalloc;
pub use blocks::Blocks;
pub use body::{Body, Order};
pub use cache::Syntax;
pub use changes::{ChangeKind, SymbolChange, changes};
pub use element::{Element, Key, Kind};
pub use language::Language;
pub use list::List;
pub use outline::{Outline, Symbol};
pub use parsed::{ParseError, ParseLimits, Parsed, Span, Splice};
pub use profile::{Bind, ListRule, Name, Part, Profile, Site, SymbolRule};
pub use python::is_indented_python;
pub use skeleton::{Begins, Functions, Skeleton};
pub use standing::Standing;
