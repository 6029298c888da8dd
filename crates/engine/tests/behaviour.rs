//! The behaviour specification, answered by the library.

use acetate_engine::api::{
    CheckpointSession, CommitTurn, CreateCheckpoint, CreateWorkspace, Fork, Grep, ListFiles, MoveFile, OpenSession, Resolve, Restore,
    StringEdit, Submit, Take, Undelete, Undo, WorkingSession, WorkspaceSource, WorkspaceUpdate, WriteFile,
};
use acetate_engine::{DiffOptions, Engine, EngineError, EngineOptions, Session, Workspace};
use acetate_testing::behaviour::{Door, run};
use acetate_types::{Classify as _, RepoPath};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

struct Library {
    engine: Engine,
    folder: tempfile::TempDir,
    bundles: usize,
}

type Given = Map<String, Value>;

fn text(given: &Given, name: &str) -> String {
    given.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn maybe(given: &Given, name: &str) -> Option<String> {
    given.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn path(given: &Given, name: &str) -> Result<RepoPath, EngineError> {
    Ok(RepoPath::new(text(given, name).into_bytes())?)
}

fn value(answer: impl serde::Serialize) -> Result<Value, EngineError> {
    Ok(serde_json::to_value(answer).expect("JSON"))
}

const DIFF: DiffOptions = DiffOptions { hunks: false, patch: false, symbols: false, context: 3, paths: Vec::new() };

impl Library {
    fn workspace(&self, given: &Given) -> Result<Workspace, EngineError> {
        self.engine.workspace(&self.engine.owner(), &text(given, "workspace"))
    }

    fn session(&self, given: &Given) -> Result<Session, EngineError> {
        let missing = |_| EngineError::not_found("session_not_found", "no such session");
        self.engine.session(&self.engine.owner(), &text(given, "session").parse().map_err(missing)?)
    }

    fn workspaces(&mut self, operation: &str, given: &Given) -> Result<Value, EngineError> {
        let owner = self.engine.owner();
        let at = maybe(given, "at");
        match operation {
            "create" => {
                let create = CreateWorkspace { name: maybe(given, "name"), ..Default::default() };
                return value(self.engine.create_workspace(&owner, create, None, &|_| ())?);
            }
            "undelete" => return value(self.engine.undelete(&owner, &text(given, "workspace"), &Undelete::default())?),
            "unbundle" => {
                let from = Some(WorkspaceSource::Bundle(text(given, "bundle")));
                let create = CreateWorkspace { name: maybe(given, "name"), from, ..Default::default() };
                return value(self.engine.create_workspace(&owner, create, None, &|_| ())?);
            }
            _ => {}
        }
        let space = self.workspace(given)?;
        match operation {
            "get" => value(space.info()?),
            "rename" => value(space.update(WorkspaceUpdate { name: maybe(given, "name"), ..Default::default() })?),
            "delete" => value(space.delete()?),
            "fork" => value(space.fork(Fork { name: maybe(given, "name"), at }, None)?),
            "restore" => value(space.restore(&Restore { at: at.unwrap_or_default(), branch: None, message: None }, None)?),
            "undo" => value(space.undo(Undo::default(), None)?),
            "versions" => value(space.versions(None, None, None)?),
            "diff" => value(space.diff(&text(given, "from"), &text(given, "to"), &DIFF)?),
            "files" => value(space.files(at.as_deref(), &ListFiles { glob: maybe(given, "glob"), ..Default::default() })?),
            "read" => Ok(json!({ "text": String::from_utf8_lossy(&space.read(at.as_deref(), &path(given, "path")?)?.content.0) })),
            "checkpoint" => {
                value(space.create_checkpoint(CreateCheckpoint { name: text(given, "name"), at, message: maybe(given, "message") }, None)?)
            }
            "checkpoints" => Ok(json!({ "checkpoints": space.checkpoints()? })),
            "bundle" => {
                self.bundles += 1;
                let file: PathBuf = self.folder.path().join(format!("{}.bundle", self.bundles));
                let mut bundle = space.bundle(None, false, &|_| ())?;
                std::io::copy(&mut bundle.file, &mut std::fs::File::create(&file).expect("a file")).expect("copied");
                Ok(json!({ "bundle": file }))
            }
            other => panic!("workspace.{other} is no operation"),
        }
    }

    fn sessions(&self, operation: &str, given: &Given) -> Result<Value, EngineError> {
        match operation {
            "open" => {
                let open = OpenSession { agent: text(given, "agent"), intent: maybe(given, "intent"), ..Default::default() };
                return value(self.workspace(given)?.open_session(open)?);
            }
            "working" => return value(self.workspace(given)?.working_session(&WorkingSession::default())?.0),
            _ => {}
        }
        let session = self.session(given)?;
        match operation {
            "write" => {
                let content = text(given, "text").into_bytes().into();
                value(session.write(WriteFile { path: path(given, "path")?, content, mode: None, expect: None })?)
            }
            "edit" => {
                let edit = StringEdit { old: text(given, "old").into(), new: text(given, "new").into(), all: false };
                value(session.edit(&path(given, "path")?, &[edit], None)?)
            }
            "read" => Ok(json!({ "text": String::from_utf8_lossy(&session.read(&path(given, "path")?)?.content.0) })),
            "delete" => value(session.delete(&path(given, "path")?, None)?),
            "move" => value(session.rename(&MoveFile { from: path(given, "from")?, to: path(given, "to")?, replace: false })?),
            "files" => value(session.files(&ListFiles { glob: maybe(given, "glob"), ..Default::default() })?),
            "grep" => value(session.grep(&Grep { pattern: text(given, "pattern"), ..Default::default() })?),
            "status" => value(session.status()?),
            "diff" => value(session.diff(&DIFF)?),
            "commit" => value(session.commit(CommitTurn { message: maybe(given, "message") }, None)?),
            "submit" => value(session.submit(Submit { message: maybe(given, "message"), ..Default::default() }, None)?),
            "resolve" => {
                let take: Take = serde_json::from_value(given["take"].clone()).expect("a take");
                let submit = given.get("submit").and_then(Value::as_bool).unwrap_or(false);
                value(session.resolve(Resolve { path: path(given, "path")?, symbol: None, kind: None, take, text: None, submit }, None)?)
            }
            "checkpoint" => value(session.checkpoint(&CheckpointSession { name: text(given, "name"), message: None }, None)?),
            "pause" => value(session.pause()?),
            "resume" => value(session.resume()?),
            "end" => value(session.close(given.get("discard").and_then(Value::as_bool).unwrap_or(false))?),
            other => panic!("session.{other} is no operation"),
        }
    }
}

impl Door for Library {
    fn call(&mut self, operation: &str, given: &Given) -> Result<Value, String> {
        let answer = match operation.split_once('.') {
            Some(("workspace", operation)) => self.workspaces(operation, given),
            Some(("session", operation)) => self.sessions(operation, given),
            _ => {
                let missing = |_| EngineError::not_found("change_not_found", "no such change");
                let commit = text(given, "commit").parse().map_err(missing);
                commit.and_then(|commit| value(self.engine.change(&self.engine.owner(), &commit)?))
            }
        };
        answer.map_err(|error| error.problem().code.to_string())
    }
}

#[test]
fn the_library_answers_as_specified() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = EngineOptions::at(folder.path().join("store"));
    options.create = true;
    let engine = Engine::open(options).expect("a store");
    run(&mut Library { engine, folder, bundles: 0 });
}
