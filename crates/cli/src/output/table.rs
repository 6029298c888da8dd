//! Aligned columns. Widths count characters as shown; styles take no room.

/// Rows of cells, left-aligned; the last column is not padded.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// A further row. Cells may hold styles, never lines.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) -> &mut Self {
        self.rows.push(cells.into());
        self
    }

    /// The lines.
    pub fn lines(&self) -> Vec<String> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|column| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0))
            .collect();
        self.rows.iter().map(|row| render(row, &widths)).collect()
    }
}

fn render(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    let mut owed = 0;
    for (cell, full) in row.iter().zip(widths) {
        let shown = width(cell);
        // Padding is written only before a further cell that shows something, so that no line ends in blanks.
        if shown > 0 {
            line.extend(std::iter::repeat_n(' ', owed));
            line.push_str(cell);
            owed = 0;
        }
        owed += full - shown.min(*full) + if *full > 0 { 2 } else { 0 };
    }
    line
}

/// Characters as shown: without the styles' escape sequences.
fn width(cell: &str) -> usize {
    let mut count = 0;
    let mut chars = cell.chars();
    while let Some(char) = chars.next() {
        if char == '\u{1b}' {
            chars.by_ref().find(|char| char.is_ascii_alphabetic());
        } else {
            count += 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::{GREEN, paint};

    #[test]
    fn columns_line_up_whatever_is_painted() {
        let mut table = Table::new();
        table.row(["a".into(), "bb".into(), "end".into()]).row([paint(GREEN, "long"), String::new(), "x".into()]);
        table.row(["é".into(), "y".into(), String::new()]);
        let plain: Vec<String> = table.lines().iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect();
        assert_eq!(plain, ["a     bb  end", "long      x", "é     y"]);
        assert!(Table::new().lines().is_empty());
    }
}
