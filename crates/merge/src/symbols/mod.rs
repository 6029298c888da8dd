//! The merge of one file by its symbols.
//!
//! In layers, each only where the one above could not decide: identical and one-sided texts; lines, with Git's verdict and Git's bytes;
//! then, in what lines leave in conflict, elements (see `acetate_syntax`): symbols by their names, statements by their contents.
//! What is merged is checked before it counts.
//!
//! | module | decides |
//! | --- | --- |
//! | `files` | the layers of one file, behind the seam of [`FileMerge`](crate::FileMerge); a clean merge by lines is never rewritten |
//! | `align`, `moves` | which elements of the versions are the same thing, and what was put elsewhere |
//! | `sequence` | the elements of one body: runs that share no element of the base are independent, also where they touch |
//! | `broken` | whether a side broke something so that its elements are not to be believed |
//! | `element`, `emit` | one element: what is above it, its core, its separator and what follows on its line, each for itself |
//! | `inserts`, `entries`, `imports` | what both added at one place; lists that are sets |
//! | `line_ends`, `reindent` | line ends that one side changed throughout; lines that one side indented anew |
//! | `leaf`, `lines`, `within`, `space` | what has no elements: lines, one change holding the other, words within lines, and what is only laid out otherwise |
//! | `apart`, `agree`, `touched` | whether there is nothing to look for: as the base's outline and the lines tell, as the result's outline does |
//! | `elide`, `alone`, `trees`, `versions` | what at most one side touched and is left out, and the syntax trees of the rest |
//! | `guard`, `python` | the last look at lines, and at Python's indentation |
//! | `findings`, `dangling`, `locals`, `imported`, `hold` | what is looked for afterwards, and how a merge is held back |
//! | `finish`, `naming` | the questions, by the names that outlines give |
//!
//! Invariants: a pure function of the three texts, the path's language and the options; swapping the sides changes nothing but their
//! names; bytes that neither side touched are copied; bounds count bytes, elements and comparisons, and past them lines decide.
//!
//! Deliberately missing: an order for statements that both sides add at one place (it has a meaning that nobody here knows), types, and
//! anything beyond one file.

mod agree;
mod align;
mod alone;
mod apart;
mod broken;
mod context;
mod dangling;
mod element;
mod elide;
mod emit;
mod entries;
mod files;
mod findings;
mod finish;
mod guard;
mod hold;
mod imported;
mod imports;
mod inserts;
mod leaf;
mod line_ends;
mod lines;
mod locals;
mod moves;
mod naming;
mod options;
mod order;
mod out;
mod reindent;
mod sequence;
mod space;
mod tokens;
mod touched;
mod trees;
mod versions;
mod within;

pub use files::SymbolFiles;
pub use options::{FileLimits, FileOptions, SameSymbol};
