//! `acetate checkout` and `acetate sync-dir`.

use super::carry::Side;
use super::tree::{Carried, Tree, folder, record};
use crate::args;
use crate::client::{Environment, Exit, Failure, Request, Store};
use crate::commands::Context;
use crate::mount::prepare;
use crate::output::{BOLD, line, paint};
use acetate_mount::{Folder, Record};
use acetate_types::{ErrorKind, Problem};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Writes a session's files into an empty folder.
///
/// # Errors
/// `folder_not_empty`, those of asking, and the disk's.
pub fn checkout(context: &mut Context, args: &args::Checkout) -> Result<Exit, Failure> {
    let address = context.session(Some(&args.id))?;
    let store = context.store()?;
    // A session that is not there makes no folder.
    context.ask(Request::get(&address))?;
    let root = prepare(&args.folder)?;
    let shown = context.out.progress("checking out");
    let client = context.client()?;
    let checked_out = Tree::make(client, &address, &store, &root, &args.bring);
    drop(shown);
    let carried = match checked_out {
        Ok((_, carried)) => carried,
        Err(failure) => {
            // The folder was empty, and is again.
            drop(empty(&root));
            return Err(failure);
        }
    };
    if context.out.json() {
        context.out.document(&json!({
            "session": carried.session,
            "folder": carried.folder,
            "files": carried.to_folder.len(),
            "failed": carried.conflicts,
        }))?;
    } else {
        let (session, folder) = (paint(BOLD, line(&carried.session)), line(&root.to_string_lossy()));
        let files = carried.to_folder.len();
        context.out.line(format_args!("{session} is checked out at {folder}: {files} {}", if files == 1 { "file" } else { "files" }))?;
        for failed in &carried.conflicts {
            context.out.warn(&format!("{}: {}", failed.shown, failed.what));
        }
    }
    Ok(if carried.conflicts.is_empty() { Exit::Ok } else { Exit::Conflict })
}

fn empty(root: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(root)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            std::fs::remove_dir_all(entry.path())?;
        } else {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Carries what changed, both ways.
///
/// # Errors
/// `checkout_not_found`, those of asking, and the disk's.
pub fn sync_dir(context: &mut Context, args: &args::SyncDir) -> Result<Exit, Failure> {
    let root = find(args.folder.as_deref())?;
    let opened = folder(&root)?;
    let record = record(&opened)?;
    let address = context.session(Some(&record.session))?;
    // The folder says which store it is of, wherever the command runs.
    let store = Store::find(context.global.store.as_deref(), &Environment { current: root.clone(), ..Environment::of_process()? })?;
    if context.global.store.is_none() {
        context.global.store = Some(store.git_dir.clone());
    }
    let _one = lock(&opened)?;
    let take = args.take.map(|side| match side {
        args::TakeSide::Folder => Side::Folder,
        args::TakeSide::Session => Side::Session,
    });
    let client = context.client()?;
    let carried = Tree::open(client, &address, &store, &root)?.carry(client, take, args.dry_run)?;
    if context.out.json() {
        context.out.document(&carried)?;
    } else {
        tell(context, &carried, args.dry_run)?;
    }
    Ok(if carried.conflicts.is_empty() { Exit::Ok } else { Exit::Conflict })
}

fn tell(context: &mut Context, carried: &Carried, dry_run: bool) -> Result<(), Failure> {
    for (paths, way) in [(&carried.to_session, "to the session"), (&carried.to_folder, "to the folder")] {
        for path in paths {
            context.out.line(format_args!("{way}: {} {}", path.what, path.shown))?;
        }
    }
    if carried.to_session.is_empty() && carried.to_folder.is_empty() && carried.conflicts.is_empty() {
        context.out.line("the folder and the session are the same")?;
    } else if dry_run {
        context.out.note("nothing was carried: --dry-run");
    }
    if let Some(turn) = &carried.turn {
        context.out.line(format_args!("the commit made in the folder is a turn: {turn}"))?;
    }
    for path in &carried.skipped {
        context.out.warn(&format!("{} stays in the folder: {}", path.shown, path.what));
    }
    for path in &carried.conflicts {
        context.out.line(format_args!("conflict: {}: {}", path.shown, path.what))?;
    }
    if !carried.conflicts.is_empty() {
        context.out.note("make one side what it should be, or pass --take folder or --take session");
    }
    Ok(())
}

/// The folder that is meant: the one named, else the one around the current folder.
fn find(named: Option<&Path>) -> Result<PathBuf, Failure> {
    let current = std::env::current_dir()?;
    let start = named.map_or_else(|| current.clone(), |named| current.join(named));
    let start = start.canonicalize().map_err(|error| Failure::file(&start, &error))?;
    let mut places = start.ancestors().take(if named.is_some() { 1 } else { usize::MAX });
    let found = places.find(|place| Record::is_there(place)).map(Path::to_owned);
    found.ok_or_else(|| {
        Failure::not_found("checkout_not_found", format!("{} is not a checked-out session", start.display()))
            .hint("`acetate checkout SESSION FOLDER` makes one")
    })
}

/// Two at once would each take the other's writes for the agent's.
fn lock(folder: &Folder) -> Result<std::fs::File, Failure> {
    let path = folder.root();
    let file = folder.lock_file().map_err(|error| Failure::file(path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            let problem =
                Problem::new(ErrorKind::Conflict, "checkout_busy", format!("{} is being brought up to date already", path.display()));
            Err(problem.hint("wait for the other command").into())
        }
        Err(std::fs::TryLockError::Error(error)) => Err(Failure::file(path, &error)),
    }
}
