//! The way through an export: each session's snapshots become versions of its workspace, in order; at the end the bytes are compared.

use super::input::{Export, Place};
use super::record::Snapshot;
use super::report::{Became, Migrated, Refused, Report};
use super::target::{Target, find, message, name};
use crate::args;
use crate::client::{Exit, Failure, Request, encode_path, encode_segment};
use crate::commands::Context;
use acetate_engine::api::{
    Closed, CreateWorkspace, FileList, OpenSession, Opened, StoreStatus, Submission, SubmissionOutcome, Submit, WorkspaceInfo,
};
use acetate_git::blob_id;
use acetate_types::{ObjectFormat, RepoPath};
use std::collections::BTreeSet;
use std::iter::successors;

/// Migrates an export.
///
/// # Errors
/// An export that can't be read, a daemon that can't be asked. What concerns one record is in the report.
pub fn migrate(context: &mut Context, args: &args::Migrate) -> Result<Exit, Failure> {
    let plain = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '.' | '_' | '-');
    if !args.prefix.chars().all(plain) || args.prefix.starts_with(['.', '-']) || args.prefix.len() > 30 {
        return Err(Failure::usage("--prefix takes at most 30 of a-z A-Z 0-9 . _ -, and does not begin with a dot or dash"));
    }
    let mut export = Export::read(&args.export)?;
    let mut report = Report { dry_run: args.dry_run, ..Report::default() };
    report.refused = export.unreadable.drain(..).map(|(record, reason)| Refused { record, session_id: None, reason }).collect();
    let format = context.ask(Request::get("/v1"))?.parse::<StoreStatus>()?.format;
    for (session, places) in std::mem::take(&mut export.sessions) {
        let shown = context.out.progress(&format!("migrating {session}"));
        let mut one = One { context, export: &mut export, format, args, report: &mut report, name: name(&args.prefix, &session), session };
        let migrated = one.migrate(&places)?;
        report.sessions.push(migrated);
        drop(shown);
    }
    report.show(&mut context.out)?;
    Ok(if report.refused.is_empty() { Exit::Ok } else { Exit::Conflict })
}

/// One exported session on its way.
struct One<'a> {
    context: &'a mut Context,
    export: &'a mut Export,
    format: ObjectFormat,
    args: &'a args::Migrate,
    report: &'a mut Report,
    session: String,
    name: String,
}

impl One<'_> {
    fn migrate(&mut self, places: &[Place]) -> Result<Migrated, Failure> {
        let refused = self.report.refused.len();
        let target = find(self.context, &self.name)?;
        let mut migrated = Migrated {
            session_id: self.session.clone(),
            workspace: self.name.clone(),
            became: if target.is_none() { Became::Created } else { Became::Unchanged },
            snapshots: places.len(),
            landed: 0,
            verified: 0,
        };
        let was_there = target.is_some();
        let mut target = target;
        let mut last: Option<Snapshot> = None;
        // The versions that the snapshots so far are.
        let mut versions = 0;
        for (nth, place) in places.iter().enumerate() {
            let record = self.export.record(place)?;
            let (title, made) = (record.name.clone(), record.made());
            let taken = match record.snapshot() {
                Ok(snapshot) => self.take(&mut target, &mut versions, snapshot, &mut last, (title.as_deref(), made.as_deref()))?,
                Err(reason) => Err(reason),
            };
            // A workspace that was made for nothing goes again.
            if let (Err(_), false, 0, Some(empty)) = (&taken, was_there || self.args.dry_run, versions, &target) {
                self.context.ask(Request::delete(empty.address.clone()))?;
                target = None;
            }
            match taken {
                Ok(landed) => migrated.landed += usize::from(landed),
                // What comes after a hole would be another history.
                Err(reason) => {
                    self.refuse(place.number, reason);
                    for later in places.get(nth + 1..).unwrap_or_default() {
                        self.refuse(later.number, "an earlier snapshot of the session could not be taken".to_owned());
                    }
                    break;
                }
            }
        }
        if let (Some(target), Some(snapshot), false) = (&target, &last, self.args.dry_run || versions == 0) {
            match self.verify(&target.address, versions, snapshot)? {
                Ok(files) => migrated.verified = files,
                Err(reason) => self.refuse(places.last().map_or(0, |place| place.number), reason),
            }
        }
        migrated.became = match (self.report.refused.len() > refused, was_there, migrated.landed) {
            (true, ..) => Became::Refused,
            (false, true, 0) => Became::Unchanged,
            (false, true, _) => Became::Continued,
            (false, false, _) => Became::Created,
        };
        Ok(migrated)
    }

    /// Takes one snapshot: whether this run landed it, or why it can't be taken.
    fn take(
        &mut self,
        target: &mut Option<Target>,
        versions: &mut usize,
        snapshot: Snapshot,
        last: &mut Option<Snapshot>,
        (title, made): (Option<&str>, Option<&str>),
    ) -> Result<Result<bool, String>, Failure> {
        // The same files once more are no version of their own.
        let same = last.as_ref().map_or(snapshot.files.is_empty(), |last| last.mark == snapshot.mark);
        if !same && let Some(known) = target.as_ref().and_then(|target| target.landed.get(*versions)) {
            if *known != snapshot.mark {
                return Ok(Err(format!("version {} of workspace {} is another snapshot", *versions + 1, self.name)));
            }
            *versions += 1;
            *last = Some(snapshot);
            return Ok(Ok(false));
        }
        if !same && target.as_ref().is_some_and(|target| target.others) {
            return Ok(Err(format!("workspace {} has gone on with other work", self.name)));
        }
        if self.args.dry_run {
            *last = Some(snapshot);
            return Ok(Ok(!same));
        }
        let address = match target {
            Some(target) => target.address.clone(),
            None => {
                let made = self.create(title)?;
                *target = Some(Target { address: made.clone(), landed: Vec::new(), others: false });
                made
            }
        };
        if same {
            return Ok(Ok(false));
        }
        if let Err(failure) = self.land(&address, *versions + 1, &snapshot, last.as_ref(), made) {
            return about_the_record(&failure).map(Err).ok_or(failure);
        }
        *versions += 1;
        *last = Some(snapshot);
        Ok(Ok(true))
    }

    fn refuse(&mut self, record: u64, reason: String) {
        self.report.refused.push(Refused { record, session_id: Some(self.session.clone()), reason });
    }

    fn create(&mut self, title: Option<&str>) -> Result<String, Failure> {
        let description = title.map(str::trim).filter(|title| !title.is_empty()).map(str::to_owned);
        let create = CreateWorkspace { name: Some(self.name.clone()), description, ..CreateWorkspace::default() };
        let made: WorkspaceInfo = self.context.ask(Request::post("/v1/workspaces", &create)?)?.parse()?;
        Ok(format!("/v1/workspaces/{}", encode_segment(made.id.as_str())))
    }

    /// Lands a snapshot as one version; nothing of it is there if it can't be.
    fn land(
        &mut self,
        address: &str,
        number: usize,
        snapshot: &Snapshot,
        before: Option<&Snapshot>,
        made: Option<&str>,
    ) -> Result<(), Failure> {
        let open = OpenSession { agent: "acetate migrate".to_owned(), intent: Some(self.session.clone()), ..OpenSession::default() };
        let opened: Opened = self.context.ask(Request::post(format!("{address}/sessions"), &open)?)?.parse()?;
        let session = format!("/v1/sessions/{}", encode_segment(opened.id.as_str()));
        let landed = self.fill(&session, number, snapshot, before, made);
        let ended = self.context.ask(Request::delete(&*session).query("discard", "true"));
        landed?;
        ended?.parse::<Closed>()?;
        Ok(())
    }

    fn fill(
        &mut self,
        session: &str,
        number: usize,
        snapshot: &Snapshot,
        before: Option<&Snapshot>,
        made: Option<&str>,
    ) -> Result<(), Failure> {
        let gone = before.into_iter().flat_map(|before| before.files.keys()).filter(|path| !snapshot.files.contains_key(*path));
        // Where a folder was and a file is now the folder goes as a whole.
        let folder = |path: &RepoPath| successors(path.parent(), RepoPath::parent).find(|folder| snapshot.files.contains_key(folder));
        let gone: BTreeSet<RepoPath> = gone.map(|path| folder(path).unwrap_or_else(|| path.clone())).collect();
        for path in &gone {
            self.context.ask(Request::delete(format!("{session}/files/{}", encode_path(path))))?;
        }
        for (path, content) in &snapshot.files {
            if before.and_then(|before| before.files.get(path)) != Some(content) {
                let put = Request::put(format!("{session}/files/{}", encode_path(path)), content.clone());
                self.context.ask(put).map_err(|failure| about(path, failure))?;
            }
        }
        let message = message(number, &snapshot.mark, &self.session, made);
        let submit = Submit { message: Some(message), ..Submit::default() };
        let submission: Submission = self.context.ask(Request::post(format!("{session}/submit"), &submit)?)?.parse()?;
        match submission.outcome {
            SubmissionOutcome::Landed { .. } => Ok(()),
            other => Err(Failure::unexpected(format!("the workspace changed meanwhile: {other:?}"))),
        }
    }

    /// Compares the version's files with the snapshot's, by the hashes of their bytes.
    fn verify(&mut self, address: &str, version: usize, snapshot: &Snapshot) -> Result<Result<usize, String>, Failure> {
        let mut wanted: BTreeSet<RepoPath> = snapshot.files.keys().cloned().collect();
        let mut after: Option<RepoPath> = None;
        loop {
            let request = Request::get(format!("{address}/files")).query("at", format!("v{version}"));
            let request = request.maybe("after", after.as_ref().map(|path| path.as_bytes().to_vec()));
            let list: FileList = self.context.ask(request)?.parse()?;
            for file in &list.files {
                let expect = snapshot.files.get(&file.path).map(|content| blob_id(self.format, content));
                if expect.is_none() || expect != file.id {
                    return Ok(Err(format!("{} of workspace {} is not what the export has", file.path, self.name)));
                }
                wanted.remove(&file.path);
            }
            after = list.next;
            if after.is_none() {
                break;
            }
        }
        if let Some(path) = wanted.first() {
            return Ok(Err(format!("{path} is missing in workspace {}", self.name)));
        }
        Ok(Ok(snapshot.files.len()))
    }
}

/// Whether a failure is about what the record holds, and not about the daemon.
fn about_the_record(failure: &Failure) -> Option<String> {
    match (failure.exit(), failure) {
        (Exit::Usage | Exit::Limit | Exit::Conflict | Exit::NotFound, Failure::Problem(problem)) => Some(problem.message.clone()),
        _ => None,
    }
}

/// A failure that says which file it is about.
fn about(path: &RepoPath, failure: Failure) -> Failure {
    match failure {
        Failure::Problem(mut problem) => {
            problem.message = format!("{path}: {}", problem.message);
            Failure::Problem(problem)
        }
        silent => silent,
    }
}
