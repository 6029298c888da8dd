//! The two streams: answers on standard output, everything else on standard error.

use super::paint::{BOLD, DIM, RED, YELLOW, paint};
use super::sanitise::{clean, line};
use super::{Progress, Table};
use crate::client::Failure;
use acetate_engine::api::SCHEMA_VERSION;
use anstream::AutoStream;
use serde::Serialize;
use std::io::{IsTerminal as _, Stderr, Stdout, Write as _};

/// Where a command prints.
pub struct Output {
    json: bool,
    out: AutoStream<Stdout>,
    err: AutoStream<Stderr>,
}

#[derive(Serialize)]
struct Document<'a, T: Serialize> {
    schema: u32,
    #[serde(flatten)]
    body: &'a T,
}

#[derive(Serialize)]
struct Failed<'a> {
    error: &'a acetate_types::Problem,
}

#[derive(Serialize)]
struct Noted<'a> {
    warning: &'a str,
}

impl Output {
    /// The process's own streams.
    pub fn new(json: bool) -> Self {
        Self { json, out: AutoStream::auto(std::io::stdout()), err: AutoStream::auto(std::io::stderr()) }
    }

    /// Whether programs read.
    pub fn json(&self) -> bool {
        self.json
    }

    /// Whether standard output is a terminal.
    pub fn is_terminal(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// One JSON document: the answer's fields beside the schema version. The answer must be an object.
    pub fn document(&mut self, body: &impl Serialize) -> Result<(), Failure> {
        let text =
            serde_json::to_string(&Document { schema: SCHEMA_VERSION, body }).map_err(|error| Failure::unexpected(error.to_string()))?;
        writeln!(&mut self.out.as_inner(), "{text}")?;
        Ok(self.out.flush()?)
    }

    /// A line for people. The caller has cleaned what others wrote.
    pub fn line(&mut self, text: impl std::fmt::Display) -> Result<(), Failure> {
        Ok(writeln!(self.out, "{text}")?)
    }

    /// A table for people.
    pub fn table(&mut self, table: &Table) -> Result<(), Failure> {
        let lines = table.lines();
        if lines.is_empty() { Ok(()) } else { self.line(lines.join("\n")) }
    }

    /// Bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let mut raw = std::io::stdout().lock();
        Ok(raw.write_all(bytes)?)
    }

    /// Everything printed so far is with its reader.
    pub fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.out.flush()?)
    }

    /// A remark for people beside the answer; programs don't get it.
    pub fn note(&mut self, text: impl std::fmt::Display) {
        if !self.json {
            // Nobody reading remarks is no reason to fail.
            drop(writeln!(self.err, "{}", paint(DIM, text)));
        }
    }

    /// A warning, for people and for programs.
    pub fn warn(&mut self, text: &str) {
        let written = if self.json {
            let document = Document { schema: SCHEMA_VERSION, body: &Noted { warning: text } };
            serde_json::to_string(&document).map_or(Ok(()), |text| writeln!(self.err, "{text}"))
        } else {
            writeln!(self.err, "{} {}", paint(YELLOW, "warning:"), clean(text))
        };
        drop(written);
    }

    /// The failure that ends the command.
    pub fn failure(&mut self, failure: &Failure) {
        let Failure::Problem(problem) = failure else { return };
        let written = if self.json {
            let document = Document { schema: SCHEMA_VERSION, body: &Failed { error: problem } };
            serde_json::to_string(&document).map_or(Ok(()), |text| writeln!(self.err, "{text}"))
        } else {
            self.show(problem)
        };
        drop(written);
    }

    fn show(&mut self, problem: &acetate_types::Problem) -> std::io::Result<()> {
        writeln!(self.err, "{} {}", paint(RED.bold(), "error:"), clean(&problem.message))?;
        if let Some(details) = &problem.details {
            for (name, value) in details.as_object().into_iter().flatten() {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let short: String = line(&text).chars().take(200).collect();
                writeln!(self.err, "  {} {short}", paint(DIM, format_args!("{}:", line(name))))?;
            }
        }
        if let Some(hint) = &problem.hint {
            writeln!(self.err, "{} {}", paint(BOLD, "hint:"), clean(hint))?;
        }
        Ok(())
    }

    /// Shows that something takes its time, on a terminal.
    pub fn progress(&self, text: &str) -> Progress {
        Progress::new(text, !self.json && std::io::stderr().is_terminal())
    }
}
