//! The cache gives what parsing gives, and keeps within its bound.

use crate::kit::{fixtures, parse};
use acetate_syntax::{Outline, ParseLimits, Syntax};
use acetate_types::ObjectId;

fn blob(number: usize) -> ObjectId {
    let mut bytes = [7; 20];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    ObjectId::from_bytes(&bytes).unwrap()
}

#[test]
fn many_threads_get_what_parsing_gives() {
    let syntax = Syntax::new(64 << 20, ParseLimits::default());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for (number, fixture) in fixtures().into_iter().enumerate() {
                    let outline = syntax.outline(blob(number), fixture.language, &fixture.text).unwrap();
                    assert_eq!(*outline, Outline::of(&parse(fixture.language, &fixture.text), &fixture.text));
                    let parsed = syntax.parsed(blob(number), fixture.language, &fixture.text).unwrap();
                    assert_eq!(Outline::of(&parsed, &fixture.text), *outline);
                }
            });
        }
    });
    assert!(syntax.bytes() > 0);
}

#[test]
fn what_is_held_is_bounded() {
    const MOST: usize = 1 << 20;
    let syntax = Syntax::new(MOST, ParseLimits::default());
    let fixture = &fixtures()[0];
    for number in 0..2_000 {
        syntax.parsed(blob(number), fixture.language, &fixture.text).unwrap();
    }
    assert!(syntax.bytes() <= MOST as u64);
}
