//! What every command needs: the options, the streams, the daemon, and which workspace or session is meant.

use crate::args::Global;
use crate::client::{Client, Environment, Exit, Failure, Reached, Reply, Request, Start, Store, connect, encode_segment};
use crate::daemon::DaemonFile;
use crate::output::{Output, line};
use acetate_engine::api::{WorkspaceInfo, WorkspaceList};
use serde::de::DeserializeOwned;
use std::path::PathBuf;
use std::time::Duration;

/// What a command works with.
pub struct Context {
    /// The options that every command takes.
    pub global: Global,
    /// Where it prints.
    pub out: Output,
    reached: Option<Reached>,
}

impl Context {
    /// A context; nothing is looked for yet.
    pub fn new(global: Global, out: Output) -> Self {
        Self { global, out, reached: None }
    }

    /// The store that is meant.
    ///
    /// # Errors
    /// See [`Store::find`].
    pub fn store(&self) -> Result<Store, Failure> {
        Store::find(self.global.store.as_deref(), &Environment::of_process()?)
    }

    /// Whether and how a daemon may be started.
    pub fn start(&self) -> Start {
        let forbidden = std::env::var_os("ACETATE_NO_AUTOSTART").is_some_and(|value| !value.is_empty() && value != "0");
        Start { allowed: !self.global.no_start && !forbidden, timeout: self.global.timeout.map(Duration::from_secs) }
    }

    fn reached(&mut self) -> Result<&mut Reached, Failure> {
        if self.reached.is_none() {
            let reached = connect(&self.store()?, &self.start())?;
            if let Some(warning) = reached.version_warning() {
                self.out.warn(&warning);
            }
            self.reached = Some(reached);
        }
        self.reached.as_mut().ok_or_else(|| Failure::unreachable("no daemon"))
    }

    /// The daemon, started if need be.
    ///
    /// # Errors
    /// See [`connect`].
    pub fn client(&mut self) -> Result<&mut Client, Failure> {
        Ok(&mut self.reached()?.client)
    }

    /// What the daemon says of itself.
    ///
    /// # Errors
    /// See [`connect`].
    pub fn daemon_file(&mut self) -> Result<Option<DaemonFile>, Failure> {
        Ok(self.reached()?.file.clone())
    }

    /// Asks the daemon.
    ///
    /// # Errors
    /// See [`Client::ask`].
    pub fn ask(&mut self, request: Request) -> Result<Reply, Failure> {
        self.client()?.ask(request)
    }

    /// Asks for something that takes its time.
    ///
    /// # Errors
    /// See [`Client::ask`].
    pub fn ask_long(&mut self, what: &str, request: Request) -> Result<Reply, Failure> {
        self.client()?;
        let _shown = self.out.progress(what);
        self.ask(request)
    }

    /// Shows an answer: as it came for programs, else as `show` does.
    ///
    /// # Errors
    /// When the answer can't be read or nobody reads the output.
    pub fn answer<T: DeserializeOwned>(
        &mut self,
        reply: &Reply,
        show: impl FnOnce(&mut Output, T) -> Result<(), Failure>,
    ) -> Result<Exit, Failure> {
        if self.out.json() {
            self.out.document(&reply.value()?)?;
        } else {
            show(&mut self.out, reply.parse()?)?;
        }
        Ok(Exit::Ok)
    }

    /// The address of the session that is meant.
    ///
    /// # Errors
    /// A usage error when none is.
    pub fn session(&self, given: Option<&str>) -> Result<String, Failure> {
        let id = given.map(str::to_owned).filter(|id| !id.is_empty()).or_else(|| self.session_id());
        let id = id.ok_or_else(|| {
            Failure::usage("no session is named")
                .hint("open one: export ACETATE_SESSION=$(acetate session open --agent NAME --id-only); or pass --session ID")
        })?;
        Ok(format!("/v1/sessions/{}", encode_segment(id)))
    }

    /// The session that is named, else the one in whose mounted folder the command runs.
    pub fn session_id(&self) -> Option<String> {
        let named = self.global.session.clone().filter(|id| !id.is_empty());
        named.or_else(|| self.store().ok()?.session)
    }

    /// Whether a session is meant.
    pub fn has_session(&self) -> bool {
        self.session_id().is_some()
    }

    /// The address of the workspace that is meant.
    ///
    /// # Errors
    /// See [`Context::workspace_name`].
    pub fn workspace(&mut self, given: Option<&str>) -> Result<String, Failure> {
        let name = match given {
            Some(name) => name.to_owned(),
            None => self.workspace_name()?,
        };
        Ok(format!("/v1/workspaces/{}", encode_segment(name)))
    }

    /// The workspace that is meant: the one named, else the repository's own, else the only one.
    ///
    /// # Errors
    /// `usage` when there are several, with their names; `workspace_not_found` when there is none.
    pub fn workspace_name(&mut self) -> Result<String, Failure> {
        if let Some(name) = self.global.workspace.as_deref().filter(|name| !name.is_empty()) {
            return Ok(name.to_owned());
        }
        let list: WorkspaceList = self.ask(Request::get("/v1/workspaces"))?.parse()?;
        choose(list.workspaces)
    }

    /// The absolute form of a path that the daemon, with another current folder, is to use.
    ///
    /// # Errors
    /// When there is no current folder.
    pub fn absolute(&self, path: impl Into<PathBuf>) -> Result<String, Failure> {
        let path = std::env::current_dir()?.join(path.into());
        path.into_os_string().into_string().map_err(|path| Failure::usage(format!("{} is not UTF-8", path.display())))
    }
}

fn choose(workspaces: Vec<WorkspaceInfo>) -> Result<String, Failure> {
    if let Some(own) = workspaces.iter().find(|workspace| workspace.in_place) {
        return Ok(own.id.to_string());
    }
    match workspaces.as_slice() {
        [] => Err(Failure::not_found("workspace_not_found", "the store has no workspace yet")
            .hint("`acetate import PATH` or `acetate workspace create NAME` makes one")),
        [only] => Ok(only.id.to_string()),
        several => {
            let names: Vec<String> = several.iter().take(20).map(|workspace| line(&workspace.name)).collect();
            Err(Failure::usage("the store has several workspaces, and none is named")
                .hint(format!("pass --workspace NAME; there are: {}", names.join(", "))))
        }
    }
}
