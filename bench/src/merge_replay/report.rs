//! The report: tables for people, JSON for programs.

use super::judge::Class;
use super::tally::{Row, Scope, Spread, Tally};
use serde::Serialize;
use std::fmt::Write as _;

/// Everything that is reported.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The schema of this JSON.
    pub schema: u32,
    /// The date, as given.
    pub date: Option<String>,
    /// The tools, with versions and policies.
    pub tools: Vec<String>,
    /// What a reader has to know before believing it.
    pub notes: Vec<String>,
    /// The tallies.
    pub rows: Vec<Row>,
}

impl Report {
    /// As tables.
    pub fn table(&self) -> String {
        let mut text = format!("{}\n", self.tools.join(" · "));
        for note in &self.notes {
            let _ = writeln!(text, "note: {note}");
        }
        for (scope, title) in
            [(Scope::GitConflict, "files that Git leaves in conflict, % of files"), (Scope::GitClean, "files that Git merges, % of files")]
        {
            let rows: Vec<&Row> = self.rows.iter().filter(|row| row.scope == scope).collect();
            if rows.is_empty() {
                continue;
            }
            let head = ["equal", "space", "order", "1 side", "new", "unexpl", "c 1side", "c recomb", "c new", "failed"];
            let _ = write!(text, "\n{title}\n{:<12}{:<10}{:>6}", "", "", "files");
            text.extend(head.iter().map(|head| format!("{head:>9}")));
            let tail: &[&str] = match scope {
                Scope::GitClean => &["as git", "held", "differs"],
                _ => &["lost", "fewer", "more", "swap"],
            };
            text.extend(tail.iter().map(|head| format!("{head:>8}")));
            text.push('\n');
            for row in rows {
                line(&mut text, row, scope);
            }
        }
        let _ = writeln!(
            text,
            "\nmilliseconds a file\n{:<14}{:<20}{:>9}{:>9}{:>9}{:>9}   processor: median{:>9}",
            "", "", "median", "95 %", "99 %", "max", "95 %"
        );
        for row in self.rows.iter().filter(|row| row.language.is_none()) {
            let scope = match row.scope {
                Scope::All => "all",
                Scope::GitConflict => "git conflict",
                Scope::GitClean => "git clean",
            };
            times(&mut text, scope, row.tool, row.tally.times);
            if let Some(cached) = row.tally.cached {
                times(&mut text, scope, &format!("{}, base known", row.tool), cached);
            }
            if let Some(base) = row.tally.base {
                times(&mut text, scope, "parsing the base", base);
            }
        }
        for row in self.rows.iter().filter(|row| row.language.is_none() && row.tool == "acetate") {
            room(&mut text, row);
        }
        text
    }
}

fn line(text: &mut String, row: &Row, scope: Scope) {
    let Tally { files, lost, fewer, more, sides_matter, as_git, held_back, not_as_git, .. } = row.tally;
    let language = row.language.unwrap_or("all");
    let _ = write!(text, "{language:<12}{:<10}{files:>6}", row.tool);
    let of = |class| row.tally.of(class);
    let shares = [
        of(Class::Equal),
        of(Class::EqualButSpace),
        of(Class::OtherOrder),
        of(Class::CleanOneSide),
        of(Class::CleanNewLines),
        of(Class::Unexplained),
        of(Class::ConflictOneSide),
        of(Class::ConflictRecombined),
        of(Class::ConflictNewLines),
        of(Class::Failed) + of(Class::TimedOut),
    ];
    text.extend(shares.iter().map(|count| format!("{:>9.1}", 100.0 * *count as f64 / files.max(1) as f64)));
    let counts: &[usize] = match scope {
        Scope::GitClean => &[as_git, held_back, not_as_git],
        _ => &[lost, fewer, more, sides_matter],
    };
    text.extend(counts.iter().map(|count| format!("{count:>8}")));
    text.push('\n');
}

fn times(text: &mut String, scope: &str, tool: &str, spread: Spread) {
    let (wall, processor) = (spread.wall, spread.processor);
    let _ = writeln!(
        text,
        "{scope:<14}{tool:<20}{:>9.2}{:>9.2}{:>9.2}{:>9.1}{:>20.2}{:>9.2}",
        wall.median, wall.p95, wall.p99, wall.max, processor.median, processor.p95
    );
}

/// What is left to gain, in words.
fn room(text: &mut String, row: &Row) {
    let tally = &row.tally;
    let [one_side, recombined, new] =
        [Class::ConflictOneSide, Class::ConflictRecombined, Class::ConflictNewLines].map(|class| tally.of(class));
    let of = match row.scope {
        Scope::All => return,
        Scope::GitConflict => "Git leaves in conflict",
        Scope::GitClean => "Git merges",
    };
    let _ = writeln!(
        text,
        "\nacetate, of the {} files that {of}: {} are left in conflict; the people took one side in {one_side}, only combined lines that were there in \
         {recombined} (the room that is left), wrote new lines in {new}. {} have a proposal for everything, {} of these are the people's result. \
         {} files have lines made of both sides', {} have lines lost, {} depend on the side.",
        tally.files,
        one_side + recombined + new,
        tally.proposals,
        tally.proposals_equal,
        tally.composed,
        tally.lost,
        tally.sides_matter,
    );
}
