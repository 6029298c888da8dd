//! Acetate in this process, as an embedding program uses it.

use crate::inputs::Edit;
use acetate_engine::api::{
    CommitTurn, CreateWorkspace, OpenSession, Submission, SubmissionOutcome, Submit, TurnCommit, WorkspaceSource, WriteFile,
};
use acetate_engine::{Engine, EngineOptions, Limits, Session, Workspace};
use anyhow::{Context as _, Result, bail};
use std::path::Path;

/// An open store and the workspace that is served in place.
#[derive(Debug)]
pub struct Product {
    engine: Engine,
    workspace: Workspace,
}

impl Product {
    /// Opens a repository as the daemon does, background work included.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn open(repository: &Path) -> Result<Self> {
        Self::tuned(repository, |_| {})
    }

    /// Opens a repository with other options.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn tuned(repository: &Path, tune: impl FnOnce(&mut EngineOptions)) -> Result<Self> {
        let mut options = EngineOptions::at(repository);
        options.limits.cache_bytes = Limits::caches_for(rustix::system::sysinfo().totalram as u64);
        tune(&mut options);
        let engine = Engine::open(options).context("the engine can't open its repository")?;
        let owner = engine.owner();
        let list = engine.workspaces(&owner, None, None)?;
        let info = list.workspaces.iter().find(|workspace| workspace.in_place).context("no workspace in place")?;
        let workspace = engine.workspace(&owner, info.id.as_str())?;
        Ok(Self { engine, workspace })
    }

    /// Bytes in the object caches.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn cached_bytes(&self) -> Result<u64> {
        Ok(self.engine.status(&self.engine.owner())?.cache_bytes)
    }

    /// Opens a session and takes hold of it: all that is needed before the first read.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn session(&self) -> Result<Session> {
        let opened = self.workspace.open_session(OpenSession { agent: "bench".to_owned(), ..OpenSession::default() })?;
        Ok(self.engine.session(&self.engine.owner(), &opened.id)?)
    }

    /// The workspace.
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// Takes hold of a workspace by its name.
    ///
    /// # Errors
    /// When there is none.
    pub fn named(&self, name: &str) -> Result<Workspace> {
        Ok(self.engine.workspace(&self.engine.owner(), name)?)
    }

    /// Opens a session and writes these files in it.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn edited(&self, edits: &[Edit]) -> Result<Session> {
        let session = self.session()?;
        write(&session, edits)?;
        Ok(session)
    }

    /// Opens a session and changes these files as they are at the head now.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn edited_at_head(&self, edits: &[Edit], salt: &str, place: crate::text::Place) -> Result<Session> {
        let session = self.session()?;
        for edit in edits {
            let now = session.read(&edit.path)?;
            let content = crate::text::changed(edit.path.as_bytes(), &now.content.0, salt, 3, place);
            session.write(WriteFile { path: edit.path.clone(), content: content.into(), mode: None, expect: None })?;
        }
        Ok(session)
    }

    /// A whole job: open, write, commit, submit if asked for, close.
    ///
    /// # Errors
    /// When the engine refuses, or what was submitted did not land.
    pub fn job(&self, edits: &[Edit], submits: bool) -> Result<()> {
        let session = self.edited(edits)?;
        commit(&session)?;
        if submits {
            land(&session)?;
        }
        session.close(true)?;
        Ok(())
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        self.engine.shutdown();
    }
}

/// A fresh store, without a workspace.
#[derive(Debug)]
pub struct Fresh(Engine);

impl Fresh {
    /// Makes it.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn make(folder: &Path) -> Result<Self> {
        let mut options = EngineOptions::at(folder.join("store"));
        options.create = true;
        Ok(Self(Engine::open(options).context("the engine can't make a store")?))
    }

    /// Makes a workspace from a bundle; gives its head.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn import(&self, bundle: &Path) -> Result<String> {
        let from = WorkspaceSource::Bundle(bundle.display().to_string());
        let create = CreateWorkspace { name: Some("imported".to_owned()), from: Some(from), ..CreateWorkspace::default() };
        let made = self.0.create_workspace(&self.0.owner(), create, None, &|_| {})?;
        Ok(made.head.commit.context("a workspace without a commit")?.to_string())
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        self.0.shutdown();
    }
}

/// Writes files, one call for each.
///
/// # Errors
/// When the engine refuses.
pub fn write(session: &Session, edits: &[Edit]) -> Result<()> {
    for edit in edits {
        session.write(WriteFile { path: edit.path.clone(), content: edit.content.clone(), mode: None, expect: None })?;
    }
    Ok(())
}

/// Commits, and insists that there was something to commit.
///
/// # Errors
/// When the engine refuses or nothing had changed.
pub fn commit(session: &Session) -> Result<TurnCommit> {
    let turn = session.commit(CommitTurn::default(), None)?;
    if !turn.changed {
        bail!("nothing had changed, so nothing was measured");
    }
    Ok(turn)
}

/// Submits, and insists that it lands.
///
/// # Errors
/// When the engine refuses, or the outcome is another.
pub fn land(session: &Session) -> Result<()> {
    landed(&session.submit(Submit::default(), None)?)
}

impl Product {
    /// Waits until the symbols of all landings are known and what will be merged is parsed: a thread does both after the answer.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn settled(&self) -> Result<()> {
        let mut after = 0;
        loop {
            let page = self.workspace.events(after, None)?;
            match page.events.last() {
                Some(last) => after = last.number,
                None => break,
            }
        }
        // Nothing tells when the files are parsed; they are in far less.
        std::thread::sleep(std::time::Duration::from_millis(100));
        Ok(())
    }
}

/// Asks what submitting would come to, and insists that it would land.
///
/// # Errors
/// When the engine refuses, or the outcome is another.
pub fn would_land(session: &Session) -> Result<()> {
    landed(&session.submit(Submit { dry_run: true, ..Submit::default() }, None)?)
}

fn landed(submission: &Submission) -> Result<()> {
    match &submission.outcome {
        SubmissionOutcome::Landed { unchanged: false, .. } => Ok(()),
        other => bail!("it did not land: {other:?}"),
    }
}
