//! `acetate shell` and `acetate open`: sessions for people.

use super::attach::Attached;
use super::bring::bring;
use super::child::{Answering, Groups, Passed, code, run};
use super::command::socket;
use crate::args;
use crate::client::{Exit, Failure};
use crate::commands::Context;
use crate::output::line;
use acetate_mount::{list, mount_session};
use serde_json::json;
use std::ffi::OsString;

/// Runs a shell in a session's folder, where it is mounted already or for as long as the shell runs.
///
/// # Errors
/// Those of mounting; when there is no shell.
pub fn shell(context: &mut Context, args: &args::Shell) -> Result<u8, Failure> {
    let socket = socket(context)?;
    let there = list(&socket)?.into_iter().find(|mount| mount.session == args.id);
    let root = super::attach::root()?;
    let attached = match &there {
        Some(_) => None,
        None => {
            let attached = Attached::new(&socket, &args.id, &root.path().join(&args.id))?;
            bring(&context.store()?, &attached.info().scratch, &[])?;
            Some(attached)
        }
    };
    let folder = match (&there, &attached) {
        (Some(mount), _) => mount.folder.clone(),
        (None, Some(attached)) => attached.folder().to_owned(),
        (None, None) => return Err(Failure::unexpected("nothing is mounted")),
    };
    context.out.note(format_args!("session {} at {}; leave the shell to return", line(&args.id), line(&folder.to_string_lossy())));
    let shell = std::env::var_os("SHELL").filter(|shell| !shell.is_empty()).unwrap_or_else(|| OsString::from("/bin/sh"));
    let variables = [("ACETATE_SESSION", OsString::from(&args.id)), ("ACETATE_STORE", context.store()?.git_dir.into_os_string())];
    // The terminal's signals are the shell's; this process only waits for it.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _ignored = runtime.block_on(async { tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt()) })?;
    let status = run(&[shell], &folder, &variables, Passed::Through, Answering::No, &Groups::default())?;
    drop(attached);
    Ok(code(status))
}

/// Mounts a session where it stays, and says where.
///
/// # Errors
/// Those of mounting; when the program can't be started.
pub fn open(context: &mut Context, args: &args::Open) -> Result<u8, Failure> {
    let socket = socket(context)?;
    let folder = match list(&socket)?.into_iter().find(|mount| mount.session == args.id) {
        Some(mount) => mount.folder,
        None => {
            let folder = context.store()?.state_dir().join("open").join(&args.id);
            let folder = super::attach::prepare(&folder)?;
            let info = mount_session(&socket, &args.id, &folder)?;
            bring(&context.store()?, &info.scratch, &[])?;
            info.folder
        }
    };
    if let Some(program) = &args.with {
        let status = run(&[program.clone(), folder.clone().into()], &folder, &[], Passed::Through, Answering::No, &Groups::default())?;
        return Ok(code(status));
    }
    if context.out.json() {
        context.out.document(&json!({ "session": args.id, "folder": folder }))?;
    } else {
        context.out.line(folder.display())?;
    }
    Ok(Exit::Ok as u8)
}
