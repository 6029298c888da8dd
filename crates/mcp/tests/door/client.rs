//! A store and clients that talk to it.

use acetate_engine::{Access, Engine, EngineError, EngineOptions};
use acetate_mcp::{Link, McpLimits, Shared, stream};
use acetate_testing::GitRepo;
use acetate_types::{ObjectFormat, SessionId};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf};
use tokio_util::sync::CancellationToken;

/// The protocol with a handshake, and the one without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Era {
    Handshake,
    Stateless,
}

/// A store that clients connect to.
pub struct World {
    pub repo: GitRepo,
    pub engine: Engine,
    pub shared: Arc<Shared>,
}

impl World {
    pub fn new(files: &[(&str, &str)]) -> Self {
        Self::with(files, McpLimits::default(), |_| {})
    }

    pub fn with(files: &[(&str, &str)], limits: McpLimits, set: impl FnOnce(&mut EngineOptions)) -> Self {
        let repo = GitRepo::bare(ObjectFormat::Sha1);
        repo.fast_commit("main", files.iter().map(|(path, text)| (*path, "100644", Some(*text))));
        let mut options = EngineOptions::at(repo.path());
        options.background = false;
        set(&mut options);
        let engine = Engine::open(options).expect("the store opens");
        let shared = Shared::new(engine.clone(), limits);
        Self { repo, engine, shared }
    }

    /// A process with a connection of its own, as the owner.
    pub async fn client(&self, name: &str) -> Client {
        let owner = self.engine.owner();
        self.connect(name, Era::Handshake, None, json!({}), move || Ok(owner.clone())).await
    }

    pub async fn connect(
        &self,
        name: &str,
        era: Era,
        session: Option<SessionId>,
        capabilities: Value,
        authorize: impl Fn() -> Result<Access, EngineError> + Send + Sync + 'static,
    ) -> Client {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let link = Link::new(Arc::new(authorize), None, session);
        tokio::spawn(stream(self.shared.clone(), link, theirs, CancellationToken::new()));
        let (from, to) = tokio::io::split(ours);
        let mut client = Client { from: BufReader::new(from).lines(), to, next: 0, era, name: name.into(), capabilities };
        if era == Era::Handshake {
            let params = json!({ "protocolVersion": "2025-11-25", "capabilities": client.capabilities, "clientInfo": { "name": name, "version": "1" } });
            client.ask("initialize", params).await.expect("initialized");
            client.say(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        }
        client
    }
}

pub struct Client {
    from: Lines<BufReader<ReadHalf<DuplexStream>>>,
    to: WriteHalf<DuplexStream>,
    next: u64,
    era: Era,
    name: String,
    capabilities: Value,
}

/// What a tool answered.
#[derive(Debug, Clone)]
pub struct Said {
    pub failed: bool,
    pub data: Value,
    pub text: String,
}

impl Said {
    /// The code of an error.
    pub fn code(&self) -> &str {
        assert!(self.failed, "{self:?}");
        self.data["error"]["code"].as_str().expect("a code")
    }
}

impl Client {
    async fn say(&mut self, message: &Value) {
        self.to.write_all(format!("{message}\n").as_bytes()).await.expect("sent");
    }

    /// A request and its result, or the protocol's error.
    pub async fn ask(&mut self, method: &str, mut params: Value) -> Result<Value, Value> {
        self.next += 1;
        let id = self.next;
        if self.era == Era::Stateless {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": self.capabilities,
                "io.modelcontextprotocol/clientInfo": { "name": self.name, "version": "1" },
            });
        }
        self.say(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await;
        loop {
            let line = self.from.next_line().await.expect("read").expect("an answer");
            let mut answer: Value = serde_json::from_str(&line).expect("JSON");
            if answer["id"] == json!(id) {
                return match answer.get("error") {
                    Some(error) => Err(error.clone()),
                    None => Ok(answer["result"].take()),
                };
            }
        }
    }

    /// A tool's raw result.
    pub async fn raw(&mut self, tool: &str, arguments: Value) -> Value {
        self.ask("tools/call", json!({ "name": tool, "arguments": arguments })).await.expect("a result")
    }

    pub async fn call(&mut self, tool: &str, arguments: Value) -> Said {
        let mut result = self.raw(tool, arguments).await;
        let text = result["content"][0]["text"].as_str().expect("a text").to_owned();
        assert!(text.chars().count() < 50_000, "{tool} says too much");
        Said { failed: result["isError"] == json!(true), data: result["structuredContent"].take(), text }
    }

    /// A call that must do what is asked.
    pub async fn done(&mut self, tool: &str, arguments: Value) -> Said {
        let said = self.call(tool, arguments.clone()).await;
        assert!(!said.failed, "{tool} {arguments}: {said:?}");
        said
    }

    /// A call that must be refused.
    pub async fn refused(&mut self, tool: &str, arguments: Value, code: &str) -> Said {
        let said = self.call(tool, arguments.clone()).await;
        assert_eq!(said.code(), code, "{tool} {arguments}: {said:?}");
        assert!(said.text.starts_with(code) && said.text.contains("\nNext: "), "no next step: {said:?}");
        said
    }
}
