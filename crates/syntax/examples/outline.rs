//! Prints the symbols of files, to look at a language's table with one's own eyes.

#[path = "../tests/kit/mod.rs"]
mod kit;

use acetate_syntax::Language;

fn main() -> std::io::Result<()> {
    for path in std::env::args().skip(1) {
        let Some(language) = Language::of(path.as_bytes()) else { continue };
        let text = std::fs::read(&path)?;
        let parsed = kit::parse(language, &text);
        let tiled = kit::tiling(&parsed, &text);
        println!("=== {path}: {tiled:?}, errors at {:?}", parsed.errors(3));
        println!("{}", kit::symbols(&parsed, &text));
    }
    Ok(())
}
