//! What a migration says of itself.

use crate::client::Failure;
use crate::output::{BOLD, DIM, GREEN, Output, RED, Table, YELLOW, line, paint};
use serde::Serialize;

/// What became of one exported session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// A workspace was made of it; in a dry run, would be.
    Created,
    /// Its workspace got the snapshots that were missing.
    Continued,
    /// Everything was there.
    Unchanged,
    /// Not all of it could be taken.
    Refused,
}

/// One exported session.
#[derive(Debug, Clone, Serialize)]
pub struct Migrated {
    /// The exported session.
    pub session_id: String,
    /// Its workspace's name.
    pub workspace: String,
    /// What became of it.
    pub became: Became,
    /// Its snapshots in the export.
    pub snapshots: usize,
    /// Those that this run landed.
    pub landed: usize,
    /// Files of the last snapshot whose bytes were found to be the export's.
    pub verified: usize,
}

/// A record that could not be taken.
#[derive(Debug, Clone, Serialize)]
pub struct Refused {
    /// Its number in the export, from 1.
    pub record: u64,
    /// Its session, where that could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// Why.
    pub reason: String,
}

/// All of it.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Whether nothing was to be changed.
    pub dry_run: bool,
    /// The exported sessions in their order.
    pub sessions: Vec<Migrated>,
    /// The records that were not taken.
    pub refused: Vec<Refused>,
}

impl Report {
    /// Shows it.
    ///
    /// # Errors
    /// When nobody reads the output.
    pub fn show(&self, out: &mut Output) -> Result<(), Failure> {
        if out.json() {
            return out.document(self);
        }
        let mut table = Table::new();
        for one in &self.sessions {
            let state = match one.became {
                Became::Created => paint(GREEN, if self.dry_run { "would be made" } else { "made" }),
                Became::Continued => paint(GREEN, if self.dry_run { "would go on" } else { "went on" }),
                Became::Unchanged => paint(DIM, "was there"),
                Became::Refused => paint(RED, "not whole"),
            };
            let landed = format!("{} of {} {}", one.landed, one.snapshots, if self.dry_run { "would land" } else { "landed" });
            table.row([
                paint(BOLD, line(&one.workspace)),
                paint(DIM, line(&one.session_id)),
                state,
                landed,
                format!("{} files verified", one.verified),
            ]);
        }
        out.table(&table)?;
        for refused in &self.refused {
            let of = refused.session_id.as_deref().map(|id| format!(" of {}", line(id))).unwrap_or_default();
            out.line(format_args!("{} record {}{of}: {}", paint(YELLOW, "not taken"), refused.record, line(&refused.reason)))?;
        }
        let count = |became: Became| self.sessions.iter().filter(|one| one.became == became).count();
        out.note(format_args!(
            "{} made, {} went on, {} were there, {} not whole; {} records not taken",
            count(Became::Created),
            count(Became::Continued),
            count(Became::Unchanged),
            count(Became::Refused),
            self.refused.len()
        ));
        Ok(())
    }
}
