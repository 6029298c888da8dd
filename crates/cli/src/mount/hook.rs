//! Claude Code's hooks for worktrees of its own: one becomes a mounted session, and a session with work in it outlives it.
//!
//! A hook is told what it is about as JSON on standard input. `WorktreeCreate` answers with the folder on standard output, and nothing
//! else; what is for people goes to standard error.

use super::command::socket;
use crate::args::HookEvent;
use crate::client::{Exit, Failure, Request, encode_segment};
use crate::commands::Context;
use crate::output::line;
use acetate_engine::api::{OpenSession, Opened, SessionInfo};
use acetate_mount::{list, mount_session, unmount, wait_gone};
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::Path;

/// The longest input, in bytes.
const INPUT: u64 = 1 << 20;

/// Answers a hook.
///
/// # Errors
/// When the input is not a hook's, and what opening and mounting meet.
pub fn hook(context: &mut Context, event: HookEvent) -> Result<Exit, Failure> {
    let mut text = String::new();
    std::io::stdin().take(INPUT).read_to_string(&mut text)?;
    let input: Value = serde_json::from_str(&text)
        .map_err(|error| Failure::usage(format!("this is no hook's input: {error}")).hint("Claude Code runs this by itself"))?;
    if let Some(folder) = input["cwd"].as_str().filter(|folder| Path::new(folder).is_dir()) {
        std::env::set_current_dir(folder)?;
    }
    match event {
        HookEvent::WorktreeCreate => create(context, &input),
        HookEvent::WorktreeRemove => remove(context, &input),
    }
}

fn create(context: &mut Context, input: &Value) -> Result<Exit, Failure> {
    let name = ["name", "worktree_name"].iter().find_map(|key| input[*key].as_str()).unwrap_or("worktree").to_owned();
    let socket = socket(context)?;
    let address = context.workspace(None)?;
    let open = OpenSession { agent: "claude".into(), intent: Some(name), ..OpenSession::default() };
    let opened: Opened = context.ask(Request::post(format!("{address}/sessions"), &open)?)?.parse()?;
    let session = opened.id.to_string();
    let mounted = || -> Result<_, Failure> {
        let folder = super::attach::prepare(&context.store()?.state_dir().join("open").join(&session))?;
        let info = mount_session(&socket, &session, &folder)?;
        if let Err(failure) = super::bring::bring(&context.store()?, &info.scratch, &[]) {
            drop(unmount(&info.folder, true));
            return Err(failure);
        }
        Ok(info.folder)
    };
    match mounted() {
        Ok(folder) => context.out.line(folder.display())?,
        Err(failure) => {
            drop(context.ask(Request::delete(format!("/v1/sessions/{}", encode_segment(&session)))));
            return Err(failure);
        }
    }
    Ok(Exit::Ok)
}

fn remove(context: &mut Context, input: &Value) -> Result<Exit, Failure> {
    let path = input["worktree_path"].as_str().ok_or_else(|| Failure::usage("the hook's input names no worktree_path"))?;
    let socket = socket(context)?;
    let path = Path::new(path);
    let folder = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let Some(mount) = list(&socket)?.into_iter().find(|mount| mount.folder == folder) else {
        return Err(Failure::not_found("mount_not_found", format!("no session is mounted at {}", path.display())));
    };
    let address = format!("/v1/sessions/{}", encode_segment(&mount.session));
    // What is mapped and not yet written comes with a turn.
    context.ask(Request::post(format!("{address}/commit"), &json!({}))?)?;
    unmount(&folder, true).map_err(|error| Failure::unexpected(error.to_string()))?;
    drop(wait_gone(&socket, &folder));
    drop(std::fs::remove_dir(&folder));
    let info: SessionInfo = context.ask(Request::get(&address))?.parse()?;
    if info.unsubmitted || info.unsaved {
        context.ask(Request::post(format!("{address}/pause"), &json!({}))?)?;
        context.out.note(format_args!(
            "session {} has work that has not landed; it is kept as refs/acetate/sessions/{}: `acetate shell {}`, or `acetate --session {} submit`",
            line(&mount.session),
            line(&mount.session),
            line(&mount.session),
            line(&mount.session)
        ));
    } else {
        context.ask(Request::delete(&address))?;
    }
    Ok(Exit::Ok)
}
