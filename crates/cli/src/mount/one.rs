//! One session of a run: opened, mounted, worked in, committed, landed, cleared away.

use super::child::{Answering, Groups, Passed, code, run};
use super::place::Place;
use crate::client::{Client, Failure, Request, Store, encode_segment};
use acetate_engine::api::{
    Answer, CommitTurn, OpenSession, Opened, SessionInfo, SessionStatus, Submission, SubmissionOutcome, Submit, TurnCommit,
};
use serde::Serialize;
use serde_json::json;
use std::ffi::OsString;
use std::path::PathBuf;

/// What all sessions of a run share.
pub struct Plan {
    /// Where the daemon hears about mounts; none where real trees are to be made.
    pub socket: Option<PathBuf>,
    pub store: Store,
    /// Ignored files of the checkout to bring along.
    pub bring: Vec<PathBuf>,
    pub workspace: String,
    /// Where the folders are made.
    pub root: PathBuf,
    pub open: OpenSession,
    pub message: String,
    pub submit: bool,
    pub command: Vec<OsString>,
    /// The terminal is the command's: there is only one.
    pub alone: bool,
    /// A session that is there already.
    pub session: Option<String>,
    pub answering: Answering,
    pub groups: Groups,
}

/// What became of one session.
#[derive(Debug, Serialize)]
pub struct Outcome {
    pub number: u32,
    pub session: String,
    /// The command's exit code; none if it was not started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit: Option<u8>,
    /// Files that differ from the session's base.
    pub paths: u64,
    /// The version under which it landed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landed: Option<u64>,
    /// Whether it ended in a conflict.
    pub conflict: bool,
    /// Whether the session is still there.
    pub kept: bool,
    /// Where the output is, of a session that is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<PathBuf>,
    /// A real tree whose work did not all come into the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// What went wrong beside the command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Outcome {
    /// Whether all went well.
    pub fn good(&self) -> bool {
        self.exit == Some(0) && !self.conflict && self.error.is_none()
    }
}

/// Runs one session from its opening to its end.
pub fn work(plan: &Plan, number: u32, client: &mut Client) -> Outcome {
    let mut outcome = Outcome {
        number,
        session: plan.session.clone().unwrap_or_default(),
        exit: None,
        paths: 0,
        landed: None,
        conflict: false,
        kept: true,
        log: None,
        folder: None,
        error: None,
    };
    if let Err(failure) = work_in(plan, number, client, &mut outcome) {
        outcome.error = Some(match &failure {
            Failure::Problem(problem) => problem.message.clone(),
            Failure::Silent => "the output is closed".to_owned(),
        });
    }
    outcome
}

fn work_in(plan: &Plan, number: u32, client: &mut Client, outcome: &mut Outcome) -> Result<(), Failure> {
    if outcome.session.is_empty() {
        let mut open = plan.open.clone();
        if !plan.alone {
            open.agent = format!("{}-{number}", open.agent);
        }
        let opened: Opened =
            client.ask(Request::post(format!("/v1/workspaces/{}/sessions", encode_segment(&plan.workspace)), &open)?)?.parse()?;
        outcome.session = opened.id.to_string();
    }
    let address = format!("/v1/sessions/{}", encode_segment(&outcome.session));
    let worked = in_folder(plan, number, client, outcome, &address);
    if outcome.folder.is_some() {
        // Whoever carries the rest decides what becomes of the session.
        return worked;
    }
    // Whatever happened: what changed nothing, or landed, leaves nothing behind; the rest is put to rest.
    let info: SessionInfo = client.ask(Request::get(&address))?.parse()?;
    // A command that was never started left nothing to look into either.
    let well = outcome.exit.is_none() || outcome.exit == Some(0) && worked.is_ok();
    let done = well && !info.unsubmitted && !info.unsaved;
    if done && plan.session.is_none() {
        client.ask(Request::delete(&address))?;
        outcome.kept = false;
        outcome.log = None;
    } else if worked.is_err() || outcome.exit != Some(0) || outcome.conflict {
        client.ask(Request::post(format!("{address}/pause"), &json!({}))?)?;
    }
    worked
}

fn in_folder(plan: &Plan, number: u32, client: &mut Client, outcome: &mut Outcome, address: &str) -> Result<(), Failure> {
    let mut place = Place::new(plan, &outcome.session, number, client)?;
    let variables = [
        ("ACETATE_SESSION", OsString::from(&outcome.session)),
        ("ACETATE_STORE", plan.store.git_dir.clone().into_os_string()),
        ("ACETATE_RUN", OsString::from(number.to_string())),
    ];
    let passed = if plan.alone {
        Passed::Through
    } else {
        let aside = place.aside(plan, &outcome.session);
        std::fs::create_dir_all(&aside).map_err(|error| Failure::file(&aside, &error))?;
        let log = aside.join("output.log");
        let file = std::fs::File::create(&log).map_err(|error| Failure::file(&log, &error))?;
        outcome.log = Some(log);
        Passed::Prefixed(format!("[{number}] "), file)
    };
    let status = run(&plan.command, place.folder(), &variables, passed, plan.answering, &plan.groups)?;
    let exit = code(status);
    outcome.exit = Some(exit);
    let message = if exit == 0 { plan.message.clone() } else { format!("{}\n\nExit-Code: {exit}", plan.message) };
    if let Err(failure) = place.carry(client, address) {
        outcome.folder = place.keep();
        return Err(failure);
    }
    let commit = CommitTurn { message: Some(message.clone()) };
    let turn: Answer<TurnCommit> = client.ask(Request::post(format!("{address}/commit"), &commit)?)?.parse()?;
    place.detach();
    let status: Answer<SessionStatus> = client.ask(Request::get(format!("{address}/status")))?.parse()?;
    outcome.paths = turn.body.paths.max(status.body.changed as u64);
    if exit == 0 && plan.submit && outcome.paths > 0 && !plan.groups.called_off() {
        let submit = Submit { message: Some(message), ..Submit::default() };
        let submitted: Answer<Submission> = client.ask(Request::post(format!("{address}/submit"), &submit)?)?.parse()?;
        match submitted.body.outcome {
            SubmissionOutcome::Landed { version, .. } => outcome.landed = version,
            SubmissionOutcome::Conflict { .. } => outcome.conflict = true,
            _ => {}
        }
    }
    Ok(())
}
