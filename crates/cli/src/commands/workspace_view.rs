//! How workspaces, branches, versions and operations look.

use crate::client::Failure;
use crate::output::{BOLD, DIM, GREEN, Output, Table, YELLOW, line, paint};
use acetate_engine::api::{
    Base, BlameInfo, BranchInfo, CheckpointInfo, OperationPage, PathCommit, PathHistory, SameSymbol, TurnList, VersionPage, WorkspaceInfo,
    WorkspaceList,
};
use acetate_types::ObjectId;

/// An id as people read it.
pub fn short(id: &ObjectId) -> String {
    id.to_hex().chars().take(10).collect()
}

/// A base or head: `v12 0123456789`.
pub fn point(base: &Base) -> String {
    match (base.version, &base.commit) {
        (Some(version), Some(commit)) => format!("{} {}", paint(BOLD, format_args!("v{version}")), paint(DIM, short(commit))),
        (Some(version), None) => paint(BOLD, format_args!("v{version}")),
        (None, Some(commit)) => paint(DIM, short(commit)),
        (None, None) => paint(DIM, "no commit yet"),
    }
}

/// A branch without what every branch begins with.
pub fn branch(name: &str) -> String {
    line(name.strip_prefix("refs/heads/").unwrap_or(name))
}

/// A workspace in full.
pub fn show_workspace(out: &mut Output, workspace: &WorkspaceInfo) -> Result<(), Failure> {
    let mut table = Table::new();
    let mut row = |name: &str, value: String| {
        table.row([paint(DIM, name), value]);
    };
    row("workspace", format!("{}  {}", paint(BOLD, line(&workspace.name)), paint(DIM, &workspace.id)));
    if let Some(text) = &workspace.description {
        row("what for", line(text));
    }
    row("branch", branch(&workspace.default_branch));
    row("head", point(&workspace.head));
    row("sessions", workspace.sessions.to_string());
    if workspace.in_place {
        row("served", "in place: its branches are the repository's own".to_owned());
    }
    if workspace.portable_paths {
        row("paths", "portable only".to_owned());
    }
    if workspace.same_symbol != SameSymbol::default() {
        row("same symbol", workspace.same_symbol.as_str().to_owned());
    }
    if let Some(text) = &workspace.diverged {
        row("apart", paint(YELLOW, line(text)));
    }
    if let Some(at) = workspace.deleted {
        row("deleted", at.to_string());
    }
    if let Some(at) = workspace.purged_after {
        row("kept until", at.to_string());
    }
    if let Some(template) = &workspace.template {
        row("template", template.at.as_deref().map_or_else(|| "of its head".to_owned(), |at| format!("of {}", line(at))));
    }
    out.table(&table)
}

/// The workspaces.
pub fn show_workspaces(out: &mut Output, list: &WorkspaceList) -> Result<(), Failure> {
    if list.workspaces.is_empty() {
        return out.line("no workspaces yet; `acetate import PATH` makes one");
    }
    let mut table = Table::new();
    for workspace in &list.workspaces {
        let state = match (&workspace.deleted, &workspace.diverged) {
            (Some(_), _) => paint(YELLOW, "deleted"),
            (None, Some(_)) => paint(YELLOW, "apart"),
            (None, None) if workspace.in_place => paint(GREEN, "in place"),
            (None, None) => String::new(),
        };
        let sessions = if workspace.sessions == 1 { "1 session".to_owned() } else { format!("{} sessions", workspace.sessions) };
        // A deleted one is named by its id.
        let name = match workspace.deleted {
            Some(_) => format!("{}  {}", line(&workspace.name), paint(DIM, &workspace.id)),
            None => line(&workspace.name),
        };
        table.row([name, branch(&workspace.default_branch), point(&workspace.head), sessions, state]);
    }
    out.table(&table)
}

/// The branches.
pub fn show_branches(out: &mut Output, branches: &[BranchInfo]) -> Result<(), Failure> {
    let mut table = Table::new();
    for one in branches {
        let mark = if one.default { paint(GREEN, "*") } else { " ".to_owned() };
        table.row([format!("{mark} {}", branch(&one.name)), point(&one.head)]);
    }
    out.table(&table)
}

/// The history.
pub fn show_versions(out: &mut Output, page: &VersionPage) -> Result<(), Failure> {
    let mut table = Table::new();
    for version in &page.versions {
        let who = version.agent.as_deref().map_or_else(|| paint(DIM, line(&version.kind)), line);
        table.row([
            paint(BOLD, format_args!("v{}", version.version)),
            paint(DIM, short(&version.commit)),
            branch(&version.branch),
            who,
            line(&version.message),
        ]);
    }
    out.table(&table)?;
    if let Some(next) = page.next {
        out.note(format_args!("there are older ones: --before {next}"));
    }
    Ok(())
}

/// The checkpoints.
pub fn show_checkpoints(out: &mut Output, checkpoints: &[CheckpointInfo]) -> Result<(), Failure> {
    let mut table = Table::new();
    for one in checkpoints {
        let message = one.message.as_ref().map(|text| line(&String::from_utf8_lossy(&text.0))).unwrap_or_default();
        table.row([line(&one.name), point(&Base { version: one.version, commit: Some(one.commit) }), message]);
    }
    out.table(&table)
}

/// The operation log.
pub fn show_operations(out: &mut Output, page: &OperationPage) -> Result<(), Failure> {
    let mut table = Table::new();
    for one in &page.operations {
        let undoes = one.undoes.map(|number| format!("undoes {number}")).unwrap_or_default();
        table.row([paint(BOLD, one.number), paint(DIM, one.at), line(&one.kind), line(&one.actor), undoes]);
    }
    out.table(&table)?;
    if let Some(next) = page.next {
        out.note(format_args!("there are older ones: --before {next}"));
    }
    Ok(())
}

/// The commits that changed a path.
pub fn show_history(out: &mut Output, history: &PathHistory) -> Result<(), Failure> {
    let mut table = Table::new();
    for commit in &history.commits {
        table.row([version(commit), paint(DIM, short(&commit.commit)), paint(DIM, commit.at), who(commit), line(&commit.message)]);
    }
    out.table(&table)?;
    if let Some(next) = history.next {
        out.note(format_args!("there are older ones, after {next}"));
    }
    Ok(())
}

/// Where a file's lines come from.
pub fn show_blame(out: &mut Output, blame: &BlameInfo) -> Result<(), Failure> {
    let mut table = Table::new();
    for run in &blame.lines {
        let lines = if run.lines == 1 { run.start.to_string() } else { format!("{}-{}", run.start, run.start + run.lines - 1) };
        table.row([lines, version(&run.from), paint(DIM, short(&run.from.commit)), who(&run.from), line(&run.from.message)]);
    }
    out.table(&table)
}

fn version(commit: &PathCommit) -> String {
    commit.version.map(|version| paint(BOLD, format_args!("v{version}"))).unwrap_or_default()
}

/// The agent with its turn, else the author.
fn who(commit: &PathCommit) -> String {
    match (&commit.agent, commit.turn) {
        (Some(agent), Some(turn)) => format!("{} turn {turn}", line(agent)),
        (Some(agent), None) => line(agent),
        (None, _) => line(&commit.author),
    }
}

/// The turns of a session.
pub fn show_turns(out: &mut Output, list: &TurnList) -> Result<(), Failure> {
    if list.turns.is_empty() {
        return out.line("no turn since the session stands on its base");
    }
    let mut table = Table::new();
    for turn in &list.turns {
        table.row([paint(BOLD, turn.turn), paint(DIM, short(&turn.commit)), paint(DIM, turn.at), line(&turn.message)]);
    }
    out.table(&table)
}
