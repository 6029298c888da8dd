//! Real builds in folders: cargo from nothing, again, and after a change; `npm ci`; and what eight agents cost who each want a folder.
//!
//! The sources come from the registries by name, once, before anything is timed; the builds themselves reach for nothing.

use super::eight::eight;
use super::places::{Folder, Missing, NATIVE, Place, Places, connected, everybody};
use crate::http::{Connection, Daemon};
use crate::inputs::Input;
use crate::peers::Git;
use crate::report::{Limit, Report, Row, Unit};
use crate::run::Bench;
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const CARGO: &str = r#"[package]
name = "built"
version = "0.0.0"
edition = "2021"

[dependencies]
regex = "1"
serde = { version = "1", features = ["derive"] }
serde_json = "1"
"#;
const MAIN: &str = r##"use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Entry {
    name: String,
    size: u64,
}

fn main() {
    let wanted = regex::Regex::new(r"^[a-z]+\.rs$").expect("an expression");
    let entries: Vec<Entry> = serde_json::from_str(r#"[{"name":"main.rs","size":1}]"#).expect("JSON");
    let sum: u64 = entries.iter().filter(|entry| wanted.is_match(&entry.name)).map(|entry| entry.size).sum();
    println!("{sum}");
}
"##;
const PACKAGE: &str = r#"{
  "name": "bundled",
  "private": true,
  "type": "module",
  "dependencies": { "preact": "10.26.4", "preact-render-to-string": "6.5.13" },
  "devDependencies": { "@rollup/plugin-terser": "0.4.4", "esbuild": "0.25.1", "rollup": "4.35.0" }
}
"#;

/// Measures them.
///
/// # Errors
/// When a peer can't be set up.
pub fn builds(bench: &Bench, report: &mut Report) -> Result<()> {
    for row in cargo(bench)? {
        report.add(row);
    }
    report.add(npm(bench)?);
    for input in bench.usual() {
        for row in eight(bench, input)? {
            report.add(row);
        }
    }
    Ok(())
}

/// Runs a tool without what the caller set for tools of its own; fails with what it said.
fn tool(name: &str, args: &[&str], folder: &Path) -> Result<Vec<u8>> {
    let mut command = Command::new(name);
    command.args(args).current_dir(folder).stdin(Stdio::null());
    for own in ["CARGO", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_MANIFEST_DIR", "RUSTFLAGS", "NODE_OPTIONS"] {
        command.env_remove(own);
    }
    let output = command.output().with_context(|| format!("{name} can't be run"))?;
    if !output.status.success() {
        bail!("{name} {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output.stdout)
}

/// A bare repository of what is in a folder; ignored files too, but for these.
fn repository(bench: &Bench, folder: &Path, ignore: &str, label: String) -> Result<Input> {
    let git = Git::at(folder);
    fs::write(folder.join(".gitignore"), ignore)?;
    git.run(&["init", "-q", "-b", "main"])?;
    git.run(&["add", "--all"])?;
    if folder.join("vendor").exists() {
        // What the crates themselves ignore is needed all the same.
        git.run(&["add", "--all", "--force", "vendor"])?;
    }
    git.run(&["commit", "-q", "-m", "Begin"])?;
    let bare = bench.stage.folder("repository")?.join("project.git");
    Git::at(bench.stage.path()).run(&["clone".as_ref(), "-q".as_ref(), "--bare".as_ref(), folder.as_os_str(), bare.as_os_str()])?;
    Ok(Input::given(&bare)?.named(label))
}

fn cargo(bench: &Bench) -> Result<Vec<Row>> {
    let row = |name: &str, input: &str, state: &str| {
        Row::new("builds", name, input, state, Unit::Seconds).target(Limit::Times(1.25, NATIVE)).note("files that cargo makes are ignored")
    };
    let folder = bench.stage.folder("crate")?;
    fs::create_dir(folder.join("src"))?;
    fs::write(folder.join("Cargo.toml"), CARGO)?;
    fs::write(folder.join("src/main.rs"), MAIN)?;
    let vendored = match tool("cargo", &["vendor", "--quiet"], &folder) {
        Ok(vendored) => vendored,
        Err(error) => return Ok(vec![row("cargo build", "", "").missing("Acetate", format!("{error:#}"))]),
    };
    fs::create_dir(folder.join(".cargo"))?;
    fs::write(folder.join(".cargo/config.toml"), vendored)?;
    let crates = fs::read_dir(folder.join("vendor"))?.count();
    let input = repository(bench, &folder, "/target\n", format!("a program with {crates} vendored crates"))?;
    let mut served = match connected(bench, &input) {
        Ok(served) => served,
        Err(error) => return Ok(vec![row("cargo build", &input.label, "").missing("Acetate", format!("{error:#}"))]),
    };
    let (all, missing) = folders(bench, &input, &mut served)?;
    let build = |folder: &Path| tool("cargo", &["build", "--quiet", "--offline"], folder).map(drop);
    let rebuild = |folder: &Path| {
        fs::OpenOptions::new().append(true).open(folder.join("src/main.rs"))?.write_all(b"// Changed.\n")?;
        build(folder)
    };
    type Work<'w> = &'w dyn Fn(&Path) -> Result<()>;
    let works: [(&str, &str, Work<'_>); 3] = [
        ("cargo build", "from nothing", &build),
        ("cargo build", "nothing changed", &build),
        ("cargo build", "after a change of one file", &rebuild),
    ];
    let mut rows = Vec::new();
    for (name, state, work) in works {
        let contenders = all.iter().map(|places: &Places<'_>| places.contender(work)).collect();
        let row = row(name, &input.label, state).measure(bench.plan.rounds, contenders);
        rows.push(missing.iter().fold(row, |row, (who, why)| row.missing(*who, *why)));
    }
    Ok(rows)
}

fn npm(bench: &Bench) -> Result<Row> {
    let row = |input: &str| {
        Row::new("builds", "npm ci", input, "npm's own cache warm", Unit::Seconds)
            .target(Limit::Times(2.0, NATIVE))
            .note("node_modules is ignored")
    };
    let folder = bench.stage.folder("package")?;
    fs::write(folder.join("package.json"), PACKAGE)?;
    let quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
    let made = tool("npm", &[&["install", "--package-lock-only"], &quiet[..]].concat(), &folder);
    if let Err(error) = made {
        return Ok(row("").missing("Acetate", format!("{error:#}")));
    }
    let input = repository(bench, &folder, "/node_modules\n", "17 packages, esbuild and rollup among them".to_owned())?;
    let mut served = match connected(bench, &input) {
        Ok(served) => served,
        Err(error) => return Ok(row(&input.label).missing("Acetate", format!("{error:#}"))),
    };
    let (all, missing) = folders(bench, &input, &mut served)?;
    let install = |folder: &Path| tool("npm", &[&["ci", "--prefer-offline"], &quiet[..]].concat(), folder).map(drop);
    let contenders = all.iter().map(|places: &Places<'_>| places.contender(&install)).collect();
    let row = row(&input.label).measure(bench.plan.rounds, contenders);
    Ok(missing.iter().fold(row, |row, (who, why)| row.missing(*who, *why)))
}

/// A daemon with everybody's folders of an input.
fn folders<'d>(bench: &Bench, input: &Input, served: &'d mut (Daemon, Connection, String)) -> Result<(Vec<Places<'d>>, Missing)> {
    let (daemon, connection, workspace) = served;
    let daemon: &'d Daemon = daemon;
    let root = bench.stage.folder("folders")?;
    let session = |round: usize| {
        let session = connection.open_session(workspace)?;
        Ok(Place::Session(Folder::new(daemon, &session, root.join(format!("build-{round}")))?))
    };
    let checkout = |round: usize| -> Result<Place<'d>> {
        let path: PathBuf = bench.stage.checkout_to_change(input, &format!("native-{round}"))?;
        Ok(Place::Checkout(path))
    };
    everybody(bench, input, session, checkout)
}
