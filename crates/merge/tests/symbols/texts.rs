//! Texts in ten languages, and edits of them as agents make them.

/// A file name and what is in the file.
pub const TEXTS: [(&str, &str); 10] = [
    ("src/ledger.rs", include_str!("texts/ledger.rs")),
    ("ledger.py", include_str!("texts/ledger.py")),
    ("ledger.ts", include_str!("texts/ledger.ts")),
    ("ledger.js", include_str!("texts/ledger.js")),
    ("ledger.go", include_str!("texts/ledger.go")),
    ("Ledger.java", include_str!("texts/ledger.java")),
    ("package.json", include_str!("texts/ledger.json")),
    ("Cargo.toml", include_str!("texts/ledger.toml")),
    ("deploy.yaml", include_str!("texts/ledger.yaml")),
    ("CHANGELOG.md", include_str!("texts/ledger.md")),
];

/// A small generator of pseudo-random numbers (SplitMix64), so that a case is named by its seed.
#[derive(Debug, Clone)]
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }
}

/// How many cases to run: `PROPTEST_CASES`, else the default.
pub fn cases(default: usize) -> usize {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default)
}

/// Where to start, to run other cases than the usual ones: `MERGE_SEED`.
pub fn first_seed() -> u64 {
    std::env::var("MERGE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0)
}

/// A text with edits, and the marks that they put in.
#[derive(Debug, Clone)]
pub struct Edited {
    pub lines: Vec<String>,
    pub marks: Vec<String>,
    /// The name that marks begin with.
    author: String,
    damage: bool,
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The words of a line: their places.
fn words(line: &str) -> Vec<std::ops::Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, char) in line.char_indices().chain([(line.len(), ' ')]) {
        match (char.is_ascii_alphabetic(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                if at - from >= 3 {
                    words.push(from..at);
                }
                start = None;
            }
            _ => {}
        }
    }
    words
}

impl Edited {
    pub fn new(text: &str, author: &str, damage: bool) -> Self {
        Self { lines: text.lines().map(str::to_owned).collect(), marks: Vec::new(), author: author.to_owned(), damage }
    }

    /// Some edits.
    pub fn edit(mut self, random: &mut Random, most: usize) -> Self {
        for _ in 0..=random.below(most) {
            self.one(random);
        }
        self
    }

    pub fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }

    fn mark(&mut self) -> String {
        let mark = format!("{}{}x", self.author, self.marks.len());
        self.marks.push(mark.clone());
        mark
    }

    /// A line of words.
    fn place(&self, random: &mut Random) -> usize {
        let places: Vec<usize> = (0..self.lines.len()).filter(|at| !words(&self.lines[*at]).is_empty()).collect();
        random.pick(&places).copied().unwrap_or(0)
    }

    /// A line with a word replaced by a mark.
    fn marked(&mut self, line: &str, random: &mut Random) -> String {
        let Some(word) = random.pick(&words(line)).cloned() else { return line.to_owned() };
        let mark = self.mark();
        format!("{}{mark}{}", &line[..word.start], &line[word.end..])
    }

    /// The block that starts at a line, with what is attached above it: comments, attributes.
    fn block(&self, at: usize) -> std::ops::Range<usize> {
        let depth = indent(&self.lines[at]);
        let heading = self.lines[at].starts_with('#') || self.lines[at].starts_with('[');
        let mut end = at + 1;
        while end < self.lines.len() {
            let line = &self.lines[end];
            let inside = line.trim().is_empty() || indent(line) > depth || (heading && !line.starts_with('#') && !line.starts_with('['));
            if !inside {
                break;
            }
            end += 1;
        }
        if end < self.lines.len() && indent(&self.lines[end]) == depth && self.lines[end].trim_start().starts_with(['}', ')', ']']) {
            end += 1;
        }
        while end > at + 1 && self.lines[end - 1].trim().is_empty() {
            end -= 1;
        }
        let mut start = at;
        while start > 0
            && indent(&self.lines[start - 1]) == depth
            && self.lines[start - 1].trim_start().starts_with(['@', '#', '/'])
            && !heading
        {
            start -= 1;
        }
        start..end
    }

    /// A line that starts a block of several lines, among those of a depth if one is wanted.
    fn head(&self, random: &mut Random, depth: Option<usize>) -> Option<usize> {
        let heads: Vec<usize> = (0..self.lines.len())
            .filter(|at| {
                let line = &self.lines[*at];
                let opens =
                    !words(line).is_empty() && !line.trim_start().starts_with(['}', '/', '@', '*']) && self.block(*at).end > *at + 1;
                opens && depth.is_none_or(|depth| indent(line) == depth)
            })
            .collect();
        random.pick(&heads).copied()
    }

    fn insert(&mut self, at: usize, block: Vec<String>) {
        self.lines.splice(at..at, block);
    }

    fn one(&mut self, random: &mut Random) {
        if self.lines.len() < 3 {
            return;
        }
        match random.below(if self.damage { 15 } else { 14 }) {
            // A word changed.
            0..=2 => {
                let at = self.place(random);
                let line = self.lines[at].clone();
                self.lines[at] = self.marked(&line, random);
            }
            // A line like another one: a statement, a key, an import, a field.
            3..=5 => {
                let at = self.place(random);
                let line = self.lines[at].clone();
                let line = self.marked(&line, random);
                self.insert(at + random.below(2), vec![line]);
            }
            6 => {
                let at = self.place(random);
                let end = (at + 1 + random.below(2)).min(self.lines.len());
                self.lines.drain(at..end);
            }
            // A block like another one, under a new name.
            7..=8 => {
                let Some(head) = self.head(random, None) else { return };
                let from = self.block(head);
                let mut block = self.lines[from.clone()].to_vec();
                let at = head - from.start;
                block[at] = self.marked(&block[at].clone(), random);
                let Some(after) = self.head(random, Some(indent(&self.lines[head]))) else { return };
                let place = self.block(after).end;
                if self.lines.iter().filter(|line| line.is_empty()).count() > 4 {
                    block.insert(0, String::new());
                }
                self.insert(place, block);
            }
            // A block gone.
            9 => {
                let Some(head) = self.head(random, None) else { return };
                let block = self.block(head);
                if block.len() < self.lines.len() / 3 {
                    self.lines.drain(block);
                }
            }
            // A block moved.
            10 => {
                let Some(head) = self.head(random, None) else { return };
                let depth = indent(&self.lines[head]);
                let from = self.block(head);
                if from.len() > self.lines.len() / 3 {
                    return;
                }
                let mut block: Vec<String> = self.lines.drain(from.clone()).collect();
                if self.lines.get(from.start).is_some_and(|line| line.is_empty()) {
                    self.lines.remove(from.start);
                    block.insert(0, String::new());
                }
                let place = match self.head(random, Some(depth)) {
                    Some(after) => self.block(after).end,
                    None => from.start.min(self.lines.len()),
                };
                self.insert(place, block);
            }
            // A name changed everywhere.
            11 => {
                let at = self.place(random);
                let line = self.lines[at].clone();
                let Some(word) = random.pick(&words(&line)).cloned() else { return };
                let old = line[word].to_owned();
                let mark = self.mark();
                for line in &mut self.lines {
                    let mut new = String::new();
                    let mut from = 0;
                    for word in words(line) {
                        if line[word.clone()] == old {
                            new.push_str(&line[from..word.start]);
                            new.push_str(&mark);
                            from = word.end;
                        }
                    }
                    new.push_str(&line[from..]);
                    *line = new;
                }
            }
            // Indented.
            12 => {
                let at = self.place(random);
                let block = self.block(at);
                let by = *random.pick(&["  ", "    ", "\t"]).unwrap_or(&"  ");
                for line in self.lines[block].iter_mut().filter(|line| !line.is_empty()) {
                    line.insert_str(0, by);
                }
            }
            // Put into a list on one line.
            13 => {
                let lists: Vec<usize> = (0..self.lines.len()).filter(|at| self.lines[*at].contains(", ")).collect();
                let Some(at) = random.pick(&lists).copied() else { return };
                let mark = self.mark();
                let commas: Vec<usize> = self.lines[at].match_indices(", ").map(|(at, _)| at).collect();
                let comma = random.pick(&commas).copied().unwrap_or(0);
                self.lines[at].insert_str(comma, &format!(", {mark}"));
            }
            // Damaged.
            _ => {
                let at = self.place(random);
                match random.below(3) {
                    0 => self.lines[at].push_str(" {{ (("),
                    1 => self.lines[at].insert_str(0, "}} \"' "),
                    _ => drop(self.lines.remove(at)),
                }
            }
        }
    }
}

/// A base, and some versions of it, each with its marks.
#[derive(Debug, Clone)]
pub struct Case {
    pub path: &'static str,
    pub base: Vec<u8>,
    pub versions: Vec<(Vec<u8>, Vec<String>)>,
}

/// A case of its own for each seed.
pub fn case(seed: u64, versions: usize) -> Case {
    let mut random = Random(seed);
    let (path, text) = TEXTS[seed as usize % TEXTS.len()];
    let damage = random.once_in(6);
    let base = if damage { Edited::new(text, "base", true).edit(&mut random, 4).text() } else { text.to_owned() };
    let (crlf, bom, unended) = (random.once_in(8), random.once_in(10), random.once_in(8));
    let shape = |text: &str, random: &mut Random, side: bool| -> Vec<u8> {
        // Now and then a side changes all of it.
        let turned = side && random.once_in(60);
        let mut text = if crlf != turned { text.replace('\n', "\r\n") } else { text.to_owned() };
        if bom {
            text.insert(0, '\u{feff}');
        }
        if unended != (side && random.once_in(20)) {
            text.truncate(text.trim_end().len());
        }
        text.into_bytes()
    };
    let most = 1 + random.below(5);
    let sides = (0..versions)
        .map(|at| {
            let author = format!("q{}", ["a", "b", "c", "d"][at]);
            let edited = Edited::new(&base, &author, damage).edit(&mut random, most);
            let text = shape(&edited.text(), &mut random, true);
            let marks = edited.marks.iter().filter(|mark| count(&text, mark) > 0).cloned().collect();
            (text, marks)
        })
        .collect();
    Case { path, base: shape(&base, &mut random, false), versions: sides }
}

/// How often a word is in a text.
pub fn count(text: &[u8], word: &str) -> usize {
    String::from_utf8_lossy(text).matches(word).count()
}
