//! `acetate workspace` and `acetate log`.

use super::Context;
use super::turn::{exit, policy};
use super::turn_view::show_submission;
use super::workspace_view::{
    branch, short, show_blame, show_branches, show_checkpoints, show_history, show_operations, show_versions, show_workspace,
    show_workspaces,
};
use crate::args::{self, Branch, BranchCommand, WorkspaceCommand, WorkspaceDiff};
use crate::client::{Exit, Failure, Reply, Request, encode_path, encode_segment};
use crate::output::{Output, hunks, line, stat};
use acetate_engine::api::{
    BlameInfo, BranchInfo, ChangeRecord, CheckpointInfo, CreateBranch, CreateCheckpoint, CreateWorkspace, Fork, Merge, OperationInfo,
    PathHistory, Restore, Retention, RetentionChange, Submission, SubmissionOutcome, TemplateMark, TreeDiff, Undelete, Undo, VersionPage,
    WorkspaceInfo, WorkspaceSource, WorkspaceUpdate,
};
use serde::Deserialize;
use serde_json::json;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

#[derive(Deserialize)]
struct Branches {
    branches: Vec<BranchInfo>,
}

#[derive(Deserialize)]
struct Checkpoints {
    checkpoints: Vec<CheckpointInfo>,
}

fn one(context: &mut Context, reply: &Reply) -> Result<Exit, Failure> {
    context.answer(reply, |out, workspace: WorkspaceInfo| show_workspace(out, &workspace))
}

/// Everything about workspaces.
pub fn workspace(context: &mut Context, command: WorkspaceCommand) -> Result<Exit, Failure> {
    match command {
        WorkspaceCommand::List(args) => {
            let reply = context.ask(Request::get("/v1/workspaces").flag("deleted", args.deleted))?;
            context.answer(&reply, |out, list| show_workspaces(out, &list))
        }
        WorkspaceCommand::Show(args) => {
            let address = context.workspace(args.name.as_deref())?;
            let reply = context.ask(Request::get(address))?;
            one(context, &reply)
        }
        WorkspaceCommand::Create(args) => {
            let from = args.template.map(WorkspaceSource::Template);
            let create = CreateWorkspace { name: Some(args.name), description: args.description, from, ..CreateWorkspace::default() };
            let reply = context.ask(Request::post("/v1/workspaces", &create)?)?;
            one(context, &reply)
        }
        WorkspaceCommand::Rename(args) => {
            let address = context.workspace(Some(&args.name))?;
            let update = WorkspaceUpdate { name: Some(args.to), ..WorkspaceUpdate::default() };
            let reply = context.ask(Request::patch(address, &update)?)?;
            one(context, &reply)
        }
        WorkspaceCommand::Set(args) => {
            let update = WorkspaceUpdate {
                name: None,
                description: args.description,
                default_branch: args.default_branch,
                portable_paths: args.portable_paths,
                same_symbol: args.same_symbol.map(policy),
                template: args.template.map(TemplateMark::Switch),
                retention: if args.keep_all { Some(RetentionChange::Switch(false)) } else { None }
                    .or((args.keep_turns.is_some() || args.keep_branches.is_some())
                        .then_some(RetentionChange::Policy(Retention { turns_days: args.keep_turns, branches_days: args.keep_branches }))),
                max_file_bytes: args.max_file_bytes,
            };
            if update == WorkspaceUpdate::default() {
                return Err(Failure::usage("name something to set: `acetate workspace set --help` lists what there is"));
            }
            let address = context.workspace(args.name.as_deref())?;
            let reply = context.ask(Request::patch(address, &update)?)?;
            one(context, &reply)
        }
        WorkspaceCommand::Delete { name } => {
            let address = context.workspace(Some(&name))?;
            let reply = context.ask(Request::delete(address))?;
            one(context, &reply)
        }
        WorkspaceCommand::Undelete(args) => {
            let address = format!("/v1/workspaces/{}/undelete", encode_segment(&args.id));
            let reply = context.ask(Request::post(address, &Undelete { name: args.name })?)?;
            one(context, &reply)
        }
        WorkspaceCommand::Merge(args) => {
            let address = context.workspace(None)?;
            let merge = Merge { from: args.from, into: args.into, message: args.message, same_symbol: args.same_symbol.map(policy) };
            let reply = context.ask(Request::post(format!("{address}/merge"), &merge)?)?;
            let outcome: Submission = reply.parse()?;
            context.answer(&reply, |out, submission: Submission| {
                show_submission(out, &submission, false)?;
                if !matches!(submission.outcome, SubmissionOutcome::Landed { .. }) {
                    out.note(format_args!("settle it in session {}: acetate resolve --session {0} …", submission.session));
                }
                Ok(())
            })?;
            Ok(exit(&outcome.outcome))
        }
        WorkspaceCommand::Restore(args) => {
            let address = context.workspace(None)?;
            let restore = Restore { at: args.at, branch: args.branch, message: args.message };
            let reply = context.ask(Request::post(format!("{address}/restore"), &restore)?)?;
            context.answer(&reply, |out, made| show_versions(out, &VersionPage { versions: vec![made], next: None }))
        }
        WorkspaceCommand::History(args) => {
            let args = args.path;
            let address = context.workspace(None)?;
            let reply = context.ask(Request::get(format!("{address}/history/{}", encode_path(&args.path))).maybe("at", args.at))?;
            context.answer(&reply, |out, history: PathHistory| show_history(out, &history))
        }
        WorkspaceCommand::Blame(args) => {
            let args = args.path;
            let address = context.workspace(None)?;
            let reply = context.ask(Request::get(format!("{address}/blame/{}", encode_path(&args.path))).maybe("at", args.at))?;
            context.answer(&reply, |out, blame: BlameInfo| show_blame(out, &blame))
        }
        WorkspaceCommand::Fork(args) => {
            let address = context.workspace(None)?;
            let reply = context.ask(Request::post(format!("{address}/forks"), &Fork { name: args.name, at: args.at })?)?;
            one(context, &reply)
        }
        WorkspaceCommand::Branches => {
            let address = context.workspace(None)?;
            let reply = context.ask(Request::get(format!("{address}/branches")))?;
            context.answer(&reply, |out, list: Branches| show_branches(out, &list.branches))
        }
        WorkspaceCommand::Branch(args) => branches(context, args),
        WorkspaceCommand::Versions(args) => log(context, args.before, args.limit, args.branch.as_deref()),
        WorkspaceCommand::Checkpoint(args) => {
            let address = context.workspace(None)?;
            let create = CreateCheckpoint { name: args.name, at: args.at, message: args.message };
            let reply = context.ask(Request::post(format!("{address}/checkpoints"), &create)?)?;
            context.answer(&reply, |out, made: CheckpointInfo| show_checkpoints(out, &[made]))
        }
        WorkspaceCommand::Checkpoints => {
            let address = context.workspace(None)?;
            let reply = context.ask(Request::get(format!("{address}/checkpoints")))?;
            context.answer(&reply, |out, list: Checkpoints| show_checkpoints(out, &list.checkpoints))
        }
        WorkspaceCommand::Bundle(args) => {
            let address = context.workspace(None)?;
            let request = Request::get(format!("{address}/bundle")).maybe("since", args.since).flag("sessions", args.sessions);
            let bytes = save(context, request, &args.output)?;
            saved(context, &args.output, bytes)
        }
        WorkspaceCommand::Operations { before, limit } => {
            let address = context.workspace(None)?;
            let request = Request::get(format!("{address}/operations")).maybe("before", before.map(|number| number.to_string()));
            let reply = context.ask(request.query("limit", limit.to_string()))?;
            context.answer(&reply, |out, page| show_operations(out, &page))
        }
        WorkspaceCommand::Undo(args) => {
            let address = context.workspace(None)?;
            let reply = context.ask(Request::post(format!("{address}/undo"), &Undo { operation: args.operation })?)?;
            context.answer(&reply, |out, made: OperationInfo| {
                let undone = made.undoes.map(|number| number.to_string()).unwrap_or_default();
                out.line(format_args!("operation {undone} is undone by operation {}", made.number))
            })
        }
        WorkspaceCommand::Diff(args) => diff(context, &args),
        WorkspaceCommand::CatchUp => {
            let address = context.workspace(None)?;
            let reply = context.ask(Request::post(format!("{address}/catch-up"), &json!({}))?)?;
            one(context, &reply)?;
            // It was asked to catch up, and something is still in the way.
            let apart = reply.parse::<WorkspaceInfo>()?.diverged.is_some();
            Ok(if apart { Exit::Conflict } else { Exit::Ok })
        }
    }
}

fn branches(context: &mut Context, args: Branch) -> Result<Exit, Failure> {
    let address = format!("{}/branches", context.workspace(None)?);
    match args.command {
        BranchCommand::Create { name, at } => {
            let reply = context.ask(Request::post(address, &CreateBranch { name, at })?)?;
            context.answer(&reply, |out, made: BranchInfo| show_branches(out, &[made]))
        }
        BranchCommand::Delete { name } => {
            context.ask(Request::delete(address).query("name", &name))?;
            if context.out.json() {
                context.out.document(&json!({ "deleted": name }))?;
            } else {
                context.out.line(format_args!("deleted {}; its tip is kept, `acetate workspace undo` brings it back", branch(&name)))?;
            }
            Ok(Exit::Ok)
        }
    }
}

/// The landed versions.
pub fn log(context: &mut Context, before: Option<u64>, limit: usize, branch: Option<&str>) -> Result<Exit, Failure> {
    let address = context.workspace(None)?;
    let request = Request::get(format!("{address}/versions")).maybe("before", before.map(|number| number.to_string()));
    let reply = context.ask(request.query("limit", limit.to_string()).maybe("branch", branch))?;
    context.answer(&reply, |out, page| show_versions(out, &page))
}

/// What a turn or a landing changed.
pub fn show(context: &mut Context, args: &args::Show) -> Result<Exit, Failure> {
    let reply = context.ask(Request::get(format!("/v1/changes/{}", encode_segment(&args.commit))))?;
    context.answer(&reply, |out, change: ChangeRecord| {
        let version = change.version.map(|version| format!("v{version}  ")).unwrap_or_default();
        out.line(format_args!("{version}{}  {}  {}", short(&change.commit), change.at, line(&change.author)))?;
        for text in String::from_utf8_lossy(&change.message.0).lines() {
            out.line(format_args!("    {}", line(text)))?;
        }
        let lines = if args.stat { stat(&change.files) } else { hunks(&change.files) };
        if lines.is_empty() { Ok(()) } else { out.line(lines.join("\n")) }
    })
}

fn diff(context: &mut Context, args: &WorkspaceDiff) -> Result<Exit, Failure> {
    let address = context.workspace(None)?;
    let request = Request::get(format!("{address}/diff")).query("from", &args.from).query("to", &args.to);
    let request = request.query("hunks", if args.stat { "false" } else { "true" });
    let reply = context.ask(request)?;
    context.answer(&reply, |out: &mut Output, diff: TreeDiff| {
        let lines = if args.stat { stat(&diff.files) } else { hunks(&diff.files) };
        if !lines.is_empty() {
            out.line(lines.join("\n"))?;
        }
        if diff.truncated {
            out.note(format_args!("not everything is shown: git diff {} {}", short(&diff.from), short(&diff.to)));
        }
        Ok(())
    })
}

/// Saves a streamed answer as a new file, whole or not at all.
pub fn save(context: &mut Context, request: Request, to: &Path) -> Result<u64, Failure> {
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // As any file that the caller makes: readable to whom the umask says.
    let permissions = std::fs::Permissions::from_mode(0o666);
    let made = tempfile::Builder::new().permissions(permissions).tempfile_in(folder);
    let mut file = made.map_err(|error| Failure::file(folder, &error))?;
    let client = context.client()?;
    let mut body = client.stream(request)?;
    let mut bytes = 0;
    while let Some(piece) = body.next()? {
        file.write_all(&piece).map_err(|error| Failure::file(to, &error))?;
        bytes += piece.len() as u64;
    }
    drop(body);
    file.as_file().sync_all().map_err(|error| Failure::file(to, &error))?;
    file.persist(to).map_err(|error| Failure::file(to, &error.error))?;
    Ok(bytes)
}

/// Says what was saved.
pub fn saved(context: &mut Context, to: &Path, bytes: u64) -> Result<Exit, Failure> {
    if context.out.json() {
        context.out.document(&json!({ "path": to.to_string_lossy(), "bytes": bytes }))?;
    } else {
        context.out.line(format_args!("{}  {}", line(&to.to_string_lossy()), super::session_view::bytes(bytes)))?;
    }
    Ok(Exit::Ok)
}
