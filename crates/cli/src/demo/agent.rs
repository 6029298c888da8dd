//! One agent: opens a session, edits, commits, submits, and settles what it meets.

use super::live::Live;
use super::plan::{AgentPlan, Duel};
use super::timings::{Timings, timed};
use crate::client::{Client, Failure, Request, encode_path, encode_segment};
use crate::output::{line, path};
use acetate_engine::api::{
    Base, ConflictInfo, MoveFile, OpenSession, Opened, Resolve, Resolved, StringEdit, Submission, SubmissionOutcome, Submit, Take,
};
use acetate_types::{RepoPath, Text};
use serde::Serialize;
use serde_json::json;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

/// How often an agent submits before it gives up: each conflict it meets is settled against the head of that moment.
const ATTEMPTS: usize = 20;
/// Seconds after which a session left behind ends by itself.
const TTL: u64 = 15 * 60;

/// A conflict and how it was settled.
#[derive(Debug, Clone, Serialize)]
pub struct Settled {
    /// Who met it.
    pub agent: String,
    /// Who was there first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rival: Option<String>,
    /// Where.
    pub path: RepoPath,
    /// The symbol, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// Its kind.
    pub kind: String,
    /// What was done.
    pub how: &'static str,
}

/// What came of an agent's work.
#[derive(Debug, Default)]
pub struct Work {
    /// Its session, to be closed.
    pub session: Option<String>,
    /// How many edits it made.
    pub edits: usize,
    /// The version its work became.
    pub version: Option<u64>,
    /// The conflicts it met.
    pub settled: Vec<Settled>,
    /// How long its calls took.
    pub timings: Timings,
    /// What kept it from landing.
    pub failure: Option<Failure>,
}

/// What all agents share.
pub struct Scene<'a> {
    /// The workspace's address.
    pub workspace: &'a str,
    /// The full name of the branch.
    pub branch: &'a str,
    /// Passed by all once every session is open, so that all stand on the same version.
    pub opened: &'a Barrier,
    /// Set when the person at the terminal wants it to end.
    pub stop: &'a AtomicBool,
    /// The lines on the terminal.
    pub live: &'a Live,
}

/// Does the whole of the plan. Every agent passes the barrier, whatever happens.
pub fn work(scene: &Scene<'_>, number: usize, plan: &AgentPlan, client: Result<Client, Failure>) -> Work {
    let mut agent = Agent { scene, number, plan, client: None, address: String::new(), done: Work::default() };
    let opened = client.and_then(|client| agent.open(client));
    scene.opened.wait();
    match opened.and_then(|()| agent.edit_and_land()) {
        Ok(()) => {
            let version = agent.done.version.map(|version| format!("landed as v{version}")).unwrap_or_default();
            scene.live.end(number, version);
        }
        Err(failure) => {
            if let Failure::Problem(problem) = &failure {
                scene.live.end(number, crate::output::line(&problem.message));
            }
            agent.done.failure = Some(failure);
        }
    }
    agent.done
}

struct Agent<'a> {
    scene: &'a Scene<'a>,
    number: usize,
    plan: &'a AgentPlan,
    client: Option<Client>,
    address: String,
    done: Work,
}

impl Agent<'_> {
    fn ask(&mut self, request: Request) -> Result<crate::client::Reply, Failure> {
        if self.scene.stop.load(Ordering::Relaxed) {
            return Err(Failure::unexpected("interrupted"));
        }
        self.client.as_mut().ok_or_else(|| Failure::unreachable("no connection"))?.ask(request)
    }

    fn say(&self, text: impl Into<std::borrow::Cow<'static, str>>) {
        self.scene.live.say(self.number, text);
    }

    fn open(&mut self, client: Client) -> Result<(), Failure> {
        self.client = Some(client);
        self.say("opening a session");
        let open = OpenSession {
            agent: self.plan.name.clone(),
            intent: Some(self.plan.intent.clone()),
            branch: Some(self.scene.branch.to_owned()),
            ttl: Some(TTL),
            ..OpenSession::default()
        };
        let request = Request::post(format!("{}/sessions", self.scene.workspace), &open)?;
        let mut times = Vec::new();
        let opened: Opened = timed(&mut times, || self.ask(request))?.parse()?;
        self.done.timings.open = times;
        self.address = format!("/v1/sessions/{}", encode_segment(opened.id.as_str()));
        self.done.session = Some(opened.id.to_string());
        Ok(())
    }

    fn edit_and_land(&mut self) -> Result<(), Failure> {
        for edit in &self.plan.edits {
            self.replace(&edit.path, &edit.old, &edit.new)?;
        }
        if let Some(duel) = &self.plan.duel {
            match &duel.line {
                Some(line) => self.replace(&duel.path, line, &format!("{line}{}", duel.mine))?,
                None => self.put(&duel.path, &duel.mine)?,
            }
        }
        if let Some((from, to)) = &self.plan.rename {
            self.say(format!("moving {}", path(from)));
            let moved = MoveFile { from: from.clone(), to: to.clone(), replace: false };
            self.edit(Request::post(format!("{}/move", self.address), &moved)?)?;
        }
        let (own, text) = &self.plan.file;
        self.put(own, text)?;
        self.say("committing");
        let request = Request::post(format!("{}/commit", self.address), &json!({ "message": self.plan.intent }))?;
        let mut times = Vec::new();
        timed(&mut times, || self.ask(request))?;
        self.done.timings.commit = times;
        self.land()
    }

    fn replace(&mut self, at: &RepoPath, old: &str, new: &str) -> Result<(), Failure> {
        self.say(format!("editing {}", path(at)));
        let edit = StringEdit { old: old.to_owned().into(), new: new.to_owned().into(), all: false };
        self.edit(Request::post(format!("{}/edit", self.address), &json!({ "path": at, "edits": [edit] }))?)
    }

    fn put(&mut self, at: &RepoPath, text: &str) -> Result<(), Failure> {
        self.say(format!("writing {}", path(at)));
        self.edit(Request::put(format!("{}/files/{}", self.address, encode_path(at)), text.to_owned().into()))
    }

    fn edit(&mut self, request: Request) -> Result<(), Failure> {
        let mut times = std::mem::take(&mut self.done.timings.edit);
        let answer = timed(&mut times, || self.ask(request));
        self.done.timings.edit = times;
        answer?;
        self.done.edits += 1;
        Ok(())
    }

    fn land(&mut self) -> Result<(), Failure> {
        for _ in 0..ATTEMPTS {
            self.say("submitting");
            let submit = Submit { message: Some(format!("{} ({})", self.plan.intent, self.plan.name)), ..Submit::default() };
            let request = Request::post(format!("{}/submit", self.address), &submit)?;
            let mut times = std::mem::take(&mut self.done.timings.submit);
            let answer = timed(&mut times, || self.ask(request));
            self.done.timings.submit = times;
            let submission: Submission = answer?.parse()?;
            match submission.outcome {
                SubmissionOutcome::Landed { version, .. } => {
                    self.done.version = version;
                    return Ok(());
                }
                SubmissionOutcome::Rejected { checks } => return Err(Failure::unexpected(format!("rejected: {}", checks.join("; ")))),
                SubmissionOutcome::Conflict { conflicts, against, .. } => {
                    if self.settle_all(&conflicts, &against)? {
                        return Ok(());
                    }
                }
            }
        }
        Err(Failure::unexpected(format!("not landed after {ATTEMPTS} attempts")))
    }

    /// Settles each conflict; the call that settles the last one lands too, unless somebody was faster once more.
    fn settle_all(&mut self, conflicts: &[ConflictInfo], against: &Base) -> Result<bool, Failure> {
        for conflict in conflicts.iter().filter(|conflict| !conflict.resolved) {
            let resolved = self.settle(conflict, against)?;
            if let Some(SubmissionOutcome::Landed { version, .. }) = resolved.submission.map(|made| made.outcome) {
                self.done.version = version;
                return Ok(true);
            }
            if resolved.moved {
                break;
            }
        }
        Ok(false)
    }

    fn settle(&mut self, conflict: &ConflictInfo, against: &Base) -> Result<Resolved, Failure> {
        let at = conflict.symbol.as_deref().map_or_else(|| path(&conflict.path), line);
        self.say(format!("settling a conflict in {at}"));
        let duel = self.plan.duel.as_ref().filter(|duel| duel.path == conflict.path);
        let part = duel.and_then(|duel| both_in_part(duel, conflict));
        let whole = part.is_none() && duel.is_some_and(|duel| duel.keep_both);
        let (take, text, how) = match duel {
            Some(duel) if duel.keep_both => {
                let text = part.map_or_else(|| self.both(duel, against), Ok)?;
                (Take::Text, Some(text), "kept both texts")
            }
            Some(_) => (Take::Session, None, "kept its own text"),
            None if conflict.proposal.is_some() => (Take::Proposal, None, "took the proposed merge"),
            // Nothing else was meant to meet; whoever was first is right.
            None => (Take::Head, None, "gave way"),
        };
        let symbol = conflict.symbol.clone().filter(|_| !whole);
        let resolve = Resolve { path: conflict.path.clone(), symbol, kind: None, take, text, submit: true };
        let resolved = self.ask(Request::post(format!("{}/resolve", self.address), &resolve)?)?.parse()?;
        self.done.settled.push(Settled {
            agent: self.plan.name.clone(),
            rival: conflict.head_author.as_ref().map(|author| author.name.clone()),
            path: conflict.path.clone(),
            symbol: conflict.symbol.clone(),
            kind: conflict.kind.clone(),
            how,
        });
        Ok(resolved)
    }

    /// The head's file with this agent's words added.
    fn both(&mut self, duel: &Duel, against: &Base) -> Result<Text, Failure> {
        let at = against.commit.map_or_else(|| self.scene.branch.to_owned(), |commit| commit.to_hex());
        let head = self.ask(Request::get(format!("{}/files/{}", self.scene.workspace, encode_path(&duel.path))).query("at", at))?;
        let joined = duel.join(&String::from_utf8_lossy(&head.body));
        Ok(joined.ok_or_else(|| Failure::unexpected("the line is gone from the head"))?.into())
    }
}

/// The head's part of a symbol with this agent's words added, where the conflict is one about a symbol and shows all of its part.
fn both_in_part(duel: &Duel, conflict: &ConflictInfo) -> Option<Text> {
    let head = conflict.head.as_ref().filter(|side| conflict.symbol.is_some() && side.size.is_none())?;
    let [text] = head.texts.as_slice() else { return None };
    duel.join(text.as_str()?).map(Text::from)
}
