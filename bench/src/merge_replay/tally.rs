//! Outcomes of many cases, summed up.

use super::case::Verdict;
use super::clock::Took;
use super::judge::Class;
use super::measure::{Judged, Run};
use acetate_syntax::Language;
use serde::Serialize;
use std::collections::BTreeMap;

/// Which cases a tally is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All.
    All,
    /// Those that Git leaves in conflict.
    GitConflict,
    /// Those that Git merges.
    GitClean,
}

/// What a tool came to in many cases. Numbers are of files.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Tally {
    /// How many.
    pub files: usize,
    /// How many of each class.
    pub classes: BTreeMap<Class, usize>,
    /// Lines lost.
    pub lost: usize,
    /// Lines of both sides made one.
    pub composed: usize,
    /// Lines there less often than the changes add up to.
    pub fewer: usize,
    /// Lines there more often than the changes add up to.
    pub more: usize,
    /// Where Git is clean: the same bytes.
    pub as_git: usize,
    /// Where Git is clean: a conflict.
    pub held_back: usize,
    /// Where Git is clean: clean, with other bytes.
    pub not_as_git: usize,
    /// Swapping the sides changes something.
    pub sides_matter: usize,
    /// Conflicts in which everything has a proposal.
    pub proposals: usize,
    /// Those whose proposal is the people's result.
    pub proposals_equal: usize,
    /// Milliseconds a file.
    pub times: Spread,
    /// Milliseconds a file with the base's tables known.
    pub cached: Option<Spread>,
    /// Milliseconds to parse a base alone.
    pub base: Option<Spread>,
    #[serde(skip)]
    all: Vec<Took>,
    #[serde(skip)]
    all_cached: Vec<Took>,
    #[serde(skip)]
    all_base: Vec<Took>,
}

/// How wall times and processor times are spread.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Spread {
    /// Wall time.
    pub wall: Times,
    /// Processor time.
    pub processor: Times,
}

impl Spread {
    fn of(took: &[Took]) -> Option<Self> {
        let times = |of: fn(&Took) -> f64| Times::of(&mut took.iter().map(of).collect::<Vec<f64>>());
        Some(Self { wall: times(|took| took.wall)?, processor: times(|took| took.processor)? })
    }
}

/// How times are spread, in milliseconds.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Times {
    /// Half take no longer.
    pub median: f64,
    /// 95 of 100 take no longer.
    pub p95: f64,
    /// 99 of 100 take no longer.
    pub p99: f64,
    /// None takes longer.
    pub max: f64,
}

impl Times {
    fn of(values: &mut [f64]) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let at = |percent: usize| values.get((values.len() * percent / 100).min(values.len().saturating_sub(1))).copied();
        Some(Self { median: at(50)?, p95: at(95)?, p99: at(99)?, max: at(100)? })
    }
}

impl Tally {
    /// How many of a class.
    pub fn of(&self, class: Class) -> usize {
        self.classes.get(&class).copied().unwrap_or_default()
    }

    fn add(&mut self, git: Verdict, judged: &Judged) {
        self.files += 1;
        *self.classes.entry(judged.class).or_default() += 1;
        self.lost += usize::from(!judged.lines.lost.is_empty());
        self.composed += usize::from(judged.lines.composed > 0);
        self.fewer += usize::from(judged.lines.fewer > 0);
        self.more += usize::from(judged.lines.more > 0);
        if git == Verdict::Clean {
            self.as_git += usize::from(judged.as_git);
            let clean = judged.class < Class::ConflictOneSide;
            self.not_as_git += usize::from(clean && !judged.as_git);
            self.held_back += usize::from(!clean);
        }
        self.all.push(judged.outcome.took);
        if let Some(own) = judged.own {
            self.sides_matter += usize::from(own.sides_matter);
            self.proposals += usize::from(own.proposal);
            self.proposals_equal += usize::from(own.proposal_equal);
            self.all_cached.extend(own.cached);
            self.all_base.extend(own.base);
        }
    }
}

/// Tallies by scope, language (none for all of them) and tool, each in the order of its first case.
#[derive(Debug, Default)]
pub struct Tallies(BTreeMap<(Scope, Option<Language>), ByTool>);

type ByTool = Vec<(&'static str, Tally)>;

impl Tallies {
    /// Adds a case.
    pub fn add(&mut self, language: Language, run: &Run) {
        let scope = if run.git == Verdict::Clean { Scope::GitClean } else { Scope::GitConflict };
        for key in [(Scope::All, None), (Scope::All, Some(language)), (scope, None), (scope, Some(language))] {
            let tools = self.0.entry(key).or_default();
            for judged in &run.judged {
                let at = tools.iter().position(|(tool, _)| *tool == judged.tool).unwrap_or_else(|| {
                    tools.push((judged.tool, Tally::default()));
                    tools.len() - 1
                });
                tools[at].1.add(run.git, judged);
            }
        }
    }

    /// The tallies with their times summed up.
    pub fn finish(mut self) -> Vec<Row> {
        for (_, tally) in self.0.values_mut().flatten() {
            tally.times = Spread::of(&tally.all).unwrap_or_default();
            tally.cached = Spread::of(&tally.all_cached);
            tally.base = Spread::of(&tally.all_base);
        }
        let rows = self.0.into_iter().flat_map(|((scope, language), tools)| {
            tools.into_iter().map(move |(tool, tally)| Row { scope, language: language.map(Language::as_str), tool, tally })
        });
        rows.collect()
    }
}

/// A tool's tally of one scope and one language (none for all of them).
#[derive(Debug, Serialize)]
pub struct Row {
    /// Which cases.
    pub scope: Scope,
    /// Of which language.
    pub language: Option<&'static str>,
    /// Which tool.
    pub tool: &'static str,
    /// What it came to.
    pub tally: Tally,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_spread_from_half_to_all() {
        let mut values: Vec<f64> = (0..200).rev().map(f64::from).collect();
        let times = Times::of(&mut values).expect("times");
        assert_eq!((times.median, times.p95, times.p99, times.max), (100.0, 190.0, 198.0, 199.0));
        assert!(Times::of(&mut []).is_none());
    }
}
