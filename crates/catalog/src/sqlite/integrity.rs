//! Looking for damage: SQLite's own checks, then the catalog's laws.

use rusqlite::Connection;

/// How many findings are listed at most.
const MAX_FINDINGS: i64 = 100;

/// Each yields one text per violation.
const LAWS: [&str; 4] = [
    "SELECT 'versions of ' || w.id || ' have gaps' FROM workspaces w JOIN (
        SELECT workspace, count(*) AS n, min(number) AS lo, max(number) AS hi FROM versions GROUP BY workspace) v ON v.workspace = w.id
        WHERE v.lo <> w.version_base + 1 OR v.hi <> w.version_base + v.n",
    "SELECT 'operations of ' || workspace || ' have gaps' FROM operations GROUP BY workspace
        HAVING min(number) <> 1 OR max(number) <> count(*)",
    "SELECT 'events of ' || workspace || ' have gaps' FROM events GROUP BY workspace HAVING min(number) <> 1 OR max(number) <> count(*)",
    "SELECT 'the store has ' || count(*) || ' identities' FROM store HAVING count(*) <> 1",
];

pub(super) fn findings(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut found = texts(connection, &format!("PRAGMA integrity_check({MAX_FINDINGS})"))?;
    found.retain(|text| text != "ok");
    if !found.is_empty() {
        // The laws read through pages that may be damaged; what SQLite says is enough.
        return Ok(found);
    }
    found.extend(texts(
        connection,
        &format!("SELECT 'row of ' || \"table\" || ' without its ' || parent FROM pragma_foreign_key_check LIMIT {MAX_FINDINGS}"),
    )?);
    for law in LAWS {
        found.extend(texts(connection, law)?);
    }
    Ok(found)
}

fn texts(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}
