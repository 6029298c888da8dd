//! Each fixture has the symbols that the file beside it says. `UPDATE=1` writes what is found, to be read before it is believed.

use crate::kit::{fixtures, parse, symbols, tiling};

#[test]
fn fixtures_have_their_symbols() {
    let mut wrong = Vec::new();
    for fixture in fixtures() {
        let parsed = parse(fixture.language, &fixture.text);
        assert!(parsed.is_clean(), "{:?} has errors at {:?}", fixture.path, parsed.errors(5));
        tiling(&parsed, &fixture.text);
        let found = symbols(&parsed, &fixture.text);
        let expected = fixture.path.with_extension(format!("{}.outline", fixture.path.extension().unwrap().display()));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&expected, &found).unwrap();
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != found {
            wrong.push(format!("{:?}\n{found}", fixture.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
