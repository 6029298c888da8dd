//! A group of batches as one transaction, each batch in a savepoint.

use super::SqliteCatalog;
use super::write::{Stop, Table};
use crate::batch::{Applied, Batch};
use crate::check;
use crate::error::{CatalogError, Rejected};
use rusqlite::Connection;

impl SqliteCatalog {
    pub(super) fn apply_group(&self, batches: &[Batch]) -> Result<Vec<Result<Applied, Rejected>>, CatalogError> {
        // Held across the sync by its nature: there is one writer, and its callers are the commit pipeline's groups.
        let mut writer = self.writer.lock();
        if batches.is_empty() && !writer.in_doubt() {
            return Ok(Vec::new());
        }
        writer.transaction(|connection| batches.iter().map(|batch| one(connection, batch)).collect())
    }
}

fn one(connection: &Connection, batch: &Batch) -> rusqlite::Result<Result<Applied, Rejected>> {
    if let Err(rejected) = check::batch(batch) {
        return Ok(Err(rejected));
    }
    let run = |sql| connection.prepare_cached(sql)?.execute([]).map(drop);
    run("SAVEPOINT batch")?;
    let table = Table { connection };
    let mut applied = Applied::default();
    let outcome = match batch.writes.iter().try_for_each(|write| table.write(write, &mut applied)) {
        Ok(()) => Ok(applied),
        Err(Stop::Rejected(rejected)) => {
            run("ROLLBACK TO batch")?;
            Err(*rejected)
        }
        Err(Stop::Failed(error)) => return Err(error),
    };
    run("RELEASE batch")?;
    Ok(outcome)
}
