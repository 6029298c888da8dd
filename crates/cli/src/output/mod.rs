//! What the commands print: text for people, JSON for programs, never both.

mod diff;
mod paint;
mod progress;
mod sanitise;
mod symbols;
mod table;
mod write;

pub use diff::{hunks, stat};
pub use paint::{BOLD, DIM, GREEN, RED, YELLOW, paint};
pub use progress::Progress;
pub use sanitise::{bytes_clean, clean, line, path};
pub use symbols::{symbols, symbols_line};
pub use table::Table;
pub use write::Output;
