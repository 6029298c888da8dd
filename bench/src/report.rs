//! Rows, and how they are shown: an aligned table for people, JSON for programs.

use crate::args::Plan;
use crate::machine::Machine;
use crate::measure::{Contender, Figure, Outcome, interleave};
use serde::Serialize;

/// The schema of the JSON: fields may be added within one, never removed.
pub const SCHEMA: u32 = 1;
/// Ratios closer to one than this are ties.
const TIE: f64 = 1.3;

/// What a row's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Seconds for one operation; fewer are better.
    Seconds,
    /// Bytes; fewer are better.
    Bytes,
    /// Operations a second; more are better.
    PerSecond,
    /// How many; fewer are better.
    Count,
    /// One figure divided by another; fewer are better.
    Ratio,
}

impl Unit {
    /// A value with its unit, three digits of it.
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Seconds if value < 1e-6 => format!("{} ns", digits(value * 1e9)),
            Self::Seconds if value < 1e-3 => format!("{} µs", digits(value * 1e6)),
            Self::Seconds if value < 1.0 => format!("{} ms", digits(value * 1e3)),
            Self::Seconds => format!("{} s", digits(value)),
            Self::Bytes if value.abs() < 1e3 => format!("{value:.0} B"),
            Self::Bytes if value.abs() < 1e6 => format!("{} KB", digits(value / 1e3)),
            Self::Bytes if value.abs() < 1e9 => format!("{} MB", digits(value / 1e6)),
            Self::Bytes => format!("{} GB", digits(value / 1e9)),
            Self::PerSecond => format!("{}/s", digits(value)),
            Self::Count if value.fract().abs() > 0.05 => format!("{value:.1}"),
            Self::Count => format!("{value:.0}"),
            Self::Ratio => format!("{value:.2}"),
        }
    }
}

fn digits(value: f64) -> String {
    match value.abs() {
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// What the design asks for.
#[derive(Debug, Clone, Copy)]
pub enum Limit {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
    /// No slower than the named peer by more than a tie.
    NoSlowerThan(&'static str),
    /// No more than so many times what the named peer takes.
    Times(f64, &'static str),
}

/// A row's target and whether it is met.
#[derive(Debug, Serialize)]
struct Target {
    text: String,
    met: Option<bool>,
}

/// One contender in the report.
#[derive(Debug, Serialize)]
struct Entry {
    name: String,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    figure: Option<Figure>,
    /// Why there is no figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<String>,
    /// How many times better Acetate is; for peers.
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tie: Option<bool>,
}

impl Entry {
    fn new(name: String, outcome: Outcome) -> Self {
        let (figure, missing) = match outcome {
            Ok(figure) => (Some(figure), None),
            Err(why) => (None, Some(why)),
        };
        Self { name, figure, missing, ratio: None, tie: None }
    }
}

/// One row: a job, Acetate's figure first, then the peers'.
#[derive(Debug, Serialize)]
pub struct Row {
    group: &'static str,
    name: String,
    input: String,
    /// Warm or cold, durable or not.
    state: String,
    unit: Unit,
    target: Option<Target>,
    entries: Vec<Entry>,
    notes: Vec<String>,
    #[serde(skip)]
    limit: Option<Limit>,
}

impl Row {
    /// A row without figures yet.
    pub fn new(group: &'static str, name: impl Into<String>, input: impl Into<String>, state: impl Into<String>, unit: Unit) -> Self {
        let (name, input, state) = (name.into(), input.into(), state.into());
        Self { group, name, input, state, unit, target: None, entries: Vec::new(), notes: Vec::new(), limit: None }
    }

    /// What the design asks for.
    pub fn target(mut self, limit: Limit) -> Self {
        let text = match limit {
            Limit::AtMost(most) => format!("≤ {}", self.unit.show(most)),
            Limit::AtLeast(least) => format!("≥ {}", self.unit.show(least)),
            Limit::NoSlowerThan(peer) => format!("no slower than {peer}"),
            Limit::Times(most, peer) => format!("≤ {most} × {peer}"),
        };
        self.target = Some(Target { text, met: None });
        self.limit = Some(limit);
        self
    }

    /// Something a reader should know.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// A contender that can't run here, and why.
    pub fn missing(mut self, name: impl Into<String>, why: impl Into<String>) -> Self {
        self.entries.push(Entry::new(name.into(), Err(why.into())));
        self.judge();
        self
    }

    /// A contender's figure from elsewhere. Acetate's comes first.
    pub fn with(mut self, name: impl Into<String>, outcome: Outcome) -> Self {
        self.entries.push(Entry::new(name.into(), outcome));
        self.judge();
        self
    }

    /// Lets contenders take turns, Acetate first.
    pub fn measure(mut self, rounds: usize, mut contenders: Vec<Contender<'_>>) -> Self {
        let outcomes = interleave(rounds, &mut contenders);
        let entries = contenders.into_iter().zip(outcomes).map(|(contender, outcome)| Entry::new(contender.name, outcome));
        self.entries.extend(entries);
        self.judge();
        self
    }

    /// Acetate's median, if there is one.
    pub fn acetate(&self) -> Option<f64> {
        self.entries.first().and_then(|entry| entry.figure.as_ref()).map(|figure| figure.median)
    }

    /// Works out ratios and whether the target is met.
    fn judge(&mut self) {
        let Some(own) = self.acetate() else { return };
        for entry in self.entries.iter_mut().skip(1) {
            let Some(figure) = &entry.figure else { continue };
            let ratio = if self.unit == Unit::PerSecond { own / figure.median } else { figure.median / own };
            if ratio.is_finite() {
                entry.ratio = Some(ratio);
                entry.tie = Some(ratio < TIE && ratio > 1.0 / TIE);
            }
        }
        let met = match self.limit {
            Some(Limit::AtMost(most)) => Some(own <= most),
            Some(Limit::AtLeast(least)) => Some(own >= least),
            Some(Limit::NoSlowerThan(peer)) => {
                let peer = self.entries.iter().find(|entry| entry.name.starts_with(peer));
                peer.and_then(|entry| entry.ratio).map(|ratio| ratio > 1.0 / TIE)
            }
            Some(Limit::Times(most, peer)) => {
                let peer = self.entries.iter().find(|entry| entry.name.starts_with(peer));
                peer.and_then(|entry| entry.ratio).map(|ratio| ratio * most >= 1.0)
            }
            None => None,
        };
        if let Some(target) = &mut self.target {
            target.met = met;
        }
    }

    fn lines(&self) -> Vec<[String; 6]> {
        let line = |(index, entry): (usize, &Entry)| {
            let name = format!("    {}", entry.name);
            let Some(figure) = &entry.figure else {
                return [name, "–".to_owned(), String::new(), String::new(), String::new(), entry.missing.clone().unwrap_or_default()];
            };
            let cpu = figure.cpu.map(|cpu| format!("cpu {}", Unit::Seconds.show(cpu))).unwrap_or_default();
            let span = format!("{} – {}", self.unit.show(figure.low), self.unit.show(figure.high));
            let verdict = match (&self.target, entry.ratio) {
                (Some(target), _) if index == 0 => {
                    let met = target.met.map_or("can't be judged", |met| if met { "met" } else { "NOT MET" });
                    format!("target {}: {met}", target.text)
                }
                (_, Some(ratio)) if entry.tie == Some(true) => format!("{ratio:.2}× (a tie)"),
                (_, Some(ratio)) => format!("{}×", digits(ratio)),
                _ => String::new(),
            };
            [name, self.unit.show(figure.median), cpu, span, format!("n={}", figure.rounds), verdict]
        };
        self.entries.iter().enumerate().map(line).collect()
    }
}

/// All rows of a run.
#[derive(Debug, Serialize)]
pub struct Report {
    schema: u32,
    machine: Machine,
    plan: Plan,
    inputs: Vec<String>,
    rows: Vec<Row>,
    /// Groups that could not be measured, and why.
    failures: Vec<String>,
}

impl Report {
    /// A report without rows yet.
    pub fn new(machine: Machine, plan: Plan) -> Self {
        Self { schema: SCHEMA, machine, plan, inputs: Vec::new(), rows: Vec::new(), failures: Vec::new() }
    }

    /// Names an input.
    pub fn input(&mut self, text: String) {
        self.inputs.push(text);
    }

    /// Adds a row and shows it at once.
    pub fn add(&mut self, row: Row) {
        eprint!("{}", table(std::slice::from_ref(&row)));
        self.rows.push(row);
    }

    /// Adds a group's failure.
    pub fn fail(&mut self, text: String) {
        eprintln!("  failed: {text}");
        self.failures.push(text);
    }

    /// Whether every group could be measured, Acetate's side of every row included.
    pub fn complete(&self) -> bool {
        self.failures.is_empty() && self.rows.iter().all(|row| row.acetate().is_some())
    }

    /// Everything, as people read it.
    pub fn table(&self) -> String {
        let machine = &self.machine;
        let mut out = format!(
            "Acetate beside its peers. Times are medians of {} rounds taken in turns; × says how many times better Acetate is, under {TIE} is a tie.\n",
            self.plan.rounds
        );
        out.push_str(&format!(
            "{} cores ({}), {} of memory, Linux {}, {}, {}{}\n",
            machine.cores,
            machine.processor,
            Unit::Bytes.show(machine.memory_bytes as f64),
            machine.kernel,
            machine.file_system,
            machine.git,
            machine.date.as_ref().map(|date| format!(", {date}")).unwrap_or_default()
        ));
        for input in &self.inputs {
            out.push_str(&format!("input: {input}\n"));
        }
        for warning in machine.warnings() {
            out.push_str(&format!("note: {warning}\n"));
        }
        if self.plan.quick {
            out.push_str("note: --quick is to see that everything runs; its numbers are not to be quoted\n");
        }
        out.push_str(&table(&self.rows));
        let targets = self.rows.iter().filter_map(|row| row.target.as_ref());
        let (mut met, mut missed, mut open) = (0, 0, 0);
        for target in targets {
            *match target.met {
                Some(true) => &mut met,
                Some(false) => &mut missed,
                None => &mut open,
            } += 1;
        }
        out.push_str(&format!("\ntargets: {met} met, {missed} not met, {open} that can't be judged\n"));
        for failure in &self.failures {
            out.push_str(&format!("failed: {failure}\n"));
        }
        out
    }
}

/// Rows with aligned columns.
fn table(rows: &[Row]) -> String {
    let lines: Vec<Vec<[String; 6]>> = rows.iter().map(Row::lines).collect();
    let width = |column: usize| lines.iter().flatten().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..5).map(width).collect();
    let mut out = String::new();
    for (row, lines) in rows.iter().zip(&lines) {
        out.push_str(&format!("\n{}: {} · {} · {}\n", row.group, row.name, row.input, row.state));
        for [name, value, cpu, span, rounds, verdict] in lines {
            let [first, second, third, fourth, fifth] = widths[..] else { continue };
            let line = format!("{name:first$}  {value:>second$}  {cpu:third$}  {span:fourth$}  {rounds:fifth$}  {verdict}");
            out.push_str(line.trim_end());
            out.push('\n');
        }
        for note in &row.notes {
            out.push_str(&format!("      {note}\n"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Sample;

    fn figure(value: f64) -> Outcome {
        Figure::of(&[Sample::of(value)]).ok_or_else(String::new)
    }

    fn check(unit: Unit, limit: Limit, own: f64, peer: f64, met: Option<bool>, ratio: &str) {
        let row = Row::new("open", "x", "y", "z", unit).target(limit).with("Acetate", figure(own)).with("peer", figure(peer));
        assert_eq!(row.target.as_ref().and_then(|target| target.met), met, "{limit:?}");
        let lines = row.lines();
        assert_eq!(lines[1][5], ratio, "{limit:?}");
    }

    #[test]
    fn rows_are_judged() {
        check(Unit::Seconds, Limit::AtMost(2e-3), 1e-3, 5e-3, Some(true), "5.00×");
        check(Unit::Seconds, Limit::AtMost(2e-3), 3e-3, 3e-3, Some(false), "1.00× (a tie)");
        check(Unit::PerSecond, Limit::AtLeast(100.0), 200.0, 50.0, Some(true), "4.00×");
        check(Unit::Seconds, Limit::NoSlowerThan("peer"), 1.2, 1.0, Some(true), "0.83× (a tie)");
        check(Unit::Seconds, Limit::NoSlowerThan("peer"), 1.5, 1.0, Some(false), "0.67×");
        check(Unit::Seconds, Limit::NoSlowerThan("nobody"), 1.5, 1.0, None, "0.67×");
    }

    #[test]
    fn values_show_three_digits() {
        for (unit, value, expect) in [
            (Unit::Seconds, 6.1e-6, "6.10 µs"),
            (Unit::Seconds, 0.0423, "42.3 ms"),
            (Unit::Seconds, 8.1, "8.10 s"),
            (Unit::Bytes, 150_000.0, "150 KB"),
            (Unit::PerSecond, 240.0, "240/s"),
            (Unit::Count, 362.0, "362"),
        ] {
            assert_eq!(unit.show(value), expect);
        }
    }
}
