//! Prints a file's syntax tree as its grammar sees it: what a table for a language is written from.

use acetate_syntax::Language;

fn main() -> std::io::Result<()> {
    for path in std::env::args().skip(1) {
        let Some(language) = Language::of(path.as_bytes()) else { continue };
        let text = std::fs::read(&path)?;
        let mut parser = tree_sitter::Parser::new();
        parser.set_language(&(language.profile().grammar)()).map_err(std::io::Error::other)?;
        let Some(tree) = parser.parse(&text, None) else { continue };
        let (mut cursor, mut depth) = (tree.walk(), 0);
        'tree: loop {
            let node = cursor.node();
            if node.is_named() {
                let field = cursor.field_name().map(|field| format!("{field}: ")).unwrap_or_default();
                let shown: String = String::from_utf8_lossy(&text[node.byte_range()]).chars().take(40).collect();
                let lines = (node.start_position().row + 1, node.end_position().row + 1);
                println!("{}{field}{} {lines:?} {shown:?}", "  ".repeat(depth), node.kind());
            }
            if cursor.goto_first_child() {
                depth += 1;
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    break 'tree;
                }
                depth -= 1;
            }
        }
    }
    Ok(())
}
