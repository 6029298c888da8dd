//! `setup git-merge`: Git's settings and attributes, put in place and taken out again.

use super::attributes::{self, Without};
use super::git::{git, setting, try_git};
use super::local;
use crate::args::{GitMerge, SetupCommand};
use crate::client::{Exit, Failure};
use crate::output::{Output, line};
use acetate_syntax::Language;
use serde::Serialize;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

/// `merge.acetate.name`: what Git calls the driver where it names it.
const NAME: &str = "Acetate: by symbols";
/// How many paths with merge attributes of their own are named.
const NAMED: usize = 5;

#[derive(Serialize)]
struct Done<'a> {
    scope: &'a str,
    attributes: String,
    driver: Option<String>,
    changed: bool,
}

/// Sets up what is asked for.
///
/// # Errors
/// When there is no repository, or a file can't be read or written.
pub fn setup(out: &mut Output, command: &SetupCommand) -> Result<Exit, Failure> {
    let SetupCommand::GitMerge(args) = command;
    if args.print {
        return print(out);
    }
    let scope = if args.global { Scope::Global } else { Scope::Local };
    let file = scope.attributes()?;
    let changed = if args.remove { remove(scope, &file)? } else { put(out, scope, &file)? };
    tell(out, args, scope, &file, changed)?;
    Ok(Exit::Ok)
}

fn tell(out: &mut Output, args: &GitMerge, scope: Scope, file: &Path, changed: bool) -> Result<(), Failure> {
    let shown = file.display().to_string();
    if out.json() {
        let driver = (!args.remove).then(driver);
        return out.document(&Done { scope: scope.as_str(), attributes: shown, driver, changed });
    }
    let place = if args.global { "in all your repositories" } else { "in this repository" };
    out.line(match (args.remove, changed) {
        (false, true) => format!("Git merges files of {} languages by their symbols {place}", Language::all().count()),
        (false, false) => format!("nothing to do: it is set up {place}"),
        (true, true) => format!("taken out: Git merges by lines {place}"),
        (true, false) => format!("nothing to do: it is not set up {place}"),
    })?;
    out.note(format_args!("attributes {} · settings merge.acetate.* ({})", line(&shown), scope.as_str()));
    Ok(())
}

/// The lines for `.gitattributes`; the settings, which can't be committed, as a comment.
fn print(out: &mut Output) -> Result<Exit, Failure> {
    let text = format!(
        "# Files that `acetate merge-driver` merges. Each clone needs, once: acetate setup git-merge, or:\n\
         #   git config merge.acetate.driver 'acetate merge-driver {PLACES}'\n{}",
        attributes::lines()
    );
    out.bytes(text.as_bytes())?;
    Ok(Exit::Ok)
}

/// What Git fills in.
const PLACES: &str = "%O %A %B %L %P %S %X %Y";

/// The driver's command line. Where the program is gone, Git's own merge takes its place.
fn driver() -> String {
    let program = program();
    format!(
        "if command -v {program} >/dev/null; then {program} merge-driver {PLACES}; \
         else git merge-file -q --marker-size=%L -L %X -L %S -L %Y %A %O %B; fi"
    )
}

/// How a shell calls this program: by its name if that finds it, else by its path.
fn program() -> String {
    let Ok(own) = std::env::current_exe().and_then(|path| path.canonicalize()) else { return "acetate".to_owned() };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("acetate")).find(|path| path.is_file());
    if found.and_then(|path| path.canonicalize().ok()).is_some_and(|found| found == own) {
        return "acetate".to_owned();
    }
    // Git fills in after a percent sign.
    format!("'{}'", own.to_string_lossy().replace('\'', "'\\''").replace('%', "%%"))
}

/// Whose settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Local,
    Global,
}

impl Scope {
    fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Global => "global",
        }
    }

    fn option(self) -> &'static str {
        match self {
            Self::Local => "--local",
            Self::Global => "--global",
        }
    }

    /// The file of attributes that Git reads in this scope.
    fn attributes(self) -> Result<PathBuf, Failure> {
        match self {
            Self::Local => {
                let output = try_git(&["rev-parse", "--git-path", "info/attributes"], b"")?;
                let path = output.stdout.strip_suffix(b"\n").unwrap_or(&output.stdout);
                if !output.status.success() || path.is_empty() {
                    return Err(Failure::not_found("repository_not_found", "there is no Git repository around the current folder")
                        .hint("go into one, or pass --global"));
                }
                Ok(PathBuf::from(OsString::from_vec(path.to_vec())))
            }
            Self::Global => {
                let set = |scope| setting(&[scope, "--type=path", "--get", "core.attributesFile"]).filter(|path| !path.is_empty());
                if let Some(path) = set("--global").or_else(|| set("--system")) {
                    return Ok(path.into());
                }
                let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
                let config = folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(".config")));
                config
                    .map(|config| config.join("git/attributes"))
                    .ok_or_else(|| Failure::usage("there is no HOME").hint("set HOME, or core.attributesFile"))
            }
        }
    }
}

fn content(file: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match std::fs::read(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::file(file, &error)),
    }
}

/// Puts everything in place; whether anything changed.
fn put(out: &mut Output, scope: Scope, file: &Path) -> Result<bool, Failure> {
    let before = content(file)?;
    let after = attributes::with_block(before.as_deref())?;
    let mut changed = false;
    for (key, value) in [("merge.acetate.name", NAME.to_owned()), ("merge.acetate.driver", driver())] {
        if setting(&[scope.option(), "--get", key]).as_deref() != Some(value.as_str()) {
            git(&["config", scope.option(), "--replace-all", key, &value], b"")?;
            changed = true;
        }
    }
    if before.as_deref() != Some(&after) {
        if scope == Scope::Local && before.as_ref().is_none_or(|text| attributes::without_block(text) == Ok(Without::Same)) {
            warn_of_own_rules(out)?;
        }
        match before {
            Some(_) => local::replace(file, &after)?,
            None => {
                let made = file.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(file, &after));
                made.map_err(|error| Failure::file(file, &error))?;
            }
        }
        changed = true;
    }
    Ok(changed)
}

/// Takes everything out; whether anything changed.
fn remove(scope: Scope, file: &Path) -> Result<bool, Failure> {
    let mut changed = false;
    if let Some(text) = content(file)? {
        match attributes::without_block(&text)? {
            Without::Same => {}
            Without::Text(text) => {
                local::replace(file, &text)?;
                changed = true;
            }
            Without::Nothing => {
                std::fs::remove_file(file).map_err(|error| Failure::file(file, &error))?;
                changed = true;
            }
        }
    }
    for key in ["merge.acetate.name", "merge.acetate.driver"] {
        if setting(&[scope.option(), "--get-all", key]).is_some() {
            git(&["config", scope.option(), "--unset-all", key], b"")?;
            changed = true;
        }
    }
    Ok(changed)
}

/// `.git/info/attributes` wins over `.gitattributes`: says which files have a rule of their own there that no longer holds.
fn warn_of_own_rules(out: &mut Output) -> Result<(), Failure> {
    let files = git(&["ls-files", "-z", "--full-name", "--", ":/"], b"").unwrap_or_default();
    if files.is_empty() {
        return Ok(());
    }
    let answers = git(&["check-attr", "-z", "--stdin", "merge"], &files)?;
    let fields: Vec<&[u8]> = answers.split(|byte| *byte == 0).collect();
    let own = fields.chunks_exact(3).filter(|field| !matches!(field[2], b"unspecified" | b"acetate") && Language::of(field[0]).is_some());
    let names: Vec<String> = own.map(|field| String::from_utf8_lossy(field[0]).into_owned()).collect();
    if !names.is_empty() {
        let more = names.len().checked_sub(NAMED).filter(|more| *more > 0).map(|more| format!(" and {more} more")).unwrap_or_default();
        out.warn(&format!(
            "the repository's own rules for merging {}{more} no longer hold here; with --global they do",
            names.iter().take(NAMED).map(|name| line(name)).collect::<Vec<_>>().join(", ")
        ));
    }
    Ok(())
}
