//! Who edits what, decided before anybody starts: the same files and the same number of agents give the same plan.
//!
//! Edits of several agents in one file are kept apart by whole regions, so that they merge; a few pairs are sent to the same line on
//! purpose, so that they don't.

use super::comments::Comment;
use acetate_types::RepoPath;

/// Lines that a region has at least: an edit in its first half and room to the next region's.
const REGION: usize = 10;
/// Lines between two headings that are used, at least.
const APART: usize = 4;
/// Shared files that each agent edits, where there are enough.
const SHARED_EACH: usize = 2;
/// Most shared files.
const SHARED: usize = 8;
/// Every so many agents, one renames a file.
const RENAME_EVERY: usize = 5;
/// Pairs that meet in one line.
const PAIRS: usize = 2;

/// A replacement of a text that occurs once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// The file.
    pub path: RepoPath,
    /// The text to replace.
    pub old: String,
    /// The text to put there.
    pub new: String,
}

/// A line that two agents change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duel {
    /// The file.
    pub path: RepoPath,
    /// The line as it was; `None` where both add the file.
    pub line: Option<String>,
    /// What this agent puts behind the line, or into the new file.
    pub mine: String,
    /// Whether the loser keeps both texts; else its own.
    pub keep_both: bool,
}

/// What one agent does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentPlan {
    /// Its name.
    pub name: String,
    /// What it says it is doing.
    pub intent: String,
    /// Its edits in shared files.
    pub edits: Vec<TextEdit>,
    /// A file of its own, with its text.
    pub file: (RepoPath, String),
    /// A move.
    pub rename: Option<(RepoPath, RepoPath)>,
    /// A line it fights for.
    pub duel: Option<Duel>,
}

/// A text file to work on.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its path.
    pub path: RepoPath,
    /// Its text.
    pub text: String,
}

/// The plan for so many agents. `taken` tells whether a path, or something below it, exists already.
pub fn plan(sources: &[Source], agents: usize, taken: &dyn Fn(&[u8]) -> bool) -> Vec<AgentPlan> {
    let folder = free_folder(taken);
    let mut sources = sources.iter();
    let pairs = PAIRS.min(agents / 2);
    let duels: Vec<Option<&Source>> =
        (0..pairs).map(|_| sources.by_ref().find(|source| anchor(&source.text, 0, usize::MAX).is_some())).collect();
    let mut rest: Vec<&Source> = sources.collect();
    // Files of many functions first: there agents can be in different ones.
    rest.sort_by_key(|source| std::cmp::Reverse(headings(&source.text).len().min(agents)));
    let shared = rest.get(..rest.len().min(SHARED)).unwrap_or_default();
    let mut spare = rest.iter().skip(shared.len());
    let slots = slots(shared, agents);
    (0..agents)
        .filter_map(|number| {
            let name = format!("agent-{:02}", number + 1);
            let file = RepoPath::new(format!("{folder}/{name}.md")).ok()?;
            let text = format!("# {name}\n\nThis file was added by one of {agents} agents that worked at the same time.\n");
            let rename =
                (number % RENAME_EVERY == RENAME_EVERY - 1).then(|| spare.find_map(|source| moved(source, &name, taken))).flatten();
            let duel = duels.get(number / 2).and_then(|source| duel(*source, &folder, number, &name));
            let edits: Vec<TextEdit> = slots
                .iter()
                .filter(|slot| slot.agent == number)
                .filter_map(|slot| insertion(shared.get(slot.file)?, slot, &name))
                .collect();
            let intent = intent(number, &edits, duel.as_ref(), rename.is_some());
            Some(AgentPlan { name, intent, edits, file: (file, text), rename, duel })
        })
        .collect()
}

fn intent(number: usize, edits: &[TextEdit], duel: Option<&Duel>, rename: bool) -> String {
    let words = ["Explain", "Annotate", "Document", "Review", "Clarify"];
    let word = words.get(number % words.len()).copied().unwrap_or("Explain");
    let name = |path: &RepoPath| String::from_utf8_lossy(path.file_name()).into_owned();
    match (edits.first(), duel) {
        (_, Some(duel)) => format!("{word} {}, with a rival", name(&duel.path)),
        (Some(edit), None) if rename => format!("{word} {} and rename a file", name(&edit.path)),
        (Some(edit), None) => format!("{word} {}", name(&edit.path)),
        (None, None) => "Add notes".to_owned(),
    }
}

/// A folder that does not exist yet.
fn free_folder(taken: &dyn Fn(&[u8]) -> bool) -> String {
    let names = std::iter::once("acetate-demo".to_owned()).chain((2..).map(|number| format!("acetate-demo-{number}")));
    names.into_iter().find(|name| !taken(name.as_bytes())).unwrap_or_else(|| "acetate-demo".to_owned())
}

struct Slot {
    agent: usize,
    file: usize,
    /// The region among those of its file, and how many there are.
    region: usize,
    regions: usize,
}

/// Gives each agent regions of different files, as far as the files have lines for them.
fn slots(shared: &[&Source], agents: usize) -> Vec<Slot> {
    let capacity: Vec<usize> = shared.iter().map(|source| places(&source.text).len()).collect();
    let mut used = vec![0_usize; shared.len()];
    let mut slots = Vec::new();
    for turn in 0..SHARED_EACH {
        for agent in 0..agents {
            for step in 0..shared.len() {
                let file = (agent + turn + step) % shared.len();
                let has = slots.iter().any(|slot: &Slot| slot.agent == agent && slot.file == file);
                if let (Some(used), Some(capacity), false) = (used.get_mut(file), capacity.get(file), has)
                    && *used < *capacity
                {
                    slots.push(Slot { agent, file, region: *used, regions: 0 });
                    *used += 1;
                    break;
                }
            }
        }
    }
    for slot in &mut slots {
        slot.regions = used.get(slot.file).copied().unwrap_or(1).max(1);
    }
    slots
}

/// A line of these (counted from 0, the last one excluded) whose text occurs once in the whole file.
fn anchor(text: &str, from: usize, to: usize) -> Option<&str> {
    text.lines().take(to).skip(from).map(|line| line.trim_end_matches('\r')).find(|line| {
        // A line that goes on with a backslash would swallow a comment behind it.
        let plain = line.trim().len() >= 6 && line.len() <= 300 && !line.ends_with('\\');
        plain && text.find(line) == text.rfind(line)
    })
}

/// Lines that begin something of their own, as functions do: at the left edge, behind a blank line, some lines apart. Agents that put a
/// comment above different ones are in different symbols.
fn headings(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().map(|line| line.trim_end_matches('\r')).collect();
    let edge = |line: &str| line.starts_with(|first: char| first.is_alphabetic() || matches!(first, '/' | '#' | '@'));
    let mut last = 0;
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate().skip(1) {
        let fresh = lines.get(at - 1).is_some_and(|before| before.trim().is_empty());
        if fresh && edge(line) && at - last >= APART && anchor(line, 0, 1).is_some() && text.find(line) == text.rfind(line) {
            found.push(*line);
            last = at;
        }
    }
    found
}

/// The lines above which agents may write without meeting: headings, where there are some, else one in the first half of each region.
fn places(text: &str) -> Vec<&str> {
    let headings = headings(text);
    if headings.len() >= 3 {
        return headings;
    }
    (0..text.lines().count() / REGION).filter_map(|region| anchor(text, region * REGION, region * REGION + REGION / 2)).collect()
}

fn insertion(source: &Source, slot: &Slot, name: &str) -> Option<TextEdit> {
    let comment = Comment::of(source.path.as_bytes())?;
    let places = places(&source.text);
    let old = *places.get(slot.region * places.len() / slot.regions)?;
    let indent: String = old.chars().take_while(|char| matches!(char, ' ' | '\t')).collect();
    let end = if source.text.contains("\r\n") { "\r\n" } else { "\n" };
    // The anchor may begin in the middle of nowhere else: it is a whole line, so the comment goes before it on a line of its own.
    let new = format!("{indent}{}{end}{old}", comment.around(&format!("{name} was here.")));
    Some(TextEdit { path: source.path.clone(), old: old.to_owned(), new })
}

fn duel(source: Option<&Source>, folder: &str, number: usize, name: &str) -> Option<Duel> {
    let keep_both = number / 2 % 2 == 1;
    let found = source.and_then(|source| {
        let comment = Comment::of(source.path.as_bytes())?;
        let middle = source.text.lines().count() / 2;
        let line = anchor(&source.text, middle, usize::MAX).or_else(|| anchor(&source.text, 0, usize::MAX))?;
        let mine = format!(" {}", comment.around(&format!("{name} says so.")));
        Some(Duel { path: source.path.clone(), line: Some(line.to_owned()), mine, keep_both })
    });
    found.or_else(|| {
        let path = RepoPath::new(format!("{folder}/decision-{}.md", number / 2 + 1)).ok()?;
        Some(Duel { path, line: None, mine: format!("{name} says so.\n"), keep_both })
    })
}

fn moved(source: &Source, name: &str, taken: &dyn Fn(&[u8]) -> bool) -> Option<(RepoPath, RepoPath)> {
    let bytes = source.path.as_bytes();
    let dot = bytes.iter().rposition(|byte| *byte == b'.')?;
    let (stem, extension) = bytes.split_at(dot);
    let to = [stem, b"_by_", name.replace('-', "_").as_bytes(), extension].concat();
    if taken(&to) {
        return None;
    }
    Some((source.path.clone(), RepoPath::new(to).ok()?))
}

impl Duel {
    /// The text of the whole file with this agent's words, given the file as it is.
    pub fn join(&self, text: &str) -> Option<String> {
        match &self.line {
            None => Some(format!("{text}{}", self.mine)),
            Some(line) => {
                let at = text.find(line.as_str())? + line.len();
                let rest = text.get(at..)?;
                let end = at + rest.find(['\r', '\n']).unwrap_or(rest.len());
                Some(format!("{}{}{}", text.get(..end)?, self.mine, text.get(end..)?))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn sources(files: usize, lines: usize) -> Vec<Source> {
        (0..files)
            .map(|file| Source {
                path: RepoPath::new(format!("src/file{file}.rs")).expect("a path"),
                text: (0..lines).map(|line| format!("    let value_{line}_of_{file} = {line};\n")).collect(),
            })
            .collect()
    }

    fn check(files: usize, lines: usize, agents: usize) -> Vec<AgentPlan> {
        let sources = sources(files, lines);
        let plans = plan(&sources, agents, &|path| sources.iter().any(|source| source.path.as_bytes() == path));
        assert_eq!(plans.len(), agents);
        let mut touched: BTreeMap<RepoPath, Vec<usize>> = BTreeMap::new();
        let mut made = BTreeSet::new();
        for plan in &plans {
            assert!(made.insert(plan.file.0.clone()), "each adds a file of its own");
            for edit in &plan.edits {
                let text = &sources.iter().find(|source| source.path == edit.path).expect("a source").text;
                assert_eq!(text.matches(&edit.old).count(), 1);
                assert!(edit.new.ends_with(&edit.old) && edit.new.lines().count() == 2);
                let line = text.lines().position(|line| line == edit.old).expect("a whole line");
                touched.entry(edit.path.clone()).or_default().push(line);
            }
        }
        for (path, lines) in &mut touched {
            lines.sort_unstable();
            assert!(lines.windows(2).all(|pair| pair[1] - pair[0] >= 4), "{path:?}: {lines:?}");
            let elsewhere = |plan: &AgentPlan| {
                plan.duel.as_ref().is_some_and(|duel| duel.path == *path) || plan.rename.as_ref().is_some_and(|(from, _)| from == path)
            };
            assert!(!plans.iter().any(elsewhere), "shared files are neither fought for nor moved");
        }
        plans
    }

    #[test]
    fn edits_that_shall_merge_are_apart_and_pairs_meet() {
        let plans = check(30, 200, 20);
        assert!(plans.iter().all(|plan| plan.edits.len() == SHARED_EACH));
        assert_eq!(plans.iter().filter(|plan| plan.rename.is_some()).count(), 4);
        let fights: Vec<&Duel> = plans.iter().filter_map(|plan| plan.duel.as_ref()).collect();
        assert_eq!(fights.len(), 4);
        for pair in fights.chunks(2) {
            assert_eq!((&pair[0].path, &pair[0].line), (&pair[1].path, &pair[1].line));
            assert_ne!(pair[0].mine, pair[1].mine);
        }
        assert_eq!(check(30, 200, 20), plans, "the same again");
    }

    #[test]
    fn what_begins_something_of_its_own_is_preferred() {
        let text = "use a;\nuse b;\nuse c;\n\nfn one() {\n    one();\n}\n\n/// Two.\nfn two() {\n\n    two();\n}\n\nfn three() {}\n";
        assert_eq!(places(text), ["fn one() {", "/// Two.", "fn three() {}"]);
        assert!(places(&text[..40]).is_empty());
    }

    #[test]
    fn small_repositories_get_smaller_plans() {
        for (files, lines, agents) in [(0, 0, 20), (1, 1, 3), (3, 12, 20), (2, 5000, 50), (40, 9, 7), (5, 30, 1)] {
            check(files, lines, agents);
        }
        let without = check(0, 0, 4);
        assert!(without.iter().all(|plan| plan.duel.as_ref().is_some_and(|duel| duel.line.is_none())));
    }

    #[test]
    fn both_texts_of_a_duel_can_stay() {
        let duel = |line: Option<&str>, mine: &str| Duel {
            path: RepoPath::new("a.rs").expect("a path"),
            line: line.map(str::to_owned),
            mine: mine.into(),
            keep_both: true,
        };
        let one = duel(Some("let x = 1;"), " // one").join("a\nlet x = 1;\r\nb\n").expect("joined");
        assert_eq!(one, "a\nlet x = 1; // one\r\nb\n");
        assert_eq!(duel(Some("let x = 1;"), " // two").join(&one).as_deref(), Some("a\nlet x = 1; // one // two\r\nb\n"));
        assert_eq!(duel(None, "two\n").join("one\n").as_deref(), Some("one\ntwo\n"));
        assert_eq!(duel(Some("gone"), "x").join("a\n"), None);
    }
}
