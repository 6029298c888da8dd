//! A text that parses has the same symbols by its skeleton, if it has any by it.

use crate::damage::{apply, damage};
use crate::kit::{Fixture, dedent, fixtures, parse};
use acetate_syntax::{Language, Outline, ParseLimits, Skeleton, Symbol};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use std::ops::Range;

/// Whether the symbols are told by the skeleton.
fn same(language: Language, text: &[u8]) -> bool {
    let parsed = parse(language, text);
    let skeleton = Skeleton::of(language, text);
    let Some(outline) = skeleton.and_then(|skeleton| skeleton.outline(language, text, &ParseLimits::default())) else { return false };
    if parsed.is_clean() {
        assert_eq!(outline, Outline::of(&parsed, text), "{}", String::from_utf8_lossy(text));
    }
    true
}

/// What is left of a text.
#[track_caller]
fn check(path: &str, text: &str, left_out: &[&str]) {
    let (language, text) = (Language::of(path.as_bytes()).unwrap(), dedent(text));
    let skeleton = Skeleton::of(language, text.as_bytes()).unwrap();
    let cuts: Vec<&str> = skeleton.cuts().iter().map(|cut| text[cut.clone()].trim()).collect();
    assert_eq!(cuts, left_out);
    assert!(same(language, text.as_bytes()));
}

#[test]
fn fixtures_have_the_same_symbols() {
    for Fixture { path, language, text } in fixtures() {
        let told = same(language, &text);
        assert_eq!(told, language.profile().functions.is_some() && parse(language, &text).is_clean(), "{}", path.display());
    }
}

#[test]
fn insides_of_functions_are_left_out() {
    let rust = "
        impl<T> A<T> {
            pub(crate) const fn one(&self, a: u8, b: u8) -> u8 {
                let long = a.checked_add(b).unwrap_or_default();
                if long > 1 { 2 } else { 3 }
            }

            fn two(
                &self,
            ) -> Vec<u8>
            where
                T: Clone,
            {
                let string = \"{}\"; // braces that are none
                vec![string.len() as u8]
            }
            fn short() {}
        }
    ";
    let one = "let long = a.checked_add(b).unwrap_or_default();\n        if long > 1 { 2 } else { 3 }";
    let two = "let string = \"{}\"; // braces that are none\n        vec![string.len() as u8]";
    check("a.rs", rust, &[one, two]);
    let python = "
        class A:
            def one(self, a: int,
                    b: str = ')') -> None:
                \"\"\"Several
        lines: of any indentation.
                \"\"\"
                return a

            async def two(self):
                if self.one(1, ''):
                    print('one thing and another, all in two')
                else:
                    pass
    ";
    check("a.py", python, &["\"\"\"Several\nlines: of any indentation.\n        \"\"\""]);
    let go = "
        package a

        func (a *A) One(ctx context.Context) (err error) {
        \treturn a.two(ctx, func() { fmt.Println(\"not there\") })
        }
    ";
    check("a.go", go, &["return a.two(ctx, func() { fmt.Println(\"not there\") })"]);
    let java = "
        class A {
            public <T> void one(List<T> all) throws IOException {
                for (T one : all) { System.out.println(one); }
            }
            private final Runnable field = new Runnable() {
                @Override
                public void run() {
                    System.out.println(\"in an anonymous class, and left out\");
                }
            };
        }
    ";
    let inside = "System.out.println(\"in an anonymous class, and left out\");";
    check("A.java", java, &["for (T one : all) { System.out.println(one); }", inside]);
}

#[test]
fn functions_of_scripts_show_in_many_ways() {
    let typescript = "
        interface A {
            not_a_function(a: string): {
                field: string; another_field_that_is_long_enough: number;
            };
        }
        export default async function one({ a, b }: Props) {
            return await first(a).then(() => second(b), () => undefined);
        }
        export const two = async (
            a: string,
        ): Promise<void> => {
            console.log(`${a} is a string, and this line is long enough`);
        };
        Type.prototype.three = function (a) {
            return this.one(a).map(function (x) { return x.y.z.toString(); });
        };
        const not_a_function = wrapped({
            key: 'a value that is long enough to be left out, but is not one',
        });
    ";
    let three = [
        "return await first(a).then(() => second(b), () => undefined);",
        "console.log(`${a} is a string, and this line is long enough`);",
        "return this.one(a).map(function (x) { return x.y.z.toString(); });",
    ];
    check("a.ts", typescript, &three);
    let tests = "
        describe('a', function () {
            it('does something', async () => {
                expect(await something('with', 'arguments')).toBe(true);
            });
            describe('b', () => {
                it.each([1])('does %s', (n) => {
                    expect(something(n, 'and', 'arguments')).toBe(true);
                });
            });
        });
    ";
    check(
        "a.test.js",
        tests,
        &["expect(await something('with', 'arguments')).toBe(true);", "expect(something(n, 'and', 'arguments')).toBe(true);"],
    );
}

/// Whether what is left of a text without what nobody changed has the symbols that are not in it, as the whole text has them.
fn kept(language: Language, text: &[u8], touched: impl Fn(&Range<usize>) -> bool) -> Option<usize> {
    let parsed = parse(language, text);
    let skeleton = Skeleton::of_untouched(language, text, touched)?;
    let outline = skeleton.outline(language, text, &ParseLimits::default())?;
    let is_left_out = |symbol: &Symbol| skeleton.cuts().iter().any(|cut| cut.contains(&symbol.core.start));
    // What is above a symbol may be left out with what is before it.
    let seen = |symbol: &Symbol| (symbol.key.clone(), symbol.core.clone(), symbol.span.end, symbol.signature_end);
    if parsed.is_clean() {
        let whole: Vec<_> = Outline::of(&parsed, text).symbols.iter().filter(|symbol| !is_left_out(symbol)).map(seen).collect();
        let left: Vec<_> = outline.symbols.iter().map(seen).collect();
        assert_eq!(left, whole, "{}", String::from_utf8_lossy(text));
    }
    Some(skeleton.cuts().len())
}

#[test]
fn what_nobody_changed_is_left_out_of_data() {
    let check = |path: &str, text: &str, touched: &str, cuts: usize| {
        let text = dedent(text);
        let at = text.find(touched).unwrap();
        let touched = |range: &Range<usize>| range.contains(&at);
        assert_eq!(kept(Language::of(path.as_bytes()).unwrap(), text.as_bytes(), touched), Some(cuts), "{path}");
    };
    let json = "
        {
          \"one\": {
            \"key\": \"a value that is long enough to be left out of it\"
          },
          \"two\": {
            \"changed\": \"a value that is long enough to be left out of it\",
            \"inner\": [
              \"values that are long enough to be left out\", 1, 2, 3
            ]
          }
        }
    ";
    check("a.json", json, "changed", 2);
    let yaml = "
        one:
          key: a value that is long enough to be left out of what is there
          last: kept

        two:
          inner:
            key: a value that is long enough to be left out of what is there
            # A comment
            last: kept
          changed: true
    ";
    check("a.yaml", yaml, "changed", 2);
    let markdown = "
        # Title

        Words that are many enough to be left out, and some more words.

        The last line stays.

        ## Changed

        ```
        # No heading
        ```
        Words that are many enough to be left out, and some more words.

        The last line stays.

        Under a line
        ---
        Words.
    ";
    check("a.md", markdown, "Changed", 1);
    // A heading in a comment of several lines is none.
    check("a.md", &markdown.replace("Under", "<!-- not closed here\n        Under"), "Changed", 0);
}

#[test]
fn what_deceives_is_not_told() {
    // What looks like the end of the function is in a string.
    let text = b"fn a() {\n    let a_string_of_several_lines_that_is_long = r#\"\n}\n\"#;\n}\n";
    assert!(Skeleton::of(Language::Rust, text).unwrap().outline(Language::Rust, text, &ParseLimits::default()).is_none());
}

proptest! {
    #[test]
    fn damaged_texts_have_the_same_symbols(which in any::<Index>(), done in vec(damage(), 0..4)) {
        let all = fixtures();
        let Fixture { language, text, .. } = which.get(&all);
        let text = done.iter().fold(text.clone(), |text, damage| apply(&text, damage));
        same(*language, &text);
    }

    #[test]
    fn of_damaged_data_the_symbols_around_are_the_same(which in any::<Index>(), done in vec(damage(), 0..4), step in 1usize..400) {
        let all: Vec<Fixture> = fixtures().into_iter().filter(|fixture| fixture.language.profile().blocks.is_some()).collect();
        let Fixture { language, text, .. } = which.get(&all);
        let text = done.iter().fold(text.clone(), |text, damage| apply(&text, damage));
        kept(*language, &text, |range| (range.start / step) % 2 == 1);
    }
}
