//! The few styles in use. They are written always; the streams strip them where no terminal reads.

use anstyle::{AnsiColor, Style};

/// What matters.
pub const BOLD: Style = Style::new().bold();
/// What matters less.
pub const DIM: Style = Style::new().dimmed();
/// Added, good.
pub const GREEN: Style = AnsiColor::Green.on_default();
/// Removed, bad.
pub const RED: Style = AnsiColor::Red.on_default();
/// To be noticed.
pub const YELLOW: Style = AnsiColor::Yellow.on_default();

/// The text in this style.
pub fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}
