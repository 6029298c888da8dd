//! What came of a demo, for people and for programs.

use super::agent::{Settled, Work};
use super::proof::Proof;
use super::stage::Stage;
use super::timings::{Summary, Timings};
use crate::client::Failure;
use crate::output::{BOLD, DIM, GREEN, Output, RED, Table, line, paint, path};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// The whole of it.
#[derive(Debug, Serialize)]
pub struct Report {
    branch: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<String>,
    agents: usize,
    sessions: usize,
    edits: usize,
    landed: Vec<u64>,
    conflicts: Vec<Settled>,
    failures: Vec<(String, String)>,
    elapsed_ms: u64,
    timings: BTreeMap<&'static str, Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    git: Option<Proof>,
    agrees: bool,
}

impl Report {
    /// Sums up.
    pub fn new(stage: &Stage, names: &[&str], works: Vec<Work>, elapsed: Duration, proof: Option<Proof>) -> Self {
        let mut timings = Timings::default();
        let (mut sessions, mut edits) = (0, 0);
        let (mut landed, mut conflicts, mut failures) = (Vec::new(), Vec::new(), Vec::new());
        for (work, name) in works.into_iter().zip(names) {
            sessions += usize::from(work.session.is_some());
            edits += work.edits;
            landed.extend(work.version);
            conflicts.extend(work.settled);
            if let Some(Failure::Problem(problem)) = work.failure {
                failures.push(((*name).to_owned(), problem.message));
            }
            timings.add(work.timings);
        }
        landed.sort_unstable();
        let agrees = proof.as_ref().is_some_and(|proof| proof.fsck && proof.commits == landed.len() as u64);
        Self {
            branch: stage.branch.clone(),
            kept: stage.kept.as_ref().map(|dir| dir.to_string_lossy().into_owned()),
            agents: names.len(),
            sessions,
            edits,
            landed,
            conflicts,
            failures,
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            timings: timings.summaries().into(),
            git: proof,
            agrees,
        }
    }

    /// Whether everybody landed and git agrees.
    pub fn good(&self) -> bool {
        self.agrees && self.failures.is_empty() && self.landed.len() == self.agents
    }

    /// Prints it.
    pub fn show(&self, out: &mut Output) -> Result<(), Failure> {
        if out.json() {
            return out.document(self);
        }
        let span = match (self.landed.first(), self.landed.last()) {
            (Some(first), Some(last)) if first != last => format!(" as v{first} to v{last}"),
            (Some(only), _) => format!(" as v{only}"),
            _ => String::new(),
        };
        let landed = paint(if self.landed.len() == self.agents { GREEN } else { RED }, format_args!("{} landed{span}", self.landed.len()));
        out.line(format_args!(
            "{} agents at once: {} sessions, {} edits, {landed}, {} conflicts, {}",
            self.agents,
            self.sessions,
            self.edits,
            self.conflicts.len(),
            micros(self.elapsed_ms * 1000)
        ))?;
        for one in &self.conflicts {
            let rival = one.rival.as_deref().map(|rival| format!(" met {}", line(rival))).unwrap_or_else(|| " met the head".to_owned());
            let at = one.symbol.as_deref().map_or_else(|| path(&one.path), |symbol| format!("{} of {}", line(symbol), path(&one.path)));
            out.line(format_args!("  {}{rival} in {at} ({}): {}", line(&one.agent), line(&one.kind), one.how))?;
        }
        for (agent, message) in &self.failures {
            out.line(format_args!("  {} {agent}: {}", paint(RED, "failed"), line(message)))?;
        }
        out.line("")?;
        let mut table = Table::new();
        table.row(["", "calls", "median", "95 of 100"].map(|text| paint(DIM, text)));
        for name in ["open", "edit", "commit", "submit"] {
            if let Some(times) = self.timings.get(name) {
                table.row([name.to_owned(), times.count.to_string(), micros(times.median_us), micros(times.p95_us)]);
            }
        }
        out.table(&table)?;
        if let Some(proof) = &self.git {
            self.show_proof(out, proof)?;
        }
        self.show_next(out)
    }

    fn show_proof(&self, out: &mut Output, proof: &Proof) -> Result<(), Failure> {
        out.line("")?;
        let how = match &proof.url {
            Some(_) => format!("git clone over HTTP ({})", micros(proof.clone_ms * 1000)),
            None => "git, in the repository itself".to_owned(),
        };
        let sum = format!(
            "{} commits for {} landings, fsck {}",
            proof.commits,
            self.landed.len(),
            if proof.fsck { "clean" } else { "NOT clean" }
        );
        out.line(format_args!("{how}: {}", paint(if self.agrees { GREEN } else { RED }, sum)))?;
        proof.log.iter().try_for_each(|text| out.line(format_args!("  {text}")))
    }

    fn show_next(&self, out: &mut Output) -> Result<(), Failure> {
        out.line("")?;
        match &self.kept {
            Some(dir) => {
                out.line(format_args!("It stays in {}. Next:", paint(BOLD, line(dir))))?;
                out.line(format_args!("  git -C {} log --oneline --graph {}", line(dir), line(&self.branch)))?;
                out.line(format_args!("  acetate --store {} log", line(dir)))
            }
            None => {
                let branch = line(self.branch.strip_prefix("refs/heads/").unwrap_or(&self.branch));
                out.line(format_args!("The branch {branch} is deleted again; your branches and your checkout were not touched. Next:"))?;
                out.line("  acetate demo --keep DIR                            the same on a clone that stays")?;
                out.line("  acetate session open --agent NAME --intent TEXT    a session of your own")
            }
        }
    }
}

/// A duration as people read it.
fn micros(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{}.{:02} ms", micros / 1_000, micros % 1_000 / 10),
        _ => format!("{}.{:02} s", micros / 1_000_000, micros % 1_000_000 / 10_000),
    }
}

#[cfg(test)]
mod tests {
    use super::micros;

    #[test]
    fn durations_read_well() {
        for (input, expect) in
            [(0, "0 µs"), (999, "999 µs"), (1_000, "1.00 ms"), (12_345, "12.34 ms"), (1_000_000, "1.00 s"), (61_050_000, "61.05 s")]
        {
            assert_eq!(micros(input), expect);
        }
    }
}
