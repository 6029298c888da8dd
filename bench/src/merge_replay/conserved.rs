//! Whether a tool lost or made up lines. Lines count trimmed, without blank ones and such that are only punctuation.

use super::case::Texts;
use super::lines_of::{counts, lines, without_separator, words};
use std::collections::{HashMap, HashSet};

/// What happened to lines, each line once however often it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conserved {
    /// Lines that a side added, or that all three texts have equally often, and that are nowhere in the text.
    pub lost: Vec<String>,
    /// As lost, but its words are there: broken into lines otherwise (or they are the base's, only broken into lines otherwise), or, where both sides changed a line, what is new in it is in a
    /// line made of both; or it says nothing new and the other side took some of it away.
    pub composed: usize,
    /// Lines that are there, but less often than the sides' changes add up to. A hint: changes that exclude each other do not add up.
    pub fewer: usize,
    /// Lines of a clean text that are there more often than the changes add up to: said twice, or come back. A hint, too.
    pub more: usize,
}

/// Looks at the text of an outcome; in that of a conflict both sides of each question count as there.
pub fn conserved(texts: &Texts, text: &[u8], clean: bool) -> Conserved {
    let [base, ours, theirs, out] = [&texts.base[..], &texts.ours, &texts.theirs, text].map(counts);
    let known: HashSet<&[u8]> = base.keys().chain(ours.keys()).chain(theirs.keys()).copied().collect();
    let there: HashSet<&[u8]> = out.keys().copied().map(without_separator).collect();
    let mut gone = Vec::new();
    let mut found = Conserved::default();
    for line in known.iter().copied().filter(|line| words(line).next().is_some()) {
        let count = |counts: &HashMap<&[u8], i64>| counts.get(line).copied().unwrap_or_default();
        let (before, now) = (count(&base), count(&out));
        let (first, second) = (count(&ours) - before, count(&theirs) - before);
        let both_add = first > 0 && second > 0;
        let both_delete = first < 0 && second < 0;
        let sum = before + first + second;
        let least = if both_add { before + first.max(second) } else { sum.max(0) };
        let most = if both_delete { before + first.max(second) } else { sum.max(0) };
        let kept_or_added = first > 0 || second > 0 || (first == 0 && second == 0);
        if kept_or_added && now == 0 && least > 0 {
            if !there.contains(without_separator(line)) {
                gone.push((line, before == 0, first, second));
            }
        } else if kept_or_added && now < least {
            found.fewer += 1;
        } else if clean && now > most {
            found.more += 1;
        }
    }
    if !gone.is_empty() {
        let merged = Merged::of(texts, text, &base);
        let all = gone.len();
        gone.retain(|(line, new, first, second)| !merged.explains(line, *new, *first, *second));
        found.composed = all - gone.len();
        found.lost = gone.iter().map(|(line, ..)| String::from_utf8_lossy(line).into_owned()).collect();
        found.lost.sort_unstable();
    }
    found
}

type Words<'a> = HashMap<&'a [u8], i64>;

/// What can explain that a line is gone.
struct Merged<'a> {
    /// How often each word stands in base, ours and theirs.
    words: [Words<'a>; 3],
    /// The words of the text and of the base, in order.
    all: [Vec<&'a [u8]>; 2],
    /// The words of each line that the base does not have, and of each run of such lines.
    changed: Vec<HashSet<&'a [u8]>>,
}

impl<'a> Merged<'a> {
    fn of(texts: &'a Texts, text: &'a [u8], base: &HashMap<&[u8], i64>) -> Self {
        let count = |text: &'a [u8]| {
            let mut counts = Words::new();
            words(text).for_each(|word| *counts.entry(word).or_default() += 1);
            counts
        };
        Self {
            words: [count(&texts.base), count(&texts.ours), count(&texts.theirs)],
            all: [words(text).collect(), words(&texts.base).collect()],
            changed: runs(text, base),
        }
    }

    fn explains(&self, line: &[u8], new: bool, first: i64, second: i64) -> bool {
        let count = |side: usize, word: &[u8]| self.words[side].get(word).copied().unwrap_or_default();
        let own: Vec<&[u8]> = words(line).collect();
        // Broken into lines otherwise; or a side's new line only breaks the base's words into lines otherwise.
        let there = |all: &[&[u8]]| all.windows(own.len()).any(|run| run == own);
        if there(&self.all[0]) || (new && there(&self.all[1])) {
            return true;
        }
        let made_of_it = |least: usize, fresh: bool| {
            self.changed.iter().any(|made| {
                let here = own.iter().filter(|word| made.contains(*word)).count();
                let new_is_there = own.iter().all(|word| count(0, word) > 0 || made.contains(word));
                here * 100 >= own.len() * least && (!fresh || new_is_there)
            })
        };
        if first == 0 && second == 0 {
            return made_of_it(100, false);
        }
        let fewer = |side: usize| own.iter().any(|word| count(side, word) < count(0, word));
        // All that is new in it is there, and what else it says, or the other side took that away.
        let other = if first > 0 { 2 } else { 1 };
        let accounted = self.changed.iter().any(|made| {
            let gone = |word: &&&[u8]| !made.contains(**word);
            own.iter().filter(gone).all(|word| count(0, word) > count(other, word)) && own.iter().any(|word| made.contains(word))
        });
        if new && accounted {
            return true;
        }
        let says_nothing_new = own.iter().all(|word| count(0, word) > 0);
        (says_nothing_new && ((first > 0 && fewer(2)) || (second > 0 && fewer(1))))
            || made_of_it(if says_nothing_new { 70 } else { 50 }, true)
    }
}

/// The words of each line of a text that the base does not have, and of each run of such lines.
fn runs<'a>(text: &'a [u8], base: &HashMap<&[u8], i64>) -> Vec<HashSet<&'a [u8]>> {
    let mut runs: Vec<HashSet<&[u8]>> = Vec::new();
    let mut run: HashSet<&[u8]> = HashSet::new();
    for line in lines(text) {
        if base.contains_key(line) && words(line).next().is_some() {
            runs.extend(Some(std::mem::take(&mut run)).filter(|run| !run.is_empty()));
        } else {
            runs.push(words(line).collect());
            run.extend(words(line));
        }
    }
    runs.push(run);
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(base: &'static str, ours: &'static str, theirs: &'static str) -> Texts {
        Texts { base: base.into(), ours: ours.into(), theirs: theirs.into(), people: "".into() }
    }

    #[test]
    fn an_added_line_that_is_nowhere_is_lost() {
        let case = texts("a\nz\n", "a\no\nz\n", "a\nt\nz\n");
        assert_eq!(conserved(&case, b"a\no\nt\nz\n", true), Conserved::default());
        assert_eq!(conserved(&case, b"a\no\nz\n", true), Conserved { lost: vec!["t".to_owned()], ..Conserved::default() });
        assert_eq!(conserved(&case, b"a\n<<<<<<<\no\n=======\nt\n>>>>>>>\nz\n", false), Conserved::default());
    }

    #[test]
    fn an_untouched_line_that_is_nowhere_is_lost_and_a_deleted_one_is_not() {
        let case = texts("a\nm\nz\n", "a\nm\n", "b\nm\nz\n");
        assert_eq!(conserved(&case, b"b\n", true).lost, ["m"]);
        assert_eq!(conserved(&case, b"b\nm\n", true), Conserved::default());
        assert_eq!(conserved(&case, b"b\nm\nz\n", true).more, 1);
    }

    #[test]
    fn a_line_made_of_both_sides_lines_holds_them() {
        let case = texts("use a::{b};\n", "use a::{b, c};\n", "use a::{b, d};\n");
        assert_eq!(conserved(&case, b"use a::{b, c, d};\n", true), Conserved { composed: 2, ..Conserved::default() });
        assert_eq!(conserved(&case, b"use a::{b, c};\n", true).lost, ["use a::{b, d};"]);
    }

    #[test]
    fn a_line_written_anew_without_what_the_other_side_deleted_is_not_lost() {
        let case = texts("import { a, b, c };\n", "import {\n  a,\n  b,\n  c,\n};\n", "import { a, c };\n");
        assert_eq!(conserved(&case, b"import {\n  a,\n  c\n};\n", true), Conserved { composed: 2, ..Conserved::default() });
    }

    #[test]
    fn of_a_line_that_both_changed_what_the_other_side_took_away_may_be_gone() {
        let case = texts("print(out, \"old words\");\n", "show(\"old words\");\n", "print(out, \"other text\");\n");
        assert_eq!(conserved(&case, b"show(\"other text\");\n", true), Conserved { composed: 2, ..Conserved::default() });
        assert_eq!(conserved(&case, b"print(out, \"other text\");\n", true).lost, ["show(\"old words\");"]);
        let case = texts("import { a } from 'x';\n", "import { a, b } from 'x';\n", "import {\n  a,\n  c,\n} from 'x';\n");
        assert_eq!(conserved(&case, b"import {\n  a,\n  b,\n  c,\n} from 'x';\n", true).lost, [""; 0]);
        assert_eq!(conserved(&case, b"import {\n  a,\n  c,\n} from 'x';\n", true).lost, ["import { a, b } from 'x';"]);
    }

    #[test]
    fn too_few_and_too_many_of_a_line_are_told() {
        let case = texts("x\nm\n", "x\nx\nm\n", "x\nm\n");
        assert_eq!(conserved(&case, b"x\nm\n", true).fewer, 1);
        assert_eq!(conserved(&case, b"x\nx\nx\nm\n", true).more, 1);
    }
}
