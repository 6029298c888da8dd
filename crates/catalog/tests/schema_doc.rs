//! `docs/reference/catalog.md` describes the schema that a new catalog really has.
//!
//! The tables of the page are made from the database; with `UPDATE_DOCS=1` this test writes them. Order, types and constraints come
//! from SQLite itself, the descriptions from the comments in the schema (SQLite keeps them).

use acetate_catalog::conformance::samples;
use acetate_catalog::{SCHEMA_VERSION, SqliteCatalog, SqliteOptions};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::fmt::Write;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/catalog.md");
const BEGIN: &str = "<!-- The rest is made from the schema: UPDATE_DOCS=1 cargo test -p acetate-catalog --test schema_doc -->\n";

#[test]
fn the_page_describes_the_schema() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("catalog.sqlite");
    let catalog = SqliteCatalog::create(&path, &SqliteOptions::default(), &samples::identity()).expect("a catalog");
    let made = describe(&Connection::open(&path).expect("it opens"));
    drop(catalog);
    let page = std::fs::read_to_string(PAGE).expect("the page is there");
    let (head, rest) = page.split_once(BEGIN).expect("the page has the line that begins the made part");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(PAGE, format!("{head}{BEGIN}{made}")).expect("the page can be written");
    } else {
        assert!(rest == made, "docs/reference/catalog.md lags behind the schema: run this test with UPDATE_DOCS=1");
    }
}

fn describe(database: &Connection) -> String {
    let mut page = format!("\nSchema version {SCHEMA_VERSION}.\n");
    for (table, sql) in
        pairs(database, "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid")
    {
        let comments = comments(&sql);
        let said = |name: &str| comments.get(name).unwrap_or_else(|| panic!("{table}.{name} has no description")).clone();
        write!(page, "\n## `{table}`\n\n{}\n\n| column | type | |\n| --- | --- | --- |\n", said(&table)).expect("text");
        let columns =
            "SELECT name, type || iif(\"notnull\", '', ', may be NULL') || iif(pk, ', key ' || pk, '') FROM pragma_table_info(?1)";
        for (column, kind) in pairs_of(database, columns, &table) {
            writeln!(page, "| `{column}` | {kind} | {} |", said(&column).replace('|', "\\|")).expect("text");
        }
        let foreign = "SELECT \"from\", \"table\" || '.' || coalesce(\"to\", 'id') || iif(on_delete = 'CASCADE', '`, goes with it', '`')
            FROM pragma_foreign_key_list(?1)";
        for (column, target) in pairs_of(database, foreign, &table) {
            write!(page, "\n`{column}` refers to `{target}.\n").expect("text");
        }
        for (index, sql) in pairs_of(
            database,
            "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL ORDER BY rowid",
            &table,
        ) {
            let what = sql.split_once(" ON ").expect("an index is on something").1;
            let unique = if sql.contains("UNIQUE") { "Unique index" } else { "Index" };
            write!(page, "\n{unique} `{index}` on `{what}`.\n").expect("text");
        }
    }
    page
}

/// What the comments of a CREATE TABLE say about the table and its columns, by name.
fn comments(sql: &str) -> BTreeMap<String, String> {
    let mut said = BTreeMap::new();
    for line in sql.lines() {
        let Some((code, comment)) = line.split_once(" -- ") else { continue };
        let name = code.trim().trim_start_matches("CREATE TABLE ").split([' ', '(']).next().expect("a first word");
        said.insert(name.to_owned(), comment.trim().to_owned());
    }
    said
}

fn pairs(database: &Connection, sql: &str) -> Vec<(String, String)> {
    let mut statement = database.prepare(sql).expect("a statement");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    rows.collect::<Result<_, _>>().expect("two texts")
}

fn pairs_of(database: &Connection, sql: &str, table: &str) -> Vec<(String, String)> {
    let mut statement = database.prepare(sql).expect("a statement");
    let rows = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    rows.collect::<Result<_, _>>().expect("two texts")
}
