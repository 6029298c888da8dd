//! Texts at the edges: empty, only blanks, only comments, marks and line ends of other systems.

use crate::kit::{fixtures, parse, symbols, tiling};
use acetate_syntax::{Kind, Language};

#[test]
fn texts_without_anything_tile() {
    for language in Language::all() {
        for text in [
            "",
            "\n",
            "\r\n",
            "   ",
            "\n\n\t\n",
            "\u{feff}",
            "\u{feff}\n",
            "// a\n",
            "# a\n",
            "/* a\n b */",
            "<!-- a -->\n",
            "\0",
            "\u{feff}# a",
        ] {
            tiling(&parse(language, text.as_bytes()), text.as_bytes());
        }
    }
}

#[test]
fn a_file_of_comments_is_a_comment() {
    let text = b"// one\n\n// two\n// three\n";
    let parsed = parse(Language::Rust, text);
    let body = parsed.body(&parsed.file(), text).unwrap();
    assert_eq!(body.elements.iter().map(|element| element.kind).collect::<Vec<_>>(), [Kind::Comment, Kind::Comment]);
}

#[test]
fn line_ends_and_byte_order_marks_change_no_symbol() {
    for fixture in fixtures() {
        let expected = symbols(&parse(fixture.language, &fixture.text), &fixture.text);
        let text = String::from_utf8(fixture.text).unwrap();
        for other in [text.replace('\n', "\r\n"), format!("\u{feff}{text}"), text.trim_end().to_owned()] {
            let parsed = parse(fixture.language, other.as_bytes());
            tiling(&parsed, other.as_bytes());
            assert_eq!(symbols(&parsed, other.as_bytes()), expected, "{:?}", fixture.path);
        }
    }
}
