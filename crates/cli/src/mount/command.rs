//! `acetate mount` and `acetate unmount`.

use super::attach::prepare;
use super::bring::bring;
use crate::args;
use crate::client::{Exit, Failure, expected_socket};
use crate::commands::Context;
use crate::output::{BOLD, Table, line, paint};
use acetate_mount::{DeviceError, list, mount_session, socket_beside, wait_gone};
use acetate_types::{ErrorKind, Problem};
use serde_json::json;
use std::path::PathBuf;

/// Where the daemon, which is started if need be, hears about mounts.
///
/// # Errors
/// When there is no daemon.
pub fn socket(context: &mut Context) -> Result<PathBuf, Failure> {
    context.client()?;
    let state = context.store()?.state_dir();
    let own = context.daemon_file()?.map(|file| file.socket).unwrap_or_else(|| expected_socket(&state));
    let socket = socket_beside(&own);
    if socket.exists() {
        return Ok(socket);
    }
    Err(Failure::from(Problem::new(ErrorKind::Unavailable, "mount_unavailable", "the daemon can't mount: there is no /dev/fuse here"))
        .hint("`acetate checkout` writes a real tree instead; `acetate doctor` says what this machine can do"))
}

/// Mounts, or lists what is mounted.
///
/// # Errors
/// Those of mounting.
pub fn mount(context: &mut Context, args: &args::Mount) -> Result<Exit, Failure> {
    let (Some(session), Some(folder)) = (&args.id, &args.folder) else { return listed(context) };
    let socket = socket(context)?;
    let folder = prepare(folder)?;
    let info = mount_session(&socket, session, &folder)?;
    if let Err(failure) = bring(&context.store()?, &info.scratch, &args.bring) {
        drop(acetate_mount::unmount(&folder, true));
        return Err(failure);
    }
    if context.out.json() {
        context.out.document(&info)?;
    } else {
        context.out.line(format_args!("{} is mounted at {}", paint(BOLD, line(&info.session)), line(&info.folder.to_string_lossy())))?;
    }
    Ok(Exit::Ok)
}

fn listed(context: &mut Context) -> Result<Exit, Failure> {
    let socket = socket(context)?;
    let mounts = list(&socket)?;
    if context.out.json() {
        context.out.document(&json!({ "mounts": mounts }))?;
        return Ok(Exit::Ok);
    }
    let mut table = Table::new();
    for mount in &mounts {
        table.row([line(&mount.session), line(&mount.agent), line(&mount.folder.to_string_lossy())]);
    }
    context.out.table(&table)?;
    Ok(Exit::Ok)
}

/// Unmounts.
///
/// # Errors
/// `mount_not_found`, `mount_busy`, `unmount_denied`, `unmount_failed`.
pub fn unmount(context: &mut Context, args: &args::Unmount) -> Result<Exit, Failure> {
    let absolute = std::env::current_dir()?.join(&args.folder);
    let folder = acetate_mount::mounted()?.into_iter().map(|(folder, _)| folder).find(|folder| {
        // A mount that nobody serves any more has no canonical name: asking for it fails.
        *folder == absolute || absolute.canonicalize().is_ok_and(|name| name == *folder)
    });
    let folder = folder.ok_or_else(|| {
        Failure::not_found("mount_not_found", format!("no session is mounted at {}", args.folder.display()))
            .hint("`acetate mount --list` shows what is mounted")
    })?;
    acetate_mount::unmount(&folder, args.lazy).map_err(|error| {
        let (kind, code) = match &error {
            DeviceError::Unmount { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => {
                (ErrorKind::Denied, "unmount_denied")
            }
            DeviceError::Helper => (ErrorKind::Unavailable, "unmount_failed"),
            _ => (ErrorKind::Conflict, "mount_busy"),
        };
        Failure::from(Problem::new(kind, code, error.to_string())).hint(error.help())
    })?;
    if !args.lazy
        && let Ok(socket) = socket(context)
    {
        wait_gone(&socket, &folder)?;
    }
    if context.out.json() {
        context.out.document(&json!({ "unmounted": folder }))?;
    } else {
        context.out.line(format_args!("nothing is mounted at {} any more", line(&folder.to_string_lossy())))?;
    }
    Ok(Exit::Ok)
}

/// The process that unmounts what a killed daemon leaves behind.
///
/// # Errors
/// When it can't read what it is to guard.
pub fn guard() -> Result<Exit, Failure> {
    acetate_mount::stand_guard(std::io::stdin().lock())?;
    Ok(Exit::Ok)
}
